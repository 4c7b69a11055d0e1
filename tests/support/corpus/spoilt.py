"""Sound photos that were cut, bit-flipped or spliced together."""

import zlib
from contextlib import suppress

import numpy as np

from tests.support.corpus.cases import ANY_CODE, Case, Picture
from tests.support.corpus.sound import FORMS, VARIETY, any_sound, sound
from tests.support.photo_files import png

_DAMAGED = frozenset({"damaged-image"})
_UNKNOWN = frozenset({"not-an-image", "unsupported-format"})  # AVIF and HEIC begin like a video


def whole(i: int, rng: np.random.Generator) -> Case:
    """Nothing is wrong, or something follows the file's end."""
    photo = any_sound(FORMS[i % len(FORMS)], rng)
    tail = rng.bytes(int(rng.integers(1, 2000))) if i // len(FORMS) % 2 else b""
    return Case(photo.data + tail, picture=photo.picture)


def cut(i: int, rng: np.random.Generator) -> Case:
    """Cut anywhere; each fourth within the last 40 bytes, where the picture may be whole."""
    photo = any_sound(FORMS[i % len(FORMS)], rng)
    size = len(photo.data)
    at = int(rng.integers(size - 40, size) if i // len(FORMS) % 4 == 3 else rng.integers(size))
    if at >= photo.whole:
        return Case(photo.data[:at], picture=photo.picture)
    if at < photo.known:
        return Case(photo.data[:at], _UNKNOWN)
    if at < photo.torn:
        return Case(photo.data[:at], _DAMAGED)
    exact = photo.picture.where is None
    return Case(photo.data[:at], _DAMAGED, photo.picture if exact else Picture(photo.size))


def flipped_anywhere(i: int, rng: np.random.Generator) -> Case:
    """1 to 8 bits of a whole file: what it then shows, or that it can't be read, hangs on which."""
    photo = any_sound(FORMS[i % len(FORMS)], rng)
    data = _flipped(photo.data, rng.integers(8 * len(photo.data), size=int(rng.integers(1, 9))))
    return Case(data, ANY_CODE, Picture())


def flipped_header(i: int, rng: np.random.Generator) -> Case:
    """1 to 3 bits among the first 64 bytes, where formats keep what they are and how large."""
    photo = any_sound(FORMS[i % len(FORMS)], rng)
    data = _flipped(photo.data, rng.integers(8 * 64, size=int(rng.integers(1, 4))))
    return Case(data, ANY_CODE, Picture())


def flipped_payload(i: int, rng: np.random.Generator) -> Case:
    """One bit of the compressed pixels: a picture of the same size, or none where the format can tell."""
    photo = any_sound(FORMS[i % len(FORMS)], rng)
    first, last = photo.payload
    data = _flipped(photo.data, rng.integers(8 * first, 8 * last, 1))
    return Case(data, _DAMAGED, Picture(photo.size))


def flipped_bmp(i: int, rng: np.random.Generator) -> Case:
    """A bit of a BMP's pixels is a bit of the picture (rows from below, blue first, padded to 4 bytes)."""
    photo = any_sound("bmp", rng)
    assert photo.picture.pixels is not None
    pixels = photo.picture.pixels.copy()
    height, width = pixels.shape[:2]
    row, column, colour, bit = (int(rng.integers(n)) for n in (height, width, 3, 8))
    stride = 3 * width + -3 * width % 4
    at = 54 + (height - 1 - row) * stride + 3 * column + (2 - colour)
    pixels[row, column, colour] ^= 1 << bit
    return Case(_flipped(photo.data, np.array([8 * at + bit])), picture=Picture.exactly(pixels))


def flipped_png(i: int, rng: np.random.Generator) -> Case:
    """A bit of a PNG's compressed pixels: what zlib makes of it up to its first error, if that's enough. A
    reader that has it all need not look at the checksum behind."""
    photo = any_sound("png", rng)
    first, last = photo.payload
    data = _flipped(photo.data, rng.integers(8 * first, 8 * last, 1))
    return Case(data, _DAMAGED, _of_rows(_inflated(data[first : last + 4]), photo.size))


def _inflated(stream: bytes) -> bytes:
    """What zlib makes of a stream up to its first error."""
    inflater, made = zlib.decompressobj(), bytearray()
    with suppress(zlib.error):
        for byte in stream:
            made += inflater.decompress(bytes([byte]))
    return bytes(made)


def flipped_restart(i: int, rng: np.random.Generator) -> Case:
    """A bit in one row of blocks of a JPEG with a restart marker after each: the others stay as they were."""
    photo = sound("jpeg-restarts", i % VARIETY)
    first, last = photo.payload
    ends = [at for at in range(first, last) if photo.data[at] == 0xFF and 0xD0 <= photo.data[at + 1] <= 0xD7]
    starts = [first, *(end + 2 for end in ends)]
    row = int(rng.integers(len(ends)))
    # A byte that neither is nor becomes a part of a marker.
    places = [
        8 * at + bit
        for at in range(starts[row], ends[row])
        for bit in range(8)
        if 0xFF not in (photo.data[at - 1], photo.data[at], photo.data[at] ^ 1 << bit)
    ]
    where = photo.picture.where
    assert where is not None
    where = where.copy()
    where[max(0, 16 * row - 2) : 16 * row + 18] = False  # a row of blocks, and what its colours blend into
    data = _flipped(photo.data, rng.choice(places, 1))
    return Case(data, picture=Picture(photo.size, photo.picture.pixels, photo.picture.within, where))


def spliced(i: int, rng: np.random.Generator) -> Case:
    """The head of one file and the tail of another, of the same form or of another."""
    head = any_sound(FORMS[i % len(FORMS)], rng)
    tail = any_sound(FORMS[int(rng.integers(len(FORMS)))] if i % 2 else FORMS[i % len(FORMS)], rng)
    kept = int(rng.integers(1, len(head.data)))
    return Case(head.data[:kept] + tail.data[int(rng.integers(len(tail.data))) :], ANY_CODE, Picture())


def joined(i: int, rng: np.random.Generator) -> Case:
    """One whole file after another: the first is the photo."""
    first, second = (any_sound(FORMS[(i * step) % len(FORMS)], rng) for step in (1, 3))
    return Case(first.data + second.data, picture=first.picture)


def hollow(i: int, rng: np.random.Generator) -> Case:
    """A run of bytes in the middle is missing, or was replaced by as many zeros or others."""
    photo = any_sound(FORMS[i % len(FORMS)], rng)
    first, last = photo.payload
    start = int(rng.integers(first, last - 8))
    end = int(rng.integers(start + 1, last))
    filling = (b"", bytes(end - start), rng.bytes(end - start))[i // len(FORMS) % 3]
    return Case(photo.data[:start] + filling + photo.data[end:], _DAMAGED, Picture(photo.size))


def foreign_pixels(i: int, rng: np.random.Generator) -> Case:
    """A PNG's header with another's pixels: enough of them show, too few are damage."""
    photo, other = any_sound("png", rng), any_sound("png", rng)
    assert other.picture.pixels is not None
    rows = b"".join(b"\0" + row.tobytes() for row in other.picture.pixels)
    shown = _of_rows(rows, photo.size)
    return Case(png(*photo.size, 8, 2, rows), frozenset() if shown else _DAMAGED, shown)


def _of_rows(rows: bytes, size: tuple[int, int]) -> Picture | None:
    """What a PNG of that size shows by its rows, a filter's number before each; None where they can't be."""
    width, height = size
    needed = height * (1 + 3 * width)
    if len(rows) < needed:
        return None
    stored = np.frombuffer(rows[:needed], np.uint8).reshape(height, 1 + 3 * width)
    if stored[:, 0].max() > 4:  # there are five filters
        return None
    if stored[:, 0].any():
        return Picture(size)
    return Picture.exactly(stored[:, 1:].reshape(height, width, 3))


def _flipped(data: bytes, bits: np.ndarray) -> bytes:
    spoilt = bytearray(data)
    for bit in bits:
        spoilt[int(bit) // 8] ^= 1 << int(bit) % 8
    return bytes(spoilt)
