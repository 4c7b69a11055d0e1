"""The mood of a photo, for which its caption is chosen, from what was read in the faces."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from memegen.face.expressions import Reading
from memegen.face.read import ReadFace

NO_FACE = "no-face"
GROUP_KINDS = ("group-happy", "group-same", "group-one-sad", "group-odd", "group-different", "group-mixed")

# The confidence is calibrated. On FER2013's test pictures 35 % of the readings between .35 and .40 were
# right, and half of those between .45 and .50. Below .40 a joke about the expression would often miss.
WEAK_BELOW = 0.4

# A face belongs to the group if it is at most two and a half times as far away as the nearest one. Smaller
# faces are those of passers-by. When one person holds the camera, the friends behind are about twice as far
# away.
LEAST_IN_GROUP = 0.4  # of the largest face's height


@dataclass(frozen=True)
class Mood:
    """name: an expression, a group kind or NO_FACE. confidence: 0 to 1."""

    name: str
    confidence: float

    @property
    def is_weak(self) -> bool:
        """Whether the reading is so doubtful that the caption should leave the expression open."""
        return self.confidence < WEAK_BELOW

    @property
    def is_group(self) -> bool:
        return self.name in GROUP_KINDS


def mood_of(faces: Sequence[ReadFace]) -> Mood:
    """The mood of a photo with these faces, largest first.

    For one face, or one in front of passers-by, it is the face's expression. For a group it is the kind of
    the group's mix of expressions. An occluded face counts with a confidence of 0.
    """
    if not faces:
        return Mood(NO_FACE, 1.0)
    least = LEAST_IN_GROUP * faces[0].face.box.height
    group = [
        replace(read.reading, confidence=0.0) if read.is_occluded else read.reading
        for read in faces
        if read.face.box.height >= least
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
    """The lowest confidence among the group's expressions. An expression's is the mean of its faces'."""
    by_expression: dict[str, list[float]] = {}
    for reading in group:
        by_expression.setdefault(reading.expression, []).append(reading.confidence)
    return min(sum(values) / len(values) for values in by_expression.values())
