"""Parts of photos: frames on their canvas, chunks of odd lengths, ends that are missing."""

import struct

import numpy as np
import pytest
from PIL import Image

from memegen import PhotoError
from memegen.photo.boxes import read_items
from memegen.photo.decode import read_photo
from memegen.photo.jpeg import count_scans, with_ends
from memegen.photo.picture import Picture, fitted, is_empty, reduced
from tests.support.photo_files import (
    BLUE,
    GREEN,
    GREY,
    RED,
    assert_middles,
    fields,
    png_chunk,
    saved,
    swapped_profile,
)  # fmt: skip


def webp_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def webp_file(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def frame(at: tuple[int, int], image: Image.Image, **how: object) -> bytes:
    """ANMF (RFC 9649, 2.7.1.2) with the chunks of a still WebP's picture."""
    still = saved(image, "WEBP", **how)
    start = 12 if still[12:16] != b"VP8X" else 30
    sides = b"".join((side - 1).to_bytes(3, "little") for side in image.size)
    place = b"".join((side // 2).to_bytes(3, "little") for side in at)
    return webp_chunk(b"ANMF", place + sides + b"\x64\0\0\0" + still[start:])


def animation(size: tuple[int, int], *frames: bytes, extra: bytes = b"", flags: int = 0x12) -> bytes:
    sides = b"".join((side - 1).to_bytes(3, "little") for side in size)
    return webp_file(webp_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides), extra,
                     webp_chunk(b"ANIM", bytes(6)), *frames)  # fmt: skip


@pytest.mark.parametrize("how", [{"lossless": True}, {"quality": 90}])
@pytest.mark.parametrize("alpha", [255, 102])
def test_a_webp_frame_lies_where_it_says_on_a_canvas_that_shrinks(how, alpha):
    """A frame of 800 × 400 at (1,600, 1,200) of 3,200 × 2,400: 400 × 200 at (800, 600) of 1,600 × 1,200."""
    image = Image.new("RGBA", (800, 400), (*RED, alpha))
    image.putpixel((0, 0), (*RED, 0))  # so that it has an alpha to be kept
    pixels = read_photo(animation((3200, 2400), frame((1600, 1200), image, **how))).astype(int)
    assert pixels.shape == (1200, 1600, 3)
    shown = np.array(RED) * alpha / 255 + 255 - alpha
    assert np.abs(pixels[610:790, 810:1190] - shown).max() <= 4
    white = np.ones((1200, 1600), bool)
    white[600:800, 800:1200] = False
    assert (pixels[white] == 255).all()


def test_the_first_webp_frame_with_something_in_it_is_shown_at_its_place():
    clear = frame((0, 0), Image.new("RGBA", (64, 48)), lossless=True)
    opaque = frame((10, 20), Image.new("RGB", (30, 20), BLUE), lossless=True)
    later = frame((0, 0), Image.new("RGB", (64, 48), GREEN), lossless=True)
    expected = np.full((48, 64, 3), 255)
    expected[20:40, 10:40] = BLUE
    assert np.array_equal(read_photo(animation((64, 48), clear, opaque, later)), expected)


def test_a_webp_s_metadata_counts_for_its_frames_too_whatever_its_length():
    exif = b"II*\0" + struct.pack("<IHHHIHH", 8, 1, 0x0112, 3, 1, 3, 0) + bytes(4)
    for extra in (exif, exif + b"odd"):
        data = animation((80, 48), frame((0, 0), fields(), lossless=True), extra=webp_chunk(b"EXIF", extra))
        assert_middles(read_photo(data), [GREY, BLUE, GREEN, RED])


def test_a_webp_s_profile_is_used():
    """In it red's numbers mean green: what is stored as red is shown as green."""
    data = saved(
        Image.new("RGB", (40, 30), (255, 0, 0)), "WEBP", lossless=True, icc_profile=swapped_profile()
    )
    red, green, blue = read_photo(data)[15, 20].astype(int)
    assert green > 240
    assert max(red, blue) < 15


@pytest.mark.parametrize(
    "data",
    [
        webp_file(),
        webp_file(webp_chunk(b"ANMF", bytes(40))),
        animation((8, 8), webp_chunk(b"ANMF", bytes(23))),
        webp_file(webp_chunk(b"VP8X", bytes(9)), webp_chunk(b"ANMF", bytes(40))),
        saved(fields(), "WEBP", lossless=True)[:-30],
    ],
)
def test_a_webp_without_a_whole_picture_is_damaged(data):
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    assert caught.value.code == "damaged-image"


# JPEG


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"restart_marker_blocks": 1}])
@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_that_lacks_its_end_marker_alone_is_read(how, missing):
    data = saved(fields(), "JPEG", quality=95, **how)
    assert np.array_equal(read_photo(data[:-missing]), read_photo(data))


@pytest.mark.parametrize("how", [{}, {"restart_marker_blocks": 1}])
def test_a_jpeg_that_lacks_blocks_too_is_damaged(how):
    noise = Image.fromarray(np.random.default_rng(2).integers(0, 256, (64, 64, 3), np.uint8))
    data = saved(noise, "JPEG", quality=95, **how)
    for missing in (12, 60, 400):
        with pytest.raises(PhotoError) as caught:
            read_photo(data[:-missing])
        assert caught.value.code == "damaged-image"


def test_the_two_ends_of_a_jpeg_end_alike_and_differ_before():
    """After the last of eight restarts follows the first: T.81, B.1.1.3."""
    for last, following in ((0xD0, 0xD1), (0xD6, 0xD7), (0xD7, 0xD0), (None, 0xD0)):
        jpeg = b"\xff\xd8blocks" + (bytes([0xFF, last]) if last else b"") + b"more\xff"
        plain, longer = with_ends(jpeg)
        assert plain == jpeg[:-1] + b"\xff\xd9"
        assert longer.startswith(jpeg[:-1] + b"\x80")
        assert longer.endswith(b"\xfe\xff\xd9")
        assert bytes([0xFF, following]) in longer[len(jpeg) :]


def test_scans_are_counted_up_to_the_end_and_not_within_segments():
    scan = b"\xff\xda\0\3a"
    assert count_scans(scan) == 1
    assert count_scans(scan * 3 + b"\xff\xd9" + scan) == 3
    assert count_scans(scan + b"\xff\xfe\0\6\xff\xda\0\2" + scan + b"data\xff\0\xff\xd0" + scan) == 3
    assert count_scans(scan * 3, at=1) == 2
    assert count_scans(scan * 500) == 101


# Pictures


def numbers(width: int, height: int) -> Image.Image:
    """Each pixel's column and row."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0], pixels[..., 1] = np.arange(width), np.arange(height)[:, None]
    return Image.fromarray(pixels)


@pytest.mark.parametrize(
    "box", [(0, 0, 60, 50), (15, 25, 35, 40), (0, 0, 10, 50), (18, 0, 20, 50), (59, 49, 60, 50)]
)
def test_a_frame_s_tiles_are_those_of_its_canvas(box):
    """A frame of 20 × 10 at (17, 28) on 60 × 50."""
    canvas = Image.new("RGBA", (60, 50))
    canvas.paste(numbers(20, 10), (17, 28))
    found = Picture.of_frame(Picture.of_image(numbers(20, 10)), (17, 28), (60, 50))
    assert found.size == (60, 50)
    assert np.array_equal(np.asarray(found.tile(box)), np.asarray(canvas.crop(box)))


@pytest.mark.parametrize(
    ("size", "long_side", "expected"),
    [
        ((400, 300), 1600, (400, 300)),
        ((1600, 20), 1600, (1600, 20)),
        ((3200, 2400), 1600, (1600, 1200)),
        ((2400, 3200), 1600, (1200, 1600)),
        ((1_000_000, 10), 1600, (1600, 1)),
        ((10, 1_000_000), 1600, (1, 1600)),
    ],
)
def test_a_picture_is_fitted_into_a_square(size, long_side, expected):
    assert fitted(size, long_side) == expected


@pytest.mark.parametrize(
    ("size", "target", "expected"),
    [
        ((100, 80), (100, 80), (100, 80)),
        ((199, 150), (100, 75), (199, 150)),
        ((200, 160), (100, 80), (100, 80)),
        ((301, 241), (100, 80), (101, 81)),
        ((5000, 3000), (1600, 960), (1667, 1000)),
        ((2_000_000, 3), (1600, 1), (1600, 1)),
        ((3, 2_000_000), (1, 1600), (1, 1600)),
        ((9000, 9), (300, 3), (300, 3)),
    ],
)
def test_a_picture_is_divided_by_whole_numbers(size, target, expected):
    """By one for both sides, but where one is so short that it was rounded up."""
    assert reduced(Picture.of_image(Image.new("L", size, 77)), target).size == expected


def test_what_is_transparent_throughout_is_empty():
    assert is_empty(Image.new("RGBA", (4, 4), (9, 9, 9, 0)))
    assert is_empty(Image.new("LA", (4, 4), (9, 0)))
    assert not is_empty(Image.new("RGBA", (4, 4), (9, 9, 9, 1)))
    assert not is_empty(Image.new("RGB", (4, 4)))
    assert not is_empty(Image.new("L", (4, 4)))


# PNG's frames and HEIF's boxes


def test_an_apng_s_frame_that_leaves_its_canvas_ends_it():
    clear = Image.new("RGBA", (64, 48))
    data = saved(clear, "PNG", save_all=True, append_images=[Image.new("RGBA", (64, 48), (*RED, 255))])
    at = data.rindex(b"fcTL")
    for field, value in ((12, 1), (16, 1), (4, 65), (8, 49), (4, 0)):
        content = bytearray(data[at + 4 : at + 30])
        content[field : field + 4] = struct.pack(">I", value)
        moved = data[: at - 4] + png_chunk(b"fcTL", bytes(content)) + data[at + 34 :]
        assert read_photo(moved).min() == 255


@pytest.mark.parametrize("wide", [False, True])
def test_a_heif_box_may_tell_its_size_in_8_bytes_or_go_on_to_the_end(wide):
    data = saved(fields(320, 192), "HEIF")
    at = data.index(b"meta") - 4
    size = struct.unpack_from(">I", data, at)[0]
    if wide:
        longer = data[:at] + struct.pack(">I4sQ", 1, b"meta", size + 8) + data[at + 8 :]
        assert read_items(longer).size == (320, 192)
    else:
        assert read_items(data[:at] + bytes(4) + data[at + 4 :]).size == (320, 192)
