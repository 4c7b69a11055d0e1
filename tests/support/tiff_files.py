"""TIFF files made tag by tag (TIFF 6.0 and BigTIFF), for what no library writes."""

import struct
from collections.abc import Sequence

import numpy as np

NONE, G31D, G3, G4, LZW, OLD_JPEG, JPEG, DEFLATE, PACKBITS, LZMA, ZSTD = (
    1, 2, 3, 4, 5, 6, 7, 8, 32_773, 34_925, 50_000,
)  # fmt: skip
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6

_SHORT, _LONG, _LONG8 = 3, 4, 16
_CODES = {_SHORT: "H", _LONG: "I", _LONG8: "Q"}


def tiff_file(
    width: int,
    height: int,
    parts: Sequence[bytes],
    *,
    bits: int = 8,
    samples: int = 1,
    compression: int = NONE,
    photometric: int = BLACK_IS_ZERO,
    rows: int | None = None,
    tile: tuple[int, int] | None = None,
    planar: bool = False,
    tags: dict[int, Sequence[int]] | None = None,
    order: str = "<",
    big: bool = False,
    shared: bool = False,
) -> bytes:
    """One directory and its strips, or tiles of a width and height.

    rows: rows a strip, all of them without it. planar: a plane a sample. tags: further tags and others'
    values, short or long as the values ask. shared: the one part is every strip's.
    """
    across, down = tile or (width, rows or height)
    count = -(-width // across) * -(-height // down) * (samples if planar else 1)
    parts = [*parts] * count if shared else [*parts]
    head = 16 if big else 8
    offsets, data = [], b"" if not shared else parts[0]
    at = head
    for part in parts:
        offsets.append(at)
        at += 0 if shared else len(part)
    body = data if shared else b"".join(parts)
    body += bytes(len(body) % 2)
    values: dict[int, Sequence[int]] = {
        256: [width], 257: [height], 258: [bits] * samples, 259: [compression], 262: [photometric],
        277: [samples], 284: [2 if planar else 1],
        **({322: [across], 323: [down], 324: offsets, 325: [len(part) for part in parts]} if tile else
           {273: offsets, 278: [down], 279: [len(part) for part in parts]}),
        **(tags or {}),
    }  # fmt: skip
    return _header(order, big, head + len(body)) + body + _directory(values, order, big, head + len(body))


def _header(order: str, big: bool, at: int) -> bytes:
    mark = b"II" if order == "<" else b"MM"
    return mark + (struct.pack(f"{order}HHHQ", 43, 8, 0, at) if big else struct.pack(f"{order}HI", 42, at))


def _directory(values: dict[int, Sequence[int]], order: str, big: bool, at: int) -> bytes:
    count, entry, room = ("Q", 20, 8) if big else ("H", 12, 4)
    after = at + struct.calcsize(f"<{count}") + entry * len(values) + room
    table, tail = b"", b""
    for tag, numbers in sorted(values.items()):
        form = (
            _LONG8
            if max(numbers) >= 2**32
            else _LONG
            if max(numbers) >= 2**16 or tag in (273, 324)
            else _SHORT
        )
        packed = np.array(numbers, f"{order}u{struct.calcsize('<' + _CODES[form])}").tobytes()
        table += struct.pack(f"{order}HH{'Q' if big else 'I'}", tag, form, len(numbers))
        if len(packed) <= room:
            table += packed.ljust(room, b"\0")
        else:
            table += struct.pack(f"{order}{'Q' if big else 'I'}", after + len(tail))
            tail += packed + bytes(len(packed) % 2)
    return struct.pack(order + count, len(values)) + table + bytes(room) + tail
