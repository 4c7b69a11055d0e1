"""Sound photos of odd shapes: 1 × 1, lines, the longest sides that the formats know."""

import numpy as np
from PIL import Image

from tests.support.corpus.cases import Case, Picture
from tests.support.photo_files import saved

_COLOUR = (30, 160, 60)
_LONGEST = {"PNG": 50_000, "JPEG": 50_000, "GIF": 50_000, "BMP": 50_000, "TIFF": 50_000, "WEBP": 16_383}
_LOSSLESS = {"WEBP": {"lossless": True}, "AVIF": {"speed": 10, "quality": 95, "max_threads": 1}}
_FORMS = (*_LONGEST, "AVIF", "HEIF")


def odd_shape(i: int, rng: np.random.Generator) -> Case:
    """One colour, shown at the size that keeps the shape, the long side at most 1,600 and no side under 1."""
    form = _FORMS[i % len(_FORMS)]
    longest = _LONGEST.get(form, 3000)
    shapes = (
        (1, 1),
        (1, longest),
        (longest, 1),
        (2, 3),
        (1, 2),
        (7, longest),
        (longest, 3),
        (1601, 1),
        (1, 1600),
    )
    width, height = shapes[i // len(_FORMS) % len(shapes)]
    scale = min(1, 1600 / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    pixels = np.full((size[1], size[0], 3), _COLOUR, np.uint8)
    image = Image.new("RGB", (width, height), _COLOUR)
    if form == "GIF":  # Pillow's own choice of 256 colours may not have this one
        image = Image.new("P", (width, height))
        image.putpalette(_COLOUR)
    return Case(saved(image, form, **_LOSSLESS.get(form, {})), picture=Picture(size, pixels, within=4))
