"""Photos of every format, each made here, decoded and compared with the pixels that went in."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from memegen import PhotoError
from memegen.photo.decode import read_photo
from memegen.photo.encode import write_jpeg
from tests.support.photo_files import (
    BLUE,
    GREEN,
    GREY,
    RED,
    assert_middles,
    fields,
    png,
    saved,
)

LOSSLESS = [
    ("PNG", {}),
    ("BMP", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("WEBP", {"lossless": True}),
]
LOSSY = [
    ("JPEG", {"quality": 95}),
    ("JPEG", {"quality": 95, "progressive": True}),
    ("WEBP", {"quality": 95}),
    ("AVIF", {"quality": 95}),
    ("HEIF", {}),
]


@pytest.mark.parametrize(("form", "how"), LOSSLESS)
def test_lossless_formats_keep_every_pixel(form: str, how: dict[str, object]) -> None:
    pixels = read_photo(saved(fields(), form, **how))
    assert pixels.dtype == np.uint8
    assert np.array_equal(pixels, np.asarray(fields()))


@pytest.mark.parametrize(("form", "how"), LOSSY)
def test_lossy_formats_keep_the_colours(form: str, how: dict[str, object]) -> None:
    pixels = read_photo(saved(fields(), form, **how))
    assert pixels.shape == (48, 80, 3)
    assert_middles(pixels, [RED, GREEN, BLUE, GREY], within=4)


def test_of_a_gif_the_first_picture_is_read() -> None:
    other = Image.new("RGB", (80, 48), "yellow")
    pixels = read_photo(saved(fields(), "GIF", save_all=True, append_images=[other], duration=100))
    assert_middles(pixels, [RED, GREEN, BLUE, GREY])


def test_of_a_camera_s_two_picture_jpeg_the_first_is_read() -> None:
    other = Image.new("RGB", (80, 48), "yellow")
    data = saved(fields(), "MPO", save_all=True, append_images=[other], quality=95)
    assert_middles(read_photo(data), [RED, GREEN, BLUE, GREY], within=4)


def test_of_a_heic_file_the_picture_that_it_names_first_is_read() -> None:
    several = pillow_heif.from_pillow(Image.new("RGB", (80, 48), "yellow"))
    several.add_from_pillow(fields())
    out = io.BytesIO()
    several.save(out, quality=95, primary_index=1)
    assert_middles(read_photo(out.getvalue()), [RED, GREEN, BLUE, GREY], within=4)


def test_a_heic_of_10_bits_a_channel() -> None:
    deep = np.tile(np.array([0x8001, 0x40FE, 0xFF00], np.uint16), (64, 64, 1))
    out = io.BytesIO()
    pillow_heif.from_bytes(mode="RGB;16", size=(64, 64), data=deep.tobytes()).save(out, quality=95)
    assert pillow_heif.open_heif(out.getvalue(), convert_hdr_to_8bit=False).mode == "RGB;16"
    assert np.abs(read_photo(out.getvalue()).astype(int) - (128, 64, 255)).max() <= 2


def bmp(width: int, height: int, depth: int, rows: bytes, packing: int = 0, extra: bytes = b"") -> bytes:
    """A BMP with a BITMAPINFOHEADER: for what Pillow doesn't write. extra: masks or a palette."""
    start = 54 + len(extra)
    colours = len(extra) // 4 if depth <= 8 else 0
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, depth, packing, len(rows), 0, 0, colours, 0)
    return b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + header + extra + rows


@pytest.mark.parametrize(
    "data",
    [
        bmp(2, 1, 24, bytes([30, 40, 200, 60, 160, 30, 0, 0])),
        bmp(2, -1, 32, bytes([30, 40, 200, 0, 60, 160, 30, 0])),  # from the top; the fourth is no alpha
        bmp(2, 1, 8, bytes([1, 1, 1, 0, 0, 1]), 1, bytes([60, 160, 30, 0, 30, 40, 200, 0])),  # RLE8
        bmp(2, 1, 4, bytes([0x10, 0, 0, 0]), 0, bytes([60, 160, 30, 0, 30, 40, 200, 0])),
    ],
    ids=["24 bits", "32 bits from the top", "run lengths", "4 bits"],
)
def test_kinds_of_bmp(data: bytes) -> None:
    assert read_photo(data).tolist() == [[list(RED), list(GREEN)]]


def test_a_bmp_of_16_bits_a_pixel() -> None:
    rows = struct.pack("<HH", 0xF800, 0x07E0)  # five bits of red, six of green, five of blue
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    assert read_photo(bmp(2, 1, 16, rows, 3, masks)).tolist() == [[[255, 0, 0], [0, 255, 0]]]


@pytest.mark.parametrize("progressive", [False, True])
def test_a_grey_jpeg(progressive: bool) -> None:
    data = saved(Image.new("L", (80, 48), 77), "JPEG", progressive=progressive)
    assert np.abs(read_photo(data).astype(int) - 77).max() <= 1
    assert read_photo(data).shape == (48, 80, 3)


def test_a_format_is_known_by_its_content_only() -> None:
    """Nothing but bytes reaches the reader, and what follows a picture's end changes nothing."""
    data = saved(fields(), "PNG")
    assert np.array_equal(read_photo(data + b"GIF89a and more"), np.asarray(fields()))


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP"])
def test_a_black_and_white_and_a_grey_picture(form: str) -> None:
    bits = Image.new("1", (10, 6), 1)
    assert np.array_equal(read_photo(saved(bits, form)), np.full((6, 10, 3), 255))
    grey = Image.new("L", (10, 6), 77)
    assert np.array_equal(read_photo(saved(grey, form)), np.full((6, 10, 3), 77))


def test_a_picture_of_32_bit_numbers_is_not_guessed_at() -> None:
    with pytest.raises(PhotoError) as caught:
        read_photo(saved(Image.new("F", (10, 6), 0.5), "TIFF"))
    assert caught.value.code == "unsupported-format"
    assert "32 bits" in str(caught.value)


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_palette_s_colours(form: str) -> None:
    image = Image.new("P", (10, 6), 2)
    image.putpalette([1, 2, 3, 4, 5, 6, 10, 20, 250])
    assert np.array_equal(read_photo(saved(image, form)), np.full((6, 10, 3), (10, 20, 250)))


def test_broken_exif_is_ignored() -> None:
    data = saved(fields(), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert np.array_equal(read_photo(data), np.asarray(fields()))


# Orientation

# EXIF's tag says where the stored row 0 and column 0 belong. What is seen, by quarters, for each value.
SEEN = {
    1: [RED, GREEN, BLUE, GREY],
    2: [GREEN, RED, GREY, BLUE],
    3: [GREY, BLUE, GREEN, RED],
    4: [BLUE, GREY, RED, GREEN],
    5: [RED, BLUE, GREEN, GREY],
    6: [BLUE, RED, GREY, GREEN],
    7: [GREY, GREEN, BLUE, RED],
    8: [GREEN, GREY, RED, BLUE],
}


@pytest.mark.parametrize("orientation", SEEN)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_every_orientation_is_turned_upright(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    how: dict[str, object] = {"exif": exif.tobytes() if form == "HEIF" else exif}
    if form in ("JPEG", "WEBP", "AVIF"):
        how["quality"] = 95
    pixels = read_photo(saved(fields(), form, **how))
    assert pixels.shape == ((80, 48, 3) if orientation >= 5 else (48, 80, 3))
    assert_middles(pixels, SEEN[orientation], within=5)


# Size


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((4000, 3000), (1600, 1200)),
        ((1000, 3200), (500, 1600)),
        ((1601, 10), (1600, 10)),
        ((1600, 900), (1600, 900)),
    ],
)
def test_a_large_photo_shrinks_in_proportion(
    form: str, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    pixels = read_photo(saved(fields(*size), form))
    assert pixels.shape == (expected[1], expected[0], 3)
    assert_middles(pixels, [RED, GREEN, BLUE, GREY], within=6)


def test_a_small_photo_is_not_enlarged() -> None:
    assert read_photo(saved(fields(3, 2), "PNG")).shape == (2, 3, 3)


def test_a_large_orientation_shrinks_the_upright_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_photo(saved(fields(4000, 3000), "JPEG", exif=exif)).shape == (1600, 1200, 3)


# Faults


def test_too_many_bytes() -> None:
    data = saved(fields(), "JPEG")
    assert read_photo(data + b"\0" * (20 * 2**20 - len(data))).shape == (48, 80, 3)
    with pytest.raises(PhotoError) as caught:
        read_photo(data + b"\0" * (20 * 2**20 + 1 - len(data)))
    assert caught.value.code == "too-many-bytes"
    assert "larger than 20 MiB" in str(caught.value)


def jpeg_that_claims(width: int, height: int) -> bytes:
    """A small JPEG with another size in its frame header: decoding it could only fail, or be slow."""
    data = saved(fields(), "JPEG")
    frame = data.index(b"\xff\xc0") + 5
    return data[:frame] + struct.pack(">HH", height, width) + data[frame + 4 :]


@pytest.mark.parametrize(
    "data",
    [
        png(10_000, 6_501, 8, 2, b""),
        png(12_000, 10_000, 8, 2, b""),
        png(40_000, 40_000, 8, 2, b""),
        jpeg_that_claims(20_000, 10_001),
        jpeg_that_claims(60_000, 60_000),
        saved(fields(), "BMP")[:18] + struct.pack("<ii", 20_000, 20_000) + saved(fields(), "BMP")[26:],
    ],
    ids=["png-65", "png-120", "png-1600", "jpeg-200", "jpeg-3600", "bmp-400"],
)
def test_too_many_pixels_are_refused_by_the_header_alone(data: bytes) -> None:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    assert caught.value.code == "too-many-pixels"
    assert "65 megapixels, and 200 for an ordinary JPEG" in str(caught.value)
    assert "Send a smaller copy" in str(caught.value)


def test_65_megapixels_are_not_too_many() -> None:
    with pytest.raises(PhotoError) as caught:
        read_photo(png(10_000, 6_500, 8, 2, zlib.compress(b"")))
    assert caught.value.code == "damaged-image"  # let past the limit, then found to hold no pixels


FORMS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_cut_off_photo_is_damaged(form: str, share: float) -> None:
    noise = np.random.default_rng(5).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), form)
    with pytest.raises(PhotoError) as caught:
        read_photo(data[: int(len(data) * share)])
    assert caught.value.code == "damaged-image"
    assert "Send the original again" in str(caught.value)


def test_a_jpeg_with_a_hole_is_read_as_far_as_it_goes() -> None:
    """libjpeg mends what it can, Pillow passes none of its warnings on, and every viewer shows the same.

    A person sees the damage in the meme as in the photo; what came before the hole is as it was.
    """
    noise = np.random.default_rng(6).integers(0, 50, (240, 400, 3), dtype=np.uint8)
    whole = saved(Image.fromarray(np.asarray(fields(400, 240)) // 2 + noise), "JPEG")
    middle = len(whole) // 2
    holed = whole[:middle] + bytes(200) + whole[middle + 200 :]
    before, after = (read_photo(data).astype(int) for data in (whole, holed))
    broken = np.nonzero((before != after).any(axis=(1, 2)))[0]
    assert 80 <= broken[0] <= 160


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"])
def test_a_photo_cut_off_in_its_header_is_damaged(form: str) -> None:
    with pytest.raises(PhotoError) as caught:
        read_photo(saved(fields(), form)[:24])
    assert caught.value.code == "damaged-image"


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>', "SVG"),
        (b"8BPS\0\1" + bytes(20), "Photoshop"),
        (b"\0\0\0\x18ftypmp42" + bytes(20), "video"),
        (b"\0\0\0\x14ftypqt  " + bytes(20), "video"),
        (b"PK\x03\x04" + bytes(20), "ZIP"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    ],
)
def test_a_known_kind_that_is_not_read_is_named(data: bytes, named: str) -> None:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    assert caught.value.code == "unsupported-format"
    assert named in str(caught.value)
    assert "JPEG, PNG" in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"BMW is no bitmap, and this is a text.", bytes(1000), b"\xff\xfe"]
)
def test_what_is_no_image(data: bytes) -> None:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    assert caught.value.code == "not-an-image"


def test_a_format_that_pillow_knows_and_we_do_not_is_no_photo() -> None:
    with pytest.raises(PhotoError) as caught:
        read_photo(saved(fields(), "PPM"))
    assert caught.value.code == "not-an-image"


# Out


def test_the_jpeg_is_the_picture_and_nothing_else() -> None:
    data = write_jpeg(np.asarray(fields(160, 96)))
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (160, 96))
    assert_middles(np.asarray(image), [RED, GREEN, BLUE, GREY], within=3)
