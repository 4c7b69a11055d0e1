"""JPEG: scans, segments, shapes, coding."""

import struct

import numpy as np
import skimage.data
from PIL import Image

from tests.support.costly.shapes import (
    MOST_BYTES,
    Maker,
    noise,
)
from tests.support.photo_files import saved


def kinds() -> dict[str, Maker]:
    progressive = {"progressive": True, "quality": 20}
    full = {**progressive, "subsampling": 0}
    return {
        "JPEG of 200 megapixels": lambda: _solid_jpeg((16_320, 12_240)),
        "JPEG of 200 megapixels, 4:4:4": lambda: _solid_jpeg((16_320, 12_240), subsampling=0),
        "JPEG of 200 megapixels in a strip": lambda: _solid_jpeg((65_500, 3050)),
        "JPEG of 200 megapixels on end": lambda: _solid_jpeg((3050, 65_500)),
        "JPEG 65,500 × 1": lambda: _solid_jpeg((65_500, 1)),
        "JPEG 65,500 × 15": lambda: _solid_jpeg((65_500, 15)),
        "JPEG progressive, 4:2:0, 175 megapixels": lambda: _solid_jpeg((15_275, 11_456), **progressive),
        "JPEG progressive, 4:4:4, 88 megapixels": lambda: _solid_jpeg((10_832, 8124), **full),
        "JPEG progressive, CMYK, 66 megapixels": lambda: _solid_jpeg((9380, 7036), mode="CMYK", **full),
        "JPEG progressive, 4:4:4, 200 megapixels": lambda: _solid_jpeg((16_320, 12_240), **full),
        "JPEG of three scans, 200 megapixels": lambda: _scan_a_colour((16_320, 12_240)),
        "JPEG of three scans, 87 megapixels": lambda: _scan_a_colour((10_768, 8079)),
        "JPEG of 98 scans, 50 megapixels": lambda: many_scans((8160, 6120), 98),
        "JPEG of 98 scans, 50 megapixels, without its end": lambda: many_scans((8160, 6120), 98)[:-2],
        "JPEG of 98 scans, 12 megapixels": lambda: many_scans((4000, 3000), 98),
        "JPEG of noise": lambda: saved(noise(4100, 3075), "JPEG", quality=97)[:MOST_BYTES],
        "JPEG of noise, progressive": lambda: saved(noise(3600, 2700), "JPEG", quality=97, progressive=True),
        "JPEG of noise, cut off": lambda: saved(noise(4100, 3075), "JPEG", quality=97)[: 18 * 2**20],
        "JPEG of noise, progressive, without its end": lambda: saved(
            noise(3600, 2700), "JPEG", quality=97, progressive=True
        )[:-2],
        "JPEG of empty segments": lambda: with_segments(b"\xff\xe0\0\2"),
        "JPEG of one-byte comments": lambda: with_segments(b"\xff\xfe\0\3a"),
        "JPEG of EXIF in pieces": lambda: with_segments(b"\xff\xe1\0\x0cExif\0\0MM\0*"),
        "JPEG of EXIF in 4,000 pieces": lambda: with_segments(
            b"\xff\xe1\x13\x88Exif\0\0" + bytes(4992), 4000
        ),
        "JPEG of profiles in pieces": lambda: with_segments(b"\xff\xe2\0\x10ICC_PROFILE\0\1\1"),
        "JPEG of tables": lambda: with_segments(b"\xff\xdb\0\x43\0" + bytes(range(1, 65))),
        "JPEG of segments before a progressive CMYK": lambda: with_segments(
            b"\xff\xe0\0\2", data=_solid_jpeg((9380, 7036), mode="CMYK", **full)
        ),
        "JPEG of 2,000 faces": lambda: saved(Image.fromarray(crowd(45, 35)), "JPEG", quality=92),
        "JPEG of FF": lambda: saved(noise(16, 16), "JPEG")[:-2] + b"\xff" * (18 * 2**20),
        "JPEG of FF in a segment's place": lambda: b"\xff\xd8" + b"\xff" * (18 * 2**20) + b"\0",
        "JPEG of restarts": lambda: saved(noise(64, 64), "JPEG")[:-2] + b"\xff\xd0" * (9 * 2**20),
        "JPEG of markers after its scan": lambda: (
            saved(noise(64, 64), "JPEG")[:-2] + b"\xff\xda\0\2" * (4 * 2**20)
        ),
    }


def crowd(count: int, height: int) -> np.ndarray:
    """So many times so many faces, of so many pixels each, which are found with low scores."""
    face = Image.fromarray(skimage.data.astronaut()).crop((150, 30, 300, 210))
    face = face.resize((round(height * 5 / 6), height))
    cell = np.full((height, height, 3), 150, np.uint8)
    cell[:, : face.width] = np.asarray(face)
    return np.tile(cell, (count, count, 1))


def _solid_jpeg(size: tuple[int, int], mode: str = "RGB", **how: object) -> bytes:
    image = Image.new(mode, size, (200, 30, 99, 5)[: len(mode)])
    return saved(image, "JPEG", **{"quality": 75, **how})


def with_segments(segment: bytes, count: int | None = None, data: bytes | None = None) -> bytes:
    data = data or saved(noise(240, 180), "JPEG")
    count = count or (MOST_BYTES - len(data)) // len(segment)
    return data[:2] + segment * min(count, (MOST_BYTES - len(data)) // len(segment)) + data[2:]


def _scan_a_colour(size: tuple[int, int]) -> bytes:
    """A baseline JPEG whose three components have a scan each: made of a grey one's."""
    grey = saved(Image.new("L", size, 99), "JPEG")
    frame, scan = grey.index(b"\xff\xc0"), grey.index(b"\xff\xda")
    tables = grey[2:frame] + grey[frame + 13 : scan]
    header = struct.pack(">HBHHB", 17, 8, size[1], size[0], 3) + bytes([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0])
    pixels = grey[scan + 10 : -2]
    scans = b"".join(
        b"\xff\xda" + struct.pack(">HBBBBBB", 8, 1, component, 0, 0, 63, 0) + pixels
        for component in (1, 2, 3)
    )
    return b"\xff\xd8" + tables + b"\xff\xc0" + header + scans + b"\xff\xd9"


def many_scans(size: tuple[int, int], count: int) -> bytes:
    """A progressive JPEG with its last scan over and over."""
    data = _solid_jpeg(size, progressive=True, quality=20)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * (count - data.count(b"\xff\xda") + 1) + b"\xff\xd9"
