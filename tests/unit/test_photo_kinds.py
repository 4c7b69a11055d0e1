"""Kinds of files that strangers have: raws, other JPEGs, broken side chunks, planes, empty first frames."""

import io
import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from memegen import PhotoError
from memegen.photo.decode import read_photo
from tests.support.photo_files import (
    BLUE,
    GREEN,
    GREY,
    RED,
    assert_middles,
    fields,
    png,
    png_chunk,
    saved,
    swapped_profile,
)
from tests.support.tiff_files import DEFLATE, LZW, RGB, tiff_file

XMP_TURNED = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
    b"</rdf:RDF></x:xmpmeta>"
)


def refusal(data: bytes) -> tuple[str, str]:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    return str(caught.value.code), str(caught.value)


# Which way is up


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_xmp_alone_turns_nothing(form: str) -> None:
    how: dict[str, object] = {"quality": 95} if form in ("JPEG", "WEBP", "AVIF") else {}
    if form == "TIFF":
        how["tiffinfo"] = {700: XMP_TURNED}
    elif form == "PNG":
        data = saved(fields(), form)
        chunk = png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP_TURNED)
        assert_middles(read_photo(data[:33] + chunk + data[33:]), [RED, GREEN, BLUE, GREY])
        return
    else:
        how["xmp"] = XMP_TURNED
    data = saved(fields(), form, **how)
    assert b'tiff:Orientation="6"' in data
    assert_middles(read_photo(data), [RED, GREEN, BLUE, GREY], within=5)


@pytest.mark.parametrize("form", ["JPEG", "TIFF", "WEBP"])
def test_exif_s_orientation_counts_where_xmp_states_another(form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # half a turn
    how: dict[str, object] = {"exif": exif, "xmp": XMP_TURNED, "quality": 95}
    if form == "TIFF":
        how = {"tiffinfo": {274: 3, 700: XMP_TURNED}}
    assert_middles(read_photo(saved(fields(), form, **how)), [GREY, BLUE, GREEN, RED], within=5)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0", b"Exif\0\0Exif\0\0"])
def test_the_orientation_is_read_in_either_order_and_behind_either_mark(order: str, prefix: bytes) -> None:
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, 3, 0)
    block = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, 1) + entry + bytes(4)
    assert_middles(read_photo(saved(fields(), "PNG", exif=prefix + block)), [GREY, BLUE, GREEN, RED])


# Camera raws


def tagged(tags: dict[int, list[int]], **how: object) -> bytes:
    """A preview of 80 × 48 with other tags beside it."""
    return tiff_file(80, 48, [fields().tobytes()], samples=3, photometric=RGB, tags=tags, **how)  # type: ignore[arg-type]


def with_sensor(preview: bytes, photometric: int) -> bytes:
    """The preview's file with a sub-directory of another photometric interpretation behind it."""
    entries = struct.pack("<HHII", 256, 4, 1, 800) + struct.pack("<HHII", 262, 4, 1, photometric)
    return preview + struct.pack("<H", 2) + entries + bytes(4)


def followed(first: bytes, photometric: int, order: str = "<") -> bytes:
    """A file of one directory, with another of this photometric interpretation behind it."""
    (at,) = struct.unpack_from(f"{order}I", first, 4)
    (count,) = struct.unpack_from(f"{order}H", first, at)
    where = at + 2 + 12 * count
    entry = struct.pack(f"{order}HHHIHH", 1, 262, 3, 1, photometric, 0) + bytes(4)
    return first[:where] + struct.pack(f"{order}I", len(first)) + first[where + 4 :] + entry


MAKE = [*b"NIKON\0"]
PREVIEW = tagged({254: [1], 330: [0], 271: MAKE})
RAWS = {
    "DNG": tagged({254: [1], 50706: [1, 4, 0, 0]}),
    "DNG, big-endian": tagged({50706: [1, 4, 0, 0]}, order=">"),
    "NEF or ARW": tagged({254: [1], 271: MAKE, 330: [2000]}),
    "by its sensor": with_sensor(tagged({330: [len(tagged({330: [0]}))]}), 32_803),
    "by its sensor, behind it": followed(tagged({}), 32_803),
    "big-endian, by its sensor behind it": followed(tagged({}, order=">"), 34_892, ">"),
    "by its sensor, behind and beside a copy": followed(
        with_sensor(tagged({330: [len(tagged({330: [0]}))]}), RGB), 32_803
    ),
    "linear": with_sensor(tagged({330: [len(tagged({330: [0]}))]}), 34_892),
    "PEF": tiff_file(80, 48, [bytes(80 * 48)], photometric=32_803),
    "CR2": b"II*\0\x10\0\0\0CR\2\0" + bytes(4)
    + struct.pack("<HHHIIHHII", 2, 256, 4, 1, 80, 257, 4, 1, 48) + bytes(90),
    "RAF": b"FUJIFILMCCD-RAW 0201" + bytes(80),
    "ORF": b"IIRO\x08\0\0\0" + bytes(80),
    "ORF, big-endian": b"MMOR\0\0\0\x08" + bytes(80),
    "ORF of another age": b"IIRS\x08\0\0\0" + bytes(80),
    "RW2": b"IIU\0\x18\0\0\0" + bytes(80),
    "CR3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(80),
}  # fmt: skip


@pytest.mark.parametrize("kind", RAWS)
def test_a_camera_raw_is_named_and_advice_given(kind: str) -> None:
    code, said = refusal(RAWS[kind])
    assert code == "unsupported-format"
    assert "camera raw" in said
    assert "Export the photo as a JPEG" in said


def test_a_tiff_of_several_sizes_is_no_camera_raw() -> None:
    """The photo first, and smaller copies of it in sub-directories, as pyramids are made."""
    at = len(tagged({330: [0]}))
    assert_middles(read_photo(with_sensor(tagged({330: [at]}), RGB)), [RED, GREEN, BLUE, GREY])
    assert_middles(read_photo(tagged({254: [0], 271: MAKE})), [RED, GREEN, BLUE, GREY])
    assert_middles(read_photo(followed(tagged({}), RGB)), [RED, GREEN, BLUE, GREY])
    around = tagged({330: [8 + 80 * 48 * 3]})  # its own directory: there is no end to it
    assert_middles(read_photo(around), [RED, GREEN, BLUE, GREY])


def test_a_tiff_whose_first_pixel_looks_like_canon_s_mark_is_no_camera_raw() -> None:
    pixels = np.full((6, 8, 3), (*b"CR", 2), np.uint8)
    data = tiff_file(8, 6, [pixels.tobytes()], samples=3, photometric=RGB)
    assert data[8:11] == b"CR\2"
    assert np.array_equal(read_photo(data), pixels)


# Other JPEGs and PNGs


def jpeg_of_frame(kind: int, precision: int = 8) -> bytes:
    data = bytearray(saved(fields(), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4] = kind, precision
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (jpeg_of_frame(0xC1, 12), "12-bit JPEG"),
        (jpeg_of_frame(0xC3), "lossless JPEG"),
        (jpeg_of_frame(0xF7), "JPEG-LS"),
        (jpeg_of_frame(0xC5), "hierarchical JPEG"),
        (b"\xff\x4f\xff\x51\0\x29" + bytes(50), "JPEG 2000"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(50), "JPEG 2000"),
        (b"\xff\x0a" + bytes(50), "JPEG XL"),
        (saved(fields(), "PNG")[:8] + png_chunk(b"CgBI", bytes(4)) + saved(fields(), "PNG")[8:], "CgBI"),
    ],
)
def test_what_no_decoder_here_reads_is_named(data: bytes, named: str) -> None:
    code, said = refusal(data)
    assert code == "unsupported-format"
    assert named in said
    assert "damaged" not in said


@pytest.mark.parametrize("kind", [b"tEXt", b"pHYs", b"tIME", b"abCd", b"eXIf", b"iCCP", b"tRNS"])
@pytest.mark.parametrize("before", [True, False])
def test_a_png_is_read_whose_side_chunk_is_broken(kind: bytes, before: bool) -> None:
    data = saved(fields(), "PNG")
    chunk = png_chunk(kind, b"Comment\0hi")[:-4] + b"\0\0\0\0"
    at = 33 if before else len(data) - 12
    assert np.array_equal(read_photo(data[:at] + chunk + data[at:]), np.asarray(fields()))


@pytest.mark.parametrize("kind", [b"IHDR", b"PLTE"])
def test_a_png_is_damaged_whose_header_or_palette_has_a_wrong_checksum(kind: bytes) -> None:
    image = fields().quantize(4)
    data = bytearray(saved(image, "PNG"))
    at = data.index(kind)
    length = int.from_bytes(data[at - 4 : at])
    data[at + 4 + length] ^= 1
    assert refusal(bytes(data))[0] == "damaged-image"


def test_of_2_and_4_bits_of_grey_the_transparent_one_is_found() -> None:
    """Level 1 of 3 is 85 of 255, level 2 is 170; of 15, 5 is 85."""
    two = png(3, 1, 2, 0, b"\0\x18", png_chunk(b"tRNS", b"\0\1"))  # 00 01 10
    assert read_photo(two)[0, :, 0].tolist() == [0, 255, 170]
    four = png(2, 1, 4, 0, b"\0\x5a", png_chunk(b"tRNS", b"\0\5"))
    assert read_photo(four)[0, :, 0].tolist() == [255, 170]


@pytest.mark.parametrize("fill", [b"\xff", b"\xff\xff\xff", b"\0\0", b"junk"])
def test_a_jpeg_is_read_with_filling_between_its_segments(fill: bytes) -> None:
    data = saved(fields(), "JPEG", quality=95)
    at = data.index(b"\xff\xdb")
    assert_middles(read_photo(data[:at] + fill + data[at:]), [RED, GREEN, BLUE, GREY], within=4)


# Planes of 16 bits


@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_planes_of_16_bits_keep_the_high_8(compression: str | None, order: str) -> None:
    deep = np.random.default_rng(8).integers(0, 65_536, (3, 70, 50), np.uint16)
    if compression == "lzw":
        data = _lzw_planes(deep)
    else:
        out = io.BytesIO()
        tifffile.imwrite(
            out, deep, photometric="rgb", planarconfig="separate", byteorder=order, rowsperstrip=16,
            compression=compression, predictor=bool(compression),
        )  # fmt: skip
        data = out.getvalue()
    assert np.array_equal(read_photo(data), np.moveaxis(deep >> 8, 0, 2))


def _lzw_planes(deep: np.ndarray) -> bytes:
    """Strips whose LZW codes another library wrote, a grey picture each."""
    parts = []
    for plane in deep:
        grey = saved(Image.fromarray(plane), "TIFF", compression="tiff_lzw")
        with tifffile.TiffFile(io.BytesIO(grey)) as file:
            page = file.pages[0]
            assert page.compression == LZW
            (start,), (count,) = page.dataoffsets, page.databytecounts
            parts.append(grey[start : start + count])
    return tiff_file(50, 70, parts, bits=16, samples=3, compression=LZW, photometric=RGB, planar=True)


def test_planes_of_16_bits_with_alpha_or_inks() -> None:
    colours = np.array([200, 0, 0, 51], np.uint16) * 257  # a fifth of red on white
    planes = [zlib.compress(np.full(48, level, "<u2").tobytes()) for level in colours]
    data = tiff_file(
        8, 6, planes, bits=16, samples=4, compression=DEFLATE, photometric=RGB, planar=True, tags={338: [2]}
    )
    assert np.abs(read_photo(data).astype(int) - (244, 204, 204)).max() <= 1
    inks = [zlib.compress(np.full(48, level * 257, "<u2").tobytes()) for level in (255, 0, 0, 0)]
    data = tiff_file(8, 6, inks, bits=16, samples=4, compression=DEFLATE, photometric=5, planar=True)
    assert np.abs(read_photo(data).astype(int) - (0, 255, 255)).max() <= 3


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("photometric", "black"), [("minisblack", 0), ("miniswhite", 1)])
def test_planes_of_grey_and_alpha(bits: int, order: str, photometric: str, black: int) -> None:
    """A grey of 100 of 255, seen to the half or fifth over white: 100 · a + 255 · (1 - a)."""
    level = 255 - 100 if black else 100
    planes = np.empty((2, 40, 60), np.uint8)
    planes[0], planes[1, :, :30], planes[1, :, 30:] = level, 51, 255
    out = io.BytesIO()
    tifffile.imwrite(
        out, planes.astype(f"u{bits // 8}") * (257 if bits == 16 else 1), photometric=photometric,
        planarconfig="separate", byteorder=order, rowsperstrip=16, compression="zlib",
        extrasamples=["unassalpha"],
    )  # fmt: skip
    shown = read_photo(out.getvalue())
    assert np.abs(shown[:, :30].astype(int) - 224).max() <= 1
    assert np.abs(shown[:, 30:].astype(int) - 100).max() <= 1


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("order", ["<", ">"])
def test_grey_whose_zero_is_white_is_turned_the_right_way(bits: int, order: str) -> None:
    ramp = np.arange(0, 240, 3, dtype=np.uint8)[None].repeat(20, axis=0)
    stored = (255 - ramp).astype(f"u{bits // 8}") * (257 if bits == 16 else 1)
    out = io.BytesIO()
    tifffile.imwrite(out, stored, photometric="miniswhite", byteorder=order)
    assert np.array_equal(read_photo(out.getvalue())[..., 0], ramp)


@pytest.mark.parametrize("samples", [1, 2, 3, 4])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u4", "f4", "f8"])
def test_a_tiff_of_32_bits_is_named_as_that(samples: int, order: str, kind: str) -> None:
    out = io.BytesIO()
    photometric = "rgb" if samples > 2 else "minisblack"
    tifffile.imwrite(
        out, np.ones((9, 8, samples), kind), photometric=photometric, byteorder=order,
        planarconfig="contig", extrasamples=["unassalpha"] * (samples % 2 == 0),
    )  # fmt: skip
    code, said = refusal(out.getvalue())
    assert code == "unsupported-format"
    assert "32 bits" in said
    assert "damaged" not in said


def test_planes_have_their_profile() -> None:
    """In it red's numbers mean green: what is stored as red is shown as green."""
    stored = np.zeros((3, 20, 30), np.uint16)
    stored[0] = 65_535
    out = io.BytesIO()
    tifffile.imwrite(out, stored, photometric="rgb", planarconfig="separate", iccprofile=swapped_profile())
    red, green, blue = read_photo(out.getvalue())[10, 10].astype(int)
    assert green > 240
    assert max(red, blue) < 15


def test_big_tiff_is_read() -> None:
    data = tiff_file(80, 48, [fields().tobytes()], samples=3, photometric=RGB, big=True)
    assert np.array_equal(read_photo(data), np.asarray(fields()))


# Animations


CLEAR, SHOWN = Image.new("RGBA", (64, 48)), Image.new("RGBA", (64, 48), (*RED, 255))
ANIMATIONS = {
    "GIF": {"disposal": 2},
    "WEBP": {"lossless": True},
    "PNG": {},
    "AVIF": {"quality": 95},
}


@pytest.mark.parametrize("form", ANIMATIONS)
@pytest.mark.parametrize("empty", [1, 3])
def test_the_first_frame_with_something_in_it_is_shown(form: str, empty: int) -> None:
    later = Image.new("RGBA", (64, 48), (*BLUE, 255))
    # Frames that are alike may be joined by a writer: the empty ones differ in their hidden colours.
    clear = [Image.new("RGBA", (64, 48), (n, 0, 0, 0)) for n in range(empty)]
    data = saved(
        clear[0],
        form,
        save_all=True,
        append_images=[*clear[1:], SHOWN, later],
        duration=100,
        **ANIMATIONS[form],
    )
    assert np.abs(read_photo(data).astype(int) - RED).max() <= 4


@pytest.mark.parametrize("form", ANIMATIONS)
def test_an_animation_that_is_empty_throughout_is_white(form: str) -> None:
    others = [Image.new("RGBA", (64, 48), (n, 9, 9, 0)) for n in range(3)]
    data = saved(CLEAR, form, save_all=True, append_images=others, duration=100, **ANIMATIONS[form])
    assert read_photo(data).min() == 255


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_a_frame_that_covers_a_part_lies_in_its_place(form: str) -> None:
    """A red part of 20 × 10 at (30, 16) on an empty canvas: writers store no more than that."""
    part = Image.new("RGBA", (64, 48))
    part.paste((*RED, 255), (30, 16, 50, 26))
    data = saved(CLEAR, form, save_all=True, append_images=[part], duration=100, **ANIMATIONS[form])
    pixels = read_photo(data)
    expected = np.full((48, 64, 3), 255)
    expected[16:26, 30:50] = RED
    assert np.array_equal(pixels, expected)


def test_an_apng_whose_first_picture_is_no_frame_shows_it() -> None:
    first = fields(64, 48).convert("RGBA")
    data = saved(first, "PNG", save_all=True, append_images=[SHOWN, CLEAR], default_image=True)
    assert_middles(read_photo(data), [RED, GREEN, BLUE, GREY])


# Shapes


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize(("width", "height"), [(3_000_000, 1), (1, 3_000_000), (5, 700_000), (700_001, 7)])
def test_a_line_of_millions_of_pixels_keeps_its_colours(mode: str, width: int, height: int) -> None:
    """Half is dark and half is light; both ends show it."""
    pixels = np.zeros((height, width), np.uint8)
    pixels[height // 2 if height > width else 0 :, width // 2 if width > height else 0 :] = 255
    grey = Image.fromarray(pixels)
    image = Image.fromarray(pixels.astype(np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
    shown = read_photo(saved(image, "PNG", compress_level=1))
    assert max(shown.shape) == 1600
    assert np.abs(shown.reshape(-1, 3)[0].astype(int) - 0).max() <= 1
    assert np.abs(shown.reshape(-1, 3)[-1].astype(int) - 255).max() <= 1


@pytest.mark.parametrize("form", ["WEBP", "AVIF", "HEIF", "TIFF", "PNG", "BMP"])
@pytest.mark.slow
def test_a_large_picture_of_every_type_shrinks_to_what_it_shows(form: str) -> None:
    """A smooth ramp of 2,500 × 1,900, of which each pixel of the result is known."""
    width, height = 2500, 1900
    across = np.linspace(20, 235, width)[None].repeat(height, axis=0)
    down = np.linspace(20, 235, height)[:, None].repeat(width, axis=1)
    ramp = np.stack([across, down, (across + down) / 2], axis=-1).round().astype(np.uint8)
    how: dict[str, object] = {"quality": 95} if form in ("WEBP", "AVIF") else {}
    if form == "AVIF":
        how["speed"] = 10
    shown = read_photo(saved(Image.fromarray(ramp), form, **how)).astype(float)
    assert shown.shape == (1216, 1600, 3)
    x = (np.arange(1600) + 0.5) / 1600 * 215 + 20
    y = (np.arange(1216) + 0.5) / 1216 * 215 + 20
    expected = np.stack(np.broadcast_arrays(x[None], y[:, None], (x[None] + y[:, None]) / 2), axis=-1)
    assert np.abs(shown - expected).max() <= 6
    assert np.abs(shown - expected).mean() <= 1.5
