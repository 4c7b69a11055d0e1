"""What decoding a PNG, TIFF, JPEG or BMP is said to cost, worked out by hand. No decoder is run."""

import struct
from collections.abc import Callable

import pytest

from memegen import PhotoError
from memegen.photo import bmp, jpeg, png, tiff
from memegen.photo.decode import read_photo
from tests.support.costly.bmp import bmp as bmp_file
from tests.support.photo_files import fields, png_chunk, saved
from tests.support.tiff_files import BLACK_IS_ZERO, JPEG, LZW, NONE, PALETTE, RGB, YCBCR, tiff_file

US = 1e-6
SCAN = b"\xff\xda"  # a start of scan, and nothing of it


@pytest.fixture
def costs(monkeypatch) -> Callable[[bytes], tuple[int, float]]:
    """The bytes and the seconds that the guards are asked about for a file."""
    asked: dict[str, float] = {}

    def decoder(*_: object) -> None:
        raise MemoryError

    for module, name in (
        (jpeg, "JpegImageFile"),
        (png, "PngImageFile"),
        (tiff, "TiffImageFile"),
        (bmp, "BmpImageFile"),
    ):
        monkeypatch.setattr(module, name, decoder)
        monkeypatch.setattr(module, "check_memory", lambda _, memory: asked.update(memory=memory))
        if module is not bmp:
            monkeypatch.setattr(module, "check_work", lambda _, seconds: asked.update(seconds=seconds))

    def read(data: bytes) -> tuple[int, float]:
        with pytest.raises(PhotoError):
            read_photo(data)
        return int(asked["memory"]), asked.get("seconds", 0)

    return read


# PNG: rows of Pillow's and an address of 8 for each; two rows and twice the chunks as they are stored.


@pytest.mark.parametrize(
    ("depth", "colour", "row", "picture"),
    [
        (1, 0, 1, 48), (8, 0, 7, 48), (16, 0, 14, 72),
        (8, 2, 21, 108), (16, 2, 42, 108),
        (2, 3, 2, 48), (8, 3, 7, 48),
        (8, 4, 14, 108), (16, 4, 28, 108),
        (8, 6, 28, 108), (16, 6, 56, 108),
    ],
)  # fmt: skip
def test_what_a_png_of_7_by_3_costs(costs, depth: int, colour: int, row: int, picture: int) -> None:
    header = struct.pack(">IIBBBBB", 7, 3, depth, colour, 0, 0, 0)
    parts = [png_chunk(b"IHDR", header), png_chunk(b"PLTE", bytes(6)), png_chunk(b"IDAT", b"abcd") * 2]
    memory, seconds = costs(b"\x89PNG\r\n\x1a\n" + b"".join(parts) + png_chunk(b"IEND", b""))
    assert memory == picture + 2 * row + 2 * (2 * 16 + 12)
    # 60 ns a row, 4 a byte and 10 a pixel of it, and 5 µs a chunk.
    assert seconds == pytest.approx(3 * (60 + 4 * row + 70) * 1e-9 + 2 * 5 * US)


# TIFF of 100 × 80: Pillow's rows, and a part as libtiff unpacks it; 20 µs a part, 0.3 µs a row of each and
# 10 ns a byte.


def without(data: bytes, tag: int) -> bytes:
    """The file with another tag, of no meaning, in this one's place."""
    assert data.count(struct.pack("<HH", tag, 3)) == 1
    return data.replace(struct.pack("<HH", tag, 3), struct.pack("<HH", 60_000, 3))


TIFFS: dict[str, tuple[bytes, int, float]] = {
    "strips of colour": (
        tiff_file(100, 80, [b"x"] * 5, samples=3, photometric=RGB, compression=LZW, rows=16),
        80 * 408 + 16 * 300, 5 * 20 + 80 * 0.3 + 80 * 300 * 0.01,
    ),
    "strips that are not packed": (
        tiff_file(100, 80, [b"x"] * 5, samples=3, photometric=RGB, compression=NONE, rows=16),
        80 * 408, 5 * 20 + 80 * 0.3 + 80 * 300 * 0.01,
    ),
    "words that are not packed": (
        tiff_file(100, 80, [b"x"] * 5, samples=3, photometric=RGB, compression=32_771, rows=16),
        80 * 408, 5 * 20 + 80 * 0.3 + 80 * 300 * 0.01,
    ),
    "a last strip that is not full": (  # it counts as if it were
        tiff_file(100, 80, [b"x"] * 3, samples=3, photometric=RGB, compression=LZW, rows=30),
        80 * 408 + 30 * 300, 3 * 20 + 90 * 0.3 + 90 * 300 * 0.01,
    ),
    "strips said to be higher than the picture": (
        tiff_file(100, 80, [b"x"], samples=3, photometric=RGB, compression=LZW, tags={278: [9000]}),
        80 * 408 + 80 * 300, 20 + 80 * 0.3 + 80 * 300 * 0.01,
    ),
    "no word of strips": (
        without(tiff_file(100, 80, [b"x"], samples=3, photometric=RGB, compression=LZW), 278),
        80 * 408 + 80 * 300, 20 + 80 * 0.3 + 80 * 300 * 0.01,
    ),
    "a plane a colour": (
        tiff_file(100, 80, [b"x"] * 15, samples=3, photometric=RGB, compression=LZW, rows=16, planar=True),
        80 * 408 + 2 * 16 * 100, 15 * 20 + 240 * 0.3 + 240 * 100 * 0.01,
    ),
    "tiles of deep grey": (
        tiff_file(100, 80, [b"x"] * 8, bits=16, compression=LZW, tile=(32, 48)),
        80 * 208 + 48 * 64, 8 * 20 + 8 * 48 * 0.3 + 8 * 48 * 64 * 0.01,
    ),
    "bits": (tiff_file(100, 80, [b"x"], bits=1), 80 * 108, 20 + 80 * 0.3 + 80 * 13 * 0.01),
    "9 bits": (tiff_file(100, 80, [b"x"], bits=9), 80 * 208, 20 + 80 * 0.3 + 80 * 113 * 0.01),
    "17 bits": (tiff_file(100, 80, [b"x"], bits=17), 80 * 408, 20 + 80 * 0.3 + 80 * 213 * 0.01),
    "16 bits of one colour": (
        tiff_file(100, 80, [b"x"], samples=3, photometric=RGB, compression=LZW, tags={258: [8, 8, 16]}),
        80 * 408 + 80 * 600, 20 + 80 * 0.3 + 80 * 600 * 0.01,
    ),
    "more bits than colours": (
        tiff_file(100, 80, [b"x"], samples=3, photometric=RGB, compression=LZW, tags={258: [8, 8, 8, 16]}),
        80 * 408 + 80 * 300, 20 + 80 * 0.3 + 80 * 300 * 0.01,
    ),
    "no word of bits": (
        without(tiff_file(100, 80, [b"x"], compression=LZW), 258),
        80 * 108 + 80 * 13, 20 + 80 * 0.3 + 80 * 13 * 0.01,
    ),
    "brightness and colour": (  # libtiff makes four bytes a pixel of it
        tiff_file(100, 80, [b"x"], samples=3, photometric=YCBCR, compression=LZW),
        80 * 408 + 80 * 400, 20 + 80 * 0.3 + 80 * 300 * 0.01,
    ),
    "no word of samples": (
        without(tiff_file(100, 80, [b"x"], samples=3, photometric=RGB, compression=LZW), 277),
        80 * 108 + 80 * 100, 20 + 80 * 0.3 + 80 * 100 * 0.01,
    ),
    # JPEGs: 15 ns more for each scan and block of 8 × 8.
    "a JPEG": (
        tiff_file(64, 64, [b"x"], samples=3, photometric=RGB, compression=JPEG),
        64 * 264 + 64 * 192, 20 + 64 * 0.3 + 64 * 192 * 0.01 + 192 * 0.015,
    ),
    "a JPEG without a word of samples": (
        without(tiff_file(64, 64, [b"x"], samples=3, photometric=RGB, compression=JPEG), 277),
        64 * 264 + 64 * 192, 20 + 64 * 0.3 + 64 * 192 * 0.01 + 192 * 0.015,
    ),
    "a grey JPEG without a word of samples": (
        without(tiff_file(64, 64, [b"x"], photometric=BLACK_IS_ZERO, compression=JPEG), 277),
        64 * 72 + 64 * 64, 20 + 64 * 0.3 + 64 * 64 * 0.01 + 64 * 0.015,
    ),
    "4 scans in 2 JPEGs": (  # one may have 3 of them
        tiff_file(64, 64, [SCAN * 3, SCAN], samples=3, photometric=RGB, compression=JPEG, rows=32),
        64 * 264 + 32 * 192, 2 * 20 + 64 * 0.3 + 64 * 192 * 0.01 + 3 * 192 * 0.015,
    ),
    "200 scans": (
        tiff_file(64, 64, [SCAN * 200], samples=3, photometric=RGB, compression=JPEG),
        64 * 264 + 64 * 192, 20 + 64 * 0.3 + 64 * 192 * 0.01 + 100 * 192 * 0.015,
    ),
    "a palette": (
        tiff_file(100, 80, [b"x"], photometric=PALETTE, compression=LZW),
        80 * 108 + 80 * 100, 20 + 80 * 0.3 + 80 * 100 * 0.01,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TIFFS)
def test_what_a_tiff_costs(costs, name: str) -> None:
    data, memory, microseconds = TIFFS[name]
    assert costs(data) == (memory, pytest.approx(microseconds * US))


@pytest.mark.parametrize("tag", [256, 257, 278, 322, 323])
def test_a_tiff_without_a_size_is_damaged(tag: int) -> None:
    tile = (16, 16) if tag in (322, 323) else None
    with pytest.raises(PhotoError) as caught:
        read_photo(tiff_file(5, 5, [b"x"], tile=tile, tags={tag: [0]}))
    assert caught.value.code == "damaged-image"


@pytest.mark.parametrize("word", [277, 278, 258])
def test_a_tiff_says_what_it_must_or_the_usual_is_taken(word: int) -> None:
    """A picture of bits, of one sample, in one strip."""
    data = tiff_file(8, 2, [b"\xf0\x0f"], bits=1)
    assert read_photo(without(data, word))[..., 0].tolist() == [[255] * 4 + [0] * 4, [0] * 4 + [255] * 4]


# JPEG: the file's bytes twice, and 128 bytes a block where all are kept; 15 ns a block and scan, 60 a byte.


def of_kind(data: bytes, kind: int) -> bytes:
    at = next(at for at in (data.find(b"\xff\xc0"), data.find(b"\xff\xc2")) if at >= 0)
    return data[: at + 1] + bytes([kind]) + data[at + 2 :]


@pytest.mark.parametrize(
    ("how", "kind", "blocks", "kept", "scans", "coding"),
    [
        ({"subsampling": "4:2:0"}, 0xC0, 5 * 3 * 6, False, 1, 1),
        ({"subsampling": "4:2:0"}, 0xC1, 5 * 3 * 6, False, 1, 1),
        ({"subsampling": "4:2:0"}, 0xC9, 5 * 3 * 6, False, 1, 3),
        ({"subsampling": "4:4:4"}, 0xC0, 10 * 6 * 3, False, 1, 1),
        ({"subsampling": "4:4:4", "progressive": True}, 0xC2, 10 * 6 * 3, True, 10, 1),
        ({"subsampling": "4:4:4", "progressive": True}, 0xCA, 10 * 6 * 3, True, 10, 3),
    ],
)
def test_what_a_jpeg_of_80_by_48_costs(
    costs, how: dict, kind: int, blocks: int, kept: bool, scans: int, coding: int
) -> None:
    data = of_kind(saved(fields(), "JPEG", **how), kind)
    memory, seconds = costs(data)
    assert memory == 2 * len(data) + 128 * blocks * kept
    assert seconds == pytest.approx(coding * (blocks * scans * 15e-9 + len(data) * 60e-9))


# BMP of 5 × 3: Pillow's rows, and three bytes a pixel of unpacked runs.


@pytest.mark.parametrize(
    ("depth", "packing", "memory"),
    [
        (1, 0, 3 * 16),
        (8, 0, 3 * 16),
        (16, 0, 3 * 28),
        (24, 0, 3 * 28),
        (32, 0, 3 * 28),
        (8, 1, 3 * 16 + 3 * 15),
        (4, 2, 3 * 16 + 3 * 15),
    ],
)
def test_what_a_bmp_costs(costs, depth: int, packing: int, memory: int) -> None:
    assert costs(bmp_file((5, 3), depth, b"\0\1" * 99, packing)) == (memory, 0)
    assert costs(bmp_file((5, -3), depth, b"\0\1" * 99, packing)) == (memory, 0)
