"""WebP: lossy and lossless, alpha, frames."""

import struct

from PIL import Image

from tests.support.costly.shapes import (
    MOST_BYTES,
    SQUARE,
    Maker,
    noise,
)
from tests.support.photo_files import saved


def kinds() -> dict[str, Maker]:
    lossless = {"lossless": True, "method": 0, "quality": 0}
    return {
        "WebP, lossy, square": lambda: _solid_webp(SQUARE, method=0),
        "WebP, lossless, square": lambda: _solid_webp(SQUARE, **lossless),
        "WebP, lossy with alpha, square": lambda: _solid_webp(SQUARE, "RGBA", method=0),
        "WebP, lossless with alpha, square": lambda: _solid_webp(SQUARE, "RGBA", **lossless),
        "WebP, lossy, 16,383 × 3,960": lambda: _solid_webp((16_383, 3960), method=0),
        "WebP, lossless, 3,960 × 16,383": lambda: _solid_webp((3960, 16_383), **lossless),
        "WebP 1 × 16,383": lambda: _solid_webp((1, 16_383), **lossless),
        "WebP, lossy noise": lambda: saved(noise(4000, 3000), "WEBP", quality=95, method=0)[:MOST_BYTES],
        "WebP, lossless noise": lambda: saved(noise(2600, 2500), "WEBP", **lossless),
        "WebP of empty frames": lambda: _webp_frames((1000, 1000), 200),
        "WebP of tiny empty frames": lambda: _webp_frames((16, 16), 20_000),
        "WebP of chunks": _webp_chunks,
    }


def _solid_webp(size: tuple[int, int], mode: str = "RGB", **how: object) -> bytes:
    return saved(Image.new(mode, size, (200, 30, 99, 120)[: len(mode)]), "WEBP", **how)


def _webp_frames(size: tuple[int, int], count: int) -> bytes:
    """Transparent frames, each a whole lossless picture."""
    still = saved(Image.new("RGBA", size, (0, 0, 0, 0)), "WEBP", lossless=True, exact=True)
    picture = still[still.index(b"VP8L") :]
    picture = picture[: 8 + struct.unpack_from("<I", picture, 4)[0]]
    picture += bytes(len(picture) % 2)
    sides = b"".join((side - 1).to_bytes(3, "little") for side in size)
    frame = bytes(6) + sides + bytes([100, 0, 0, 0]) + picture
    chunk = b"ANMF" + struct.pack("<I", len(frame)) + frame
    body = b"VP8X" + struct.pack("<I", 10) + bytes([0x12, 0, 0, 0]) + sides
    body += b"ANIM" + struct.pack("<I", 6) + bytes(6) + chunk * count
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _webp_chunks() -> bytes:
    still = saved(noise(40, 30), "WEBP", lossless=True)
    chunks = b"abcd\0\0\0\0" * 2_000_000
    return b"RIFF" + struct.pack("<I", len(still) - 8 + len(chunks)) + still[8:] + chunks
