"""Where a text may be broken into lines: between words; in Japanese, which has no spaces, between phrases.

A phrase ends where hiragana, which end most words, give way to another script, and after punctuation. The
signs that may not begin or end a line are those of the basic kinsoku rules (JIS X 4051, JLREQ 3.1.7, 3.1.8).
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_NOT_FIRST = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】〙〗〟’”»ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ"
    "｡｣､･ｧｨｩｪｫｬｭｮｯｰﾞﾟ゠–〜～‐‼⁇⁈⁉…‥―％)]}!?,.:;%"
)
_NOT_LAST = frozenset("（〔［｛〈《「『【〘〖〝‘“«｢([{")
_ENDS_PHRASE = frozenset("、。，．：；？！）〕］｝〉》」』】〙〗〟…‥｡｣､‼⁇⁈⁉!?")
_BEFORE_NOUN = frozenset("おご御")  # a polite prefix stays with its noun
_LONGEST_PHRASE = 8  # signs; a longer one, such as a text all in hiragana, may be broken between any two

_ZERO_WIDTH_JOINER = "\u200d"
_LONGEST_CLUSTER = 12  # signs that viramas or joiners hold together; no word or emoji needs more
_VIRAMA_CLASS = 9  # canonical combining class of the sign that joins Indic consonants


@dataclass(frozen=True)
class Piece:
    """What stays on one line. spaced: a space stands before it when it isn't the first of its line."""

    text: str
    spaced: bool


@lru_cache(maxsize=512)
def pieces(text: str) -> tuple[Piece, ...]:
    """The text's words and phrases in reading order."""
    found = []
    for word in text.split():
        for index, phrase in enumerate(_phrases(word)):
            found.append(Piece(phrase, spaced=index == 0))
    return tuple(found)


def fragments(piece: str) -> list[str]:
    """The smallest parts into which a piece wider than its line may be broken."""
    found: list[str] = []
    for cluster in clusters(piece):
        if found and not _may_break(found[-1], cluster):
            found[-1] += cluster
        else:
            found.append(cluster)
    return found


def clusters(text: str) -> list[str]:
    """The text in signs as a reader sees them: each letter with its marks, joined consonants together, an
    emoji with all that it is made of (after UAX 29, its extended grapheme clusters)."""
    found: list[str] = []
    for sign in text:
        if found and _continues(found[-1], sign):
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _continues(cluster: str, sign: str) -> bool:
    if unicodedata.category(sign) in ("Mn", "Mc", "Me", "Cf") or "\U0001f3fb" <= sign <= "\U0001f3ff":
        return True  # marks, joiners, skin tones
    if _is_flag_half(sign):
        return len(cluster) == 1 and _is_flag_half(cluster)
    if len(cluster) >= _LONGEST_CLUSTER:
        return False
    if unicodedata.combining(cluster.rstrip(_ZERO_WIDTH_JOINER)[-1:] or " ") == _VIRAMA_CLASS:
        return unicodedata.category(sign) == "Lo"
    return cluster[-1] == _ZERO_WIDTH_JOINER and unicodedata.category(sign) == "So"


def _is_flag_half(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _phrases(word: str) -> list[str]:
    """A word without Japanese in it is one phrase."""
    signs = clusters(word)
    if not any(_is_japanese(sign) for sign in signs):
        return [word]
    phrases: list[list[str]] = [[]]
    for sign in signs:
        last = phrases[-1]
        if last and _breaks_japanese(last[-1], sign) and _ends_phrase(last[-1], sign):
            phrases.append([])
        phrases[-1].append(sign)
    found: list[str] = []
    for phrase in phrases:
        found += ["".join(phrase)] if len(phrase) <= _LONGEST_PHRASE else _broken_phrase(phrase)
    return found


def _broken_phrase(signs: list[str]) -> list[str]:
    found = signs[:1]
    for last, sign in pairwise(signs):
        if _breaks_japanese(last, sign):
            found.append(sign)
        else:
            found[-1] += sign
    return found


def _breaks_japanese(last: str, sign: str) -> bool:
    """Whether a line may end between the two: not inside a word of another script."""
    return (_is_japanese(last) or _is_japanese(sign)) and _may_break(last, sign)


def _may_break(last: str, sign: str) -> bool:
    return sign[0] not in _NOT_FIRST and last[-1] not in _NOT_LAST


def _ends_phrase(last: str, sign: str) -> bool:
    if last[0] in _ENDS_PHRASE or sign[0] in _NOT_LAST:
        return True
    return _is_hiragana(last) and not _is_hiragana(sign) and last not in _BEFORE_NOUN


def _is_hiragana(sign: str) -> bool:
    return "ぁ" <= sign[0] <= "ゟ"


def _is_japanese(sign: str) -> bool:
    """Kana, kanji and the punctuation that goes with them."""
    code = ord(sign[0])
    return (
        0x3000 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0xFF00 <= code <= 0xFF9F
        or 0x20000 <= code <= 0x3FFFF
    )
