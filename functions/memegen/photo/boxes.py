"""The items of a HEIF file, which HEIC and AVIF are (ISO/IEC 14496-12 and 23008-12): what they take."""

import re
import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from memegen.photo.coding import Coding, av1_codings, hevc_codings
from memegen.photo.decoder_guards import check_pieces

MAX_BOXES = 50_000  # a phone's photo of 200 tiles has about 500
_MAX_DEPTH = 8  # of pictures that are made of pictures; a phone's has 2

# 8.11.6: an item: the box's size, 8 bytes long where it is 1; version, flags, id (of 4 bytes from version 3
# on), protection; then nothing but a type and texts, in UTF-8.
_ITEM = re.compile(rb"(.{4})infe(?:(?<=\0\0\0\x01infe)(.{8}))?(?:\x02.{7}|\x03.{9})", re.DOTALL)
_ALPHA = (b"auxiliary:alpha", b"auxid:1\0")
_BLOCK = 64  # pixels; a coded picture has whole blocks
_BEFORE_CANVAS = {b"grid": 4, b"iovl": 10}  # bytes before the width and height of what is put together
_WIDE_ITEM = 3  # the version of an item's box from which on ids have 4 bytes

Property = tuple[bytes, int, int]
"""A property's kind, and where its content begins and ends."""

Pieces = tuple[tuple[int, int], ...]
"""Where the pieces of an item's bytes begin and end."""


@dataclass(frozen=True)
class Items:
    """What a decoder will meet, by the file's own words and by those of its coded pictures.

    primary: the photo's item. sizes: each item's width and height, or its coded picture's where that is
    larger. parts: the items that one is made of. depth: most bits a sample. chroma: most samples of colour
    for each of brightness, 0 to 2.
    described: how many times EXIF or XMP belongs to an item.
    """

    primary: int = 0
    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    parts: dict[int, list[int]] = field(default_factory=dict)
    depth: int = 8
    chroma: float = 0.5
    has_alpha: bool = False
    described: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """The photo's; (0, 0) if it isn't given."""
        return self.sizes.get(self.primary, (0, 0))

    def work(self) -> tuple[int, int]:
        """How many coded pictures the photo is made of, and their pixels in all."""
        return self._work(self.primary, {}, 0)

    def _work(self, item: int, known: dict[int, tuple[int, int]], depth: int) -> tuple[int, int]:
        if depth > _MAX_DEPTH:
            raise ValueError("pictures in pictures without end")
        if item not in known:
            width, height = self.sizes.get(item, (0, 0))
            below = [self._work(part, known, depth + 1) for part in self.parts.get(item, [])]
            pixels = max(width * height, sum(area for _, area in below))
            known[item] = sum(count for count, _ in below) if below else 1, pixels
        return known[item]


def has_unreadable_items(heif: bytes) -> bool:
    """Whether an item's type or text is no UTF-8, which ends pi-heif 1.4 in a crash."""
    for match in _ITEM.finditer(heif):
        size = int.from_bytes(match[2] or match[1])
        try:
            heif[match.end() : match.start() + size if size else None].decode()
        except UnicodeDecodeError:
            return True
    return False


def read_items(heif: bytes) -> Items:
    """Raises ValueError or struct.error for a file without a directory, or one that is broken."""
    meta = _one(heif, 0, len(heif), b"meta")
    boxes = {kind: (start, end) for kind, start, end in _boxes(heif, meta[0] + 4, meta[1])}
    primary = _primary(heif, *boxes[b"pitm"])
    properties: list[Property] = []
    owned: dict[int, list[Property]] = defaultdict(list)
    if b"iprp" in boxes:
        properties = list(_boxes(heif, *_one(heif, *boxes[b"iprp"], b"ipco")))
        for kind, start, end in _boxes(heif, *boxes[b"iprp"]):
            if kind == b"ipma":
                _associate(heif, start, end, properties, owned)
    places = _places(heif, *boxes[b"iloc"], boxes.get(b"idat", (0, 0))[0]) if b"iloc" in boxes else {}
    codings = _codings(heif, places, owned)
    for kind, start, end in properties:
        if kind in (b"hvcC", b"av1C"):
            codings.append((0, _stated(kind, heif[start:end])))
    parts, described = _references(heif, *boxes[b"iref"]) if b"iref" in boxes else ({}, 0)
    auxiliary = b"".join(heif[start:end] + b"\0" for kind, start, end in properties if kind == b"auxC")
    return Items(
        primary,
        _sizes(heif, owned, codings, _canvases(heif, boxes, places)),
        parts,
        max((coding.depth for _, coding in codings), default=8),
        max((coding.chroma for _, coding in codings), default=0.0) or 0.5,
        any(mark in auxiliary for mark in _ALPHA),
        described,
    )


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Each box's kind, and where its content begins and ends (14496-12, 4.2)."""
    count = 0
    while at + 8 <= end:
        check_pieces(count := count + 1, MAX_BOXES)
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, at + 8), 16
        last = at + size if size else end
        if last > end or (size and size < head):
            return
        yield kind, at + head, last
        at = last


def _one(data: bytes, at: int, end: int, kind: bytes) -> tuple[int, int]:
    for found, start, last in _boxes(data, at, end):
        if found == kind:
            return start, last
    raise ValueError(f"there is no {kind!r}")


def _primary(data: bytes, start: int, _end: int) -> int:
    """8.11.4: version 0 has an id of 2 bytes."""
    return int(struct.unpack_from(">I" if data[start] else ">H", data, start + 4)[0])


def _associate(
    data: bytes, start: int, end: int, properties: list[Property], owned: dict[int, list[Property]]
) -> None:
    """23008-12, 9.3.1: note which items have which properties."""
    version, flags = data[start], data[start + 3]
    (count,) = struct.unpack_from(">I", data, start + 4)
    check_pieces(count, MAX_BOXES)
    at = start + 8
    for _ in range(count):
        item, several = struct.unpack_from(">IB" if version else ">HB", data, at)
        at += 5 if version else 3
        for _ in range(several):
            index = struct.unpack_from(">H", data, at)[0] & 0x7FFF if flags & 1 else data[at] & 0x7F
            at += 2 if flags & 1 else 1
            if 0 < index <= len(properties):
                owned[item].append(properties[index - 1])
        if at > end:
            raise ValueError("properties past their box's end")


def _sizes(
    data: bytes,
    owned: dict[int, list[Property]],
    codings: list[tuple[int, Coding]],
    canvases: dict[int, tuple[int, int]],
) -> dict[int, tuple[int, int]]:
    """Each item's extent (6.5.3), or what is coded or put together if that is larger by more than a block."""
    sizes: dict[int, tuple[int, int]] = {}
    for item, own in owned.items():
        for kind, start, _ in own:
            if kind == b"ispe":
                sizes[item] = struct.unpack_from(">II", data, start + 4)
    for item, size in (*((item, coding.size) for item, coding in codings), *canvases.items()):
        width, height = sizes.get(item, (0, 0))
        if size[0] > width + _BLOCK or size[1] > height + _BLOCK:
            sizes[item] = max(size[0], width), max(size[1], height)
    return sizes


def _canvases(
    data: bytes, boxes: dict[bytes, tuple[int, int]], places: dict[int, Pieces]
) -> dict[int, tuple[int, int]]:
    """The sizes of the pictures that others are put together on, by their own bytes (6.6.2.2 and 6.6.2.3)."""
    if b"iinf" not in boxes:
        return {}
    found: dict[int, tuple[int, int]] = {}
    start, end = boxes[b"iinf"]
    for kind, at, _ in _boxes(data, start + (8 if data[start] else 6), end):
        form, size = (">I", 4) if data[at] >= _WIDE_ITEM else (">H", 2)
        (item,) = struct.unpack_from(form, data, at + 4)
        skipped = _BEFORE_CANVAS.get(data[at + 6 + size : at + 10 + size])
        if kind == b"infe" and skipped is not None:
            own = b"".join(data[first : min(last, first + 32)] for first, last in places.get(item, ())[:32])
            found[item] = struct.unpack_from(">II" if own[1] & 1 else ">HH", own, skipped)
    return found


def _codings(
    data: bytes, places: dict[int, Pieces], owned: dict[int, list[Property]]
) -> list[tuple[int, Coding]]:
    """How each coded item is coded, by the parameter sets in its configuration and in its own bytes."""
    known: dict[tuple[int, Pieces], list[Coding]] = {}
    found: list[tuple[int, Coding]] = []
    total = 0
    for item, own in owned.items():
        pieces = places.get(item, ())
        for kind, start, end in own:
            if kind not in (b"hvcC", b"av1C"):
                continue
            if (
                start,
                pieces,
            ) not in known:  # phones' tiles share a configuration, and a file may share bytes
                coded = b"".join(data[at:until] for at, until in pieces)
                check_pieces(total := total + len(coded), 2 * len(data))
                known[start, pieces] = list(_own_codings(kind, data[start:end], coded))
            found += [(item, coding) for coding in known[start, pieces]]
    return found


def _own_codings(kind: bytes, config: bytes, coded: bytes) -> Iterator[Coding]:
    if kind == b"av1C":
        yield from av1_codings(coded)
        return
    at = 23  # 14496-15, 8.3.3.1: arrays of NAL units of one type, each unit after a length of 2 bytes
    for _ in range(config[22]):
        (count,) = struct.unpack_from(">H", config, at + 1)
        end = at = at + 3
        for _ in range(count):
            end += 2 + int.from_bytes(config[end : end + 2])
        yield from hevc_codings(config[at:end], 2)
        at = end
    yield from hevc_codings(coded, (config[21] & 3) + 1)


def _places(data: bytes, start: int, _end: int, idat: int) -> dict[int, Pieces]:
    """14496-12, 8.11.3: where each item's bytes lie, in pieces, as far as they lie in this file."""
    version, sizes = data[start], int.from_bytes(data[start + 4 : start + 6])
    lengths = [sizes >> shift & 15 for shift in (12, 8, 4, 0)]
    at, wide = start + 6, 4 if version == 2 else 2
    places: dict[int, Pieces] = {}

    def number(size: int) -> int:
        nonlocal at
        at += size
        return int.from_bytes(data[at - size : at])

    count = number(wide)
    check_pieces(count, MAX_BOXES)
    pieces = 0
    for _ in range(count):
        item = number(wide)
        method = number(2) & 15 if version else 0
        number(2)
        base = number(lengths[2]) + (idat if method == 1 else 0)
        own = []
        extents = number(2)
        check_pieces(pieces := pieces + extents, MAX_BOXES)
        for _ in range(extents):
            number(lengths[3] if version else 0)
            first, length = base + number(lengths[0]), number(lengths[1])
            own.append((first, min(len(data), first + length) if length else len(data)))
        places[item] = tuple(own)
    return places


def _references(data: bytes, start: int, end: int) -> tuple[dict[int, list[int]], int]:
    """8.11.12: what each item is made of, by dimg; and how many items metadata belong to, by cdsc."""
    form, size = ("I", 4) if data[start] else ("H", 2)
    parts: dict[int, list[int]] = {}
    total = described = 0
    for kind, at, _ in _boxes(data, start + 4, end):
        item, count = struct.unpack_from(f">{form}H", data, at)
        check_pieces(total := total + count, MAX_BOXES)
        if kind == b"dimg":
            parts[item] = list(struct.unpack_from(f">{count}{form}", data, at + size + 2))
        elif kind == b"cdsc":
            described += count
    return parts, described


def _stated(kind: bytes, config: bytes) -> Coding:
    """Bits a sample, and samples of colour for each of brightness: of hvcC (14496-15, 8.3.3) or av1C."""
    if kind == b"hvcC":
        chroma, depth = config[16] & 3, 8 + max(config[17] & 7, config[18] & 7)
        return Coding(depth, (0.0, 0.5, 1.0, 2.0)[chroma])
    flags = config[2]
    depth = (12 if flags & 0x20 else 10) if flags & 0x40 else 8
    if flags & 0x10:
        return Coding(depth, 0.0)
    return Coding(depth, 2.0 / ((2 if flags & 8 else 1) * (2 if flags & 4 else 1)))
