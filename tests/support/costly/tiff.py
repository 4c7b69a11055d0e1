"""TIFF: depths by shapes by strips, packings, tiles, directories."""

import itertools
import struct
import zlib

from PIL import Image

from tests.support import tiff_files as tiff
from tests.support.costly.jpeg import many_scans, with_segments
from tests.support.costly.shapes import (
    MOST_BYTES,
    NOISE,
    SQUARE,
    TALL,
    WIDE,
    Maker,
    noise,
)
from tests.support.photo_files import saved


def kinds() -> dict[str, Maker]:
    made: dict[str, Maker] = {}
    forms = {
        "1 bit": (1, 1, 1), "grey": (8, 1, 1), "16 bits of grey": (16, 1, 1), "colour": (8, 3, 2),
        "16 bits of colour": (16, 3, 2), "colour and alpha": (8, 4, 2), "CMYK": (8, 4, 5),
        "16 bits of CMYK": (16, 4, 5),
    }  # fmt: skip
    shapes = {"square": SQUARE, "1 × 65,000,000": TALL, "65,000,000 × 1": WIDE}
    for (form, (bits, samples, photometric)), (shape, size), rows in itertools.product(
        forms.items(), shapes.items(), ("all rows", "16 rows", "1 row")
    ):
        if rows != "all rows" and shape != "square":
            continue
        count = {"all rows": size[1], "16 rows": 16, "1 row": 1}[rows]
        extra = {338: [2]} if samples == 4 and photometric == 2 else {}
        made[f"TIFF of {form}, {shape}, {rows} a strip"] = (
            lambda bits=bits, samples=samples, photometric=photometric, size=size, count=count, extra=extra: (
                _deflated(size, bits, samples, photometric, count, extra)
            )
        )
    made["TIFF of 16 bits of colour in planes, square"] = lambda: tiff.tiff_file(
        *SQUARE,
        [_zeros(2 * 8062 * 64)] * (127 * 3),
        bits=16,
        samples=3,
        compression=tiff.DEFLATE,
        photometric=tiff.RGB,
        rows=64,
        planar=True,
    )
    made["TIFF of colour in planes, square"] = lambda: tiff.tiff_file(
        *SQUARE,
        [_zeros(8062 * 64)] * (127 * 3),
        samples=3,
        compression=tiff.DEFLATE,
        photometric=tiff.RGB,
        rows=64,
        planar=True,
    )
    for code in (tiff.G31D, tiff.G3, tiff.G4):
        for width, height in ((64, 100_000), (64, 1_000_000), (64, 5_000_000), (1, 49_000_000), (8062, 8062)):
            for rows in (height, 1000):
                made[f"TIFF, fax {code}, {width} × {height:,}, {rows:,} rows a strip"] = (
                    lambda code=code, width=width, height=height, rows=rows: _fax(code, width, height, rows)
                )
    codes = {
        "LZW": tiff.LZW,
        "deflate": tiff.DEFLATE,
        "packbits": tiff.PACKBITS,
        "LZMA": tiff.LZMA,
        "zstd": tiff.ZSTD,
    }
    for name, code in codes.items():  # what packbits makes of that many rows is too large
        made[f"TIFF, {name} of noise, 64,000 strips"] = lambda code=code: tiff.tiff_file(
            300, 64_000, [NOISE.bytes(300)] * 64_000, compression=code, rows=1
        )
        if code != tiff.PACKBITS:
            made[f"TIFF, {name}, square"] = lambda code=code: _packed_tiff(code)
    return made | {
        "TIFF of JPEG, square": lambda: _jpeg_tiff(
            (64, 64), 15_800, saved(noise(1, 1).resize((64, 64)), "JPEG")
        ),
        "TIFF of JPEG in tiles of 16": lambda: _jpeg_tiff((16, 16), 250_000, saved(noise(16, 16), "JPEG")),
        "TIFF of JPEG in 90,000 tiles of 16": lambda: _jpeg_tiff(
            (16, 16), 90_000, saved(noise(1, 1).resize((16, 16)), "JPEG", quality=10)
        ),
        "TIFF of a JPEG of many scans": lambda: _jpeg_tiff((1024, 1024), 60, many_scans((1024, 1024), 98)),
        "TIFF of a progressive JPEG taller than its strip": lambda: _taller_jpeg((8062, 8062), 65_500),
        "TIFF of a progressive JPEG, 8,000 × 8,000": lambda: _taller_jpeg((8000, 8000), 8000),
        "TIFF of strips over each other": lambda: tiff.tiff_file(
            64, 4000, [NOISE.bytes(10**7)], compression=tiff.LZW, rows=1, shared=True
        ),
        "TIFF of JPEG strips over each other": lambda: tiff.tiff_file(
            240, 18_000, [with_segments(b"\xff\xe0\0\2", 2_000_000)], samples=3, compression=tiff.JPEG,
            photometric=tiff.YCBCR, rows=180, shared=True,
        ),
        "TIFF of 80,000 plain tiles": lambda: tiff.tiff_file(
            4500, 4500, [bytes(256)] * 79_524, tile=(16, 16)
        ),
        "TIFF of a tile of a terapixel": lambda: tiff.tiff_file(12, 8, [bytes(288)], tile=(2**20, 2**20)),
        "TIFF of a tile of 64 megapixels": lambda: tiff.tiff_file(
            12, 8, [_zeros(8000 * 8000)], tile=(8000, 8000), compression=tiff.DEFLATE
        ),
        "TIFF of tiles of 8,000 in a strip": lambda: tiff.tiff_file(
            8000 * 300, 1, [_zeros(8000 * 8000)] * 300, tile=(8000, 8000), compression=tiff.DEFLATE
        ),
        "TIFF of 60,000 tags": lambda: _many_tags(60_000),
        "TIFF of 3,000 tags of all the file": lambda: _many_tags(3000),
        "TIFF of two million directories": _many_directories,
    }  # fmt: skip


def _zeros(size: int) -> bytes:
    packer = zlib.compressobj(6)
    return (
        b"".join(packer.compress(bytes(min(2**22, size - at))) for at in range(0, size, 2**22))
        + packer.flush()
    )


def _deflated(
    size: tuple[int, int], bits: int, samples: int, photometric: int, rows: int, tags: dict
) -> bytes:
    row = -(-size[0] * bits * samples // 8)
    count = -(-size[1] // rows)
    return tiff.tiff_file(
        *size, [_zeros(row * rows)] * count, bits=bits, samples=samples, compression=tiff.DEFLATE,
        photometric=photometric, rows=rows, tags=tags,
    )  # fmt: skip


def _packed_tiff(code: int) -> bytes:
    image = Image.new("RGB", SQUARE, (200, 30, 99))
    names = {tiff.LZW: "tiff_lzw", tiff.DEFLATE: "tiff_adobe_deflate", tiff.PACKBITS: "packbits",
             tiff.LZMA: "lzma", tiff.ZSTD: "zstd"}  # fmt: skip
    return saved(image, "TIFF", compression=names[code])


def _fax(code: int, width: int, height: int, rows: int) -> bytes:
    count = -(-height // rows)
    size = min(19 * 2**20, max(300_000, 4 * height)) // count
    return tiff.tiff_file(
        width, height, [NOISE.bytes(size) for _ in range(count)], bits=1, compression=code,
        photometric=tiff.WHITE_IS_ZERO, rows=rows,
    )  # fmt: skip


def _taller_jpeg(size: tuple[int, int], height: int) -> bytes:
    """One strip, whose JPEG says that it has so many rows."""
    data = bytearray(saved(noise(64, 64), "JPEG", progressive=True))
    at = data.index(b"\xff\xc2") + 5
    data[at : at + 4] = struct.pack(">HH", height, size[0])
    return tiff.tiff_file(*size, [bytes(data)], samples=3, compression=tiff.JPEG, photometric=tiff.YCBCR)


def _jpeg_tiff(tile: tuple[int, int], count: int, jpeg: bytes) -> bytes:
    count = min(count, (MOST_BYTES - 10**6) // (len(jpeg) + 8))
    across = int(count**0.5)
    return tiff.tiff_file(
        tile[0] * across, tile[1] * (count // across), [jpeg] * (across * (count // across)), samples=3,
        compression=tiff.JPEG, photometric=tiff.YCBCR, tile=tile, tags={530: [2, 2]},
    )  # fmt: skip


def _many_tags(count: int) -> bytes:
    """Tags that each hold all the file's bytes."""
    plain = tiff.tiff_file(8, 8, [bytes(64)])
    (at,) = struct.unpack_from("<I", plain, 4)
    (own,) = struct.unpack_from("<H", plain, at)
    entries = plain[at + 2 : at + 2 + 12 * own]
    more = b"".join(struct.pack("<HHII", 1000 + n, 1, 15 * 2**20, 8) for n in range(count))
    return plain[:at] + struct.pack("<H", own + count) + entries + more + bytes(4) + bytes(16 * 2**20)


def _many_directories() -> bytes:
    plain = tiff.tiff_file(8, 8, [bytes(64)])
    first = len(plain)
    more = b"".join(struct.pack("<HI", 0, first + 6 * (n + 1)) for n in range(2_000_000))
    return plain[:-4] + struct.pack("<I", first) + more + struct.pack("<HI", 0, 0)
