"""Sound photos with hostile metadata: it is believed only where it's sound, and never in the way."""

import io
import struct
from functools import cache

import numpy as np
from PIL import Image, ImageCms

from tests.support.corpus.cases import Case, Picture
from tests.support.corpus.sound import any_sound, drawn
from tests.support.photo_files import png_chunk, saved

_FORMS = ("JPEG", "PNG", "WEBP", "HEIF")  # Pillow writes no EXIF into AVIF that it can't read
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(i: int, rng: np.random.Generator) -> Case:
    """EXIF whose directory is broken, endless, or tells of more than there is. None of it names a turn."""
    form = _FORMS[i % len(_FORMS)]
    blocks = (
        rng.bytes(200),
        b"II*\0\x08\0\0\0",
        b"II*\0\xff\xff\xff\xff",
        _directory([(0x0110, 2, 2**32 - 1, 8)]),  # a camera's name of 4 GiB
        _directory([(0x0110, 2, 30_000, 8)] * 1000),
        _directory([(30_000 + n, 1, 30_000, 8) for n in range(1000)]) + bytes(30_000),  # over each other
        _directory([(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8)]),  # each its own part
        _directory([], following=8),
        _directory([(0x0112, 3, 1, 0)]),  # no such turn
        _directory([(0x0112, 3, 1, 9)]),
        _directory([(0x0112, 3, 1, 65_535)]),
        _directory([(0x0112, 2, 4, 0x41414141)]),  # text for a number
        _directory([(0x0112, 5, 1, 8)]),  # a fraction of nothing
        _directory([(0x0112, 12, 1, 8)]),
        _directory([(0x011A, 5, 1, 8), (0x011B, 5, 1, 8), (0x0128, 3, 1, 2)]),
        _directory([(n, n % 14, n, n) for n in range(3000)]),
    )
    # What writes HEIC looks for the turn itself, and stores what it makes of it.
    usable = blocks[:8] if form == "HEIF" else blocks
    block = usable[i // len(_FORMS) % len(usable)]
    return _with(form, int(rng.integers(4)), exif=b"Exif\0\0" + block if form != "PNG" else block)


def profile(i: int, rng: np.random.Generator) -> Case:
    """Colour profiles that are no profile, or whose numbers lie: the colours stay as they are."""
    form = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF")[i % 5]
    profiles = (
        rng.bytes(500),
        _SRGB[: int(rng.integers(1, len(_SRGB)))],
        struct.pack(">I", 2**32 - 1) + _SRGB[4:],
        _SRGB[:128] + struct.pack(">I", 2**32 - 1) + _SRGB[132:],
        _SRGB[:128] + struct.pack(">I", 0),
        b"\0" * 128,
        _SRGB[:132] + b"\xff" * (len(_SRGB) - 132),
        b"",
    )
    return _with(form, int(rng.integers(4)), icc_profile=profiles[i // 5 % len(profiles)])


def flipped_profile(i: int, rng: np.random.Generator) -> Case:
    """Some bits of a profile: the colours are anyone's guess, the picture has its size."""
    spoilt = bytearray(_SRGB)
    for at in rng.integers(len(spoilt), size=int(rng.integers(1, 20))):
        spoilt[at] ^= 1 << int(rng.integers(8))
    made = _with(("JPEG", "PNG", "WEBP", "TIFF")[i % 4], int(rng.integers(4)), icc_profile=bytes(spoilt))
    assert made.picture is not None
    return Case(made.data, picture=Picture(made.picture.size))


def words(i: int, rng: np.random.Generator) -> Case:
    """Texts and XMP: markup, entities that unfold, control characters, megabytes."""
    photo = any_sound("png" if i % 2 else "jpeg", rng)
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
    texts = (
        entities,
        b"<script>alert(1)</script>",
        b"\0" * 1000,
        bytes(range(256)),
        b"%s%s%s%n" * 100,
        b"A" * 60_000,
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF tiff:Orientation="0"/></x:xmpmeta>',
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF tiff:Orientation="9"/></x:xmpmeta>',
    )
    text = texts[i // 2 % len(texts)]
    if i % 2:
        chunks = (
            png_chunk(b"tEXt", b"Comment\0" + text),
            png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + text),
            png_chunk(b"tEXt", text),
        )
        chunk = chunks[i // 16 % 3]
        return Case(photo.data[:33] + chunk + photo.data[33:], picture=photo.picture)
    content = (b"", b"http://ns.adobe.com/xap/1.0/\0")[i // 16 % 2] + text
    kind = (b"\xff\xfe", b"\xff\xe1", b"\xff\xed")[i // 32 % 3]
    segment = kind + (len(content) + 2).to_bytes(2) + content
    return Case(photo.data[:2] + segment + photo.data[2:], picture=photo.picture)


def great_exif(i: int, rng: np.random.Generator) -> Case:
    """EXIF of 18 MiB, a hundred of whose values are all of it: who copies each has 2 GiB."""
    directory = _directory([(30_000 + n, 1, 18 * 2**20 - 4000, 2000) for n in range(100)])
    block = directory + bytes(18 * 2**20 - len(directory))
    photo = any_sound("png" if i % 2 else "jpeg", rng)
    if i % 2:
        return Case(photo.data[:33] + png_chunk(b"eXIf", block) + photo.data[33:], picture=photo.picture)
    pieces = (block[at : at + 65_000] for at in range(0, len(block), 65_000))
    segments = b"".join(b"\xff\xe1" + (len(piece) + 8).to_bytes(2) + b"Exif\0\0" + piece for piece in pieces)
    return Case(photo.data[:2] + segments + photo.data[20:], picture=photo.picture)  # without JFIF's segment


def _directory(entries: list[tuple[int, int, int, int]], following: int = 0) -> bytes:
    """TIFF 6.0: a header and one directory of (tag, type, count, value or offset)."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    return head + packed + struct.pack("<I", following) + bytes(16)


@cache
def _drawing(which: int) -> np.ndarray:
    return drawn(np.random.default_rng([77, which]))


def _with(form: str, which: int, **metadata: bytes) -> Case:
    """A drawing saved with the metadata, and what the same file shows without."""
    image = Image.fromarray(_drawing(which))
    how: dict[str, object] = {"WEBP": {"lossless": True}, "AVIF": {"speed": 10, "max_threads": 1}}.get(
        form, {}
    )
    plain = saved(image, form, **how)
    shown = _drawing(which)
    if form in ("JPEG", "AVIF", "HEIF"):
        shown = _seen(plain)
    return Case(saved(image, form, **how, **metadata), picture=Picture.exactly(shown))


def _seen(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
