"""What the corruptions do to a crop."""

import cv2
import numpy as np
import pytest

from memegen.face.crop import square_crop
from memegen.face.expressions import golden_crop
from model_export.corruptions import (
    CORRUPTIONS,
    blurred,
    darkened,
    moved_up,
    turned,
    with_dark_glasses,
    with_thin_glasses,
)
from tests.support.drawing import draw_face


@pytest.mark.parametrize("size", [48, 96])
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_gives_another_crop_and_leaves_the_first_alone(name: str, size: int):
    crop = square_crop(golden_crop(), size)
    before = crop.copy()
    changed = CORRUPTIONS[name](crop)
    assert (changed.shape, changed.dtype) == ((size, size), np.uint8)
    assert (crop == before).all()
    assert (changed != crop).any()
    assert (CORRUPTIONS[name](crop) == changed).all()


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_larger_crop_is_corrupted_as_much(name: str):
    large = square_crop(draw_face(192, "surprise"), 96)
    small = square_crop(large, 48)
    changed = CORRUPTIONS[name](small).astype(float) - small
    found = square_crop(CORRUPTIONS[name](large), 48).astype(float) - small
    # OpenCV draws lines of two pixels a third thicker than that.
    assert 0.85 < np.abs(found).sum() / np.abs(changed).sum() < 1.4
    # Pixels of both sizes do not meet exactly, so lines as thin as one may lie between two.
    found, changed = (cv2.GaussianBlur(part, (0, 0), 1) for part in (found, changed))
    assert np.corrcoef(found.ravel(), changed.ravel())[0, 1] > 0.9


def test_a_point_is_blurred_as_a_gaussian_of_two_pixels_spreads_it():
    crop = np.zeros((48, 48), np.uint8)
    crop[24, 24] = 255
    assert blurred(crop)[24, 24] == pytest.approx(255 / (2 * np.pi * 2**2), abs=1)


def test_a_point_is_turned_by_20_degrees_around_the_middle():
    crop = np.zeros((48, 48), np.uint8)
    crop[22:26, 40:44] = 255  # its middle is 18 px to the right of the crop's
    down, across = np.nonzero(turned(crop) > 127)
    middle = np.array([across.mean() - 23.5, 23.5 - down.mean()])
    assert middle == pytest.approx([18 * np.cos(np.pi / 9), 18 * np.sin(np.pi / 9)], abs=0.5)


def test_the_face_moves_up_by_five_rows_and_the_last_row_is_repeated():
    crop = np.repeat(np.arange(48, dtype=np.uint8)[:, None], 48, axis=1)
    assert moved_up(crop)[:, 0].tolist() == [*range(5, 48), 47, 47, 47, 47, 47]


def test_a_gamma_darkens_the_middle_and_keeps_black_and_white():
    crop = np.array([[0, 128, 255]], np.uint8)
    assert darkened(crop).tolist() == [[0, round(255 * (128 / 255) ** 2.5), 255]]


def test_thin_glasses_have_frames_around_the_eyes_and_dark_ones_hide_them():
    white = np.full((48, 48), 255, np.uint8)
    thin, dark = with_thin_glasses(white), with_dark_glasses(white)
    for across in (14, 34):
        assert thin[19, across] == 255
        assert dark[19, across] < 40
        assert thin[12:14, across].min() < 120  # the frame, seven pixels above the eye
    assert (thin[30:] == 255).all()
