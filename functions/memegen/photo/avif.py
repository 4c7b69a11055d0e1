"""AVIF, by libavif itself.

Pillow's reader holds the planes of brightness and colour and the picture twice, and lets AV1's own header
tell of a far larger picture than the container does. Here, in the library that Pillow has loaded, the decoder
learns how large a picture may be, and rows are converted as they are asked for.
"""

import ctypes
from collections.abc import Iterator

from PIL import Image, _avif

from memegen.photo.boxes import Items, read_items
from memegen.photo.decoder_guards import check_memory, check_pieces, check_pixels, check_work
from memegen.photo.libraries import library_of
from memegen.photo.picture import Picture

MAX_PICTURES = 2000  # that one photo is made of; a phone's has 200

_RGB, _RGBA = 0, 1
_RARELY_KEPT = (
    0b11  # avifStrictFlag: that every item has pixi, and that clap is whole; many writers err there
)
_MARGIN = 2  # pixels beside a tile, which the colours of half the resolution blend into
_DEFAULTS = (1, 16_384**2, 32_768)  # of maxThreads and the limits, by which the structures are known to fit

# Measured, in seconds: for each pixel, for each byte of the file, and for each picture that one is made of.
_PIXEL_SECONDS, _BYTE_SECONDS, _PICTURE_SECONDS = 30e-9, 60e-9, 400e-6


class _Image(ctypes.Structure):
    """avif/avif.h, the beginning of avifImage."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("width", "height", "depth")]
    _fields_ += [(name, ctypes.c_int) for name in ("format", "range", "chroma_position")]
    _fields_ += [("planes", ctypes.c_void_p * 3), ("row_bytes", ctypes.c_uint32 * 3)]
    _fields_ += [("owns_planes", ctypes.c_int), ("alpha", ctypes.c_void_p)]


class _Decoder(ctypes.Structure):
    """The beginning of avifDecoder."""

    _fields_ = [
        (name, ctypes.c_int) for name in ("codec", "max_threads", "source", "progressive", "incremental")
    ]
    _fields_ += [("ignore_exif", ctypes.c_int), ("ignore_xmp", ctypes.c_int)]
    _fields_ += [
        (name, ctypes.c_uint32) for name in ("size_limit", "side_limit", "count_limit", "strictness")
    ]
    _fields_ += [("image", ctypes.POINTER(_Image)), ("index", ctypes.c_int), ("count", ctypes.c_int)]


class _Rgb(ctypes.Structure):
    """avifRGBImage, and room for what later versions add."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("width", "height", "depth")]
    _fields_ += [(name, ctypes.c_int) for name in ("format", "upsampling", "downsampling", "no_libyuv")]
    _fields_ += [
        (name, ctypes.c_int) for name in ("ignore_alpha", "premultiplied", "is_float", "max_threads")
    ]
    _fields_ += [("pixels", ctypes.c_void_p), ("row_bytes", ctypes.c_uint32), ("room", ctypes.c_uint8 * 64)]


_LIBAVIF = library_of(_avif.__file__)
_LIBAVIF.avifDecoderCreate.restype = ctypes.POINTER(_Decoder)
_LIBAVIF.avifDecoderDestroy.argtypes = [ctypes.POINTER(_Decoder)]
_LIBAVIF.avifDecoderSetIOMemory.argtypes = [ctypes.POINTER(_Decoder), ctypes.c_char_p, ctypes.c_size_t]
_LIBAVIF.avifDecoderParse.argtypes = [ctypes.POINTER(_Decoder)]
_LIBAVIF.avifDecoderNthImage.argtypes = [ctypes.POINTER(_Decoder), ctypes.c_uint32]
_LIBAVIF.avifImageCreateEmpty.restype = ctypes.POINTER(_Image)
_LIBAVIF.avifImageDestroy.argtypes = [ctypes.POINTER(_Image)]
_LIBAVIF.avifImageSetViewRect.argtypes = [ctypes.POINTER(_Image), ctypes.POINTER(_Image), ctypes.c_void_p]
_LIBAVIF.avifRGBImageSetDefaults.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Image)]
_LIBAVIF.avifImageYUVToRGB.argtypes = [ctypes.POINTER(_Image), ctypes.c_void_p]


def _check_structures() -> None:
    """Raises ImportError for a libavif whose structures are others than these."""
    decoder = _LIBAVIF.avifDecoderCreate()
    options = decoder.contents
    defaults = options.max_threads, options.size_limit, options.side_limit
    _LIBAVIF.avifDecoderDestroy(decoder)
    if defaults != _DEFAULTS:
        raise ImportError(f"This Pillow's libavif begins with {defaults}, not {_DEFAULTS}: update avif.py.")


_check_structures()


def open_avif(data: bytes) -> Iterator[Picture]:
    """The photo; of an animation each frame that may be the first with something in it."""
    size, count, _, profile, _, orientation, _ = _avif.AvifDecoder(data, "auto", 1).get_info()
    limit = _check(data, size)
    decoder = _LIBAVIF.avifDecoderCreate()
    try:
        options = decoder.contents
        options.ignore_exif = options.ignore_xmp = 1
        options.size_limit = limit
        options.strictness &= ~_RARELY_KEPT
        _succeed(_LIBAVIF.avifDecoderSetIOMemory(decoder, data, len(data)))
        _succeed(_LIBAVIF.avifDecoderParse(decoder))
        for number in range(count):
            _succeed(_LIBAVIF.avifDecoderNthImage(decoder, number))
            image = options.image
            if (image.contents.width, image.contents.height) != size:
                raise ValueError("a frame of another size")
            yield Picture(size, lambda box, image=image: _tile(image, box), profile, orientation)  # type: ignore[misc]
    finally:
        _LIBAVIF.avifDecoderDestroy(decoder)


def _check(data: bytes, size: tuple[int, int]) -> int:
    """The pixels of the largest picture that the file may make a decoder decode.

    Raises PhotoError for more than is allowed in all.
    """
    check_pixels(size)
    items = _items(data)
    count, area = items.work()
    pixels = max(area, size[0] * size[1])
    largest = max(pixels, *(width * height for width, height in items.sizes.values()), 1)
    check_pieces(count, MAX_PICTURES)
    # The decoder's planes and what it notes of each block, and planes that tiles are put together in.
    planes = (1 + items.chroma + items.has_alpha) * (2 if items.depth > 8 else 1)
    check_memory(size, int(largest * planes * (1.4 if count == 1 else 2)) + 2 * len(data))
    check_work(size, pixels * _PIXEL_SECONDS + len(data) * _BYTE_SECONDS + count * _PICTURE_SECONDS)
    return largest


def _items(data: bytes) -> Items:
    """Those of the file; of an animation, which has tracks of its own, one of the deepest kind."""
    deepest = Items(depth=12, chroma=2.0, has_alpha=True)
    try:
        return deepest if data[8:12] == b"avis" else read_items(data)
    except (ValueError, KeyError):
        return deepest


def _tile(image: "ctypes._Pointer[_Image]", box: tuple[int, int, int, int]) -> Image.Image:
    """The pixels in a box, with the colours of half the resolution blended as in the whole."""
    whole = image.contents
    left, top = (max(0, side - _MARGIN) & ~1 for side in box[:2])
    width, height = min(whole.width, box[2] + _MARGIN) - left, min(whole.height, box[3] + _MARGIN) - top
    view = _LIBAVIF.avifImageCreateEmpty()
    try:
        _succeed(_LIBAVIF.avifImageSetViewRect(view, image, (ctypes.c_uint32 * 4)(left, top, width, height)))
        rgb = _Rgb()
        _LIBAVIF.avifRGBImageSetDefaults(ctypes.byref(rgb), view)
        mode = "RGBA" if whole.alpha else "RGB"
        rows = ctypes.create_string_buffer(len(mode) * width * height)
        rgb.depth, rgb.format = 8, _RGBA if whole.alpha else _RGB
        rgb.pixels, rgb.row_bytes = ctypes.addressof(rows), len(mode) * width
        _succeed(_LIBAVIF.avifImageYUVToRGB(view, ctypes.byref(rgb)))
    finally:
        _LIBAVIF.avifImageDestroy(view)
    pixels = Image.frombytes(mode, (width, height), memoryview(rows))
    return pixels.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))


def _succeed(result: int) -> None:
    if result:
        raise ValueError(f"libavif ends with {result}")
