"""A PNG's chunks, made by hand by its specification (third edition): what is kept, and what ends it."""

import struct
import zlib

import numpy as np
import pytest

from memegen import PhotoError
from memegen.photo.decode import read_photo
from memegen.photo.png import Header as PngHeader
from memegen.photo.png import _chunks, _frames, _profile, _transparency
from tests.support.photo_files import png, png_chunk

SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = png_chunk(b"IEND", b"")


def header(width: int, height: int, depth: int = 8, colour: int = 0) -> bytes:
    return png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))


def pixels(*rows: bytes) -> bytes:
    return zlib.compress(b"".join(b"\0" + row for row in rows))


def refusal(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    return str(caught.value.code)


GREY = pixels(b"\x10\x20\x30")
PALETTE = png_chunk(b"PLTE", bytes([1, 2, 3, 4, 5, 6]))


def test_chunks_by_hand() -> None:
    data = b"before" + png_chunk(b"abCd", b"xyz") + END + struct.pack(">I4s", 99, b"IDAT")
    expected = [(b"abCd", 14, 17), (b"IEND", 29, 29), (b"IDAT", 41, 140)]
    assert list(_chunks(data, 6)) == expected
    assert list(_chunks(data[:-1], 6)) == expected[:2]
    assert list(_chunks(data[:33] + b"\0\0\0\0ID1T" + data[41:], 6)) == expected[:2]


def test_a_png_has_150_000_chunks_at_most() -> None:
    chunk = bytes(4) + b"abCd" + bytes(4)
    assert sum(1 for _ in _chunks(chunk * 150_000, 0)) == 150_000
    with pytest.raises(PhotoError, match="so many pieces"):
        list(_chunks(chunk * 150_001, 0))


@pytest.mark.parametrize("cut", [0, 12])
def test_pixels_may_stand_in_several_chunks_and_nothing_has_to_follow(cut: int) -> None:
    chunks = [png_chunk(b"IDAT", part) for part in (GREY[:3], b"", GREY[3:])]
    data = SIGNATURE + header(3, 1) + b"".join(chunks) + END
    assert read_photo(data[: len(data) - cut])[0, :, 0].tolist() == [0x10, 0x20, 0x30]


def test_a_chunk_between_those_of_the_pixels_ends_them() -> None:
    parts = [png_chunk(b"IDAT", part) for part in (GREY[:6], GREY[6:])]
    assert refusal(SIGNATURE + header(3, 1) + parts[0] + png_chunk(b"tEXt", b"a\0b") + parts[1] + END) == (
        "damaged-image"
    )


def test_pixels_whose_last_bytes_are_missing_are_damaged() -> None:
    noise = np.random.default_rng(3).bytes(900)
    data = (
        SIGNATURE
        + header(30, 30)
        + png_chunk(b"IDAT", pixels(*[noise[n : n + 30] for n in range(0, 900, 30)]))
    )
    assert read_photo(data).shape == (30, 30, 3)
    assert refusal(data[:-30]) == "damaged-image"


@pytest.mark.parametrize(
    "chunks",
    [
        (header(3, 1), END),  # no pixels
        (png_chunk(b"IDAT", GREY), END),  # no header
        (header(3, 1, 8, 3), png_chunk(b"IDAT", GREY), END),  # no palette
        (header(3, 1, 8, 1), png_chunk(b"IDAT", GREY), END),  # no such colour type
        (header(3, 1, 8, 5), png_chunk(b"IDAT", GREY), END),
        (png_chunk(b"IHDR", struct.pack(">IIBBBB", 3, 1, 8, 0, 0, 0)), png_chunk(b"IDAT", GREY), END),
        (png_chunk(b"IHDR", struct.pack(">IIBBBBBB", 3, 1, 8, 0, 0, 0, 0, 0)), png_chunk(b"IDAT", GREY), END),
        (header(3, 1), png_chunk(b"ABCd", b""), png_chunk(b"IDAT", GREY), END),  # needed, but not known
    ],
)
def test_what_makes_no_png_is_damaged(chunks: tuple[bytes, ...]) -> None:
    assert refusal(SIGNATURE + b"".join(chunks)) == "damaged-image"


def test_what_is_not_needed_is_passed_over() -> None:
    extra = png_chunk(b"aBCd", b"x" * 99) + png_chunk(b"tEXt", b"a\0b") + png_chunk(b"gAMA", bytes(4))
    data = SIGNATURE + header(3, 1) + extra + png_chunk(b"IDAT", GREY) + png_chunk(b"ABCd", b"") + END
    assert read_photo(data)[0, :, 0].tolist() == [0x10, 0x20, 0x30]


def test_of_a_chunk_that_stands_twice_the_first_counts() -> None:
    other = png_chunk(b"PLTE", bytes([9, 9, 9, 8, 8, 8]))
    alphas = png_chunk(b"tRNS", b"\xff\0") + png_chunk(b"tRNS", b"\0\0")
    data = png(2, 1, 8, 3, b"\0\0\1", PALETTE + other + alphas)
    assert read_photo(data).tolist() == [[[1, 2, 3], [255, 255, 255]]]
    twice = SIGNATURE + header(3, 1) + header(9, 9) + png_chunk(b"IDAT", GREY) + END
    assert read_photo(twice).shape == (1, 3, 3)


# The colour that means transparent


@pytest.mark.parametrize(
    ("colour", "depth", "content", "expected"),
    [
        (0, 2, b"\0\2", b"\0\xaa"),  # 2 · 85
        (0, 2, b"\0\3", b"\0\xff"),
        (0, 4, b"\0\5", b"\0\x55"),  # 5 · 17
        (0, 4, b"\1\0", b"\0\xff"),  # more than there is
        (0, 4, b"\0\5\xff", b"\0\x55"),
        (0, 4, b"\5", b"\5"),
        (0, 1, b"\0\1", b"\0\1"),
        (0, 8, b"\0\5", b"\0\5"),
        (0, 16, b"\1\5", b"\1\5"),
        (3, 4, b"\0\5", b"\0\5"),
        (2, 8, b"\0\5\0\6\0\7", b"\0\5\0\6\0\7"),
    ],
)
def test_a_grey_of_few_bits_that_means_transparent_is_widened_like_the_pixels(
    colour: int, depth: int, content: bytes, expected: bytes
) -> None:
    assert _transparency(content, PngHeader((1, 1), depth, colour, b"")) == expected


# Profiles


def iccp(profile: bytes) -> bytes:
    return b"a name\0\0" + zlib.compress(profile, 1)


def test_a_profile_is_unpacked_if_it_is_whole_and_of_4_mib_at_most() -> None:
    assert _profile(iccp(b"profile")) == b"profile"
    assert _profile(b"\0\0" + zlib.compress(b"profile")) == b"profile"
    most = bytes(4 * 2**20 - 1)
    assert _profile(iccp(most)) == most
    assert _profile(iccp(most + b"xy")) is None
    assert _profile(iccp(b"profile")[:-1]) is None
    assert _profile(b"a name\0\0junk") is None
    assert _profile(b"a name without an end") is None


# Animations


def control(number: int, width: int, height: int, left: int = 0, top: int = 0) -> bytes:
    """fcTL (11.3.6.2): 26 bytes."""
    return png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, height, left, top, 1, 9, 0, 0))


def data_chunk(number: int, content: bytes) -> bytes:
    return png_chunk(b"fdAT", struct.pack(">I", number) + content)


def test_later_frames_by_hand() -> None:
    first, second = control(1, 3, 1), control(4, 2, 1)
    data = first + data_chunk(2, b"abc") + data_chunk(3, b"d") + second + data_chunk(5, b"efg") + END
    idat = [png_chunk(b"IDAT", part) for part in (b"abc", b"d", b"efg")]
    whole = [(first[8:-4], idat[0] + idat[1] + END, 2), (second[8:-4], idat[2] + END, 1)]
    assert list(_frames(data, 0)) == whole
    assert list(_frames(png_chunk(b"tEXt", b"a\0b") + data + data, 0)) == whole
    assert list(_frames(data[: -len(END)], 0)) == whole[:1]  # nothing tells that the second is whole
    assert list(_frames(first + second + data_chunk(5, b"efg") + END, 0)) == whole[1:]
    assert list(_frames(data_chunk(2, b"abc") + END, 0)) == []  # it has no place
    short = png_chunk(b"fcTL", first[8:33])
    cut = first + data_chunk(2, b"abc") + data_chunk(3, b"d") + short + data_chunk(5, b"e") + END
    assert list(_frames(cut, 0)) == whole[:1]


def apng(*frames: tuple[tuple[int, int, int, int], bytes]) -> bytes:
    """Of an empty canvas of 4 × 2 in grey and alpha, and frames by width, height, left and top."""
    clear = png_chunk(b"IDAT", pixels(bytes(8), bytes(8)))
    parts = [png_chunk(b"acTL", bytes(8)), control(0, 4, 2), clear]
    for place, rows in frames:
        parts += [control(0, *place), data_chunk(0, rows)]
    return SIGNATURE + header(4, 2, 8, 4) + b"".join(parts) + END


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((2, 1, 2, 1), [[255, 255, 255, 255], [255, 255, 7, 8]]),
        ((2, 1, 0, 0), [[7, 8, 255, 255], [255, 255, 255, 255]]),
        ((2, 1, 3, 1), [[255] * 4] * 2),  # past the canvas
        ((2, 1, 2, 2), [[255] * 4] * 2),
        ((0, 1, 2, 1), [[255] * 4] * 2),
        ((2, 0, 2, 1), [[255] * 4] * 2),
    ],
)
def test_a_frame_lies_on_its_canvas(place: tuple[int, int, int, int], expected: list) -> None:
    shown = read_photo(apng((place, pixels(b"\7\xff\x08\xff"))))
    assert shown[..., 0].tolist() == expected


def test_a_frame_of_other_kind_has_the_picture_s_palette_and_turn() -> None:
    exif = b"II*\0" + struct.pack("<IHHHIHH", 8, 1, 0x0112, 3, 1, 3, 0) + bytes(4)  # half a turn
    side = PALETTE + png_chunk(b"tRNS", b"\xff\xff\0") + png_chunk(b"eXIf", exif)
    first = control(0, 2, 1) + png_chunk(b"IDAT", pixels(b"\2\2"))
    second = control(1, 2, 1) + data_chunk(2, pixels(b"\0\1"))
    data = SIGNATURE + header(2, 1, 8, 3) + side + first + second + END
    assert read_photo(data).tolist() == [[[4, 5, 6], [1, 2, 3]]]
