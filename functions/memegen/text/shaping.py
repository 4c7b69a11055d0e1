"""What shapes text: Raqm, which Pillow's wheel brings along, and libfribidi, which Raqm needs.

Pillow takes the libfribidi that is loaded when its font module is first imported. This module loads the one
shipped in lib/, because the functions' platform may have none, so it must be imported before Pillow's. Where
the shipped one does not run, on another system or processor, the system's own is tried.
"""

import ctypes
from contextlib import suppress
from functools import cache
from pathlib import Path

_SHIPPED = Path(__file__).parents[1] / "lib" / "libfribidi.so.0"
# Without shaping, Hebrew and Arabic run the wrong way and Indic vowel signs stand in the wrong place.
_SHAPED_BLOCKS = (range(0x590, 0x980), range(0xC00, 0xC80))


def _load() -> ctypes.CDLL | None:
    for name in (str(_SHIPPED), "libfribidi.so.0", "libfribidi.dylib"):
        with suppress(OSError):
            return ctypes.CDLL(name)
    return None


FRIBIDI = _load()
"""The library, or None where there is none."""


@cache
def shaping_available() -> bool:
    """Whether Pillow can shape text. Without that, Devanagari, Telugu, Hebrew and Arabic are not drawn."""
    from PIL import features  # noqa: PLC0415 - the api imports this module and starts without Pillow

    return bool(features.check_feature("raqm"))


def needs_shaping(code: int) -> bool:
    """Whether the code point belongs to a script that is unreadable unless it is shaped."""
    return any(code in block for block in _SHAPED_BLOCKS)
