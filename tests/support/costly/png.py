"""PNG: shapes by depths, filters, chunks, frames."""

import itertools
import struct
import zlib

import numpy as np

from tests.support.costly.shapes import (
    FEW_ROWS,
    MOST_BYTES,
    SQUARE,
    TALL,
    WIDE,
    Maker,
    noise,
)
from tests.support.photo_files import png_chunk, saved


def kinds() -> dict[str, Maker]:
    made: dict[str, Maker] = {}
    forms = {
        "1 bit": (1, 0), "grey": (8, 0), "16 bits of grey": (16, 0), "palette": (8, 3),
        "palette of 1 bit": (1, 3), "grey and alpha": (8, 4), "16 bits of grey and alpha": (16, 4),
        "colour": (8, 2), "16 bits of colour": (16, 2),
        "colour and alpha": (8, 6), "16 bits of colour and alpha": (16, 6),
    }  # fmt: skip
    shapes = {"square": SQUARE, "1 × 65,000,000": TALL, "65,000,000 × 1": WIDE, "21,666,666 × 3": FEW_ROWS}
    for (form, (depth, colour)), (shape, size), interlaced in itertools.product(
        forms.items(), shapes.items(), (0, 1)
    ):
        if interlaced and shape != "square":
            continue
        name = f"PNG of {form}, {shape}{', interlaced' if interlaced else ''}"
        made[name] = lambda depth=depth, colour=colour, size=size, interlaced=interlaced: flat_png(
            size, depth, colour, interlaced=interlaced
        )
    keys = {"16 bits of grey": (16, 0, 2), "grey": (8, 0, 2), "colour": (8, 2, 6), "palette": (8, 3, 1)}
    for form, (depth, colour, length) in keys.items():
        made[f"PNG of {form} with a transparent one, square"] = lambda d=depth, c=colour, n=length: flat_png(
            SQUARE, d, c, png_chunk(b"tRNS", bytes(n))
        )
    for height in (2_000_000, 8_000_000, 20_000_000, 35_000_000):
        for depth, colour in ((1, 0), (8, 6)):
            made[f"PNG 1 × {height:,}, {depth} bits of colour type {colour}"] = (
                lambda h=height, d=depth, c=colour: flat_png((1, h), d, c)
            )
    return made | {
        "PNG of Paeth rows, colour and alpha": lambda: flat_png(SQUARE, 8, 6, filtering=4),
        "PNG of Paeth rows, 16 bits of colour and alpha": lambda: flat_png((6900, 6900), 16, 6, filtering=4),
        "PNG of averages, colour": lambda: flat_png(SQUARE, 8, 2, filtering=3),
        "PNG of noise": lambda: saved(noise(2600, 2600), "PNG", compress_level=1)[:MOST_BYTES],
        "PNG of sparse noise": _sparse_png,
        "PNG of unknown chunks": lambda: _chunked(b"abCd", b"", 1_500_000),
        "PNG of 140,000 unknown chunks": lambda: _chunked(b"abCd", b"", 140_000),
        "PNG of empty IDATs": lambda: _chunked(b"IDAT", b"", 140_000),
        "PNG of one-byte IDATs": _one_byte_idats,
        "PNG of texts": lambda: _chunked(b"zTXt", b"Comment\0\0" + _packed(1), 15_000),
        "PNG of a profile that unfolds": lambda: _chunked(b"iCCP", b"p\0\0" + _packed(200), 1),
        "PNG of pixels that unfold": _unfolding_png,
        "APNG of empty frames": lambda: _apng((1000, 1000), 4000),
        "APNG of empty frames, square": lambda: _apng(SQUARE, 20),
        "APNG of empty frames, 1 × 6,000,000": lambda: _apng((1, 6_000_000), 20),
        "APNG of tiny empty frames": lambda: _apng((40, 40), 40_000),
    }  # fmt: skip


def flat_png(
    size: tuple[int, int],
    depth: int,
    colour: int,
    extra: bytes = b"",
    interlaced: int = 0,
    filtering: int = 0,
) -> bytes:
    """Zeros in all pixels."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    width, height = size
    parts = [(width, height)]
    if interlaced:
        steps = (
            (8, 8, 0, 0),
            (8, 8, 4, 0),
            (4, 8, 0, 4),
            (4, 4, 2, 0),
            (2, 4, 0, 2),
            (2, 2, 1, 0),
            (1, 2, 0, 1),
        )
        parts = [(-(-(width - x) // dx), -(-(height - y) // dy)) for dx, dy, x, y in steps]
    packer = zlib.compressobj(6)
    packed = []
    for columns, rows in parts:
        row = bytes([filtering]) + bytes(-(-columns * depth * channels // 8))
        block = max(1, min(rows, 2**22 // len(row)))
        packed += [packer.compress(row * block) for _ in range(rows // block)] + [
            packer.compress(row * (rows % block))
        ]
    data = b"".join(packed) + packer.flush()
    palette = png_chunk(b"PLTE", bytes(range(6))) if colour == 3 else b""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    chunks = png_chunk(b"IHDR", header) + palette + extra + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _sparse_png() -> bytes:
    """Bytes of which one in eight isn't zero: 17 MiB that take inflate the longest."""
    rng = np.random.default_rng(2)
    rows = rng.integers(0, 256, (5000, 3 * 5200 + 1), np.uint8) * (rng.random((5000, 3 * 5200 + 1)) < 0.12)
    rows[:, 0] = rng.integers(0, 5, 5000)
    header = struct.pack(">IIBBBBB", 5200, 5000, 8, 2, 0, 0, 0)
    data = zlib.compress(rows.tobytes(), 1)[: MOST_BYTES - 99]
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
    )


def _small_png() -> bytes:
    return saved(noise(40, 30), "PNG")


def _chunked(kind: bytes, content: bytes, count: int) -> bytes:
    chunk = png_chunk(kind, content)
    data = _small_png()
    return data[:33] + chunk * min(count, (MOST_BYTES - len(data)) // len(chunk)) + data[33:]


def _one_byte_idats() -> bytes:
    rows = zlib.compress(np.random.default_rng(3).integers(0, 256, 120 * 1201, np.uint8).tobytes(), 0)
    pixels = b"".join(png_chunk(b"IDAT", rows[n : n + 1]) for n in range(len(rows)))
    header = struct.pack(">IIBBBBB", 1200, 120, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + pixels + png_chunk(b"IEND", b"")


def _packed(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(mebibytes)) + packer.flush()


def _unfolding_png() -> bytes:
    """A picture of 40 × 30 whose pixels go on for 15 GiB."""
    header = struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    piece = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    data = piece + again * (18 * 2**20 // len(again))
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
    )


def _apng(size: tuple[int, int], count: int) -> bytes:
    """Transparent frames."""
    whole = flat_png(size, 8, 6)
    at = whole.index(b"IDAT") - 4
    pixels = whole[at + 8 : -16]
    frames, number = [], 1
    for _ in range(count):
        control = struct.pack(">IIIIIHHBB", number, *size, 0, 0, 1, 10, 0, 0)
        frames += [png_chunk(b"fcTL", control), png_chunk(b"fdAT", struct.pack(">I", number + 1) + pixels)]
        number += 2
    first = png_chunk(b"acTL", struct.pack(">II", count + 1, 0))
    first += png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, *size, 0, 0, 1, 10, 0, 0))
    data = whole[:at] + first + whole[at:-12]
    for frame in frames:
        if len(data) + len(frame) > MOST_BYTES - 12:
            break
        data += frame
    return data + whole[-12:]
