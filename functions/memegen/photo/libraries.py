"""The C libraries that Pillow has loaded, reached past Pillow, and what all decoders say on standard error.

Pillow's wheel carries its libraries under names of its own. The loader finds a symbol of theirs from Pillow's
extension module that depends on them, so no name has to be known, and no second copy is ever loaded.
"""

import ctypes
import logging
import warnings

from PIL import Image


def library_of(extension_file: str) -> ctypes.CDLL:
    """The extension module of this file name with all that it is linked to, as the process has it loaded."""
    return ctypes.CDLL(extension_file)


def silence_decoders() -> None:
    """Keep what decoders say of a photo's oddities off standard error, for the whole process.

    libtiff prints a line for each error, up to one for each row of a picture. Its handlers are one setting of
    the process, so this is set once and needs no lock; a redirection of file descriptor 2 would take other
    threads' lines and a crash's trace too. Python's warnings and Pillow's log lines are silenced too:
    what matters of a photo is checked by this package and becomes a PhotoError.
    """
    libtiff = library_of(Image.core.__file__)
    for name in (
        "TIFFSetErrorHandler",
        "TIFFSetErrorHandlerExt",
        "TIFFSetWarningHandler",
        "TIFFSetWarningHandlerExt",
    ):
        set_handler = libtiff[name]
        set_handler.argtypes, set_handler.restype = [ctypes.c_void_p], ctypes.c_void_p
        set_handler(None)
    for package in ("PIL", "pi_heif"):
        warnings.filterwarnings("ignore", module=rf"{package}\b")
        logging.getLogger(package).setLevel(logging.CRITICAL + 1)
