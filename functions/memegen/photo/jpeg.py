"""JPEG (ITU-T T.81): what the file asks of its decoder, and what it lacks at its end."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from PIL.JpegImagePlugin import JpegImageFile

from memegen.contract import MAX_JPEG_PIXELS
from memegen.photo.decoder_guards import check_memory, check_pieces, check_pixels, check_work
from memegen.photo.exif import orientation_of
from memegen.photo.formats import damaged, unsupported
from memegen.photo.picture import Picture, fitted

MAX_SEGMENTS = 5_000  # 20 MiB of EXIF, profiles and comments at 64 KiB each are 320
MAX_SCANS = 100  # a camera's JPEG has 1, a progressive one about 10

_START_OF_IMAGE, _START_OF_SCAN, _END = 0xD8, 0xDA, 0xD9
_TABLES = (0xDB, 0xC4, 0xCC, 0xDD)  # of quantization, Huffman and arithmetic coding; and of restarts
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ARITHMETIC = (0xC9, 0xCA)
PROGRESSIVE, _LOSSLESS, _DECODED = (0xC2, 0xCA), (0xC3, 0xCB), (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)
_JPEG_LS = 0xF7  # ITU-T T.87: its start of frame

# B.1.1: a marker that isn't one within a scan's data, which are a stuffed zero and the restarts.
_ALONE = (0x01, _START_OF_IMAGE)
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")

_ADOBE, _JFIF, _EXIF, _PROFILE = 0xEE, 0xE0, 0xE1, 0xE2

# Measured: seconds for each block of 8 × 8 that a scan goes over, and for each byte.
_BLOCK_SECONDS, _BYTE_SECONDS = 15e-9, 60e-9


@dataclass(frozen=True)
class Frame:
    """A frame's header (B.2.2): its marker's kind, the size in pixels, and each component's sampling factors,
    across and down."""

    kind: int
    precision: int
    size: tuple[int, int]
    sampling: tuple[tuple[int, int], ...]

    @property
    def blocks(self) -> int:
        """Blocks of 8 × 8 samples in all components."""
        most_across = max(across for across, _ in self.sampling)
        most_down = max(down for _, down in self.sampling)
        columns, rows = -(-self.size[0] // (8 * most_across)), -(-self.size[1] // (8 * most_down))
        return sum(columns * across * rows * down for across, down in self.sampling)


@dataclass(frozen=True)
class Header:
    """What stands before the pixels.

    needed: the bytes without the segments that decoding has no need of. interleaved: whether the first scan
    has all components, so that the picture can be decoded row by row. scans: how many there are.
    """

    frame: Frame
    needed: bytes
    exif: bytes | None
    profile: bytes | None
    interleaved: bool
    scans: int


def open_jpeg(data: bytes, long_side: int) -> Iterator[Picture]:
    """The photo, decoded at 1/1, 1/2, 1/4 or 1/8 of its size, but not below what `long_side` asks for.

    That is most of what makes a large photo cheap.
    """
    header = read_header(data)
    frame = header.frame
    check_pixels(frame.size, MAX_JPEG_PIXELS)
    at_once = frame.kind in PROGRESSIVE or not header.interleaved
    # libjpeg keeps all coefficients, 2 bytes each, where it can't decode row by row.
    check_memory(frame.size, 2 * len(data) + (128 * frame.blocks if at_once else 0))
    coding = 3 if frame.kind in _ARITHMETIC else 1
    check_work(
        frame.size, coding * (frame.blocks * header.scans * _BLOCK_SECONDS + len(data) * _BYTE_SECONDS)
    )
    image = JpegImageFile(io.BytesIO(header.needed))
    image.draft(None, fitted(image.size, long_side))
    image.load()
    image.info["icc_profile"] = header.profile
    yield Picture.of_image(image, orientation_of(header.exif))


def read_header(jpeg: bytes) -> Header:
    """Read all of a JPEG's markers.

    Raises PhotoError for a file of too many segments or scans, and for kinds of JPEG that aren't decoded;
    ValueError for one that is broken.
    """
    kept, exif = [b"\xff\xd8"], None
    parts: list[bytes] = []
    frame: Frame | None = None
    at, count = 2, 0
    while match := _MARKER.search(jpeg, at):
        check_pieces(count := count + 1, MAX_SEGMENTS)
        kind, at = match[1][0], match.end()
        if kind in _ALONE:
            continue
        end = at + int.from_bytes(jpeg[at : at + 2])
        segment = jpeg[at + 2 : end]
        if kind == _END or end > len(jpeg) or end < at + 2:
            break
        if kind == _START_OF_SCAN:
            if frame is None or not segment:
                break
            scans = count_scans(jpeg, match.start())
            check_pieces(scans, MAX_SCANS)
            needed = b"".join(kept) + jpeg[match.start() :]
            return Header(frame, needed, exif, _joined(parts), segment[0] >= len(frame.sampling), scans)
        if kind in _FRAMES or kind == _JPEG_LS:
            if frame is not None:
                raise ValueError("a JPEG with two frames")
            frame = _frame(kind, segment)
        if kind == _EXIF and exif is None and segment.startswith(b"Exif\0\0"):
            exif = segment
        elif kind == _PROFILE and segment.startswith(b"ICC_PROFILE\0"):
            parts.append(segment[12:])
        if kind in _TABLES or kind in _FRAMES or (kind in (_ADOBE, _JFIF) and len(segment) < 64):
            kept.append(b"\xff" + jpeg[at - 1 : end])
        at = end
    raise ValueError("a JPEG without a scan")


def find_frame(data: bytes, at: int, end: int) -> tuple[Frame, bool] | None:
    """The frame of the JPEG in these bytes, and whether its first scan has all components; None without one.

    Its tables may stand elsewhere. Raises PhotoError as `read_header` does.
    """
    frame: Frame | None = None
    count = 0
    while match := _MARKER.search(data, at, end):
        check_pieces(count := count + 1, MAX_SEGMENTS)
        kind, at = match[1][0], match.end()
        if kind in _ALONE:
            continue
        after = at + int.from_bytes(data[at : at + 2])
        if kind in _FRAMES and frame is None:
            frame = _frame(kind, data[at + 2 : after])
        elif kind in (_END, _START_OF_SCAN):
            return None if frame is None else (frame, data[at + 2] >= len(frame.sampling))
        at = after
    return None


def count_scans(jpeg: bytes, at: int = 0) -> int:
    """How many scans follow before the end, up to one more than are allowed.

    Raises PhotoError for too many segments among them.
    """
    if jpeg.count(bytes([0xFF, _START_OF_SCAN]), at) <= 1:  # as good as always, and fast
        return 1
    scans, count = 0, 0
    while scans <= MAX_SCANS and (match := _MARKER.search(jpeg, at)):
        check_pieces(count := count + 1, MAX_SEGMENTS)
        kind, at = match[1][0], match.end()
        if kind == _END:
            break
        if kind not in _ALONE:
            at += int.from_bytes(jpeg[at : at + 2])
        scans += kind == _START_OF_SCAN
    return scans


def _frame(kind: int, header: bytes) -> Frame:
    if kind == _JPEG_LS:
        raise unsupported("JPEG-LS")
    if kind in _LOSSLESS:
        raise unsupported("lossless JPEG")
    if kind not in _DECODED:
        raise unsupported("hierarchical JPEG")
    count = header[5]
    sampling = tuple((header[7 + 3 * n] >> 4, header[7 + 3 * n] & 15) for n in range(count))
    frame = Frame(kind, header[0], (int.from_bytes(header[3:5]), int.from_bytes(header[1:3])), sampling)
    if not count or min(frame.size) == 0 or not all(1 <= factor <= 4 for pair in sampling for factor in pair):
        raise damaged("JPEG")
    if frame.precision != 8:
        raise unsupported(f"{frame.precision}-bit JPEG")
    return frame


def _joined(parts: list[bytes]) -> bytes | None:
    """ICC.1:2010, B.4: a profile in numbered parts; None where some are missing."""
    parts.sort(key=lambda part: part[:1])
    if not parts or parts[0][1:2] != bytes([len(parts) & 255]):
        return None
    return b"".join(part[2:] for part in parts)


def with_ends(jpeg: bytes) -> tuple[bytes, bytes]:
    """A JPEG that was cut off, with its end's marker; and with more blocks, of no meaning, before that.

    If every block of the picture is there the two show the same, for what follows the last block changes
    nothing. A block that is missing would be read from what follows.
    """
    jpeg = jpeg.rstrip(b"\xff")  # the half of a marker
    last = max((jpeg.rfind(bytes([0xFF, kind])), kind) for kind in range(0xD0, 0xD8))
    restart = last[1] if last[0] >= 0 else 0xD7
    blocks = bytes(range(0x80, 0xFF))
    end = bytes([0xFF, _END])
    return jpeg + end, jpeg + blocks + bytes([0xFF, 0xD0 + (restart + 1) % 8]) + blocks + end
