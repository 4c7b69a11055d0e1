"""Sound photos of every format, small and made from pixels that are known: what the corpus spoils."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from tests.support.corpus.cases import Picture
from tests.support.photo_files import adam7_rows, png, saved

VARIETY = 6
_BORDER = 12  # pixels beside a field's edge that lossy formats may change
_LOSS = 8


@dataclass(frozen=True)
class Sound:
    """A whole file and what it shows.

    known: how many first bytes tell the format, so that a shorter cut is no image at all.
    whole: how many first bytes hold the whole picture. torn: a cut before this byte lacks a part of it;
    between the two a format has bytes of which a reader may or may not have need.
    payload: the bytes that hold compressed pixels and nothing else, from and to.
    """

    data: bytes
    picture: Picture
    known: int
    whole: int
    torn: int
    payload: tuple[int, int]

    @property
    def size(self) -> tuple[int, int]:
        assert self.picture.size is not None
        return self.picture.size


def drawn(rng: np.random.Generator) -> np.ndarray:
    """Three plain fields and one of noise, below right; 64 to 127 pixels wide and high."""
    height, width = (int(side) for side in rng.integers(64, 128, 2))
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = rng.integers(0, 256, 3)
    pixels[: height // 2, width // 2 :] = rng.integers(0, 256, 3)
    pixels[height // 2 :, : width // 2] = rng.integers(0, 256, 3)
    noise = pixels[height // 2 :, width // 2 :]
    noise[...] = rng.integers(0, 256, noise.shape)
    return pixels


def _lossy(pixels: np.ndarray) -> Picture:
    """What a lossy file shows of `drawn`: the plain fields, less their borders."""
    height, width = pixels.shape[:2]
    where = np.zeros((height, width), bool)
    for top, left in ((0, 0), (0, width // 2), (height // 2, 0)):
        where[
            top + _BORDER : top + height // 2 - _BORDER,
            left + _BORDER : left + width // 2 - _BORDER,
        ] = True
    return Picture((width, height), pixels, _LOSS, where)


def _jpeg(rng: np.random.Generator, **how: object) -> Sound:
    pixels = drawn(rng)
    data = saved(Image.fromarray(pixels), "JPEG", quality=95, **how)
    scan = data.index(b"\xff\xda") + 14
    end = len(data) - 2  # only the end's marker follows the pixels
    # The last blocks may lie outside the picture, but for a pixel or two; a progressive file may end after
    # any of its scans, each of which shows the whole picture.
    torn = data.index(b"\xff\xda", scan) - 50 if "progressive" in how else end - 60
    return Sound(data, _lossy(pixels), 3, end, torn, (scan, end))


def _png(rng: np.random.Generator, interlaced: bool) -> Sound:
    pixels = drawn(rng)
    height, width = pixels.shape[:2]
    rows = adam7_rows(pixels) if interlaced else b"".join(b"\0" + row.tobytes() for row in pixels)
    data = png(width, height, 8, 2, rows, interlaced=int(interlaced))
    deflated = data.index(b"IDAT") + 4
    # After the pixels: Adler-32, the chunk's CRC, and IEND of 12 bytes. An end-of-block code takes no more
    # than 15 bits, and what is before it holds pixels.
    end = len(data) - 20
    return Sound(data, Picture.exactly(pixels), 8, end, end - 3, (deflated, end))


def _gif(rng: np.random.Generator) -> Sound:
    plain = drawn(rng)
    palette = rng.integers(0, 256, (256, 3), dtype=np.uint8)
    indices = plain[:, :, 0]
    image = Image.fromarray(indices, "P")
    image.putpalette(palette.tobytes())
    data = saved(image, "GIF", optimize=False)
    # After the pixels: a code for their end, of 12 bits at most, an empty block and the trailer.
    return Sound(
        data,
        Picture.exactly(palette[indices]),
        4,
        len(data) - 2,
        len(data) - 6,
        (len(data) // 2, len(data) - 2),
    )


def _bmp(rng: np.random.Generator) -> Sound:
    pixels = drawn(rng)
    data = saved(Image.fromarray(pixels), "BMP")
    padding = -3 * pixels.shape[1] % 4  # the last row's padding is no pixel
    return Sound(data, Picture.exactly(pixels), 54, len(data), len(data) - padding, (54, len(data) - padding))


def _tiff(rng: np.random.Generator, compression: str | None) -> Sound:
    pixels = drawn(rng)
    data = saved(Image.fromarray(pixels), "TIFF", compression=compression)
    # libtiff writes its directory behind the pixels, Pillow's own writer before them.
    payload = (len(data) // 10, len(data) // 2) if compression else (len(data) // 2, len(data))
    return Sound(data, Picture.exactly(pixels), 4, len(data), len(data), payload)


def _webp(rng: np.random.Generator, lossless: bool) -> Sound:
    pixels = drawn(rng)
    data = saved(Image.fromarray(pixels), "WEBP", quality=95, lossless=lossless)
    picture = Picture.exactly(pixels) if lossless else _lossy(pixels)
    # A chunk of odd length has one byte of padding.
    return Sound(data, picture, 12, len(data), len(data) - 1, (len(data) // 2, len(data) - 1))


def _avif(rng: np.random.Generator) -> Sound:
    pixels = drawn(rng)
    data = saved(Image.fromarray(pixels), "AVIF", quality=95, speed=9, max_threads=1)
    return Sound(data, _lossy(pixels), 12, len(data), len(data), (len(data) // 2, len(data)))


def _heic(rng: np.random.Generator) -> Sound:
    pixels = drawn(rng)
    data = saved(Image.fromarray(pixels), "HEIF")
    return Sound(data, _lossy(pixels), 11, len(data), len(data), (len(data) // 2, len(data)))


_MAKERS: dict[str, Callable[[np.random.Generator], Sound]] = {
    "jpeg": _jpeg,
    "jpeg-progressive": lambda rng: _jpeg(rng, progressive=True),
    "jpeg-restarts": lambda rng: _jpeg(rng, restart_marker_rows=1),
    "png": lambda rng: _png(rng, interlaced=False),
    "png-interlaced": lambda rng: _png(rng, interlaced=True),
    "gif": _gif,
    "bmp": _bmp,
    "tiff": lambda rng: _tiff(rng, None),
    "tiff-lzw": lambda rng: _tiff(rng, "tiff_lzw"),
    "tiff-deflate": lambda rng: _tiff(rng, "tiff_adobe_deflate"),
    "webp": lambda rng: _webp(rng, lossless=False),
    "webp-lossless": lambda rng: _webp(rng, lossless=True),
    "avif": _avif,
    "heic": _heic,
}
FORMS = tuple(_MAKERS)


@cache
def sound(form: str, which: int) -> Sound:
    """The `which`-th sound photo of a form; the same in every run."""
    return _MAKERS[form](np.random.default_rng([FORMS.index(form), which % VARIETY]))


def any_sound(form: str, rng: np.random.Generator) -> Sound:
    return sound(form, int(rng.integers(VARIETY)))
