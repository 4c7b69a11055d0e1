"""GIF89a: its blocks, read up to the pixels; a decoder gets one frame and nothing else."""

import io
import struct
from collections.abc import Iterator

from PIL.GifImagePlugin import GifImageFile

from memegen.photo.decoder_guards import check_pieces, check_pixels
from memegen.photo.picture import Picture

MAX_BLOCKS = 300_000  # 20 MiB in the usual blocks of 255 bytes are 82,000

_EXTENSION, _IMAGE, _CONTROL = 0x21, 0x2C, 0xF9


def open_gif(data: bytes) -> Iterator[Picture]:
    """The first frame, and each that follows, as if those before it were empty.

    Comments and other extensions are passed over here, since Pillow joins and keeps them.
    """
    canvas = struct.unpack_from("<HH", data, 6)
    at = 13 + _table_size(data[10])
    head, control, blocks, number = data[:at], b"", 0, 0
    while at < len(data):
        if data[at] == _EXTENSION:
            if data[at + 1] == _CONTROL:
                control = data[at : at + 8]
            at, blocks = _passed(data, at + 2, blocks + 1)
        elif data[at] == _IMAGE:
            left, top, width, height, flags = struct.unpack_from("<HHHHB", data, at + 1)
            end = at + 10 + _table_size(flags) + 1
            if number == 0:
                canvas = (max(canvas[0], left + width), max(canvas[1], top + height))
                yield _decoded(head + control + data[at:], canvas)
                at, blocks = _passed(data, end, blocks)
            else:
                start, (at, blocks) = at, _passed(data, end, blocks)
                place = struct.pack("<HHHH", 0, 0, width, height)
                alone = head[:6] + place[4:] + head[10:] + control
                picture = data[start : start + 1] + place + data[start + 9 : at] + b";"
                yield Picture.of_frame(_decoded(alone + picture, (width, height)), (left, top), canvas)
            number, control = number + 1, b""
        elif data[at] == 0:  # an empty block that stands alone, as some writers leave it
            at += 1
        else:
            break
    if number == 0:
        raise ValueError("a GIF without a picture")


def _decoded(gif: bytes, size: tuple[int, int]) -> Picture:
    check_pixels(size)  # the most of them, and the rows of the tallest, take far less than what is allowed
    image = GifImageFile(io.BytesIO(gif))
    image.load()
    return Picture.of_image(image)


def _table_size(flags: int) -> int:
    """Bytes of the colour table that the flags of a screen or a picture tell of (18 and 20)."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _passed(data: bytes, at: int, blocks: int) -> tuple[int, int]:
    """Where the blocks that begin here end, and how many have been read by then."""
    while at < len(data) and data[at]:
        at += data[at] + 1
        check_pieces(blocks := blocks + 1, MAX_BLOCKS)
    return at + 1, blocks
