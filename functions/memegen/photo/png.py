"""PNG (third edition): its chunks, and the frames of an animation."""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from PIL.PngImagePlugin import PngImageFile

from memegen.photo.decoder_guards import check_memory, check_pieces, check_pixels, check_work, image_memory
from memegen.photo.exif import orientation_of
from memegen.photo.formats import unsupported
from memegen.photo.picture import Picture

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 150_000  # 20 MiB in the usual chunks of 8 KiB are 2,560
_NEEDED = (b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"eXIf")
_MAX_PROFILE = 4 * 2**20  # bytes; printers' profiles have 2 MiB, those of displays some KiB

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by the colour type (11.2.1)
_GREY, _PALETTE = 0, 3
_DEEP = 16  # bits

# Measured: seconds for each row, for each byte of a row, for each pixel and for each chunk.
_ROW_SECONDS, _BYTE_SECONDS, _PIXEL_SECONDS, _CHUNK_SECONDS = 60e-9, 4e-9, 10e-9, 5e-6


@dataclass(frozen=True)
class Header:
    """IHDR (11.2.1)."""

    size: tuple[int, int]
    depth: int
    colour: int
    rest: bytes

    @property
    def pixel_bytes(self) -> int:
        """Bytes of a pixel in Pillow's picture."""
        if self.colour not in (_GREY, _PALETTE):
            return 4
        return 2 if self.depth == _DEEP else 1

    @property
    def row_bytes(self) -> int:
        return -(-self.size[0] * self.depth * _CHANNELS[self.colour] // 8)

    def packed(self) -> bytes:
        return struct.pack(">IIBB", *self.size, self.depth, self.colour) + self.rest


@dataclass(frozen=True)
class Parts:
    """kept: the chunks that decoding needs besides, whole. pixels: the IDAT chunks, whole. after: where the
    rest of the file begins."""

    header: Header
    kept: bytes
    pixels: bytes
    pieces: int
    after: int
    profile: bytes | None
    exif: bytes | None


def open_png(data: bytes) -> Iterator[Picture]:
    """The photo; of an animation each frame, as if those before it were empty.

    A chunk that isn't needed may be broken, unknown or huge, as for browsers.
    """
    parts = _read(data)
    yield _picture(parts, parts.header.size, parts.pixels, parts.pieces)
    for control, pixels, pieces in _frames(data, parts.after):
        size, at = struct.unpack_from(">II", control, 4), struct.unpack_from(">II", control, 12)
        canvas = parts.header.size
        if min(size) == 0 or at[0] + size[0] > canvas[0] or at[1] + size[1] > canvas[1]:
            return
        yield Picture.of_frame(_picture(parts, size, pixels, pieces), at, canvas)


def _picture(parts: Parts, size: tuple[int, int], pixels: bytes, pieces: int) -> Picture:
    check_pixels(size)
    header = replace(parts.header, size=size)
    # Pillow keeps two rows as they are stored.
    check_memory(size, image_memory(header.pixel_bytes, size) + 2 * header.row_bytes + 2 * len(pixels))
    check_work(size, _seconds(header) + pieces * _CHUNK_SECONDS)
    whole = SIGNATURE + _chunk(b"IHDR", header.packed()) + parts.kept + pixels
    image = PngImageFile(io.BytesIO(whole))
    image.load()
    image.info["icc_profile"] = parts.profile
    return Picture.of_image(image, orientation_of(parts.exif))


def _read(data: bytes) -> Parts:
    before: dict[bytes, bytes] = {}
    first, pieces, at = 0, 0, len(SIGNATURE)
    for kind, start, end in _chunks(data, at):
        if first and kind != b"IDAT":
            break
        at = end + 4
        if kind == b"IDAT":
            first, pieces = first or start - 8, pieces + 1
        elif kind == b"CgBI":
            raise unsupported("CgBI, the PNG of iPhone applications")
        elif kind in _NEEDED and _is_whole(data, start, end):
            before.setdefault(kind, data[start:end])
        elif kind[:1].isupper():
            raise ValueError(f"{kind!r} is broken, or isn't known")
    header = _header(before.get(b"IHDR", b""))
    kept = b""
    if b"PLTE" in before:
        kept += _chunk(b"PLTE", before[b"PLTE"])
    if b"tRNS" in before:
        kept += _chunk(b"tRNS", _transparency(before[b"tRNS"], header))
    if not first or (header.colour == _PALETTE and b"PLTE" not in before):
        raise ValueError("a PNG without pixels or palette")
    pixels = data[first:at] + (_chunk(b"IEND", b"") if at <= len(data) else b"")
    profile = _profile(before[b"iCCP"]) if b"iCCP" in before else None
    return Parts(header, kept, pixels, pieces, at, profile, before.get(b"eXIf"))


def _header(content: bytes) -> Header:
    if len(content) != 13 or content[9] not in _CHANNELS:
        raise ValueError("a header of another kind")
    return Header(struct.unpack_from(">II", content), content[8], content[9], content[10:])


def _frames(data: bytes, at: int) -> Iterator[tuple[bytes, bytes, int]]:
    """Each later frame's fcTL (11.3.6.2), its pixels as IDAT chunks, and how many these are."""
    control = b""
    pixels: list[bytes] = []
    for kind, start, end in _chunks(data, at):
        if kind in (b"fcTL", b"IEND"):
            if control and pixels:
                yield control, b"".join(pixels) + _chunk(b"IEND", b""), len(pixels)
            control, pixels = data[start:end], []
            if len(control) < 26:
                return
        elif kind == b"fdAT":
            pixels.append(_chunk(b"IDAT", data[start + 4 : end]))


def _chunks(data: bytes, at: int) -> Iterator[tuple[bytes, int, int]]:
    """Each chunk's kind, and where its content begins and ends; the last may lack its end."""
    count = 0
    while at + 8 <= len(data):
        check_pieces(count := count + 1, MAX_CHUNKS)
        length, kind = struct.unpack_from(">I4s", data, at)
        if not kind.isalpha():
            return
        yield kind, at + 8, at + 8 + length
        at += length + 12


def _is_whole(data: bytes, start: int, end: int) -> bool:
    return data[end : end + 4] == struct.pack(">I", zlib.crc32(memoryview(data)[start - 4 : end]))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _transparency(content: bytes, header: Header) -> bytes:
    """tRNS (11.3.1.1) as Pillow reads it, which widens greys of 2 and 4 bits to 8 but not this value."""
    if header.colour == _GREY and header.depth in (2, 4) and len(content) >= 2:
        return struct.pack(">H", min(255, int.from_bytes(content[:2]) * 255 // (2**header.depth - 1)))
    return content


def _profile(content: bytes) -> bytes | None:
    """iCCP (11.3.2.3): a name, a zero, the method and the packed profile; None if broken or too large."""
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(content[content.index(b"\0") + 2 :], _MAX_PROFILE)
    except (ValueError, zlib.error):
        return None
    return profile if unpacker.eof else None


def _seconds(header: Header) -> float:
    width, height = header.size
    return height * (_ROW_SECONDS + header.row_bytes * _BYTE_SECONDS + width * _PIXEL_SECONDS)
