"""Puts a laid-out caption on a picture: its paper, its letters and their outline."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw

from memegen.extend import drawn_on
from memegen.face.detect import shrink
from memegen.geometry import Box, Point, union
from memegen.layout.ground import carries, is_busy
from memegen.layout.placement import Bubble, DrawnOn, Panel, Placement, SetText
from memegen.layout.style import WHITE, Colour, Style
from memegen.text import fonts, measure
from memegen.text.fitting import Line, ink_of

_GROUND_SIDE, _GROUND_BLUR = 96, 5  # pixels: the long side at which the ground is blurred, and how much
_LEADER_GREY = 170
_LIGHT = 225  # the darkest channel of a picture's top that a white bar continues in its own colour
_RIM, _INSIDE = 2, 0.001  # pixels of the small ground: how wide the edges are; and the weight of the rest
# A bubble's shadow: its strength, and how light the ground is that needs it.
_SHADOW, _LIGHT_GROUND = 0.25, 225
_CURVE, _CURVE_POINTS = 0.4, 16  # of a tail's length: how far its sides go straight; points on each
_NOIR_RIMS, _FILM_RIMS = 0.9, 0.3  # how much darker the corners are, twice
_SHADE = 0.7  # by how much a panel is darker behind its text
_DARK = 90  # the median grey level of a photo that is not made darker
_FILM_LINE, _FILM_EDGE = 0.003, (42, 42, 42)  # of the width; sRGB: between a film still and the black
_BACKING_LIGHT, _BACKING_BLUR = 0.3, 0.3  # of the photo's light; of the font size
_SAME_TEXT = 0.6  # of the font size: lines that are nearer to each other are one text
_STROKE = 100  # how much of a pixel an emoji's stroke covers to count as its edge
_SUBPIXEL_BITS = 4  # of cv2's drawing functions


def draw_caption(pixels: np.ndarray, placement: Placement) -> np.ndarray:
    """The meme, (height, width, 3) uint8, of a photo's pixels and a placement made for their size."""
    meme = _canvas(pixels, placement)
    for bubble in placement.bubbles:
        _draw_bubble(meme, bubble, placement.style)
    for text in placement.texts:
        if text.style.text.outline:  # otherwise it stands on paper
            _back(meme, text)
        for line in text.lines:
            _draw_line(meme, line, text.size, text.style)
    if placement.shrink != 1:
        meme = shrink(meme, round(max(meme.shape) * placement.shrink))
    return meme


def _canvas(pixels: np.ndarray, placement: Placement) -> np.ndarray:
    """A copy of the photo, or its panels, on the paper's colour where the placement has more than them."""
    height, width = pixels.shape[:2]
    panels = placement.panels or (Panel(Box(0, 0, width, height), placement.picture),)
    canvas = np.empty((placement.height, placement.width, 3), np.uint8)
    # A row of paper at a time: a pixel at a time takes five times as long.
    paper = np.full((placement.width, 3), _paper(pixels, panels[0], placement.style), np.uint8)
    if placement.is_ground_blurred:
        canvas[:] = _ground(pixels, panels[0], placement.width, placement.height)
        if body := placement.body:
            canvas[body.top : body.bottom, body.left : body.right] = paper[: body.width]
    else:
        canvas[:] = paper
    for panel in panels:
        target = panel.target
        canvas[target.top : target.bottom, target.left : target.right] = _panel(pixels, panel)
    if placement.top:
        _draw_on(canvas, placement, placement.top)
    for leader in placement.leaders:
        canvas[leader.top : leader.bottom, leader.left : leader.right] = _LEADER_GREY
    return canvas


def _ground(pixels: np.ndarray, panel: Panel, width: int, height: int) -> np.ndarray:
    """The picture's edges, blurred and drawn out over a canvas of this size, so that it has their colours.

    What is further inside the picture has no part in it: a head near an edge would else leave a shade there.
    """
    source, target = panel.source, panel.target
    scale = _GROUND_SIDE / max(width, height)
    part = pixels[source.top : source.bottom, source.left : source.right]
    size = (max(1, round(target.width * scale)), max(1, round(target.height * scale)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    above, below = round(target.top * scale), round((height - target.bottom) * scale)
    before, after = round(target.left * scale), round((width - target.right) * scale)
    borders = (above, below, before, after)
    inside = np.ones(small.shape[:2], np.float32)
    inside[_RIM:-_RIM, _RIM:-_RIM] = _INSIDE
    seen = cv2.copyMakeBorder(inside, *borders, cv2.BORDER_CONSTANT, value=(1.0,))
    drawn_out = cv2.copyMakeBorder(small, *borders, cv2.BORDER_REPLICATE)
    weighed = cv2.GaussianBlur(drawn_out * seen[:, :, None], (0, 0), _GROUND_BLUR)
    blurred = weighed / cv2.GaussianBlur(seen, (0, 0), _GROUND_BLUR)[:, :, None]
    ground = np.clip(blurred, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(ground, (width, height), interpolation=cv2.INTER_LINEAR))


def _draw_on(canvas: np.ndarray, placement: Placement, top: DrawnOn) -> None:
    """Draw the picture on in place above it, up to the body's top, and over its border, unless text on that
    could not be read."""
    picture, body = placement.picture, placement.body or Box(0, 0, placement.width, placement.height)
    photo = canvas[picture.top : picture.bottom, picture.left : picture.right]
    rows = drawn_on(photo, top.border, top.clear, picture.top - body.top)
    if top.is_under_text and not carries(rows, placement.style.letters):
        return
    canvas[body.top : picture.top + top.border, picture.left : picture.right] = rows


def _paper(pixels: np.ndarray, panel: Panel, style: Style) -> Colour:
    """The style's paper. White paper has the colour of the picture's top where that is nearly white: bar and
    picture are one sheet then."""
    source = panel.source
    rows = pixels[source.top : source.top + max(1, source.height // 100), source.left : source.right]
    colour = np.median(rows, axis=(0, 1)).round()
    if style.paper != WHITE or colour.min() <= _LIGHT:
        return style.paper
    red, green, blue = (int(level) for level in colour)
    return red, green, blue


def _panel(pixels: np.ndarray, panel: Panel) -> np.ndarray:
    """The panel's part of the photo at its size in the meme."""
    source, size = panel.source, (panel.target.width, panel.target.height)
    part = pixels[source.top : source.bottom, source.left : source.right]
    if (source.width, source.height) != size:
        is_shrunk = source.width > size[0]
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA if is_shrunk else cv2.INTER_CUBIC)
    if panel.is_film:
        return _film(part)
    part = _noir(part) if panel.is_noir else part
    return _shaded(part, panel.shade) if panel.shade else part


def _shaded(part: np.ndarray, shade: tuple[int, int]) -> np.ndarray:
    """The picture, darker from the first of two rows on to the second, softly, and beyond that one."""
    start, full = shade
    share = np.clip((np.arange(len(part)) - start) / (full - start), 0, 1)
    light = (1 - _SHADE * share**2 * (3 - 2 * share)).astype(np.float32)
    over = np.broadcast_to(light[:, None, None], part.shape)
    return np.asarray(cv2.multiply(part, np.ascontiguousarray(over), dtype=cv2.CV_8U))


def _noir(part: np.ndarray) -> np.ndarray:
    """The picture in grey, with more contrast and darker towards its corners."""
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    low, high = (float(level) for level in np.percentile(grey[::4, ::4], (1, 99)))
    grey = cv2.convertScaleAbs(grey, alpha=235 / max(high - low, 60), beta=-low * 235 / max(high - low, 60))
    dimmed = cv2.multiply(grey, _vignette(grey, _NOIR_RIMS), dtype=cv2.CV_8U)
    return np.asarray(cv2.cvtColor(dimmed, cv2.COLOR_GRAY2RGB), np.uint8)


def _film(part: np.ndarray) -> np.ndarray:
    """The picture darker towards its corners, unless it is dark, with a thin line where it meets the band."""
    grey = cv2.cvtColor(part[::4, ::4], cv2.COLOR_RGB2GRAY)
    if np.median(grey) >= _DARK:
        light = cv2.cvtColor(_vignette(part, _FILM_RIMS), cv2.COLOR_GRAY2RGB)
        part = cv2.multiply(part, light, dtype=cv2.CV_8U)
    part = part.copy()
    wide = max(1, round(_FILM_LINE * part.shape[1]))
    part[-wide:] = _FILM_EDGE
    return part


def _vignette(picture: np.ndarray, rims: float) -> np.ndarray:
    """By how much a picture's light is multiplied, (height, width) float32: 1 in its middle, and less by half
    of `rims` in its corners."""
    height, width = picture.shape[:2]
    across = (np.arange(width, dtype=np.float32) / width - 0.5) ** 2
    down = (np.arange(height, dtype=np.float32) / height - 0.5) ** 2
    return 1 - rims * (across[None, :] + down[:, None])


def _back(meme: np.ndarray, text: SetText) -> None:
    """Darken and blur in place what is behind those lines whose ground is busy, as text is.

    Lines near each other have one ground: they are darkened together, where at least half of them need it.
    """
    width, height = meme.shape[1], meme.shape[0]
    inks = [ink_of(line, text.size, text.style.text) for line in text.lines]
    inks = [box for ink in inks if (box := ink.within(width, height)).width * box.height]
    for lines in _near_each_other(inks, _SAME_TEXT * text.size):
        around = [Box(ink.left, ink.top - text.size // 2, ink.width, ink.height + text.size) for ink in lines]
        grounds = zip(lines, (box.within(width, height) for box in around), strict=True)
        if 2 * sum(any(is_busy(meme, box) for box in ground) for ground in grounds) < len(lines):
            continue
        ink = union(lines)
        place = meme[ink.top : ink.bottom, ink.left : ink.right]
        blurred = cv2.GaussianBlur(place, (0, 0), max(1.0, _BACKING_BLUR * text.size))
        place[:] = cv2.convertScaleAbs(blurred, alpha=_BACKING_LIGHT)


def _near_each_other(boxes: Sequence[Box[int]], gap: float) -> list[list[Box[int]]]:
    """Boxes from top to bottom, in groups that are further apart than a gap."""
    groups: list[list[Box[int]]] = []
    for box in boxes:
        if groups and box.top - groups[-1][-1].bottom < gap:
            groups[-1].append(box)
        else:
            groups.append([box])
    return groups


def _draw_line(meme: np.ndarray, line: Line, size: int, style: Style) -> None:
    """Draw in place, in the line's own rectangle."""
    outline = style.text.outline_at(size)
    ink = measure.ink(line.text, size, outline, style.text.family)
    if ink.left == ink.right or ink.top == ink.bottom:
        return  # spaces, joiners or direction marks alone
    letters, strokes = _letters(line.text, size, ink, style.text.family, is_outlined=outline > 0)
    around = _grown(letters, outline) if outline else letters
    if strokes.any():
        sticker = _grown(_filled(strokes), outline)
        around, letters = np.maximum(around, sticker), np.maximum(letters, cv2.subtract(sticker, strokes))
    place = meme[
        line.baseline + ink.top : line.baseline + ink.bottom, line.left + ink.left : line.left + ink.right
    ]
    _paint(place, around, style.around, letters, style.letters)


def _letters(
    text: str, size: int, ink: Box[int], family: fonts.Family, is_outlined: bool
) -> tuple[np.ndarray, np.ndarray]:
    """How much of each pixel of the ink's rectangle the letters cover, and how much emoji's strokes do, each
    (height, width) uint8.

    Where letters have no outline, the strokes of emoji are letters like others.
    """
    letters, emoji = (Image.new("L", (ink.right - ink.left, ink.bottom - ink.top)) for _ in range(2))
    for run in measure.runs(text, size, family):
        start = (round(run.left) - ink.left, -ink.top)
        font = fonts.load(run.font, size)
        mask = emoji if is_outlined and run.font == fonts.EMOJI else letters
        ImageDraw.Draw(mask).text(start, run.text, 255, font, anchor="ls", direction=run.direction)
    return np.asarray(letters), np.asarray(emoji)


def _filled(strokes: np.ndarray) -> np.ndarray:
    """The strokes of a drawing and all that they enclose, through which the photo would else be seen."""
    edges, _ = cv2.findContours((strokes > _STROKE) * np.uint8(1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(strokes.copy(), edges, -1, (255,), cv2.FILLED), np.uint8)


def _draw_bubble(meme: np.ndarray, bubble: Bubble, style: Style) -> None:
    """Draw in place, in the rectangle around the box, its tail and its shadow."""
    box, tail = bubble.box, bubble.tail
    frame = bubble.reach.within(meme.shape[1], meme.shape[0])
    whole = np.zeros((frame.height, frame.width), np.uint8)
    _fill_rounded(whole, box.moved(-frame.left, -frame.top), bubble.radius)
    if tail:
        points = (_outline_of(tail) - (frame.left, frame.top)) * (1 << _SUBPIXEL_BITS)
        cv2.fillPoly(whole, [points.round().astype(np.int32)], (255,), cv2.LINE_AA, _SUBPIXEL_BITS)
    outside = cv2.copyMakeBorder(255 - whole, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(255,))
    paper = 255 - _grown(outside, bubble.border)[1:-1, 1:-1]
    place = meme[frame.top : frame.bottom, frame.left : frame.right]
    if bubble.shadow and place[whole == 0].mean() >= _LIGHT_GROUND:
        _cast_shadow(place, whole, bubble)
    _paint(place, whole, style.letters, paper, style.paper)


def _outline_of(tail: tuple[Point, Point, Point]) -> np.ndarray:
    """Points along a tail's two curved sides: (count, 2). They leave the bubble straight and bend to the tip.

    Each is a quadratic Bézier curve, within the box around the tail.
    """
    one, other, tip = (np.array(point) for point in tail)
    along = (other - one) / max(float(np.hypot(*(other - one))), 1e-6)
    away = tip - (one + other) / 2
    straight = away - away @ along * along
    share = np.linspace(0, 1, _CURVE_POINTS)[:, None]
    sides = [
        (1 - share) ** 2 * foot + 2 * share * (1 - share) * (foot + _CURVE * straight) + share**2 * tip
        for foot in (one, other)
    ]
    return np.concatenate([sides[0], sides[1][::-1]])


def _cast_shadow(place: np.ndarray, whole: np.ndarray, bubble: Bubble) -> None:
    """Darken in place what is a little below a bubble, softly, no further than its shadow reaches.

    place: the meme within that reach. whole: how much of each of its pixels the bubble covers.
    """
    height, width = whole.shape
    moved = np.roll(whole, bubble.shadow, axis=0)
    moved[: bubble.shadow] = 0
    # A small picture is enough for what is so soft. Enlarging it spreads a shade by a pixel of its own.
    step = max(1, bubble.shadow // 2)
    size = (-(-width // step), -(-height // step))
    reach = 5 * bubble.shadow // step - 2
    small = cv2.resize(moved, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (2 * reach + 1, 2 * reach + 1), reach / 2, borderType=cv2.BORDER_CONSTANT)
    shade = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    dark = cv2.convertScaleAbs(shade, alpha=_SHADOW)
    place[:] = cv2.multiply(place, cv2.cvtColor(255 - dark, cv2.COLOR_GRAY2RGB), scale=1 / 255)


def _fill_rounded(mask: np.ndarray, box: Box[int], radius: int) -> None:
    """Fill in place a rectangle with round corners. A pixel of an arc has as much as the arc covers of it."""
    mask[box.top : box.bottom, box.left : box.right] = 255
    if not radius:
        return
    steps = radius - 0.5 - np.arange(radius)
    arc = (np.clip(radius + 0.5 - np.hypot(*np.meshgrid(steps, steps)), 0, 1) * 255).round().astype(np.uint8)
    for rows, upper in (
        (slice(box.top, box.top + radius), arc),
        (slice(box.bottom - radius, box.bottom), arc[::-1]),
    ):
        mask[rows, box.left : box.left + radius] = upper
        mask[rows, box.right - radius : box.right] = upper[:, ::-1]


def _grown(mask: np.ndarray, by: int) -> np.ndarray:
    """The mask grown by `by` pixels to all sides, with smooth edges, by the distance from the letters.

    The distance is measured in half pixels. That is cheaper than stroking the glyphs.
    """
    height, width = mask.shape
    fine = cv2.resize(mask, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    distance = cv2.distanceTransform(
        np.where(fine < 128, np.uint8(255), np.uint8(0)), cv2.DIST_L2, cv2.DIST_MASK_5
    )
    cover = cv2.convertScaleAbs(np.clip(2 * by + 0.5 - distance, 0, 1), alpha=255)
    return np.maximum(cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA), mask)


def _paint(place: np.ndarray, whole: np.ndarray, around: Colour, inner: np.ndarray, colour: Colour) -> None:
    """Paint in place: the pixels of `whole` in the colour `around`, those of `inner`, which lie in it, in
    `colour`. Both masks say how much of each pixel they cover: (height, width) uint8."""
    rim = whole - inner
    painted = cv2.merge(
        [
            cv2.addWeighted(rim, outer / 255, inner, shade / 255, 0)
            for outer, shade in zip(around, colour, strict=True)
        ]
    )
    kept = cv2.multiply(place, cv2.cvtColor(255 - whole, cv2.COLOR_GRAY2RGB), scale=1 / 255)
    cv2.add(kept, painted, dst=place)
