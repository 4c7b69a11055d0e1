"""The check of the caption packs: whatever would spoil a meme, found before one is made."""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import combinations, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from memegen.caption.alt_text import PHRASES
from memegen.caption.choose import FOLDER, HEDGE, Caption, caption_of
from memegen.caption.mood import GROUP_KINDS, NO_FACE
from memegen.layout.layout import place_caption
from memegen.layout.styles import STYLES, written
from memegen.options import EXPRESSIONS
from memegen.text import fonts

# The least number of captions a class that don't hedge: in English, in another language.
_LEAST = {
    **dict.fromkeys(EXPRESSIONS, (60, 14)),
    "unsure": (20, 6),
    NO_FACE: (40, 6),
    **dict.fromkeys((*GROUP_KINDS, "group-unsure"), (12, 6)),
}
_LEAST_HEDGES = (6, 2)  # an expression's own; a weak reading also has the class "unsure"

_SIDE = 800  # pixels, of the square picture on which every caption must fit
_MOST_LINES = 3
_LEAST_SIZE = 40  # pixels: a twentieth of the picture, which reads well on a phone

# Of the three-letter pieces that two captions have between them, the part that both have. Different jokes
# share up to .31 in the packs as they are; one joke in two wordings shares .4 and more.
_MOST_SHARED = 0.35

# Words that no caption needs: on looks, body, race, religion, illness, and rude or grim ones.
_UNWELCOME = {
    "en": "fat thin skinny ugly bald diet sexy sick ill doctor hospital cancer crazy insane idiot stupid "
    "dumb hate god church prayer christmas hell damn crap blonde race drunk gun kill killed war",
    "es": "gordo gorda flaco flaca feo fea calvo calva dieta enfermo enferma hospital loco loca idiota tonto "
    "tonta dios iglesia mierda borracho borracha odio guerra",
    "hi": "मोटा मोटी काला काली गोरा गोरी गंजा बीमार अस्पताल पागल बेवकूफ़ भगवान शराब मौत",
    "te": "లావు నల్లగా తెల్లగా బట్టతల జబ్బు ఆసుపత్రి పిచ్చి మూర్ఖుడు దేవుడు చావు",
    "ja": "デブ ハゲ ブス 病気 病院 馬鹿 バカ 神様 酒 死",
}

_STRAY = frozenset("\"'`<>&\\{}[]|_*#@~^\t\n")  # straight quotes, and signs from markup
_NOT_LAST = frozenset(".,;:।。、，")  # a part is no sentence of a book
_PAIRS = ("“”", "「」", "()")
_SPANISH_PAIRS = ("¿?", "¡!")
_JAPANESE = frozenset("「」、。？！：；")
_WESTERN = frozenset("“”‘’.,?!:; ")


def faults(folder: Path = FOLDER) -> list[str]:
    """What is wrong with the packs, a sentence a fault; none when all is well.

    Checked: every pack parses and has its language, classes, counts and phrases; ids are unique in all packs;
    no caption is told twice, in the same words or nearly; punctuation is the language's own; no unwelcome
    word; every sign has a letter in a shipped font; every caption fits an 800 × 800 picture in three lines a
    part.
    """
    found: list[str] = []
    packs: dict[str, dict[str, Any]] = {}
    for file in sorted(folder.glob("*.json")):
        try:
            pack = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as fault:
            found.append(f"{file.name} is no JSON in UTF-8: {fault}.")
            continue
        misshapen = list(_misshapen(file, pack))
        found += misshapen
        if not misshapen:
            packs[file.stem] = pack
    owners: dict[str, str] = {}
    for language, pack in packs.items():
        captions = {
            name: [caption_of(entry, language) for entry in entries]
            for name, entries in pack["captions"].items()
        }
        everything = [caption for entries in captions.values() for caption in entries]
        for caption in everything:
            if caption.id in owners:
                found.append(f"{caption.id} is in {language}.json; {owners[caption.id]}.json has it already.")
            owners.setdefault(caption.id, language)
        found += _too_few(language, captions)
        found += _told_twice(everything)
        for caption in everything:
            found += [f"{caption.id}: {fault}." for fault in _faults_of(caption)]
        found += _alt_text_faults(language, pack["alt_text"])
    return found


# The file's form


def _misshapen(file: Path, pack: Any) -> Iterator[str]:
    if not isinstance(pack, dict) or not {"language", "alt_text", "captions"} <= set(pack):
        yield f"{file.name} lacks one of language, alt_text and captions."
        return
    if pack["language"] != file.stem:
        yield f"{file.name} says that its language is {pack['language']!r}."
    if unknown := set(pack) - {"language", "review", "alt_text", "captions"}:
        yield f"{file.name} has {_listed(unknown)}, which no pack has."
    if set(pack["captions"]) != set(_LEAST):
        yield f"{file.name} has other classes than {_listed(_LEAST)}."
    for name, entries in pack["captions"].items():
        for index, entry in enumerate(entries):
            for fault in _entry_faults(entry):
                yield f"{file.name}, {name}, number {index + 1}: {fault}."


def _entry_faults(entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict) or not {"id", "bottom"} <= set(entry):
        yield "a caption needs an id and a bottom"
        return
    if unknown := set(entry) - {"id", "top", "bottom", "tags", "least_confidence"}:
        yield f"no caption has {_listed(unknown)}"
    for name in {"id", "top", "bottom"} & set(entry):
        if not isinstance(entry[name], str) or not entry[name]:
            yield f"{name} must be text"
    if entry.get("tags", [HEDGE]) != [HEDGE]:
        yield f'tags must be ["{HEDGE}"] or be left out'
    least = entry.get("least_confidence", 0.5)
    if not isinstance(least, float) or not 0 < least < 1:
        yield "least_confidence must be between 0 and 1, or be left out"


def _too_few(language: str, captions: dict[str, list[Caption]]) -> Iterator[str]:
    other = language != "en"
    for name, least in _LEAST.items():
        hedges = sum(HEDGE in caption.tags for caption in captions[name])
        plain = len(captions[name]) - hedges
        if plain < least[other]:
            yield f"{language}.json has {plain} captions for {name}; the least is {least[other]}."
        if name in EXPRESSIONS and hedges < _LEAST_HEDGES[other]:
            yield f"{language}.json has {hedges} hedges for {name}; the least is {_LEAST_HEDGES[other]}."


def _alt_text_faults(language: str, phrases: dict[str, Any]) -> Iterator[str]:
    if set(phrases) != set(PHRASES):
        yield f"{language}.json has other alt_text phrases than {_listed(PHRASES)}."
        return
    if set(phrases["expressions"]) != set(EXPRESSIONS):
        yield f"{language}.json names other expressions in alt_text than {_listed(EXPRESSIONS)}."
    for name, blanks in PHRASES.items():
        if isinstance(phrases[name], str) and set(re.findall(r"{(\w+)}", phrases[name])) != set(blanks):
            yield f"{language}.json: the alt_text phrase {name} must hold {_listed(blanks) or 'no blanks'}."


# Repeats


def _told_twice(captions: Sequence[Caption]) -> Iterator[str]:
    for part in ("top", "bottom"):
        keyed = sorted(
            ((_letters(getattr(caption, part)), caption.id) for caption in captions), key=itemgetter(0)
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


def _faults_of(caption: Caption) -> Iterator[str]:
    first = (caption.top or caption.bottom).lstrip("“¿¡(")
    if first[:1].islower():
        yield "it begins with a small letter"
    for part in filter(None, (caption.top, caption.bottom)):
        yield from _spelling_faults(part, caption.language)
        yield from _unwelcome(part, caption.language)
    if missing := fonts.uncovered(f"{caption.text}\n{caption.text.upper()}"):
        yield f"no shipped font has {_listed(missing)}"
    else:
        yield from _fit_faults(caption)


def _spelling_faults(part: str, language: str) -> Iterator[str]:
    if part != unicodedata.normalize("NFC", " ".join(part.split())):
        yield f"“{part}” has a space too many or isn't in NFC"
    if stray := _STRAY & set(part):
        yield f"“{part}” has {_listed(stray)}; quotation marks are typographic, and nothing is from markup"
    if part[-1] in _NOT_LAST or "..." in part:
        yield f"“{part}” ends like a sentence of a book, or has three stops in place of …"
    if foreign := set(part) & (_WESTERN if language == "ja" else _JAPANESE):
        yield f"“{part}” has {_listed(foreign)}, which isn't the language's punctuation"
    for opening, closing in (*_PAIRS, *(_SPANISH_PAIRS if language == "es" else ())):
        if re.sub(f"[^{opening}{closing}]", "", part) != (opening + closing) * part.count(opening):
            yield f"“{part}” has {opening} without {closing}, or the other way round"


def _unwelcome(part: str, language: str) -> Iterator[str]:
    for word in _UNWELCOME.get(language, "").split():
        # Japanese has no spaces between words. Elsewhere a word is what stands between two.
        if word in part if language == "ja" else word in re.split(r"[\s“”‘’,.!?¿¡…-]+", part.casefold()):
            yield f"“{word}” is on the list of words that no caption needs"


def _fit_faults(caption: Caption) -> Iterator[str]:
    placement = place_caption(caption, _SIDE, _SIDE, [])
    if (placement.width, placement.height) != (_SIDE, _SIDE) or placement.size < _LEAST_SIZE:
        yield f"it is too long for a picture of {_SIDE} × {_SIDE}"
        return
    lines = [line.text for line in placement.lines]
    for part in filter(None, (caption.top, caption.bottom)):
        rest = _unspaced(written(part, STYLES["classic"], caption.language))
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
