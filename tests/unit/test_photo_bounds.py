"""Where each decoder stops being asked, by what the header tells of its memory and its time.

A decoder may take 540 MiB, 566,231,040 bytes, and 4 seconds by the measured figures. Each pair lies on either
side of a bound that is worked out by hand. No decoder is run: that it is reached is enough.
"""

import struct
from collections.abc import Callable

import pytest

from memegen import PhotoError
from memegen.photo import bmp, gif, heif, jpeg, png, tiff
from memegen.photo.decode import read_photo
from tests.support.costly.bmp import bmp as bmp_file
from tests.support.costly.heif import alpha_of_tiles, heic_grid
from tests.support.photo_files import fields, png_chunk, saved
from tests.support.tiff_files import LZW, NONE, RGB, tiff_file

Maker = Callable[[int, int], bytes]


class ReachedError(MemoryError):
    """The decoder was asked. Of all errors this one becomes a sentence of its own."""


@pytest.fixture
def outcome(monkeypatch) -> Callable[[bytes], str]:
    """The code of the refusal, or "reached" where a decoder would begin."""

    def decoder(*_: object) -> None:
        raise ReachedError

    for module, name in (
        (jpeg, "JpegImageFile"), (png, "PngImageFile"), (tiff, "TiffImageFile"), (gif, "GifImageFile"),
        (bmp, "BmpImageFile"), (heif.pi_heif, "open_heif"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, decoder)

    def end(data: bytes) -> str:
        with pytest.raises(PhotoError) as caught:
            read_photo(data)
        return "reached" if isinstance(caught.value.__context__, ReachedError) else str(caught.value.code)

    return end


# JPEG


def jpeg_of(
    width: int, height: int, scans: int = 0, alone: bool = False, kind: int | None = None, **how
) -> bytes:
    """A JPEG that claims a size. scans: more of them at its end. alone: its first scan has one component.
    kind: another start of frame."""
    mode = how.pop("mode", "RGB")
    data = bytearray(saved(fields().convert(mode), "JPEG", **how))
    at = next(at for at in (data.find(b"\xff\xc0"), data.find(b"\xff\xc2")) if at >= 0)
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    if kind is not None:
        data[at + 1] = kind
    if alone:
        data[data.index(b"\xff\xda") + 4] = 1
    return bytes(data[:-2] + b"\xff\xda\0\2" * scans + data[-2:])


FULL = {"progressive": True, "subsampling": "4:4:4"}
JPEGS: dict[str, tuple[Maker, tuple[int, int], tuple[int, int]]] = {
    # 200 megapixels: 16,320 × 12,254 is 199,985,280 and 16,320 × 12,255 is 200,001,600.
    "row by row": (jpeg_of, (16_320, 12_254), (16_320, 12_255)),
    # 128 bytes for each block of 8 × 8, 1,213² · 3 and 1,215² · 3 of them: 565.0 and 566.9 million bytes.
    "progressive, 4:4:4": (lambda w, h: jpeg_of(w, h, **FULL), (9704, 9704), (9720, 9720)),
    # 6 blocks for each 16 × 16: 857² and 859² of these are 564.1 and 566.7 million bytes.
    "progressive, 4:2:0": (
        lambda w, h: jpeg_of(w, h, progressive=True, subsampling="4:2:0"), (13_712, 13_712), (13_744, 13_744)
    ),
    # 1,051² · 4 and 1,052² · 4 blocks: 565.6 and 566.6 million bytes.
    "progressive, four inks": (
        lambda w, h: jpeg_of(w, h, mode="CMYK", progressive=True), (8408, 8408), (8416, 8416)
    ),
    "a scan a colour": (
        lambda w, h: jpeg_of(w, h, subsampling="4:4:4", alone=True), (9704, 9704), (9720, 9720)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_s_coefficients_are_counted_where_all_are_kept(outcome, name):
    make, most, more = JPEGS[name]
    assert outcome(make(*most)) == "reached"
    assert outcome(make(*more)) == "too-many-pixels"


@pytest.mark.parametrize(("kind", "most"), [(0xC2, 60), (0xCA, 20)])
def test_a_jpeg_s_scans_are_work_and_arithmetic_coding_is_three_times_as_much(outcome, kind, most):
    """4,414,107 blocks at 15 ns: 66 ms a scan, of which 60 take 3.97 s. libjpeg's own script has 10."""
    make = lambda scans: jpeg_of(9704, 9704, scans=scans - 10, kind=kind, **FULL)  # noqa: E731
    assert outcome(make(most)) == "reached"
    assert outcome(make(most + 1)) == "too-many-pixels"


@pytest.mark.parametrize(("scans", "end"), [(100, "reached"), (101, "damaged-image")])
def test_a_jpeg_has_100_scans_at_most(outcome, scans, end):
    assert outcome(jpeg_of(80, 48, scans=scans - 10, **FULL)) == end


# PNG


def png_of(width: int, height: int, depth: int, colour: int, extra: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"PLTE", bytes(6)) * (colour == 3) + extra
    return b"\x89PNG\r\n\x1a\n" + chunks + png_chunk(b"IDAT", b"x") + png_chunk(b"IEND", b"")


PNGS: dict[str, tuple[int, int, tuple[int, int], tuple[int, int]]] = {
    # A row of Pillow's has at least 4 bytes and an address of 8: 565.2 and 567.6 million bytes.
    "rows of a bit": (1, 0, (1, 47_100_000), (1, 47_300_000)),
    "rows of a palette's pixel": (8, 3, (1, 47_100_000), (1, 47_300_000)),
    # 4 bytes a pixel and two rows of 3 as they are stored: 566 and 567 million bytes.
    "one row of colour": (8, 2, (56_600_000, 1), (56_700_000, 1)),
    # The same with two rows of 4: 12 a pixel.
    "one row of colour and alpha": (8, 6, (47_100_000, 1), (47_200_000, 1)),
    # 2 bytes a pixel and two rows of 2 allow 94 million: the pixels' own limit comes first.
    "one row of deep grey": (16, 0, (65_000_000, 1), (65_000_001, 1)),
    # 60 ns a row, 4 a byte of which there are 8, and 10 a pixel: 3.98 and 4.02 s.
    "rows of deep colour and alpha": (16, 6, (1, 39_000_000), (1, 39_400_000)),
    # The same with 2 and 6 bytes: 78 ns and 94 ns a row are less than the memory of 12 bytes allows.
    "rows of grey and alpha": (8, 4, (1, 47_100_000), (1, 47_300_000)),
    "rows of deep colour": (16, 2, (1, 42_500_000), (1, 42_600_000)),
}


@pytest.mark.parametrize("name", PNGS)
def test_a_png_s_rows_are_memory_and_work(outcome, name):
    depth, colour, most, more = PNGS[name]
    assert outcome(png_of(*most, depth, colour)) == "reached"
    assert outcome(png_of(*more, depth, colour)) == "too-many-pixels"


def test_a_png_s_pieces_of_pixels_are_work(outcome):
    """5 µs each: 100,000 are half a second more for a picture that takes 3.57 s without them."""
    empty = png_chunk(b"IDAT", b"")
    assert outcome(png_of(1, 35_000_000, 16, 6)) == "reached"
    assert outcome(png_of(1, 35_000_000, 16, 6, empty * 100_000)) == "too-many-pixels"


# TIFF


TIFFS: dict[str, tuple[dict, tuple[int, int], tuple[int, int]]] = {
    # A row of 8,000: 32,008 bytes of the picture and 48,000 of the strip that all rows are in.
    "deep colour in one strip": (
        {"bits": 16, "samples": 3, "photometric": RGB, "compression": LZW}, (8000, 7070), (8000, 7085)
    ),
    # Unpacked in strips of 16 rows it takes as much as the picture: the pixels' own limit comes first.
    "deep colour in strips": (
        {"bits": 16, "samples": 3, "photometric": RGB, "compression": LZW, "rows": 16},
        (8062, 8062), (8063, 8062),
    ),
    "deep colour that isn't packed": (
        {"bits": 16, "samples": 3, "photometric": RGB, "compression": NONE}, (8062, 8000), (8063, 8063)
    ),
    # 0.3 µs a row and 10 ns a byte: 3.999 and 4.01 s.
    "rows of a pixel": ({"compression": LZW}, (1, 12_900_000), (1, 12_950_000)),
}  # fmt: skip


@pytest.mark.parametrize("name", TIFFS)
def test_a_tiff_s_strips_are_memory_and_work(outcome, name):
    how, most, more = TIFFS[name]
    assert outcome(_tiff_of(*most, **how)) == "reached"
    assert outcome(_tiff_of(*more, **how)) == "too-many-pixels"


def _tiff_of(width: int, height: int, **how) -> bytes:
    count = -(-height // how["rows"]) if "rows" in how else 1
    return tiff_file(width, height, [b"x"] * count, **how)


@pytest.mark.parametrize(("count", "end"), [(100_000, "reached"), (100_001, "damaged-image")])
def test_a_tiff_has_100_000_strips_at_most(outcome, count, end):
    assert outcome(tiff_file(1, count, [b"x"] * count, compression=LZW, rows=1)) == end


# BMP and GIF


@pytest.mark.parametrize(
    ("depth", "packing", "most", "more"),
    [
        (8, 0, 47_100_000, 47_300_000),  # 4 bytes a row and an address of 8
        (24, 0, 47_100_000, 47_300_000),
        (8, 1, 37_700_000, 37_800_000),  # and 3 bytes a pixel of what is unpacked
        (4, 2, 37_700_000, 37_800_000),
    ],
)
def test_a_bmp_s_rows_are_memory(outcome, monkeypatch, depth, packing, most, more):
    monkeypatch.setattr(bmp, "_unpacked", lambda *_: b"")
    assert outcome(bmp_file((1, most), depth, b"\0\1", packing)) == "reached"
    assert outcome(bmp_file((1, more), depth, b"\0\1", packing)) == "too-many-pixels"


@pytest.mark.parametrize(("height", "end"), [(4, "reached"), (5, "damaged-image")])
def test_the_runs_of_a_bmp_are_counted(outcome, monkeypatch, height, end):
    """Four in a row, with its end; the last needs a look more."""
    monkeypatch.setattr(bmp, "MAX_RUNS", 17)
    assert outcome(bmp_file((3, height), 8, b"\1\1\1\1\1\1\0\0" * height, 1)) == end


@pytest.mark.parametrize(("height", "end"), [(1000, "reached"), (1001, "too-many-pixels")])
def test_a_gif_has_65_megapixels_at_most(outcome, height, end):
    image = b"\x2c" + struct.pack("<HHHHB", 0, 0, 65_000, height, 0) + b"\2\0;"
    assert outcome(b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0, 0, 0) + image) == end


# HEIC


HEICS: dict[str, tuple[dict, str]] = {
    # 10 bits: 65 ns a pixel and 0.4 ms a tile: 225 tiles take 3.92 s, and 240 tiles 4.19 s.
    "10 bits, 15 × 15 tiles": ({"size": (7680, 7680), "deep": True}, "reached"),
    "10 bits, 16 × 15 tiles": ({"size": (8192, 7680), "deep": True}, "too-many-pixels"),
    "4:4:4, 15 × 15 tiles": ({"size": (7680, 7680), "chroma": 444}, "reached"),
    "4:4:4, 16 × 15 tiles": ({"size": (8192, 7680), "chroma": 444}, "too-many-pixels"),
    "8 bits, 16 × 15 tiles": ({"size": (8192, 7680)}, "reached"),
    # By what is decoded, the whole tiles, not by what is shown of them.
    "10 bits, 15 × 15 tiles and a pixel": ({"size": (7681, 7680), "deep": True}, "too-many-pixels"),
    "2,000 tiles": ({"size": (50 * 64, 40 * 64), "tile": 64}, "reached"),
    "2,001 tiles": ({"size": (69 * 64, 29 * 64), "tile": 64}, "damaged-image"),
}


@pytest.mark.parametrize("name", HEICS)
def test_a_heic_s_tiles_are_memory_and_work(outcome, name):
    how, end = HEICS[name]
    assert outcome(heic_grid(**{"tile": 512, **how})) == end


@pytest.mark.parametrize(("side", "end"), [(5120, "reached"), (14_000, "too-many-pixels")])
def test_a_heic_s_alpha_counts_however_small_its_colours_are(outcome, side, end):
    assert outcome(alpha_of_tiles((320, 320), (side, side))) == end
