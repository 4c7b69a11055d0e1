"""A face in a picture → its crop, level and grey, as the networks were trained on."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from memegen.face.detect import Face, Pixels, detect, shrink, top_score

CROP_SIZE = 96  # pixels a side of a face's crop
SMALL_SIZE = 48  # and of what the smaller networks read of it
INPUT_SIZES = (SMALL_SIZE, CROP_SIZE)
"""The sides, in pixels, of what networks read."""

_SURELY_UPRIGHT = 0.92
_LEVEL = math.radians(3)
_ROLL_STEP = math.radians(20)
_MOST_ROLL_STEPS = 3  # to each side
# A small detection estimates the roll as well as a larger one, but places the face worse. The size is the
# square's side in pixels (YuNet pads it to a multiple of 32), the reach its side in sides of the face.
_ROLL_SIZE, _ROLL_REACH = 64, 1.7
_LEVEL_SIZE, _LEVEL_REACH = 160, 1.9
_ALIASING_SCALE = 0.75  # a picture that is shrunk further than this must be averaged, or it looks jagged
_SCORE_MARGIN = 0.06  # a score this far below the best one has no weight


def crop_face(pixels: Pixels, face: Face) -> Pixels:
    """Crop a face: (96, 96) uint8 grey. Each network reads it in its own size (`square_crop`).

    The crop is a square centred on the face's box. Its side is the box's height along the face, and it is
    rotated so that the face is level. Beyond the picture its edges repeat.
    """
    return grey(_warp_square(pixels, _level(pixels, face), CROP_SIZE))


def square_crop(picture: Pixels, size: int) -> Pixels:
    """Bring a picture that is already a face crop to (size, size) uint8 grey.

    picture: (height, width) grey or (height, width, 3) RGB uint8 of any size. The shorter side is padded with
    its edges, so that the proportions are kept. A larger picture is averaged by area and a smaller one
    interpolated; of the very size it stays as it is.
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
    if plain.shape[0] == size:
        return plain
    method = cv2.INTER_AREA if plain.shape[0] > size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plain, (size, size), interpolation=method), np.uint8)


def grey(picture: Pixels) -> Pixels:
    """The luma (ITU-R BT.601) of a grey or RGB picture: (height, width) uint8."""
    if picture.ndim == 2:
        return picture
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


@dataclass(frozen=True)
class _Square:
    """A square in a picture: its centre and side in pixels, and its clockwise rotation in radians."""

    x: float
    y: float
    side: float
    angle: float


def _level(pixels: Pixels, face: Face) -> _Square:
    """The square around a face, rotated so that the face is level.

    YuNet's landmarks show only about half of a large roll (16 of 30 degrees on JAFFE), but its score falls on
    both sides of upright. So unless the face is clearly upright, small detections on the rotated face give
    its roll, and a larger one on the levelled face gives its place.
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
    roll = _estimate_roll(pixels, replace(square, side=_ROLL_REACH * side, angle=quarter))
    if roll is None:
        return square
    around = replace(square, side=_LEVEL_REACH * side, angle=roll)
    faces = detect(_warp_square(pixels, around, _LEVEL_SIZE), _LEVEL_SIZE)
    if not faces:
        return replace(square, angle=roll)
    box, step = faces[0].box, around.side / _LEVEL_SIZE
    right = (box.left + box.width / 2 - _LEVEL_SIZE / 2) * step
    down = (box.top + box.height / 2 - _LEVEL_SIZE / 2) * step
    cos, sin = math.cos(roll), math.sin(roll)
    x, y = around.x + right * cos - down * sin, around.y + right * sin + down * cos
    return _Square(x, y, box.height * step, roll)


def _estimate_roll(pixels: Pixels, around: _Square) -> float | None:
    """The angle in radians at which the face in a square is upright; None where no face is detected.

    The detector runs on the square as it is and rotated in steps, to each side as long as the score rises.
    The roll is the mean of these angles, weighted by how near each score is to the best. On JAFFE, rotated by
    0 to 45 degrees, half of the estimates are within 1 to 4 degrees, also on faces of some 50 px.
    """
    # Shrinking once for all detections, because shrinking costs more than detecting.
    near, left, top = _surroundings(pixels, around)
    small = shrink(near, round(max(near.shape[:2]) * min(1.0, _ROLL_SIZE / around.side)))
    scale = max(small.shape[:2]) / max(near.shape[:2])
    x, y, side = (around.x - left) * scale, (around.y - top) * scale, around.side * scale

    def score(roll: float) -> float:
        warped = _warp_square(small, _Square(x, y, side, around.angle + roll), _ROLL_SIZE)
        return top_score(detect(warped, _ROLL_SIZE))

    scores = {0.0: score(0)}
    for step in (_ROLL_STEP, -_ROLL_STEP):
        for count in range(1, _MOST_ROLL_STEPS + 1):
            scores[step * count] = score(step * count)
            if scores[step * count] < max(scores.values()):
                break
    best = max(scores.values())
    weights = [max(0.0, score - best + _SCORE_MARGIN) if score else 0.0 for score in scores.values()]
    return around.angle + float(np.average(list(scores), weights=weights)) if best else None


def _surroundings(picture: Pixels, square: _Square) -> tuple[Pixels, int, int]:
    """The part of a picture that holds the square at any rotation, with the part's left and top."""
    reach = math.ceil(square.side * 0.75) + 2
    left, top = max(0, int(square.x) - reach), max(0, int(square.y) - reach)
    right = min(picture.shape[1], int(square.x) + reach)
    bottom = min(picture.shape[0], int(square.y) + reach)
    return picture[top:bottom, left:right], left, top


def _warp_square(picture: Pixels, square: _Square, size: int) -> Pixels:
    """The square of a picture, grey or RGB, as (size, size[, 3]). Beyond the picture its edges repeat."""
    # Shrink by area first, so that a large face does not alias. A face that becomes only a little smaller
    # does not, and shrinking it would take longer than all the rest.
    around, left, top = _surroundings(picture, square)
    scale = size / square.side if size / square.side < _ALIASING_SCALE else 1.0
    if scale < 1:
        fewer = (max(1, round(around.shape[1] * scale)), max(1, round(around.shape[0] * scale)))
        around = np.asarray(cv2.resize(around, fewer, interpolation=cv2.INTER_AREA), np.uint8)
    # Maps a pixel of the result to one of the shrunk surroundings. A pixel's centre is at .5.
    step = square.side * scale / size
    cos, sin = math.cos(square.angle) * step, math.sin(square.angle) * step
    half = (size - 1) / 2
    x, y = (square.x - left) * scale - 0.5, (square.y - top) * scale - 0.5
    inverse = np.array([[cos, -sin, x - half * (cos - sin)], [sin, cos, y - half * (sin + cos)]])
    warped = cv2.warpAffine(
        around,
        inverse,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(warped, np.uint8)
