"""Small files that unfold into a lot: pixels at the limit and past it, frames, chunks, directories, boxes."""

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
import pillow_heif
from PIL import Image

from memegen.contract import MAX_JPEG_PIXELS, MAX_PHOTO_PIXELS
from tests.support.corpus.cases import ANY_CODE, Case, Picture
from tests.support.photo_files import png, png_chunk, saved

_DAMAGED = frozenset({"damaged-image"})
_TOO_MANY = frozenset({"too-many-pixels"})
_COLOUR = (40, 60, 190)
_MEBI = 2**20


def unfolding(i: int, rng: np.random.Generator) -> Case:
    """One of the bombs, each in turn; the greatest come once in the whole corpus."""
    names = tuple(_BOMBS)
    return _bomb(names[i % len(names)])


def at_the_limit(i: int, rng: np.random.Generator) -> Case:
    """Nearly as many pixels of one colour as are read, in a small file: this is allowed, and it is shown."""
    names = tuple(_GREAT)
    return _great(names[i % len(names)])


@cache
def _bomb(name: str) -> Case:
    return _BOMBS[name]()


@cache
def _great(name: str) -> Case:
    width, height, data = _GREAT[name]()
    assert width * height <= (MAX_JPEG_PIXELS if name == "JPEG" else MAX_PHOTO_PIXELS)
    size = (1600, round(1600 * height / width))
    pixels = np.full((size[1], size[0], 3), _COLOUR, np.uint8)
    return Case(data, picture=Picture(size, pixels, within=3))


def _small() -> np.ndarray:
    return np.full((8, 12, 3), _COLOUR, np.uint8)


def _small_png(extra: bytes) -> bytes:
    return png(12, 8, 8, 2, b"".join(b"\0" + row.tobytes() for row in _small()), extra)


def _packed(size: int, byte: bytes = b"\0") -> bytes:
    """zlib's form of `size` equal bytes, made piece by piece."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(byte * _MEBI) for _ in range(size // _MEBI)) + packer.flush()


def _nested(depth: int) -> bytes:
    """Zeros packed over and over: each layer again unfolds into a thousand times as much."""
    data = _packed(64 * _MEBI)
    for _ in range(depth - 1):
        data = zlib.compress(data, 9)
    return data


def _text_bomb(kind: bytes, before: bytes, packed: bytes) -> Case:
    """A sound picture behind a text that no reader should unfold: refused, or shown without it."""
    return Case(_small_png(png_chunk(kind, before + packed)), _DAMAGED, Picture.exactly(_small()))


def _many_frames(form: str, count: int, **how: object) -> Case:
    """Many pictures, of which the first is read."""
    first = Image.fromarray(_small())
    others = [Image.new("RGB", first.size, (n % 256, n // 256, 99)) for n in range(1, count)]
    return Case(
        saved(first, form, save_all=True, append_images=others, **how),
        picture=Picture((12, 8), _small(), within=3),
    )


def _many_apng_frames() -> Case:
    """PNG, third edition, 11.3.6: 10,000 frames of one pixel each over the first."""
    frames, number = png_chunk(b"acTL", struct.pack(">II", 10_001, 0)), 0
    frames += png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 12, 8, 0, 0, 1, 10, 0, 0))
    pixel = zlib.compress(b"\0\xff\xff\xff")
    whole = _small_png(frames)
    more = []
    for _ in range(10_000):
        control = struct.pack(">IIIIIHHBB", number + 1, 1, 1, 3, 3, 1, 10, 0, 0)
        more.append(png_chunk(b"fcTL", control))
        more.append(png_chunk(b"fdAT", struct.pack(">I", number + 2) + pixel))
        number += 2
    return Case(whole[:-12] + b"".join(more) + whole[-12:], picture=Picture.exactly(_small()))


def _many_pages() -> Case:
    """A TIFF of 10,000 directories, each of the same pixels."""
    data, length = b"", 2 + 12 * 9 + 4
    entries = _plain_tiff(where=8 + 10_000 * length)
    page = struct.pack("<H", 9) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    data = b"".join(page + struct.pack("<I", 8 + n * length if n < 10_000 else 0) for n in range(1, 10_001))
    return Case(
        b"II*\0" + struct.pack("<I", 8) + data + _small().tobytes(), picture=Picture.exactly(_small())
    )


def _many_heic_pictures() -> Case:
    """A HEIC of 60 pictures, whose first is read: x265 takes too long for more."""
    several = pillow_heif.from_pillow(Image.fromarray(np.full((64, 64, 3), _COLOUR, np.uint8)))
    for n in range(1, 60):
        several.add_from_pillow(Image.new("RGB", (64, 64), (4 * n, 0, 0)))
    out = io.BytesIO()
    several.save(out, quality=90)
    return Case(out.getvalue(), picture=Picture((64, 64), np.full((64, 64, 3), _COLOUR, np.uint8), within=4))


def _tiff(entries: list[tuple[int, int, int, int]], tail: bytes = b"", following: int = 0) -> bytes:
    """A TIFF of one directory at byte 8: (tag, type, count, value or offset) each."""
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", following) + tail


def _plain_tiff(strips: int = 1, where: int | None = None, length: int = 12 * 8 * 3) -> list:
    start = 8 + 2 + 12 * 9 + 4
    return [
        (256, 4, 1, 12),
        (257, 4, 1, 8),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, strips, start if where is None else where),
        (277, 3, 1, 3),
        (278, 4, 1, 8),
        (279, 4, strips, length),
    ]


def _directory_loop() -> Case:
    """A directory that follows itself; the picture is the first's."""
    return Case(_tiff(_plain_tiff(), _small().tobytes(), following=8), picture=Picture.exactly(_small()))


def _deflated_tiff() -> Case:
    """One strip that unfolds into 100 MiB, of which the picture takes 288 bytes."""
    strip = zlib.compress(_small().tobytes() + bytes(100 * _MEBI), 1)
    entries = [(259, 3, 1, 8) if entry[0] == 259 else entry for entry in _plain_tiff(length=len(strip))]
    return Case(_tiff(entries, strip), _DAMAGED, Picture.exactly(_small()))


def _tiff_of_huge_tiles() -> Case:
    """Tiles of 2 to the 20th by 2 to the 20th for a picture of 12 × 8."""
    data = _small().tobytes()
    kept = [entry for entry in _plain_tiff() if entry[0] not in (273, 278, 279)]
    tiles = [(322, 4, 1, 2**20), (323, 4, 1, 2**20), (324, 4, 1, 8), (325, 4, 1, 288)]
    return Case(_tiff(kept + tiles, data), ANY_CODE, Picture((12, 8)))


def _gif(screen: tuple[int, int], place: tuple[int, int], size: tuple[int, int]) -> bytes:
    """A GIF of one picture, a few codes long, on a screen."""
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + bytes([0, 0, 0, 255, 255, 255])
    codes = bytes.fromhex("02 16 8c2d99872a1cdc33a00275ec95faa8de608c04914c01 00")
    return head + b"\x2c" + struct.pack("<HHHHB", *place, *size, 0) + codes + b";"


def _codes_without_end() -> Case:
    """A GIF of 12 × 8 whose codes go on for five megabytes after its last pixel."""
    image = Image.fromarray(np.zeros((8, 12), np.uint8), "P")
    image.putpalette([*_COLOUR, *(n % 256 for n in range(3, 3 * 256))])
    data = saved(image, "GIF", optimize=False)
    return Case(data[:-2] + (b"\xff" + bytes(255)) * 20_000 + b"\0;", picture=Picture.exactly(_small()))


def _segments() -> Case:
    """A JPEG of 16 × 16 behind a hundred comments of 65,533 bytes, and as many empty ones."""
    image = Image.new("RGB", (16, 16), _COLOUR)
    data = saved(image, "JPEG", quality=95)
    comments = (b"\xff\xfe\xff\xff" + bytes(65_533) + b"\xff\xfe\0\x02") * 100
    return Case(data[:2] + comments + data[2:], picture=Picture((16, 16), np.asarray(image), within=4))


def _scans(count: int) -> bytes:
    """A progressive JPEG of 1,024 × 1,024 with its last scan over and over: each goes over every block."""
    data = saved(Image.new("RGB", (1024, 1024), _COLOUR), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + b"\xff\xd9"


def _strips() -> Case:
    """A TIFF of 1 × 2,400,000 with a strip a row, all of them in one place."""
    count, width, height, start = 2_400_000, 1, 2_400_000, 200
    changed = {256: width, 257: height, 278: 1, 273: start, 279: start}
    entries = [
        (tag, form, count if tag in (273, 279) else number, changed.get(tag, value))
        for tag, form, number, value in _plain_tiff()
    ]
    head = _tiff(entries)
    return Case(head + bytes(start - len(head)) + struct.pack("<I", 8) * count, _DAMAGED)


def _boxes(depth: int) -> Case:
    """Boxes in boxes, as deep as they go, where HEIC has its directory."""
    box = b"".join(struct.pack(">I", 8 * inner) + b"moov" for inner in range(depth, 0, -1))
    meta = struct.pack(">I", 12 + len(box)) + b"meta\0\0\0\0" + box
    return Case(struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + meta, _DAMAGED)


def _items(brand: bytes) -> Case:
    """A directory that tells of 4 billion pictures."""
    location = b"iloc\2\0\0\0\x44\0" + struct.pack(">I", 2**32 - 1) + bytes(64)
    box = struct.pack(">I", 4 + len(location)) + location
    meta = struct.pack(">I", 12 + len(box)) + b"meta\0\0\0\0" + box
    return Case(struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\0\0mif1" + brand + meta, _DAMAGED)


def _over(form: str) -> Case:
    """66 megapixels that are all there, 8,200 × 8,060; of a JPEG 202."""
    width, height = (16_400, 12_300) if form == "JPEG" else (8200, 8060)
    return Case(_solid(form, width, height), _TOO_MANY)


def _solid(form: str, width: int, height: int) -> bytes:
    if form == "PNG":
        rows = (b"\0" + bytes(_COLOUR) * width) * height
        return png(width, height, 8, 2, rows)
    image = Image.new("RGB", (width, height), _COLOUR)
    if form == "GIF":  # Pillow's table of websafe colours has none like it
        image = Image.new("P", (width, height), 0)
        image.putpalette(_COLOUR)
    how: dict[str, object] = {
        "WEBP": {"lossless": True, "method": 0, "quality": 0},
        "TIFF": {"compression": "tiff_adobe_deflate"},
        "AVIF": {"speed": 10, "quality": 40, "max_threads": 1},
    }.get(form, {})
    return saved(image, form, **how)


_BOMBS: dict[str, Callable[[], Case]] = {
    "zTXt of 100 MiB": lambda: _text_bomb(b"zTXt", b"Comment\0\0", _packed(100 * _MEBI)),
    "iTXt of 100 MiB": lambda: _text_bomb(b"iTXt", b"Comment\0\1\0\0\0", _packed(100 * _MEBI)),
    "iCCP of 100 MiB": lambda: _text_bomb(b"iCCP", b"profile\0\0", _packed(100 * _MEBI)),
    "zTXt in zTXt": lambda: _text_bomb(b"zTXt", b"Comment\0\0", _nested(4)),
    "100 zTXt of a MiB": lambda: Case(
        _small_png(png_chunk(b"zTXt", b"Comment\0\0" + _packed(_MEBI - 1)) * 100),
        _DAMAGED,
        Picture.exactly(_small()),
    ),
    "100,000 empty chunks": lambda: Case(
        _small_png(png_chunk(b"teXt", b"") * 100_000), picture=Picture.exactly(_small())
    ),
    "pixels of 100 MiB": lambda: Case(
        png(12, 8, 8, 2, b"".join(b"\0" + row.tobytes() for row in _small()) + bytes(100 * _MEBI)),
        picture=Picture.exactly(_small()),
    ),
    "10,000 frames of GIF": lambda: _many_frames("GIF", 10_000, duration=10),
    "10,000 frames of APNG": _many_apng_frames,
    "10,000 frames of WebP": lambda: _many_frames("WEBP", 10_000, duration=10, lossless=True, method=0),
    "10,000 pages of TIFF": _many_pages,
    "200 frames of AVIF": lambda: _many_frames("AVIF", 200, speed=10, max_threads=1),
    "60 pictures of HEIC": _many_heic_pictures,
    "a directory that follows itself": _directory_loop,
    "a strip of 100 MiB": _deflated_tiff,
    "tiles of a terapixel": _tiff_of_huge_tiles,
    "4 billion strips": lambda: Case(_tiff(_plain_tiff(2**32 - 1), _small().tobytes()), ANY_CODE),
    "a million strips past the end": lambda: Case(_tiff(_plain_tiff(10**6, 10**6)), ANY_CODE),
    "a strip past the end": lambda: Case(_tiff(_plain_tiff(where=10**9)), _DAMAGED),
    "a GIF's picture far off its screen": lambda: Case(
        _gif((10, 10), (65_000, 65_000), (10, 10)), ANY_CODE, Picture()
    ),
    "a GIF's screen of 4 gigapixels": lambda: Case(_gif((65_535, 65_535), (0, 0), (10, 10)), _TOO_MANY),
    "a GIF's picture of 4 gigapixels": lambda: Case(_gif((10, 10), (0, 0), (65_535, 65_535)), _TOO_MANY),
    "codes after a GIF's last pixel": _codes_without_end,
    "comments of a JPEG": _segments,
    "10,000 scans of a JPEG": lambda: Case(_scans(10_000), _DAMAGED),
    "80 scans of a JPEG": lambda: Case(
        _scans(80), picture=Picture((1024, 1024), np.full((1024, 1024, 3), _COLOUR, np.uint8), within=4)
    ),
    "2,400,000 strips": _strips,
    "300 boxes deep": lambda: _boxes(300),
    "100,000 boxes deep": lambda: _boxes(100_000),
    "4 billion HEIC pictures": lambda: _items(b"heic"),
    "4 billion AVIF pictures": lambda: _items(b"avif"),
    "66 megapixels of PNG": lambda: _over("PNG"),
    "202 megapixels of JPEG": lambda: _over("JPEG"),
    "66 megapixels of GIF": lambda: _over("GIF"),
    "66 megapixels of WebP": lambda: _over("WEBP"),
    "66 megapixels of TIFF": lambda: _over("TIFF"),
    "66 megapixels of AVIF": lambda: _over("AVIF"),
}
# 65 megapixels, and of a JPEG 199, in each format that can fold them into a small file; HEIC in a quarter of
# that, for x265 takes a minute else.
_GREAT: dict[str, Callable[[], tuple[int, int, bytes]]] = {
    form: lambda form=form: (9300, 6980, _solid(form, 9300, 6980))  # type: ignore[misc]
    for form in ("PNG", "GIF", "WEBP", "TIFF", "AVIF")
} | {
    "JPEG": lambda: (16_200, 12_280, _solid("JPEG", 16_200, 12_280)),
    "HEIF": lambda: (4800, 3200, _solid("HEIF", 4800, 3200)),
}
