"""Which faces are occluded, on drawn ones."""

import numpy as np
import numpy.typing as npt
import pytest

from memegen.face.detect import Face
from memegen.face.occlusion import is_occluded
from memegen.geometry import Box
from tests.support.drawing import DRAWN, draw_face

FRONT = [(15, 19), (33, 19), (24, 28), (17, 36), (31, 36)]  # eyes, nose, corners of the mouth


def face(landmarks: list[tuple[float, float]], roll: float = 0.0) -> Face:
    """roll: degrees by which the head is tilted in the picture."""
    angle = np.deg2rad(roll)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (np.array(landmarks) @ rotation.T).astype(np.float32)
    return Face(Box(0, 0, 48, 48), points, 0.9)


def crop(expression: str = "happiness", size: int = 48) -> npt.NDArray[np.uint8]:
    return draw_face(size, expression)


@pytest.mark.parametrize("expression", DRAWN)
def test_a_face_that_shows_is_not_occluded(expression: str) -> None:
    assert not is_occluded(face(FRONT), crop(expression))
    assert not is_occluded(face(FRONT), crop(expression, size=96))
    assert not is_occluded(face(FRONT), crop(expression) // 2)


@pytest.mark.parametrize("roll", [0, 30, -45, 180])
@pytest.mark.parametrize(
    ("nose", "occluded"),
    [((24, 28), False), ((15.5, 28), False), ((32.5, 28), False), ((14.5, 28), True), ((34, 28), True)],
)
def test_a_face_looks_away_when_its_nose_passes_an_eye(
    nose: tuple[float, float], occluded: bool, roll: float
) -> None:
    landmarks = [*FRONT[:2], nose, *FRONT[3:]]
    assert is_occluded(face(landmarks, roll), crop()) is occluded


@pytest.mark.parametrize(("levels", "occluded"), [(50, False), (30, True)])
def test_a_face_in_the_dark_hides(levels: int, occluded: bool) -> None:
    whole = crop().astype(float)
    low, high = np.percentile(whole, (5, 95))
    dark = (10 + (whole - low) * levels / (high - low)).clip(0, 255).astype(np.uint8)
    assert is_occluded(face(FRONT), dark) is occluded


def test_sunglasses_hide_and_one_dark_eye_does_not() -> None:
    one = crop()
    one[14:24, 9:22] = 8
    assert not is_occluded(face(FRONT), one)
    both = one.copy()
    both[14:24, 26:39] = 8
    assert is_occluded(face(FRONT), both)
    larger = crop(size=96)
    larger[28:48, 18:44] = larger[28:48, 52:78] = 8
    assert is_occluded(face(FRONT), larger)


def test_a_mask_hides() -> None:
    masked = crop()
    masked[28:46, 10:38] = 200
    masked[28:46:4, 10:38] = 192  # its folds
    assert is_occluded(face(FRONT), masked)
