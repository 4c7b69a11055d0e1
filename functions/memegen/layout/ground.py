"""What the ground is like: too busy for letters, as other text is, so plain that it may be left out, or so
light that dark letters can stand on it as they are.

How busy it is shows at two sizes of the picture: at the larger one small text, and at the smaller one text
whose letters are as large as a caption's.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from memegen.face.detect import shrink
from memegen.geometry import Box, Point
from memegen.layout.style import Colour

# The picture's width in pixels at which it is judged, and how large a share of the ground is then at an edge.
# Pages of text have so much at one of the two widths where their letters are 16 to 200 pixels high on a
# picture of 1,600. Of 112 photos the 7 with most texture have it, such as grass and gravel.
_BUSY = ((640, 0.22), (320, 0.3))
_EDGE = 40  # grey levels from pixel to pixel
# At which long side in pixels it is seen whether rows are plain, by how many levels a plain pixel differs at
# most from the mean of those around it, and how far around it they are. A bird of two pixels on a picture of
# 1,600 differs more, and the gradient of a sky or a studio less.
_PLAIN_SIDE, _PLAIN, _AROUND = 320, 5, 3
# A picture is judged in tenths of its height, each about a line of a caption. Captions stand in the three at
# its top and the three at its bottom.
_TENTHS = (0, 1, 2, 7, 8, 9)
_CONTRAST = 7.0  # WCAG 2.2, level AAA, between letters without an outline and what is around them
_FOCUS_SIDE = 128  # pixels: of the small picture in which its focus is found


def is_busy(picture: np.ndarray, box: Box[int]) -> bool:
    """Whether a box of a picture, (height, width, 3) uint8, is too busy for letters."""
    grey = cv2.cvtColor(picture[box.top : box.bottom, box.left : box.right], cv2.COLOR_RGB2GRAY)
    return any(_share_of_edges(grey, min(1.0, side / picture.shape[1])) >= least for side, least in _BUSY)


def carries(ground: np.ndarray, letters: Colour) -> bool:
    """Whether letters of this colour, dark and without an outline, can be read on every pixel of the ground,
    grain included.

    ground: (height, width, 3) uint8, sRGB.
    """
    light, dark = (_luminance(each) for each in (ground, np.array([[letters]], np.uint8)))
    return bool(light.min() + 0.05 >= _CONTRAST * (dark.max() + 0.05))


def is_page(picture: np.ndarray) -> bool:
    """Whether a picture is too busy for letters at its top or its bottom, where a caption would stand."""
    small = shrink(picture, round(max(picture.shape) * min(1.0, _BUSY[0][0] / picture.shape[1])))
    height, width = small.shape[:2]
    band = max(1, height // 10)
    return any(is_busy(small, Box(0, tenth * height // 10, width, band)) for tenth in _TENTHS)


def plain_rows(picture: np.ndarray, faces: Sequence[Box[float]]) -> int:
    """How many rows at a picture's top are plain: of an even colour or a soft gradient, without any detail.

    picture: (height, width, 3) uint8. faces: theirs. Rows below the highest one's top don't count, and
    without a face none does, because then all of the picture may be what it is about.
    """
    rows = max(0, min((round(face.top) for face in faces), default=0))
    if not rows:
        return 0
    scale = min(1.0, _PLAIN_SIDE / max(picture.shape[:2]))
    picture = picture[:rows]
    small = shrink(picture, round(scale * max(picture.shape[:2]))).astype(np.float32)
    differs = np.abs(small - cv2.GaussianBlur(small, (0, 0), _AROUND)).max(axis=(1, 2)) > _PLAIN
    plain = int(np.argmax(differs)) if differs.any() else len(small)
    return plain * len(picture) // len(small)


def focus_of(picture: np.ndarray) -> Point:
    """Where a picture, (height, width, 3) uint8, has most to see: the middle of all its edges."""
    scale = min(1.0, _FOCUS_SIDE / max(picture.shape[:2]))
    grey = cv2.cvtColor(shrink(picture, round(max(picture.shape[:2]) * scale)), cv2.COLOR_RGB2GRAY)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    edges = cv2.magnitude(across, down) + 1e-3  # a picture without edges has its middle
    middle = [
        float((np.arange(length) + 0.5) @ edges.sum(axis=axis) / edges.sum() / length)
        for axis, length in ((0, grey.shape[1]), (1, grey.shape[0]))
    ]
    return middle[0] * picture.shape[1], middle[1] * picture.shape[0]


def _luminance(pixels: np.ndarray) -> np.ndarray:
    """Relative luminance, 0 to 1, of sRGB pixels, (height, width, 3) uint8, as WCAG 2.2 defines it."""
    levels = np.arange(256) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    table = (linear[:, None] * (0.2126, 0.7152, 0.0722)).astype(np.float32)
    # A table is much cheaper than a power of every pixel.
    return np.asarray(cv2.transform(cv2.LUT(pixels, table[None]), np.ones((1, 3), np.float32)))


def _share_of_edges(grey: np.ndarray, scale: float) -> float:
    """The share of a grey picture in which, at that scale, light changes as sharply as at a letter's edge."""
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    across, down = (cv2.Sobel(small, cv2.CV_32F, *order, scale=1 / 4) for order in ((1, 0), (0, 1)))
    return float((cv2.magnitude(across, down) > _EDGE).mean())
