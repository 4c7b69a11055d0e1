"""Which font covers what, and that measures hold for what is drawn."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from memegen import fonts

ANTON, NOTO = fonts.FAMILY


def test_the_fonts_cover_what_they_are_shipped_for() -> None:
    european = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞŸĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĽŁŃŇŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽẞ“”‘’…–—€£!?&%#@"
    assert fonts.uncovered(european) == set()
    assert fonts.uncovered("ПРИВЕТ ΕΛΛΆΔΑ नमस्ते") == set()
    assert fonts.uncovered("日本 TEXT") == {"日", "本"}


def test_spaces_joiners_and_variation_selectors_need_no_letter() -> None:
    assert fonts.uncovered("A B\u00a0C\u200d\ufe0f\t") == set()


@pytest.mark.parametrize("typeface", fonts.FAMILY)
def test_the_coverage_read_from_the_file_is_what_freetype_draws(typeface: fonts.Typeface) -> None:
    """A sign outside the coverage is drawn as the box for a missing letter, one inside as something else."""
    # The basic layout asks for each sign's own letter; shaping may find another that means the same.
    path = Path(fonts.__file__).parent / "fonts" / typeface.file
    font = ImageFont.truetype(path, 60, layout_engine=ImageFont.Layout.BASIC)
    missing = bytes(font.getmask("\U0010fffe"))
    for code in range(0x21, 0x500):
        sign = chr(code)
        if sign.isprintable():
            covered = code in fonts.covered(typeface)
            assert (bytes(font.getmask(sign)) != missing) == covered, f"U+{code:04X}"


def test_a_line_is_split_where_the_font_changes_and_marks_stay_with_their_letters() -> None:
    assert [(run.text, run.typeface) for run in fonts.runs("HELLO МИР É", 40)] == [
        ("HELLO ", ANTON),
        ("МИР ", NOTO),
        ("É", ANTON),
    ]
    assert [run.text for run in fonts.runs("दुनिया में", 40)] == ["दुनिया में"]
    mark = "\u0484"  # Noto Sans has this mark and Anton hasn't: its letter goes with it
    assert [run.text for run in fonts.runs(f"BA{mark}B", 40)] == ["B", f"A{mark}", "B"]


def test_runs_follow_each_other() -> None:
    first, second = fonts.runs("AAЖЖ", 50)
    assert first.left == 0
    assert second.left == pytest.approx(fonts.load(ANTON, 50).getlength("AA"))


@pytest.mark.parametrize("text", ["HELLO", "ÉÇ,", "ЖЙ", "नमस्ते", "A МИР É"])
@pytest.mark.parametrize("size", [14, 37, 90])
def test_the_ink_is_what_drawing_touches(text: str, size: int) -> None:
    ink = fonts.ink(text, size, 0)
    mask = Image.new("L", (1000, 300))
    for run in fonts.runs(text, size):
        place = (100 + round(run.left), 150)
        ImageDraw.Draw(mask).text(place, run.text, 255, fonts.load(run.typeface, size), anchor="ls")
    rows, columns = np.nonzero(np.asarray(mask))
    bearing = 1 + 0.08 * size  # the room that belongs to a letter beside its strokes
    assert ink.left <= columns.min() - 100 <= ink.left + bearing
    assert ink.right - bearing <= columns.max() + 1 - 100 <= ink.right
    assert ink.top <= rows.min() - 150 <= ink.top + 1
    assert ink.bottom - 1 <= rows.max() + 1 - 150 <= ink.bottom


def test_the_outline_widens_the_ink_on_every_side() -> None:
    plain, outlined = fonts.ink("WORD", 50, 0), fonts.ink("WORD", 50, 4)
    assert (outlined.left, outlined.top) == (plain.left - 4, plain.top - 4)
    assert (outlined.right, outlined.bottom) == (plain.right + 4, plain.bottom + 4)


@pytest.mark.parametrize("text", ["A LINE OF ENGLISH", "СТРОКА", "É"])
def test_measures_in_ems_hold_at_every_size(text: str) -> None:
    measure = fonts.measure(text)
    for size in (20, 64, 150):
        ink = fonts.ink(text, size, 0)
        assert measure.width * size == pytest.approx(ink.right - ink.left, abs=0.12 * size)
        assert measure.ascent * size == pytest.approx(-ink.top, abs=2.5)
        assert measure.descent * size == pytest.approx(max(0, ink.bottom), abs=2.5)


def test_one_font_serves_many_threads() -> None:
    texts = [f"LINE {number} Ж" for number in range(40)]

    def drawn(text: str) -> bytes:
        return bytes(fonts.load(ANTON, 33).getmask(text))

    alone = [drawn(text) for text in texts]
    wrong: list[str] = []

    def draw_all() -> None:
        for _ in range(5):
            wrong.extend(text for text, expected in zip(texts, alone, strict=True) if drawn(text) != expected)

    threads = [threading.Thread(target=draw_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_each_font_ships_with_its_licence() -> None:
    folder = Path(fonts.__file__).parent / "fonts"
    for typeface in fonts.FAMILY:
        licence = folder / f"{typeface.file.split('-')[0].removesuffix('.ttf')}-OFL.txt"
        assert "SIL OPEN FONT LICENSE" in licence.read_text(encoding="utf-8").upper()
