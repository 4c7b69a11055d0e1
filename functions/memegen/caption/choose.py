"""Which captions a meme can get, by its mood, language, seed and variant.

The captions stand in packs, a data file for each language, packs/<language tag>.json:
    language: the tag.
    review: "wanted: native reader", until a native reader has read the pack.
    unwelcome: words that no caption may have: on looks, race, religion or illness, and rude or grim ones.
    alt_text: phrases, which alt_text.py describes.
    reactions: [{"id", "form": "reaction", "bottom", "suits"}, …], whose punch line is the face.
    couples: [{"id", "form": "couple", "top"?, "bottom", "suits"}, …], for two faces.
    captions: {mood: [{"id", "top"?, "bottom", "suits"?, "least_confidence"?, "size"?}, …], …}, the older
        ones, with a set-up and a punch line.
    subtitles, zooms, scenes: the words of the styles that are called so.
Of a caption,
    id is unique in all packs and never changes, because the order of the captions for a seed depends on it.
    top is the set-up and bottom the punch line, or all of it.
    suits says how well it fits each of mood.MOODS, 0 to 1. A caption of the older ones suits the mood under
        which it stands by 1, unless it says otherwise.
    least_confidence, 0 to 1, keeps the caption from faces that are read with less confidence.
    size, of mood.SIZES, keeps it for groups of this size.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from memegen.caption.mood import Mood
from memegen.caption.quotes import curled
from memegen.caption.suits import in_tiers, rank, seeded_order
from memegen.errors import ErrorCode, PhotoError
from memegen.options import Options
from memegen.text import fonts

FOLDER = Path(__file__).parent / "packs"
FORMS = REACTION, COUPLE, PUNCH = "reaction", "couple", "punch"
CANDIDATES = 3
_FALLBACK = "en"
MAX_LINES = 12  # of a person's own text: further ones are joined
OWN = "own"
"""The id of a person's own text."""

_LISTS = {"reactions": REACTION, "couples": COUPLE}  # a pack's lists and the form of what is in them
_COMPLETED_BY_FACES = (REACTION, COUPLE)

# In every three captions for a mood, two are completed by the face and one has its own punch line.
_IN_TURN = (True, True, False)

# What a pack without captions for couples has for two faces.
_FOR_COUPLES = {
    "group-happy": {"pair-happy": 1.0},
    "group-same": {"pair-same": 1.0},
    "group-one-sad": {"pair-contrast": 1.0},
    "group-different": {"pair-different": 1.0, "pair-calm": 1.0},
}


@dataclass(frozen=True)
class Caption:
    """top, bottom: the set-up and the punch line; one of them may be empty.
    id: the pack's, or "own" for a person's own text.
    language: the pack's tag. For a person's own text it is the one that was asked for.
    form: REACTION, COUPLE or PUNCH, which is a set-up and a punch line; of what forms.py reads, its forms.
    suits, least_confidence, size: as in the pack.
    """

    id: str
    top: str
    bottom: str
    language: str
    form: str = PUNCH
    suits: Mapping[str, float] = field(default_factory=dict, hash=False)
    least_confidence: float = 0.0
    size: str = ""

    @property
    def text(self) -> str:
        """The parts that are not empty, with a newline between them."""
        return "\n".join(part for part in (self.top, self.bottom) if part)


@dataclass(frozen=True)
class Pack:
    """A language's captions and its phrases for alternative texts."""

    captions: tuple[Caption, ...]
    alt_text: dict[str, Any]


def choose_caption(mood: Mood, options: Options, seed: int) -> Caption:
    """The caption for a mood: the first of choose_captions."""
    return choose_captions(mood, options, seed)[0]


def choose_captions(mood: Mood, options: Options, seed: int, forms: Sequence[str] = FORMS) -> list[Caption]:
    """Up to three captions for a mood: the one that the meme gets, and the next ones in the order.

    The first is a person's own text, if options.caption has one, or the pack's caption options.caption_id.
    Otherwise it comes from the nearest language's pack: in_order puts the captions in an order, options.seen
    leaves some out while others fit, and the variant is the place in what is left, so that the variants
    0, 1, 2 … use all before one repeats. They come from the English pack where this machine can't shape the
    script of the language. forms: which captions are taken while any of them fits and was not seen.
    Raises PhotoError with code bad-option for an own text with characters that no shipped font has, and for
    an id that no pack has.
    """
    captions = _walk(pack_for(options.language), mood, options, seed, forms)
    if any(fonts.uncovered(caption.text) for caption in captions):
        captions = _walk(load_pack(_FALLBACK), mood, options, seed, forms)
    if options.caption is not None:
        wanted = _own(options.caption, options.language)
    elif options.caption_id is not None:
        wanted = caption_by_id(options.caption_id)
    else:
        return captions
    others = [caption for caption in captions if caption.id != wanted.id]
    return [wanted, *others][:CANDIDATES]


def in_order(captions: Sequence[Caption], mood: Mood, seed: int) -> list[Caption]:
    """The captions that fit a mood: the tiers one after another, each in the seed's order.

    In a tier two of three captions are completed by the face, while both kinds last.
    """
    return [caption for tier in tiers(captions, mood) for caption in _mixed(tier, seed)]


def tiers(captions: Sequence[Caption], mood: Mood) -> list[list[Caption]]:
    """The captions that fit a mood in tiers, those that fit as well as the best first."""
    allowed = [
        caption
        for caption in captions
        if caption.least_confidence <= mood.confidence and caption.size in ("", mood.size)
    ]
    return in_tiers(allowed, mood.probabilities)


def languages() -> list[str]:
    """The tags of the languages that have a pack."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def pack_for(language: str) -> Pack:
    """The pack for a language tag, or the nearest one."""
    return load_pack(nearest_language(language))


def nearest_language(language: str) -> str:
    """The language that has a pack and is nearest to a tag.

    It is found by cutting parts off the tag's end, as in "hi-IN" → "hi" (the lookup of RFC 4647,
    section 3.4). If none is found, it is English.
    """
    known = {tag.lower(): tag for tag in languages()}
    parts = language.lower().split("-")
    tags = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next((known[tag] for tag in tags if tag in known), _FALLBACK)


@cache
def load_pack(language: str) -> Pack:
    """The pack of a language that has one."""
    pack = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return Pack(tuple(captions_of(pack, language)), pack["alt_text"])


def captions_of(pack: Mapping[str, Any], language: str) -> Iterator[Caption]:
    """The captions in the content of a pack file, in its order."""
    for name, form in _LISTS.items():
        for entry in pack.get(name, ()):
            yield _caption_of(entry, language, form, {})
    for mood, entries in pack["captions"].items():
        suits = {mood: 1.0, **({} if "couples" in pack else _FOR_COUPLES.get(mood, {}))}
        for entry in entries:
            yield _caption_of(entry, language, PUNCH, suits)


def caption_by_id(caption_id: str) -> Caption:
    """The caption of any pack that has this id. Raises PhotoError with code bad-option if none has it."""
    for language in languages():
        for caption in load_pack(language).captions:
            if caption.id == caption_id:
                return caption
    raise PhotoError(
        ErrorCode.BAD_OPTION,
        f"No caption has the id {caption_id}. Take an id from a meme's report, or leave the option out.",
    )


def _caption_of(entry: Mapping[str, Any], language: str, form: str, suits: Mapping[str, float]) -> Caption:
    return Caption(
        entry["id"],
        entry.get("top", ""),
        entry["bottom"],
        language,
        form,
        entry.get("suits", suits),
        entry.get("least_confidence", 0.0),
        entry.get("size", ""),
    )


def _walk(pack: Pack, mood: Mood, options: Options, seed: int, forms: Sequence[str]) -> list[Caption]:
    """The pack's captions at the variant's place in the order, and at the next ones after it."""
    taken = in_order([caption for caption in pack.captions if caption.form in forms], mood, seed)
    order = _unseen(taken, options)
    if not order:
        fit = in_order(pack.captions, mood, seed)
        order = _unseen(fit, options) or taken or fit
    count = min(CANDIDATES, len(order))
    return [order[(options.variant + step) % len(order)] for step in range(count)]


def _unseen(captions: Sequence[Caption], options: Options) -> list[Caption]:
    return [caption for caption in captions if caption.id not in options.seen]


def _mixed(captions: Sequence[Caption], seed: int) -> list[Caption]:
    """The captions in the seed's order, mixed as _IN_TURN says while both kinds last."""
    ranked = seeded_order(captions, seed)
    kinds = {
        is_completed: [each for each in ranked if (each.form in _COMPLETED_BY_FACES) is is_completed]
        for is_completed in (True, False)
    }
    place = rank(seed, "mix")[0] % len(_IN_TURN)
    order: list[Caption] = []
    while kinds[True] and kinds[False]:
        order.append(kinds[_IN_TURN[place % len(_IN_TURN)]].pop(0))
        place += 1
    return [*order, *kinds[True], *kinds[False]]


def _own(text: str, language: str) -> Caption:
    """A person's own caption. The first newline splits it in top and bottom; without one all is bottom.

    Further newlines part the bottom.
    """
    text = curled(unicodedata.normalize("NFC", text), language)
    fonts.check_covered("caption", text + text.upper())
    top, *others = (" ".join(part.split()) for part in text.split("\n", MAX_LINES - 1))
    bottom = "\n".join(filter(None, others))
    return Caption(OWN, top, bottom, language) if others else Caption(OWN, "", top, language)
