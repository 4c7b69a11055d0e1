"""How pictures are chosen, shrunk and turned; and the frames of WebP and AVIF by hand."""

import struct
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from memegen import PhotoError
from memegen.photo import avif, decode, heif, webp
from memegen.photo.colour import eight_bit, on_white
from memegen.photo.decode import read_photo
from memegen.photo.picture import Picture, reduced
from tests.support.photo_files import (
    BLUE,
    GREEN,
    GREY,
    RED,
    assert_middles,
    fields,
    grey_profile,
    saved,
    swapped_profile,
)


def refusal(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    return str(caught.value.code)


# Which frame


def test_empty_frames_are_looked_at_as_long_as_there_is_time(monkeypatch) -> None:
    def looked_at(size: tuple[int, int], most: int) -> int:
        monkeypatch.setattr(decode, "_MAX_FRAME_PIXELS", most)
        pictures = iter([Picture.of_image(Image.new("RGBA", size)) for _ in range(1500)])
        image, *_ = decode._first_with_something(pictures, 1600)
        assert image.size == size
        return 1500 - len(list(pictures))

    assert looked_at((10, 5), 3 * (10 + 8) * 5) == 4  # as much as is allowed, and then one more
    assert looked_at((10, 5), 3 * (10 + 8) * 5 - 1) == 3
    assert looked_at((5, 10), 3 * (5 + 8) * 10) == 4
    assert looked_at((1, 1), 10**9) == 1000


def test_of_empty_frames_the_first_counts_with_all_that_belongs_to_it() -> None:
    def frames() -> Iterator[Picture]:
        yield Picture((5, 4), lambda _: Image.new("RGBA", (5, 4)), b"profile", 6)
        yield Picture((9, 9), lambda _: Image.new("RGBA", (9, 9)), b"other", 1)

    image, *rest = decode._first_with_something(frames(), 1600)
    assert image.size == (5, 4)
    assert rest == [(5, 4), b"profile", 6]
    with pytest.raises(ValueError, match="without a picture"):
        decode._first_with_something(iter(()), 1600)


# How it shrinks


def test_fine_lines_become_an_even_grey_by_whatever_they_shrink() -> None:
    """A chequered picture of single pixels, by 1.3, by nearly 2, and by 2.9."""
    for side, long_side in ((199, 100), (290, 100)):
        rows, columns = np.indices((side, side))
        image = Image.fromarray(((rows + columns) % 2 * 255).astype(np.uint8))
        shown = read_photo(saved(image, "PNG"), long_side=long_side)[..., 0].astype(int)
        assert shown.shape == (100, 100)
        assert np.abs(shown - 127).max() <= 12


def test_a_picture_that_shrinks_little_stays_sharp() -> None:
    """By 1.25: an edge is two pixels wide at most."""
    image = Image.new("L", (500, 100))
    image.paste(255, (250, 0, 500, 100))
    row = read_photo(saved(image, "PNG"), long_side=400)[40, :, 0].astype(int)
    assert set(row[:199]) == {0}
    assert set(row[201:]) == {255}


def test_every_mode_becomes_one_of_8_bits() -> None:
    for mode, colour, became, levels in (
        ("1", 1, "RGB", (255, 255, 255)),
        ("L", 77, "L", 77),
        ("LA", (77, 9), "LA", (77, 9)),
        ("La", (77, 255), "LA", (77, 255)),
        ("RGBa", (1, 2, 3, 255), "RGBA", (1, 2, 3, 255)),
        ("RGB", (1, 2, 3), "RGB", (1, 2, 3)),
        ("CMYK", (1, 2, 3, 4), "CMYK", (1, 2, 3, 4)),
        ("I;16", 0x4DFF, "L", 0x4D),
    ):
        made = eight_bit(Image.new(mode, (3, 2), colour))  # type: ignore[arg-type]
        assert made.mode == became
        assert made.getpixel((2, 1)) == levels
    palette = Image.new("PA", (3, 2), (1, 9))
    palette.putpalette([1, 2, 3, 4, 5, 6])
    assert eight_bit(palette).getpixel((2, 1)) == (4, 5, 6, 9)


def test_grey_with_alpha_lies_on_white_as_grey() -> None:
    shown = on_white(Image.new("LA", (2, 1), (100, 51)), None)
    assert shown.mode == "RGB"
    assert all(abs(level - 224) <= 1 for level in shown.getpixel((1, 0)))  # a fifth of it: 20 + 204
    grey = Image.new("L", (2, 1), 55)
    assert on_white(grey, grey_profile(1)).getpixel((1, 0)) == (128, 128, 128)  # as in test_photo_colours
    clear = Image.new("LA", (2, 1), (55, 255))
    assert on_white(clear, grey_profile(1)).getpixel((1, 0)) == (128, 128, 128)


@pytest.mark.parametrize(("move", "kept"), [(2, True), (3, False)])
def test_a_profile_is_left_aside_if_it_moves_no_colour_by_more_than_2(
    monkeypatch, move: int, kept: bool
) -> None:
    class Transform:
        """It makes white darker, and no other colour."""

        def apply(self, image: Image.Image) -> Image.Image:
            pixels = np.asarray(image).astype(int)
            white = (pixels == 255).all(axis=-1)
            return Image.fromarray(np.where(white[..., None], 255 - move, pixels).astype(np.uint8))

    monkeypatch.setattr("memegen.photo.colour.ImageCms.buildTransform", lambda *_: Transform())
    white = Image.new("RGB", (2, 1), "white")
    level = 255 if kept else 252
    assert on_white(white, swapped_profile()).getpixel((0, 0)) == (level, level, level)


@pytest.mark.parametrize("mode", ["I", "F"])
def test_a_mode_of_32_bits_is_refused(mode: str) -> None:
    with pytest.raises(PhotoError, match="32 bits"):
        eight_bit(Image.new(mode, (3, 2)))


def test_a_level_that_means_transparent_becomes_alpha() -> None:
    for mode, key in (("L", 7), ("RGB", (7, 8, 9))):
        image = Image.new(mode, (2, 1), key)
        image.info["transparency"] = key
        image.putpixel((1, 0), 9 if mode == "L" else (9, 8, 7))
        made = eight_bit(image)
        assert made.mode == "RGBA"
        assert np.asarray(made.getchannel("A")).tolist() == [[0, 255]]


def test_a_side_is_divided_by_more_if_it_is_by_more_than_twice() -> None:
    for size, target, expected in (
        ((90, 30), (30, 10), (30, 10)),
        ((90, 60), (30, 10), (30, 20)),  # 3 and 6: not more than twice as many rows
        ((90, 70), (30, 10), (30, 10)),  # 3 and 7
        ((60, 90), (10, 30), (20, 30)),
        ((70, 90), (10, 30), (10, 30)),
    ):
        assert reduced(Picture.of_image(Image.new("L", size)), target).size == expected


def test_a_tile_of_an_image_is_its_box() -> None:
    image = Image.fromarray(np.arange(20, dtype=np.uint8).reshape(4, 5))
    picture = Picture.of_image(image, 6)
    assert (picture.size, picture.profile, picture.orientation) == ((5, 4), None, 6)
    for box in ((0, 0, 5, 4), (1, 0, 5, 4), (0, 1, 5, 4), (0, 0, 4, 4), (0, 0, 5, 3), (2, 1, 3, 2)):
        assert np.array_equal(
            np.asarray(picture.tile(box)), np.asarray(image)[box[1] : box[3], box[0] : box[2]]
        )


TURNED = {
    1: [[1, 2, 3], [4, 5, 6]],
    2: [[3, 2, 1], [6, 5, 4]],
    3: [[6, 5, 4], [3, 2, 1]],
    4: [[4, 5, 6], [1, 2, 3]],
    5: [[1, 4], [2, 5], [3, 6]],
    6: [[4, 1], [5, 2], [6, 3]],
    7: [[6, 3], [5, 2], [4, 1]],
    8: [[3, 6], [2, 5], [1, 4]],
    9: [[1, 2, 3], [4, 5, 6]],
}


def test_every_turn_by_hand() -> None:
    """Exif 2.32, Orientation: where the stored rows and columns lie."""
    stored = Image.fromarray(np.array([[1, 2, 3], [4, 5, 6]], np.uint8))
    for orientation, expected in TURNED.items():
        block = b"II*\0" + struct.pack("<IHHHIHH", 8, 1, 0x0112, 3, 1, orientation, 0) + bytes(4)
        assert read_photo(saved(stored, "PNG", exif=block))[..., 0].tolist() == expected


# WebP


def chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def test_chunks_of_a_webp_by_hand() -> None:
    cut = b"ICCP" + struct.pack("<I", 99) + b"end"
    data = b"before" + chunk(b"VP8X", b"abc") + chunk(b"EXIF", b"abcd") + cut
    expected = [(b"VP8X", 14, 17), (b"EXIF", 26, 30), (b"ICCP", 38, 41)]
    assert list(webp._chunks(data, 6, len(data))) == expected
    assert list(webp._chunks(data, 6, 38)) == [*expected[:2], (b"ICCP", 38, 38)]
    assert list(webp._chunks(data, 6, 37)) == expected[:2]


def test_a_webp_has_50_000_chunks_at_most() -> None:
    assert sum(1 for _ in webp._chunks(chunk(b"abcd", b"") * 50_000, 0, 400_000)) == 50_000
    with pytest.raises(PhotoError, match="so many pieces"):
        list(webp._chunks(chunk(b"abcd", b"") * 50_001, 0, 400_008))


def test_a_frame_and_its_canvas_by_hand() -> None:
    """RFC 9649, 2.7.1: numbers of 24 bits, sides less one, places by half."""
    head = b"\x10\0\0\0" + (70_000 - 1).to_bytes(3, "little") + (300 - 1).to_bytes(3, "little")
    assert webp._canvas(b"xx" + head, (b"VP8X", 2, 12)) == (70_000, 300)
    numbers = (500, 70_000, 639, 479, 100)
    content = b"".join(number.to_bytes(3, "little") for number in numbers) + b"\2" + b"VP8 more"
    found = webp._frame(b"xx" + content + b"behind", 2, 2 + len(content))
    assert (found.at, found.size, found.chunks) == ((1000, 140_000), (640, 480), b"VP8 more")


@pytest.mark.parametrize("alpha", [b"ALPH", b"VP8L"])
def test_a_frame_becomes_a_file_of_its_own(alpha: bytes) -> None:
    chunks = chunk(alpha, b"abc") + chunk(b"VP8 ", b"picture")
    made = webp._still(webp._Frame((4, 6), (640, 480), chunks))
    assert made[:4] + made[8:12] == b"RIFFWEBP"
    assert struct.unpack_from("<I", made, 4)[0] == len(made) - 8
    assert made.endswith(chunks)
    if alpha == b"ALPH":
        assert made[12:30] == chunk(b"VP8X", b"\x10\0\0\0\x7f\2\0\xdf\1\0")
    else:
        assert made[12:] == chunks


def moving(size: tuple[int, int], at: tuple[int, int], part: Image.Image) -> bytes:
    """An animation of one frame, which lies at this place of a canvas."""
    sides = [b"".join((side - 1).to_bytes(3, "little") for side in of) for of in (size, part.size)]
    place = b"".join((side // 2).to_bytes(3, "little") for side in at)
    still = saved(part, "WEBP", lossless=True)
    frame = chunk(b"ANMF", place + sides[1] + b"\x64\0\0\0" + still[12 if still[12:16] != b"VP8X" else 30 :])
    body = b"WEBP" + chunk(b"VP8X", b"\x12\0\0\0" + sides[0]) + chunk(b"ANIM", bytes(6)) + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_a_frame_that_shrinks_to_less_than_a_pixel_keeps_one() -> None:
    """Of 2 × 2 on 4,000 × 3,000, which becomes 40 × 30: it lies at (20, 10)."""
    shown = read_photo(moving((4000, 3000), (2000, 1000), Image.new("RGB", (2, 2), RED)), long_side=40)
    expected = np.full((30, 40, 3), 255)
    expected[10, 20] = RED
    assert np.array_equal(shown, expected)


def test_a_frame_shrinks_as_its_canvas_does_and_not_by_its_own_size() -> None:
    """1,000 × 100 at (200, 40) of 2,000 × 400: at a tenth, 100 × 10 at (20, 4)."""
    shown = read_photo(moving((2000, 400), (200, 40), Image.new("RGB", (1000, 100), BLUE)), long_side=200)
    expected = np.full((40, 200, 3), 255)
    expected[4:14, 20:120] = BLUE
    assert np.abs(shown.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("how", [{"lossless": True}, {"quality": 95}])
def test_a_still_webp_shrinks_while_it_is_decoded(how: dict) -> None:
    picture = next(webp.open_webp(saved(fields(800, 480), "WEBP", **how), 100))
    assert picture.size == (100, 60)
    assert_middles(np.asarray(picture.tile((0, 0, 100, 60))), [RED, GREEN, BLUE, GREY], within=4)
    whole = next(webp.open_webp(saved(fields(), "WEBP", **how), 100))
    assert whole.size == (80, 48)


# HEIC and AVIF


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_tile_of_rows_that_are_longer_than_the_picture(mode: str) -> None:
    rows = np.arange(6 * 40, dtype=np.uint8).reshape(6, 40)
    pixels = rows[:, : 7 * len(mode)].reshape(6, 7, len(mode))
    picture = heif._of_rows(memoryview(rows.tobytes()), mode, (7, 6), 40, b"profile")
    assert (picture.size, picture.profile, picture.orientation) == ((7, 6), b"profile", 1)
    for left, top, right, bottom in ((0, 0, 7, 6), (2, 1, 5, 4), (6, 5, 7, 6), (0, 3, 7, 4)):
        tile = np.asarray(picture.tile((left, top, right, bottom)))
        assert np.array_equal(tile, pixels[top:bottom, left:right])


def test_another_libavif_is_refused_at_the_start(monkeypatch) -> None:
    avif._check_structures()
    for other in ((2, 16_384**2, 32_768), (1, 16_384**2 + 1, 32_768), (1, 16_384**2, 32_767)):
        monkeypatch.setattr(avif, "_DEFAULTS", other)
        with pytest.raises(ImportError, match="update avif"):
            avif._check_structures()


def test_an_animation_s_frames_come_one_after_another() -> None:
    others = [Image.new("RGB", (64, 48), colour) for colour in (GREEN, BLUE)]
    data = saved(
        Image.new("RGB", (64, 48), RED), "AVIF", save_all=True, append_images=others, duration=100, quality=95
    )
    seen = [np.asarray(frame.tile((10, 5, 30, 25))).astype(int) for frame in avif.open_avif(data)]
    assert [shown.shape for shown in seen] == [(20, 20, 3)] * 3
    for shown, colour in zip(seen, (RED, GREEN, BLUE), strict=True):
        assert np.abs(shown - colour).max() <= 4


@pytest.mark.parametrize("claimed", [(320, 191), (319, 192)])
def test_an_avif_of_another_size_than_it_says_is_damaged(claimed: tuple[int, int]) -> None:
    data = bytearray(saved(fields(320, 192), "AVIF", quality=90))
    struct.pack_into(">II", data, data.index(b"ispe") + 8, *claimed)
    assert refusal(bytes(data)) == "damaged-image"


def test_an_avif_s_tile_of_a_few_pixels_has_its_place() -> None:
    """Even and odd places, up to each edge, with alpha and without."""
    pixels = np.zeros((40, 60, 4), np.uint8)
    pixels[..., 0], pixels[..., 1] = np.arange(60) * 4, np.arange(40)[:, None] * 6
    pixels[..., 2], pixels[..., 3] = 128, 255
    pixels[0, 0, 3] = 0
    for mode in ("RGB", "RGBA"):
        image = Image.fromarray(pixels).convert(mode)
        frames = avif.open_avif(saved(image, "AVIF", quality=100, subsampling="4:4:4"))
        picture = next(frames)  # which is there as long as they are
        whole = np.asarray(picture.tile((0, 0, 60, 40))).astype(int)
        assert np.abs(whole[..., :2] - pixels[..., :2]).max() <= 4
        for box in ((0, 0, 1, 1), (7, 9, 20, 21), (8, 10, 9, 40), (57, 37, 60, 40), (0, 3, 60, 4)):
            part = np.asarray(picture.tile(box)).astype(int)
            assert np.array_equal(part, whole[box[1] : box[3], box[0] : box[2]])


def test_an_avif_is_read_whose_writer_left_out_what_many_do() -> None:
    """pixi, which says how many bits each channel has, is renamed: nobody knows the property then."""
    data = saved(fields(), "AVIF", quality=95)
    assert b"pixi" in data
    assert np.array_equal(read_photo(data.replace(b"pixi", b"abcd")), read_photo(data))
