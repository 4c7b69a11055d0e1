"""Files that are no photo, or are two things at once."""

import io
import zipfile
from collections.abc import Callable

import numpy as np
from PIL import Image

from tests.support.corpus.cases import Case, Picture
from tests.support.corpus.sound import FORMS, any_sound
from tests.support.photo_files import png_chunk, saved

_DAMAGED = frozenset({"damaged-image"})
_NO_IMAGE = frozenset({"not-an-image"})
_OTHER = frozenset({"unsupported-format"})

_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
_HTML = b"<!DOCTYPE html><script>alert(document.domain)</script>"
_PDF = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/OpenAction 2 0 R>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def noise(i: int, rng: np.random.Generator) -> Case:
    """Random bytes, one of 500,000 of which would begin like a JPEG: such are passed over."""
    first = bytes([int(rng.choice([0x00, 0x13, 0x21, 0x61, 0xA5, 0xC3, 0xF7]))])
    return Case(first + rng.bytes(int(rng.integers(0, 5000))), _NO_IMAGE)


def signed_noise(i: int, rng: np.random.Generator) -> Case:
    """Random bytes behind a format's signature."""
    signatures = (
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"II*\0",
        b"MM\0*",
        b"II+\0\x08\0\0\0",  # BigTIFF: an address of 64 bits follows
        b"MM\0+\0\x08\0\0",
        b"RIFF\xff\xff\0\0WEBPVP8 ",
        b"\0\0\0\x18ftypavif",
        b"\0\0\0\x18ftypheic",
    )
    # A GIF's header is nothing but numbers, each of which is right.
    data = signatures[i % len(signatures)] + rng.bytes(int(rng.integers(0, 3000)))
    if i % len(signatures) == 2:
        return Case(data, _DAMAGED | {"too-many-pixels"}, Picture())
    return Case(data, _DAMAGED)


def items(i: int, rng: np.random.Generator) -> Case:
    """A HEIC whose EXIF is called something that is no UTF-8, behind a picture that is sound."""
    exif = Image.Exif()
    exif[0x0110] = "camera"
    whole = saved(Image.new("RGB", (64, 48), "teal"), "HEIF", exif=exif)
    name = bytes(rng.integers(0x80, 0x100, 1 + i % 4, np.uint8)) + b"\xff"
    return Case(whole.replace(b"Exif", (b"Exif" + name)[-4:], 1), _DAMAGED)


def text(i: int, rng: np.random.Generator) -> Case:
    """Words, also ones that begin as some format's signature does."""
    first = (b"", b"BM", b"GIF", b"II", b"MM", b"RIFF", b"\xef\xbb\xbf", b"\xff\xd8", b"P6 ")[i % 9]
    letters = rng.choice(
        np.frombuffer(b"abcdefghijklmnopqrstuvwxyz \n", np.uint8), int(rng.integers(40, 2000))
    )
    return Case(first + letters.tobytes(), _NO_IMAGE)


def document(i: int, rng: np.random.Generator) -> Case:
    """A file of a kind that people take for a photo, or that hides one."""
    photo = any_sound(FORMS[i % len(FORMS)], rng).data
    kinds: tuple[tuple[bytes, frozenset[str]], ...] = (
        (b"", _NO_IMAGE),
        (b"\0", _NO_IMAGE),
        (b"\xff", _NO_IMAGE),
        (_SVG, _OTHER),
        (b'<?xml version="1.0"?>\n<!-- ' + b"x" * 500 + b" -->" + _SVG, _OTHER),
        (_SVG.replace(b"<script>", b'<image href="data:image/png;base64,AAAA"/><script>'), _OTHER),
        (_PDF, _OTHER),
        (_PDF + photo, _OTHER),
        (_HTML, _NO_IMAGE),
        (_HTML + photo, _NO_IMAGE),
        (_zip({"me.jpg": photo}), _OTHER),
        (_zip({"word/document.xml": b"<w/>"}), _OTHER),
        (b"8BPS\0\1" + rng.bytes(500), _OTHER),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + rng.bytes(500), _OTHER),
        (b"\0\0\0\x14ftypqt  " + rng.bytes(500), _OTHER),
        (b"RIFF\x24\0\0\0AVI LIST" + rng.bytes(500), _OTHER),
        (b"\x1f\x8b\x08" + rng.bytes(500), _OTHER),
        (b"ID3\4" + rng.bytes(500), _OTHER),
        (b"\0\0\1\0\1\0" + rng.bytes(500), _OTHER),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", _OTHER),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + rng.bytes(500), _OTHER),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + rng.bytes(500), _OTHER),
        (b"\x7fELF\2\1\1" + rng.bytes(500), _NO_IMAGE),
        (b"MZ\x90\0" + rng.bytes(500), _NO_IMAGE),
        (b"#!/bin/sh\nrm -rf /\n", _NO_IMAGE),
        (b"P6\n9 9\n255\n" + rng.bytes(243), _NO_IMAGE),
        (b"RIFF\x24\0\0\0WAVEfmt " + rng.bytes(500), _NO_IMAGE),
        (b"\0" + photo, _NO_IMAGE),
        (b"\r\n" + photo, _NO_IMAGE),
    )
    data, codes = kinds[i % len(kinds)]
    return Case(data, codes)


def polyglot(i: int, rng: np.random.Generator) -> Case:
    """A whole photo that is something else too, for whom reads it from its end or its middle."""
    makers = tuple(_POLYGLOTS.values())
    return makers[i % len(makers)](rng)


def _appended(tail: bytes) -> Callable[[np.random.Generator], Case]:
    def make(rng: np.random.Generator) -> Case:
        photo = any_sound(FORMS[int(rng.integers(len(FORMS)))], rng)
        return Case(photo.data + tail, picture=photo.picture)

    return make


def _commented_jpeg(rng: np.random.Generator) -> Case:
    """HTML in a comment, as such files are sent to sites that serve them again."""
    photo = any_sound("jpeg", rng)
    comment = b"\xff\xfe" + (len(_HTML) + 2).to_bytes(2) + _HTML
    return Case(photo.data[:2] + comment + photo.data[2:], picture=photo.picture)


def _script_gif(rng: np.random.Generator) -> Case:
    """A GIF that is a script as well, whose first frame stays as it is."""
    photo = any_sound("gif", rng)
    script = b"*/=1;alert(1)//"
    comment = b"\x21\xfe" + bytes([len(script)]) + script + b"\0"
    return Case(photo.data[:-1] + comment + b";", picture=photo.picture)


def _png_with_a_zip(rng: np.random.Generator) -> Case:
    """A ZIP in a chunk of its own."""
    photo = any_sound("png", rng)
    chunk = png_chunk(b"ziPp", _zip({"evil.sh": b"#!/bin/sh\n"}))
    return Case(photo.data[:33] + chunk + photo.data[33:], picture=photo.picture)


def _pdf_in_a_jpeg(rng: np.random.Generator) -> Case:
    """A PDF whose header stands within its first kilobyte, behind a JPEG's."""
    photo = any_sound("jpeg", rng)
    segment = b"\xff\xef" + (len(_PDF) + 2).to_bytes(2) + _PDF
    return Case(photo.data[:2] + segment + photo.data[2:], picture=photo.picture)


def _svg_in_a_png(rng: np.random.Generator) -> Case:
    photo = any_sound("png", rng)
    return Case(
        photo.data[:33] + png_chunk(b"tEXt", b"Comment\0" + _SVG) + photo.data[33:], picture=photo.picture
    )


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


_POLYGLOTS: dict[str, Callable[[np.random.Generator], Case]] = {
    "ZIP behind a photo": _appended(_zip({"evil.sh": b"#!/bin/sh\n"})),
    "HTML behind a photo": _appended(_HTML),
    "PDF behind a photo": _appended(_PDF),
    "SVG behind a photo": _appended(_SVG),
    "HTML in a JPEG": _commented_jpeg,
    "script in a GIF": _script_gif,
    "ZIP in a PNG": _png_with_a_zip,
    "PDF in a JPEG": _pdf_in_a_jpeg,
    "SVG in a PNG": _svg_in_a_png,
}
