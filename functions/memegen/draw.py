"""Puts a laid-out caption on a picture: its paper, its letters and their outline."""

import cv2
import numpy as np
from PIL import Image, ImageDraw

from memegen.geometry import Box, enclosing
from memegen.layout.placement import Bubble, Placement
from memegen.layout.style import Style
from memegen.text import fonts, measure
from memegen.text.fitting import Line

_SUBPIXEL_BITS = 4  # of cv2's drawing functions


def draw_caption(pixels: np.ndarray, placement: Placement) -> np.ndarray:
    """The meme, (height, width, 3) uint8, of a photo's pixels and a placement made for their size."""
    meme = _canvas(pixels, placement)
    if placement.bubble:
        _draw_bubble(meme, placement.bubble, placement.style)
    for line in placement.lines:
        _draw_line(meme, line, placement.size, placement.style)
    return meme


def _canvas(pixels: np.ndarray, placement: Placement) -> np.ndarray:
    """A copy of the photo, between bars of the paper's colour where the placement has them."""
    picture = placement.picture
    if (picture.width, picture.height) == (placement.width, placement.height):
        return pixels.copy()
    size = (picture.width, picture.height)
    if pixels.shape[1::-1] != size:
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
    canvas = np.full((placement.height, placement.width, 3), placement.style.paper, np.uint8)
    canvas[picture.top : picture.bottom, picture.left : picture.right] = pixels
    return canvas


def _draw_line(meme: np.ndarray, line: Line, size: int, style: Style) -> None:
    """Draw in place, in the line's own rectangle."""
    outline = style.text.outline_at(size)
    ink = measure.ink(line.text, size, outline, style.text.family)
    if ink.left == ink.right or ink.top == ink.bottom:
        return  # spaces, joiners or direction marks alone
    letters = _letters(line.text, size, ink, style.text.family)
    around = _grown(letters, outline) if outline else letters
    place = meme[
        line.baseline + ink.top : line.baseline + ink.bottom, line.left + ink.left : line.left + ink.right
    ]
    _paint(place, around, style.around, letters, style.letters)


def _letters(text: str, size: int, ink: Box[int], family: fonts.Family) -> np.ndarray:
    """How much of each pixel of the ink's rectangle the letters cover: (height, width) uint8."""
    mask = Image.new("L", (ink.right - ink.left, ink.bottom - ink.top))
    canvas = ImageDraw.Draw(mask)
    for run in measure.runs(text, size, family):
        start = (round(run.left) - ink.left, -ink.top)
        font = fonts.load(run.font, size)
        canvas.text(start, run.text, fill=255, font=font, anchor="ls", direction=run.direction)
    return np.asarray(mask)


def _draw_bubble(meme: np.ndarray, bubble: Bubble, style: Style) -> None:
    """Draw in place, in the rectangle around the box and its tail."""
    box, tail = bubble.box, bubble.tail
    corners = [(box.left, box.top), (box.right, box.bottom), *(tail or ())]
    frame = enclosing(corners).grown(2)
    frame = Box.from_edges(
        max(frame.left, 0),
        max(frame.top, 0),
        min(frame.right, meme.shape[1]),
        min(frame.bottom, meme.shape[0]),
    )
    whole = np.zeros((frame.height, frame.width), np.uint8)
    _fill_rounded(whole, box.moved(-frame.left, -frame.top), bubble.radius)
    if tail:
        points = (np.array(tail) - (frame.left, frame.top)) * (1 << _SUBPIXEL_BITS)
        cv2.fillPoly(whole, [points.round().astype(np.int32)], (255,), cv2.LINE_AA, _SUBPIXEL_BITS)
    paper = cv2.erode(whole, _disc(bubble.border), borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
    place = meme[frame.top : frame.bottom, frame.left : frame.right]
    _paint(place, whole, style.letters, paper, style.paper)


def _fill_rounded(mask: np.ndarray, box: Box[int], radius: int) -> None:
    mask[box.top : box.bottom, box.left + radius : box.right - radius] = 255
    mask[box.top + radius : box.bottom - radius, box.left : box.right] = 255
    for x in (box.left + radius, box.right - radius - 1):
        for y in (box.top + radius, box.bottom - radius - 1):
            cv2.circle(mask, (x, y), radius, (255,), cv2.FILLED, cv2.LINE_AA)


def _grown(mask: np.ndarray, by: int) -> np.ndarray:
    # Letters grown by a disc: round at the corners and cheaper than stroking the glyphs.
    return cv2.dilate(mask, _disc(by))


def _disc(radius: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def _paint(place: np.ndarray, whole: np.ndarray, around: int, inner: np.ndarray, shade: int) -> None:
    """Paint in place: the pixels of `whole` in the shade `around`, those of `inner`, which lie in it, in
    `shade`. Both masks say how much of each pixel they cover: (height, width) uint8."""
    painted = cv2.addWeighted(whole - inner, around / 255, inner, shade / 255, 0)
    kept = cv2.multiply(place, cv2.cvtColor(255 - whole, cv2.COLOR_GRAY2RGB), scale=1 / 255)
    cv2.add(kept, cv2.cvtColor(painted, cv2.COLOR_GRAY2RGB), dst=place)
