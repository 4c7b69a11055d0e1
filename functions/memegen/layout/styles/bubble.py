"""The caption in a speech bubble near the largest face, with a tail that points to the mouth."""

from collections.abc import Sequence
from math import hypot

from memegen.geometry import Box, Point, enclosing, pixels_around
from memegen.layout.free_space import columns
from memegen.layout.placement import Bubble, Placement
from memegen.layout.scene import Scene
from memegen.layout.style import ON_PAPER
from memegen.text.fitting import Block, bounds_of, largest_comfortable, least_size, set_lines

STYLE = ON_PAPER

# As parts of the picture's short side.
_LARGEST = 0.075
_PADDING = 0.045
_WIDEST = 0.95  # because a bubble across a whole wide picture would look like a bar
_WIDEST_IN_PANORAMA = 0.4  # of the width
_LONGEST_TAIL = 0.22

_BORDER = 0.07  # of the font size
_FOOT = 0.5  # of the font size: half of the tail's width where it leaves the bubble
_MOUTH = 0.77  # of the face's height, from its top
_NEAR = 0.05  # of the face's height: how near the tail's tip comes to the face's box


def place(scene: Scene) -> Placement | None:
    """The parts in one bubble at the largest size that fits, or None.

    It is None where no place that is clear of the faces holds them at a readable size. Without a face the
    bubble stands low in the middle and has no tail.
    """
    width, height, faces = scene.width, scene.height, scene.faces
    short = min(width, height)
    padding = max(6, round(_PADDING * short))
    speaker = max(faces, key=lambda face: face.width * face.height, default=None)
    least = least_size(width)
    largest = max(least, round(_LARGEST * short))
    widest = round(max(_WIDEST * short, _WIDEST_IN_PANORAMA * width))
    ways = (
        [Block(scene.parts, _room(slot.grown(-padding), widest, speaker), at_top, STYLE.text)]
        for slot, at_top in _slots(width, height, faces)
    )
    best = largest_comfortable(ways, least, largest)
    if best is None:
        return None
    size, (block,) = best
    lines = set_lines(block, size)
    text = bounds_of(lines, size, STYLE.text)
    down = _towards(speaker, text, block.slot) if speaker and _is_beside(speaker, block.slot) else 0
    box = text.moved(0, down).grown(padding)
    bubble = Bubble(
        box,
        radius=min(2 * padding, box.height // 2, box.width // 2),
        border=max(2, round(_BORDER * size)),
        tail=_tail(box, 2 * padding, _FOOT * size, _LONGEST_TAIL * short, speaker, faces)
        if speaker
        else None,
    )
    picture = Box(0, 0, width, height)
    return Placement(
        width, height, picture, STYLE, tuple(line.moved(0, down) for line in lines), size, (bubble,)
    )


def _slots(width: int, height: int, faces: Sequence[Box[float]]) -> list[tuple[Box[int], bool]]:
    """The slots for a bubble, the best first: above the faces, beside them, below them.

    Each comes with whether the bubble stands at the slot's top, and not at its bottom.
    """
    whole, *beside = columns(width, height, faces)
    if not faces:
        return [(whole.below, False)]
    return [(whole.above, False), *((column.above, True) for column in beside), (whole.below, True)]


def _room(slot: Box[int], widest: int, speaker: Box[float] | None) -> Box[int]:
    """The slot, or where that is wider than a bubble may be, its part that is nearest to the speaker."""
    width = min(slot.width, widest)
    middle = speaker.left + speaker.width / 2 if speaker else (slot.left + slot.right) / 2
    left = min(max(round(middle - width / 2), slot.left), slot.right - width)
    return Box.from_edges(left, slot.top, left + width, slot.bottom)


def _is_beside(speaker: Box[float], room: Box[int]) -> bool:
    return room.left >= speaker.left + speaker.width or room.right <= speaker.left


def _towards(speaker: Box[float], text: Box[int], room: Box[int]) -> int:
    """How far down to move a text beside the speaker, so that it is level with the face's upper half."""
    wished = round(speaker.top + 0.35 * speaker.height - text.height / 2)
    return min(max(wished, room.top), room.bottom - text.height) - text.top


# The tail


def _tail(
    box: Box[int], corner: int, foot: float, longest: float, speaker: Box[float], faces: Sequence[Box[float]]
) -> tuple[Point, Point, Point] | None:
    """The tail, from the side of the bubble that is towards the mouth, or None where a face is in its way.

    It ends at the face or where it is `longest` pixels long. It is made shorter if that avoids another face.
    corner: how much of the box's side it leaves free at the corners. foot: half of its width at the box.
    """
    mouth = speaker.left + speaker.width / 2, speaker.top + _MOUTH * speaker.height
    base, along = _base(box, corner + foot, mouth)
    away = mouth[0] - base[0], mouth[1] - base[1]
    near = pixels_around(speaker, _NEAR * speaker.height)
    share = min(_entry(base, away, near), longest / max(hypot(*away), 1.0))
    feet = [(base[0] + side * along[0] * foot, base[1] + side * along[1] * foot) for side in (-1, 1)]
    kept = [pixels_around(face, 2) for face in faces]
    for shorter in (1.0, 0.6, 0.3):
        tip = base[0] + away[0] * share * shorter, base[1] + away[1] * share * shorter
        tail = feet[0], feet[1], tip
        if not any(enclosing(tail).overlaps(face) for face in kept):
            return tail
    return None


def _base(box: Box[int], inset: float, mouth: Point) -> tuple[Point, Point]:
    """The middle of the tail's feet, on the side of the box towards the mouth, and that side's direction."""
    across = max(box.left - mouth[0], mouth[0] - box.right)
    down = max(box.top - mouth[1], mouth[1] - box.bottom)
    if down >= across:
        y = box.bottom if mouth[1] > box.bottom else box.top
        return (_between(mouth[0], box.left + inset, box.right - inset), y), (1.0, 0.0)
    x = box.right if mouth[0] > box.right else box.left
    return (x, _between(mouth[1], box.top + inset, box.bottom - inset)), (0.0, 1.0)


def _between(value: float, low: float, high: float) -> float:
    return (low + high) / 2 if low > high else min(max(value, low), high)


def _entry(start: Point, away: Point, box: Box[int]) -> float:
    """After which part of the way, 0 to 1, the box is entered, where the way ends in it (the slab method)."""
    parts = [0.0]
    for begin, step, low, high in (
        (start[0], away[0], box.left, box.right),
        (start[1], away[1], box.top, box.bottom),
    ):
        if step:
            parts.append(min((low - begin) / step, (high - begin) / step))
    return max(parts)
