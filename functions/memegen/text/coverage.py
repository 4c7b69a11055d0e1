"""Which characters each shipped font has a glyph for.

`python -m infra.tools.fonts` writes this into coverage.json beside the fonts.
"""

import json
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "fonts" / "coverage.json"


@cache
def covered(font: str) -> frozenset[int]:
    """The code points that the font, named by its file, maps to a glyph."""
    found: set[int] = set()
    for part in _ranges()[font].split():
        first, _, last = part.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)


@cache
def _ranges() -> dict[str, str]:
    """Each font's code points: "20-7e a0", hexadecimal, the first and the last of each range."""
    ranges: dict[str, str] = json.loads(_FILE.read_text())
    return ranges
