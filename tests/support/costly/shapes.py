"""The most pixels and bytes in every shape."""

from collections.abc import Callable

import numpy as np
from PIL import Image

Maker = Callable[[], bytes]

MOST_BYTES = 20 * 2**20
# Width and height, nearly as many pixels as are read of any type.
SQUARE, TALL, WIDE, FEW_ROWS = (8062, 8062), (1, 65_000_000), (65_000_000, 1), (21_666_666, 3)
STRIPES, COLUMNS = (65_500, 992), (992, 65_500)
NOISE = np.random.default_rng(1)


def noise(width: int, height: int, channels: int = 3) -> Image.Image:
    pixels = NOISE.integers(0, 256, (height, width, channels), np.uint8)
    return Image.fromarray(pixels.squeeze())
