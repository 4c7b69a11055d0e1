"""Expression, language, seed and turn → the caption. The packs are data files, one a language.

A pack is captions/<language>.json: {"language": tag, "captions": {class: [{"id", "top"?, "bottom"?}, …]}}.
Its classes are the seven expressions and "no-face".
"""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from memegen import fonts
from memegen.errors import PhotoError
from memegen.options import Options

_FOLDER = Path(__file__).parent / "captions"
_FALLBACK = "en"
NO_FACE = "no-face"


@dataclass(frozen=True)
class Caption:
    """A caption: top, the set-up, and bottom, the punch line; one of them may be empty.

    id: the pack's, or "own". language: the pack's tag, or the one that was asked for with an own caption.
    """

    id: str
    top: str
    bottom: str
    language: str

    @property
    def text(self) -> str:
        """The parts, a newline between them."""
        return "\n".join(part for part in (self.top, self.bottom) if part)


def choose_caption(expression: str | None, options: Options, seed: int) -> Caption:
    """The caption for an expression, or for a photo with no face (None).

    An own caption wins. Otherwise it is the `options.turn`-th of the seed's permutation of the pack's
    captions for the expression, so that turns 0, 1, 2 … repeat none before all have been. The language is
    the nearest that has a pack ("en-GB" → "en"), else English.
    Raises PhotoError with code bad-option for an own caption with letters that no shipped font has.
    """
    if options.caption is not None:
        return _own(options.caption, options.language)
    pack = load_pack(_nearest(options.language))[expression or NO_FACE]
    return sorted(pack, key=lambda caption: _rank(seed, caption.id))[options.turn % len(pack)]


def languages() -> list[str]:
    """The tags of the languages that have a pack."""
    return sorted(path.stem for path in _FOLDER.glob("*.json"))


@cache
def load_pack(language: str) -> dict[str, tuple[Caption, ...]]:
    """The captions of a language's pack, a class each."""
    pack = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return {
        name: tuple(
            Caption(entry["id"], entry.get("top", ""), entry.get("bottom", ""), pack["language"])
            for entry in entries
        )
        for name, entries in pack["captions"].items()
    }


def _rank(seed: int, caption_id: str) -> bytes:
    # A hash instead of a shuffle: the order is the same on every machine and in every version of Python, and
    # a caption added to a pack later leaves the others in their order.
    return hashlib.sha256(f"{seed} {caption_id}".encode()).digest()


def _nearest(language: str) -> str:
    known = {tag.lower(): tag for tag in languages()}
    parts = language.lower().split("-")
    tags = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next((known[tag] for tag in tags if tag in known), _FALLBACK)


def _shown(signs: set[str]) -> str:
    first = sorted(signs)[:10]
    return " ".join(sign if sign.isprintable() else f"U+{ord(sign):04X}" for sign in first)


def _own(text: str, language: str) -> Caption:
    """A person's own caption: the first newline splits top and bottom; one part alone goes to the bottom."""
    missing = fonts.uncovered(unicodedata.normalize("NFC", text).upper())
    if missing:
        raise PhotoError(
            "bad-option",
            f"The caption has signs that MemeGen has no letters for: {_shown(missing)}. "
            "Write it without them.",
        )
    parts = [" ".join(part.split()) for part in unicodedata.normalize("NFC", text).split("\n", 1)]
    top, bottom = parts if len(parts) == 2 else ("", parts[0])
    return Caption("own", top, bottom, language)
