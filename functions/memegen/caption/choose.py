"""Which caption a meme gets, by its mood, language, seed and variant.

The captions stand in packs, a data file for each language, packs/<language tag>.json:
    language: the tag.
    review: "wanted: native reader", until a native reader has read the pack.
    unwelcome: words that no caption may have: on looks, race, religion or illness, and rude or grim ones.
    alt_text: phrases, which alt_text.py describes.
    captions: {class: [{"id", "top"?, "bottom", "tags"?, "least_confidence"?}, …], …}
The classes are the seven expressions, "no-face", the group kinds of mood.py, and "unsure" and "group-unsure"
for weak readings. Of a caption,
    id is unique in all packs and never changes, because the order of the captions for a seed depends on it.
    top is the set-up and bottom the punch line. A caption without a set-up has only bottom.
    tags may hold "hedge", for a caption that leaves open what the face expresses. A weak reading gets one of
        these or of the class "unsure".
    least_confidence, 0 to 1, keeps the caption from faces that are read with less confidence.
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
OWN = "own"
"""The id of a person's own text."""


@dataclass(frozen=True)
class Caption:
    """top, bottom: the set-up and the punch line; one of them may be empty.
    id: the pack's, or "own" for a person's own text.
    language: the pack's tag. For a person's own text it is the one that was asked for.
    tags, least_confidence: as in the pack.
    """

    id: str
    top: str
    bottom: str
    language: str
    tags: frozenset[str] = frozenset()
    least_confidence: float = 0.0

    @property
    def text(self) -> str:
        """The parts that are not empty, with a newline between them."""
        return "\n".join(part for part in (self.top, self.bottom) if part)


@dataclass(frozen=True)
class Pack:
    """A language's captions by class, and its phrases for alternative texts."""

    captions: dict[str, tuple[Caption, ...]]
    alt_text: dict[str, Any]


def choose_caption(mood: Mood, options: Options, seed: int) -> Caption:
    """The caption for a mood.

    It is a person's own text, if options.caption has one. Otherwise it comes from the nearest language's
    pack: the seed puts the captions for the mood in an order, and the variant is the place in it, so that the
    variants 0, 1, 2 … use all captions before one repeats. It comes from the English pack where this machine
    can't shape the script of the language.
    Raises PhotoError with code bad-option for an own text with characters that no shipped font has.
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
    """The pack for a language tag, or the nearest one.

    The nearest is found by cutting parts off the tag's end, as in "hi-IN" → "hi" (the lookup of RFC 4647,
    section 3.4). If none is found, it is the English one.
    """
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
    """The caption at this place in the seed's order, which starts again after its end."""
    return sorted(captions, key=lambda caption: _rank(seed, caption.id))[variant % len(captions)]


def _rank(seed: int, caption_id: str) -> bytes:
    # A hash and not a shuffle, so that the order is the same on every machine and in every version of Python,
    # and so that a caption that is added later leaves the others in their order.
    return hashlib.sha256(f"{seed} {caption_id}".encode()).digest()


def _own(text: str, language: str) -> Caption:
    """A person's own caption. The first newline splits it in top and bottom; without one all is bottom."""
    text = unicodedata.normalize("NFC", text)
    fonts.check_covered("caption", text + text.upper())
    parts = [" ".join(part.split()) for part in text.split("\n", 1)]
    top, bottom = parts if len(parts) == 2 else ("", parts[0])
    return Caption(OWN, top, bottom, language)
