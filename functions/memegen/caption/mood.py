"""The mood of a photo, for which its caption is chosen, from what was read in the faces."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from memegen.face.expressions import Reading
from memegen.face.read import ReadFace
from memegen.options import EXPRESSIONS

NO_FACE = "no-face"
PAIR_KINDS = ("pair-happy", "pair-same", "pair-contrast", "pair-calm", "pair-different")
GROUP_KINDS = ("group-happy", "group-same", "group-one-sad", "group-odd", "group-different", "group-mixed")
GROUP_UNSURE = "group-unsure"
MOODS = (*EXPRESSIONS, NO_FACE, *PAIR_KINDS, *GROUP_KINDS, GROUP_UNSURE)
"""Every name that a caption can suit."""

FEW, CROWD = "few", "crowd"
SIZES = (FEW, CROWD)
"""Groups of three to five, and larger ones."""

# A reading below a half is more often wrong than right, also by measurement: of people whom the networks
# never saw, 47 % of the readings between .45 and .50 are right and 52 % of those between .50 and .55.
# `training weights` shows it.
WEAK_BELOW = 0.5

# A face belongs to the group if it is at most two and a half times as far away as the nearest one. Smaller
# faces are those of passers-by. When one person holds the camera, the friends behind are about twice as far
# away.
LEAST_IN_GROUP = 0.4  # of the largest face's height

_MOST_OF_FEW = 5

# In a crowd somebody is always between two expressions, and some readings are wrong: where more than four in
# five show one expression, all do. Neutral, as which most missed smiles are read, counts from a third.
_NEARLY_ALL = 4 / 5
_LEAST_NEUTRAL = 1 / 3

_UNHAPPY = ("anger", "disgust", "fear", "sadness")


@dataclass(frozen=True)
class Mood:
    """What is known of a photo that a caption may suit.

    probabilities: of MOODS, 0 to 1 each. Those of one face are its expressions', those of a pair are the
        kinds'. A larger group has one kind, with the probability 1.
    confidence: 0 to 1, how far the expressions that are named in the alternative text can be relied on.
    size: FEW or CROWD for a group of three or more, else empty.
    """

    probabilities: Mapping[str, float] = field(hash=False)
    confidence: float
    size: str = ""

    @property
    def name(self) -> str:
        """The most probable of MOODS."""
        return max(self.probabilities, key=lambda name: self.probabilities[name])

    @property
    def is_weak(self) -> bool:
        """Whether the expressions are no more than a guess."""
        return self.confidence < WEAK_BELOW


def certain(name: str, size: str = "") -> Mood:
    """The mood that is surely this one: a forced expression, a kind of group, or no face."""
    return Mood({name: 1.0}, 1.0, size)


def mood_of(faces: Sequence[ReadFace]) -> Mood:
    """The mood of a photo with these faces, largest first.

    For one face, or one in front of passers-by, it is the face's. For two and for more it is the kind of
    their mix of expressions. An occluded face counts as neutral, with a confidence of 0: deadpan captions fit
    sunglasses, masks and the dark, whatever is behind them.
    """
    if not faces:
        return certain(NO_FACE)
    least = LEAST_IN_GROUP * faces[0].face.box.height
    group = [_shown(read) for read in faces if read.face.box.height >= least]
    if len(group) == 1:
        return Mood(group[0].probabilities, group[0].confidence)
    confidence = _confidence(group)
    if len(group) == 2:
        return Mood(_pair_kinds(*(reading.probabilities for reading in group)), confidence)
    kind = _group_kind([reading.expression for reading in group])
    size = FEW if len(group) <= _MOST_OF_FEW else CROWD
    return replace(certain(GROUP_UNSURE if confidence < WEAK_BELOW else kind, size), confidence=confidence)


def _shown(read: ReadFace) -> Reading:
    if not read.is_occluded:
        return read.reading
    return replace(read.reading, confidence=0.0, probabilities={"neutral": 1.0})


def _pair_kinds(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """The probability of each of PAIR_KINDS, from those of two faces' expressions."""
    kinds = dict.fromkeys(PAIR_KINDS, 0.0)
    for first, of_first in one.items():
        for second, of_second in other.items():
            kinds[_pair_kind({first, second})] += of_first * of_second
    return kinds


def _pair_kind(expressions: set[str]) -> str:
    if len(expressions) == 1:
        return "pair-happy" if expressions == {"happiness"} else "pair-same"
    if "neutral" in expressions:
        return "pair-calm"
    if "happiness" in expressions and expressions & set(_UNHAPPY):
        return "pair-contrast"
    return "pair-different"


def _group_kind(expressions: Sequence[str]) -> str:
    """The kind of a group of three or more, the first that fits."""
    if expressions.count("neutral") / len(expressions) < _LEAST_NEUTRAL:
        expressions = [name for name in expressions if name != "neutral"]
    ranked = Counter(expressions).most_common()
    (most, count), *others = ranked
    if count / len(expressions) > _NEARLY_ALL:
        return "group-happy" if most == "happiness" else "group-same"
    if len(ranked) == len(expressions):
        return "group-different"
    if count == len(expressions) - 1:
        return "group-one-sad" if (most, others[0][0]) == ("happiness", "sadness") else "group-odd"
    return "group-mixed"


def _confidence(group: Sequence[Reading]) -> float:
    """The lowest confidence among the group's expressions. An expression's is the mean of its faces'."""
    by_expression: dict[str, list[float]] = {}
    for reading in group:
        by_expression.setdefault(reading.expression, []).append(reading.confidence)
    return min(sum(values) / len(values) for values in by_expression.values())
