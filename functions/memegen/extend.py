"""Draws a photo on above its plain top, so that no seam shows: its colours, its shades and its grain."""

import cv2
import numpy as np

_BAND = 0.06  # of the width: how deep the rows are that are mirrored
_SMOOTH = 0.02  # of the width: what is finer than this is grain
_SHIFT = 0.37  # of the width: by how much the grain is moved each time that it is used again
_LEAST = 2  # rows
_STRAY = 3.0  # of the grain's usual strength: what is stronger is a hair or a scratch and is not repeated


def drawn_on(photo: np.ndarray, border: int, clear: int, rows: int) -> np.ndarray:
    """What is above the photo and in place of its border: (rows + border, width, 3) uint8.

    photo: (height, width, 3) uint8. border: how many rows at its top are painted over. clear: its first row
    that shows something else than the ground.

    The rows next to the photo mirror it. Further up the shades are those of the mirrored rows on average, and
    the grain is that of the mirrored rows again, turned over and moved.
    """
    width = photo.shape[1]
    deep = max(_LEAST, min(round(_BAND * width), clear - border))
    band = photo[border : border + deep].astype(np.float32)
    sigma = max(1.0, _SMOOTH * width)
    shades = cv2.GaussianBlur(band, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    grain = band - shades
    mean = cv2.GaussianBlur(
        shades.mean(axis=0, keepdims=True), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE
    )
    usual = _STRAY * 1.5 * np.median(np.abs(grain))
    near = np.linspace(1, 0, len(band), endpoint=False, dtype=np.float32)[:, None, None]
    tiles = [_pixels(near * band + (1 - near) * np.clip(grain, -usual, usual), (1 - near) * mean)]
    grain, means = np.clip(grain, -usual, usual), np.repeat(mean, len(band), axis=0)
    for turn in range(1, 1 + (rows + border) // len(band)):
        moved = np.roll(grain, int(_SHIFT * width * turn), axis=1)
        tiles.append(_pixels(moved[::-1] if turn % 2 else moved, means))
    return np.concatenate(tiles)[: rows + border][::-1]


def _pixels(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The sum, rounded, within what a pixel can be."""
    return np.asarray(cv2.add(np.ascontiguousarray(one), other, dtype=cv2.CV_8U), np.uint8)
