"""Headers that lie about the picture's size."""

import struct
from collections.abc import Callable

import numpy as np

from memegen.contract import MAX_JPEG_PIXELS, MAX_PHOTO_PIXELS
from tests.support.corpus.cases import ANY_CODE, Case, Picture
from tests.support.corpus.sound import Sound, any_sound
from tests.support.photo_files import png_chunk

_DAMAGED = frozenset({"damaged-image"})
_TOO_MANY = frozenset({"too-many-pixels"})


def huge(i: int, rng: np.random.Generator) -> Case:
    """A size of more pixels than are read over a small picture is refused by the header alone. Where the size
    stands in the pixels' own header too, the two may be found to differ first."""
    form, most = _CLAIMS[i % len(_CLAIMS)]
    limit = MAX_JPEG_PIXELS if form == "jpeg" else MAX_PHOTO_PIXELS
    width = int(rng.integers(limit // (most - 1) + 100, most))
    height = int(rng.integers(limit // width + 1, most))
    codes = _TOO_MANY | _DAMAGED if form in ("avif", "heic") else _TOO_MANY
    return Case(_claimed(form, any_sound(form, rng), width, height), codes)


def larger(i: int, rng: np.random.Generator) -> Case:
    """More rows than there are, within the limits: the file looks cut off. A reader that repairs what it can
    may fill the rows up, or stretch those that are there."""
    form, _ = _CLAIMS[i % len(_CLAIMS)]
    photo = any_sound(form, rng)
    width, height = photo.size
    taller = height + int(rng.integers(17, 1500 - height))
    data = _claimed(form, photo, width, taller)
    if form == "png":
        return Case(data, _DAMAGED, _above(photo.picture, taller))
    return Case(data, _DAMAGED, Picture((width, taller)) if form in ("jpeg", "gif", "webp", "avif") else None)


def smaller(i: int, rng: np.random.Generator) -> Case:
    """Fewer rows than there are: those that are claimed show, from the top, or in a BMP from below."""
    form = ("png", "bmp", "tiff")[i % 3]
    photo = any_sound(form, rng)
    width, height = photo.size
    fewer = int(rng.integers(1, height))
    assert photo.picture.pixels is not None
    rows = photo.picture.pixels[-fewer:] if form == "bmp" else photo.picture.pixels[:fewer]
    return Case(_claimed(form, photo, width, fewer), picture=Picture.exactly(rows))


def nothing(i: int, rng: np.random.Generator) -> Case:
    """No row or no column. A BMP then looks like any text that begins with BM; a JPEG without rows would
    tell them later, which no camera does."""
    form, _ = _CLAIMS[i % len(_CLAIMS)]
    photo = any_sound(form, rng)
    width, height = (0, photo.size[1]) if i // len(_CLAIMS) % 2 else (photo.size[0], 0)
    return Case(_claimed(form, photo, width, height), _DAMAGED | {"not-an-image"})


def anything(i: int, rng: np.random.Generator) -> Case:
    """Two numbers of 32 random bits, or as many as the format has."""
    form, most = _CLAIMS[i % len(_CLAIMS)]
    width, height = (min(int(2 ** rng.uniform(0, 31)), most - 1) for _ in range(2))
    return Case(_claimed(form, any_sound(form, rng), width, height), ANY_CODE, Picture())


def _above(picture: Picture, taller: int) -> Picture:
    """The picture over rows that aren't known."""
    assert picture.pixels is not None
    height, width = picture.pixels.shape[:2]
    pixels = np.zeros((taller, width, 3), np.uint8)
    pixels[:height] = picture.pixels
    where = np.zeros((taller, width), bool)
    where[:height] = True
    return Picture((width, taller), pixels, where=where)


def _claimed(form: str, photo: Sound, width: int, height: int) -> bytes:
    return _CLAIM[form](photo.data, width, height)


def _png(data: bytes, width: int, height: int) -> bytes:
    """PNG, 11.2.1: with a right checksum, so that only the pixels belie it."""
    return data[:8] + png_chunk(b"IHDR", struct.pack(">II", width, height) + data[24:29]) + data[33:]


def _jpeg(data: bytes, width: int, height: int) -> bytes:
    """T.81, B.2.2: the frame header's lines, then samples a line."""
    frame = data.index(b"\xff\xc0") + 5
    return data[:frame] + struct.pack(">HH", height, width) + data[frame + 4 :]


def _gif(data: bytes, width: int, height: int) -> bytes:
    """GIF89a, 18 and 20: the screen's size and the picture's."""
    picture = data.index(b"\x2c\0\0\0\0", 13 + 3 * 256) + 5
    size = struct.pack("<HH", width, height)
    return data[:6] + size + data[10:picture] + size + data[picture + 4 :]


def _bmp(data: bytes, width: int, height: int) -> bytes:
    return data[:18] + struct.pack("<ii", width, height) + data[26:]


def _tiff(data: bytes, width: int, height: int) -> bytes:
    """TIFF 6.0: the first directory's ImageWidth (256), ImageLength (257) and RowsPerStrip (278)."""
    out = bytearray(data)
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    for at in range(start + 2, start + 2 + 12 * count, 12):
        (tag,) = struct.unpack_from("<H", data, at)
        if tag in (256, 257, 278):
            value = width if tag == 256 else height
            struct.pack_into("<HII", out, at + 2, 4, 1, value)  # a LONG
    return bytes(out)


def _webp(data: bytes, width: int, height: int) -> bytes:
    """RFC 6386, 9.1: 14 bits each behind the start code."""
    size = data.index(b"\x9d\x01\x2a") + 3
    return data[:size] + struct.pack("<HH", width & 0x3FFF, height & 0x3FFF) + data[size + 4 :]


def _boxed(data: bytes, width: int, height: int) -> bytes:
    """ISO/IEC 23008-12, 6.5.3: every picture's extent as the container has it."""
    out, at = bytearray(data), -1
    while (at := data.find(b"ispe", at + 1)) >= 0:
        struct.pack_into(">II", out, at + 8, width, height)
    return bytes(out)


_CLAIM: dict[str, Callable[[bytes, int, int], bytes]] = {
    "png": _png,
    "jpeg": _jpeg,
    "gif": _gif,
    "bmp": _bmp,
    "tiff": _tiff,
    "webp": _webp,
    "avif": _boxed,
    "heic": _boxed,
}
# Each with the first number that its header cannot hold.
_CLAIMS = (
    ("png", 2**31),
    ("jpeg", 2**16),
    ("gif", 2**16),
    ("bmp", 2**31),
    ("tiff", 2**32),
    ("webp", 2**14),
    ("avif", 2**32),
    ("heic", 2**32),
)
