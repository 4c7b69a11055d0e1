"""Augmentation: a training picture becomes the same face seen differently.

The functions work on a whole batch, on the device that holds it.
"""

from functools import cache

import cv2
import numpy as np
import torch
from torch import nn

from training.data.occluders import darkened, with_glasses, with_hand
from training.settings import Augmentation

_BLOCK = 8
# The luminance table in annex K of the JPEG standard. libjpeg scales it by the quality.
_LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)


def augment(pictures: torch.Tensor, settings: Augmentation, generator: torch.Generator) -> torch.Tensor:
    """Pictures (n, size, size), 0 to 255, each changed at random. The result is float32, 0 to 255.

    A picture is blurred by resampling or JPEG, gets glasses or a hand before it, is darkened, mirrored,
    rotated, scaled, shifted, made lighter or darker, and loses a part. `settings.strength` multiplies how far
    it is rotated, scaled, shifted and relit, and how often a part is cut out. The size must be a multiple of
    8, and the generator must be on the pictures' device.
    """
    chance = _Chance(len(pictures), settings.strength, generator)
    seen = pictures.float()
    size = seen.shape[-1]
    small = chance.between(0.4, 0.9).mul(size).round().long()
    seen = torch.where(chance.once_in(settings.resample_chance), resampled(seen, small), seen)
    quality = chance.between(30, 95).floor()
    seen = torch.where(chance.once_in(settings.jpeg_chance), recompressed(seen, quality), seen)
    seen = _hidden(seen, settings, chance)
    seen = moved(
        seen,
        mirror=chance.between(0, 1) < 0.5,
        turn=torch.deg2rad(chance.within(settings.turn_degrees)),
        scale=1 + chance.within(settings.scale),
        shift=torch.stack([chance.within(settings.shift), chance.within(settings.shift)], dim=1),
    )
    seen = relit(seen, 1 + chance.within(settings.contrast), 255 * chance.within(settings.light))
    side = round(size * settings.cutout_share)
    corner = torch.stack([chance.between(0, size - side), chance.between(0, size - side)], dim=1).floor()
    cut = cut_out(seen, corner, side, chance.between(0, 256).floor())
    return torch.where(chance.once_in(settings.strength * settings.cutout_chance), cut, seen)


def _hidden(seen: torch.Tensor, settings: Augmentation, chance: "_Chance") -> torch.Tensor:
    """Pictures (n, size, size), some with glasses, some with a hand before the face, some darkened."""
    glasses = with_glasses(
        seen,
        lens=torch.stack([chance.between(0.12, 0.19), chance.between(0.08, 0.15)], dim=1),
        rim=chance.between(0.1, 0.35),
        grey=chance.between(0, 110),
        # Half of the glasses are clear.
        tint=chance.between(-1, 1).clamp(min=0),
        down=chance.between(-0.05, 0.06),
    )
    seen = torch.where(chance.once_in(settings.glasses_chance), glasses, seen)
    hand = with_hand(
        seen,
        centre=torch.stack([chance.between(0.6, 1.1), chance.between(0, 1)], dim=1),
        axes=torch.stack([chance.between(0.15, 0.4), chance.between(0.12, 0.3)], dim=1),
        grey=seen.mean(dim=(1, 2)) * chance.between(0.8, 1.2),
    )
    seen = torch.where(chance.once_in(settings.hand_chance), hand.clamp(0, 255), seen)
    dark = darkened(seen, chance.between(1, 2.5))
    return torch.where(chance.once_in(settings.dark_chance), dark, seen)


class _Chance:
    """Draws random numbers, one for each picture."""

    def __init__(self, count: int, strength: float, generator: torch.Generator) -> None:
        self._count, self._strength, self._generator = count, strength, generator

    def between(self, low: float, high: float) -> torch.Tensor:
        drawn = torch.rand(self._count, generator=self._generator, device=self._generator.device)
        return low + (high - low) * drawn

    def within(self, bound: float) -> torch.Tensor:
        """A number between -bound and bound, multiplied by the strength."""
        return self.between(-self._strength * bound, self._strength * bound)

    def once_in(self, chance: float) -> torch.Tensor:
        return (self.between(0, 1) < chance)[:, None, None]


def resampled(pictures: torch.Tensor, small: torch.Tensor) -> torch.Tensor:
    """Pictures (n, size, size), each shrunk to `small` (n,) pixels by area and enlarged by interpolation."""
    there_and_back = _resamplings(pictures.shape[-1], pictures.device)[small]
    return there_and_back @ pictures @ there_and_back.transpose(1, 2)


@cache
def _resamplings(size: int, device: torch.device) -> torch.Tensor:
    """For each smaller size, the matrix that shrinks a column to it and back: (size + 1, size, size)."""
    column = np.eye(size, dtype=np.float32)
    matrices = [column]
    for small in range(1, size + 1):
        shrunk = cv2.resize(column, (size, small), interpolation=cv2.INTER_AREA)
        matrices.append(np.asarray(cv2.resize(shrunk, (size, size), interpolation=cv2.INTER_LINEAR)))
    return torch.from_numpy(np.stack(matrices)).to(device)


def recompressed(pictures: torch.Tensor, quality: torch.Tensor) -> torch.Tensor:
    """Pictures (n, size, size) as they are after JPEG compression at `quality` (n,), 1 to 100.

    The cosine transform of each 8x8 block is rounded to the steps of the quality's table.
    """
    cosines, table = _jpeg(pictures.device)
    scale = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)
    steps = ((table * scale[:, None, None] + 50) / 100).floor().clamp(1, 255)[:, None, None]
    count, size = len(pictures), pictures.shape[-1]
    blocks = pictures.reshape(count, size // _BLOCK, _BLOCK, size // _BLOCK, _BLOCK).transpose(2, 3) - 128
    coded = (cosines @ blocks @ cosines.T / steps).round() * steps
    decoded = (cosines.T @ coded @ cosines + 128).round().clamp(0, 255)
    return decoded.transpose(2, 3).reshape(count, size, size)


@cache
def _jpeg(device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """The orthonormal cosine transform (8, 8), and the table (8, 8) of quality 50."""
    place = torch.arange(_BLOCK, dtype=torch.float64)
    cosines = torch.cos(torch.pi / _BLOCK * (place + 0.5) * place[:, None]) * (2 / _BLOCK) ** 0.5
    cosines[0] /= 2**0.5
    return cosines.float().to(device), torch.tensor(_LUMINANCE, dtype=torch.float32, device=device)


def moved(
    pictures: torch.Tensor, mirror: torch.Tensor, turn: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor
) -> torch.Tensor:
    """Pictures (n, size, size), each moved by an affine transform.

    They are mirrored where `mirror` (n,) is true, rotated about the middle by `turn` (n,) radians
    anticlockwise, made `scale` (n,) times as large and shifted right and down by `shift` (n, 2), in parts of
    their size. Pixels beyond an edge are those of the edge.
    """
    size = pictures.shape[-1]
    cosine, sine = torch.cos(turn) / scale, torch.sin(turn) / scale
    # The matrix leads from a place in the new picture to one in the old. The centres of the outermost pixels
    # are at -1 and 1.
    back = torch.stack([torch.stack([cosine, -sine], dim=1), torch.stack([sine, cosine], dim=1)], dim=1)
    offset = -(back @ (2 * size / (size - 1) * shift)[:, :, None])
    matrix = torch.cat([back, offset], dim=2)
    matrix[:, 0] *= torch.where(mirror, -1.0, 1.0)[:, None]
    grid = nn.functional.affine_grid(matrix, [len(pictures), 1, size, size], align_corners=True)
    return nn.functional.grid_sample(
        pictures[:, None], grid, mode="bilinear", padding_mode="border", align_corners=True
    )[:, 0]


def relit(pictures: torch.Tensor, contrast: torch.Tensor, light: torch.Tensor) -> torch.Tensor:
    """Pictures (n, size, size) with their contrast multiplied by `contrast` (n,), and `light` (n,) added."""
    mean = pictures.mean(dim=(1, 2), keepdim=True)
    return ((pictures - mean) * contrast[:, None, None] + mean + light[:, None, None]).clamp(0, 255)


def cut_out(pictures: torch.Tensor, corner: torch.Tensor, side: int, grey: torch.Tensor) -> torch.Tensor:
    """Pictures (n, size, size), each with a square of `side` pixels in one `grey` (n,), 0 to 255.

    corner: (n, 2), the square's top and left.

    Source: DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017.
    """
    place = torch.arange(pictures.shape[-1], device=pictures.device)
    inside = (place >= corner[:, :, None]) & (place < corner[:, :, None] + side)
    return torch.where(inside[:, 0, :, None] & inside[:, 1, None, :], grey[:, None, None], pictures)
