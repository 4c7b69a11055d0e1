"""Small photos are enlarged, so that letters on them have pixels enough."""

import cv2
import numpy as np

from memegen.contract import MEME_LONG_SIDE

_LEAST_SHORT_SIDE = 480  # pixels
_THUMBNAIL = 64  # pixels: what is smaller still is no photo but an icon, of which nothing can be made


def enlarge(pixels: np.ndarray) -> np.ndarray:
    """The picture with a short side of at least 480 px, as far as its long side stays within a meme's.

    pixels: (height, width, 3) uint8. A picture whose short side has fewer than 64 px is left as it is.
    """
    height, width = pixels.shape[:2]
    short, long = min(height, width), max(height, width)
    scale = min(_LEAST_SHORT_SIDE / short, MEME_LONG_SIDE / long)
    if scale <= 1 or short < _THUMBNAIL:
        return pixels
    size = (round(width * scale), round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LANCZOS4), np.uint8)
