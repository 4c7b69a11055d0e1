"""A TIFF's directories, entry by entry (TIFF 6.0, section 2; BigTIFF), and rare layouts of its pixels."""

import struct
import zlib

import numpy as np
import pytest

from memegen import PhotoError
from memegen.photo.decode import read_photo
from memegen.photo.tiff_directory import read_directory, with_directory
from tests.support.photo_files import BLUE, GREEN, GREY, RED, assert_middles, fields, saved
from tests.support.tiff_files import CMYK, DEFLATE, JPEG, LZW, PALETTE, RGB, WHITE_IS_ZERO, tiff_file

ORDERS = pytest.mark.parametrize("order", ["<", ">"])
# Pillow reads no big-endian BigTIFF.
READABLE = pytest.mark.parametrize(("order", "big"), [("<", False), (">", False), ("<", True)])
BIG = pytest.mark.parametrize("big", [False, True])


def refusal(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    return str(caught.value.code)


def directory(order: str, big: bool, *entries: tuple[int, int, int, bytes], following: int = 0) -> bytes:
    """A file of one directory, of tags with their type, count and value. A longer value stands behind it."""
    head = (b"II" if order == "<" else b"MM") + (
        struct.pack(f"{order}HHHQ", 43, 8, 0, 16) if big else struct.pack(f"{order}HI", 42, 8)
    )
    room, far = (8, "Q") if big else (4, "I")
    at = len(head) + (8 if big else 2) + (20 if big else 12) * len(entries) + room
    table, tail = b"", b""
    for tag, form, count, value in entries:
        table += struct.pack(f"{order}HH{far}", tag, form, count)
        table += value.ljust(room, b"\0") if len(value) <= room else struct.pack(order + far, at + len(tail))
        tail += value if len(value) > room else b""
    count = struct.pack(order + ("Q" if big else "H"), len(entries))
    return head + count + table + struct.pack(order + far, following) + tail


TYPES = {1: "B", 3: "H", 4: "I", 7: "B", 13: "I", 16: "Q", 18: "Q"}


@ORDERS
@BIG
@pytest.mark.parametrize("form", TYPES)
@pytest.mark.parametrize("count", [1, 2, 4, 5, 8, 9])
def test_numbers_of_every_type_are_read_beside_their_tag_and_afar(
    order: str, big: bool, form: int, count: int
) -> None:
    values = [(7 * n + 200) % 251 for n in range(count)]
    value = struct.pack(f"{order}{count}{TYPES[form]}", *values)
    found = read_directory(directory(order, big, (259, 3, 1, b"\1\1"), (300, form, count, value)))
    assert found.numbers(300) == values
    assert found.number(300, 9) == values[0]
    assert 300 in found
    assert (found.order, found.big, found.next) == (order, big, 0)


@ORDERS
@BIG
def test_what_is_no_number_or_missing_has_none(order: str, big: bool) -> None:
    found = read_directory(directory(order, big, (271, 2, 3, b"abc"), (282, 5, 1, bytes(8)), following=99))
    for tag in (271, 282, 283):
        assert found.numbers(tag) == []
        assert found.number(tag, 5) == 5
    assert 283 not in found
    assert found.next == 99


@BIG
def test_of_a_tag_that_stands_twice_the_first_counts(big: bool) -> None:
    assert read_directory(directory("<", big, (300, 3, 1, b"\5\0"), (300, 3, 1, b"\6\0"))).numbers(300) == [5]


@BIG
@pytest.mark.parametrize("cut", [1, 2, 3, 20, 21])
def test_values_past_the_file_s_end_are_left_out(big: bool, cut: int) -> None:
    """Ten of two bytes each."""
    data = directory("<", big, (300, 3, 10, struct.pack("<10H", *range(10))))
    assert read_directory(data[:-cut]).numbers(300) == list(range((20 - cut) // 2 if cut <= 20 else 0))
    far = bytearray(data)
    struct.pack_into("<I", far, (16 + 8 + 12) if big else (8 + 2 + 8), 2**31)
    assert read_directory(bytes(far)).numbers(300) == []


@BIG
def test_a_cut_off_address_of_the_next_directory_is_none(big: bool) -> None:
    data = directory("<", big, (300, 3, 1, b"\5\0"), following=99)
    assert read_directory(data).next == 99
    assert read_directory(data[:-1]).next == 0


def test_a_directory_has_4_096_tags_at_most() -> None:
    entry = (300, 3, 1, b"\5\0")
    assert read_directory(directory("<", False, *[entry] * 4096)).numbers(300) == [5]
    with pytest.raises(ValueError, match="4097 tags"):
        read_directory(directory("<", False, *[entry] * 4097))


@ORDERS
@BIG
@pytest.mark.parametrize("odd", [b"", b"x"])
def test_another_directory_is_put_behind_the_file(order: str, big: bool, odd: bytes) -> None:
    data = directory(order, big, (300, 3, 1, b"\5\0"), following=99) + odd
    most = 2**40 if big else 2**32 - 1
    values = {
        256: [7],
        257: [65_535],
        273: [65_536, 3],
        279: list(range(40)),
        300: [1, 2, 3, 4, 5],
        301: [most],
    }
    made = with_directory(data, read_directory(data), dict(reversed(values.items())))
    found = read_directory(made)
    assert {tag: found.numbers(tag) for tag in found.entries} == values
    assert list(found.entries) == sorted(values)  # as readers want them
    assert (found.order, found.big, found.next) == (order, big, 0)
    head = 16 if big else 8
    assert made[:4] == data[:4]
    assert made[head : len(data)] == data[head:]
    (at,) = struct.unpack_from(order + ("Q" if big else "I"), made, 8 if big else 4)
    assert at % 2 == 0
    assert at - len(data) in (0, 1)


# What a file says besides


@READABLE
def test_a_photo_is_turned_once_whatever_stands_beside(order: str, big: bool) -> None:
    """Half a turn, XMP that states another, and a second page that lies past the file's end."""
    xmp = b'<x tiff:Orientation="6"/>'
    how: dict = {"samples": 3, "photometric": RGB, "compression": DEFLATE, "order": order, "big": big}
    data = tiff_file(80, 48, [zlib.compress(fields().tobytes())], tags={274: [3], 700: [*xmp]}, **how)
    assert_middles(read_photo(data), [GREY, BLUE, GREEN, RED])
    start = read_directory(data).following
    data = data[:start] + b"\x7f" * (8 if big else 4) + data[start + (8 if big else 4) :]
    assert_middles(read_photo(data), [GREY, BLUE, GREEN, RED])


@READABLE
def test_deep_grey_whose_zero_is_white_is_read_in_every_order(order: str, big: bool) -> None:
    ramp = np.arange(240, dtype=np.uint16).reshape(12, 20)
    stored = ((255 - ramp) * 257).astype(order + "u2").tobytes()
    data = tiff_file(20, 12, [stored], bits=16, photometric=WHITE_IS_ZERO, order=order, big=big)
    assert np.array_equal(read_photo(data)[..., 0], ramp)


def test_addresses_that_no_file_has_lead_nowhere() -> None:
    """A sub-directory at the end of all numbers, and a camera's name beside a photo that isn't reduced."""
    how: dict = {"samples": 3, "photometric": RGB, "big": True}
    for address in (2**63 - 1, 2**64 - 1):
        data = tiff_file(
            80, 48, [fields().tobytes()], tags={254: [0], 271: [*b"Make"], 330: [address]}, **how
        )
        assert_middles(read_photo(data), [RED, GREEN, BLUE, GREY])


@pytest.mark.parametrize(("said", "refused"), [((144, 112), False), ((145, 112), True), ((144, 113), True)])
def test_a_strip_s_jpeg_may_be_64_pixels_larger_than_it(said: tuple[int, int], refused: bool) -> None:
    """Blocks reach past the edge."""
    jpeg = bytearray(saved(fields(), "JPEG"))
    struct.pack_into(">HH", jpeg, jpeg.index(b"\xff\xc0") + 5, said[1], said[0])
    with pytest.raises(PhotoError) as caught:
        read_photo(tiff_file(80, 48, [bytes(jpeg)], samples=3, photometric=RGB, compression=JPEG))
    assert ("so many pieces" in str(caught.value)) == refused


# Planes


def planes_of(deep: np.ndarray, **how: object) -> bytes:
    """A plane a strip."""
    samples, height, width = deep.shape
    parts = [plane.astype("<u2").tobytes() for plane in deep]
    return tiff_file(width, height, parts, bits=16, samples=samples, planar=True, **how)  # type: ignore[arg-type]


DEEP = np.random.default_rng(5).integers(0, 65_536, (5, 600, 40), np.uint16)


def test_high_planes_keep_their_rows() -> None:
    assert np.array_equal(read_photo(planes_of(DEEP[:3], photometric=RGB)), np.moveaxis(DEEP[:3] >> 8, 0, 2))


@pytest.mark.parametrize("meaning", [None, 0, 1, 2])
def test_a_further_plane_is_alpha_if_it_is_said_so(meaning: int | None) -> None:
    """TIFF 6.0, ExtraSamples: 0 is unspecified, 1 and 2 are alpha."""
    tags = {} if meaning is None else {338: [meaning]}
    shown = read_photo(planes_of(DEEP[:4, :20], photometric=RGB, tags=tags)).astype(float)
    colours = np.moveaxis(DEEP[:3, :20] >> 8, 0, 2).astype(float)
    if meaning in (1, 2):
        share = (DEEP[3, :20] >> 8)[..., None] / 255
        colours = colours * share + 255 * (1 - share)
    assert np.abs(shown - colours).max() <= 1


def test_a_fifth_plane_beside_four_inks_is_left_out() -> None:
    inks = np.zeros((5, 6, 8), np.uint16)
    inks[0], inks[4] = 65_535, 30_000
    shown = read_photo(planes_of(inks, photometric=CMYK, tags={338: [1]})).astype(int)
    assert np.abs(shown - (0, 255, 255)).max() <= 3


@pytest.mark.parametrize(
    "data",
    [
        planes_of(DEEP[:3, :9], photometric=PALETTE),
        planes_of(DEEP[:3, :9], photometric=CMYK),
        planes_of(DEEP[:2, :9], photometric=RGB),
        tiff_file(8, 6, [bytes(48)] * 2, bits=4, samples=2, planar=True),
    ],
    ids=["a palette", "three inks", "two colours", "4 bits"],
)
def test_planes_that_make_no_picture_are_refused(data: bytes) -> None:
    assert refusal(data) == "damaged-image"


@pytest.mark.parametrize("size", [(40, 30), (16, 16), (33, 50)])
def test_tiles_of_planes_are_read(size: tuple[int, int]) -> None:
    """Tiles of 16 × 16, of a plane after another; what lies past the picture's edge is 0."""
    width, height = size
    deep = DEEP[:3, :height, :width] if width <= 40 else DEEP[:3, :height]
    across, down = -(-width // 16), -(-height // 16)
    whole = np.zeros((3, down * 16, across * 16), "<u2")
    whole[:, :height, :width] = deep
    parts = [
        whole[plane, top : top + 16, left : left + 16].tobytes()
        for plane in range(3)
        for top in range(0, down * 16, 16)
        for left in range(0, across * 16, 16)
    ]
    data = tiff_file(width, height, parts, bits=16, samples=3, planar=True, photometric=RGB, tile=(16, 16))
    assert np.array_equal(read_photo(data), np.moveaxis(deep >> 8, 0, 2))


def test_planes_of_8_bits_of_colour_are_read_too() -> None:
    parts = [np.asarray(fields())[..., n].tobytes() for n in range(3)]
    data = tiff_file(80, 48, parts, samples=3, planar=True, photometric=RGB)
    assert np.array_equal(read_photo(data), np.asarray(fields()))


@pytest.mark.parametrize(("count", "refused"), [(2, False), (3, True)])
@pytest.mark.parametrize("how", [{"rows": 16}, {"tile": (64, 16)}])
def test_parts_over_each_other_may_be_as_long_as_the_file_twice(how: dict, count: int, refused: bool) -> None:
    with pytest.raises(PhotoError) as caught:  # what is in them isn't LZW
        read_photo(tiff_file(64, 16 * count, [bytes(5000)], compression=LZW, shared=True, **how))
    assert ("so many pieces" in str(caught.value)) == refused
