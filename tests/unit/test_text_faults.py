"""Faults of type that users saw: each test fails without its fix."""

import itertools

import numpy as np
import pytest

from memegen.caption.choose import Caption
from memegen.draw import draw_caption
from memegen.geometry import Box
from memegen.layout.layout import place_caption
from memegen.options import with_line_ends
from memegen.photo.enlarge import enlarge
from memegen.text import fonts
from memegen.text.fitting import Block, ink_of, set_lines
from memegen.text.text_style import TextStyle, apply_case

POSTER = TextStyle(fonts.POSTER, outline=0.065, leading=0.1, capitals=True)


def gaps(text: str, width: int, size: int) -> list[int]:
    lines = set_lines(Block((text,), Box(0, 0, width, 2000), True, POSTER), size)
    inks = [ink_of(line, size, POSTER) for line in lines]
    return [lower.top - upper.bottom for upper, lower in itertools.pairwise(inks)]


def test_lines_with_vowel_signs_stand_as_close_as_their_signs_let_them() -> None:
    """Some of these lines have signs between them and some have none; the gap is always .1 of 60 pixels."""
    found = gaps("कुछू मैंने सोचा नहीं था कि आज फिर बारिश होगी और छाता घर पर", 300, 60)
    assert len(found) >= 3
    assert set(found) == {6}


def test_lines_of_capitals_keep_one_pitch() -> None:
    lines = set_lines(Block(("ÇA VA ÊTRE ÅN OK",), Box(0, 0, 120, 2000), True, POSTER), 60)
    steps = {lower.baseline - upper.baseline for upper, lower in itertools.pairwise(lines)}
    assert len(lines) > 2
    assert len(steps) == 1


def test_text_stands_between_two_faces_where_that_is_the_most_room() -> None:
    faces = [Box(200, 20, 380, 470), Box(220, 905, 380, 470)]
    caption = Caption("a", "The same joke", "Told twice in one evening", "en")
    placement = place_caption(caption, 800, 1400, faces)
    assert placement.picture == Box(0, 0, 800, 1400)
    assert placement.size >= 1.5 * 38  # which it was at the top and the bottom
    for line in placement.lines:
        ink = ink_of(line, placement.size, placement.style.text)
        assert 490 < ink.top < ink.bottom < 905


def test_text_stays_in_the_picture_where_two_faces_are_above_it() -> None:
    """A detector's boxes may reach beyond the picture. Two that are wholly there have a gap between them."""
    faces = [Box(0, 40, 480, 1500), Box(100, -600, 100, 130), Box(100, -150, 80, 100)]
    caption = Caption("a", "", "The same joke, told twice in one evening", "en")
    placement = place_caption(caption, 480, 1600, faces)
    for line in placement.lines:
        ink = ink_of(line, placement.size, placement.style.text)
        assert 0 <= ink.top < ink.bottom <= placement.height


def test_an_outline_is_smooth_on_a_small_picture() -> None:
    """Of an outline's edge on white, many pixels are grey: neither its black nor the picture's white."""
    placement = place_caption(Caption("a", "", "SOS", "en"), 300, 300, [])
    meme = draw_caption(np.full((300, 300, 3), 255, np.uint8), placement)[..., 0]
    black = (meme < 30).sum()
    grey = ((meme >= 30) & (meme <= 225)).sum()
    assert grey > 0.3 * black


@pytest.mark.parametrize(
    ("top", "bar"),
    [
        ((255, 255, 255), (255, 255, 255)),
        ((250, 240, 226), (250, 240, 226)),  # nearly white: bar and picture are one sheet
        ((250, 240, 225), (255, 255, 255)),
        ((100, 100, 100), (255, 255, 255)),
    ],
)
def test_a_bar_has_the_colour_of_a_nearly_white_picture(
    top: tuple[int, int, int], bar: tuple[int, int, int]
) -> None:
    photo = np.full((400, 600, 3), 90, np.uint8)
    photo[:40] = top
    photo[:40, 200:250] = (30, 60, 90)  # hair at the picture's top, less than half of its width
    placement = place_caption(Caption("a", "", "Words", "en"), 600, 400, [], "bar")
    meme = draw_caption(photo, placement)
    assert (meme[placement.picture.top - 1] == bar).all()
    assert (meme[0] == bar).all()
    assert np.array_equal(meme[placement.picture.top :], photo)


@pytest.mark.parametrize(
    ("text", "capitals"),
    [
        ("only 5 µm off", "ONLY 5 µm OFF"),  # U+00B5, the micro sign
        ("only 5 μm off", "ONLY 5 μm OFF"),  # U+03BC, a Greek letter
        ("10 µ", "10 µ"),
        ("μου", "ΜΟΥ"),
        ("καλημέρα", "ΚΑΛΗΜΕΡΑ"),
    ],
)
def test_micro_keeps_its_meaning_in_capitals(text: str, capitals: str) -> None:
    assert apply_case(text, POSTER, "en") == capitals


@pytest.mark.parametrize(
    ("line", "caption"), [(r"a\nb", "a\nb"), (r"C:\\new", r"C:\new"), (r"C:\\new\nday", "C:\\new\nday")]
)
def test_a_backslash_before_an_n_can_be_written(line: str, caption: str) -> None:
    assert with_line_ends(line) == caption


@pytest.mark.parametrize(
    ("size", "enlarged"),
    [
        ((64, 64), (480, 480)),
        ((300, 200), (720, 480)),
        ((100, 300), (480, 1440)),
        ((64, 800), (128, 1600)),  # no longer than a meme may be
        ((480, 480), (480, 480)),
        ((30, 20), (30, 20)),  # an icon
    ],
)
def test_small_photos_are_enlarged(size: tuple[int, int], enlarged: tuple[int, int]) -> None:
    pixels = enlarge(np.zeros((size[1], size[0], 3), np.uint8))
    assert pixels.shape == (enlarged[1], enlarged[0], 3)
