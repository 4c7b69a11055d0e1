"""Files that cost as much as their kind allows: type × shape × depth × interlacing × frames × pieces.

What they cost is measured by tests/support/costly/fresh.py.
"""

from tests.support.costly import bmp, gif, heif, jpeg, png, tiff, webp
from tests.support.costly.shapes import Maker


def kinds() -> dict[str, Maker]:
    """Name → what makes a file of at most 20 MiB. A name begins with its file type."""
    return {
        name: make
        for module in (jpeg, png, webp, gif, bmp, tiff, heif)
        for name, make in module.kinds().items()
    }
