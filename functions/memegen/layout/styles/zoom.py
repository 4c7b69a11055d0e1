"""One face: panels below each other that close in on its eyes, each with a beat of the text.

There are three wide panels or, where the head has no room in a wide one, two higher ones, so that the meme is
never too high for a screen. There are two also where the eyes have too few pixels for a panel of their own.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

from memegen.geometry import Box, Point
from memegen.layout.free_space import HAIR, with_hair
from memegen.layout.motion import Frame, between, shrunk
from memegen.layout.placement import Panel, Placement, SetText
from memegen.layout.scene import NotPossibleError, Scene
from memegen.layout.style import ON_PICTURE, WHITE
from memegen.text.fitting import Block, Line, bounds_of, count_lines, largest_size, least_size, set_lines

STYLE = replace(ON_PICTURE, paper=WHITE, bar_below=False)

_WIDE, _HIGH = 16 / 9, 6 / 5  # a panel's width by its height: of three panels, and of two
_WIDEST, _NARROWEST = 900, 480  # pixels: a panel's width
_RULE = 0.008  # of a panel's width: the gap between two panels
_LEAST_SOURCE = 90  # pixels of the photo that the width of a panel must have
_ENLARGED = 5  # times, at most, that a panel wider than the narrowest is enlarged, for it would look blurred
# Face widths: how wide a panel of the eyes is, a high one, and one of the face.
_EYES, _EYES_HIGH, _CLOSE = 1.15, 0.92, 2.8
_LEAST_STEP = 1.4  # how many times as wide as the second of three panels the first is at least
_LEAST_ZOOM = 2.0  # how many times as wide as the last panel the first must be
# Of a panel's height: where the eyes are in the last panel, with its text below on the nose and no mouth in
# it, where that is wide and where it is high; where they are in a panel of the face, which shows the chin
# above the text; and where the face's middle is in the first, above a chest for the text.
_EYES_AT, _EYES_HIGH_AT, _EYES_AND_CHIN_AT, _FACE_AT = 0.38, 0.45, 0.23, 0.36
_LEAST_HAIR = 0.2  # of a face's height, above it, where the text needs the room
# Of a panel's width: the gap between the chin and the text, the text with its lower margin, that margin and
# the one at the sides, the largest size of the text, and a size for which no beat needs a second line.
_BELOW_CHIN, _LINE, _EDGE, _SIDE, _LARGEST, _IN_ONE_LINE = 0.03, 0.105, 0.03, 0.04, 0.085, 0.06
_SHADE = 1.8  # of the text's size: how far from the text a panel begins to get darker
_PUNCH = 1.2  # of the size of the others: the last beat's
_TEXT = 0.4  # of a panel's height: the text's at most
_PUSH = 0.97  # of a panel, to which an animation closes in while it stays at it
_STAY, _STAY_LAST, _CUT = (4, 5, 1)  # frames: at a panel, at the last one, and from one to the next
_STAY_MILLISECONDS, _CUT_MILLISECONDS = 450, 120  # a frame
_EYE = 0.4  # of the distance between the eyes: how far around its middle an eye is kept free


def place(scene: Scene) -> Placement:
    """The panels. Raises NotPossibleError: no-face, face-too-large, few-pixels, no-room."""
    if not scene.eyes:
        raise NotPossibleError("no-face")
    shape, sources = _sources(scene)
    count = len(sources)
    sharp = max(_NARROWEST, _ENLARGED * sources[-1].width)
    width = min(
        max(scene.width, _NARROWEST), _WIDEST, sharp, int(scene.long_side / (count / shape + 3 * _RULE))
    )
    height, rule = round(width / shape), max(2, round(_RULE * width))
    panels = tuple(
        Panel(source, Box(0, index * (height + rule), width, height), is_noir=_is_noir(scene, source))
        for index, source in enumerate(sources)
    )
    *beats, punch = texts = _set(scene, panels)
    panels = tuple(_shaded(scene, panel, text) for panel, text in zip(panels, texts, strict=True))
    whole = count * height + (count - 1) * rule
    lines = sum((text.lines for text in beats), ())
    return Placement(
        width, whole, panels[0].target, STYLE, lines, beats[0].size, labels=(punch,), panels=panels
    )


def frames(scene: Scene) -> tuple[Frame, ...]:
    """One panel after the other, each with its beat, and a quick step from one to the next.

    Raises NotPossibleError as place does.
    """
    shape, sources = _sources(scene)
    width, height = scene.long_side, round(scene.long_side / shape)
    panels = [Panel(source, Box(0, 0, width, height), is_noir=_is_noir(scene, source)) for source in sources]
    texts = _set(scene, panels)
    made: list[Frame] = []
    for index, panel in enumerate(panels):
        is_last, text = index == len(panels) - 1, texts[index]
        ends = panel.source, shrunk(panel.source, _PUSH)
        stay = [ends[0], *between(*ends, (_STAY_LAST if is_last else _STAY) - 2), ends[1]]
        made += [
            Frame(
                _shown(_shaded(scene, replace(panel, source=source), text), text.lines, text.size),
                _STAY_MILLISECONDS,
            )
            for source in stay
        ]
        if not is_last:
            made += [
                Frame(_shown(replace(panel, source=source), (), texts[index].size), _CUT_MILLISECONDS)
                for source in between(ends[1], panels[index + 1].source, _CUT)
            ]
    return tuple(made)


def _shown(panel: Panel, lines: tuple[Line, ...], size: int) -> Placement:
    target = panel.target
    return Placement(target.width, target.height, target, STYLE, lines, size, panels=(panel,))


def _set(scene: Scene, panels: Sequence[Panel]) -> list[SetText]:
    """Each panel's text, which may have no lines: all of one size but the last, which is larger.

    The text keeps off the chins or, where it is too long for that, off the eyes alone.
    """
    beats = _beats(scene.parts, len(panels))
    width = panels[0].target.width
    least = least_size(width)
    largest = max(least, round(_LARGEST * width * max(1.0, scene.text_scale)))
    for keeps_faces in (True, False):
        slots = [_slot(scene, panel, keeps_faces and not panel.is_noir) for panel in panels]
        blocks = [
            Block(texts, slot, is_above, STYLE.text)
            for texts, (slot, is_above) in zip(beats, slots, strict=True)
        ]
        written = [block for block in blocks if block.texts]
        size = _size(written, least, largest)
        if size:
            wished = max(least, round(size * min(1.0, scene.text_scale)))
            size = largest_size(written, least, wished) if wished < size else size
            sizes = [size] * (len(panels) - 1) + [_punch_size(blocks[-1], size)]
            return [
                SetText(tuple(set_lines(block, each)) if block.texts else (), each, STYLE)
                for block, each in zip(blocks, sizes, strict=True)
            ]
    raise NotPossibleError("no-room")


def _punch_size(block: Block, size: int) -> int:
    """The size of the last beat: larger than that of the others where it has one line even so."""
    if not block.texts:
        return size
    largest = largest_size([block], size, round(_PUNCH * size))
    return next((larger for larger in range(largest, size, -1) if count_lines(block, larger) == 1), size)


def _size(blocks: Sequence[Block], least: int, largest: int) -> int:
    """The largest size at which all fit, in one line for each part if that is not small, or 0."""
    size = largest_size(blocks, least, largest)
    in_one_line = (
        smaller
        for smaller in range(size, max(least, round(_IN_ONE_LINE / _LARGEST * largest)) - 1, -1)
        if all(count_lines(block, smaller) == len(block.texts) for block in blocks)
    )
    return next(in_one_line, size)


def _beats(parts: tuple[str, ...], panels: int) -> list[tuple[str, ...]]:
    """The parts of each panel's text. Where there are more panels than parts, the first ones have none."""
    if len(parts) <= panels:
        return [()] * (panels - len(parts)) + [(part,) for part in parts]
    first = len(parts) - panels + 1
    return [parts[:first], *((part,) for part in parts[first:])]


def _sources(scene: Scene) -> tuple[float, list[Box[int]]]:
    """The panels' shape and what of the photo each shows, from wide to close."""
    face = scene.faces[scene.main]
    (right, left) = scene.eyes[scene.main]
    eyes = (right[0] + left[0]) / 2, (right[1] + left[1]) / 2
    last = _EYES * face.width
    first = min(scene.width, scene.height * _WIDE)
    is_wide = (1 + _LEAST_HAIR) * face.height + (_BELOW_CHIN + _LINE) * first <= first / _WIDE
    if is_wide and last >= _LEAST_SOURCE:
        close = min(_CLOSE * face.width, first / _LEAST_STEP)
        return _WIDE, [
            _whole(scene, first, _WIDE),
            _crop(scene, close, _WIDE, eyes, _EYES_AND_CHIN_AT),
            _crop(scene, last, _WIDE, eyes, _EYES_AT),
        ]
    first = min(scene.width, scene.height * _HIGH)
    if _EYES_HIGH * face.width >= _LEAST_SOURCE:
        if first < _LEAST_ZOOM * last:
            raise NotPossibleError("face-too-large")
        return _HIGH, [
            _whole(scene, first, _HIGH),
            _crop(scene, _EYES_HIGH * face.width, _HIGH, eyes, _EYES_HIGH_AT),
        ]
    if _CLOSE * face.width < _LEAST_SOURCE:
        raise NotPossibleError("few-pixels")
    return _HIGH, [
        _whole(scene, first, _HIGH),
        _crop(scene, _CLOSE * face.width, _HIGH, eyes, _EYES_AND_CHIN_AT),
    ]


def _whole(scene: Scene, width: float, shape: float) -> Box[int]:
    """The photo in the first panel: the head high, with all its hair where that leaves room for the text."""
    face = scene.faces[scene.main]
    middle = face.left + face.width / 2, face.top + face.height / 2
    down, lines = width / shape, max(1, len(scene.parts) - round(3 / shape))
    with_hair_at, highest = ((0.5 + hair) * face.height / down for hair in (HAIR, _LEAST_HAIR))
    room = (_BELOW_CHIN + _LINE + (lines - 1) * _LARGEST) * width
    lowest = 1 - (room + face.height / 2) / down
    return _crop(scene, width, shape, middle, max(min(max(_FACE_AT, with_hair_at), lowest), highest))


def _shaded(scene: Scene, panel: Panel, text: SetText) -> Panel:
    """The panel, darker where its text is, so that this can be read; but never over eyes."""
    if not text.lines:
        return panel
    ink, target = bounds_of(text.lines, text.size, text.style.text), panel.target
    eyes = [_in_panel(_around_eyes(each), panel) for each in scene.eyes]
    eyes = [each for each in eyes if each.overlaps(target)]
    far = round(_SHADE * text.size)
    if ink.top - target.top > target.bottom - ink.bottom:
        start, full = max([ink.top - far, *(each.bottom for each in eyes)]), ink.bottom
        is_clear = start < ink.bottom
    else:
        start, full = min([ink.bottom + far, *(each.top for each in eyes)]), ink.top
        is_clear = start > ink.top
    return replace(panel, shade=(start - target.top, full - target.top)) if is_clear else panel


def _is_noir(scene: Scene, source: Box[int]) -> bool:
    """Whether a panel shows the eyes alone."""
    return source.width < 0.5 * (_EYES + _CLOSE) * scene.faces[scene.main].width


def _crop(scene: Scene, width: float, shape: float, centre: Point, at: float) -> Box[int]:
    """The photo's part of this width and shape, as far as the photo reaches. The centre is in the middle of
    its width and `at` of its height from its top."""
    across = max(2, min(scene.width, round(width)))
    down = max(2, min(scene.height, round(width / shape)))
    left = min(max(round(centre[0] - across / 2), 0), scene.width - across)
    top = min(max(round(centre[1] - at * down), 0), scene.height - down)
    return Box(left, top, across, down)


def _slot(scene: Scene, panel: Panel, keeps_faces: bool) -> tuple[Box[int], bool]:
    """The place for a panel's text, and whether it is above what is kept free: only where there is too little
    room below. Where there is too little above as well, the eyes alone are kept free."""
    target = panel.target
    edge = max(4, round(_EDGE * target.width))
    needed = (_LINE - _EDGE) * target.width - 2  # the photo's part is in whole pixels
    above, below = _free(scene, panel, keeps_faces)
    room_above, room_below = above - edge - target.top, target.bottom - edge - below
    if keeps_faces and max(room_above, room_below) < needed:
        return _slot(scene, panel, keeps_faces=False)
    most = round(_TEXT * target.height)
    side = max(edge, round(_SIDE * target.width))
    left, right = target.left + side, target.right - side
    if room_below < needed and room_above > room_below:
        return Box.from_edges(left, target.top + edge, right, min(above, target.top + edge + most)), True
    return Box.from_edges(left, max(below, target.bottom - edge - most), right, target.bottom - edge), False


def _free(scene: Scene, panel: Panel, keeps_faces: bool) -> tuple[int, int]:
    """Above which row and from which row on of the meme a panel's text keeps off the faces or the eyes."""
    eyes = _in_panel(_around_eyes(scene.eyes[scene.main]), panel)
    if not keeps_faces:
        return eyes.top, eyes.bottom
    shown = [_in_panel(with_hair(face), panel) for face in scene.faces]
    faces = [face for face in shown if face.overlaps(panel.target)]
    return min(face.top for face in faces), max(face.bottom for face in faces) + round(
        _BELOW_CHIN * panel.target.width
    )


def _around_eyes(eyes: tuple[Point, Point]) -> Box[float]:
    (first, second), distance = eyes, sqrt(sum((a - b) ** 2 for a, b in zip(*eyes, strict=True)))
    lefts, tops = sorted((first[0], second[0])), sorted((first[1], second[1]))
    return Box.from_edges(lefts[0], tops[0], lefts[1], tops[1]).grown(_EYE * distance)


def _in_panel(box: Box[float] | Box[int], panel: Panel) -> Box[int]:
    """Where a box of the photo is in the meme's panel."""
    scale = panel.target.width / panel.source.width
    return Box.from_edges(
        int(panel.target.left + (box.left - panel.source.left) * scale),
        int(panel.target.top + (box.top - panel.source.top) * scale),
        int(panel.target.left + (box.right - panel.source.left) * scale) + 1,
        int(panel.target.top + (box.bottom - panel.source.top) * scale) + 1,
    )
