"""What decoding a HEIC or AVIF is said to cost, worked out by hand, and what decoders say meanwhile."""

import ctypes
import logging
import warnings
from dataclasses import replace

import pytest
from PIL import Image

from memegen.errors import PhotoError
from memegen.photo import avif, heif
from memegen.photo.boxes import Items
from memegen.photo.libraries import silence_decoders

FILE = bytes(1000)
PHOTO = Items(primary=1, sizes={1: (100, 80)})  # 8,000 pixels at 4:2:0, one picture
TILED = replace(PHOTO, sizes={1: (100, 80)} | dict.fromkeys((2, 3, 4, 5), (60, 50)), parts={1: [2, 3, 4, 5]})
WITH_LARGER = replace(PHOTO, sizes={1: (100, 80), 2: (200, 100)})


@pytest.fixture
def costs(monkeypatch):
    """The memory and the seconds that the photo modules ask the guards about, as they ask."""
    asked: dict[str, float] = {}
    for module in (avif, heif):
        monkeypatch.setattr(module, "check_memory", lambda _, memory: asked.update(memory=memory))
        monkeypatch.setattr(module, "check_work", lambda _, seconds: asked.update(seconds=seconds))
    return asked


# The factor of memory: for each pixel the decoder's planes, twice where there are no tiles, and three or four
# colours; all that half as much again, or 1.3 times, where libheif converts in between.
@pytest.mark.parametrize(
    ("items", "memory", "seconds"),
    [
        # 2 · 1.5 + 3 = 6. 8,000 · 50 ns + 1,000 · 35 ns + .4 ms.
        (PHOTO, 8_000 * 6, 0.000_835),
        # (2 · 3 + 3) · 1.3 = 11.7, and a pixel takes 65 ns.
        (replace(PHOTO, depth=9), 93_600, 0.000_955),
        (replace(PHOTO, depth=10), 93_600, 0.000_955),
        # (2 · 2 + 3) · 1.5 = 10.5
        (replace(PHOTO, chroma=1.0), 84_000, 0.000_955),
        # (2 · 3 + 3) · 1.5 = 13.5
        (replace(PHOTO, chroma=2.0), 108_000, 0.000_955),
        # (2 · 6 + 3) · 1.5 = 22.5
        (replace(PHOTO, chroma=2.0, depth=10), 180_000, 0.000_955),
        # 2 · 2.5 + 4 = 9
        (replace(PHOTO, has_alpha=True), 72_000, 0.000_835),
        # Four tiles of 3,000 pixels: 1.5 + 3 = 4.5. 12,000 · 50 ns + 35 µs + 1.6 ms.
        (TILED, 54_000, 0.002_235),
        # Another picture's size counts where it may be the alpha's: 20,000 · 9. 1 ms + 35 µs + .4 ms.
        (WITH_LARGER, 48_000, 0.000_835),
        (replace(WITH_LARGER, has_alpha=True), 180_000, 0.001_435),
    ],
)
def test_what_a_heic_costs(costs: dict[str, float], items: Items, memory: int, seconds: float) -> None:
    heif._check(FILE, items)
    assert costs["memory"] == memory + len(FILE)
    assert costs["seconds"] == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("items", "memory", "seconds", "largest"),
    [
        # 1.5 · 1.4 = 2.1. 8,000 · 30 ns + 1,000 · 60 ns + .4 ms.
        (PHOTO, 16_800, 0.000_7, 8_000),
        (replace(PHOTO, depth=9), 33_600, 0.000_7, 8_000),
        (replace(PHOTO, depth=10), 33_600, 0.000_7, 8_000),
        (replace(PHOTO, chroma=2.0), 33_600, 0.000_7, 8_000),
        # (1 + 2 + 1) · 1.4 = 5.6
        (replace(PHOTO, chroma=2.0, has_alpha=True), 44_800, 0.000_7, 8_000),
        # 12,000 pixels in four tiles: 1.5 · 2. .36 ms + 60 µs + 1.6 ms.
        (TILED, 36_000, 0.002_02, 12_000),
        # The decoder may meet the largest picture, whatever it is.
        (WITH_LARGER, 42_000, 0.000_7, 20_000),
    ],
)
def test_what_an_avif_costs(
    costs: dict[str, float], monkeypatch, items: Items, memory: int, seconds: float, largest: int
) -> None:
    monkeypatch.setattr(avif, "read_items", lambda _: items)
    assert avif._check(FILE, (100, 80)) == largest
    assert costs["memory"] == memory + 2 * len(FILE)
    assert costs["seconds"] == pytest.approx(seconds)


@pytest.mark.parametrize("start", [b"\0\0\0\x18ftypavis", b"\0\0\0\x18ftypavif"])
def test_an_avif_whose_boxes_say_nothing_counts_as_the_dearest(costs: dict[str, float], start: bytes) -> None:
    # An animation's tracks are not looked into, and the other one has no directory at all. 16-bit planes of
    # all colours and of alpha: 8 bytes a pixel, 1.4 times.
    file = start + bytes(100)
    assert avif._check(file, (100, 80)) == 8_000
    assert costs["memory"] == 89_600 + 2 * len(file)


def test_a_heic_of_more_pieces_than_real_ones_is_refused(costs: dict[str, float]) -> None:
    tiles = list(range(2, 2_002))
    full = replace(PHOTO, sizes={1: (100, 80)}, parts={1: tiles})
    heif._check(FILE, full)
    with pytest.raises(PhotoError, match="so many pieces"):
        heif._check(FILE, replace(full, parts={1: [*tiles, 2_002]}))
    # Its EXIF may be copied for each picture: 200 MiB of it are 209,715 times the file.
    heif._check(FILE, replace(PHOTO, described=209_715))
    with pytest.raises(PhotoError, match="so many pieces"):
        heif._check(FILE, replace(PHOTO, described=209_716))


@pytest.mark.parametrize(
    "name",
    ["TIFFSetErrorHandler", "TIFFSetErrorHandlerExt", "TIFFSetWarningHandler", "TIFFSetWarningHandlerExt"],
)
def test_libtiff_has_nobody_to_tell(name: str) -> None:
    setting = ctypes.CDLL(Image.core.__file__)[name]
    setting.argtypes, setting.restype = [ctypes.c_void_p], ctypes.c_void_p
    handler = ctypes.CFUNCTYPE(None)(lambda: None)
    setting(ctypes.cast(handler, ctypes.c_void_p))
    silence_decoders()
    assert setting(None) is None  # which was set before


def test_decoders_log_and_warn_of_nothing_and_others_do() -> None:
    for package in ("PIL", "pi_heif"):
        logging.getLogger(package).setLevel(logging.WARNING)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        silence_decoders()
        for module in ("PIL.TiffImagePlugin", "PIL", "pi_heif.heif", "pillar", "memegen"):
            warnings.warn_explicit(module, UserWarning, "file.py", 1, module=module)
    assert [str(warning.message) for warning in heard] == ["pillar", "memegen"]
    assert not logging.getLogger("PIL.Image").isEnabledFor(logging.CRITICAL)
    assert not logging.getLogger("pi_heif").isEnabledFor(logging.CRITICAL)
    assert logging.getLogger("memegen").isEnabledFor(logging.CRITICAL)
