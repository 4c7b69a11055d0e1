"""Which style suits a photo, by rules that stand in one table.

A rule gives its style a weight for photos without a face, with one, and with several, and says what else must
hold. The seed and the photo then choose among the styles that suit, in proportion to their weights.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from memegen.geometry import Box
from memegen.layout.free_space import columns, with_hair


@dataclass(frozen=True)
class Facts:
    """What the rules ask of a photo.

    group: how many faces belong together; 0 without a face. readable: how many of them show their expression.
    agrees: whether these show the same one, or only one counts.
    face_share: the largest face's height as a part of the picture's. face_pixels: its width in pixels.
    has_room: whether a band of the picture above all heads is free for text.
    is_page: whether the picture's top or bottom is so busy that letters on it could not be read.
    is_wide: whether a wide frame shows the largest head whole, without black at its sides.
    own_text: whether the text is a person's own.
    is_top_plain: whether the photo's top is so plain that it can be drawn on above for a bubble.
    """

    group: int
    readable: int
    agrees: bool
    face_share: float
    face_pixels: float
    has_room: bool
    is_page: bool
    is_wide: bool
    own_text: bool
    is_top_plain: bool = True


@dataclass(frozen=True)
class Rule:
    """none, one, several: the style's weight for a photo with so many faces; 0 where it does not suit.
    holds: what else must be true of the photo."""

    style: str
    none: int
    one: int
    several: int
    holds: Callable[[Facts], bool] = lambda _: True


RULES = (
    # What a picture without faces is about, letters could cover. Who writes their own text expects it there.
    Rule(
        "classic",
        24,
        14,
        12,
        lambda facts: facts.has_room and not facts.is_page and (facts.group > 0 or facts.own_text),
    ),
    Rule("bar", 30, 22, 22),
    # What somebody says is what makes most people laugh.
    Rule("bubble", 0, 32, 16, lambda facts: (facts.group <= 1 or facts.own_text) and _bubbles_fit(facts)),
    # A film's line is one person's, or everybody's.
    Rule("subtitle", 20, 13, 10, lambda facts: facts.is_wide and (facts.agrees or facts.own_text)),
    # A person without a label among others who have one looks like a mistake.
    Rule("labels", 0, 0, 22, lambda facts: _labels_fit(facts) and not facts.own_text),
    Rule(
        "zoom",
        0,
        16,
        0,
        lambda facts: (
            facts.readable == 1
            and facts.face_share <= _ZOOMED
            and facts.face_pixels >= 80
            and not facts.own_text
        ),
    ),
)

_CROPPED = 0.8  # of the picture's height: a face as high as this has its hair at the picture's edge
_LABELLED, _MOST_LABELS = 0.8, 5  # of a group; beside more people, labels would be small
_ZOOMED = 0.36  # of the picture's height: a larger face leaves a zoom too little to close in on
_ROOM, _ROOM_BY_WIDTH = 0.18, 0.13  # of the picture's height, and of its width: a band for text
_LONGEST = 2.2  # a picture's width by its height: letters on a longer one would be small
_HEAD = 1.65  # of a face's height: hair and chin with it
_FRAME = 0.8  # a film still's width by its height, at least


def styles_for(facts: Facts, seed: int, photo: int) -> list[str]:
    """The styles that suit, the chosen one first and then by their weights.

    photo: a number of the photo's own, so that one seed for many photos gives them many styles.
    """
    weighted = [(rule.style, _weight(rule, facts)) for rule in RULES if rule.holds(facts)]
    suiting = _without_majority([(style, weight) for style, weight in weighted if weight])
    at = _share(seed, photo) * sum(weight for _, weight in suiting)
    chosen = suiting[-1][0]
    for style, weight in suiting:
        at -= weight
        if at < 0:
            chosen = style
            break
    others = sorted((pair for pair in suiting if pair[0] != chosen), key=lambda pair: -pair[1])
    return [chosen, *(style for style, _ in others)]


def has_room(width: int, height: int, faces: Sequence[Box[float]]) -> bool:
    """Whether a band of the picture above all heads is free for text. Below them are people's bodies."""
    whole, *_ = columns(width, height, [with_hair(face) for face in faces])
    is_long = bool(faces) and width > _LONGEST * height
    return not is_long and whole.above.height >= max(_ROOM * height, _ROOM_BY_WIDTH * width)


def is_wide(width: int, height: int, face_height: float) -> bool:
    """Whether a film still's wide frame within the picture has room for a head with a face of this height."""
    return min(_HEAD * face_height, height) <= 0.92 * width / _FRAME


def _bubbles_fit(facts: Facts) -> bool:
    """Whether bubbles find a place above the hair, or nearly.

    Otherwise they stand on a strip of canvas. It is chosen where it looks like more of the photo and, above a
    cropped head, only where no film still is wide enough.
    """
    if not (facts.is_top_plain or facts.has_room):
        return False
    return facts.has_room or facts.face_share <= _CROPPED or not facts.is_wide


def _labels_fit(facts: Facts) -> bool:
    """Whether at least four of five people get a label, and not too many do."""
    return 2 <= facts.readable <= _MOST_LABELS and facts.readable >= _LABELLED * facts.group


def _weight(rule: Rule, facts: Facts) -> int:
    return rule.none if not facts.group else rule.one if facts.group == 1 else rule.several


def _without_majority(weighted: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The styles and their weights, none of which is larger than the others' together."""
    whole = sum(weight for _, weight in weighted)
    return [(style, min(weight, whole - weight) or weight) for style, weight in weighted]


def _share(seed: int, photo: int) -> float:
    """A number from 0 to 1, evenly spread over seeds and over photos."""
    digest = hashlib.sha256(f"{seed} {photo} style".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
