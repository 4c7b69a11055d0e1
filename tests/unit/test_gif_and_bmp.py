"""A GIF's blocks and a BMP's runs, made by hand."""

import struct

import pytest

from memegen import PhotoError
from memegen.photo.decode import read_photo
from tests.support.costly.bmp import bmp


def refusal(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    return str(caught.value.code)


# GIF


def gif(*blocks: bytes) -> bytes:
    """Of a screen of 4 × 2 and two colours."""
    colours = bytes([1, 2, 3, 4, 5, 6])
    return b"GIF89a" + struct.pack("<HHBBB", 4, 2, 0x80, 0, 0) + colours + b"".join(blocks) + b";"


def gif_picture(width: int, height: int, left: int = 0, top: int = 0, table: bytes = b"") -> bytes:
    """All of the second colour: codes of 3 bits, with a clear code (4) before every two of them."""
    codes = [4, 1, 1] * (-(-width * height // 2))
    if width * height % 2:
        codes.pop()
    bits = "".join(f"{code:03b}"[::-1] for code in [*codes, 5])
    packed = bytes(int(bits[n : n + 8][::-1], 2) for n in range(0, len(bits), 8))
    head = struct.pack("<BHHHHB", 0x2C, left, top, width, height, 0x80 if table else 0)
    return head + table + b"\2" + bytes([len(packed)]) + packed + b"\0"


CLEAR = b"\x21\xf9\4\1\0\0\1\0"  # the second colour means transparent
COMMENT = b"\x21\xfe\3abc\2de\0"
OTHER = bytes([9, 9, 9, 7, 8, 9])


def test_a_gif_s_blocks_by_hand() -> None:
    plain = [[[4, 5, 6]] * 4] * 2
    assert read_photo(gif(gif_picture(4, 2))).tolist() == plain
    assert read_photo(gif(COMMENT, b"\0\0", gif_picture(4, 2), COMMENT)).tolist() == plain
    assert read_photo(gif(gif_picture(4, 2, table=OTHER))).tolist() == [[[7, 8, 9]] * 4] * 2
    assert read_photo(gif(CLEAR, gif_picture(4, 2))).min() == 255
    assert read_photo(gif(COMMENT, gif_picture(4, 2))[:-1]).tolist() == plain  # its end is missing
    for broken in (gif(), gif(COMMENT), gif(b"\x99", gif_picture(4, 2)), gif(CLEAR)):
        assert refusal(broken) == "damaged-image"


@pytest.mark.parametrize("table", [b"", OTHER])
@pytest.mark.parametrize("between", [b"", COMMENT, b"\0"])
def test_a_gif_s_second_picture_lies_in_its_place(table: bytes, between: bytes) -> None:
    data = gif(CLEAR, gif_picture(4, 2), between, gif_picture(2, 1, 1, 1, table), CLEAR, gif_picture(4, 2))
    colour = [7, 8, 9] if table else [4, 5, 6]
    assert read_photo(data).tolist() == [[[255] * 3] * 4, [[255] * 3, colour, colour, [255] * 3]]


def test_a_gif_s_picture_may_be_larger_than_its_screen() -> None:
    shown = read_photo(gif(gif_picture(5, 2, 1, 1)))
    assert shown.shape == (3, 6, 3)
    assert shown[2, 5].tolist() == [4, 5, 6]


@pytest.mark.parametrize(("count", "end"), [(150_000, None), (150_001, "damaged-image")])
def test_a_gif_s_blocks_are_counted(count: int, end: str | None) -> None:
    """300,000: a comment is one, and has one more."""
    data = gif(b"\x21\xfe\1a\0" * count, gif_picture(4, 2))
    if end is None:
        assert read_photo(data).shape == (2, 4, 3)
    else:
        assert refusal(data) == end


# BMP


def shown(rows: bytes, size: tuple[int, int] = (5, 2), depth: int = 8, packing: int = 1) -> list[list[int]]:
    return (read_photo(bmp(size, depth, rows, packing))[..., 1] == 200).astype(int).tolist()


@pytest.mark.parametrize(
    ("rows", "depth", "packing", "expected"),
    [
        (b"\0\2\3\0\5\1\0\1", 8, 1, [[0] * 5, [0, 0, 0, 1, 1]]),  # a run is cut where the row ends
        (b"\0\2\3\0\0\5\1\1\1\1\1\0\0\1", 8, 1, [[0] * 5, [0, 0, 0, 1, 1]]),  # unpacked pixels are, too
        (b"\0\2\7\0\2\1\0\0\1\1\0\1", 8, 1, [[1, 0, 0, 0, 0], [0] * 5]),  # past the row already
        (b"\0\4\1\0\1\0\1\1\0\1", 8, 1, [[0] * 5, [1, 0, 1, 0, 1]]),  # an even number isn't padded
        (b"\0\4\x10\x10\1\x10\0\1", 4, 2, [[0] * 5, [1, 0, 1, 0, 1]]),
        (b"\0\6\x10\x10\x10\0\0\1", 4, 2, [[0] * 5, [1, 0, 1, 0, 1]]),
        (b"\0\2\0\1\1\1\0\1", 8, 1, [[1, 0, 0, 0, 0], [0] * 5]),
        (b"\0\2\0\2", 8, 1, [[0] * 5, [0] * 5]),  # a move past the last row is an end
        (b"\5\1\0\0\0\5\1\0\1\0\1", 8, 1, [[1, 0, 1, 0, 1], [1] * 5]),  # the last is whole without an end
    ],
)
def test_runs_at_the_edges_by_hand(rows: bytes, depth: int, packing: int, expected: list) -> None:
    assert shown(rows, depth=depth, packing=packing) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 8, 255])
def test_runs_fill_rows_of_every_width(size: int) -> None:
    assert shown(bytes([size, 1, 0, 0, size, 0, 0, 1]), (size, 2)) == [[0] * size, [1] * size]
    assert shown(bytes([size, 0x11, 0, 1]), (size, 1), 4, 2) == [[1] * size]


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_a_bmp_without_a_size_is_no_image(size: tuple[int, int]) -> None:
    assert refusal(bmp(size, 8, bytes(99))) == "not-an-image"


@pytest.mark.parametrize("header", [12, 40])
def test_a_bmp_that_ends_with_its_header_is_damaged_and_one_that_ends_before_is_no_image(header: int) -> None:
    sides = struct.pack("<HH" if header == 12 else "<ii", 5, 2) + struct.pack("<HH", 1, 24)
    content = (struct.pack("<I", header) + sides).ljust(header, b"\0")
    data = b"BM" + struct.pack("<IHHI", 99, 0, 0, 14 + header) + content
    assert refusal(data) == "damaged-image"
    assert refusal(data[:-1]) == "not-an-image"
