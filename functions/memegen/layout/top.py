"""What a photo shows at its top: whether it is so plain that it can be drawn on, and where heads begin."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from memegen.geometry import Box
from memegen.layout.free_space import HAIR

# As parts of the photo's height: the deepest border, and the rows below one of its rows that tell it apart,
# the first to before the last.
_DEEPEST, _FIRST, _LAST = 0.04, 0.03, 0.06
_BORDER = 25  # grey levels between a border and the photo below it
_SOFT = 0.004  # of the photo's height: rows in which a border runs into the photo
_ROWS = 0.012  # of the photo's height: the rows below the border that show the ground
# The ground is plain where most of its width, in per cent, is within so many levels of its median.
_MOST_OF_IT, _PLAIN = 95, 40
_BLUR = 0.02  # of the photo's width: how much grain and lines of the ground are smoothed
_HEAD, _HEAD_WIDE, _HEAD_SHARE = 30, 0.6, 0.2  # grey levels from the ground to hair; of a face's width


@dataclass(frozen=True)
class Top:
    """A plain top of a photo, in rows of it.

    border: how many rows at the photo's very top are a border that is not part of what is below.
    heads: for each face where its head begins, hair included.
    """

    border: int
    heads: tuple[int, ...]

    @property
    def clear(self) -> int | None:
        """Above which row no head is; None without faces."""
        return min(self.heads, default=None)

    def scaled(self, scale: float) -> "Top":
        return Top(round(self.border * scale), tuple(round(head * scale) for head in self.heads))


def top_of(photo: np.ndarray, faces: Sequence[Box[float]]) -> Top | None:
    """The top of a photo, (height, width, 3) uint8, with faces at these boxes; None where it is not plain."""
    height, width = photo.shape[:2]
    border = min([_border(photo), *(max(0, int(face.top)) for face in faces)])  # a face is no border
    rows = photo[border : border + max(1, round(_ROWS * height))].mean(axis=0)
    if np.percentile(np.abs(rows - np.median(rows, axis=0)).max(axis=1), _MOST_OF_IT) > _PLAIN:
        return None
    deepest = max((int(face.top) for face in faces), default=0)
    grey = cv2.cvtColor(photo[: max(border + 1, min(deepest, height))], cv2.COLOR_RGB2GRAY)
    smooth = cv2.blur(grey, (max(1, round(_BLUR * width)), max(1, round(0.5 * _BLUR * width))))
    return Top(border, tuple(_head(smooth, face, border) for face in faces))


def _border(photo: np.ndarray) -> int:
    """How many rows at the top are a border."""
    height = len(photo)
    deepest, first, last = (round(part * height) for part in (_DEEPEST, _FIRST, _LAST))
    if first < 1 or last <= first:
        return 0
    medians = np.median(cv2.cvtColor(photo[: deepest + last, ::4], cv2.COLOR_RGB2GRAY), axis=1)
    other = [
        row
        for row in range(deepest)
        if abs(medians[row] - np.median(medians[row + first : row + last])) > _BORDER
    ]
    return other[-1] + 1 + max(1, round(_SOFT * height)) if other else 0


def _head(smooth: np.ndarray, face: Box[float], border: int) -> int:
    """The first row below the border in which something else than the ground is over the face, but at most
    the face's own first row."""
    height, width = smooth.shape
    highest = max(border, min(int(face.top), height))
    middle = face.left + face.width / 2
    start = min(max(0, int(middle - _HEAD_WIDE / 2 * face.width)), width - 1)
    columns = smooth[border:highest, start : max(start + 1, int(middle + _HEAD_WIDE / 2 * face.width))]
    if not columns.size:
        return highest
    ground = np.median(columns[: max(1, height // 50)], axis=0)
    is_head = (np.abs(columns - ground) > _HEAD).mean(axis=1) > _HEAD_SHARE
    if is_head.any():
        return border + int(is_head.argmax())
    return max(border, min(highest, round(face.top - HAIR * face.height)))  # hair as light as the ground
