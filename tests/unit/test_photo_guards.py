"""What is refused before it's decoded, and what is still read at the edges."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from memegen import PhotoError
from memegen.photo.avif import open_avif
from memegen.photo.boxes import read_items
from memegen.photo.decode import read_photo
from memegen.photo.decoder_guards import image_memory
from memegen.photo.exif import orientation_of
from memegen.photo.jpeg import read_header
from tests.support.costly.bmp import bmp
from tests.support.costly.heif import heic_grid
from tests.support.costly.jpeg import with_segments
from tests.support.photo_files import BLUE, GREEN, GREY, RED, assert_middles, fields, saved
from tests.support.tiff_files import LZW, tiff_file


def refusal(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    return str(caught.value.code)


def test_a_jpeg_s_header_tells_its_blocks() -> None:
    """33 × 17 at 4:2:0: 3 × 2 units of 16 × 16, each of four blocks of brightness and two of colour."""
    header = read_header(saved(fields(33, 17), "JPEG", subsampling="4:2:0"))
    assert header.frame.size == (33, 17)
    assert header.frame.blocks == 3 * 2 * 6
    assert (header.interleaved, header.scans) == (True, 1)
    progressive = read_header(saved(fields(33, 17), "JPEG", progressive=True, subsampling="4:4:4"))
    assert progressive.frame.blocks == 5 * 3 * 3  # units of 8 × 8
    assert progressive.scans == 10  # libjpeg's script for colour: jcparam.c, jpeg_simple_progression


def test_a_jpeg_may_have_5_000_segments_and_no_more() -> None:
    """Its own of the tables and frame count, so a little less is read and a little more isn't."""
    assert read_photo(with_segments(b"\xff\xfe\0\3a", 4_900)).shape == (180, 240, 3)
    assert refusal(with_segments(b"\xff\xfe\0\3a", 5_001)) == "damaged-image"


def test_the_first_exif_counts_and_a_decoder_gets_none() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    data = saved(fields(), "JPEG", quality=95, exif=exif)
    later = (
        b"\xff\xe1\0\x22Exif\0\0" + b"II*\0" + struct.pack("<IHHHIHH", 8, 1, 0x0112, 3, 1, 6, 0) + bytes(4)
    )
    at = data.index(b"\xff\xdb")
    assert_middles(read_photo(data[:at] + later + data[at:]), [GREY, BLUE, GREEN, RED], within=4)
    assert b"Exif" not in read_header(data).needed


def test_of_a_jpeg_with_two_frames_nothing_is_decoded() -> None:
    data = saved(fields(), "JPEG")
    at = data.index(b"\xff\xc0")
    assert refusal(data[:at] + data[at : at + 19] + data[at:]) == "damaged-image"


@pytest.mark.parametrize(
    ("mode", "size", "expected"), [("L", (1, 10), 120), ("RGB", (3, 2), 40), ("I;16", (3, 1), 16)]
)
def test_the_memory_of_a_picture_of_pillow_s(mode: str, size: tuple[int, int], expected: int) -> None:
    """A row is a multiple of four bytes, and has an address of eight."""
    assert image_memory(mode, size) == expected


def test_a_thin_picture_is_refused_for_its_rows_alone() -> None:
    assert refusal(tiff_file(1, 60_000_000, [bytes(99)], compression=LZW)) == "too-many-pixels"


@pytest.mark.parametrize(
    "data",
    [
        tiff_file(64, 200_000, [b""], compression=LZW, tags={278: [1]}),
        tiff_file(64, 400, [bytes(5000)], compression=LZW, rows=1, shared=True),
    ],
    ids=["a strip a row, without end", "all strips in one place"],
)
def test_a_tiff_in_too_many_pieces(data: bytes) -> None:
    assert refusal(data) == "damaged-image"


def test_run_lengths_of_a_bmp() -> None:
    """From below: runs, unpacked pixels, a move of two to the right, and a row that ends early."""
    rows = b"\2\1\2\0\0\0" + b"\0\3\1\0\1\0\1\0\0\0" + b"\0\2\2\0\2\1\0\0" + b"\1\1\0\1"
    pixels = read_photo(bmp((4, 4), 8, rows, 1))
    red, green = (200, 9, 9), (9, 200, 9)
    seen = [[1, 0, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [1, 1, 0, 0]]
    assert pixels.tolist() == [[list(green if value else red) for value in row] for row in seen]


def test_run_lengths_of_4_bits() -> None:
    rows = b"\5\x10\0\0" + b"\0\5\x01\x10\x10\0\0\1"
    pixels = read_photo(bmp((5, 2), 4, rows, 2))
    assert (pixels[..., 1] == 200).astype(int).tolist() == [[0, 1, 1, 0, 1], [1, 0, 1, 0, 1]]


def test_run_lengths_that_are_cut_off_are_damaged() -> None:
    assert refusal(bmp((4, 4), 8, b"\2\1\2\0\0\0\1\1", 1)) == "damaged-image"


def test_a_heic_of_tiles_is_counted_and_read() -> None:
    data = heic_grid((1000, 700), 256)
    items = read_items(data)
    assert items.size == (1000, 700)
    assert items.work() == (12, 12 * 256 * 256)
    assert (items.depth, items.chroma, items.has_alpha) == (8, 0.5, False)
    assert read_photo(data).shape == (700, 1000, 3)


@pytest.mark.parametrize(
    "block", [b"", b"II", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"nothing"]
)
def test_broken_exif_turns_nothing(block: bytes) -> None:
    assert orientation_of(block) == 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_an_avif_in_tiles_shows_what_it_shows_as_a_whole(mode: str) -> None:
    """Of 2,100 × 1,700, converted piece by piece: where pieces meet, no pixel differs from Pillow's."""
    noise = np.random.default_rng(4).integers(0, 256, (17, 21, len(mode)), np.uint8)
    image = Image.fromarray(noise).resize((2100, 1700), Image.Resampling.BICUBIC)
    data = saved(image, "AVIF", quality=90, speed=10)
    whole = Image.open(io.BytesIO(data))
    frames = open_avif(data)
    picture = next(frames)
    for box in ((0, 0, 2100, 1), (0, 1, 2100, 700), (333, 701, 1001, 1700), (2099, 1699, 2100, 1700)):
        assert np.array_equal(np.asarray(picture.tile(box)), np.asarray(whole.crop(box)))
