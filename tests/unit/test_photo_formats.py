"""What kind of file some bytes are, by the signatures of the formats' own specifications."""

import struct

import numpy as np
import pytest

from memegen import PhotoError
from memegen.photo.decode import read_photo
from memegen.photo.exif import orientation_of
from memegen.photo.formats import format_name, is_photo
from tests.support.costly.bmp import bmp


def brand(name: bytes) -> bytes:
    """The first box of an ISO file (14496-12, 4.3)."""
    return b"\0\0\0\x18ftyp" + name + b"\0\0\0\0" + name + b"mif1"


READ = {
    "JPEG": [b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0"],
    "PNG": [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"],
    "WebP": [b"RIFF\x24\0\0\0WEBPVP8 "],
    "GIF": [b"GIF87a" + bytes(10), b"GIF89a" + bytes(10)],
    "TIFF": [b"II*\0\x08\0\0\0" + bytes(8), b"MM\0*\0\0\0\x08" + bytes(8), b"II+\0\x08\0" + bytes(10),
             b"MM\0+\0\x08" + bytes(10)],
    "AVIF": [brand(b"avif"), brand(b"avis")],
    "HEIC": [brand(b"hei" + end) for end in (b"c", b"x", b"m", b"s")]
    + [brand(name) for name in (b"hevc", b"hevx", b"mif1", b"msf1")],
}  # fmt: skip
NOT_READ = {
    "camera raw": [b"FUJIFILMCCD-RAW 0201", b"IIRO\x08\0\0\0", b"IIRS\x08\0\0\0", b"MMOR\0\0\0\x08",
                   b"IIU\0\x18\0\0\0", b"II\x1a\0\0\0HEAPCCDR", b"\0MRM\0\0\0\0",
                   b"FOVb\0\0\0\0", brand(b"crx ")],
    "video": [brand(b"isom"), brand(b"qt  "), b"\x1aE\xdf\xa3\x9fB\x86", b"RIFF\x24\0\0\0AVI LIST"],
    "PDF": [b"%PDF-1.7"],
    "Photoshop": [b"8BPS\0\1"],
    "PostScript": [b"%!PS-Adobe-3.0"],
    "ZIP or office": [b"PK\x03\x04\x14\0"],
    "gzip": [b"\x1f\x8b\x08\0"],
    "JPEG XL": [b"\xff\x0a\xfa\x1f", b"\0\0\0\x0cJXL \r\n\x87\n"],
    "JPEG 2000": [b"\xff\x4f\xff\x51\0\x2f", b"\0\0\0\x0cjP  \r\n\x87\n"],
    "icon": [b"\0\0\1\0\1\0"],
    "audio": [b"ID3\4\0", b"OggS\0\2"],
    "SVG": [b"<svg xmlns='http://www.w3.org/2000/svg'>", b"<?xml version='1.0'?>\n<SVG>"],
}  # fmt: skip


def test_a_kind_of_file_is_known_by_its_first_bytes():
    """Of those that are read by 16 of them."""
    for name, heads in READ.items():
        assert [format_name(head) for head in heads] == [name] * len(heads)
        assert all(map(is_photo, heads))
    for name, heads in NOT_READ.items():
        assert [format_name(head.ljust(64, b"\0")) for head in heads] == [name] * len(heads)
        assert not any(map(is_photo, heads))


@pytest.mark.parametrize("name", READ)
def test_a_file_of_a_kind_that_is_read_is_damaged_if_it_is_nothing_but_its_head(name):
    for head in READ[name]:
        with pytest.raises(PhotoError) as caught:
            read_photo(head)
        assert caught.value.code == "damaged-image"
        assert name in str(caught.value)


@pytest.mark.parametrize("name", NOT_READ)
def test_a_file_of_another_kind_is_told_what_it_is(name):
    for head in NOT_READ[name]:
        with pytest.raises(PhotoError) as caught:
            read_photo(head.ljust(64, b"\0"))
        assert caught.value.code == "unsupported-format"
        assert name in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"hello", b"BMW is a make of cars", b"ftyp", b"RIFF\0\0\0\0WAVEfmt ", b"II", b"\0" * 99, b"JFIF"]
)
def test_what_no_signature_fits_is_no_image(data):
    assert format_name(data) is None
    assert not is_photo(data)
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    assert caught.value.code == "not-an-image"


def test_an_empty_file_is_called_empty():
    with pytest.raises(PhotoError, match="The file is empty") as caught:
        read_photo(b"")
    assert caught.value.code == "not-an-image"


# BMP has a signature of two letters: its header's size decides


@pytest.mark.parametrize("header", [40, 52, 56, 64, 108, 124])
def test_bmp_headers_of_every_version_are_read(header):
    """BITMAPINFOHEADER and its followers begin alike; what they add is left 0, as for plain colours."""
    plain = bmp((3, 2), 24, bytes(range(24)))
    more = plain[:14] + struct.pack("<I", header) + plain[18:54] + bytes(header - 40) + plain[54:]
    more = more[:10] + struct.pack("<I", 14 + header) + more[14:]
    # The lower row comes first, blue before green before red, and a row is a multiple of 4 bytes.
    expected = [[[14, 13, 12], [17, 16, 15], [20, 19, 18]], [[2, 1, 0], [5, 4, 3], [8, 7, 6]]]
    assert read_photo(more).tolist() == expected


def test_the_oldest_bmp_header_is_read():
    """BITMAPCOREHEADER: 12 bytes, sides of 16 bits."""
    data = (
        b"BM" + struct.pack("<IHHI", 50, 0, 0, 26) + struct.pack("<IHHHH", 12, 3, 2, 1, 24) + bytes(range(24))
    )
    assert read_photo(data)[1].tolist() == [[2, 1, 0], [5, 4, 3], [8, 7, 6]]


@pytest.mark.parametrize("header", [0, 11, 13, 39, 41, 65, 107, 123, 125, 1000])
def test_a_header_of_another_size_is_no_bmp(header):
    data = bytearray(bmp((3, 2), 24, bytes(24)).ljust(2000, b"\0"))
    data[14:18] = struct.pack("<I", header)
    with pytest.raises(PhotoError) as caught:
        read_photo(bytes(data))
    assert caught.value.code == "not-an-image"
    assert "The file is empty" not in str(caught.value)


def test_a_bmp_header_that_no_decoder_reads_is_a_bmp_s_all_the_same():
    data = bytearray(bmp((3, 2), 24, bytes(24)))
    data[14:18] = struct.pack("<I", 16)  # of OS/2
    with pytest.raises(PhotoError, match="BMP") as caught:
        read_photo(bytes(data))
    assert caught.value.code == "damaged-image"


def test_a_bmp_from_above_is_not_turned_over():
    upright = bmp((3, -2), 24, bytes(range(24)))
    assert read_photo(upright)[0].tolist() == [[2, 1, 0], [5, 4, 3], [8, 7, 6]]


def indexed(pixels: np.ndarray) -> list[list[int]]:
    """Which of the two colours of `bmp` each pixel has."""
    return (pixels[..., 1] == 200).astype(int).tolist()


@pytest.mark.parametrize(
    ("packing", "depth", "rows", "expected"),
    [
        (1, 8, b"\xff\1\0\0\2\1\0\1", [[1, 1, 0, 0, 0], [1, 1, 1, 1, 1]]),  # a run past the row's end is cut
        (1, 8, b"\3\0\4\1\0\0\0\1", [[0, 0, 0, 0, 0], [0, 0, 0, 1, 1]]),
        (1, 8, b"\0\7\1\1\0\0\1\1\1\0\0\0\0\1", [[0, 0, 0, 0, 0], [1, 1, 0, 0, 1]]),  # 7 that are padded to 8
        (1, 8, b"\0\2\3\1\2\1\0\1", [[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]]),  # a move right and up
        (1, 8, b"\5\1\0\0\5\1", [[1, 1, 1, 1, 1], [1, 1, 1, 1, 1]]),  # it ends without saying so
        (2, 4, b"\4\x10\0\0\5\x01\0\1", [[0, 1, 0, 1, 0], [1, 0, 1, 0, 0]]),
        (2, 4, b"\0\3\x10\x10\0\0\0\5\x11\x01\x10\0\0\1", [[1, 1, 0, 1, 1], [1, 0, 1, 0, 0]]),
    ],
)
def test_run_lengths_by_hand(packing, depth, rows, expected):
    """Microsoft's "Bitmap Compression": rows from below, and unpacked runs padded to two bytes."""
    assert indexed(read_photo(bmp((5, 2), depth, rows, packing))) == expected


@pytest.mark.parametrize("rows", [b"", b"\5", b"\5\1\0\0\4\1", b"\5\1\0\0"])
def test_run_lengths_that_end_too_early_are_damaged(rows):
    with pytest.raises(PhotoError) as caught:
        read_photo(bmp((5, 2), 8, rows, 1))
    assert caught.value.code == "damaged-image"


@pytest.mark.parametrize(("packing", "depth"), [(1, 8), (2, 4)])
def test_a_bmp_that_does_not_count_its_colours_has_all_of_its_depth(packing, depth):
    data = bytearray(bmp((5, 1), depth, b"\5\x11\0\1" if depth == 4 else b"\5\1\0\1", packing))
    data[46:50] = bytes(4)
    assert indexed(read_photo(bytes(data))) == [[1] * 5]


# Which way is up, by EXIF's orientation


def block(order: str, form: int, count: int, value: bytes, before: int = 0) -> bytes:
    entries = [struct.pack(f"{order}HHII", 0x010F, 2, 9, 99)] * before
    entries.append(struct.pack(f"{order}HHI", 0x0112, form, count) + value)
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(f"{order}IH", 8, before + 1) + b"".join(entries)


def test_the_orientation_is_one_number_of_1_to_8():
    for exif, expected in (
        (block("<", 3, 1, b"\6\0\0\0"), 6),
        (block(">", 3, 1, b"\0\6\0\0"), 6),
        (block("<", 1, 1, b"\6\0\0\0"), 6),
        (block(">", 1, 1, b"\6\0\0\0"), 6),
        (block("<", 4, 1, b"\6\0\0\0"), 6),
        (block(">", 4, 1, b"\0\0\0\6"), 6),
        (block("<", 3, 1, b"\6\0\0\0", before=3), 6),
        (block("<", 3, 2, b"\6\0\6\0"), 1),
        (block("<", 9, 1, b"\6\0\0\0"), 1),
        (block("<", 3, 1, b"\x08\0\0\0"), 8),
        (block("<", 3, 1, b"\x09\0\0\0"), 1),
        (block("<", 3, 1, b"\0\0\0\0"), 1),
        (block("<", 3, 1, b"\6\0\0\0")[:-3], 1),
        (None, 1),
    ):
        assert orientation_of(exif) == expected
        assert orientation_of(exif and b"Exif\0\0" + exif) == expected
        assert orientation_of(exif and b"Exif\0\0Exif\0\0" + exif) == expected  # as some writers put it
