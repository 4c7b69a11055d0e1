"""Puts a laid-out caption on a picture: white letters in a black outline."""

import cv2
import numpy as np
from PIL import Image, ImageDraw

from memegen import fonts
from memegen.fitting import Line
from memegen.layout import Placement


def draw_caption(pixels: np.ndarray, placement: Placement) -> np.ndarray:
    """The meme, (height, width, 3) uint8, of a photo's pixels and a placement made for their size."""
    meme = _canvas(pixels, placement)
    for line in placement.lines:
        _draw_line(meme, line, placement.size, placement.outline)
    return meme


def _canvas(pixels: np.ndarray, placement: Placement) -> np.ndarray:
    """A copy of the photo, between black bars where the placement has them."""
    picture = placement.picture
    if (picture.width, picture.height) == (placement.width, placement.height):
        return pixels.copy()
    size = (picture.width, picture.height)
    if pixels.shape[1::-1] != size:
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    canvas = np.zeros((placement.height, placement.width, 3), np.uint8)
    canvas[picture.top : picture.bottom, picture.left : picture.right] = pixels
    return canvas


def _draw_line(meme: np.ndarray, line: Line, size: int, outline: int) -> None:
    """Draw in place, in the line's own rectangle."""
    ink = fonts.ink(line.text, size, outline)
    letters = _letters(line.text, size, ink)
    # The outline is the letters grown by a disc: round at the corners and cheaper than stroking the glyphs.
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * outline + 1, 2 * outline + 1))
    around = cv2.dilate(letters, disc)
    place = meme[
        line.baseline + ink.top : line.baseline + ink.bottom, line.left + ink.left : line.left + ink.right
    ]
    kept = cv2.multiply(place, cv2.cvtColor(255 - around, cv2.COLOR_GRAY2RGB), scale=1 / 255)
    cv2.add(kept, cv2.cvtColor(letters, cv2.COLOR_GRAY2RGB), dst=place)


def _letters(text: str, size: int, ink: fonts.Ink) -> np.ndarray:
    """How much of each pixel of the ink's rectangle the letters cover: (height, width) uint8."""
    mask = Image.new("L", (ink.right - ink.left, ink.bottom - ink.top))
    canvas = ImageDraw.Draw(mask)
    for run in fonts.runs(text, size):
        start = (round(run.left) - ink.left, -ink.top)
        canvas.text(start, run.text, fill=255, font=fonts.load(run.typeface, size), anchor="ls")
    return np.asarray(mask)
