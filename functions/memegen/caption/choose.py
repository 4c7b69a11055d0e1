"""Mood, language, seed and variant → the caption. The packs are data files, one a language.

A pack is packs/<language tag>.json:
    language: the tag.
    review: "wanted: native reader", until one has read the pack.
    unwelcome: words that no caption may have, on looks, race, religion or illness, and rude or grim ones.
    alt_text: phrases, see alt_text.py.
    captions: {class: [{"id", "top"?, "bottom", "tags"?, "least_confidence"?}, …], …}
The classes are the seven expressions, "no-face", the group kinds of mood.py, and "unsure" and "group-unsure"
for readings that are weak. A caption's id is its own in all packs and stays with its text: a seed's order
hangs on it. top is the set-up and bottom the punch line, or the whole. The tag "hedge" is for a caption that
leaves open what the face expresses: a weak reading gets only such and the unsure class's. least_confidence,
0 to 1, is for a caption that would fall flat on a face less sure than that.
"""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from memegen.caption.mood import Mood
from memegen.options import Options
from memegen.text import fonts

FOLDER = Path(__file__).parent / "packs"
HEDGE = "hedge"
_FALLBACK = "en"


@dataclass(frozen=True)
class Caption:
    """A caption: top, the set-up, and bottom, the punch line; one of them may be empty.

    id: the pack's, or "own". language: the pack's tag, or the one that was asked for with an own caption.
    """

    id: str
    top: str
    bottom: str
    language: str
    tags: frozenset[str] = frozenset()
    least_confidence: float = 0.0

    @property
    def text(self) -> str:
        """The parts, a newline between them."""
        return "\n".join(part for part in (self.top, self.bottom) if part)


@dataclass(frozen=True)
class Pack:
    """A language's captions, a class each, and its phrases for alt texts."""

    captions: dict[str, tuple[Caption, ...]]
    alt_text: dict[str, Any]


def choose_caption(mood: Mood, options: Options, seed: int) -> Caption:
    """The caption for a mood.

    An own caption wins. Otherwise it is number `options.variant` in the seed's permutation of the captions
    that the nearest language's pack has for the mood, so that variants 0, 1, 2 … use all captions before one
    repeats.
    It is English where the pack's script can't be set, for want of shaping.
    Raises PhotoError with code bad-option for an own caption with letters that no shipped font has.
    """
    if options.caption is not None:
        return _own(options.caption, options.language)
    caption = _variant(_fitting(pack_for(options.language), mood), seed, options.variant)
    if fonts.uncovered(caption.text):
        return _variant(_fitting(load_pack(_FALLBACK), mood), seed, options.variant)
    return caption


def languages() -> list[str]:
    """The tags of the languages that have a pack."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def pack_for(language: str) -> Pack:
    """The pack for a language tag: its own, else the nearest by cutting the tag from its end ("hi-IN" → "hi",
    the lookup of RFC 4647, section 3.4), else English."""
    known = {tag.lower(): tag for tag in languages()}
    parts = language.lower().split("-")
    tags = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return load_pack(next((known[tag] for tag in tags if tag in known), _FALLBACK))


@cache
def load_pack(language: str) -> Pack:
    """The pack of a language that has one."""
    pack = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    captions = {
        name: tuple(caption_of(entry, language) for entry in entries)
        for name, entries in pack["captions"].items()
    }
    return Pack(captions, pack["alt_text"])


def caption_of(entry: dict[str, Any], language: str) -> Caption:
    """The caption of an entry in a pack file."""
    return Caption(
        entry["id"],
        entry.get("top", ""),
        entry["bottom"],
        language,
        frozenset(entry.get("tags", ())),
        entry.get("least_confidence", 0.0),
    )


def _fitting(pack: Pack, mood: Mood) -> list[Caption]:
    captions = pack.captions
    if mood.is_weak:
        hedges = [caption for caption in captions[mood.name] if HEDGE in caption.tags]
        return [*hedges, *captions["group-unsure" if mood.is_group else "unsure"]]
    return [
        caption
        for caption in captions[mood.name]
        if HEDGE not in caption.tags and caption.least_confidence <= mood.confidence
    ]


def _variant(captions: list[Caption], seed: int, variant: int) -> Caption:
    """The caption at this place of the seed's permutation, which starts again at its end."""
    return sorted(captions, key=lambda caption: _rank(seed, caption.id))[variant % len(captions)]


def _rank(seed: int, caption_id: str) -> bytes:
    # A hash instead of a shuffle: the order is the same on every machine and in every version of Python, and
    # a caption added to a pack later leaves the others in their order.
    return hashlib.sha256(f"{seed} {caption_id}".encode()).digest()


def _own(text: str, language: str) -> Caption:
    """A person's own caption: the first newline splits top and bottom; one part alone goes to the bottom."""
    text = unicodedata.normalize("NFC", text)
    fonts.check_covered("caption", text + text.upper())
    parts = [" ".join(part.split()) for part in text.split("\n", 1)]
    top, bottom = parts if len(parts) == 2 else ("", parts[0])
    return Caption("own", top, bottom, language)
