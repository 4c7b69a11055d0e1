"""The first directory of a TIFF (TIFF 6.0, section 2) or BigTIFF: its tags and their numbers."""

import struct
from dataclasses import dataclass, field

import numpy as np

# Of the types that hold whole numbers, the size in bytes: BYTE, SHORT, LONG, UNDEFINED, IFD, LONG8 and IFD8.
_SIZES = {1: 1, 3: 2, 4: 4, 7: 1, 13: 4, 16: 8, 18: 8}
_SHORT, _LONG8 = 3, 16
_MAX_TAGS = 4096  # cameras write about 60


@dataclass(frozen=True)
class Directory:
    """order: "<" or ">". entries: tag → where its 12 or 20 bytes stand. following: where the address of the
    next directory stands."""

    data: bytes
    order: str
    big: bool
    entries: dict[int, int] = field(repr=False)
    following: int

    def __contains__(self, tag: int) -> bool:
        return tag in self.entries

    @property
    def next(self) -> int:
        """Where the next directory stands; 0 without one."""
        size = 8 if self.big else 4
        address = self.data[self.following : self.following + size]
        return (
            int.from_bytes(address, "little" if self.order == "<" else "big") if len(address) == size else 0
        )

    def numbers(self, tag: int) -> list[int]:
        """The tag's values, as far as the file has them; none for one that is missing or holds no numbers."""
        if tag not in self.entries:
            return []
        at = self.entries[tag]
        form, count = struct.unpack_from(f"{self.order}H{'Q' if self.big else 'I'}", self.data, at + 2)
        if form not in _SIZES:
            return []
        size, room, where = _SIZES[form], (8 if self.big else 4), at + (12 if self.big else 8)
        if count * size > room:
            (where,) = struct.unpack_from(f"{self.order}{'Q' if self.big else 'I'}", self.data, where)
        there = max(0, min(count, (len(self.data) - where) // size))
        values = np.frombuffer(self.data, f"{self.order}u{size}", there, where if there else 0)
        return [int(value) for value in values]

    def number(self, tag: int, missing: int) -> int:
        return (self.numbers(tag) or [missing])[0]


def read_directory(data: bytes, at: int | None = None) -> Directory:
    """The directory at this byte; without one, the file's first.

    Raises ValueError or struct.error where there is none, and ValueError for more tags than real files have.
    """
    order = {b"II": "<", b"MM": ">"}[data[:2]]
    big = data[2:4] in (b"+\0", b"\0+")
    address, count_form, size = ("Q", "Q", 20) if big else ("I", "H", 12)
    if at is None:
        (at,) = struct.unpack_from(order + address, data, 8 if big else 4)
    (count,) = struct.unpack_from(order + count_form, data, at)
    if count > _MAX_TAGS:
        raise ValueError(f"a directory of {count} tags")
    first = at + struct.calcsize("<" + count_form)
    entries: dict[int, int] = {}
    for entry in range(first, first + count * size, size):
        (tag,) = struct.unpack_from(f"{order}H", data, entry)
        entries.setdefault(tag, entry)
    return Directory(data, order, big, entries, first + count * size)


def with_directory(data: bytes, like: Directory, values: dict[int, list[int]]) -> bytes:
    """The file with another directory, of these tags and values alone."""
    address, count_form, room = ("Q", "Q", 8) if like.big else ("I", "H", 4)
    order, at = like.order, len(data) + len(data) % 2
    after = at + struct.calcsize("<" + count_form) + (20 if like.big else 12) * len(values) + room
    table, tail = b"", b""
    for tag, numbers in sorted(values.items()):
        form = _SHORT if max(numbers) < 2**16 else _LONG8 if like.big else 4
        packed = np.array(numbers, f"{order}u{_SIZES[form]}").tobytes()
        table += struct.pack(f"{order}HH{address}", tag, form, len(numbers))
        if len(packed) <= room:
            table += packed.ljust(room, b"\0")
        else:
            table += struct.pack(order + address, after + len(tail))
            tail += packed + bytes(len(packed) % 2)
    directory = struct.pack(order + count_form, len(values)) + table + bytes(room) + tail
    head = (
        data[:8] + struct.pack(order + address, at)
        if like.big
        else data[:4] + struct.pack(order + address, at)
    )
    return head + data[len(head) :] + bytes(len(data) % 2) + directory
