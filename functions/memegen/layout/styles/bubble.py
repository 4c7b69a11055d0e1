"""The caption in speech bubbles near the faces, each with a tail that points to a mouth.

Where the caption has several parts and the picture several people, up to three of them say a part each, from
left to right. Where the heads and the bodies leave no room for bubbles of a good shape, a strip of canvas is
added above the picture for them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import hypot, log2

from memegen.geometry import Box, pixels_around
from memegen.layout.free_space import margin, text_side, with_margin
from memegen.layout.placement import Bubble, Placement
from memegen.layout.scene import Scene
from memegen.layout.style import ON_PAPER
from memegen.layout.tail import mouth_of, tail_of
from memegen.text.fitting import (
    Block,
    Line,
    best_broken_size,
    bounds_of,
    cost_of_breaks,
    count_lines,
    largest_size,
    least_size,
    set_lines,
)

STYLE = ON_PAPER

_LARGEST = 0.07  # of the picture's side
_LARGEST_ON_STRIP = 0.06
_PADDING = 0.62  # of the font size
# As parts of the picture's short side.
_WIDEST = 0.84  # because a bubble across a whole wide picture would look like a bar
_WIDEST_IN_PANORAMA = 0.4  # of the width
_LONGEST_TAIL = 0.22

_MOST_SPEAKERS = 3
_MOST_LINES = 4
_FEW_LINES = 3  # on a strip, where a bubble may be wider, and where nobody speaks
_TALLEST = 1.1  # a bubble's height by its width, over the picture
_STEP = 0.92  # by how much the text is made smaller where it does not fit
_OVER_PICTURE = 0.65  # of the largest size: bubbles with smaller text rather stand on a strip
_ABOVE_HEAD = 0.4  # of the face's height: what stays free above it, for the hair
_BODY_WIDE, _BODY_HIGH = 2.4, 2.5  # of the face's width and height, below it
_ILL_SHAPED = 0.1  # of the short side: what a shape costs that is twice as wide as the best, or half
_ILL_BROKEN = 0.5  # of the short side: what a shape costs for what fitting.py says that its breaks cost
_NEAR = 0.6  # of the face's width: how far a bubble is to a mouth's side, unless it is at its level
_WIDTHS = (1.0, 0.72, 0.52, 0.38, 0.28)  # of the widest text: the widths in which a text is tried
_PLACES = 9  # along each side of the picture
_BELOW = 0.35  # of the short side: how much nearer a bubble below a mouth must be than another one

_BEST_SHAPE = 2.4  # a bubble's width by its height
_GAP = 0.05  # of the short side: between the bubbles on a strip and the picture
_LEAST_WIDTH = 200  # pixels: a strip's, because words need them, however small the picture is
_ENDLESS = 10**6  # pixels

_BORDER = 0.07  # of the font size
_FOOT = 0.5  # of the font size: half of the tail's width where it leaves the bubble


@dataclass(frozen=True)
class _Speech:
    """What one person says: parts of the caption, and the person's face, or None where nobody is there."""

    parts: tuple[str, ...]
    speaker: Box[float] | None


@dataclass(frozen=True)
class _Said:
    """A speech with its place: the lines, the box of the bubble around them, and how ill the lines break."""

    speech: _Speech
    lines: tuple[Line, ...]
    box: Box[int]
    ill: float

    def placed(self, left: int, top: int, padding: int) -> "_Said":
        """In a bubble with this padding and this left top corner. The box is as yet that of the text."""
        lines = tuple(line.moved(left + padding, top + padding) for line in self.lines)
        box = Box(left, top, self.box.width + 2 * padding, self.box.height + 2 * padding)
        return replace(self, lines=lines, box=box)

    def towards(self, down: int) -> "_Said":
        """With the speaker, which was in the picture, so far down in the meme."""
        speaker = self.speech.speaker
        if speaker is None:
            return self
        return replace(self, speech=_Speech(self.speech.parts, speaker.moved(0, down)))


def place(scene: Scene) -> Placement:
    """The bubbles over the picture, or on a strip of canvas above it where they have no room there.

    Without a face there is one bubble, low in the middle, without a tail.
    """
    speeches = _speeches(scene)
    ways = [speeches] if len(speeches) == 1 else [speeches, [_Speech(scene.parts, _main(scene))]]
    for way in ways:
        if found := _over_picture(scene, way):
            return _placement(scene, *found, scene.picture, scene.width, scene.height)
    return _on_strip(scene)


def _speeches(scene: Scene) -> list[_Speech]:
    """Who says what: a part each for people of the group, from left to right, or all for the main one."""
    count = min(scene.speakers, len(scene.faces), len(scene.parts), _MOST_SPEAKERS)
    if count < 2:  # a dialogue needs two
        return [_Speech(scene.parts, _main(scene))]
    group = sorted(scene.faces[: scene.speakers], key=lambda face: face.left)
    people = [group[int((index + 0.5) * len(group) / count)] for index in range(count)]  # evenly apart
    last = " ".join(scene.parts[count - 1 :])
    texts = [*scene.parts[: count - 1], last]
    return [_Speech((text,), face) for text, face in zip(texts, people, strict=True)]


def _main(scene: Scene) -> Box[float] | None:
    return scene.faces[scene.main] if scene.faces else None


def _over_picture(scene: Scene, speeches: Sequence[_Speech]) -> tuple[list[_Said], int] | None:
    """The speeches over the picture at the largest size at which each has a place, and that size."""
    edge = margin(scene.width, scene.height)
    room = scene.picture.grown(-edge)
    short = min(scene.width, scene.height)
    wide = max(_WIDEST * short, _WIDEST_IN_PANORAMA * scene.width) if scene.faces else _WIDEST * scene.width
    widest = min(round(wide), room.width)
    sizes = list(_sizes(_LARGEST, scene, scene.width, scene.height))
    for size in sizes:
        if size < _OVER_PICTURE * sizes[0]:
            return None
        padding, taken = _padding(size), _kept_free(scene.faces)
        said: list[_Said] = []
        for speech in speeches:
            found = _best(_shapes(speech, widest - 2 * padding, size), padding, room, taken)
            if found is None:
                break
            said.append(found)
            taken.append(found.box.grown(edge))
        else:
            return said, size
    return None


def _kept_free(faces: Sequence[Box[float]]) -> list[Box[int]]:
    """The heads and the bodies, which stay free of bubbles."""
    heads = [
        Box.from_edges(
            int(face.left - 0.2 * face.width),
            int(face.top - _ABOVE_HEAD * face.height),
            int(face.right + 0.2 * face.width),
            int(face.bottom + 0.25 * face.height),
        )
        for face in faces
    ]
    bodies = [
        Box(
            round(face.left + (1 - _BODY_WIDE) / 2 * face.width),
            round(face.bottom),
            round(_BODY_WIDE * face.width),
            round(_BODY_HIGH * face.height),
        )
        for face in faces
    ]
    return [*heads, *bodies]


def _sizes(largest: float, scene: Scene, width: int, height: int) -> Iterator[int]:
    """The sizes to try for a picture of this size, the largest first, which is this part of its side."""
    least = least_size(width)
    size = max(least, round(largest * text_side(width, height) * scene.text_scale))
    while size > least:
        yield size
        size = max(least, int(size * _STEP))
    yield least


def _shapes(speech: _Speech, widest: int, size: int) -> list[_Said]:
    """The speech set in lines of several widths, its ink at the top left corner: none with broken words, none
    twice, and no towers."""
    found: list[_Said] = []
    for share in _WIDTHS:
        block = Block(speech.parts, Box(0, 0, round(share * widest), _ENDLESS), True, STYLE.text)
        if not largest_size([block], size, size):
            break
        shape = _set(speech, block, size)
        most = _MOST_LINES if speech.speaker else _FEW_LINES
        if len(shape.lines) > most or shape.box.height > _TALLEST * shape.box.width:
            break
        if shape not in found:
            found.append(shape)
    return found


def _set(speech: _Speech, block: Block, size: int) -> _Said:
    lines = set_lines(block, size)
    ink = bounds_of(lines, size, STYLE.text)
    moved = tuple(line.moved(-ink.left, -ink.top) for line in lines)
    return _Said(speech, moved, Box(0, 0, ink.width, ink.height), cost_of_breaks([block], size))


def _best(shapes: Sequence[_Said], padding: int, room: Box[int], taken: Sequence[Box[int]]) -> _Said | None:
    """The shape at the place that suits its speaker best, of those that touch nothing taken."""
    found = (
        shape.placed(left, top, padding)
        for shape in shapes
        for left, top in _places(shape.box.grown(padding), room, shape.speech.speaker)
    )
    free = (said for said in found if _is_near(said) and not any(said.box.overlaps(other) for other in taken))
    return min(free, key=lambda said: _cost(said, room), default=None)


def _places(box: Box[int], room: Box[int], speaker: Box[float] | None) -> list[tuple[int, int]]:
    """Where the left top corner of a bubble of the box's size may be: all over the room, and close around the
    speaker's head."""
    right, bottom = room.right - box.width, room.bottom - box.height
    if right < room.left or bottom < room.top:
        return []
    if speaker is None:
        return [((room.left + right) // 2, bottom)]
    head = with_margin(speaker)
    steps = range(_PLACES)
    lefts = {room.left + (right - room.left) * step // (_PLACES - 1) for step in steps}
    tops = {room.top + (bottom - room.top) * step // (_PLACES - 1) for step in steps}
    lefts |= {(head.left + head.right - box.width) // 2, head.right, head.left - box.width}
    tops |= {head.top - box.height, head.bottom, round(speaker.top + 0.35 * speaker.height) - box.height // 2}
    return [
        (left, top)
        for left in sorted(lefts)
        if room.left <= left <= right
        for top in sorted(tops)
        if room.top <= top <= bottom
    ]


def _is_near(said: _Said) -> bool:
    """Whether one sees who speaks: the bubble is above the mouth or below it, or beside the head."""
    box, face = said.box, said.speech.speaker
    if face is None or (box.bottom > face.top and box.top < face.bottom):
        return True
    x, _ = mouth_of(face)
    return max(box.left - x, x - box.right) <= _NEAR * face.width


def _cost(said: _Said, room: Box[int]) -> float:
    """How ill a bubble stands, in pixels: how far from the mouth, below it, to a side, and how ill its shape
    and its lines' ends are. Where nobody speaks, the lowest is the best."""
    box, speaker = said.box, said.speech.speaker
    if speaker is None:
        return float(box.height)
    short = min(room.width, room.height)
    mouth = mouth_of(speaker)
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
        placement = _strip(replace(scene, width=width, height=height, faces=faces))
        excess = max(placement.width, placement.height) / scene.long_side
        if excess <= 1:
            return placement
        scale /= max(excess, 1.01)


def _strip(scene: Scene) -> Placement:
    full = max(scene.width, _LEAST_WIDTH)
    short = max(min(full, scene.height), _LEAST_WIDTH)
    edge, left = margin(full, short), (full - scene.width) // 2
    free = int(min((face.top - _ABOVE_HEAD * face.height for face in scene.faces), default=0))
    scene = replace(scene, faces=tuple(_seen(face, scene).moved(left, 0) for face in scene.faces))
    sizes = list(_sizes(_LARGEST_ON_STRIP, scene, full, max(scene.height, _LEAST_WIDTH)))
    speeches = _speeches(scene)
    if len(speeches) > 1 and not _fit_slots(speeches, _slot(full, edge, len(speeches)), sizes[-1]):
        speeches = [_Speech(scene.parts, _main(scene))]
    slot = _slot(full, edge, len(speeches))
    size = next((size for size in sizes if _fit_slots(speeches, slot, size)), sizes[-1])
    size = best_broken_size(_blocks(speeches, slot, size), max(sizes[-1], scene.smaller(size)), size)
    blocks, padding = _blocks(speeches, slot, size), _padding(size)
    shapes = [_set(speech, block, size) for speech, block in zip(speeches, blocks, strict=True)]
    deepest = max(shape.box.height for shape in shapes) + 2 * padding
    strip = max(0, edge + deepest + round(_GAP * short) - max(0, free))
    said = []
    for index, shape in enumerate(shapes):
        box = shape.box.grown(padding)
        start, end = full * index // len(shapes) + edge, full * (index + 1) // len(shapes) - edge
        speaker = shape.speech.speaker
        wished = speaker.left + speaker.width / 2 if speaker else (start + end) / 2
        at = min(max(round(wished - box.width / 2), start), end - box.width)
        said.append(shape.placed(at, edge + deepest - box.height, padding))
    moved = replace(scene, faces=tuple(face.moved(0, strip) for face in scene.faces))
    said = [each.towards(strip) for each in said]
    picture = Box(left, strip, scene.width, scene.height)
    placement = _placement(moved, said, size, picture, full, strip + scene.height)
    return replace(placement, is_top_drawn_on=True)


def _slot(full: int, edge: int, count: int) -> int:
    """How wide a bubble on a strip of this width may be where so many stand side by side."""
    return min(full // count - 2 * edge, round(_WIDEST * full))


def _blocks(speeches: Sequence[_Speech], slot: int, size: int) -> list[Block]:
    width = slot - 2 * _padding(size)
    return [Block(speech.parts, Box(0, 0, width, _ENDLESS), True, STYLE.text) for speech in speeches]


def _fit_slots(speeches: Sequence[_Speech], slot: int, size: int) -> bool:
    """Whether each speech fits its slot at this size with whole words and in few lines."""
    blocks = _blocks(speeches, slot, size)
    most = _FEW_LINES if len(blocks) == 1 else _MOST_LINES
    return largest_size(blocks, size, size) > 0 and all(count_lines(block, size) <= most for block in blocks)


def _scaled(face: Box[float], scale: float) -> Box[float]:
    return Box(face.left * scale, face.top * scale, face.width * scale, face.height * scale)


def _seen(face: Box[float], scene: Scene) -> Box[float]:
    """What the picture shows of a face, and what of it is below the picture."""
    left, top = min(max(face.left, 0.0), scene.width - 1.0), min(max(face.top, 0.0), scene.height - 1.0)
    right = min(face.right, float(scene.width))
    return Box.from_edges(left, top, max(right, left + 1), max(face.bottom, top + 1))


# Both


def _padding(size: int) -> int:
    return max(6, round(_PADDING * size))


def _placement(
    scene: Scene, said: Sequence[_Said], size: int, picture: Box[int], width: int, height: int
) -> Placement:
    """The meme of a width and a height. scene: its faces are in the meme's pixels."""
    short, padding = max(min(picture.width, picture.height), 1), _padding(size)
    bubbles = []
    for each in said:
        others = [other.box for other in said if other is not each]
        speaker = each.speech.speaker
        length = _LONGEST_TAIL * short + max(0, picture.top - each.box.bottom)
        bubbles.append(
            Bubble(
                each.box,
                radius=min(2 * padding, each.box.height // 2, each.box.width // 2),
                border=max(2, round(_BORDER * size)),
                tail=tail_of(
                    each.box,
                    2 * padding,
                    _FOOT * size,
                    length,
                    speaker,
                    [*(pixels_around(face, 2) for face in scene.faces), *others],
                    picture.top,
                )
                if speaker
                else None,
            )
        )
    lines = tuple(line for each in said for line in each.lines)
    return Placement(width, height, picture, STYLE, lines, size, tuple(bubbles))
