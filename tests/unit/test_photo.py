"""Photos of every format, each made here, decoded and compared with the pixels that went in."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from memegen import PhotoError
from memegen.photo import MAX_BYTES, read_photo, write_jpeg

# Four plain fields, so that lossy formats keep their middles exact to a few levels.
RED, GREEN, BLUE, GREY = (200, 40, 30), (30, 160, 60), (40, 60, 190), (128, 128, 128)


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
        pillow_heif.from_pillow(image).save(out, quality=95, **how)
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


def png(width: int, height: int, depth: int, colour_type: int, rows: bytes) -> bytes:
    """A PNG from raw rows (PNG specification, second edition): for what Pillow doesn't write."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


LOSSLESS = [
    ("PNG", {}),
    ("BMP", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("WEBP", {"lossless": True}),
]
LOSSY = [("JPEG", {"quality": 95}), ("WEBP", {"quality": 95}), ("AVIF", {"quality": 95}), ("HEIF", {})]


@pytest.mark.parametrize(("form", "how"), LOSSLESS)
def test_lossless_formats_keep_every_pixel(form: str, how: dict[str, object]) -> None:
    pixels = read_photo(saved(fields(), form, **how)).pixels
    assert pixels.dtype == np.uint8
    assert np.array_equal(pixels, np.asarray(fields()))


@pytest.mark.parametrize(("form", "how"), LOSSY)
def test_lossy_formats_keep_the_colours(form: str, how: dict[str, object]) -> None:
    pixels = read_photo(saved(fields(), form, **how)).pixels
    assert pixels.shape == (48, 80, 3)
    assert_middles(pixels, [RED, GREEN, BLUE, GREY], within=4)


def test_of_a_gif_the_first_picture_is_read() -> None:
    other = Image.new("RGB", (80, 48), "yellow")
    pixels = read_photo(saved(fields(), "GIF", save_all=True, append_images=[other], duration=100)).pixels
    assert_middles(pixels, [RED, GREEN, BLUE, GREY])


def test_of_a_camera_s_two_picture_jpeg_the_first_is_read() -> None:
    other = Image.new("RGB", (80, 48), "yellow")
    data = saved(fields(), "MPO", save_all=True, append_images=[other], quality=95)
    assert_middles(read_photo(data).pixels, [RED, GREEN, BLUE, GREY], within=4)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP"])
def test_a_black_and_white_and_a_grey_picture(form: str) -> None:
    bits = Image.new("1", (10, 6), 1)
    assert np.array_equal(read_photo(saved(bits, form)).pixels, np.full((6, 10, 3), 255))
    grey = Image.new("L", (10, 6), 77)
    assert np.array_equal(read_photo(saved(grey, form)).pixels, np.full((6, 10, 3), 77))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_of_16_bits_the_high_8_are_kept(form: str) -> None:
    levels = (np.arange(256, dtype=np.uint16) * 257).reshape(16, 16)  # 0, 257 … 65535 is 0, 1 … 255 in 8 bits
    pixels = read_photo(saved(Image.fromarray(levels), form)).pixels
    assert np.array_equal(pixels[..., 0].ravel(), np.arange(256))
    assert np.array_equal(pixels[..., 0], pixels[..., 2])


def test_a_colour_png_of_16_bits() -> None:
    row = b"\0" + struct.pack(">HHH", 0x8001, 0x40FE, 0xFF00) * 4
    assert np.array_equal(read_photo(png(4, 3, 16, 2, row * 3)).pixels, np.full((3, 4, 3), (128, 64, 255)))


def test_a_picture_of_32_bit_numbers_is_not_guessed_at() -> None:
    with pytest.raises(PhotoError) as caught:
        read_photo(saved(Image.new("F", (10, 6), 0.5), "TIFF"))
    assert caught.value.code == "unsupported-format"
    assert "32 bits" in str(caught.value)


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_palette_s_colours(form: str) -> None:
    image = Image.new("P", (10, 6), 2)
    image.putpalette([1, 2, 3, 4, 5, 6, 10, 20, 250])
    assert np.array_equal(read_photo(saved(image, form)).pixels, np.full((6, 10, 3), (10, 20, 250)))


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
    pixels = read_photo(saved(image, form, **how)).pixels
    assert np.abs(pixels.astype(int) - expected).max() <= 1


def test_shrinking_lets_no_hidden_colour_out_of_transparent_parts() -> None:
    image = Image.new("RGBA", (400, 200), (0, 0, 0, 0))  # black, but transparent: seen as white
    image.paste((255, 0, 0, 255), (200, 0, 400, 200))
    pixels = read_photo(saved(image, "PNG"), long_side=90).pixels
    assert pixels.shape == (45, 90, 3)
    assert pixels[..., 0].min() >= 254  # white and red both have all their red


def test_cmyk_becomes_rgb() -> None:
    data = saved(Image.new("CMYK", (40, 30), (0, 255, 255, 0)), "JPEG", quality=95)  # magenta and yellow: red
    red = read_photo(data).pixels.reshape(-1, 3).mean(axis=0)
    assert red[0] > 230
    assert red[1] < 40
    assert red[2] < 40


# Profiles


def profile_with(columns: list[tuple[float, float, float]]) -> bytes:
    """The sRGB profile with other primaries: XYZ under D50 of red, green and blue (ICC.1:2010, 9.2)."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", data, 128)
    tags = {
        bytes(data[132 + 12 * i : 136 + 12 * i]): struct.unpack_from(">I", data, 136 + 12 * i)[0]
        for i in range(count)
    }
    for tag, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True):
        struct.pack_into(">3i", data, tags[tag] + 8, *(round(value * 65536) for value in column))
    return bytes(data)


SRGB_COLUMNS = [(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)]
P3_COLUMNS = [(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)]


def p3_to_srgb(colour: tuple[int, int, int]) -> np.ndarray:
    """By the definition of both spaces, which share sRGB's curve (IEC 61966-2-1)."""
    share = np.array(colour) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    turned = np.linalg.inv(np.array(SRGB_COLUMNS).T) @ np.array(P3_COLUMNS).T @ linear
    turned = np.clip(turned, 0, 1)
    return np.where(turned <= 0.0031308, turned * 12.92, 1.055 * turned ** (1 / 2.4) - 0.055) * 255


def test_a_wide_gamut_profile_is_turned_into_srgb() -> None:
    colour = (180, 110, 80)
    data = saved(Image.new("RGB", (10, 6), colour), "PNG", icc_profile=profile_with(P3_COLUMNS))
    expected = p3_to_srgb(colour)
    assert expected[0] > 186  # the case tests something: the red moves by more than 6 levels
    assert np.abs(read_photo(data).pixels[0, 0] - expected).max() <= 2


def test_an_srgb_profile_of_any_maker_changes_no_pixel() -> None:
    data = saved(fields(), "PNG", icc_profile=profile_with(SRGB_COLUMNS))
    assert np.array_equal(read_photo(data).pixels, np.asarray(fields()))


def test_a_broken_profile_and_broken_exif_are_ignored() -> None:
    data = saved(fields(), "PNG", icc_profile=b"no profile at all", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert np.array_equal(read_photo(data).pixels, np.asarray(fields()))


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
    pixels = read_photo(saved(fields(), form, **how)).pixels
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
    pixels = read_photo(saved(fields(*size), form)).pixels
    assert pixels.shape == (expected[1], expected[0], 3)
    assert_middles(pixels, [RED, GREEN, BLUE, GREY], within=6)


def test_a_small_photo_is_not_enlarged() -> None:
    assert read_photo(saved(fields(3, 2), "PNG")).pixels.shape == (2, 3, 3)


def test_a_large_orientation_shrinks_the_upright_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_photo(saved(fields(4000, 3000), "JPEG", exif=exif)).pixels.shape == (1600, 1200, 3)


# Faults


def test_too_many_bytes() -> None:
    data = saved(fields(), "JPEG")
    assert read_photo(data + b"\0" * (MAX_BYTES - len(data))).pixels.shape == (48, 80, 3)
    with pytest.raises(PhotoError) as caught:
        read_photo(data + b"\0" * (MAX_BYTES + 1 - len(data)))
    assert caught.value.code == "too-many-bytes"
    assert "20.0 MiB" in str(caught.value)


def jpeg_that_claims(width: int, height: int) -> bytes:
    """A small JPEG with another size in its frame header: decoding it could only fail, or be slow."""
    data = saved(fields(), "JPEG")
    frame = data.index(b"\xff\xc0") + 5
    return data[:frame] + struct.pack(">HH", height, width) + data[frame + 4 :]


@pytest.mark.parametrize(
    "data",
    [
        png(10_000, 5_001, 8, 2, b""),
        png(12_000, 10_000, 8, 2, b""),
        png(40_000, 40_000, 8, 2, b""),
        jpeg_that_claims(10_000, 5_001),
        jpeg_that_claims(60_000, 60_000),
        saved(fields(), "BMP")[:18] + struct.pack("<ii", 20_000, 20_000) + saved(fields(), "BMP")[26:],
    ],
    ids=["png-50", "png-120", "png-1600", "jpeg-50", "jpeg-3600", "bmp-400"],
)
def test_too_many_pixels_are_refused_by_the_header_alone(data: bytes) -> None:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    assert caught.value.code == "too-many-pixels"
    assert "50" in str(caught.value)


def test_fifty_megapixels_are_not_too_many() -> None:
    with pytest.raises(PhotoError) as caught:
        read_photo(png(10_000, 5_000, 8, 2, zlib.compress(b"")))
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
    pixels = np.asarray(fields(160, 96))
    data = write_jpeg(pixels)
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (160, 96))
    assert_middles(np.asarray(image), [RED, GREEN, BLUE, GREY], within=3)
    assert "exif" not in image.info
    assert "icc_profile" not in image.info
    markers = {data[i + 1] for i in range(len(data) - 1) if data[i] == 0xFF and 0xE1 <= data[i + 1] <= 0xEF}
    assert not markers  # no APP1 … APP15: neither EXIF nor XMP nor IPTC
