"""Where a text may be broken into lines: between words, or in Japanese, which has no spaces, between phrases.

BudouX finds the phrases (https://github.com/google/budoux). The basic kinsoku rules (JIS X 4051, JLREQ 3.1.7
and 3.1.8) say which characters may not begin or end a line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import regex  # at the start, and not when it is first used, because every meme uses it

from memegen.text.small_words import (
    ACTS,
    COUNTS,
    DESCRIBES,
    DETERMINES,
    DOES,
    HANGS_ON,
    JOINS,
    LEADS_ON,
    SPEAKS,
)

if TYPE_CHECKING:
    from budoux.parser import Parser

_NOT_FIRST = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】〙〗〟’”»ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ"
    "｡｣､･ｧｨｩｪｫｬｭｮｯｰﾞﾟ゠–〜～‐‼⁇⁈⁉…‥―％)]}!?,.:;%"
)
_NOT_LAST = frozenset("（〔［｛〈《「『【〘〖〝‘“«｢([{")
# A longer phrase may be broken anywhere, because BudouX takes a whole Chinese sentence for one phrase.
_LONGEST_PHRASE = 16  # characters; the longest in the Japanese captions has 13
_GRAPHEME = regex.compile(r"\X")

_MARKS = "“”‘’«»\"'¿¡([.,:;!?)]…"
_OPENING, _CLOSING, _PAUSES = frozenset("“«「『"), frozenset("”»」』"), frozenset(",.;:!?…、。？！")
# How words end that lead on: who’s, they’re, the neighbor’s, and in Japanese what belongs to the next phrase.
_LEADING_ENDS = ("’s", "’re", "’ve", "’ll", "’m", "n’t", "の")
_SHORT_QUOTE = 6  # words: a longer quotation may well go on in the next line
_VERB_ENDS = ("s", "ed", "ing", "n’t")  # a word after "the cat" that ends so is a verb rather than a noun
# How ill a line ends, in the terms of fitting.py, where a line half as long again as the mean costs .25:
# before a word with which a sentence goes on, before "the", after any word, within "the tour guide", after a
# word that leads on, inside a longer quotation, and inside a short one.
_WELL, _FAIRLY, _PLAIN, _IN_PHRASE, _ILL = 0.02, 0.12, 0.13, 0.26, 0.35
_QUOTED, _IN_SHORT_QUOTE = 0.15, 0.5


@dataclass(frozen=True)
class Piece:
    """A stretch of text that stays on one line. spaced: whether a space precedes it within a line."""

    text: str
    spaced: bool


@lru_cache(maxsize=512)
def pieces(text: str) -> tuple[Piece, ...]:
    """The text's words and phrases in reading order."""
    return tuple(
        Piece(phrase, spaced=index == 0)
        for word in text.split()
        for index, phrase in enumerate(_phrases(word))
    )


def break_costs(found: Sequence[Piece]) -> tuple[float, ...]:
    """How ill a line would end after each of the pieces, 0 to 1: after "the" and inside a quotation it would
    end ill, and after a comma well."""
    words = [piece.text.strip(_MARKS).casefold() for piece in found]
    costs = []
    for index, (piece, following) in enumerate(pairwise(found)):
        if piece.text[-1] in _PAUSES:
            costs.append(0.0)
        elif piece.text[-1] in _CLOSING:
            costs.append(_ILL if words[index + 1] in HANGS_ON else _WELL)
        else:
            cost = _cost_between(words[index - 1] if index else "", words[index], words[index + 1])
            costs.append(0.0 if _opens(following.text) and cost < _ILL else cost)
    costs.append(0.0)
    for index, word in enumerate(words[1:]):
        if word in DOES and costs[index + 1] < _ILL:  # an object, which belongs to its verb
            costs[index] = max(costs[index], _ILL)
    opened: int | None = None
    for index, piece in enumerate(found):
        if opened is None and piece.text[0] in _OPENING:
            opened = index
        if opened is not None and any(mark in _CLOSING for mark in piece.text):
            least = _IN_SHORT_QUOTE if index - opened < _SHORT_QUOTE else _QUOTED
            costs[opened:index] = [max(least, cost) if cost else _QUOTED for cost in costs[opened:index]]
            opened = None
    return tuple(costs)


def _opens(text: str) -> bool:
    """Whether a quotation of several words begins with this one."""
    return text[0] in _OPENING and text[-1] not in _CLOSING


def _cost_between(before: str, word: str, following: str) -> float:
    """How ill a line would end after a word that stands between these two."""
    if word in LEADS_ON or word.endswith(_LEADING_ENDS) or following in HANGS_ON:
        return _ILL
    joins = following.removesuffix("’s") in JOINS
    if word in DOES:
        return _WELL if joins else _FAIRLY if following in DETERMINES | COUNTS else _ILL
    if joins or following in ACTS:
        return _WELL
    if word in DESCRIBES:
        return _ILL
    is_several = not word.endswith("s") if before in COUNTS else not following.endswith(_VERB_ENDS)
    if before in DETERMINES | DESCRIBES | COUNTS and following not in LEADS_ON | SPEAKS and is_several:
        return _IN_PHRASE
    return _FAIRLY if following in DETERMINES else _PLAIN


def fragments(piece: str) -> list[str]:
    """The smallest parts into which a piece may be broken where it is wider than its line."""
    found: list[str] = []
    for character in graphemes(piece):
        if found and not _may_break(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def graphemes(text: str) -> list[str]:
    """The text in extended grapheme clusters (UAX 29), which readers see as one character each.

    Such a cluster is a letter with its marks, an Indic conjunct or an emoji with all that it is made of.
    """
    return list(_GRAPHEME.findall(text))


def _phrases(word: str) -> list[str]:
    """The phrases of a word; a word without Japanese in it is one phrase."""
    if not any(map(_is_japanese, word)):
        return [word]
    characters = graphemes(word)
    ends = list(accumulate(map(len, characters)))[:-1]
    possible = [
        end
        for end, (last, first) in zip(ends, pairwise(characters), strict=True)
        if (_is_japanese(last[0]) or _is_japanese(first[0])) and _may_break(last, first)
    ]
    phrase_ends = set(accumulate(map(len, _japanese_parser().parse(word))))
    found: list[str] = []
    for start, end in pairwise([0, *(end for end in possible if end in phrase_ends), len(word)]):
        inner = [at for at in possible if start < at < end] if end - start > _LONGEST_PHRASE else []
        found += [word[first:last] for first, last in pairwise([start, *inner, end])]
    return found


@cache
def _japanese_parser() -> "Parser":
    from budoux import load_default_japanese_parser  # noqa: PLC0415 - other languages start without it

    return load_default_japanese_parser()


def _may_break(last: str, first: str) -> bool:
    """Whether a line may end with the text `last` if the next line begins with the text `first`."""
    return first[0] not in _NOT_FIRST and last[-1] not in _NOT_LAST


def _is_japanese(character: str) -> bool:
    """Kana, kanji and the punctuation that goes with them."""
    code = ord(character)
    return (
        0x3000 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0xFF00 <= code <= 0xFF9F
        or 0x20000 <= code <= 0x3FFFF
    )
