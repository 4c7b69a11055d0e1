"""What is refused before it's decoded, and what is still read at the edges."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from memegen import PhotoError
from memegen.photo.avif import open_avif
from memegen.photo.boxes import read_items
from memegen.photo.coding import Coding, _Bits, av1_codings, hevc_codings
from memegen.photo.decode import read_photo
from memegen.photo.decoder_guards import image_memory
from memegen.photo.exif import orientation_of
from memegen.photo.jpeg import read_header
from tests.support.costly.bmp import bmp
from tests.support.costly.heif import deep_heic, heic_grid, says_shallow
from tests.support.costly.jpeg import with_segments
from tests.support.parameter_sets import packed, parameter_set
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
    ("pixel", "size", "expected"), [(1, (1, 10), 120), (4, (3, 2), 40), (2, (3, 1), 16), (1, (4, 1), 12)]
)
def test_the_memory_of_a_picture_of_pillow_s(pixel: int, size: tuple[int, int], expected: int) -> None:
    """A row is a multiple of four bytes, and has an address of eight."""
    assert image_memory(pixel, size) == expected


def test_a_progressive_jpeg_is_refused_for_the_memory_of_its_coefficients() -> None:
    """Two bytes for each sample, all at once: at 14,000 × 14,000 and 4:4:4 that is 1,121 MiB."""
    data = saved(fields(), "JPEG", progressive=True, subsampling="4:4:4")
    at = data.index(b"\xff\xc2") + 5  # T.81, B.2.2: after marker, length and precision come height and width
    assert refusal(data[:at] + struct.pack(">HH", 14_000, 14_000) + data[at + 4 :]) == "too-many-pixels"


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


# HEIC and AVIF whose boxes say less than a decoder will meet


SETS = {
    "8 bits, 4:2:0": (((4032, 3024), 1, 8, 8), Coding(8, 0.5, (4032, 3024))),
    "10 bits, 4:2:2": (((640, 480), 2, 10, 10), Coding(10, 1.0, (640, 480))),
    "12 bits, 4:4:4": (((8192, 4320), 3, 12, 12), Coding(12, 2.0, (8192, 4320))),
    "grey": (((640, 480), 0, 8, 8), Coding(8, 0.0, (640, 480))),
    "deeper colour": (((640, 480), 1, 8, 10), Coding(10, 0.5, (640, 480))),
    "deeper brightness": (((640, 480), 1, 10, 8), Coding(10, 0.5, (640, 480))),
    "layers": (((640, 480), 1, 10, 10, 2), Coding(10, 0.5, (640, 480))),
    "a window": (((640, 480), 1, 10, 10, 0, True), Coding(10, 0.5, (640, 480))),
}


@pytest.mark.parametrize("kind", SETS)
def test_an_hevc_parameter_set_tells_how_a_picture_is_coded(kind: str) -> None:
    made, expected = SETS[kind]
    unit = parameter_set(*made)
    other = b"\x40\1video parameters"
    for length in (1, 2, 4):
        units = b"".join(len(each).to_bytes(length) + each for each in (other, unit, other))
        assert list(hevc_codings(units, length)) == [expected]


def test_bits_and_numbers_by_hand() -> None:
    """Past the end they are 0. A number of 32 zeros is the largest."""
    bits = _Bits(b"\xa5\xff")
    assert [bits.read(count) for count in (1, 3, 4, 0, 12, 5)] == [1, 2, 5, 0, 0xFF0, 0]
    assert [_Bits(bytes([first])).golomb() for first in (0x80, 0x40, 0x60, 0x20, 0x38)] == [0, 1, 2, 3, 6]
    assert _Bits(b"\0\0\0\0\x80\0\0\0\x80").golomb() == 2**32
    with pytest.raises(ValueError, match="without an end"):
        _Bits(b"\0\0\0\0\x40" + bytes(9)).golomb()


def test_a_unit_of_its_header_alone_is_looked_at_and_a_shorter_one_is_not() -> None:
    with pytest.raises(ValueError, match="without an end"):
        list(hevc_codings(b"\0\2\x42\1", 2))
    assert list(hevc_codings(b"\0\1\x42", 2)) == []
    assert list(hevc_codings(b"", 2)) == []


def test_a_number_without_an_end_in_a_parameter_set_is_broken() -> None:
    with pytest.raises(ValueError, match="without an end"):
        list(hevc_codings(b"\0\x40\x42\1" + bytes(62), 2))


def sequence_header(profile: int, deep: int, still: bool = True) -> bytes:
    """An OBU by AV1's 5.3 and 5.5.1, up to the color_config's first bit, of a picture of 4,000 × 3,000."""
    if not still:  # what follows has no fixed place
        return b"\x0a\1" + packed((profile, 3), (0, 1), (0, 1))
    size = [(11, 4), (11, 4), (3999, 12), (2999, 12)]
    content = packed((profile, 3), (1, 1), (1, 1), (8, 5), *size, (0, 3), (0, 3), (deep, 1))
    return b"\x0a" + bytes([len(content)]) + content


@pytest.mark.parametrize(
    ("profile", "deep", "expected"),
    [
        (0, 0, Coding(8, 0.5)),
        (0, 1, Coding(10, 0.5)),
        (1, 0, Coding(8, 2.0)),
        (1, 1, Coding(10, 2.0)),
        (2, 0, Coding(8, 1.0)),
        (2, 1, Coding(12, 2.0)),
    ],
)
def test_an_av1_sequence_header_tells_how_a_picture_is_coded(
    profile: int, deep: int, expected: Coding
) -> None:
    """AV1, 6.4.1: profile 0 is 4:2:0 of 8 and 10 bits, 1 is 4:4:4 of those, 2 is 4:2:2 and all of 12 bits."""
    header = sequence_header(profile, deep)
    delimiter, frame = b"\x12\0", b"\x32\x83\1" + bytes(131)  # the second's size has two bytes: 3 + 1 × 128
    assert list(av1_codings(delimiter + header + frame)) == [expected]
    assert list(av1_codings(frame + header)) == [expected]
    assert list(av1_codings(bytes([header[0] & ~2]) + header[2:])) == [expected]  # it has no size: to the end
    assert list(av1_codings(b"\x0e\0" + header[1:])) == [expected]  # it has an extension


@pytest.mark.parametrize(
    ("profile", "expected"), [(0, Coding(10, 0.5)), (1, Coding(10, 2.0)), (2, Coding(12, 2.0))]
)
def test_of_another_av1_sequence_header_the_most_is_taken(profile: int, expected: Coding) -> None:
    assert list(av1_codings(sequence_header(profile, 0, still=False))) == [expected]


@pytest.mark.parametrize(("deep", "depth"), [(False, 8), (True, 10)])
@pytest.mark.parametrize(("chroma", "samples"), [(420, 0.5), (422, 1.0), (444, 2.0)])
def test_a_heic_that_says_less_than_is_coded_is_found_out_and_read(
    deep: bool, depth: int, chroma: int, samples: float
) -> None:
    picture = fields(320, 192)
    true = deep_heic(picture, chroma=chroma) if deep else saved(picture, "HEIF", quality=90, chroma=chroma)
    items = read_items(says_shallow(true))
    assert (items.depth, items.chroma, items.size) == (depth, samples, (320, 192))
    assert np.array_equal(read_photo(says_shallow(true)), read_photo(true))


def test_what_stands_among_a_heic_s_own_bytes_counts_too() -> None:
    """A decoder takes each parameter set that it meets, not only the configuration's."""
    unit = parameter_set((256, 256), 3, 12, 12)
    items = read_items(heic_grid((1000, 700), 256, ahead=len(unit).to_bytes(4) + unit))
    assert (items.depth, items.chroma, items.work()) == (12, 2.0, (12, 12 * 256 * 256))


def test_a_heic_that_says_it_is_smaller_than_it_is_coded_counts_for_what_is_coded() -> None:
    data = saved(fields(320, 192), "HEIF")
    at = data.index(b"ispe") + 8
    small = data[:at] + struct.pack(">II", 10, 192) + data[at + 8 :]
    assert read_items(small).size == (320, 192)
    cropped = data[:at] + struct.pack(">II", 313, 185) + data[at + 8 :]  # coded in whole blocks, as all are
    assert read_items(cropped).size == (313, 185)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_an_avif_that_says_less_than_is_coded_is_found_out_and_read(mode: str) -> None:
    """Its configurations say 8 bits at 4:2:0 (AV1-ISOBMFF, 2.3.3: the third byte)."""
    picture = fields(320, 192).convert(mode)
    if mode == "RGBA":
        picture.putalpha(128)
    true = saved(picture, "AVIF", quality=90, subsampling="4:4:4")
    said, at = bytearray(true), -1
    while (at := true.find(b"av1C", at + 1)) >= 0:
        said[at + 6] = 0x0C
    items = read_items(bytes(said))
    assert (items.depth, items.chroma, items.has_alpha) == (8, 2.0, mode == "RGBA")
    assert np.array_equal(read_photo(bytes(said)), read_photo(true))
