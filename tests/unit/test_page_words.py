"""The page's words against the library: whatever people can ask for has a name on the page."""

import re
from pathlib import Path

import pytest

from memegen.caption.choose import languages
from memegen.errors import ErrorCode
from memegen.options import DEFAULT_STYLE, STYLE_CHOICES

WORDS = Path(__file__).parents[2] / "web" / "words"


def named(language: str, kind: str, folder: Path = WORDS) -> list[str]:
    """What the page's words of a language have names for, in the words' order: the keys `<kind> <name>`."""
    words = (folder / f"{language}.js").read_text(encoding="utf-8")
    return re.findall(rf'^ *"{kind} ([^"]+)": ', words, re.MULTILINE)


@pytest.mark.parametrize("language", languages())
def test_every_style_has_a_name_on_the_page_and_the_default_one_comes_first(language: str) -> None:
    found = named(language, "style")
    assert sorted(found) == sorted(STYLE_CHOICES)
    assert found[0] == DEFAULT_STYLE


@pytest.mark.parametrize("language", languages())
def test_every_error_of_a_photo_has_a_sentence_on_the_page(language: str) -> None:
    assert set(ErrorCode) <= set(named(language, "failure"))


def test_every_language_of_the_captions_has_words_for_the_page() -> None:
    assert sorted(file.stem for file in WORDS.glob("*.js")) == languages()
