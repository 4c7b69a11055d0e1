"""Shaping and direction: with the shipped libfribidi, with the system's own hidden, and with none."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from PIL import Image, ImageFont

from cloud.processing import Processor
from cloud.storage import Bucket
from memegen import Options, make_meme
from memegen.text import bidi, fonts, measure

NO_BUCKET = Mock(spec=Bucket)  # never asked
MUKTA, TELUGU = "Mukta-ExtraBold.ttf", "NotoSansTelugu-Bold.ttf"


@pytest.fixture
def hidden(tmp_path: Path) -> dict[str, str]:
    """An environment in which the loader finds empty files in place of the system's libfribidi."""
    for name in ("libfribidi.so", "libfribidi.so.0", "libfribidi.dylib"):
        (tmp_path / name).write_bytes(b"")
    return {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}


def run(program: str, environment: dict[str, str]) -> list[str]:
    finished = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return finished.stdout.split("\n")[:-1]


needs_shipped = pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64",
    reason="the shipped library is for x86-64 Linux",
)


@needs_shipped
def test_pillow_by_itself_finds_no_library_where_the_systems_own_is_hidden(hidden: dict[str, str]) -> None:
    assert run("from PIL import features; print(features.check('raqm'))", hidden) == ["False"]


@needs_shipped
def test_the_shipped_library_shapes_text_where_the_systems_own_is_hidden(hidden: dict[str, str]) -> None:
    program = """
import memegen
from memegen.text import bidi, fonts, shaping
loaded = {row.split()[-1] for row in open("/proc/self/maps") if "fribidi" in row}
print(*loaded)
print(shaping.shaping_available())
load = lambda font, layout: fonts.ImageFont.truetype(fonts.FOLDER / font, 80, layout_engine=layout)
for font, text in (("Mukta-ExtraBold.ttf", "स्त"), ("NotoSansTelugu-Bold.ttf", "స్త")):
    shaped, unshaped = (load(font, fonts.ImageFont.Layout[name]) for name in ("RAQM", "BASIC"))
    print(shaped.getlength(text) < 0.8 * unshaped.getlength(text))
print([text for text, _ in bidi.runs("שלום ABC")])
"""
    loaded, *rest = run(program, hidden)
    assert loaded == str(Path(fonts.__file__).parents[1] / "lib" / "libfribidi.so.0")
    assert rest == ["True", "True", "True", "['ABC', 'שלום ']"]


@needs_shipped
def test_without_any_library_text_is_drawn_as_far_as_it_can_be_and_that_is_said(
    hidden: dict[str, str],
) -> None:
    program = """
import ctypes
class Loader(ctypes.CDLL):
    def __init__(self, name, *rest, **named):
        if "fribidi" in str(name):
            raise OSError(name)
        super().__init__(name, *rest, **named)
ctypes.CDLL = Loader
from memegen import Options, PhotoError, make_meme
from memegen.text import shaping
import io
from PIL import Image
out = io.BytesIO()
Image.new("RGB", (300, 200)).save(out, "PNG")
print(shaping.shaping_available())
print(make_meme(out.getvalue(), Options(caption="Plain text")).report["shaping"])
for caption in ("नमस्ते", "שלום"):
    try:
        make_meme(out.getvalue(), Options(caption=caption))
    except PhotoError as error:
        print(error.code)
"""
    assert run(program, hidden) == ["False", "False", "bad-option", "bad-option"]


def test_where_text_is_shaped_neither_report_nor_log_says_anything_of_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 200)).save(out, "PNG")
    assert "shaping" not in make_meme(out.getvalue(), Options(caption="नमस्ते")).report
    Processor(NO_BUCKET, NO_BUCKET)
    assert capsys.readouterr().out == ""


def test_the_function_says_at_its_start_that_text_can_not_be_shaped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cloud.processing.shaping_available", lambda: False)
    Processor(NO_BUCKET, NO_BUCKET)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["severity"] == "WARNING"
    assert "libfribidi" in json.loads(line)["message"]


def ink_columns(font: ImageFont.FreeTypeFont, text: str) -> list[bool]:
    mask = font.getmask(text)
    width, height = mask.size
    return [any(mask.getpixel((x, y)) > 127 for y in range(height)) for x in range(width)]


@pytest.mark.parametrize(
    ("font", "conjunct", "letters"),
    [(MUKTA, "स्त", ["स", "्", "त"]), (MUKTA, "क्ष", ["क", "्", "ष"]), (TELUGU, "స్త", ["స", "్", "త"])],
)
def test_consonants_joined_by_a_virama_become_one_narrower_letter(
    font: str, conjunct: str, letters: list[str]
) -> None:
    loaded = fonts.load(font, 80)
    assert loaded.getlength(conjunct) < 0.95 * sum(map(loaded.getlength, letters))


def test_a_short_i_stands_before_its_consonant() -> None:
    """In कि the vowel sign is written after the consonant and set before it."""
    font = fonts.load(MUKTA, 120)
    plain = ImageFont.truetype(fonts.FOLDER / MUKTA, 120, layout_engine=ImageFont.Layout.BASIC)
    consonant = plain.getmask("क")

    def starts_with_consonant(drawn: ImageFont.FreeTypeFont) -> bool:
        """Whether the left part of the word is the consonant's own picture, compared below the head line."""
        word = drawn.getmask("कि")
        below = range(word.size[1] - consonant.size[1] // 2, word.size[1])
        shift = consonant.size[1] - word.size[1]
        return all(
            (word.getpixel((x, y)) > 127) == (consonant.getpixel((x, y + shift)) > 127)
            for y in below
            for x in range(consonant.size[0] // 2)
        )

    assert starts_with_consonant(plain)
    assert not starts_with_consonant(font)


def test_arabic_letters_join() -> None:
    """Unjoined, four letters have gaps between them; joined, beh-beh-beh-beh is one stroke."""
    joined = fonts.load("NotoSansArabic-Bold.ttf", 80)
    columns = ink_columns(joined, "بببب")
    inked = [x for x, ink in enumerate(columns) if ink]
    assert all(columns[inked[0] : inked[-1] + 1])


# Direction. The expected orders are those of the Unicode bidirectional algorithm, worked out by hand.


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("hello", [("hello", None)]),
        ("שלום", [("שלום", "rtl")]),
        ("שלום!", [("שלום!", "rtl")]),  # an end mark is at the left end
        ("HELLO שלום 123 עולם", [("HELLO ", "ltr"), (" עולם", "rtl"), ("123", "ltr"), ("שלום ", "rtl")]),
        ("שלום HELLO (OK) עולם", [(" עולם", "rtl"), ("HELLO (OK)", "ltr"), ("שלום ", "rtl")]),
        ("\u200fABC שלום", [(" שלום", "rtl"), ("ABC", "ltr"), ("\u200f", "rtl")]),
        ("مرحبا 25", [("25", "ltr"), ("مرحبا ", "rtl")]),
    ],
)
def test_stretches_of_a_line_stand_as_they_are_read(line: str, seen: list[tuple[str, str | None]]) -> None:
    assert bidi.runs(line) == seen


@pytest.mark.parametrize(
    ("paragraph", "start"),
    [
        ("hello", ""),
        ("123 שלום", "\u200f"),
        ("ABC שלום", ""),
        ("שלום ABC", "\u200f"),
        ("😀 سلام", "\u200f"),
        ("1", ""),
    ],
)
def test_lines_keep_their_paragraphs_direction(paragraph: str, start: str) -> None:
    assert bidi.line_start(paragraph) == start


def test_fonts_of_a_right_to_left_line_follow_from_right_to_left() -> None:
    """Hebrew, then an emoji, then Arabic, all in one stretch: the first is the rightmost."""
    runs = measure.runs("אב 😀 سلام", 40, fonts.POSTER)
    assert [run.text.strip() for run in runs if run.text.strip()] == ["سلام", "😀", "אב"]
    assert [run.left for run in runs] == sorted(run.left for run in runs)
    assert runs[0].left == 0
