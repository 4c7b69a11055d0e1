"""The caption in speech bubbles near the faces, each with a tail that points to a mouth.

Where the caption has several parts and the picture several people, up to three of them say a part each, from
left to right. Where the heads and the bodies leave no room for bubbles of a good shape, a strip of canvas is
added above the picture for them.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import hypot, log2

from memegen.geometry import Box, pixels_around
from memegen.layout.free_space import margin, text_side
from memegen.layout.placement import Bubble, DrawnOn, Placement
from memegen.layout.scene import Scene
from memegen.layout.speech import (
    FEW_LINES,
    MOST_LINES,
    PAIR_OF_LINES,
    STYLE,
    Padding,
    Said,
    Speaker,
    Speech,
    block_of,
    set_in,
    shapes_of,
    sizes_for,
    speakers_of,
    speeches_of,
    told_by_one,
)
from memegen.layout.tail import mouth_of, tail_of
from memegen.text.fitting import Block, best_broken_size, count_lines, largest_size

# As parts of the side that free_space.text_side gives.
# The text's size: capitals are .71 of it. Smaller only where it must be, or a little for two lines.
_LARGEST, _LEAST, _LEAST_IN_TWO = 0.075, 0.0625, 0.058
_RADIUS, _BORDER, _SHADOW = 0.05, 0.006, 0.006
_TAIL_WIDE, _TAIL_LONG, _TO_HAIR = 0.07, 0.085, 0.02
_ABOVE_HAIR, _ABOVE_BUSY_HAIR = 0.08, 0.05  # where a bubble over the picture ends

# As parts of the picture's short side.
_WIDEST = 0.84  # because a bubble across a whole wide picture would look like a bar
_WIDEST_IN_PANORAMA = 0.4  # of the width
_LONGEST_TAIL = 0.22

# Of the largest size: bubbles with smaller text rather have more lines or stand on a strip, the last where
# that would be a blur.
_OVER_PICTURE, _OVER_BUSY_PICTURE = 0.84, 0.7
# Of the face's width and height: what stays free at each of its sides and below it.
_BESIDE_HEAD, _BELOW_HEAD = 0.4, 0.25
_BODY_WIDE, _BODY_HIGH = 2.4, 2.5  # of the face's width and height, below it
_ILL_SHAPED = 0.1  # of the short side: what a shape costs that is twice as wide as the best, or half
_ILL_BROKEN = 0.5  # of the short side: what a shape costs for what fitting.py says that its breaks cost
_NEAR = 0.6  # of the face's width: how far a bubble is to a mouth's side, unless it is at its level
_PLACES = 9  # along each side of the picture
_BELOW = 0.35  # of the short side: how much nearer a bubble below a mouth must be than another one

_BEST_SHAPE = 2.4  # a bubble's width by its height
_LONG_LINES = 6  # of a text that would else get small
_WIDE_ON_STRIP = (
    0.7  # of a strip with one bubble: a wider one stands in its middle rather than above the head
)
_LEAST_WIDTH = 200  # pixels: a strip's, because words need them, however small the picture is


def place(scene: Scene) -> Placement:
    """The bubbles over the picture, or on a strip of canvas above it where they have no room there.

    Without a face there is one bubble, low in the middle, without a tail.
    """
    speeches = speeches_of(scene)
    ways = [speeches] if len(speeches) == 1 else [speeches, [told_by_one(scene)]]
    for way, most in product(ways, (PAIR_OF_LINES, MOST_LINES)):
        if found := _over_picture(scene, way, most):
            return _placement(scene, *found, scene.picture, scene.width, scene.height)
    return _on_strip(scene)


def _over_picture(scene: Scene, speeches: Sequence[Speech], most: int) -> tuple[list[Said], int] | None:
    """The speeches over the picture at the largest size at which each has a place in at most so many lines,
    and that size."""
    edge = margin(scene.width, scene.height)
    room = scene.picture.grown(-edge)
    short = min(scene.width, scene.height)
    wide = max(_WIDEST * short, _WIDEST_IN_PANORAMA * scene.width) if scene.faces else _WIDEST * scene.width
    widest = min(round(wide), room.width)
    sizes = list(sizes_for(_LARGEST, scene, scene.width, scene.height))
    # Where the photo can be drawn on above its top, a bubble rather stands there than has too short a tail.
    side = text_side(scene.width, scene.height)
    above = round((_ABOVE_HAIR if scene.photo_top else _ABOVE_BUSY_HAIR) * side)
    least = _OVER_PICTURE if scene.photo_top else _OVER_BUSY_PICTURE
    if most == PAIR_OF_LINES:
        least = min(least, _LEAST_IN_TWO / _LARGEST)
    for size in sizes:
        if size < round(least * sizes[0]):
            return None
        padding, taken = Padding.of(size), _kept_free(speakers_of(scene), above)
        said: list[Said] = []
        for speech in speeches:
            shapes = [
                shape
                for shape in shapes_of(speech, widest - 2 * padding.aside, size)
                if len(shape.lines) <= most
            ]
            found = _best(shapes, padding, room, taken, above)
            if found is None:
                break
            said.append(found)
            taken.append(found.box.grown(edge))
        else:
            return said, size
    return None


def _kept_free(people: Sequence[Speaker], above: int) -> list[Box[int]]:
    """The heads, with so many pixels above them, and the bodies, which stay free of bubbles."""
    heads = [_head_of(each, above) for each in people]
    bodies = [
        Box(
            round(face.left + (1 - _BODY_WIDE) / 2 * face.width),
            round(face.bottom),
            round(_BODY_WIDE * face.width),
            round(_BODY_HIGH * face.height),
        )
        for face in (each.face for each in people)
    ]
    return [*heads, *bodies]


def _head_of(speaker: Speaker, above: int) -> Box[int]:
    """What stays free of bubbles around a head, with so many pixels above its hair."""
    face = speaker.face
    return Box.from_edges(
        int(face.left - _BESIDE_HEAD * face.width),
        int(min(speaker.hair, face.top)) - above,
        int(face.right + _BESIDE_HEAD * face.width),
        int(face.bottom + _BELOW_HEAD * face.height),
    )


def _best(
    shapes: Sequence[Said], padding: Padding, room: Box[int], taken: Sequence[Box[int]], above: int
) -> Said | None:
    """The shape at the place that suits its speaker best, of those that touch nothing taken."""
    found = (
        shape.placed(left, top, padding)
        for shape in shapes
        for left, top in _places(padding.around(shape.box), room, shape.speech.speaker, above)
    )
    free = (said for said in found if _is_near(said) and not any(said.box.overlaps(other) for other in taken))
    return min(free, key=lambda said: _cost(said, room), default=None)


def _places(box: Box[int], room: Box[int], speaker: Speaker | None, above: int) -> list[tuple[int, int]]:
    """Where the left top corner of a bubble of the box's size may be: all over the room, and as close around
    the speaker's head as it may come."""
    right, bottom = room.right - box.width, room.bottom - box.height
    if right < room.left or bottom < room.top:
        return []
    if speaker is None:
        return [((room.left + right) // 2, bottom)]
    face, head = speaker.face, _head_of(speaker, above)
    steps = range(_PLACES)
    lefts = {room.left + (right - room.left) * step // (_PLACES - 1) for step in steps}
    tops = {room.top + (bottom - room.top) * step // (_PLACES - 1) for step in steps}
    lefts |= {(head.left + head.right - box.width) // 2, head.right, head.left - box.width}
    tops |= {head.top - box.height, head.bottom, round(face.top + 0.35 * face.height) - box.height // 2}
    return [
        (left, top)
        for left in sorted(lefts)
        if room.left <= left <= right
        for top in sorted(tops)
        if room.top <= top <= bottom
    ]


def _is_near(said: Said) -> bool:
    """Whether one sees who speaks: the bubble is above the mouth or below it, or beside the head."""
    box, speaker = said.box, said.speech.speaker
    if speaker is None:
        return True
    face = speaker.face
    if box.bottom > face.top and box.top < face.bottom:
        return True
    x, _ = mouth_of(face)
    return max(box.left - x, x - box.right) <= _NEAR * face.width


def _cost(said: Said, room: Box[int]) -> float:
    """How ill a bubble stands, in pixels: how far from the mouth, below it, to a side, and how ill its shape
    and its lines' ends are. Where nobody speaks, the lowest is the best."""
    box, speaker = said.box, said.speech.speaker
    if speaker is None:
        return float(box.height)
    short = min(room.width, room.height)
    mouth = mouth_of(speaker.face)
    aside = max(box.left - mouth[0], mouth[0] - box.right, 0.0)
    away = max(box.top - mouth[1], mouth[1] - box.bottom, 0.0)
    middle = abs(box.left + box.width / 2 - mouth[0])
    below = _BELOW * short if box.top > mouth[1] else 0.0
    shape = abs(log2(box.width / box.height / _BEST_SHAPE))
    return hypot(aside, away) + 0.1 * middle + below + short * (_ILL_SHAPED * shape + _ILL_BROKEN * said.ill)


# On a strip


def _on_strip(scene: Scene) -> Placement:
    """The speeches on a strip above the picture, which shrinks where the meme would get too long."""
    scale = 1.0
    while True:
        faces = tuple(_scaled(face, scale) for face in scene.faces)
        width, height = max(1, round(scene.width * scale)), max(1, round(scene.height * scale))
        top = scene.photo_top.scaled(scale) if scene.photo_top else None
        placement = _strip(replace(scene, width=width, height=height, faces=faces, photo_top=top))
        excess = max(placement.width, placement.height) / scene.long_side
        if excess <= 1:
            return placement
        scale /= max(excess, 1.01)


def _strip(scene: Scene) -> Placement:
    full, tall = max(scene.width, _LEAST_WIDTH), max(scene.height, _LEAST_WIDTH)
    edge, left, side = margin(full, tall), (full - scene.width) // 2, text_side(full, tall)
    free = min((min(each.hair, each.face.top) for each in speakers_of(scene)), default=0.0)
    scene = replace(scene, faces=tuple(_seen(face, scene).moved(left, 0) for face in scene.faces))
    speeches, size = _set_on_strip(scene, full, tall, edge)
    slot, padding = _slot(full, edge, len(speeches)), Padding.of(size)
    shapes = [set_in(speech, _block(speech, slot, size), size) for speech in speeches]
    boxes = [padding.around(shape.box) for shape in shapes]
    deepest = max(box.height for box in boxes)
    strip = max(0, edge + deepest + round((_TAIL_LONG + _TO_HAIR) * side - max(0, free)))
    said = []
    for index, (shape, box) in enumerate(zip(shapes, boxes, strict=True)):
        start, end = full * index // len(shapes) + edge, full * (index + 1) // len(shapes) - edge
        speaker = shape.speech.speaker
        is_wide = len(shapes) == 1 and box.width > _WIDE_ON_STRIP * full
        wished = speaker.face.left + speaker.face.width / 2 if speaker and not is_wide else (start + end) / 2
        at = min(max(round(wished - box.width / 2), start), end - box.width)
        said.append(shape.placed(at, edge + deepest - box.height, padding).towards(strip))
    moved = replace(scene, faces=tuple(face.moved(0, strip) for face in scene.faces))
    picture = Box(left, strip, scene.width, scene.height)
    placement = _placement(moved, said, size, picture, full, strip + scene.height)
    if scene.photo_top is None:
        return replace(placement, is_ground_blurred=True)
    clear = scene.height if scene.photo_top.clear is None else scene.photo_top.clear
    return replace(placement, top=DrawnOn(scene.photo_top.border, clear))


def _set_on_strip(scene: Scene, full: int, tall: int, edge: int) -> tuple[list[Speech], int]:
    """The speeches and their size: in two lines where they fit, with a line or more for each part or, before
    they get small, in lines that end anywhere."""
    sizes = list(sizes_for(_LARGEST, scene, full, tall))
    speeches = speeches_of(scene)
    if len(speeches) > 1 and not _fit(speeches, _slot(full, edge, len(speeches)), sizes[-1], MOST_LINES):
        speeches = [told_by_one(scene)]
    slot, joined = _slot(full, edge, len(speeches)), [speech.joined for speech in speeches]
    in_two, usual = (max(sizes[-1], round(part / _LARGEST * sizes[0])) for part in (_LEAST_IN_TWO, _LEAST))
    few = FEW_LINES if len(speeches) == 1 else MOST_LINES
    for way, most, least in (
        (speeches, PAIR_OF_LINES, in_two),
        (speeches, few, usual),
        (joined, few, usual),
        (speeches, MOST_LINES, usual),
        (joined, MOST_LINES, usual),
    ):
        for size in range(sizes[0], least - 1, -1):
            if _fit(way, slot, size, most):
                blocks = [_block(speech, slot, size) for speech in way]
                return way, best_broken_size(blocks, least, size)
    size = next((size for size in sizes if _fit(speeches, slot, size, _LONG_LINES)), sizes[-1])
    return speeches, size


def _slot(full: int, edge: int, count: int) -> int:
    """How wide a bubble on a strip of this width may be where so many stand side by side."""
    return min(full // count - 2 * edge, round(_WIDEST * full))


def _block(speech: Speech, slot: int, size: int) -> Block:
    return block_of(speech, slot - 2 * Padding.of(size).aside)


def _fit(speeches: Sequence[Speech], slot: int, size: int, most: int) -> bool:
    """Whether each speech fits its slot at this size with whole words and in at most so many lines."""
    blocks = [_block(speech, slot, size) for speech in speeches]
    return largest_size(blocks, size, size) > 0 and all(count_lines(block, size) <= most for block in blocks)


def _scaled(face: Box[float], scale: float) -> Box[float]:
    return Box(face.left * scale, face.top * scale, face.width * scale, face.height * scale)


def _seen(face: Box[float], scene: Scene) -> Box[float]:
    """What the picture shows of a face, and what of it is below the picture."""
    left, top = min(max(face.left, 0.0), scene.width - 1.0), min(max(face.top, 0.0), scene.height - 1.0)
    right = min(face.right, float(scene.width))
    return Box.from_edges(left, top, max(right, left + 1), max(face.bottom, top + 1))


# Both


def _placement(
    scene: Scene, said: Sequence[Said], size: int, picture: Box[int], width: int, height: int
) -> Placement:
    """The meme of a width and a height. scene: its faces are in the meme's pixels."""
    side = text_side(max(picture.width, 1), max(picture.height, 1))
    faces = [pixels_around(face, 2) for face in scene.faces]
    bubbles = []
    for each in said:
        others = [other.box for other in said if other is not each]
        bubble = Bubble(
            each.box,
            radius=min(round(_RADIUS * side), each.box.height // 2, each.box.width // 2),
            border=max(2, round(_BORDER * side)),
            tail=None,
            shadow=round(_SHADOW * side),
        )
        if speaker := each.speech.speaker:
            longest = _LONGEST_TAIL * side + max(0, picture.top - each.box.bottom)
            hair = max(speaker.hair - _TO_HAIR * side, float(picture.top))
            foot = _TAIL_WIDE / 2 * side
            tail = tail_of(each.box, bubble.radius, foot, longest, speaker.face, hair, [*faces, *others])
            bubble = replace(bubble, tail=tail)
        if any(bubble.reach.overlaps(face) for face in faces):
            bubble = replace(bubble, shadow=0)
        bubbles.append(bubble)
    lines = tuple(line for each in said for line in each.lines)
    return Placement(width, height, picture, STYLE, lines, size, tuple(bubbles))
