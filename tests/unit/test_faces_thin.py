"""Pictures from 1:40 to 40:1, where YuNet's answers changed from call to call."""

import hashlib
import subprocess
import sys

import cv2
import numpy as np
import pytest
import skimage.data

from memegen.face.detect import find_faces

RATIOS = (1, 5, 9.5, 10.5, 16, 31, 40)
SHAPES = [(1600, round(1600 / ratio)) for ratio in RATIOS] + [(round(700 / ratio), 700) for ratio in RATIOS]


def pictures() -> list[np.ndarray]:
    """A photo and smooth noise, pressed into every shape."""
    noise = np.random.default_rng(5).integers(0, 256, (40, 40, 3), np.uint8)
    smooth = cv2.resize(noise, (512, 512), interpolation=cv2.INTER_CUBIC)
    return [cv2.resize(picture, shape) for shape in SHAPES for picture in (skimage.data.astronaut(), smooth)]


def answers() -> list[str]:
    return [
        repr([(face.box, face.score, face.landmarks.tolist()) for face in find_faces(picture)])
        for picture in pictures()
    ]


def digest_of_twenty_rounds() -> str:
    """Raises ValueError if a picture is answered in two ways."""
    first = answers()
    for _ in range(19):
        for shape, before, now in zip(np.repeat(SHAPES, 2, axis=0), first, answers(), strict=True):
            if before != now:
                raise ValueError(f"{shape}: {before} and then {now}")
    return hashlib.sha256(repr(first).encode()).hexdigest()


@pytest.mark.slow
def test_the_same_picture_has_the_same_faces_twenty_times_and_in_every_process() -> None:
    script = (
        "from tests.unit.test_faces_thin import digest_of_twenty_rounds; print(digest_of_twenty_rounds())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True, text=True, check=True,
        ).stdout
        for _ in range(2)
    }  # fmt: skip
    assert len(digests) == 1


@pytest.mark.parametrize("ratio", [9, 11, 14, 20])
@pytest.mark.parametrize("upright", [False, True])
def test_a_face_in_a_strip_is_found_in_its_place_and_no_other(ratio: float, upright: bool) -> None:
    side = round(1600 / ratio)
    face = cv2.resize(skimage.data.astronaut()[20:220, 120:320], (side, side), interpolation=cv2.INTER_AREA)
    strip = np.full((1600, side, 3) if upright else (side, 1600, 3), 140, np.uint8)
    at = 700
    if upright:
        strip[at : at + side] = face
    else:
        strip[:, at : at + side] = face
    (found,) = find_faces(strip)
    # By eye: in the crop her face's middle is at (101, 99) of 200.
    expected = np.array([101, 99]) * side / 200 + ([0, at] if upright else [at, 0])
    middle = (found.box.left + found.box.width / 2, found.box.top + found.box.height / 2)
    assert np.abs(np.array(middle) - expected).max() < side / 10


def test_no_face_is_found_in_strips_of_noise() -> None:
    noise = np.random.default_rng(5).integers(0, 256, (40, 40, 3), np.uint8)
    smooth = cv2.resize(noise, (512, 512), interpolation=cv2.INTER_CUBIC)
    for shape in ((1600, 40), (40, 1600), (1600, 20), (20, 1600), (1600, 8), (1600, 1), (1, 1600)):
        assert find_faces(cv2.resize(smooth, shape)) == []
