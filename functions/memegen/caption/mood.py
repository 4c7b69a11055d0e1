"""The readings of a photo's faces → the mood that its caption is chosen for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from memegen.face.detect import Face
from memegen.face.expressions import Reading

NO_FACE = "no-face"
GROUP_KINDS = ("group-happy", "group-same", "group-one-sad", "group-odd", "group-different", "group-mixed")

# The confidence is calibrated. On FER2013's test pictures 35 % of the readings between .35 and .40 were
# right, and half of those between .45 and .50: below .40 it would be rash to joke about the expression.
WEAK_BELOW = 0.4

# Whoever stands up to two and a half times as far away as the nearest belongs to the group; smaller faces are
# passers-by. At arm's length from the camera, the friends behind are about twice as far.
_LEAST_IN_GROUP = 0.4  # of the largest face's height


@dataclass(frozen=True)
class Mood:
    """name: an expression, a group kind or NO_FACE. confidence: 0 to 1, how sure that is."""

    name: str
    confidence: float

    @property
    def is_weak(self) -> bool:
        """Whether a caption should hedge."""
        return self.confidence < WEAK_BELOW

    @property
    def is_group(self) -> bool:
        return self.name in GROUP_KINDS


def mood_of(faces: Sequence[Face], readings: Sequence[Reading], hidden: Sequence[bool]) -> Mood:
    """The mood of a photo with these faces, largest first, read as these readings; the confidence in a hidden
    face's reading is taken to be none.

    One face, or one in front of passers-by: its expression. A group: the kind of its mix of expressions.
    """
    if not faces:
        return Mood(NO_FACE, 1.0)
    least = _LEAST_IN_GROUP * faces[0].box.height
    group = [
        replace(reading, confidence=0.0) if hides else reading
        for face, reading, hides in zip(faces, readings, hidden, strict=True)
        if face.box.height >= least
    ]
    if len(group) == 1:
        return Mood(group[0].expression, group[0].confidence)
    return Mood(_kind([reading.expression for reading in group]), _confidence(group))


def _kind(expressions: Sequence[str]) -> str:
    """The kind of a group of two or more, the first that fits."""
    ranked = Counter(expressions).most_common()
    (most, count), *others = ranked
    if not others:
        return "group-happy" if most == "happiness" else "group-same"
    if len(ranked) == len(expressions):
        return "group-different"
    if count == len(expressions) - 1:
        return "group-one-sad" if (most, others[0][0]) == ("happiness", "sadness") else "group-odd"
    return "group-mixed"


def _confidence(group: Sequence[Reading]) -> float:
    """A mix is as sure as its least sure expression, which is as sure as its faces are on average."""
    by_expression: dict[str, list[float]] = {}
    for reading in group:
        by_expression.setdefault(reading.expression, []).append(reading.confidence)
    return min(sum(values) / len(values) for values in by_expression.values())
