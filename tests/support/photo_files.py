"""Photo files for the tests, each made from pixels that are known, and what their pictures show."""

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

pillow_heif.register_heif_opener()

# Four plain fields, so that lossy formats keep their middles exact to a few levels.
RED, GREEN, BLUE, GREY = (200, 40, 30), (30, 160, 60), (40, 60, 190), (128, 128, 128)

# XYZ under D50 of the primaries red, green and blue, as ICC profiles of sRGB and Display P3 give them.
SRGB_COLUMNS = [(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)]
P3_COLUMNS = [(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)]
D50 = (0.9642, 1.0, 0.8249)


def fields(width: int = 80, height: int = 48) -> Image.Image:
    """Red above left, green above right, blue below left, grey below right."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = RED
    pixels[: height // 2, width // 2 :] = GREEN
    pixels[height // 2 :, : width // 2] = BLUE
    pixels[height // 2 :, width // 2 :] = GREY
    return Image.fromarray(pixels)


def saved(image: Image.Image, form: str, **how: object) -> bytes:
    out = io.BytesIO()
    if form == "HEIF":
        pillow_heif.from_pillow(image).save(out, **{"quality": 95, **how})
    else:
        image.save(out, form, **how)
    return out.getvalue()


def middles(pixels: np.ndarray) -> list[tuple[int, ...]]:
    """The colours in the middles of the quarters: above left, above right, below left, below right."""
    height, width = pixels.shape[:2]
    places = [(y, x) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return [tuple(int(value) for value in pixels[place]) for place in places]


def assert_middles(pixels: np.ndarray, expected: list[tuple[int, int, int]], within: int = 0) -> None:
    difference = np.abs(np.array(middles(pixels)) - np.array(expected)).max()
    assert difference <= within, f"{middles(pixels)} is not {expected}"


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int,
    height: int,
    depth: int,
    colour_type: int,
    rows: bytes,
    extra: bytes = b"",
    interlaced: int = 0,
) -> bytes:
    """A PNG from raw rows (PNG specification, second edition): for what Pillow doesn't write."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, interlaced)
    pixels = png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + extra + pixels + png_chunk(b"IEND", b"")


def adam7_rows(pixels: np.ndarray) -> bytes:
    """The rows of (height, width, bytes a pixel) uint8 as Adam7 stores them (8.2): seven pictures in turn.

    Each is stored by its own rows, filter type 0 before each; a picture without a pixel has no row.
    """
    starts = ((0, 0), (4, 0), (0, 4), (2, 0), (0, 2), (1, 0), (0, 1))
    steps = ((8, 8), (8, 8), (4, 8), (4, 4), (2, 4), (2, 2), (1, 2))
    parts = (
        pixels[top::down, left::across] for (left, top), (across, down) in zip(starts, steps, strict=True)
    )
    return b"".join(b"\0" + row.tobytes() for part in parts if part.size for row in part)


def jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """A JPEG's segments up to its first scan, each a marker's second byte and content (ITU-T T.81, B.1)."""
    assert data[:2] == b"\xff\xd8"
    at = 2
    while True:
        assert data[at] == 0xFF
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        yield marker, data[at + 4 : at + 2 + length]
        if marker == 0xDA:
            return
        at += 2 + length


# ICC profiles (ICC.1:2001-04, version 2)


def profile_with(columns: list[tuple[float, float, float]]) -> bytes:
    """The sRGB profile with other primaries: XYZ under D50 of red, green and blue."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", data, 128)
    tags = {
        bytes(data[132 + 12 * i : 136 + 12 * i]): struct.unpack_from(">I", data, 136 + 12 * i)[0]
        for i in range(count)
    }
    for tag, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True):
        struct.pack_into(">3i", data, tags[tag] + 8, *(round(value * 65536) for value in column))
    return bytes(data)


def swapped_profile() -> bytes:
    """A profile in which red's numbers mean green and green's mean red."""
    red, green, blue = SRGB_COLUMNS
    return profile_with([green, red, blue])


def cmyk_profile(inks: dict[tuple[int, int, int, int], tuple[int, int, int]]) -> bytes:
    """A printer's profile by a table of the 16 mixtures of full inks, as CIE L*a*b* in whole numbers.

    Mixtures that `inks` doesn't name are black, so that full ink is and no black point is shifted.
    """
    table = b""
    for mixture in np.ndindex(2, 2, 2, 2):  # the first ink's index moves slowest
        lightness, a, b = inks.get(mixture, (0, 0, 0))
        table += bytes([round(lightness * 2.55), a + 128, b + 128])
    straight = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + straight * 4 + table + straight * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut})


def grey_profile(gamma: int) -> bytes:
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, gamma * 256)
    return _profile(b"scnr", b"GRAY", b"XYZ ", {b"kTRC": curve})


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    white = b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in D50))
    text = b"text" + bytes(4) + b"made by a test\0"
    named = b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(78)
    tags = {b"desc": named, b"cprt": text, b"wtpt": white, **tags}
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = start + len(body)
    d50 = struct.pack(">3i", *(round(value * 65536) for value in D50))
    header = struct.pack(">I", size) + bytes(4) + b"\x02\x20\0\0" + kind + space + connection + bytes(12)
    header += b"acsp" + bytes(28) + d50 + bytes(48)
    return header + struct.pack(">I", len(tags)) + table + body


# Colours worked out by the definitions of the spaces


def to_srgb(xyz_under_d50: np.ndarray) -> np.ndarray:
    """sRGB levels, 0 to 255, by IEC 61966-2-1."""
    linear = np.clip(np.linalg.inv(np.array(SRGB_COLUMNS).T) @ xyz_under_d50, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055) * 255


def p3_to_srgb(colour: tuple[int, int, int]) -> np.ndarray:
    """Display P3 has sRGB's curve and other primaries."""
    share = np.array(colour) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return to_srgb(np.array(P3_COLUMNS).T @ linear)


def lab_to_srgb(lightness: int, a: int, b: int) -> np.ndarray:
    """CIE 15: L*a*b* under D50."""
    middle = (lightness + 16) / 116
    roots = np.array([middle + a / 500, middle, middle - b / 200])
    ratios = np.where(roots > 6 / 29, roots**3, 3 * (6 / 29) ** 2 * (roots - 4 / 29))
    return to_srgb(ratios * D50)
