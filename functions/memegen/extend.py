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
    deep, count = len(band), rows + border
    away = np.arange(count)  # rows from the photo
    turn, step = np.divmod(away, deep)
    row = np.where(turn % 2 == 0, step, deep - 1 - step)
    near = np.clip(1 - away / deep, 0, 1).astype(np.float32)[:, None, None]
    moved = (
        [np.roll(grain, int(_SHIFT * width * each), axis=1) for each in range(turn[-1] + 1)] if count else []
    )
    above = np.empty((count, width, 3), np.float32)
    for each, tile in enumerate(moved):
        above[turn == each] = tile[row[turn == each]]
    usual = _STRAY * 1.5 * np.median(np.abs(grain))
    above = near * above + (1 - near) * np.clip(above, -usual, usual)
    above += near * shades[row] + (1 - near) * mean
    return np.clip(above[::-1].round(), 0, 255).astype(np.uint8)
