"""The page's words against the library: whatever people can ask for has a name on the page."""

import re
from pathlib import Path

import pytest
import yaml

from memegen.caption.choose import languages
from memegen.errors import ErrorCode
from memegen.options import CANVASES, EXPRESSIONS, STYLES, TEXT_SIZES

WORDS = Path(__file__).parents[2] / "web" / "words"


def named(language: str, kind: str, folder: Path = WORDS) -> list[str]:
    """What the page's words of a language have names for, in the words' order: the keys `<kind> <name>`."""
    words = (folder / f"{language}.js").read_text(encoding="utf-8")
    return re.findall(rf'^ *"{kind} ([^"]+)": ', words, re.MULTILINE)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    ("kind", "choices"), [("style", STYLES), ("canvas", CANVASES), ("text_size", TEXT_SIZES)]
)
def test_every_choice_has_a_name_on_the_page_and_the_usual_one_comes_first(
    language: str, kind: str, choices: tuple[str, ...]
) -> None:
    found = named(language, kind)
    assert sorted(found) == sorted(choices)
    assert kind == "text_size" or found[0] == choices[0]


def test_every_style_and_expression_has_a_picture_on_the_page() -> None:
    wanted = {*(f"style-{style}" for style in STYLES), *(f"expression-{name}" for name in EXPRESSIONS)}
    assert {file.stem for file in (WORDS.parent / "icons").glob("*.svg")} == wanted


@pytest.mark.parametrize("language", languages())
def test_every_reason_for_another_style_has_a_sentence_on_the_page(language: str) -> None:
    api = yaml.safe_load((WORDS.parents[1] / "functions" / "openapi.yaml").read_text())
    style = api["components"]["schemas"]["Done"]["properties"]["style"]
    assert sorted(named(language, "why")) == sorted(style["properties"]["why"]["enum"])


@pytest.mark.parametrize("language", languages())
def test_every_error_of_a_photo_has_a_sentence_on_the_page(language: str) -> None:
    assert set(ErrorCode) <= set(named(language, "failure"))


def test_every_language_of_the_captions_has_words_for_the_page() -> None:
    assert sorted(file.stem for file in WORDS.glob("*.js")) == languages()
