"""A picture → the faces in it → level face crops, as the ensemble was trained on.

The finder is YuNet (Wu, Peng, Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence
Research 2023) run by OpenCV.
"""

import math
import threading
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

# At looks as small as most here a second thread doubles what they take of the processors and saves no time.
cv2.setNumThreads(1)

Pixels = npt.NDArray[np.uint8]

CROP_SIZE = 48
MAX_FACES = 10

_MODEL = Path(__file__).parents[1] / "models" / "face_detection_yunet_2023mar.onnx"
_MIN_SCORE = 0.6
_NMS_OVERLAP = 0.3
_FIRST_LOOK = 320  # long side in pixels: recall .99 on portraits at 11 ms
_SURE = 0.85  # JAFFE's portraits score .92 to .94 upright, at most .85 lying on a side
_SECOND_LOOK = 960  # small faces in big pictures, missed at 320

_SURELY_UPRIGHT = 0.92
_LEVEL = math.radians(3)
_TURN = math.radians(20)  # from one look at a turned face to the next
_MOST_TURNS = 3  # to each side
# Small looks tell a tilt as well as larger ones, and where the face stands worse. Sides in pixels (YuNet pads
# them to multiples of 32) and in sides of the face.
_TURN_SIZE, _TURN_REACH = 64, 1.7
_LEVEL_SIZE, _LEVEL_REACH = 160, 1.9
_ALIASES = 0.75  # what is made smaller than this without a mean over its pixels looks jagged
_STANDS_OUT = 0.06  # a score this far below the best has no weight


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

    A square whose side is the box's height along the face, centred on the box, turned level, edges
    replicated.
    """
    return square_crop(_cut(pixels, _level(pixels, face), 2 * CROP_SIZE))


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


@dataclass(frozen=True)
class _Square:
    """A square of a picture: its centre and side in pixels, turned clockwise by an angle in radians."""

    x: float
    y: float
    side: float
    angle: float


def _level(pixels: Pixels, face: Face) -> _Square:
    """The square of a face, turned so that its eyes are level.

    YuNet's landmarks tell only about half of a large tilt (16 of 30 degrees on JAFFE), but its score falls
    off on both sides of upright. So unless the face is surely upright, small looks at the turned face tell
    its tilt, and a larger one at the levelled face where it stands.
    """
    box = face.box
    right_eye, left_eye = face.landmarks[0], face.landmarks[1]
    eyes = math.atan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0])
    quarter = round(eyes / (math.pi / 2)) * math.pi / 2
    along = box.width if round(eyes / (math.pi / 2)) % 2 else box.height
    square = _Square(box.left + box.width / 2, box.top + box.height / 2, along, eyes)
    if face.score >= _SURELY_UPRIGHT and abs(eyes - quarter) < _LEVEL:
        return square
    side = max(box.width, box.height)
    tilt = _tilt(pixels, replace(square, side=_TURN_REACH * side, angle=quarter))
    if tilt is None:
        return square
    around = replace(square, side=_LEVEL_REACH * side, angle=tilt)
    faces = _look(_cut(pixels, around, _LEVEL_SIZE), _LEVEL_SIZE)
    if not faces:
        return replace(square, angle=tilt)
    box, step = faces[0].box, around.side / _LEVEL_SIZE
    right = (box.left + box.width / 2 - _LEVEL_SIZE / 2) * step
    down = (box.top + box.height / 2 - _LEVEL_SIZE / 2) * step
    cos, sin = math.cos(tilt), math.sin(tilt)
    x, y = around.x + right * cos - down * sin, around.y + right * sin + down * cos
    return _Square(x, y, box.height * step, tilt)


def _tilt(pixels: Pixels, around: _Square) -> float | None:
    """The angle at which the face in a square of the picture stands upright; None where no look sees a face.

    Looks at the square as it is and turned by steps, to each side as long as the score rises. The mean of
    these turns, weighed by how far the score of each stands out, is on JAFFE, turned by 0 to 45 degrees,
    within 1 to 4 degrees for half of the faces, also when they are shrunk to some 50 px.
    """
    # Shrunk once for all looks, which else costs more than they.
    near, left, top = _surroundings(pixels, around)
    small = _shrunk(near, round(max(near.shape[:2]) * min(1.0, _TURN_SIZE / around.side)))
    scale = max(small.shape[:2]) / max(near.shape[:2])
    x, y, side = (around.x - left) * scale, (around.y - top) * scale, around.side * scale

    def score(turn: float) -> float:
        cut = _cut(small, _Square(x, y, side, around.angle + turn), _TURN_SIZE)
        return _surest(_look(cut, _TURN_SIZE))

    scores = {0.0: score(0)}
    for way in (_TURN, -_TURN):
        for steps in range(1, _MOST_TURNS + 1):
            scores[way * steps] = score(way * steps)
            if scores[way * steps] < max(scores.values()):
                break
    best = max(scores.values())
    weights = [max(0.0, score - best + _STANDS_OUT) if score else 0.0 for score in scores.values()]
    return around.angle + float(np.average(list(scores), weights=weights)) if best else None


def _surroundings(picture: Pixels, square: _Square) -> tuple[Pixels, int, int]:
    """The part of a picture in which the square lies, turned by any angle, and its left and top in it."""
    reach = math.ceil(square.side * 0.75) + 2
    left, top = max(0, int(square.x) - reach), max(0, int(square.y) - reach)
    right = min(picture.shape[1], int(square.x) + reach)
    bottom = min(picture.shape[0], int(square.y) + reach)
    return picture[top:bottom, left:right], left, top


def _cut(picture: Pixels, square: _Square, size: int) -> Pixels:
    """The square of a picture, grey or RGB, as (size, size[, 3]); beyond the picture its edges repeat."""
    # Shrink by area first, so that a large face does not alias. What is to become a little smaller does not,
    # and shrinking it would take longer than the rest.
    around, left, top = _surroundings(picture, square)
    shrink = size / square.side if size / square.side < _ALIASES else 1.0
    if shrink < 1:
        fewer = (max(1, round(around.shape[1] * shrink)), max(1, round(around.shape[0] * shrink)))
        around = np.asarray(cv2.resize(around, fewer, interpolation=cv2.INTER_AREA), np.uint8)
    # From a pixel of the result to one of the shrunk surroundings; a pixel's centre lies at .5.
    step = square.side * shrink / size
    cos, sin = math.cos(square.angle) * step, math.sin(square.angle) * step
    half = (size - 1) / 2
    x, y = (square.x - left) * shrink - 0.5, (square.y - top) * shrink - 0.5
    inverse = np.array([[cos, -sin, x - half * (cos - sin)], [sin, cos, y - half * (sin + cos)]])
    turned = cv2.warpAffine(
        around,
        inverse,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(turned, np.uint8)


_local = threading.local()


def _detector(long_side: int) -> cv2.FaceDetectorYN:
    # A detector holds its input's size and buffers, so each thread has its own; and one for each kind of
    # look, since a change of size costs as much as a small look.
    detectors: dict[int, cv2.FaceDetectorYN] = _local.__dict__.setdefault("detectors", {})
    if long_side not in detectors:
        size = (min(long_side, _FIRST_LOOK),) * 2
        detector = cv2.FaceDetectorYN.create(str(_MODEL), "", size, _MIN_SCORE, _NMS_OVERLAP)
        # OpenCV fits the network to the size of the first picture, which shows in the last digits of every
        # later answer. So that one photo gives one meme in every thread, the first picture is always the
        # same.
        detector.detect(np.zeros((*size, 3), np.uint8))
        detectors[long_side] = detector
    return detectors[long_side]


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
    detector = _detector(long_side)
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
        if _may_be_a_face(row, width, height)
    ]


def _may_be_a_face(row: npt.NDArray[np.float32], width: int, height: int) -> bool:
    """Whether a row's box is finite, has its middle in the picture and is at most twice as large.

    In a picture a few pixels wide YuNet sees boxes without measure, some of them surely.
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
