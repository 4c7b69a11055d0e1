"""HEIC and AVIF: tiles, alpha, sampling, sizes that lie."""

import io
import struct

import numpy as np
import pillow_heif
from PIL import Image

from tests.support.costly.shapes import (
    MOST_BYTES,
    SQUARE,
    STRIPES,
    Maker,
    noise,
)
from tests.support.photo_files import saved


def kinds() -> dict[str, Maker]:
    fast = {"speed": 10, "quality": 30, "max_threads": 2}
    return {
        "HEIC of tiles, 8,160 × 6,144": lambda: heic_grid((8160, 6144), 512),
        "HEIC of tiles, square": lambda: heic_grid((8062, 8062), 512),
        "HEIC of tiles, 4:4:4, square": lambda: heic_grid((8062, 8062), 512, chroma=444),
        "HEIC of tiles of 10 bits, 37 megapixels": lambda: heic_grid((7000, 5300), 512, deep=True),
        "HEIC of tiles of 10 bits, square": lambda: heic_grid((8062, 8062), 512, deep=True),
        "HEIC of tiles of 10 bits, 4:4:4, that says 8 and 4:2:0": lambda: says_shallow(
            heic_grid((8062, 8062), 512, deep=True, chroma=444)
        ),
        "HEIC of tiles of 64": lambda: heic_grid((8062, 8062), 64),
        "HEIC of noisy tiles": lambda: heic_grid((5000, 4000), 512, noisy=True),
        "HEIC of one picture": lambda: saved(Image.new("RGB", (4000, 3000), (9, 99, 40)), "HEIF"),
        "HEIC with alpha": lambda: saved(Image.new("RGBA", (3000, 2000), (9, 99, 40, 70)), "HEIF"),
        "HEIC whose alpha has 64 times the pixels": lambda: alpha_of_tiles((640, 640), (5120, 5120)),
        "HEIC whose alpha has 196 megapixels": lambda: alpha_of_tiles((320, 320), (14_000, 14_000)),
        "HEIC on a canvas of 400 megapixels that says 100 × 100": lambda: on_canvas(
            b"iovl", (20_000, 20_000), (100, 100)
        ),
        "HEIC of noise": lambda: saved(noise(2600, 2000), "HEIF", quality=90),
        "AVIF, square": lambda: _solid_avif(SQUARE, **fast),
        "AVIF, square, 4:4:4": lambda: _solid_avif(SQUARE, subsampling="4:4:4", **fast),
        "AVIF with alpha, square": lambda: _solid_avif(SQUARE, "RGBA", **fast),
        "AVIF with alpha, 49 megapixels": lambda: _solid_avif((7000, 7000), "RGBA", **fast),
        "AVIF 65,500 × 992": lambda: _solid_avif(STRIPES, **fast),
        "AVIF of noise": lambda: saved(noise(4000, 3000), "AVIF", speed=10, quality=97)[:MOST_BYTES],
        "AVIF that says 100 × 100": lambda: _said(_solid_avif(SQUARE, **fast), 100, 100),
        "HEIC that says 100 × 100": lambda: _said(
            saved(Image.new("RGB", (6000, 5000), (9, 99, 40)), "HEIF"), 100, 100
        ),
        "AVIF of frames": lambda: saved(
            Image.new("RGBA", (1000, 1000)), "AVIF", save_all=True,
            append_images=[Image.new("RGBA", (1000, 1000), (n, 0, 0, 0)) for n in range(60)], **fast,
        ),
    }  # fmt: skip


def _solid_avif(size: tuple[int, int], mode: str = "RGB", **how: object) -> bytes:
    return saved(Image.new(mode, size, (200, 30, 99, 120)[: len(mode)]), "AVIF", **how)


def _said(data: bytes, width: int, height: int) -> bytes:
    """Every extent that the container tells of, changed."""
    out, at = bytearray(data), -1
    while (at := data.find(b"ispe", at + 1)) >= 0:
        struct.pack_into(">II", out, at + 8, width, height)
    return bytes(out)


def heic_grid(
    size: tuple[int, int],
    tile: int,
    noisy: bool = False,
    deep: bool = False,
    ahead: bytes = b"",
    **how: object,
) -> bytes:
    """A HEIC of one tile over and over, as phones lay their photos out (ISO/IEC 23008-12, 6.6.2.3).

    ahead: what stands before the tile in its own bytes.
    """
    image = noise(tile, tile) if noisy else Image.fromarray(np.asarray(noise(4, 4).resize((tile, tile))))
    alone = deep_heic(image, **how) if deep else saved(image, "HEIF", **{"quality": 90, **how})
    config = _box_of(alone, b"hvcC")
    start, length = _item_data(alone)
    coded = ahead + alone[start : start + length]
    length = len(coded)
    columns, rows = -(-size[0] // tile), -(-size[1] // tile)
    count = columns * rows
    wide = (max(size) > 65_535) * 4 or 2
    grid = struct.pack(f">BBBB{'II' if wide == 4 else 'HH'}", 0, int(wide == 4), rows - 1, columns - 1, *size)
    infe = b"".join(
        _full(b"infe", 2, 0, struct.pack(">HH4s", item, 0, b"grid" if item == 1 else b"hvc1") + b"\0")
        for item in range(1, count + 2)
    )
    iinf = _full(b"iinf", 0, 0, struct.pack(">H", count + 1) + infe)
    reference = _box(b"dimg", struct.pack(f">HH{count}H", 1, count, *range(2, count + 2)))
    properties = [
        _full(b"ispe", 0, 0, struct.pack(">II", *size)),
        _full(b"ispe", 0, 0, struct.pack(">II", tile, tile)),
        _box(b"hvcC", config),
    ]
    links = struct.pack(">HBB", 1, 1, 1) + b"".join(
        struct.pack(">HBBB", item, 2, 2, 0x83) for item in range(2, count + 2)
    )
    ipma = _full(b"ipma", 0, 0, struct.pack(">I", count + 1) + links)
    iprp = _box(b"iprp", _box(b"ipco", b"".join(properties)) + ipma)
    copies = count if noisy else 1
    head = _box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def meta(offset: int) -> bytes:
        iloc = struct.pack(">HH", 0x4400, count + 1)
        for item in range(1, count + 2):
            method, at, size_of = (
                (1, 0, len(grid)) if item == 1 else (0, offset + (item - 2) % copies * length, length)
            )
            iloc += struct.pack(">HHHHII", item, method, 0, 1, at, size_of)
        return _full(
            b"meta", 0, 0,
            _full(b"hdlr", 0, 0, bytes(4) + b"pict" + bytes(13)) + _full(b"pitm", 0, 0, struct.pack(">H", 1))
            + iinf + _full(b"iref", 0, 0, reference) + iprp + _full(b"iloc", 1, 0, iloc)
            + _box(b"idat", grid),
        )  # fmt: skip

    where = len(head) + len(meta(0)) + 8
    return (head + meta(where) + _box(b"mdat", coded * copies))[:MOST_BYTES]


def alpha_of_tiles(size: tuple[int, int], alpha: tuple[int, int], tile: int = 512) -> bytes:
    """A HEIC of one picture whose alpha is of another size and made of one tile, over and over."""
    photo, part = (saved(Image.new("RGB", of, (120, 30, 99)), "HEIF") for of in (size, (tile, tile)))
    (at, length), (start, part_length) = _item_data(photo), _item_data(part)
    coded = photo[at : at + length] + part[start : start + part_length]
    columns, rows = -(-alpha[0] // tile), -(-alpha[1] // tile)
    tiles = range(3, 3 + columns * rows)
    grid = struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, *alpha)
    kinds = {1: b"hvc1", 2: b"grid"}
    infe = b"".join(
        _full(b"infe", 2, 0, struct.pack(">HH4s", item, 0, kinds.get(item, b"hvc1")) + b"\0")
        for item in (1, 2, *tiles)
    )
    iinf = _full(b"iinf", 0, 0, struct.pack(">H", len(tiles) + 2) + infe)
    references = _box(b"dimg", struct.pack(f">HH{len(tiles)}H", 2, len(tiles), *tiles))
    references += _box(b"auxl", struct.pack(">HHH", 2, 1, 1))
    properties = [_full(b"ispe", 0, 0, struct.pack(">II", *of)) for of in (size, alpha, (tile, tile))]
    properties += [_box(b"hvcC", _box_of(data, b"hvcC")) for data in (photo, part)]
    properties.append(_full(b"auxC", 0, 0, b"urn:mpeg:hevc:2015:auxid:1\0"))
    links = struct.pack(">HBBB", 1, 2, 1, 0x84) + struct.pack(">HBBB", 2, 2, 2, 6)
    links += b"".join(struct.pack(">HBBB", item, 2, 3, 0x85) for item in tiles)
    ipma = _full(b"ipma", 0, 0, struct.pack(">I", len(tiles) + 2) + links)
    iprp = _box(b"iprp", _box(b"ipco", b"".join(properties)) + ipma)
    head = _box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def meta(offset: int) -> bytes:
        iloc = struct.pack(">HH", 0x4400, len(tiles) + 2)
        iloc += struct.pack(">HHHHII", 1, 0, 0, 1, offset, length)
        iloc += struct.pack(">HHHHII", 2, 1, 0, 1, 0, len(grid))
        for item in tiles:
            iloc += struct.pack(">HHHHII", item, 0, 0, 1, offset + length, part_length)
        return _full(
            b"meta", 0, 0,
            _full(b"hdlr", 0, 0, bytes(4) + b"pict" + bytes(13)) + _full(b"pitm", 0, 0, struct.pack(">H", 1))
            + iinf + _full(b"iref", 0, 0, references) + iprp + _full(b"iloc", 1, 0, iloc)
            + _box(b"idat", grid),
        )  # fmt: skip

    return head + meta(len(head) + len(meta(0)) + 8) + _box(b"mdat", coded)


def on_canvas(kind: bytes, canvas: tuple[int, int], said: tuple[int, int], tile: int = 512) -> bytes:
    """A HEIC of one tile on a canvas (23008-12, 6.6.2.2, 6.6.2.3). kind: iovl or grid. said: its extent."""
    part = saved(Image.new("RGB", (tile, tile), (120, 30, 99)), "HEIF")
    start, length = _item_data(part)
    payload = struct.pack(">II", *canvas)
    if kind == b"iovl":  # the canvas' own colour before, and after it where the tile lies
        payload = struct.pack(">BB4H", 0, 1, 9999, 9999, 9999, 65_535) + payload + struct.pack(">ii", 0, 0)
    else:
        payload = struct.pack(">BBBB", 0, 1, 0, 0) + payload
    infe = b"".join(
        _full(b"infe", 2, 0, struct.pack(">HH4s", item, 0, name) + b"\0")
        for item, name in ((1, kind), (2, b"hvc1"))
    )
    properties = [_full(b"ispe", 0, 0, struct.pack(">II", *of)) for of in (said, (tile, tile))]
    properties.append(_box(b"hvcC", _box_of(part, b"hvcC")))
    links = struct.pack(">HBB", 1, 1, 1) + struct.pack(">HBBB", 2, 2, 2, 0x83)
    iprp = _box(b"iprp", _box(b"ipco", b"".join(properties)) + _full(b"ipma", 0, 0, b"\0\0\0\2" + links))
    head = _box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def meta(offset: int) -> bytes:
        iloc = struct.pack(">HHHHHHII", 0x4400, 2, 1, 1, 0, 1, 0, len(payload))
        iloc += struct.pack(">HHHHII", 2, 0, 0, 1, offset, length)
        return _full(
            b"meta", 0, 0,
            _full(b"hdlr", 0, 0, bytes(4) + b"pict" + bytes(13)) + _full(b"pitm", 0, 0, struct.pack(">H", 1))
            + _full(b"iinf", 0, 0, struct.pack(">H", 2) + infe)
            + _full(b"iref", 0, 0, _box(b"dimg", struct.pack(">HHH", 1, 1, 2))) + iprp
            + _full(b"iloc", 1, 0, iloc) + _box(b"idat", payload),
        )  # fmt: skip

    return head + meta(len(head) + len(meta(0)) + 8) + _box(b"mdat", part[start : start + length])


def deep_heic(image: Image.Image, **how: object) -> bytes:
    """A HEIC of 10 bits a sample."""
    pixels = np.asarray(image).astype(np.uint16) * 257
    out = io.BytesIO()
    file = pillow_heif.from_bytes(mode="RGB;16", size=image.size, data=pixels.tobytes())
    file.save(out, quality=90, **how)
    return out.getvalue()


def says_shallow(heic: bytes) -> bytes:
    """A HEIC whose configuration says that it has 8 bits at 4:2:0 (14496-15, 8.3.3.1), true or not."""
    out, at = bytearray(heic), -1
    while (at := heic.find(b"hvcC", at + 1)) >= 0:
        out[at + 20] = out[at + 20] & ~3 | 1
        out[at + 21] &= ~7
        out[at + 22] &= ~7
    return bytes(out)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def _full(kind: bytes, version: int, flags: int, content: bytes) -> bytes:
    return _box(kind, bytes([version]) + flags.to_bytes(3) + content)


def _box_of(data: bytes, kind: bytes) -> bytes:
    at = data.index(kind)
    return data[at + 4 : at - 4 + struct.unpack_from(">I", data, at - 4)[0]]


def _item_data(heic: bytes) -> tuple[int, int]:
    """Where the only picture's bytes lie: what mdat holds."""
    at = heic.rindex(b"mdat")
    return at + 4, struct.unpack_from(">I", heic, at - 4)[0] - 8
