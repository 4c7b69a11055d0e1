"""What the readings of several faces add up to."""

import numpy as np
import pytest

from memegen.caption.mood import Mood, mood_of
from memegen.face.detect import Face
from memegen.face.expressions import Reading
from memegen.face.read import ReadFace
from memegen.geometry import Box

HAPPY, SAD, ANGRY, CALM, SCARED = "happiness", "sadness", "anger", "neutral", "fear"


def face(height: float) -> Face:
    return Face(Box(0, 0, height * 0.8, height), np.zeros((5, 2), np.float32), 0.9)


def reading(expression: str, confidence: float = 0.75) -> Reading:
    return Reading(expression, confidence, {})


def mood(*readings: Reading, heights: tuple[float, ...] = (), occluded: tuple[bool, ...] = ()) -> Mood:
    faces = [face(height) for height in heights or (100.0,) * len(readings)]
    occluded = occluded or (False,) * len(readings)
    return mood_of([ReadFace(*read) for read in zip(faces, readings, occluded, strict=True)])


def test_no_face_is_surely_no_face() -> None:
    assert mood() == Mood("no-face", 1.0)


def test_one_face_is_its_expression() -> None:
    assert mood(reading(ANGRY, 0.61)) == Mood("anger", 0.61)


@pytest.mark.parametrize(
    ("expressions", "kind"),
    [
        ([HAPPY, HAPPY], "group-happy"),
        ([HAPPY] * 10, "group-happy"),
        ([SAD, SAD], "group-same"),
        ([CALM, CALM, CALM], "group-same"),
        ([HAPPY, HAPPY, SAD], "group-one-sad"),
        ([SAD, HAPPY, HAPPY, HAPPY], "group-one-sad"),
        ([SAD, SAD, HAPPY], "group-odd"),
        ([HAPPY, HAPPY, ANGRY], "group-odd"),
        ([CALM, SAD, CALM, CALM], "group-odd"),
        ([HAPPY, SAD], "group-different"),
        ([HAPPY, SAD, ANGRY], "group-different"),
        ([CALM, SCARED, SAD, ANGRY, HAPPY], "group-different"),
        ([HAPPY, HAPPY, SAD, SAD], "group-mixed"),
        ([HAPPY, HAPPY, SAD, ANGRY], "group-mixed"),
        ([HAPPY, HAPPY, HAPPY, SAD, SAD], "group-mixed"),
    ],
)
def test_a_group_is_of_the_kind_of_its_mix(expressions: list[str], kind: str) -> None:
    found = mood(*map(reading, expressions))
    assert found == Mood(kind, 0.75)
    assert found.is_group


@pytest.mark.parametrize(
    ("heights", "kind"),
    [
        ((100.0, 40.0, 40.0), "group-one-sad"),
        ((100.0, 39.9, 39.0), "happiness"),
        ((100.0, 90.0, 39.9), "group-happy"),
    ],
)
def test_passers_by_are_not_of_the_group(heights: tuple[float, ...], kind: str) -> None:
    assert mood(reading(HAPPY), reading(HAPPY), reading(SAD), heights=heights).name == kind


def test_a_mix_is_as_sure_as_the_mean_of_its_least_sure_expression() -> None:
    happy = [reading(HAPPY, 0.9), reading(HAPPY, 0.5)]  # 0.7 on average
    assert mood(*happy).confidence == pytest.approx(0.7)
    assert mood(*happy, reading(SAD, 0.8)).confidence == pytest.approx(0.7)
    assert mood(*happy, reading(SAD, 0.3)).confidence == pytest.approx(0.3)


def test_the_reading_of_a_occluded_face_counts_for_nothing() -> None:
    assert mood(reading(HAPPY, 0.9), occluded=(True,)) == Mood("happiness", 0.0)
    group = mood(*[reading(HAPPY, 0.8)] * 4, occluded=(False, True, False, False))
    assert group == Mood("group-happy", pytest.approx(0.6))  # three times .8, of four


def test_below_two_in_five_a_mood_is_weak() -> None:
    assert mood(reading(SAD, 0.3999)).is_weak
    assert not mood(reading(SAD, 0.4)).is_weak
    assert mood(reading(HAPPY, 0.9), reading(SAD, 0.39)).is_weak
    assert not mood().is_weak
