"""The sentences for a screen reader, word for word."""

import pytest

from memegen.caption.alt_text import alt_text
from memegen.caption.choose import Caption

EN = Caption("x", "The printer worked", "on the first try", "en")


@pytest.mark.parametrize(
    ("expressions", "faces"),
    [
        ([], "A picture with no face in it."),
        (["fear"], "One face, looking afraid."),
        (["happiness"] * 3, "3 faces, all looking happy."),
        (["sadness", "happiness", "happiness"], "3 faces: 2 happy, 1 sad."),
        (["neutral", "surprise"], "2 faces: 1 neutral, 1 surprised."),
        (["anger"] * 9, "9 faces, all looking angry."),
        (["disgust"] * 10, "10 or more faces, all looking disgusted."),
    ],
)
def test_the_faces_and_the_caption_in_english(expressions: list[str], faces: str) -> None:
    said = f"{faces} The caption says: The printer worked – on the first try"
    assert alt_text(expressions, True, EN) == said


def test_a_guess_is_called_one() -> None:
    assert alt_text(["anger"], False, EN) == (
        "One face, looking angry. That is a guess. The caption says: The printer worked – on the first try"
    )


def test_a_forced_expression_is_told_beside_the_one_that_was_read() -> None:
    assert alt_text(["happiness"], True, EN, "sadness") == (
        "One face, looking happy. Captioned as sad. The caption says: The printer worked – on the first try"
    )
    assert alt_text([], True, EN, "sadness").startswith("A picture with no face in it. The caption says:")


def test_a_caption_of_one_part_has_no_dash() -> None:
    caption = Caption("x", "", "My kite has gone to live with a tree", "en")
    assert alt_text([], True, caption) == (
        "A picture with no face in it. The caption says: My kite has gone to live with a tree"
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "2 caras: 1 de alegría, 1 de tristeza. Es una suposición. El texto dice: a – b"),
        ("hi", "2 चेहरे: 1 पर ख़ुशी, 1 पर उदासी। यह केवल अनुमान है। कैप्शन: a – b"),
        ("te", "2 ముఖాలు: సంతోషం 1, విచారం 1. ఇది ఊహ మాత్రమే. క్యాప్షన్: a – b"),
        ("ja", "顔は2、喜びが1人、悲しみが1人。これは推測です。キャプション：a、b"),
    ],
)
def test_it_speaks_the_captions_language(language: str, said: str) -> None:
    assert alt_text(["happiness", "sadness"], False, Caption("x", "a", "b", language)) == said


@pytest.mark.parametrize(("language", "start"), [("es-MX", "Una cara con"), ("de", "One face,")])
def test_an_own_captions_language_has_the_nearest_phrases(language: str, start: str) -> None:
    assert alt_text(["anger"], True, Caption("own", "", "Hallo", language)).startswith(start)


def test_a_caption_with_braces_is_said_as_it_is() -> None:
    said = alt_text([], True, Caption("own", "{text}", "{0} {", "en"))
    assert said.endswith("The caption says: {text} – {0} {")
