"""Which signs a font file has letters for, read from its cmap table (OpenType 1.9, formats 4 and 12)."""

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def covered(font: Path) -> frozenset[int]:
    """The code points that the font maps to a glyph. The file is read once, when it is first asked about."""
    data = font.read_bytes()
    (tables,) = struct.unpack_from(">H", data, 4)
    records = (struct.unpack_from(">4s4xI4x", data, 12 + 16 * index) for index in range(tables))
    start = next(offset for tag, offset in records if tag == b"cmap")
    (subtables,) = struct.unpack_from(">H", data, start + 2)
    found: dict[int, int] = {}  # format → where it starts
    for index in range(subtables):
        (offset,) = struct.unpack_from(">I", data, start + 8 + 8 * index)
        (form,) = struct.unpack_from(">H", data, start + offset)
        found[form] = start + offset
    # A font with format 12 has all of its code points there, and those of four digits in format 4 again.
    return frozenset(_format_12(data, found[12]) if 12 in found else _format_4(data, found[4]))


def _format_4(data: bytes, start: int) -> Iterator[int]:
    segments = struct.unpack_from(">H", data, start + 6)[0] // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{segments}H", data, start + 14 + index * 2 * segments + (2 if index else 0))
        for index in range(4)
    )
    for segment, (first, last) in enumerate(zip(starts, ends, strict=True)):
        position = start + 16 + 6 * segments + 2 * segment
        for code in range(first, last + 1):
            if offsets[segment]:
                (glyph,) = struct.unpack_from(">H", data, position + offsets[segment] + 2 * (code - first))
            else:
                glyph = (code + deltas[segment]) % 65536
            if glyph:
                yield code


def _format_12(data: bytes, start: int) -> Iterator[int]:
    (groups,) = struct.unpack_from(">I", data, start + 12)
    for first, last, _ in struct.iter_unpack(">III", data[start + 16 : start + 16 + 12 * groups]):
        yield from range(first, last + 1)
