"""Colours that need turning: profiles, inks, 16 bits, transparency. Right values, worked out apart."""

import io
import struct

import numpy as np
import pytest
import tifffile
from PIL import Image

from memegen.photo.decode import read_photo
from tests.support.photo_files import (
    BLUE,
    GREEN,
    GREY,
    P3_COLUMNS,
    RED,
    SRGB_COLUMNS,
    adam7_rows,
    assert_middles,
    cmyk_profile,
    fields,
    grey_profile,
    lab_to_srgb,
    p3_to_srgb,
    png,
    png_chunk,
    profile_with,
    saved,
    swapped_profile,
)


def colour_of(data: bytes) -> np.ndarray:
    """The one colour of a plain picture, a mean of levels 0 to 255."""
    pixels = read_photo(data).reshape(-1, 3).astype(float)
    assert pixels.std(axis=0).max() < 2
    return pixels.mean(axis=0)


def tiff(pixels: np.ndarray, **how: object) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, pixels, **how)
    return out.getvalue()


# Profiles


def test_a_wide_gamut_profile_is_turned_into_srgb() -> None:
    colour = (180, 110, 80)
    data = saved(Image.new("RGB", (10, 6), colour), "PNG", icc_profile=profile_with(P3_COLUMNS))
    expected = p3_to_srgb(colour)
    assert expected[0] > 186  # the case tests something: the red moves by more than 6 levels
    assert np.abs(colour_of(data) - expected).max() <= 2


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_every_format_s_profile_counts(form: str) -> None:
    """In this profile red's numbers mean green, so the right picture has them swapped."""
    how: dict[str, object] = {} if form in ("PNG", "TIFF") else {"quality": 95}
    data = saved(fields(), form, icc_profile=swapped_profile(), **how)
    seen = [(colour[1], colour[0], colour[2]) for colour in (RED, GREEN, BLUE, GREY)]
    assert_middles(read_photo(data), seen, within=5)


def test_a_palette_s_colours_go_through_the_profile() -> None:
    image = Image.new("P", (10, 6), 1)
    image.putpalette([0, 0, 0, 200, 40, 30])
    assert np.abs(colour_of(saved(image, "PNG", icc_profile=swapped_profile())) - (40, 200, 30)).max() <= 1


def test_a_see_through_picture_s_colours_go_through_the_profile_and_the_white_does_not() -> None:
    red, green, blue = SRGB_COLUMNS
    dim = profile_with([tuple(value / 2 for value in column) for column in (red, green, blue)])
    clear = Image.new("RGBA", (10, 6), (250, 250, 250, 0))
    assert np.array_equal(colour_of(saved(clear, "PNG", icc_profile=dim)), (255, 255, 255))
    half = Image.new("RGBA", (10, 6), (200, 40, 30, 51))  # a fifth of (40, 200, 30) on white
    assert np.abs(colour_of(saved(half, "PNG", icc_profile=swapped_profile())) - (212, 244, 210)).max() <= 1


def test_a_grey_profile_is_turned_into_srgb() -> None:
    """Gamma 1: level 55 of 255 is .2157 of the light, which sRGB (IEC 61966-2-1) writes as level 128.4."""
    data = saved(Image.new("L", (10, 6), 55), "PNG", icc_profile=grey_profile(1))
    assert np.abs(colour_of(data) - 128.4).max() <= 1
    deep = Image.fromarray(np.full((6, 10), 55 * 257, np.uint16))
    assert np.abs(colour_of(saved(deep, "PNG", icc_profile=grey_profile(1))) - 128.4).max() <= 1


def test_an_srgb_profile_of_any_maker_changes_no_pixel() -> None:
    data = saved(fields(), "PNG", icc_profile=profile_with(SRGB_COLUMNS))
    assert np.array_equal(read_photo(data), np.asarray(fields()))


@pytest.mark.parametrize("profile", [b"no profile at all", grey_profile(1), cmyk_profile({})])
def test_a_profile_that_is_broken_or_of_another_space_is_ignored(profile: bytes) -> None:
    data = saved(fields(), "PNG", icc_profile=profile)
    assert np.array_equal(read_photo(data), np.asarray(fields()))


# Inks

# What inks look like is the profile's to say: here, full cyan is an orange and full yellow a blue.
STRANGE_INKS = {(0, 0, 0, 0): (100, 0, 0), (1, 0, 0, 0): (65, 30, 40), (0, 0, 1, 0): (45, 10, -40)}


@pytest.mark.parametrize(
    ("ink", "lab"), [((255, 0, 0, 0), (65, 30, 40)), ((0, 0, 255, 0), (45, 10, -40)), ((0,) * 4, (100, 0, 0))]
)
@pytest.mark.parametrize(
    ("form", "how"), [("JPEG", {"quality": 98}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"})]
)
def test_inks_look_as_their_profile_says(
    form: str, how: dict[str, object], ink: tuple[int, ...], lab: tuple[int, int, int]
) -> None:
    data = saved(Image.new("CMYK", (40, 30), ink), form, icc_profile=cmyk_profile(STRANGE_INKS), **how)
    assert np.abs(colour_of(data) - lab_to_srgb(*lab)).max() <= 3


@pytest.mark.parametrize(
    ("ink", "expected"),
    [
        ((0, 255, 255, 0), (255, 0, 0)),  # magenta and yellow swallow green and blue
        ((255, 0, 0, 0), (0, 255, 255)),
        ((0, 0, 0, 255), (0, 0, 0)),
        ((0, 0, 0, 0), (255, 255, 255)),
        ((0, 102, 0, 51), (204, 122, 204)),  # .8 of the light is left by black, .6 of the green by magenta
    ],
)
@pytest.mark.parametrize("form", ["JPEG", "TIFF", "TIFF LZW", "TIFF of 16 bits", "progressive JPEG"])
def test_inks_without_a_profile(form: str, ink: tuple[int, ...], expected: tuple[int, int, int]) -> None:
    image = Image.new("CMYK", (40, 30), ink)
    if form == "TIFF of 16 bits":
        data = tiff(np.asarray(image).astype(np.uint16) * 257, photometric="separated")
    elif form == "TIFF LZW":
        data = saved(image, "TIFF", compression="tiff_lzw")
    elif form == "TIFF":
        data = saved(image, "TIFF")
    else:
        data = saved(image, "JPEG", quality=98, progressive=form.startswith("progressive"))
    assert np.abs(colour_of(data) - expected).max() <= 3


def test_photoshop_s_cmyk_jpeg_with_ycc_in_it() -> None:
    """YCCK: Adobe's marker says transform 2, and the first three channels are the YCbCr of the inks.

    By JFIF, inks (204, 51, 0) of 255 have Y 90.9, Cb 76.7, Cr 208.6; with a fifth of black, .8 of the light
    that they leave, (51, 204, 255), is (40.8, 163.2, 204).
    """
    stored = (91, 77, 209, 204)  # the black is stored as 255 less the ink
    data = saved(Image.new("CMYK", (40, 30), tuple(255 - value for value in stored)), "JPEG", quality=98)
    at = data.index(b"Adobe") + 11
    assert data[at] == 0
    data = data[:at] + b"\x02" + data[at + 1 :]
    assert np.abs(colour_of(data) - (40.8, 163.2, 204)).max() <= 3


# 16 bits

RAMP = (np.arange(256, dtype=np.uint16) * 257).reshape(16, 16)  # 0, 257 … 65535 is 0, 1 … 255 in 8 bits


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (saved(Image.fromarray(RAMP), "PNG"), np.arange(256)),
        (saved(Image.fromarray(RAMP), "TIFF"), np.arange(256)),
        (tiff(RAMP, photometric="minisblack", byteorder=">"), np.arange(256)),
        (tiff(RAMP, photometric="miniswhite"), np.arange(256)[::-1]),
    ],
    ids=["PNG", "TIFF", "big-endian TIFF", "TIFF whose 0 is white"],
)
def test_of_16_bits_of_grey_the_high_8_are_kept(data: bytes, expected: np.ndarray) -> None:
    pixels = read_photo(data)
    assert np.array_equal(pixels[..., 0].ravel(), expected)
    assert np.array_equal(pixels[..., 0], pixels[..., 2])


def test_of_16_bits_of_colour_the_high_8_are_kept() -> None:
    deep = np.random.default_rng(2).integers(0, 65536, (6, 9, 3), dtype=np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in deep)
    for data in (
        png(9, 6, 16, 2, rows),
        tiff(deep, photometric="rgb", byteorder="<"),
        tiff(deep, photometric="rgb", byteorder=">"),
    ):
        assert np.array_equal(read_photo(data), deep >> 8)


def test_a_see_through_16_bit_picture_lies_on_white() -> None:
    row = b"\0" + struct.pack(">4H", 200 * 257, 0, 0, 51 * 257) * 3  # a fifth of it on white
    assert np.abs(colour_of(png(3, 2, 16, 6, row * 2)) - (244, 204, 204)).max() <= 1
    row = b"\0" + struct.pack(">2H", 0, 51 * 257) * 3
    assert np.abs(colour_of(png(3, 2, 16, 4, row * 2)) - (204, 204, 204)).max() <= 1
    deep = np.tile(np.array([200, 0, 0, 51], np.uint16) * 257, (6, 9, 1))
    data = tiff(deep, photometric="rgb", extrasamples=["unassalpha"])
    assert np.abs(colour_of(data) - (244, 204, 204)).max() <= 1


def test_of_16_bits_the_one_colour_that_stands_for_transparent() -> None:
    row = b"\0" + struct.pack(">3H", 0x4000, 0x4001, 0x9000)
    key = png_chunk(b"tRNS", struct.pack(">H", 0x4000))
    pixels = read_photo(png(3, 1, 16, 0, row, key))
    assert pixels[0, :, 0].tolist() == [
        255,
        0x40,
        0x90,
    ]  # 0x4001 is another grey
    row = b"\0" + struct.pack(">6H", 0x4001, 0x5002, 0x6003, 0x4001, 0x7002, 0x6003)
    key = png_chunk(b"tRNS", struct.pack(">3H", 0x4001, 0x5002, 0x6003))
    assert read_photo(png(2, 1, 16, 2, row, key)).tolist() == [[[255] * 3, [0x40, 0x70, 0x60]]]


# Palettes and interlacing


def test_a_palette_with_alpha_lies_on_white() -> None:
    colours = png_chunk(b"PLTE", bytes([200, 0, 0, 0, 200, 0, 0, 0, 200]))
    alphas = png_chunk(b"tRNS", bytes([51, 255, 0]))
    pixels = read_photo(png(3, 1, 8, 3, b"\0\0\1\2", colours + alphas))
    assert np.abs(pixels[0].astype(int) - [(244, 204, 204), (0, 200, 0), (255, 255, 255)]).max() <= 1


@pytest.mark.parametrize(("depth", "row"), [(1, b"\0\x50"), (2, b"\0\x11"), (4, b"\0\x01\x01")])
def test_a_palette_of_few_bits_a_pixel(depth: int, row: bytes) -> None:
    colours = png_chunk(b"PLTE", bytes([200, 0, 0, 0, 200, 0]))
    pixels = read_photo(png(4, 1, depth, 3, row, colours))
    assert pixels[0].tolist() == [[200, 0, 0], [0, 200, 0]] * 2


@pytest.mark.parametrize(("width", "height"), [(13, 9), (8, 8), (1, 1), (5, 2)])
def test_an_interlaced_png(width: int, height: int) -> None:
    shades = np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)
    data = png(width, height, 8, 2, adam7_rows(shades), interlaced=1)
    assert np.array_equal(read_photo(data), shades)


def test_an_interlaced_png_of_palette_16_bits_or_alpha() -> None:
    rng = np.random.default_rng(4)
    indices = rng.integers(0, 256, (9, 13, 1), dtype=np.uint8)
    colours = rng.integers(0, 256, (256, 3), dtype=np.uint8)
    data = png(13, 9, 8, 3, adam7_rows(indices), png_chunk(b"PLTE", colours.tobytes()), interlaced=1)
    assert np.array_equal(read_photo(data), colours[indices[..., 0]])

    deep = rng.integers(0, 65536, (9, 13), dtype=np.uint16)
    stored = deep.astype(">u2").view(np.uint8).reshape(9, 13, 2)
    data = png(13, 9, 16, 0, adam7_rows(stored), interlaced=1)
    assert np.array_equal(read_photo(data)[..., 1], deep >> 8)

    layers = rng.integers(0, 256, (9, 13, 4), dtype=np.uint8)
    share = layers[..., 3:] / 255
    on_white = layers[..., :3] * share + 255 * (1 - share)
    data = png(13, 9, 8, 6, adam7_rows(layers), interlaced=1)
    assert np.abs(read_photo(data) - on_white).max() <= 1


# Transparency


@pytest.mark.parametrize(
    ("image", "form", "how", "expected"),
    [
        (Image.new("RGBA", (10, 6), (200, 0, 0, 0)), "PNG", {}, (255, 255, 255)),
        (Image.new("RGBA", (10, 6), (200, 0, 0, 51)), "PNG", {}, (244, 204, 204)),  # a fifth of it on white
        (Image.new("RGBA", (10, 6), (200, 0, 0, 51)), "WEBP", {"lossless": True}, (244, 204, 204)),
        (Image.new("RGBA", (10, 6), (200, 0, 0, 51)), "TIFF", {}, (244, 204, 204)),
        (Image.new("LA", (10, 6), (0, 51)), "PNG", {}, (204, 204, 204)),
        (Image.new("RGB", (10, 6), (9, 8, 7)), "PNG", {"transparency": (9, 8, 7)}, (255, 255, 255)),
        (Image.new("L", (10, 6), 9), "PNG", {"transparency": 9}, (255, 255, 255)),
        (Image.new("P", (10, 6), 0), "GIF", {"transparency": 0}, (255, 255, 255)),
    ],
)
def test_transparent_parts_lie_on_white(
    image: Image.Image, form: str, how: dict[str, object], expected: tuple[int, int, int]
) -> None:
    pixels = read_photo(saved(image, form, **how))
    assert np.abs(pixels.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("form", ["WEBP", "AVIF", "HEIF"])
def test_transparent_parts_of_lossy_formats_lie_on_white(form: str) -> None:
    data = saved(Image.new("RGBA", (64, 64), (200, 0, 0, 51)), form, quality=95)
    assert np.abs(colour_of(data) - (244, 204, 204)).max() <= 3


def test_shrinking_lets_no_hidden_colour_out_of_transparent_parts() -> None:
    image = Image.new("RGBA", (400, 200), (0, 0, 0, 0))  # black, but transparent: seen as white
    image.paste((255, 0, 0, 255), (200, 0, 400, 200))
    pixels = read_photo(saved(image, "PNG"), long_side=90)
    assert pixels.shape == (45, 90, 3)
    assert pixels[..., 0].min() >= 254  # white and red both have all their red
