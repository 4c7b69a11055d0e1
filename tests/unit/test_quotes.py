"""Straight quotation marks in people's own captions."""

import pytest

from memegen.caption.quotes import curled
from memegen.text import fonts


@pytest.mark.parametrize(
    ("text", "curly"),
    [
        ('when the "build" passes', "when the “build” passes"),
        ("it's fine, 'really'", "it’s fine, ‘really’"),
        ("\"they said 'no'\"", "“they said ‘no’”"),
        ("'He said \"hi\"'", "‘He said “hi”’"),
        ('("no")\n"yes"', "(“no”)\n“yes”"),
        ("'cause it's the '90s", "’cause it’s the ’90s"),
        ("the cats' bowl, the 1990's", "the cats’ bowl, the 1990’s"),
        ("“already” ‘curly’", "“already” ‘curly’"),
    ],
)
def test_quotation_marks_and_apostrophes_become_curly(text: str, curly: str) -> None:
    assert curled(text, "en") == curly


@pytest.mark.parametrize(
    "text",
    [
        'print("it\'s")',
        "x = 'y'",
        '{"a": 1}',
        '<a href="b">',
        "`ls 'a'`",
        "f() isn't g()",
        "6'2\" tall",
        'a 27" screen',
        'one " alone',
        ":'(",
    ],
)
def test_code_measures_emoticons_and_lone_marks_stay(text: str) -> None:
    assert curled(text, "en") == text


@pytest.mark.parametrize(
    ("language", "quoted"),
    [
        ("de-AT", "„no“ ‚so‘"),
        ("pl", "„no” ‚so’"),
        ("sv", "”no” ’so’"),
        ("ru", "«no» ‘so’"),
        ("pt-BR", "“no” ‘so’"),
        ("hi", "“no” ‘so’"),
    ],
)
def test_the_marks_are_the_language_s(language: str, quoted: str) -> None:
    assert curled("\"no\" 'so'", language) == quoted
    assert not fonts.uncovered(quoted)
