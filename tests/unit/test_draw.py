"""The drawn caption, judged by its pixels."""

import numpy as np
import pytest

from memegen import fonts
from memegen.captions import Caption
from memegen.draw import draw_caption
from memegen.faces import Box
from memegen.layout import place_caption
from memegen.placement import Placement

CAPTION = Caption("a", "The cake is in the oven", "So is the plastic spoon", "en")

BACKGROUNDS = {
    "black": np.zeros((600, 800, 3), np.uint8),
    "white": np.full((600, 800, 3), 255, np.uint8),
    "busy": np.random.default_rng(2).integers(0, 256, (600, 800, 3), dtype=np.uint8),
}


def letters_of(placement: Placement) -> np.ndarray:
    """Where the letters' white is full, found by drawing them on black: (height, width) bool."""
    black = np.zeros((placement.height, placement.width, 3), np.uint8)
    return draw_caption(black, placement)[..., 0] == 255


def luminance(pixels: np.ndarray) -> np.ndarray:
    """Relative luminance of sRGB pixels, 0 to 1 (WCAG 2.2)."""
    share = pixels / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    """The mask and all within `by` pixels of it, to the four sides and corners."""
    padded = np.pad(mask, by)
    height, width = mask.shape
    return np.any(
        [padded[y : y + height, x : x + width] for y in range(2 * by + 1) for x in range(2 * by + 1)], axis=0
    )


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_letters_contrast_with_their_outline_on_any_picture(background: str) -> None:
    placement = place_caption(CAPTION, 800, 600, [])
    meme = draw_caption(BACKGROUNDS[background], placement)
    letters = letters_of(placement)
    assert letters.sum() > 3000
    # Beyond the letters' soft edge of a pixel or two, and well inside the outline, all is outline.
    ring = grown(letters, 3) & ~grown(letters, 2)
    light, dark = luminance(meme[letters]), np.median(luminance(meme[ring]))
    assert (light.min() + 0.05) / (dark + 0.05) >= 4.5
    assert (np.mean(luminance(meme[letters])) + 0.05) / (dark + 0.05) > 15


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_only_the_lines_own_rectangles_change(background: str) -> None:
    before = BACKGROUNDS[background]
    placement = place_caption(CAPTION, 800, 600, [Box(300, 200, 150, 200)])
    touched = np.zeros((600, 800), bool)
    for line in placement.lines:
        ink = fonts.ink(line.text, placement.size, placement.outline, placement.style.family)
        touched[
            line.baseline + ink.top : line.baseline + ink.bottom, line.left + ink.left : line.left + ink.right
        ] = True
    after = draw_caption(before, placement)
    assert np.array_equal(after[~touched], before[~touched])
    assert not np.array_equal(after[touched], before[touched])
    assert np.array_equal(after[200:400, 300:450], before[200:400, 300:450])


def test_the_photo_itself_is_not_drawn_on() -> None:
    photo = BACKGROUNDS["white"].copy()
    draw_caption(photo, place_caption(CAPTION, 800, 600, []))
    assert (photo == 255).all()


def test_the_outline_is_as_wide_as_the_placement_says() -> None:
    placement = place_caption(CAPTION, 800, 600, [])
    on_white = draw_caption(BACKGROUNDS["white"], placement)[..., 0] < 128
    letters = draw_caption(np.zeros((600, 800, 3), np.uint8), placement)[..., 0] > 127
    # From the top of the first row of letters upwards.
    first = int(np.nonzero(letters.any(axis=1))[0][0])
    column = int(np.nonzero(letters[first])[0][0])
    above = on_white[:first, column]
    assert abs(int(above.sum()) - placement.outline) <= 1


def test_a_picture_with_bars_keeps_its_pixels() -> None:
    before = BACKGROUNDS["busy"]
    placement = place_caption(CAPTION, 800, 600, [Box(10, 10, 780, 580)])
    picture = placement.picture
    assert (picture.width, picture.height) == (800, 600)
    after = draw_caption(before, placement)
    assert after.shape == (placement.height, placement.width, 3)
    assert np.array_equal(after[picture.top : picture.bottom], before)
    bars = np.concatenate([after[: picture.top], after[picture.bottom :]])
    assert (bars == 255).all(axis=2).sum() > 3000  # white letters
    assert (bars == 0).all(axis=2).mean() > 0.5  # on black


def test_a_picture_shrinks_for_its_bars_within_the_long_side() -> None:
    before = np.full((1600, 1200, 3), (200, 30, 40), np.uint8)
    placement = place_caption(CAPTION, 1200, 1600, [Box(10, 10, 1180, 1580)])
    after = draw_caption(before, placement)
    picture = placement.picture
    assert max(after.shape) <= 1600
    assert picture.height < 1600
    assert (after[picture.top : picture.bottom, picture.left : picture.right] == (200, 30, 40)).all()


@pytest.mark.parametrize(
    "text", ["ПРИВЕТ ΑΒΓ", "नमस्ते दुनिया", "É, Ç; Ğ! ẞ", "నమస్తే", "こんにちは世界", "שלום", "سلام", "🎉🐈"]
)
def test_every_script_that_is_shipped_is_drawn(text: str) -> None:
    placement = place_caption(Caption("own", "", text, "en"), 800, 600, [])
    assert letters_of(placement).sum() > 1000
