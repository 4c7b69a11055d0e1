"""What stands between two parts of a caption where they follow each other.

On a picture the parts stand apart, at its top and its bottom. In a bar or a bubble they follow each other, so
that "The cat chose my lap" and "I live on this sofa now" would run together without a stop.
"""

import unicodedata

_CLOSING = "”’»\"')）」』"
_STOP, _PAUSE = ".", "…"


def with_stop(part: str, following: str) -> str:
    """The part with a full stop, where the part that follows it begins with a capital letter, and else with
    the mark of a pause, which suits a new sentence as well as one that goes on.

    A part that has a mark at its end already gets none.

    >>> with_stop("The cat chose my lap", "I live on this sofa now")
    'The cat chose my lap.'
    >>> with_stop("The printer worked", "on the first try")
    'The printer worked…'
    """
    last = part.rstrip(_CLOSING)[-1:]
    if not following or not last or unicodedata.category(last)[0] not in "LNM":
        return part
    first = next((letter for letter in following if unicodedata.category(letter)[0] in "LN"), "")
    return part + (_STOP if first.isupper() else _PAUSE)
