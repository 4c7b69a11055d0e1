"""WebP (RFC 9649), by libwebp itself.

Pillow reads WebP through libwebp's decoder of animations, which holds three to four whole pictures. The plain
decoder gives rows and shrinks them as they come, so it is called here, in the library that Pillow has loaded.
"""

import ctypes
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, _webp

from memegen.photo.decoder_guards import check_pieces, check_pixels
from memegen.photo.exif import orientation_of
from memegen.photo.libraries import library_of
from memegen.photo.picture import Picture, fitted

MAX_CHUNKS = 50_000  # an animation has one a frame

_VERSION = 0x0209  # of the structures below; libwebp refuses another major version, the high byte
_RGB, _RGBA = 0, 1
_ALPHA_FLAG = 0x10


class _Features(ctypes.Structure):
    """webp/decode.h, WebPBitstreamFeatures."""

    _fields_ = [(name, ctypes.c_int) for name in ("width", "height", "has_alpha", "has_animation", "format")]
    _fields_ += [("pad", ctypes.c_uint32 * 5)]


class _Rgba(ctypes.Structure):
    """WebPRGBABuffer."""

    _fields_ = [("rgba", ctypes.c_void_p), ("stride", ctypes.c_int), ("size", ctypes.c_size_t)]


class _Yuva(ctypes.Structure):
    """WebPYUVABuffer: here for its size."""

    _fields_ = [
        ("planes", ctypes.c_void_p * 4),
        ("strides", ctypes.c_int * 4),
        ("sizes", ctypes.c_size_t * 4),
    ]


class _Planes(ctypes.Union):
    _fields_ = [("rgba", _Rgba), ("yuva", _Yuva)]


class _Buffer(ctypes.Structure):
    """WebPDecBuffer."""

    _fields_ = [(name, ctypes.c_int) for name in ("colorspace", "width", "height", "is_external_memory")]
    _fields_ += [("u", _Planes), ("pad", ctypes.c_uint32 * 4), ("private_memory", ctypes.c_void_p)]


class _Options(ctypes.Structure):
    """WebPDecoderOptions."""

    _fields_ = [
        (name, ctypes.c_int)
        for name in (
            "bypass_filtering", "no_fancy_upsampling", "use_cropping", "crop_left", "crop_top",
            "crop_width", "crop_height", "use_scaling", "scaled_width", "scaled_height", "use_threads",
            "dithering_strength", "flip", "alpha_dithering_strength",
        )
    ] + [("pad", ctypes.c_uint32 * 5)]  # fmt: skip


class _Config(ctypes.Structure):
    """WebPDecoderConfig."""

    _fields_ = [("input", _Features), ("output", _Buffer), ("options", _Options)]


_LIBWEBP = library_of(_webp.__file__)
_LIBWEBP.WebPGetFeaturesInternal.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int]
_LIBWEBP.WebPInitDecoderConfigInternal.argtypes = [ctypes.c_void_p, ctypes.c_int]
_LIBWEBP.WebPDecode.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]


def _new_config() -> _Config:
    """Raises ImportError for a libwebp whose structures are others than these."""
    config = _Config()
    if not _LIBWEBP.WebPInitDecoderConfigInternal(ctypes.byref(config), _VERSION):
        raise ImportError(
            f"This Pillow's libwebp has other structures than those of {_VERSION:#x}: update webp.py."
        )
    return config


_new_config()


@dataclass(frozen=True)
class _Frame:
    """A picture of an animation: where it lies on the canvas, its size, and its chunks."""

    at: tuple[int, int]
    size: tuple[int, int]
    chunks: bytes


def open_webp(data: bytes, long_side: int) -> Iterator[Picture]:
    """The photo at its final size; of an animation each frame, as if those before it were empty."""
    chunks = list(_chunks(data, 12, len(data)))
    if not chunks:
        raise ValueError("a WebP without a chunk")
    metadata = {kind: data[start:end] for kind, start, end in chunks if kind in (b"ICCP", b"EXIF")}
    profile, orientation = metadata.get(b"ICCP"), orientation_of(metadata.get(b"EXIF"))
    frames = [(start, end) for kind, start, end in chunks if kind == b"ANMF"]
    if not frames:
        image = _decoded(data, long_side)
        yield Picture(image.size, Picture.of_image(image).tile, profile, orientation)
        return
    canvas = _canvas(data, chunks[0])
    check_pixels(canvas)
    size = fitted(canvas, long_side)
    across, down = size[0] / canvas[0], size[1] / canvas[1]
    for start, end in frames:
        frame = _frame(data, start, end)
        left, top = round(frame.at[0] * across), round(frame.at[1] * down)
        right, bottom = (
            round((frame.at[0] + frame.size[0]) * across),
            round((frame.at[1] + frame.size[1]) * down),
        )
        image = _decoded(_still(frame), long_side, (max(1, right - left), max(1, bottom - top)))
        alone = Picture.of_image(image)
        yield Picture.of_frame(Picture(image.size, alone.tile, profile, orientation), (left, top), size)


def _decoded(webp: bytes, long_side: int, size: tuple[int, int] | None = None) -> Image.Image:
    """A still WebP at this size, or else at what `long_side` makes of its own."""
    config = _new_config()
    features = config.input
    if _LIBWEBP.WebPGetFeaturesInternal(webp, len(webp), ctypes.byref(features), _VERSION):
        raise ValueError("a WebP with a broken header")
    stored = features.width, features.height
    check_pixels(stored)  # the most pixels and bytes take 310 MiB and 3.9 s, whatever they hold
    width, height = size or fitted(stored, long_side)
    config.options.use_scaling = int((width, height) != stored)
    config.options.scaled_width, config.options.scaled_height = width, height
    mode = "RGBA" if features.has_alpha else "RGB"
    stride = len(mode) * width
    rows = ctypes.create_string_buffer(stride * height)
    config.output.colorspace = _RGBA if features.has_alpha else _RGB
    config.output.is_external_memory = 1
    config.output.u.rgba = _Rgba(ctypes.addressof(rows), stride, stride * height)
    if status := _LIBWEBP.WebPDecode(webp, len(webp), ctypes.byref(config)):
        raise ValueError(f"libwebp ends with {status}")
    return Image.frombytes(mode, (width, height), memoryview(rows))


def _chunks(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """RFC 9649, 2.3: each chunk's kind, and where its content begins and ends."""
    count = 0
    while at + 8 <= end:
        check_pieces(count := count + 1, MAX_CHUNKS)
        kind, length = struct.unpack_from("<4sI", data, at)
        yield kind, at + 8, min(end, at + 8 + length)
        at += 8 + length + length % 2


def _canvas(data: bytes, chunk: tuple[bytes, int, int]) -> tuple[int, int]:
    """2.7.1.1: VP8X's flags, and the canvas' width and height, of 24 bits each and less one."""
    kind, start, end = chunk
    if kind != b"VP8X" or end - start < 10:
        raise ValueError("an animation without VP8X")
    return _number(data, start + 4) + 1, _number(data, start + 7) + 1


def _frame(data: bytes, start: int, end: int) -> _Frame:
    """2.7.1.2, ANMF: half of where it lies, its size less one, duration and flags; then its chunks."""
    if end - start < 24:
        raise ValueError("a frame without a picture")
    at = 2 * _number(data, start), 2 * _number(data, start + 3)
    return _Frame(at, (_number(data, start + 6) + 1, _number(data, start + 9) + 1), data[start + 16 : end])


def _still(frame: _Frame) -> bytes:
    """A file of this frame alone."""
    head = b""
    if frame.chunks[:4] == b"ALPH":
        sizes = b"".join((side - 1).to_bytes(3, "little") for side in frame.size)
        head = b"VP8X" + struct.pack("<II", 10, _ALPHA_FLAG) + sizes
    return b"RIFF" + struct.pack("<I", 4 + len(head) + len(frame.chunks)) + b"WEBP" + head + frame.chunks


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")
