"""MemeGen's library: photo bytes in, meme bytes and a report out. No cloud and no network in it.

`make_meme` and `Meme` are loaded on first use: the api function checks options with this package and
must start without numpy, OpenCV and the models.
"""

from typing import TYPE_CHECKING, Any

import memegen.text.shaping  # noqa: F401 - loads libfribidi before any module here makes Pillow look for it
from memegen.errors import PhotoError
from memegen.options import Options

if TYPE_CHECKING:
    from memegen.meme import Meme, make_meme

__all__ = ["Meme", "Options", "PhotoError", "make_meme"]


def __getattr__(name: str) -> Any:
    if name in ("Meme", "make_meme"):
        from memegen import meme  # noqa: PLC0415 - on first use is the point

        return getattr(meme, name)
    raise AttributeError(f"module 'memegen' has no attribute {name!r}")
