"""What people say in speech bubbles: who says which part of the caption, and in lines of which shape."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from memegen.geometry import Box
from memegen.layout.free_space import HAIR, text_side
from memegen.layout.scene import Scene
from memegen.layout.style import ON_PAPER
from memegen.text.fitting import (
    Block,
    Line,
    bounds_of,
    cost_of_breaks,
    largest_size,
    least_size,
    set_lines,
)

STYLE = ON_PAPER
ENDLESS = 10**6  # pixels
PAIR_OF_LINES, FEW_LINES, MOST_LINES = 2, 3, 4

_ASIDE, _ABOVE = 0.66, 0.5  # of the font size: the padding at a bubble's sides, and above and below the text
_LEAST_PADDING = 6  # pixels
_MOST_SPEAKERS = 3
_TALLEST = 1.1  # a bubble's height by its width, over the picture
_STEP = 0.97  # by how much the text is made smaller where it does not fit
_WIDTHS = (1.0, 0.72, 0.52, 0.38, 0.28)  # of the widest text: the widths in which a text is tried


@dataclass(frozen=True)
class Speaker:
    """A face, and the row at which its hair begins."""

    face: Box[float]
    hair: float

    def moved(self, right: int, down: int) -> "Speaker":
        return Speaker(self.face.moved(right, down), self.hair + down)


@dataclass(frozen=True)
class Speech:
    """What one person says: parts of the caption, and the person, or None where nobody is there."""

    parts: tuple[str, ...]
    speaker: Speaker | None

    @property
    def joined(self) -> "Speech":
        """With all parts in one, so that lines may end anywhere."""
        return Speech((" ".join(self.parts),), self.speaker)


@dataclass(frozen=True)
class Said:
    """A speech with its place: the lines, the box of the bubble around them, and how ill the lines break."""

    speech: Speech
    lines: tuple[Line, ...]
    box: Box[int]
    ill: float

    def placed(self, left: int, top: int, padding: "Padding") -> "Said":
        """In a bubble with this padding and this left top corner. The box is as yet that of the text."""
        lines = tuple(line.moved(left + padding.aside, top + padding.above) for line in self.lines)
        return replace(self, lines=lines, box=padding.around(self.box).moved(left, top))

    def towards(self, down: int) -> "Said":
        """With the speaker, which was in the picture, so far down in the meme."""
        if self.speech.speaker is None:
            return self
        return replace(self, speech=Speech(self.speech.parts, self.speech.speaker.moved(0, down)))


@dataclass(frozen=True)
class Padding:
    """How far a bubble's edge is from its text, in pixels: at the sides, and above and below it."""

    aside: int
    above: int

    @classmethod
    def of(cls, size: int) -> "Padding":
        """For text of this size."""
        return Padding(*(max(_LEAST_PADDING, round(part * size)) for part in (_ASIDE, _ABOVE)))

    def around(self, text: Box[int]) -> Box[int]:
        """The bubble around a text, at 0, 0."""
        return Box(0, 0, text.width + 2 * self.aside, text.height + 2 * self.above)


def speakers_of(scene: Scene) -> list[Speaker]:
    """Each face of the scene with its hair: as it was seen, or about where it is."""
    seen = (
        scene.photo_top.heads
        if scene.photo_top
        else tuple(face.top - HAIR * face.height for face in scene.faces)
    )
    return [Speaker(face, float(hair)) for face, hair in zip(scene.faces, seen, strict=True)]


def speeches_of(scene: Scene) -> list[Speech]:
    """Who says what: a part each for people of the group, from left to right, or all for the main one."""
    count = min(scene.speakers, len(scene.faces), len(scene.parts), _MOST_SPEAKERS)
    if count < 2:  # a dialogue needs two
        return [told_by_one(scene)]
    group = sorted(speakers_of(scene)[: scene.speakers], key=lambda speaker: speaker.face.left)
    people = [group[int((index + 0.5) * len(group) / count)] for index in range(count)]  # evenly apart
    last = " ".join(scene.parts[count - 1 :])
    texts = [*scene.parts[: count - 1], last]
    return [Speech((text,), speaker) for text, speaker in zip(texts, people, strict=True)]


def told_by_one(scene: Scene) -> Speech:
    """All of the caption for the main person."""
    return Speech(scene.parts, speakers_of(scene)[scene.main] if scene.faces else None)


def sizes_for(largest: float, scene: Scene, width: int, height: int) -> Iterator[int]:
    """The sizes to try for a picture of this size, the largest first, which is this part of its side."""
    least = least_size(width)
    size = max(least, round(largest * text_side(width, height) * scene.text_scale))
    while size > least:
        yield size
        size = max(least, min(size - 1, int(size * _STEP)))
    yield least


def block_of(speech: Speech, width: int) -> Block:
    """The speech to be set in lines of at most this width."""
    return Block(speech.parts, Box(0, 0, width, ENDLESS), True, STYLE.text)


def shapes_of(speech: Speech, widest: int, size: int) -> list[Said]:
    """The speech set in lines of several widths, its ink at the top left corner: none with broken words, none
    twice, and no towers."""
    found: list[Said] = []
    for share in _WIDTHS:
        block = block_of(speech, round(share * widest))
        if not largest_size([block], size, size):
            break
        shape = set_in(speech, block, size)
        most = MOST_LINES if speech.speaker else FEW_LINES
        if len(shape.lines) > most or shape.box.height > _TALLEST * shape.box.width:
            break
        if shape not in found:
            found.append(shape)
    return found


def set_in(speech: Speech, block: Block, size: int) -> Said:
    """The speech in its block's lines, its ink at the top left corner."""
    lines = set_lines(block, size)
    ink = bounds_of(lines, size, STYLE.text)
    moved = tuple(line.moved(-ink.left, -ink.top) for line in lines)
    return Said(speech, moved, Box(0, 0, ink.width, ink.height), cost_of_breaks([block], size))
