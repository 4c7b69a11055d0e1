"""A picture → the faces in it.

The detector is YuNet (Wu, Peng, Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence
Research 2023), run by OpenCV.
"""

import threading
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from memegen.geometry import Box

# The pictures here are small: a second thread would double the processor time and save no time.
cv2.setNumThreads(1)

Pixels = npt.NDArray[np.uint8]

MAX_FACES = 10
"""How many faces are read, from the largest on. All that are found are kept free of letters."""

_MODEL = Path(__file__).parents[1] / "models" / "face_detection_yunet_2023mar.onnx"
_MIN_SCORE = 0.6
_NMS_OVERLAP = 0.3
_FIRST_LONG_SIDE = 320  # pixels: recall .99 on portraits, in 11 ms
_UPRIGHT_SCORE = 0.85  # JAFFE's portraits score .92 to .94 upright, and at most .85 on their side
_SECOND_LONG_SIDE = 960  # pixels: finds small faces in big pictures, which are missed at 320
_LEAST_SIDE = 64  # pixels

# Galaxies, gravel and a headlamp are found as small faces with scores to .8, and so are 30 % of small real
# ones. A second look from near tells them apart: 225 real ones score .85 and more in it, and 13
# false ones at most .75.
_SMALL = 0.2  # of the picture's short side: a face's height
_NEAR, _NEAR_SCORE = 2.0, 0.8  # face heights that are seen, at the first long side; the least score
MOST_LOOKS = 150  # in one picture, at 4 ms each: YuNet finds 2,000 faces where they are all that there is


@dataclass(frozen=True)
class Face:
    """A detected face.

    landmarks: (5, 2) float32, x and y in pixels of the right eye, left eye, nose, and right and left corner
    of the mouth. The person's right is on the left of an upright picture. score: 0 to 1.
    """

    box: Box[float]
    landmarks: npt.NDArray[np.float32]
    score: float


def find_faces(pixels: Pixels) -> list[Face]:
    """Find the faces in a picture, the largest first.

    pixels: (height, width, 3) uint8 RGB. The detector first runs on the picture at 320 px. If it finds no
    face, it runs at 960 px, where small faces show. A small face with a low score is looked at again from
    near. If no face has a high score, it also tries the picture on either side, since a photo may have lost
    its orientation.
    """
    faces = confirmed(pixels, detect(pixels, _FIRST_LONG_SIDE))
    if not faces and max(pixels.shape[:2]) > _FIRST_LONG_SIDE:
        faces = confirmed(pixels, detect(pixels, _SECOND_LONG_SIDE))
    if top_score(faces) < _UPRIGHT_SCORE:
        sideways = _detect_sideways(pixels)
        if top_score(sideways) > top_score(faces):
            faces = sideways
    return sorted(faces, key=lambda face: -face.box.width * face.box.height)


_local = threading.local()


def _detector(long_side: int) -> cv2.FaceDetectorYN:
    # A detector holds buffers for its input, so each thread has its own. Each size has one too, since a
    # change of size costs as much as a small detection.
    detectors: dict[int, cv2.FaceDetectorYN] = _local.__dict__.setdefault("detectors", {})
    if long_side not in detectors:
        size = (min(long_side, _FIRST_LONG_SIDE),) * 2
        detector = cv2.FaceDetectorYN.create(str(_MODEL), "", size, _MIN_SCORE, _NMS_OVERLAP)
        # OpenCV tunes the network to the size of its first picture, which changes the last digits of every
        # later answer. The first picture is always the same, so that a photo gives one meme in every thread.
        detector.detect(np.zeros((*size, 3), np.uint8))
        detectors[long_side] = detector
    return detectors[long_side]


def shrink(pixels: Pixels, long_side: int) -> Pixels:
    """The picture at this long side in pixels, or as it is where it is no larger."""
    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def detect(pixels: Pixels, long_side: int) -> list[Face]:
    """Run the detector once, on the picture shrunk to this long side.

    pixels: (height, width, 3) uint8 RGB. The faces are in the given picture's pixels, the best score first.
    """
    small = shrink(pixels, long_side)
    height, width = small.shape[:2]
    padded = _padded(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), np.uint8))
    detector = _detector(long_side)
    detector.setInputSize(padded.shape[1::-1])
    _, rows = detector.detect(padded)
    if rows is None:
        return []
    # A row holds left, top, width, height, five pairs of x and y, and the score.
    across, down = pixels.shape[1] / width, pixels.shape[0] / height
    stretch = np.array([across, down], np.float32)
    return [
        Face(
            Box(float(row[0] * across), float(row[1] * down), float(row[2] * across), float(row[3] * down)),
            row[4:14].reshape(5, 2) * stretch,
            float(row[14]),
        )
        for row in rows
        if _may_be_a_face(row, width, height)
    ]


def confirmed(pixels: Pixels, faces: list[Face]) -> list[Face]:
    """The faces without those small ones of a low score that are none when they are seen from near.

    Of very many the best are looked at, and the others are taken for what most of these are.
    """
    small = _SMALL * min(pixels.shape[:2])
    doubtful = [
        number for number, face in enumerate(faces) if face.score < _UPRIGHT_SCORE and face.box.height < small
    ]
    seen = {number: _is_face_from_near(pixels, faces[number]) for number in doubtful[:MOST_LOOKS]}
    most = 2 * sum(seen.values()) > len(seen)
    kept = set(range(len(faces))) - {number for number in doubtful if not seen.get(number, most)}
    return [faces[number] for number in sorted(kept)]


def _is_face_from_near(pixels: Pixels, face: Face) -> bool:
    box = face.box
    middle = box.left + box.width / 2, box.top + box.height / 2
    reach = _NEAR * max(box.width, box.height) / 2
    seen = Box.from_edges(
        *(int(at - reach) for at in middle), *(int(at + reach) + 1 for at in middle)
    ).within(pixels.shape[1], pixels.shape[0])
    part = pixels[seen.top : seen.bottom, seen.left : seen.right]
    scale = _FIRST_LONG_SIDE / max(part.shape[:2])
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    near = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    return any(
        found.score >= _NEAR_SCORE
        and abs(found.box.left + found.box.width / 2 - size[0] / 2) < size[0] / 4
        and abs(found.box.top + found.box.height / 2 - size[1] / 2) < size[1] / 4
        for found in detect(near, _FIRST_LONG_SIDE)
    )


def _padded(pixels: Pixels) -> Pixels:
    """The picture with black to its right and below it, as far as a side is too short for YuNet.

    YuNet itself pads like this, to multiples of 32. With a side of 32 its answer changes from call to call,
    and holds faces of score 1.0 where there are none.
    """
    height, width = pixels.shape[:2]
    below, beside = max(0, _LEAST_SIDE - height), max(0, _LEAST_SIDE - width)
    if not below and not beside:
        return pixels
    return np.asarray(cv2.copyMakeBorder(pixels, 0, below, 0, beside, cv2.BORDER_CONSTANT), np.uint8)


def _may_be_a_face(row: npt.NDArray[np.float32], width: int, height: int) -> bool:
    """Whether a row's box is finite, has its middle in the picture and is at most twice as large.

    In a picture that is a few pixels wide YuNet finds huge boxes, some of them with a high score.
    """
    left, top, across, down = row[:4]
    most = 2 * max(width, height)
    return (
        bool(np.isfinite(row).all())
        and 0 < across <= most
        and 0 < down <= most
        and 0 <= left + across / 2 <= width
        and 0 <= top + down / 2 <= height
    )


def _rotate_back(face: Face, clockwise: bool, height: int, width: int) -> Face:
    """A face of a picture that was rotated by a quarter, placed in the original of this height and width."""

    def back(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        x, y = points[:, 0], points[:, 1]
        return np.stack([y, height - x] if clockwise else [width - y, x], axis=1)

    box = face.box
    corners = np.array([[box.left, box.top], [box.left + box.width, box.top + box.height]], np.float32)
    ends = back(corners)
    (left, top), (right, bottom) = ends.min(axis=0), ends.max(axis=0)
    whole = Box(float(left), float(top), float(right - left), float(bottom - top))
    return Face(whole, back(face.landmarks), face.score)


def top_score(faces: list[Face]) -> float:
    """The highest score of the faces; 0 without a face."""
    return max((face.score for face in faces), default=0.0)


def _detect_sideways(pixels: Pixels) -> list[Face]:
    """The faces of a photo that lies on its side, on the side where the best face has the higher score."""
    small = shrink(pixels, _FIRST_LONG_SIDE)
    height, width = small.shape[:2]
    found: list[Face] = []
    for clockwise in (True, False):
        rotation = cv2.ROTATE_90_CLOCKWISE if clockwise else cv2.ROTATE_90_COUNTERCLOCKWISE
        rotated = np.asarray(cv2.rotate(small, rotation), np.uint8)
        upright = confirmed(rotated, detect(rotated, _FIRST_LONG_SIDE))
        faces = [_rotate_back(face, clockwise, height, width) for face in upright]
        if top_score(faces) > top_score(found):
            found = faces
    scale = max(pixels.shape[:2]) / max(height, width)
    return [_scaled(face, scale) for face in found]


def _scaled(face: Face, scale: float) -> Face:
    box = face.box
    return Face(
        Box(box.left * scale, box.top * scale, box.width * scale, box.height * scale),
        face.landmarks * np.float32(scale),
        face.score,
    )
