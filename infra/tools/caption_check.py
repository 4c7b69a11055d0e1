"""`python -m infra.tools.caption_check` checks the caption packs for mistakes that would spoil a meme.

It prints a sentence for each error; the exit status is then 1. Without an error it prints how many captions
there are to choose from, as caption_pools counts them.
"""

import json
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import combinations, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from infra.tools import caption_pools
from memegen.caption.alt_text import PHRASES
from memegen.caption.choose import COUPLE, FOLDER, PUNCH, REACTION, Caption, captions_of, languages
from memegen.caption.mood import GROUP_KINDS, GROUP_UNSURE, MOODS, NO_FACE, SIZES
from memegen.layout.layout import place_caption
from memegen.layout.styles import classic
from memegen.options import EXPRESSIONS
from memegen.text import fonts
from memegen.text.text_style import apply_case

# The least number of captions with a punch line of their own, by mood: in English, in another language.
_LEAST = {
    **dict.fromkeys(EXPRESSIONS, (30, 14)),
    NO_FACE: (15, 6),
    **dict.fromkeys((*GROUP_KINDS, GROUP_UNSURE), (9, 6)),
}

# The least number of reactions: for a class, for a pair that is often confused, for no face, for couples.
# Another language needs its own once its pack has the list.
_LEAST_REACTIONS = {"en": (30, 10, 20, 15)}
_LEAST_REACTIONS_ELSEWHERE = (15, 6, 0, 6)
_CONFUSED = (
    ("fear", "surprise"),
    ("anger", "disgust"),
    ("sadness", "neutral"),
    ("happiness", "fear"),
    ("anger", "happiness"),
)
_SUITS_WELL = 0.7  # of a caption for a pair, both weights are at least this

_SECTIONS = {
    "reactions": REACTION,
    "couples": COUPLE,
    "subtitles": "subtitle",
    "zooms": "zoom",
    "scenes": None,
}
_KEYS = {
    REACTION: ({"id", "form", "bottom", "suits"}, {"top", "size"}),
    COUPLE: ({"id", "form", "bottom", "suits"}, {"top"}),
    PUNCH: ({"id", "bottom"}, {"top", "suits", "least_confidence", "size"}),
    "subtitle": ({"id", "form", "bottom", "suits"}, set()),
    "zoom": ({"id", "form", "beats", "suits"}, set()),
    None: ({"id", "title", "labels"}, set()),
}
_MOST_CHARACTERS = {"subtitle": 60, "beat": 40, "title": 40, "label": 24}
_BEATS = _LABELS = 3
_MOST_WORDS = 4  # of a label
_GENDERED = frozenset(
    {"he", "she", "him", "her", "his", "hers", "man", "woman", "guy", "girl", "boy", "lady"}
)

_SIDE = 800  # pixels, of the square picture on which every caption must fit
_MOST_LINES = 3
_LEAST_SIZE = 40  # pixels: a twentieth of the picture, which reads well on a phone

# The share of two captions' three-letter pieces that both have. Different jokes in the packs share up to .31;
# one joke in two wordings shares .4 and more.
_MOST_SHARED = 0.35

_STRAY = frozenset("\"'`<>&\\{}[]|_*#@~^\t\n")  # straight quotes, and characters from markup
_NOT_LAST = frozenset(".,;:।。、，")  # a part does not end like a sentence
_PAIRS = ("“”", "「」", "()")
_SPANISH_PAIRS = ("¿?", "¡!")
_JAPANESE = frozenset("「」、。？！：；")
_WESTERN = frozenset("“”‘’.,?!:; ")


def find_errors(folder: Path = FOLDER) -> list[str]:
    """The errors in the packs of a folder, a sentence for each.

    Every pack must parse and have its language, classes, counts and phrases. Ids must be unique in all packs.
    No two captions of a pack may have the same or nearly the same words. Punctuation must be the language's
    own. No caption may have one of the pack's unwelcome words. A shipped font must have every character.
    Every caption must fit an 800 × 800 picture, with at most three lines a part.
    """
    found: list[str] = []
    packs: dict[str, dict[str, Any]] = {}
    for file in sorted(folder.glob("*.json")):
        try:
            pack = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            found.append(f"{file.name} is not JSON in UTF-8: {error}.")
            continue
        misshapen = list(_misshapen(file, pack))
        found += misshapen
        if not misshapen:
            packs[file.stem] = pack
    owners: dict[str, str] = {}
    for language, pack in packs.items():
        captions = list(captions_of(pack, language))
        style_words = list(_style_words(pack))
        for caption_id in _ids(pack):
            if caption_id in owners:
                found.append(f"{caption_id} is in {language}.json; {owners[caption_id]}.json has it already.")
            owners.setdefault(caption_id, language)
        found += _too_few(language, pack, captions)
        found += _repeats(captions)
        unwelcome = pack.get("unwelcome", ())
        for caption in captions:
            found += [f"{caption.id}: {error}." for error in _caption_errors(caption, unwelcome)]
        for caption_id, kind, text in style_words:
            found += [f"{caption_id}: {error}." for error in _word_errors(kind, text, language, unwelcome)]
        found += _alt_text_errors(language, pack["alt_text"])
    return found


# The file's form


def _misshapen(file: Path, pack: Any) -> Iterator[str]:
    if not isinstance(pack, dict) or not {"language", "alt_text", "captions"} <= set(pack):
        yield f"{file.name} lacks one of language, alt_text and captions."
        return
    if pack["language"] != file.stem:
        yield f"{file.name} says that its language is {pack['language']!r}."
    if unknown := set(pack) - {"language", "review", "unwelcome", "alt_text", "captions", *_SECTIONS}:
        yield f"{file.name} has {_listed(unknown)}, which a pack can't have."
    if set(pack["captions"]) != set(_LEAST):
        yield f"{file.name} has other classes than {_listed(_LEAST)}."
    lists: list[tuple[str, str | None, Any]] = [
        (name, PUNCH, entries) for name, entries in pack["captions"].items()
    ]
    lists += [(name, form, pack[name]) for name, form in _SECTIONS.items() if name in pack]
    for name, form, entries in lists:
        for index, entry in enumerate(entries):
            for error in _entry_errors(entry, form):
                yield f"{file.name}, {name}, number {index + 1}: {error}."


def _entry_errors(entry: Any, form: str | None) -> Iterator[str]:
    needed, optional = _KEYS[form]
    if not isinstance(entry, dict) or not needed <= set(entry):
        yield f"it needs {_listed(needed)}"
        return
    if unknown := set(entry) - needed - optional:
        yield f"a caption can't have {_listed(unknown)}"
    for name in {"id", "top", "bottom", "title"} & set(entry):
        if not isinstance(entry[name], str) or not entry[name]:
            yield f"{name} must be text"
    if "form" in needed and entry["form"] != form:
        yield f"form must be {form}"
    if not 0 < entry.get("least_confidence", 0.5) < 1:
        yield "least_confidence must be between 0 and 1, or be left out"
    if entry.get("size", SIZES[0]) not in SIZES:
        yield f"size must be one of {_listed(SIZES)}, or be left out"
    if "suits" in entry:
        yield from _suits_errors(entry["suits"])
    if form == "zoom" and not _are_texts(entry["beats"], _BEATS):
        yield f"beats must be {_BEATS} texts"
    if form is None and not (
        isinstance(entry["labels"], dict)
        and set(entry["labels"]) == set(EXPRESSIONS)
        and all(_are_texts(labels, _LABELS) for labels in entry["labels"].values())
    ):
        yield f"labels must be {_LABELS} texts for each expression"


def _suits_errors(suits: Any) -> Iterator[str]:
    if not isinstance(suits, dict) or not suits:
        yield "suits must be weights by mood"
    elif unknown := set(suits) - set(MOODS):
        yield f"suits can't have {_listed(unknown)}"
    elif not all(isinstance(weight, int | float) and 0 < weight <= 1 for weight in suits.values()):
        yield "the weights of suits must be above 0 and at most 1"


def _are_texts(value: Any, count: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(each, str) and each for each in value)
    )


def _ids(pack: dict[str, Any]) -> Iterator[str]:
    for entries in (*pack["captions"].values(), *(pack.get(name, ()) for name in _SECTIONS)):
        yield from (entry["id"] for entry in entries)


def _too_few(language: str, pack: dict[str, Any], captions: Sequence[Caption]) -> Iterator[str]:
    for name, least in _LEAST.items():
        count = len(pack["captions"][name])
        if count < least[language != "en"]:
            yield f"{language}.json has {count} captions for {name}; the least is {least[language != 'en']}."
    if "reactions" not in pack:
        return
    a_class, a_pair, no_face, couples = _LEAST_REACTIONS.get(language, _LEAST_REACTIONS_ELSEWHERE)
    reactions = [caption for caption in captions if caption.form == REACTION]
    needed: list[tuple[tuple[str, ...], int]] = [((name,), a_class) for name in EXPRESSIONS]
    needed += [*((pair, a_pair) for pair in _CONFUSED), ((NO_FACE,), no_face)]
    for names, at_least in needed:
        count = sum(all(each.suits.get(name, 0) >= _SUITS_WELL for name in names) for each in reactions)
        if count < at_least:
            yield f"{language}.json has {count} reactions for {' and '.join(names)}; the least is {at_least}."
    count = sum(caption.form == COUPLE for caption in captions)
    if count < couples:
        yield f"{language}.json has {count} captions for couples; the least is {couples}."


def _alt_text_errors(language: str, phrases: dict[str, Any]) -> Iterator[str]:
    if set(phrases) != set(PHRASES):
        yield f"{language}.json has other alt_text phrases than {_listed(PHRASES)}."
        return
    if set(phrases["expressions"]) != set(EXPRESSIONS):
        yield f"{language}.json names other expressions in alt_text than {_listed(EXPRESSIONS)}."
    for name, blanks in PHRASES.items():
        if isinstance(phrases[name], str) and set(re.findall(r"{(\w+)}", phrases[name])) != set(blanks):
            yield f"{language}.json: the alt_text phrase {name} must hold {_listed(blanks) or 'no blanks'}."


# Repeats


def _repeats(captions: Sequence[Caption]) -> Iterator[str]:
    for part in ("top", "bottom"):
        keyed = sorted(
            (
                (_letters(getattr(caption, part)), caption.id)
                for caption in captions
                if part == "bottom" or caption.form == PUNCH  # many reactions begin with "Nobody:"
            ),
            key=itemgetter(0),
        )
        for letters, group in groupby(keyed, key=itemgetter(0)):
            ids = [caption_id for _, caption_id in group]
            if letters and len(ids) > 1:
                yield f"{_listed(ids)} have the same {part}."
    pieces = [_pieces(caption) for caption in captions]
    for one, other in combinations(range(len(captions)), 2):
        both = len(pieces[one] & pieces[other])
        if both > _MOST_SHARED * (len(pieces[one]) + len(pieces[other]) - both):
            yield f"{captions[one].id} and {captions[other].id} are nearly the same."


def _letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _pieces(caption: Caption) -> frozenset[str]:
    letters = _letters(caption.top) + _letters(caption.bottom)
    return frozenset(letters[start : start + 3] for start in range(len(letters) - 2))


# One caption


def _caption_errors(caption: Caption, unwelcome: Sequence[str]) -> Iterator[str]:
    first = (caption.top or caption.bottom).lstrip("“¿¡(")
    if first[:1].islower():
        yield "it begins with a small letter"
    for part in filter(None, (caption.top, caption.bottom)):
        yield from _spelling_errors(part, caption.language, colon_ends=caption.form != PUNCH)
        yield from _unwelcome(part, caption.language, unwelcome)
    if missing := fonts.uncovered(f"{caption.text}\n{caption.text.upper()}"):
        yield f"no shipped font has {_listed(missing)}"
    else:
        yield from _fit_errors(caption)


def _spelling_errors(part: str, language: str, *, colon_ends: bool = False) -> Iterator[str]:
    """colon_ends: whether a colon may end the part, as in "Nobody:"."""
    if part != unicodedata.normalize("NFC", " ".join(part.split())):
        yield f"“{part}” has an extra space or isn't in NFC"
    if stray := _STRAY & set(part):
        yield f"“{part}” has {_listed(stray)}; quotation marks must be typographic, and markup is not allowed"
    if (part[-1] in _NOT_LAST and not (colon_ends and part[-1] in ":：")) or "..." in part:
        yield f"“{part}” ends like a sentence, or has three full stops in place of …"
    if foreign := set(part) & (_WESTERN if language == "ja" else _JAPANESE):
        yield f"“{part}” has {_listed(foreign)}, which isn't punctuation of the language"
    for opening, closing in (*_PAIRS, *(_SPANISH_PAIRS if language == "es" else ())):
        if re.sub(f"[^{opening}{closing}]", "", part) != (opening + closing) * part.count(opening):
            yield f"“{part}” has {opening} without {closing}, or {closing} without {opening}"


# The words of styles


def _style_words(pack: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The texts of subtitles, zooms and scenes: each with its id and what it is."""
    for entry in pack.get("subtitles", ()):
        yield entry["id"], "subtitle", entry["bottom"]
    for entry in pack.get("zooms", ()):
        yield from ((entry["id"], "beat", beat) for beat in entry["beats"])
    for entry in pack.get("scenes", ()):
        yield entry["id"], "title", entry["title"]
        for labels in entry["labels"].values():
            yield from ((entry["id"], "label", label) for label in labels)


def _word_errors(kind: str, text: str, language: str, unwelcome: Sequence[str]) -> Iterator[str]:
    if len(text) > _MOST_CHARACTERS[kind]:
        yield f"“{text}” has {len(text)} characters; the most is {_MOST_CHARACTERS[kind]}"
    if kind == "subtitle":
        if not (text.startswith("[") and text.endswith("]")):
            yield f"“{text}” must stand in square brackets"
        text = text.strip("[]") or "…"
    if kind == "label" and len(text.split()) > _MOST_WORDS:
        yield f"“{text}” has more than {_MOST_WORDS} words"
    if kind == "label" and language == "en" and (gendered := _GENDERED & set(text.casefold().split())):
        yield f"“{text}” has {_listed(gendered)}; a label must fit anybody"
    yield from _spelling_errors(text, language, colon_ends=True)
    yield from _unwelcome(text, language, unwelcome)
    if missing := fonts.uncovered(f"{text}\n{text.upper()}"):
        yield f"no shipped font has {_listed(missing)}"


def _unwelcome(part: str, language: str, words: Sequence[str]) -> Iterator[str]:
    for word in words:
        # Japanese has no spaces between words.
        if word in part if language == "ja" else word in re.split(r"[\s“”‘’,.!?¿¡…-]+", part.casefold()):
            yield f"“{word}” is one of the pack's unwelcome words"


def _fit_errors(caption: Caption) -> Iterator[str]:
    placement = place_caption(caption, _SIDE, _SIDE, [])
    if (placement.width, placement.height) != (_SIDE, _SIDE) or placement.size < _LEAST_SIZE:
        yield f"it is too long for a picture of {_SIDE} × {_SIDE}"
        return
    lines = [line.text for line in placement.lines]
    for part in filter(None, (caption.top, caption.bottom)):
        rest = _unspaced(apply_case(part, classic.STYLE.text, caption.language))
        count = 0
        while rest:
            rest = rest.removeprefix(_unspaced(lines.pop(0)))
            count += 1
        if count > _MOST_LINES:
            yield f"“{part}” takes {count} lines; the most is {_MOST_LINES}"


def _unspaced(text: str) -> str:
    return "".join(text.split())


def _listed(items: Any) -> str:
    return ", ".join(sorted(items))


def main() -> int:
    errors = find_errors()
    for error in errors:
        print(error, file=sys.stderr)
    if not errors:
        print(f"The captions have no errors: {', '.join(languages())}.")
        print("\n".join(caption_pools.report()))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
