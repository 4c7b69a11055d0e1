"""BMP: depths and run lengths."""

import struct

from tests.support.costly.shapes import (
    MOST_BYTES,
    SQUARE,
    WIDE,
    Maker,
)


def kinds() -> dict[str, Maker]:
    return {
        "BMP of 1 bit, square": lambda: bmp(SQUARE, 1, bytes(8064 // 8 * 8062)),
        "BMP of 1 bit, 1 × 5,000,000": lambda: bmp((1, 5_000_000), 1, bytes(20_000_000)),
        "BMP of 4 bits": lambda: bmp((6400, 6400), 4, bytes(3200 * 6400)),
        "BMP of 8 bits": lambda: bmp((4500, 4500), 8, bytes(4500 * 4500)),
        "BMP of 24 bits": lambda: bmp((2600, 2600), 24, bytes(7800 * 2600)),
        "BMP of 32 bits": lambda: bmp((2200, 2200), 32, bytes(8800 * 2200)),
        "BMP of 32 bits without pixels": lambda: bmp(SQUARE, 32, b""),
        "BMP of long runs": lambda: bmp(SQUARE, 8, (b"\xff\1" * 31 + b"\x9d\1\0\0") * 8062, 1),
        "BMP of short runs": lambda: bmp((4000, 2500), 8, (b"\1\1" * 4000 + b"\0\0") * 2500, 1),
        "BMP of short runs, 4 bits": lambda: bmp((4000, 2400), 4, (b"\1\1" * 4000 + b"\0\0") * 2400, 2),
        "BMP of long runs, 65,000,000 × 1": lambda: bmp(WIDE, 8, b"\xff\1" * 254_902 + b"\0\1", 1),
        "BMP of unpacked runs, 4 bits": lambda: bmp(
            (4000, 2900), 4, (b"\0\3\x12\x30" * 1333 + b"\0\0") * 2900, 2
        ),
        "BMP of unpacked runs": lambda: bmp((4200, 1600), 8, (b"\0\3\1\2\3\0" * 1400 + b"\0\0") * 1600, 1),
        "BMP of ends of lines": lambda: bmp((1000, 65_000), 8, b"\1\1\0\0" * 65_000, 1),
        "BMP of nothing but moves": lambda: bmp(SQUARE, 8, b"\0\2\0\0" * (5 * 10**6), 1),
    }


def bmp(size: tuple[int, int], depth: int, rows: bytes, packing: int = 0) -> bytes:
    palette = bytes([9, 9, 200, 0, 9, 200, 9, 0]) * 2 ** (depth - 1) if depth <= 8 else b""
    start = 54 + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, *size, 1, depth, packing, len(rows), 0, 0, len(palette) // 4, 0)
    return (b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + header + palette + rows)[
        :MOST_BYTES
    ]
