"""What the readings of several faces add up to."""

import numpy as np
import pytest

from memegen.caption.mood import Mood, certain, mood_of
from memegen.face.detect import Face
from memegen.face.expressions import Reading
from memegen.face.read import ReadFace
from memegen.geometry import Box
from memegen.options import EXPRESSIONS

HAPPY, SAD, ANGRY, CALM, SCARED = "happiness", "sadness", "anger", "neutral", "fear"


def face(height: float) -> Face:
    return Face(Box(0, 0, height * 0.8, height), np.zeros((5, 2), np.float32), 0.9)


def reading(expression: str, confidence: float = 0.75) -> Reading:
    rest = (1 - confidence) / 6
    probabilities = {name: confidence if name == expression else rest for name in EXPRESSIONS}
    return Reading(expression, confidence, probabilities)


def mood(*readings: Reading, heights: tuple[float, ...] = (), occluded: tuple[bool, ...] = ()) -> Mood:
    faces = [face(height) for height in heights or (100.0,) * len(readings)]
    occluded = occluded or (False,) * len(readings)
    return mood_of([ReadFace(*read) for read in zip(faces, readings, occluded, strict=True)])


def test_no_face_is_surely_no_face() -> None:
    assert mood() == Mood({"no-face": 1.0}, 1.0)


def test_one_face_has_the_probabilities_of_its_reading() -> None:
    assert mood(reading(ANGRY, 0.61)) == Mood(reading(ANGRY, 0.61).probabilities, 0.61)
    assert mood(reading(ANGRY, 0.61)).name == "anger"


# Two faces


def test_a_pair_s_kind_is_the_product_of_both_readings() -> None:
    """One is happy by .8 and sad by .2, the other happy by .5, neutral by .3 and fearful by .2.

    Both happy: .8 · .5 = .4. Happy and sad or fearful: .8 · .2 + .2 · .5 = .26. One calm: .3 · (.8 + .2)
    = .3. Sad and fearful: .2 · .2 = .04. The same and not happy: 0.
    """
    one = Reading(HAPPY, 0.8, {HAPPY: 0.8, SAD: 0.2})
    other = Reading(HAPPY, 0.5, {HAPPY: 0.5, CALM: 0.3, SCARED: 0.2})
    assert mood(one, other).probabilities == pytest.approx(
        {
            "pair-happy": 0.4,
            "pair-contrast": 0.26,
            "pair-calm": 0.3,
            "pair-different": 0.04,
            "pair-same": 0.0,
        }
    )


@pytest.mark.parametrize(
    ("expressions", "kind"),
    [
        ((HAPPY, HAPPY), "pair-happy"),
        ((SAD, SAD), "pair-same"),
        ((CALM, CALM), "pair-same"),
        ((HAPPY, SAD), "pair-contrast"),
        ((ANGRY, HAPPY), "pair-contrast"),
        ((HAPPY, CALM), "pair-calm"),
        ((CALM, SAD), "pair-calm"),
        ((HAPPY, "surprise"), "pair-different"),
        ((SAD, SCARED), "pair-different"),
    ],
)
def test_a_pair_is_of_the_kind_of_its_two_expressions(expressions: tuple[str, str], kind: str) -> None:
    found = mood(*(reading(expression, 1.0) for expression in expressions))
    assert (found.name, found.probabilities[kind], found.size) == (kind, 1.0, "")


# Three and more


@pytest.mark.parametrize(
    ("expressions", "kind"),
    [
        ([HAPPY, HAPPY, HAPPY], "group-happy"),
        ([HAPPY] * 10, "group-happy"),
        ([CALM, CALM, CALM], "group-same"),
        ([HAPPY, HAPPY, SAD], "group-one-sad"),
        ([SAD, HAPPY, HAPPY, HAPPY], "group-one-sad"),
        ([HAPPY] * 4 + [SAD], "group-one-sad"),
        ([SAD, SAD, HAPPY], "group-odd"),
        ([HAPPY, HAPPY, ANGRY], "group-odd"),
        ([HAPPY, HAPPY, CALM], "group-odd"),
        ([CALM, SAD, CALM, CALM], "group-odd"),
        ([HAPPY, SAD, ANGRY], "group-different"),
        ([CALM, SCARED, SAD, ANGRY, HAPPY], "group-different"),
        ([HAPPY, HAPPY, SAD, SAD], "group-mixed"),
        ([HAPPY, HAPPY, SAD, ANGRY], "group-mixed"),
        ([HAPPY, HAPPY, HAPPY, SAD, SAD], "group-mixed"),
        ([HAPPY] * 8 + [SAD] * 2, "group-mixed"),
    ],
)
def test_a_group_is_of_the_kind_of_its_mix(expressions: list[str], kind: str) -> None:
    assert mood(*map(reading, expressions)) == Mood(
        {kind: 1.0}, 0.75, "few" if len(expressions) < 6 else "crowd"
    )


@pytest.mark.parametrize(
    ("expressions", "kind"),
    [
        ([HAPPY] * 9 + [CALM], "group-happy"),
        ([HAPPY] * 9 + [SAD], "group-happy"),
        ([HAPPY] * 5 + [SAD], "group-happy"),
        ([HAPPY, HAPPY, HAPPY, CALM], "group-happy"),
        ([SAD] * 7 + [CALM] * 3, "group-same"),
        ([HAPPY] * 6 + [CALM] * 3, "group-mixed"),
    ],
)
def test_one_of_many_and_a_few_neutral_faces_do_not_make_a_mix(expressions: list[str], kind: str) -> None:
    assert mood(*map(reading, expressions)).name == kind


@pytest.mark.parametrize(("count", "size"), [(3, "few"), (5, "few"), (6, "crowd"), (10, "crowd")])
def test_a_group_is_few_or_a_crowd(count: int, size: str) -> None:
    assert mood(*[reading(HAPPY)] * count).size == size


@pytest.mark.parametrize(
    ("heights", "kind"),
    [
        ((100.0, 40.0, 40.0), "group-one-sad"),
        ((100.0, 39.9, 39.0), "happiness"),
        ((100.0, 90.0, 39.9), "pair-happy"),
    ],
)
def test_passers_by_are_not_of_the_group(heights: tuple[float, ...], kind: str) -> None:
    assert mood(reading(HAPPY), reading(HAPPY), reading(SAD), heights=heights).name == kind


def test_a_mix_is_as_sure_as_the_mean_of_its_least_sure_expression() -> None:
    happy = [reading(HAPPY, 0.9), reading(HAPPY, 0.5)]  # 0.7 on average
    assert mood(*happy).confidence == pytest.approx(0.7)
    assert mood(*happy, reading(SAD, 0.8)).confidence == pytest.approx(0.7)
    assert mood(*happy, reading(SAD, 0.3)).confidence == pytest.approx(0.3)


def test_a_group_that_is_hardly_read_is_unsure() -> None:
    assert mood(*[reading(HAPPY, 0.49)] * 3) == Mood({"group-unsure": 1.0}, pytest.approx(0.49), "few")
    assert mood(*[reading(HAPPY, 0.5)] * 3).name == "group-happy"


def test_an_occluded_face_counts_as_neutral_and_for_nothing() -> None:
    assert mood(reading(HAPPY, 0.9), occluded=(True,)) == Mood({"neutral": 1.0}, 0.0)
    pair = mood(reading(HAPPY, 1.0), reading(HAPPY, 0.9), occluded=(False, True))
    assert (pair.name, pair.confidence) == ("pair-calm", 0.5)
    group = mood(*[reading(HAPPY, 0.8)] * 4, occluded=(False, True, False, False))
    assert group == Mood({"group-happy": 1.0}, pytest.approx(0.6), "few")  # three times .8, of four


def test_below_a_half_a_mood_is_weak() -> None:
    assert mood(reading(SAD, 0.4999)).is_weak
    assert not mood(reading(SAD, 0.5)).is_weak
    assert mood(reading(HAPPY, 0.9), reading(SAD, 0.49)).is_weak
    assert not mood().is_weak
    assert not certain("fear").is_weak
