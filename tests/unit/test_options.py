"""Options: which values are accepted, and how the others are refused."""

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import regex
from PIL import ImageFont

from memegen import Options, PhotoError
from memegen.options import STYLE_CHOICES, STYLES
from memegen.text.coverage import covered

FONTS = Path(__file__).parents[2] / "functions" / "memegen" / "fonts"


def test_the_defaults() -> None:
    assert Options() == Options("en", None, None, "auto", None, 0, None, (), None, "original", "medium")
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


@pytest.mark.parametrize("seen", [["fear-01", "en-reaction-001"], "fear-01,en-reaction-001"])
def test_ids_that_were_seen_are_a_list_or_text_with_commas(seen: object) -> None:
    assert Options.from_mapping({"seen": seen}) == Options(seen=("fear-01", "en-reaction-001"))


def test_seen_may_be_empty_or_have_forty_ids() -> None:
    assert Options.from_mapping({"seen": ""}) == Options.from_mapping({"seen": []}) == Options()
    assert len(Options.from_mapping({"seen": ["x" * 40] * 40}).seen) == 40


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
        ("caption_id", ""), ("caption_id", "fear 01"), ("caption_id", 7), ("caption_id", "x" * 41),
        ("seen", ["a"] * 41), ("seen", ",".join(["a"] * 41)), ("seen", "a, b"), ("seen", "a,"), ("seen", [7]),
        ("seen", 7), ("seen", {"a": 1}), ("seen", [""]),
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


def is_empty(caption: str) -> bool:
    try:
        Options(caption=caption)
    except PhotoError as error:
        return "is empty" in str(error)
    return False


def test_what_nobody_can_see_is_no_caption() -> None:
    """Over all of Unicode, against its own data as the package regex holds it."""
    blank = {0x2800, 0xFFFC, 0x16FE4, 0x1D159}
    ignorable = regex.compile(r"\p{Default_Ignorable_Code_Point}")
    unseen = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cf}\x1c-\x1f]")
    for code in [*range(0xD800), *range(0xE000, 0x110000)]:
        if unicodedata.category(chr(code)) == "Cn" and ignorable.match(chr(code)) is None:
            continue  # Python's version of Unicode does not know it yet
        expected = code in blank or unseen.match(chr(code)) is not None
        assert is_empty(chr(code)) is expected, f"U+{code:04X}"


def test_no_glyph_of_our_fonts_is_blank_but_of_what_nobody_can_see() -> None:
    for file in sorted(FONTS.glob("*.[ot]tf")):
        font = ImageFont.truetype(file, 20, layout_engine=ImageFont.Layout.BASIC)
        blank = [code for code in covered(file.name) if font.getmask(chr(code)).getbbox() is None]
        seen = [f"U+{code:04X}" for code in blank if code >= 0x20 and not is_empty(chr(code))]
        assert blank
        assert seen == [], file.name


@pytest.mark.parametrize(
    "caption",
    [
        "\ufe0f",
        "\u2800\n\u2800",
        "\u180b",
        "\u17b4",
        "\ufffc",
        "\U000e0100",
        "\u3164",
        "\u115f\u1160 \u200d\ufe0f",
    ],
)
def test_unseen_characters_together_are_no_caption_and_beside_a_letter_are_kept(caption: str) -> None:
    assert is_empty(caption)
    assert Options(caption=f"{caption}x").caption == f"{caption}x"


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
