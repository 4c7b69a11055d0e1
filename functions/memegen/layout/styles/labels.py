"""Several people: a title in a bar above the picture, and a label at each face by what it shows."""

from collections.abc import Iterator, Sequence
from itertools import product

from memegen.geometry import Box
from memegen.layout.bars import with_bars
from memegen.layout.free_space import margin, with_margin
from memegen.layout.placement import Placement, SetText
from memegen.layout.scene import NotPossibleError, Scene
from memegen.layout.style import ON_PAPER, ON_PICTURE
from memegen.text.fitting import Block, bounds_of, largest_size, least_size, set_lines
from memegen.text.text_style import apply_case

STYLE = ON_PAPER
LABEL = ON_PICTURE

LEAST, MOST = 2, 10  # labels
_SIZE = 0.22  # of the face's width
_LARGEST = 0.06  # of the picture's width
_LEAST = 0.85  # of the least size of a caption: labels are short and near what they speak of
_WIDTHS = (1.4, 2.0, 3.0, 4.5)  # face widths, the first in which a label fits
_SIDES = ((True,), (False,), (True, False))  # whether below the faces: all, none, or as there is room
_LINES = 3
_HAIR = 0.25  # of the face's height, above its margin
_RISES = (0.0, 1.4, 2.7, 4.0)  # ems: how far above its usual place a label may stand, over its neighbours'
_ASIDE = 0.5  # face widths: how far a label's middle is from its face's, where the picture's edge pushes it
_STEP = 0.9  # by how much a label that does not fit is made smaller
_GAP = 0.35  # of the font size, between a label and another or a face


def place(scene: Scene) -> Placement:
    """The title and the labels. A label that has no room is left out.

    Raises NotPossibleError: few-faces, or no-room where fewer than half of the labels or than two have room.
    """
    wanted = sum(1 for label in scene.labels if label)
    if wanted < LEAST:
        raise NotPossibleError("few-faces")
    title = Scene(scene.top, "", scene.width, scene.height, scene.faces, scene.long_side)
    placement = with_bars(title, STYLE)
    picture = placement.picture
    faces = [placement.in_meme(face, scene.width, scene.height) for face in scene.faces]
    room = picture.grown(-margin(picture.width, picture.height))
    labelled = [(label, face) for label, face in zip(scene.labels, faces, strict=False) if label]
    placed = max((_all(labelled, faces, room, scene.text_scale, sides) for sides in _SIDES), key=len)
    if len(placed) < max(LEAST, (wanted + 1) // 2):
        raise NotPossibleError("no-room")
    return Placement(
        placement.width,
        placement.height,
        picture,
        STYLE,
        placement.lines,
        placement.size,
        labels=tuple(placed),
    )


def _all(
    labelled: Sequence[tuple[str, Box[float]]],
    faces: Sequence[Box[float]],
    room: Box[int],
    scale: float,
    sides: Sequence[bool],
) -> list[SetText]:
    """The labels that have room on these sides of their faces."""
    kept = [with_margin(face) for face in faces]
    placed: list[SetText] = []
    for label, face in labelled:
        if found := _set(label, face, kept, room, scale, sides):
            placed.append(found)
            ink = bounds_of(found.lines, found.size, LABEL.text)
            kept.append(ink.grown(round(_GAP * found.size)))
    return placed


def _set(
    label: str,
    face: Box[float],
    kept: Sequence[Box[int]],
    room: Box[int],
    scale: float,
    sides: Sequence[bool],
) -> SetText | None:
    """The label at its face, as large as it fits, or None where it fits nowhere."""
    width = room.width
    least = round(_LEAST * least_size(width))
    size = max(least, round(min(_SIZE * face.width, _LARGEST * width) * scale))
    text = apply_case(label, LABEL.text, "")
    while True:
        for slot, at_top in _slots(face, room, sides, size):
            block = Block((text,), slot, at_top, LABEL.text)
            if not largest_size([block], size, size):
                continue
            lines = tuple(set_lines(block, size))
            ink = bounds_of(lines, size, LABEL.text)
            aside = abs(ink.left + ink.width / 2 - face.left - face.width / 2)
            if aside > _ASIDE * face.width or len(lines) > _LINES:
                continue
            if not any(ink.overlaps(other) for other in kept):
                return SetText(lines, size, LABEL)
        if size == least:
            return None
        size = max(least, int(size * _STEP))


def _slots(
    face: Box[float], room: Box[int], sides: Sequence[bool], size: int
) -> Iterator[tuple[Box[int], bool]]:
    """The places for a face's label, each with whether it is set at the place's top, narrow ones first."""
    head = with_margin(face)
    middle = face.left + face.width / 2
    for rise, below, share in product(_RISES, sides, _WIDTHS):
        ceiling = head.top - round(_HAIR * face.height + rise * size)
        across = min(round(share * face.width), room.width)
        left = min(max(round(middle - across / 2), room.left), room.right - across)
        top, bottom = (head.bottom + round(rise * size), room.bottom) if below else (room.top, ceiling)
        yield Box.from_edges(left, top, left + across, bottom), below
