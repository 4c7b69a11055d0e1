"""Photos to measure with: a portrait in the public domain, enlarged, with a camera's noise."""

import io
import sys
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from PIL import Image

# Megapixels → width and height of a 4:3 photo.
SIZES = {0.3: (640, 480), 2: (1632, 1224), 12: (4000, 3000), 48: (8000, 6000)}


def jpeg_of(megapixels: float) -> bytes:
    """A JPEG of the astronaut Eileen Collins (NASA, as scikit-image ships it) in that many megapixels."""
    width, height = SIZES[megapixels]
    picture = skimage.data.astronaut()
    wide = cv2.copyMakeBorder(picture, 0, 0, 85, 86, cv2.BORDER_REPLICATE)
    large = cv2.resize(wide, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).normal(0, 3, (512, 512, 3))
    tiled = np.tile(noise, (height // 512 + 1, width // 512 + 1, 1))[:height, :width]
    grainy = np.clip(large + tiled, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(grainy).save(out, "JPEG", quality=88)
    return out.getvalue()


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(jpeg_of(float(sys.argv[1])))
