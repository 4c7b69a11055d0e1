"""A training picture → the same face seen differently."""

import cv2
import numpy as np
import numpy.typing as npt

from training.settings import Augmentation

Pictures = npt.NDArray[np.uint8]


def augment(pictures: Pictures, settings: Augmentation, rng: np.random.Generator) -> Pictures:
    """Each of (n, size, size) uint8 pictures changed by chance: mirrored, turned, scaled, shifted, relit,
    blurred by resampling or JPEG, a part cut out.

    `settings.strength` multiplies how far a picture is turned, scaled, shifted and relit, and how often a
    part is cut out.
    """
    return np.stack([_augment_one(picture, settings, rng) for picture in pictures])


def _augment_one(picture: Pictures, settings: Augmentation, rng: np.random.Generator) -> Pictures:
    size = picture.shape[0]
    if rng.random() < settings.resample_chance:
        small = round(size * rng.uniform(0.4, 0.9))
        picture = np.asarray(cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA), np.uint8)
        picture = np.asarray(cv2.resize(picture, (size, size), interpolation=cv2.INTER_LINEAR), np.uint8)
    if rng.random() < settings.jpeg_chance:
        _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))])
        picture = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
    middle = (size - 1) / 2
    strength = settings.strength

    def within(bound: float) -> float:
        return strength * rng.uniform(-bound, bound)

    turn, scale = within(settings.turn_degrees), 1 + within(settings.scale)
    matrix = np.array(cv2.getRotationMatrix2D((middle, middle), turn, scale), np.float64)
    matrix[:, 2] += within(settings.shift) * size, within(settings.shift) * size
    if rng.random() < 0.5:
        # Mirror first: x becomes size - 1 - x.
        matrix[:, 2] += matrix[:, 0] * (size - 1)
        matrix[:, 0] = -matrix[:, 0]
    moved = cv2.warpAffine(
        picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    contrast = 1 + within(settings.contrast)
    light = 255 * within(settings.light)
    mean = float(moved.mean())
    table = np.clip((np.arange(256) - mean) * contrast + mean + light, 0, 255).astype(np.uint8)
    lit = table[np.asarray(moved, np.uint8)]
    if rng.random() < strength * settings.cutout_chance:
        side = round(size * settings.cutout_share)
        top, left = rng.integers(0, size - side, 2)
        lit[top : top + side, left : left + side] = rng.integers(0, 256)
    return lit
