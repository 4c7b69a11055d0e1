"""A picture → the faces in it → level face crops, as the ensemble was trained on.

The finder is YuNet (Wu, Peng, Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence
Research 2023) run by OpenCV.
"""

import math
import threading
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

CROP_SIZE = 48
MAX_FACES = 10

_MODEL = Path(__file__).parent / "models" / "face_detection_yunet_2023mar.onnx"
_MIN_SCORE = 0.6
_NMS_OVERLAP = 0.3
_FIRST_LOOK = 320  # long side in pixels: recall .99 on portraits at 11 ms
_SURE = 0.85  # JAFFE's portraits score .92 to .94 upright, at most .85 lying on a side
_SECOND_LOOK = 960  # small faces in big pictures, missed at 320


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; may reach over the picture's edges."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Face:
    """A found face.

    landmarks: (5, 2) float32, x and y in pixels of the right eye, left eye, nose, right and left mouth
    corner, the person's right being on the left in an upright picture. score: 0 to 1.
    """

    box: Box
    landmarks: npt.NDArray[np.float32]
    score: float


def find_faces(pixels: Pixels) -> list[Face]:
    """The faces in a picture, largest first, at most ten.

    pixels: (height, width, 3) uint8 RGB. The first look is at 320 px on the long side. When it sees
    no face it looks again for a small face; when it sees none surely, also for one lying on its side (a
    photo saved without its orientation).
    """
    faces = _look(pixels, _FIRST_LOOK)
    if not faces and max(pixels.shape[:2]) > _FIRST_LOOK:
        faces = _look(pixels, _SECOND_LOOK)
    if _surest(faces) < _SURE:
        sideways = _look_sideways(pixels)
        if _surest(sideways) > _surest(faces):
            faces = sideways
    return sorted(faces, key=lambda face: -face.box.width * face.box.height)[:MAX_FACES]


def crop_face(pixels: Pixels, face: Face) -> Pixels:
    """The face as the ensemble reads it: (48, 48) uint8 grey.

    A square whose side is the box's height along the face, centred on the box, turned level by the
    eyes, edges replicated.
    """
    right_eye, left_eye = face.landmarks[0], face.landmarks[1]
    angle = math.atan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0])
    lying = abs(math.sin(angle)) > abs(math.cos(angle))
    side = face.box.width if lying else face.box.height
    x = face.box.left + face.box.width / 2
    y = face.box.top + face.box.height / 2

    # Shrink by area first, so that a large face does not alias, then turn at twice the crop's size.
    reach = math.ceil(side * 0.75) + 2  # covers the square turned by any angle
    left, top = max(0, int(x) - reach), max(0, int(y) - reach)
    right, bottom = min(pixels.shape[1], int(x) + reach), min(pixels.shape[0], int(y) + reach)
    around = grey(pixels[top:bottom, left:right])
    fine = 2 * CROP_SIZE
    shrink = min(1.0, fine / side)
    if shrink < 1:
        size = (max(1, round(around.shape[1] * shrink)), max(1, round(around.shape[0] * shrink)))
        around = np.asarray(cv2.resize(around, size, interpolation=cv2.INTER_AREA), np.uint8)
    # From a pixel of the turned square to one of the shrunk surroundings, centres of pixels at .5.
    step = side * shrink / fine
    cos, sin = math.cos(angle) * step, math.sin(angle) * step
    half = (fine - 1) / 2
    centre = ((x - left) * shrink - 0.5, (y - top) * shrink - 0.5)
    inverse = np.array(
        [[cos, -sin, centre[0] - cos * half + sin * half], [sin, cos, centre[1] - sin * half - cos * half]]
    )
    level = cv2.warpAffine(
        around,
        inverse,
        (fine, fine),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return square_crop(np.asarray(level, np.uint8))


def square_crop(picture: Pixels) -> Pixels:
    """A picture that is a face crop already, as (48, 48) uint8 grey.

    picture: (height, width) grey or (height, width, 3) RGB uint8, any size. The shorter side is padded
    by its edges, so that proportions are kept.
    """
    plain = grey(picture)
    height, width = plain.shape
    if height != width:
        side = max(height, width)
        across, down = side - width, side - height
        plain = np.asarray(
            cv2.copyMakeBorder(
                plain, down // 2, down - down // 2, across // 2, across - across // 2, cv2.BORDER_REPLICATE
            ),
            np.uint8,
        )
    if plain.shape[0] == CROP_SIZE:
        return plain
    way = cv2.INTER_AREA if plain.shape[0] > CROP_SIZE else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plain, (CROP_SIZE, CROP_SIZE), interpolation=way), np.uint8)


def grey(picture: Pixels) -> Pixels:
    """(height, width) uint8 luma (ITU-R BT.601) of a grey or RGB picture."""
    if picture.ndim == 2:
        return picture
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


_local = threading.local()


def _detector() -> cv2.FaceDetectorYN:
    # A detector holds its input's size and buffers, so each thread has its own.
    if not hasattr(_local, "detector"):
        _local.detector = cv2.FaceDetectorYN.create(
            str(_MODEL), "", (_FIRST_LOOK, _FIRST_LOOK), _MIN_SCORE, _NMS_OVERLAP
        )
    detector: cv2.FaceDetectorYN = _local.detector
    return detector


def _shrunk(pixels: Pixels, long_side: int) -> Pixels:
    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _look(pixels: Pixels, long_side: int) -> list[Face]:
    small = _shrunk(pixels, long_side)
    height, width = small.shape[:2]
    detector = _detector()
    detector.setInputSize((width, height))
    _, rows = detector.detect(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2BGR)))
    if rows is None:
        return []
    # A row: left, top, width, height, five times x and y, score.
    across, down = pixels.shape[1] / width, pixels.shape[0] / height
    stretch = np.array([across, down], np.float32)
    return [
        Face(
            Box(float(row[0] * across), float(row[1] * down), float(row[2] * across), float(row[3] * down)),
            row[4:14].reshape(5, 2) * stretch,
            float(row[14]),
        )
        for row in rows
    ]


def _turned_back(face: Face, clockwise: bool, height: int, width: int) -> Face:
    """A face found after a quarter turn, where it stands in the picture of that height and width."""

    def back(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        x, y = points[:, 0], points[:, 1]
        return np.stack([y, height - x] if clockwise else [width - y, x], axis=1)

    box = face.box
    corners = np.array([[box.left, box.top], [box.left + box.width, box.top + box.height]], np.float32)
    ends = back(corners)
    (left, top), (right, bottom) = ends.min(axis=0), ends.max(axis=0)
    whole = Box(float(left), float(top), float(right - left), float(bottom - top))
    return Face(whole, back(face.landmarks), face.score)


def _surest(faces: list[Face]) -> float:
    return max((face.score for face in faces), default=0.0)


def _look_sideways(pixels: Pixels) -> list[Face]:
    """The faces of a photo that lies on its side: on the one side where the surest face is seen."""
    small = _shrunk(pixels, _FIRST_LOOK)
    height, width = small.shape[:2]
    found: list[Face] = []
    for clockwise in (True, False):
        turn = cv2.ROTATE_90_CLOCKWISE if clockwise else cv2.ROTATE_90_COUNTERCLOCKWISE
        turned = np.asarray(cv2.rotate(small, turn), np.uint8)
        faces = [_turned_back(face, clockwise, height, width) for face in _look(turned, _FIRST_LOOK)]
        if _surest(faces) > _surest(found):
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
