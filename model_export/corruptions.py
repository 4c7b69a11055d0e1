"""What happens to photos outside the laboratory, done to face crops: (size, size) uint8 grey → the same.

Each is a plain function of a crop, so that every reader is tried on the same pictures. The eyes of a crop lie
about where `face.expressions.golden_crop` has them. Lengths in pixels are those of a crop of 48 pixels, and
grow with the crop. Training draws other glasses than these.
"""

from collections.abc import Callable

import cv2
import numpy as np

from memegen.face.crop import SMALL_SIZE
from memegen.face.detect import Pixels

_EYES = ((0.3, 0.39), (0.7, 0.39))  # of the side, across and down
_LENS = 0.15  # of the side, the radius
_FRAME, _DARK_GLASS = 30, 25  # grey levels
_BLUR = 2 / SMALL_SIZE  # of the side


def blurred(crop: Pixels) -> Pixels:
    """Out of focus: a Gaussian of 2 px."""
    return np.asarray(cv2.GaussianBlur(crop, (0, 0), _BLUR * len(crop)), np.uint8)


def turned(crop: Pixels) -> Pixels:
    """Turned by 20 degrees, as where the eyes were not found well."""
    side = len(crop)
    turn = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), 20, 1)
    drawn = cv2.warpAffine(crop, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(drawn, np.uint8)


def with_thin_glasses(crop: Pixels) -> Pixels:
    """Round glasses with a thin dark frame."""
    return _with_glasses(crop, thickness=_thin(crop), level=_FRAME)


def with_dark_glasses(crop: Pixels) -> Pixels:
    """Round sunglasses."""
    return _with_glasses(crop, thickness=cv2.FILLED, level=_DARK_GLASS)


def moved_up(crop: Pixels) -> Pixels:
    """The face a tenth of the side higher, with the last row repeated below."""
    rows = round(0.1 * len(crop))
    return np.concatenate([crop[rows:], np.repeat(crop[-1:], rows, axis=0)])


def darkened(crop: Pixels) -> Pixels:
    """Too little light: a gamma of 2.5."""
    return np.round(255 * (crop / 255) ** 2.5).astype(np.uint8)


def _thin(crop: Pixels) -> int:
    """The thickness of a thin frame, in pixels."""
    return round(len(crop) / SMALL_SIZE)


def _with_glasses(crop: Pixels, thickness: int, level: int) -> Pixels:
    drawn, side = crop.copy(), len(crop)
    radius = round(_LENS * side)
    (left, down), (right, _) = ((round(x * side), round(y * side)) for x, y in _EYES)
    for across in (left, right):
        cv2.circle(drawn, (across, down), radius, (level,), thickness, cv2.LINE_AA)
    for start, end in ((left + radius, right - radius), (0, left - radius), (right + radius, side)):
        cv2.line(drawn, (start, down), (end, down), (level,), _thin(crop), cv2.LINE_AA)
    return drawn


CORRUPTIONS: dict[str, Callable[[Pixels], Pixels]] = {
    "blurred by 2 px": blurred,
    "turned by 20°": turned,
    "thin glasses": with_thin_glasses,
    "dark glasses": with_dark_glasses,
    "moved up by 10 %": moved_up,
    "darkened": darkened,
}
