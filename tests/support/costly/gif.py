"""GIF: shapes, extensions, frames."""

import struct

from PIL import Image

from tests.support.costly.shapes import (
    COLUMNS,
    MOST_BYTES,
    SQUARE,
    STRIPES,
    Maker,
    noise,
)
from tests.support.photo_files import saved


def kinds() -> dict[str, Maker]:
    return {
        "GIF, square": lambda: _solid_gif(SQUARE),
        "GIF, square, interlaced": lambda: _solid_gif(SQUARE, interlace=1),
        "GIF, square, transparent": lambda: _solid_gif(SQUARE, transparency=0),
        "GIF 65,500 × 992": lambda: _solid_gif(STRIPES),
        "GIF 992 × 65,500": lambda: _solid_gif(COLUMNS),
        "GIF of a small picture on a great screen": lambda: _on_screen(SQUARE),
        "GIF of noise": lambda: saved(noise(4300, 3300, 1).convert("P"), "GIF")[:MOST_BYTES],
        "GIF of one comment": lambda: _with_extension(b"\xff" + b"a" * 255),
        "GIF of one-byte comment blocks": lambda: _with_extension(b"\1a"),
        "GIF of empty comments": lambda: _with_extension(b"\0\x21\xfe"),
        "GIF of empty frames": lambda: _gif_frames((1000, 1000)),
        "GIF of tiny empty frames": lambda: _gif_frames((16, 16)),
        "GIF of empty frames, square": lambda: _gif_frames(SQUARE, 20),
        "GIF of one-byte pixel blocks": _one_byte_gif,
    }


def _solid_gif(size: tuple[int, int], **how: object) -> bytes:
    image = Image.new("P", size, 0)
    image.putpalette((200, 30, 99))
    return saved(image, "GIF", **how)


def _on_screen(size: tuple[int, int]) -> bytes:
    data = _solid_gif((10, 10))
    return data[:6] + struct.pack("<HH", *size) + data[10:]


def _with_extension(block: bytes) -> bytes:
    data = _solid_gif((10, 10))
    picture = data.index(b"\x2c\0\0\0\0")
    blocks = block * ((MOST_BYTES - len(data) - 3) // len(block))
    return data[:picture] + b"\x21\xfe" + blocks + b"\0" + data[picture:]


def _gif_frames(size: tuple[int, int], count: int = 10**6) -> bytes:
    data = _solid_gif(size, transparency=0)
    control = data.index(b"\x21\xf9")
    frame = data[control:-1]
    return data[:control] + frame * min(count, (MOST_BYTES - len(data)) // len(frame)) + b";"


def _one_byte_gif() -> bytes:
    data = _solid_gif((2000, 2000))
    start = data.index(b"\x2c\0\0\0\0") + 11
    codes, at = b"", start
    while data[at]:
        codes += data[at + 1 : at + 1 + data[at]]
        at += data[at] + 1
    return data[:start] + b"".join(b"\1" + codes[n : n + 1] for n in range(len(codes))) + b"\0;"
