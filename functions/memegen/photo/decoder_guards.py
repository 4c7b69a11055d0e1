"""What a file's structure asks of a decoder, read before it's decoded, and what it lacks at the end.

Pillow's decoders do as much work as a file tells them to. A photo of a few bytes can tell a JPEG's decoder to
go over all its pixels a million times, and a TIFF's to put it together from as many strips: hours of work.
"""

import re
import struct

MAX_SCANS = 100  # a camera's JPEG has 1, a progressive one about 10
MAX_PARTS = 200_000  # a TIFF of 50 megapixels in tiles of the smallest size, 16 × 16, has as many

# ITU-T T.81, B.1.1: a marker that isn't one within a scan's data, which are a stuffed zero and the restarts.
_START_OF_SCAN, _END, _ALONE = 0xDA, 0xD9, (0x01, 0xD8)
_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")

# TIFF 6.0 and BigTIFF: StripOffsets and TileOffsets have a value a part.
_OFFSETS = (273, 324)

# ISO/IEC 14496-12, 8.11.6: an item of a HEIC file: the box's size, 8 bytes long where it is 1; version,
# flags, id (of 4 bytes from version 3 on), protection; then nothing but a type and texts, in UTF-8.
_ITEM = re.compile(rb"(.{4})infe(?:(?<=\0\0\0\1infe)(.{8}))?(?:\x02.{7}|\x03.{9})", re.DOTALL)


def has_unreadable_items(heif: bytes) -> bool:
    """Whether a HEIC file has an item whose type or text is no UTF-8, which ends pi-heif 1.4 in a crash."""
    if heif[4:8] != b"ftyp":
        return False
    for match in _ITEM.finditer(heif):
        size = int.from_bytes(match[2] or match[1])
        try:
            heif[match.end() : match.start() + size if size else None].decode()
        except UnicodeDecodeError:
            return True
    return False


def has_too_many_scans(jpeg: bytes) -> bool:
    """Whether a JPEG has more than MAX_SCANS scans before its end."""
    if jpeg.count(bytes([0xFF, _START_OF_SCAN])) <= MAX_SCANS:  # as good as always, and fast
        return False
    at, scans = 0, 0
    while scans <= MAX_SCANS and (match := _MARKER.search(jpeg, at)):
        kind, at = match[1][0], match.end()
        if kind == _END:
            return False
        if kind not in _ALONE:
            at += int.from_bytes(jpeg[at : at + 2])
        scans += kind == _START_OF_SCAN
    return scans > MAX_SCANS


def has_too_many_parts(tiff: bytes) -> bool:
    """Whether a TIFF's first directory has more than MAX_PARTS strips or tiles; False if it can't be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return False
    big = tiff[2:4] in (b"+\0", b"\0+")
    start, count, entry = ("Q", "Q", "HHQ8x") if big else ("I", "H", "HHI4x")
    try:
        (at,) = struct.unpack_from(order + start, tiff, 8 if big else 4)
        (entries,) = struct.unpack_from(order + count, tiff, at)
        at += struct.calcsize(order + count)
        size = struct.calcsize(order + entry)
        for n in range(min(entries, 65_535)):
            tag, _, values = struct.unpack_from(order + entry, tiff, at + n * size)
            if tag in _OFFSETS and values > MAX_PARTS:
                return True
    except (struct.error, OverflowError):  # past the file's end, or any memory's: the decoder says so
        return False
    return False


def with_ends(jpeg: bytes) -> tuple[bytes, bytes]:
    """A JPEG that was cut off, with its end's marker; and with more blocks, of no meaning, before that.

    If every block of the picture is there the two show the same, for what follows the last block changes
    nothing. A block that is missing would be read from what follows.
    """
    jpeg = jpeg.rstrip(b"\xff")  # the half of a marker
    *_, restart = (0xD7, *(match[0] for match in _RESTART.findall(jpeg)))
    blocks = bytes(range(0x80, 0xFF))
    end = bytes([0xFF, _END])
    return jpeg + end, jpeg + blocks + bytes([0xFF, 0xD0 + (restart + 1) % 8]) + blocks + end
