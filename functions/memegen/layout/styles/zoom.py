"""One face: panels below each other that close in on its eyes, each with a beat of the text.

There are three panels, or two where the eyes have too few pixels for one of their own.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

from memegen.geometry import Box, Point
from memegen.layout.free_space import with_margin
from memegen.layout.motion import Frame, between, shrunk
from memegen.layout.placement import Panel, Placement
from memegen.layout.scene import NotPossibleError, Scene
from memegen.layout.style import ON_PICTURE, WHITE
from memegen.text.fitting import Block, Line, largest_size, least_size, set_lines

STYLE = replace(ON_PICTURE, paper=WHITE, bar_below=False)

_SHAPES = (16 / 9, 4 / 3)  # a panel's width by its height: the first in which the whole head has room
_WIDEST, _NARROWEST = 900, 480  # pixels: a panel's width
_RULE = 0.008  # of a panel's width: the gap between two panels
_LEAST_SOURCE = 90  # pixels of the photo that the width of a panel must have
_ENLARGED = 5  # times, at most, that a panel wider than the narrowest is enlarged, for it would look blurred
_EYES, _CLOSE = 1.15, 2.8  # face widths: how wide the last panel is, and the one before it at most
_LEAST_ZOOM = 2.0  # how many times as wide as the last panel the first must be
# Of a panel's height: where the eyes are in the last panel, which has its text on the forehead and no mouth
# in it; where they are in the one before, which shows the chin above the text; and where the face's middle is
# in the first.
_EYES_AT, _EYES_AND_CHIN_AT, _FACE_AT = 0.62, 0.28, 0.45
_LARGEST = 0.09  # of a panel's width: the size of the text
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
        Panel(source, Box(0, index * (height + rule), width, height), is_noir=index == 2)
        for index, source in enumerate(sources)
    )
    size, lines = _set(scene, panels)
    whole = count * height + (count - 1) * rule
    return Placement(width, whole, panels[0].target, STYLE, sum(lines, ()), size, panels=panels)


def frames(scene: Scene) -> tuple[Frame, ...]:
    """One panel after the other, each with its beat, and a quick step from one to the next.

    Raises NotPossibleError as place does.
    """
    shape, sources = _sources(scene)
    width, height = scene.long_side, round(scene.long_side / shape)
    panels = [
        Panel(source, Box(0, 0, width, height), is_noir=index == 2) for index, source in enumerate(sources)
    ]
    size, lines = _set(scene, panels)
    made: list[Frame] = []
    for index, panel in enumerate(panels):
        is_last = index == len(panels) - 1
        ends = panel.source, shrunk(panel.source, _PUSH)
        stay = [ends[0], *between(*ends, (_STAY_LAST if is_last else _STAY) - 2), ends[1]]
        made += [
            Frame(_shown(replace(panel, source=source), lines[index], size), _STAY_MILLISECONDS)
            for source in stay
        ]
        if not is_last:
            made += [
                Frame(_shown(replace(panel, source=source), (), size), _CUT_MILLISECONDS)
                for source in between(ends[1], panels[index + 1].source, _CUT)
            ]
    return tuple(made)


def _shown(panel: Panel, lines: tuple[Line, ...], size: int) -> Placement:
    target = panel.target
    return Placement(target.width, target.height, target, STYLE, lines, size, panels=(panel,))


def _set(scene: Scene, panels: Sequence[Panel]) -> tuple[int, list[tuple[Line, ...]]]:
    """The size at which every panel's text has room, and each panel's lines."""
    beats = _beats(scene.parts, len(panels))
    blocks = [
        Block(texts, _slot(scene, panel, index == 0), _is_above(scene, panel, index == 0), STYLE.text)
        for index, (texts, panel) in enumerate(zip(beats, panels, strict=True))
    ]
    width = panels[0].target.width
    least = least_size(width)
    largest = max(least, round(_LARGEST * width * scene.text_scale))
    size = largest_size([block for block in blocks if block.texts], least, largest)
    if not size:
        raise NotPossibleError("no-room")
    return size, [tuple(set_lines(block, size)) if block.texts else () for block in blocks]


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
    head = 1.55 * face.height
    for shape in _SHAPES:
        first = min(scene.width, scene.height * shape)
        last = _EYES * face.width
        if head <= first / shape or (shape == _SHAPES[-1] and first >= _LEAST_ZOOM * last):
            break
    if first < _LEAST_ZOOM * last:
        raise NotPossibleError("face-too-large")
    middle = face.left + face.width / 2, face.top + face.height / 2
    whole = _crop(scene, first, shape, middle, _FACE_AT)
    close = min(_CLOSE * face.width, sqrt(first * last))
    if last >= _LEAST_SOURCE:
        return shape, [
            whole,
            _crop(scene, close, shape, eyes, _EYES_AND_CHIN_AT),
            _crop(scene, last, shape, eyes, _EYES_AT),
        ]
    if _CLOSE * face.width < _LEAST_SOURCE:
        raise NotPossibleError("few-pixels")
    return shape, [whole, _crop(scene, _CLOSE * face.width, shape, eyes, _EYES_AND_CHIN_AT)]


def _crop(scene: Scene, width: float, shape: float, centre: Point, at: float) -> Box[int]:
    """The photo's part of this width and shape, as far as the photo reaches. The centre is in the middle of
    its width and `at` of its height from its top."""
    across = max(2, min(scene.width, round(width)))
    down = max(2, min(scene.height, round(width / shape)))
    left = min(max(round(centre[0] - across / 2), 0), scene.width - across)
    top = min(max(round(centre[1] - at * down), 0), scene.height - down)
    return Box(left, top, across, down)


def _slot(scene: Scene, panel: Panel, keeps_faces: bool) -> Box[int]:
    """The place for a panel's text: below what is kept free or, where more of the panel is, above it."""
    target = panel.target
    above, below = _free(scene, panel, keeps_faces)
    edge = max(4, round(0.04 * target.width))
    most = round(_TEXT * target.height)
    left, right = target.left + edge, target.right - edge
    if _is_above(scene, panel, keeps_faces):
        return Box.from_edges(left, target.top + edge, right, min(above, target.top + edge + most))
    return Box.from_edges(left, max(below, target.bottom - edge - most), right, target.bottom - edge)


def _is_above(scene: Scene, panel: Panel, keeps_faces: bool) -> bool:
    above, below = _free(scene, panel, keeps_faces)
    free_below = panel.target.bottom - below
    return free_below < 0.3 * panel.target.height and above - panel.target.top > free_below


def _free(scene: Scene, panel: Panel, keeps_faces: bool) -> tuple[int, int]:
    """Above which row and from which row on of the meme a panel's text keeps off the faces and the eyes.

    The whole face is kept free in the first panel, where it has room around it, and only the eyes in the
    others and where the face fills the panel.
    """
    eyes = _in_panel(_around_eyes(scene.eyes[scene.main]), panel)
    if keeps_faces:
        faces = [_in_panel(with_margin(face), panel) for face in scene.faces]
        above, below = min(face.top for face in faces), max(face.bottom for face in faces)
        if max(above - panel.target.top, panel.target.bottom - below) > 0.22 * panel.target.height:
            return above, below
    return eyes.top, eyes.bottom


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
