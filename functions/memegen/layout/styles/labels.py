"""Several people: a title in a bar above the picture, and a label at each face by what it shows.

The labels of a row of people stand in a line and have one size. They are tags of paper above the heads or,
where there is too little room, text on a strip of paper below the picture, each under its face. Where people
stand close, every other label stands in a second line, and a thin line leads up from it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from memegen.geometry import Box, pixels_around, union
from memegen.layout.bars import with_bars
from memegen.layout.free_space import margin, with_hair, with_margin
from memegen.layout.placement import Bubble, Placement, SetText
from memegen.layout.scene import NotPossibleError, Scene
from memegen.layout.style import ON_PAPER
from memegen.text.fitting import Block, bounds_of, largest_size, least_size, set_lines
from memegen.text.measure import Reach, reach

STYLE = replace(ON_PAPER, in_bar=0.07)

LEAST, MOST = 2, 10  # labels
_LARGEST = 0.062  # of the picture's width: less than the title
_BY_ROOM = 0.5  # of a label's column
_LEAST = 0.79  # of the least size of a caption: labels are short and near what they speak of
_COMFORTABLE = 0.7  # of the size that is wished for: a way that reaches it is taken
_LESS_PLAIN = 0.75  # how much a size is worth where labels are high, in two rows, or above and below
_FEW_LINES, _MOST_LINES = 2, 3
_BESIDE = 0.8  # of two faces' width: how far apart their middles are where nobody is below the other
_ASIDE = 0.5  # face widths: how far a label's middle is from its face's, where the picture's edge pushes it
_STEP = 0.92  # by how much labels that do not fit are made smaller
_COLUMN = 0.85  # of the distance to the neighbour's face: how wide a label may be in one row
_EDGE, _EDGE_BY_ROOM = 0.04, 0.12  # of the picture's width and of a label's column: the margin at the sides
_ABOVE_HAIR = 0.02  # of the picture's width: how far a label is from the hair at least
_GAP = 0.45  # of the font size, between a label and another, a face, or the strip's edges
_TAG = 0.35  # of the font size: how much paper is around a tag's text, and how round its corners are
_ROUNDING = 0.05  # ems: how much farther letters may reach than their measures tell
_BORDER = 0.04  # of the font size
_LEADER = 0.06  # of the font size: how wide the line is that leads to a label
_ROW = 0.5  # of a face's height: how much higher or lower its neighbour in a row stands
_LEVEL = 0.25  # of a face's height: how much higher or lower a head is with whose label its own is level


@dataclass(frozen=True)
class _Person:
    """text: the label. reach: how far the labels' letters reach, in ems. face: in the meme's pixels. row: the
    box around the heads of the row that are level with it. across: how wide the label may be, in pixels."""

    text: str
    reach: Reach
    face: Box[float]
    row: Box[int]
    across: float

    @property
    def middle(self) -> float:
        return self.face.left + self.face.width / 2


_Way = Callable[[Sequence[_Person], int], list[SetText]]


def place(scene: Scene) -> Placement:
    """The title and the labels. A label that has no room is left out.

    Raises NotPossibleError: few-faces, or no-room where fewer than half of the labels or than two have room.
    """
    wanted = sum(1 for label in scene.labels if label)
    if wanted < LEAST:
        raise NotPossibleError("few-faces")
    long_side = scene.long_side
    while True:
        title = replace(scene, bottom="", labels=(), long_side=long_side)
        placement = _labelled(scene, with_bars(title, STYLE))
        excess = placement.height / scene.long_side
        if excess <= 1:
            break
        long_side = int(long_side / max(excess, 1.01))  # a strip has made it too long
    if len(placement.labels) < max(LEAST, (wanted + 1) // 2):
        raise NotPossibleError("no-room")
    return placement


def _labelled(scene: Scene, titled: Placement) -> Placement:
    """The picture under its title with the labels, in the first way that has room for all at a good size or,
    where none has, in the one that has room for most."""
    picture = titled.picture
    faces = [titled.in_meme(face, scene.width, scene.height) for face in scene.faces]
    people = _people(scene.labels, faces, picture)
    room = _room(people, picture)
    kept = [with_margin(face) for face in faces] + [pixels_around(with_hair(face), 0) for face in faces]

    def tags(*sides: bool, most: int = _FEW_LINES) -> _Way:
        return lambda people, size: _tags(people, kept, room, sides, most, size)

    def on_strip(lines: int, most: int = _FEW_LINES) -> _Way:
        return lambda people, size: _on_strip(people, room, picture.bottom, lines, most, size)

    least = round(_LEAST * least_size(titled.width))
    wished = min(_LARGEST * picture.width, *(_BY_ROOM * person.across for person in people))
    largest = max(least, round(wished * scene.text_scale))
    best: list[SetText] = []
    for way, worth in (
        (tags(False), 1.0),
        (on_strip(1), 1.0),
        (on_strip(1, most=_MOST_LINES), _LESS_PLAIN),
        (on_strip(2), _LESS_PLAIN),
        (tags(False, True, most=_MOST_LINES), _LESS_PLAIN),
    ):
        found = _largest(way, people, least, largest)
        if _worth(found, worth) > _worth(best):
            best = found
        if _worth(best) >= (len(people), _COMFORTABLE * largest):
            break
    if best and _ink(best[0]).top < picture.bottom:
        radius, border = round(_TAG * best[0].size), max(1, round(_BORDER * best[0].size))
        papers = tuple(Bubble(_tag(text, people[0].reach), radius, border, tail=None) for text in best)
        return replace(titled, labels=tuple(best), bubbles=papers)
    height = max([titled.height, *map(_bottom, best)])
    return replace(titled, height=height, labels=tuple(best), leaders=_leaders(best, picture.bottom))


def _largest(way: _Way, people: Sequence[_Person], least: int, largest: int) -> list[SetText]:
    """The labels at the largest size at which the way has room for all, or else for most."""
    best: list[SetText] = []
    size = largest
    while True:
        found = way(people, size)
        if len(found) > len(best):
            best = found
        if len(best) == len(people) or size == least:
            return best
        size = max(least, int(size * _STEP))


def _worth(labels: Sequence[SetText], way: float = 1.0) -> tuple[int, float]:
    """How many labels there are, and how large, weighed by how plain the way is to read."""
    return len(labels), way * labels[0].size if labels else 0.0


def _room(people: Sequence[_Person], picture: Box[int]) -> Box[int]:
    """The part of the picture without its margins, which are narrow where there are many people."""
    side = round(min(_EDGE * picture.width, *(_EDGE_BY_ROOM * person.across for person in people)))
    edge = margin(picture.width, picture.height)
    return Box.from_edges(
        picture.left + side, picture.top + edge, picture.right - side, picture.bottom - edge
    )


def _people(labels: Sequence[str], faces: Sequence[Box[float]], picture: Box[int]) -> list[_Person]:
    labelled = [(label, face) for label, face in zip(labels, faces, strict=False) if label]
    reaches = [reach(text, STYLE.text.family) for text in ("lp", *(label for label, _ in labelled))]
    above, below = max(each.above for each in reaches), max(each.below for each in reaches)
    farthest = Reach(above + _ROUNDING, below + _ROUNDING)
    people = []
    for label, face in labelled:
        row = [other for _, other in labelled if _is_in_row(face, other)]
        apart = [_apart(face, other) for other in row if other is not face]
        across = min(apart, default=float(picture.width))
        level = [_with_gaps(other, picture) for other in row if _are_level(face, other)]
        people.append(_Person(label, farthest, face, union(level), _COLUMN * across))
    return people


def _with_gaps(face: Box[float], picture: Box[int]) -> Box[int]:
    """A face with its hair and its chin and the gap between them and a label."""
    above, below = pixels_around(with_hair(face), _ABOVE_HAIR * picture.width), with_margin(face)
    return Box.from_edges(below.left, above.top, below.right, below.bottom)


def _are_level(face: Box[float], other: Box[float]) -> bool:
    """Whether their labels stand on one baseline above them."""
    return abs(with_hair(face).top - with_hair(other).top) < _LEVEL * face.height


def _is_in_row(face: Box[float], other: Box[float]) -> bool:
    lower = abs(face.top + face.height / 2 - other.top - other.height / 2)
    return lower < _ROW * max(face.height, other.height)


def _tags(
    people: Sequence[_Person],
    kept: Sequence[Box[int]],
    room: Box[int],
    sides: Sequence[bool],
    most: int,
    size: int,
) -> list[SetText]:
    """The labels at this size that have room as tags on these sides of the faces, in at most so many lines.

    sides: whether below them.
    """
    taken = list(kept)
    placed: list[SetText] = []
    paper = round(_TAG * size)
    for person in people:
        for below in sides:
            top = max(room.top, person.row.bottom) if below else room.top
            bottom = room.bottom if below else min(room.bottom, person.row.top)
            narrower = replace(person, across=person.across - 2 * paper)
            found = _set(narrower, room.grown(-paper), (top + paper, bottom - paper), below, most, size)
            tag = _tag(found, person.reach) if found else room
            if found and not any(tag.overlaps(other) for other in taken):
                placed.append(found)
                taken.append(tag.grown(paper))
                break
    return placed


def _tag(text: SetText, farthest: Reach) -> Box[int]:
    """The paper around a label's text. It is as high for all labels with so many lines."""
    ink, paper = _ink(text), round(_TAG * text.size)
    top = text.lines[0].baseline - round(farthest.above * text.size)
    bottom = text.lines[-1].baseline + round(farthest.below * text.size)
    return Box.from_edges(ink.left, top, ink.right, bottom).grown(paper)


def _on_strip(
    people: Sequence[_Person], room: Box[int], top: int, lines: int, most: int, size: int
) -> list[SetText]:
    """The labels at this size on a strip that begins at `top`, on so many levels and in at most so many lines
    each.

    There are none where somebody is below somebody else.
    """
    if not all(_are_beside(one.face, other.face) for one in people for other in people if one is not other):
        return []
    ordered = sorted(people, key=lambda person: person.middle)
    placed: list[SetText] = []
    for line in range(lines):
        start = max([top, *(_ink(text).bottom for text in placed)]) + round(2 * _GAP * size)
        level: list[SetText] = []
        for person in ordered[line::lines]:
            apart = [_apart(person.face, other.face) for other in people if other is not person]
            wide = replace(person, across=lines * min([person.across, *(_COLUMN * each for each in apart)]))
            found = _set(wide, room, (start, start + 100 * size), True, most, size)
            taken = [_ink(text).grown(round(_GAP * size)) for text in (*placed, *level)]
            if found and not any(_ink(found).overlaps(other) for other in taken):
                level.append(found)
        placed += _in_the_middle(level)
    return placed


def _in_the_middle(level: Sequence[SetText]) -> list[SetText]:
    """The labels of a level of the strip, those with fewer lines moved down to the middle of the others."""
    lowest = max((text.lines[-1].baseline for text in level), default=0)
    return [
        replace(
            text, lines=tuple(line.moved(0, (lowest - text.lines[-1].baseline) // 2) for line in text.lines)
        )
        for text in level
    ]


def _leaders(labels: Sequence[SetText], top: int) -> tuple[Box[int], ...]:
    """The lines that lead from the labels in a strip's second line to the strip's top."""
    found = []
    highest = min((_ink(text).bottom for text in labels), default=0)
    for text in labels:
        ink, gap, wide = _ink(text), round(_GAP * text.size), max(1, round(_LEADER * text.size))
        if ink.top > highest:
            middle = ink.left + (ink.width - wide) // 2
            found.append(Box.from_edges(middle, top + gap, middle + wide, ink.top - gap))
    return tuple(found)


def _bottom(text: SetText) -> int:
    """Where a strip with this label on it ends."""
    return _ink(text).bottom + round(2 * _GAP * text.size)


def _ink(text: SetText) -> Box[int]:
    return bounds_of(text.lines, text.size, text.style.text)


def _are_beside(one: Box[float], other: Box[float]) -> bool:
    return _apart(one, other) >= _BESIDE * (one.width + other.width) / 2


def _apart(one: Box[float], other: Box[float]) -> float:
    """How far their middles are from each other across."""
    return abs(one.left + one.width / 2 - other.left - other.width / 2)


def _set(
    person: _Person, room: Box[int], edges: tuple[int, int], at_top: bool, most: int, size: int
) -> SetText | None:
    """The label between two rows of the meme in at most so many lines, or None where it does not fit.

    Its first or its last baseline is where it is for all labels, whatever letters they have.
    """
    for left, right in _spans(person, room):
        block = Block((person.text,), Box.from_edges(left, edges[0], right, edges[1]), at_top, STYLE.text)
        if not largest_size([block], size, size):
            continue
        lines = set_lines(block, size)
        down = (
            edges[0] + round(person.reach.above * size) - lines[0].baseline
            if at_top
            else edges[1] - round(person.reach.below * size) - lines[-1].baseline
        )
        text = SetText(tuple(line.moved(0, down) for line in lines), size, STYLE)
        ink = _ink(text)
        is_near = abs(ink.left + ink.width / 2 - person.middle) <= _ASIDE * person.face.width
        if is_near and len(lines) <= most and edges[0] <= ink.top and ink.bottom <= edges[1]:
            return text
    return None


def _spans(person: _Person, room: Box[int]) -> Iterator[tuple[int, int]]:
    """Where the label may be across: in the middle of its face, or as near as the picture's edge lets it."""
    half = person.across / 2
    inside = min(half, person.middle - room.left, room.right - person.middle)
    for share in (0.0, 0.25, 0.5, 1.0) if inside < half else (0.0,):
        reach = inside + share * (half - inside)
        middle = min(max(person.middle, room.left + reach), room.right - reach)
        yield max(round(middle - reach), room.left), min(round(middle + reach), room.right)
