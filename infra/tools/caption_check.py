"""`python -m infra.tools.caption_check` checks the caption packs for mistakes that would spoil a meme.

It prints a sentence for each error. The exit status is 1 if there is an error.
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

from memegen.caption.alt_text import PHRASES
from memegen.caption.choose import FOLDER, HEDGE, Caption, caption_of, languages
from memegen.caption.mood import GROUP_KINDS, NO_FACE
from memegen.layout.layout import place_caption
from memegen.layout.styles import classic
from memegen.options import EXPRESSIONS
from memegen.text import fonts
from memegen.text.text_style import apply_case

# The least number of captions a class that don't hedge: in English, in another language.
_LEAST = {
    **dict.fromkeys(EXPRESSIONS, (60, 14)),
    "unsure": (20, 6),
    NO_FACE: (40, 6),
    **dict.fromkeys((*GROUP_KINDS, "group-unsure"), (12, 6)),
}
_LEAST_HEDGES = (6, 2)  # an expression's own; a weak reading also has the class "unsure"

_FORMS = ("subtitles", "zooms", "scenes")  # sections for styles with words of their own

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
        found += _repeats(everything)
        for caption in everything:
            found += [
                f"{caption.id}: {error}." for error in _caption_errors(caption, pack.get("unwelcome", ()))
            ]
        found += _alt_text_errors(language, pack["alt_text"])
    return found


# The file's form


def _misshapen(file: Path, pack: Any) -> Iterator[str]:
    if not isinstance(pack, dict) or not {"language", "alt_text", "captions"} <= set(pack):
        yield f"{file.name} lacks one of language, alt_text and captions."
        return
    if pack["language"] != file.stem:
        yield f"{file.name} says that its language is {pack['language']!r}."
    if unknown := set(pack) - {"language", "review", "unwelcome", "alt_text", "captions", *_FORMS}:
        yield f"{file.name} has {_listed(unknown)}, which a pack can't have."
    if set(pack["captions"]) != set(_LEAST):
        yield f"{file.name} has other classes than {_listed(_LEAST)}."
    for name, entries in pack["captions"].items():
        for index, entry in enumerate(entries):
            for error in _entry_errors(entry):
                yield f"{file.name}, {name}, number {index + 1}: {error}."


def _entry_errors(entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict) or not {"id", "bottom"} <= set(entry):
        yield "a caption needs an id and a bottom"
        return
    if unknown := set(entry) - {"id", "top", "bottom", "tags", "least_confidence"}:
        yield f"a caption can't have {_listed(unknown)}"
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


def _caption_errors(caption: Caption, unwelcome: Sequence[str]) -> Iterator[str]:
    first = (caption.top or caption.bottom).lstrip("“¿¡(")
    if first[:1].islower():
        yield "it begins with a small letter"
    for part in filter(None, (caption.top, caption.bottom)):
        yield from _spelling_errors(part, caption.language)
        yield from _unwelcome(part, caption.language, unwelcome)
    if missing := fonts.uncovered(f"{caption.text}\n{caption.text.upper()}"):
        yield f"no shipped font has {_listed(missing)}"
    else:
        yield from _fit_errors(caption)


def _spelling_errors(part: str, language: str) -> Iterator[str]:
    if part != unicodedata.normalize("NFC", " ".join(part.split())):
        yield f"“{part}” has an extra space or isn't in NFC"
    if stray := _STRAY & set(part):
        yield f"“{part}” has {_listed(stray)}; quotation marks must be typographic, and markup is not allowed"
    if part[-1] in _NOT_LAST or "..." in part:
        yield f"“{part}” ends like a sentence, or has three full stops in place of …"
    if foreign := set(part) & (_WESTERN if language == "ja" else _JAPANESE):
        yield f"“{part}” has {_listed(foreign)}, which isn't punctuation of the language"
    for opening, closing in (*_PAIRS, *(_SPANISH_PAIRS if language == "es" else ())):
        if re.sub(f"[^{opening}{closing}]", "", part) != (opening + closing) * part.count(opening):
            yield f"“{part}” has {opening} without {closing}, or {closing} without {opening}"


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
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
