"""Options: which values are accepted, and how the others are refused."""

import subprocess
import sys

import pytest

from memegen import Options, PhotoError
from memegen.options import STYLE_CHOICES, STYLES


def test_the_defaults() -> None:
    assert Options() == Options("en", None, None, "auto", None, 0, None, "original", "medium")
    assert Options.from_mapping({}) == Options()


def test_values_from_json_and_from_metadata() -> None:
    given = {
        "language": "hi-IN",
        "expression": "fear",
        "caption": "a\nb",
        "style": "classic",
        "seed": "7",
        "variant": "2",
    }
    assert Options.from_mapping(given) == Options("hi-IN", "fear", "a\nb", "classic", 7, 2)
    assert [Options(style=style).style for style in STYLE_CHOICES] == list(STYLE_CHOICES)
    assert Options.from_mapping({"face": "3", "canvas": "story", "text_size": "large"}) == Options(
        face=3, canvas="story", text_size="large"
    )
    assert Options.from_mapping({"seed": 2**63 - 1, "variant": 999_999, "expression": None}).seed == 2**63 - 1
    assert Options.from_mapping({"caption": "x" * 300}).caption == "x" * 300


def test_the_default_style_is_the_first_choice_and_the_others_are_in_order() -> None:
    assert ("auto", *STYLES) == STYLE_CHOICES
    assert STYLE_CHOICES[0] == Options().style
    assert STYLES[0] == "classic"
    assert {"bar", "bubble", "labels", "subtitle", "zoom"} <= set(STYLES)
    assert list(STYLES[1:]) == sorted(STYLES[1:])


def test_the_styles_are_listed_without_loading_fonts_or_pictures() -> None:
    heavy = {"PIL", "cv2", "numpy", "memegen.layout"}
    program = f"import sys, memegen.options; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("language", ""), ("language", "english!"), ("language", 7), ("language", "en_GB"),
        ("expression", "joy"), ("expression", 3),
        ("caption", ""), ("caption", " \n "), ("caption", "\u200b\u202e"),
        ("caption", "x" * 301), ("caption", 5), ("caption", "\t"),
        ("caption", "\ud800"), ("caption", "\udfff"),
        ("style", "cubist"), ("style", ["classic"]),
        ("seed", -1), ("seed", 2**63), ("seed", 1.5), ("seed", True), ("seed", "-1"), ("seed", "1e3"),
        ("seed", "٣"),
        ("variant", -1), ("variant", 1_000_000), ("variant", "many"),
        ("face", -1), ("face", 10), ("face", "first"), ("canvas", "round"), ("canvas", 1),
        ("text_size", "huge"),
        ("colour", "red"), ("watermark", "me"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_with_its_code(name: str, value: object) -> None:
    with pytest.raises(PhotoError) as caught:
        Options.from_mapping({name: value})
    assert caught.value.code == "bad-option"
    assert name in str(caught.value)
    assert len(str(caught.value)) < 300


def test_turn_is_the_old_name_of_variant() -> None:
    assert Options.from_mapping({"turn": "2"}) == Options(variant=2)
    with pytest.raises(PhotoError, match="The option variant is -1") as caught:
        Options.from_mapping({"turn": -1})
    assert caught.value.code == "bad-option"


@pytest.mark.parametrize("values", [{"turn": 2, "variant": 2}, {"turn": None, "variant": 1}])
def test_an_option_by_both_its_names_is_a_bad_option(values: dict[str, object]) -> None:
    with pytest.raises(PhotoError, match="turn is the old name of variant") as caught:
        Options.from_mapping(values)
    assert caught.value.code == "bad-option"
