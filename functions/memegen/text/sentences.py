"""How the parts of a caption follow each other in a bar, a bubble or a subtitle.

On a picture the parts stand apart, at its top and its bottom. Elsewhere they follow each other, so that "The
cat chose my lap" and "I live on this sofa now" would run together without a stop.
"""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from memegen.text.small_words import GOES_ON

_CLOSING = "”’»\"')）」』"
_QUOTES = '”"'
_STOP, _PAUSE = ".", "…"
_ASKS = frozenset("?!")


def in_sequence(parts: Sequence[str], language: str) -> list[str]:
    """The parts with what stands between them where they follow each other.

    A part gets a full stop where the next one begins with a capital letter, and the mark of a pause where a
    new clause begins. It gets none where the sentence goes on, and where it has a mark at its end already.
    After a question the next part begins with a capital letter. In American English, which the English
    captions are written in, a full stop stands inside a quotation that ends with it.

    >>> in_sequence(["The cat chose my lap", "I live on this sofa now"], "en")
    ['The cat chose my lap.', 'I live on this sofa now']
    >>> in_sequence(["Why is it crunchy?", "it’s soup"], "en")
    ['Why is it crunchy?', 'It’s soup']
    >>> in_sequence(["They say “no rush”", "It was due on Friday"], "en")
    ['They say “no rush.”', 'It was due on Friday']
    """
    given = list(parts)
    for index, (part, following) in enumerate(pairwise(given)):
        given[index], given[index + 1] = _joined(part, following, language)
    return given


def _joined(part: str, following: str, language: str) -> tuple[str, str]:
    last = part.rstrip(_CLOSING)[-1:]
    first = next((letter for letter in following if unicodedata.category(letter)[0] in "LN"), "")
    goes_on = following.split(maxsplit=1)[0].strip(",") in GOES_ON if following else True
    if last in _ASKS and not goes_on:
        return part, following.replace(first, first.upper(), 1)
    if goes_on or not last or unicodedata.category(last)[0] not in "LNM":
        return part, following
    if first.isupper():
        said = part.rstrip(_QUOTES) if language == "en" else part
        return said + _STOP + part[len(said) :], following
    return (part if part[-1] in _CLOSING else part + _PAUSE), following
