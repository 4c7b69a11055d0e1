"""Where one part of a caption goes on with the sentence of the part before it, and where it begins its own.

On a picture the parts stand apart, at its top and its bottom. In a bar or a bubble they follow each other, so
that "The cat chose my lap" and "I live on this sofa now" would run together without a stop.
"""

import unicodedata

_CLOSING = "”’»\"')）」』"
_STOP = "."


def goes_on(part: str) -> bool:
    """Whether a part goes on with a sentence: its first letter is a small one."""
    return _first(part).islower()


def with_stop(part: str, following: str) -> str:
    """The part with a full stop, where the part that follows it begins a sentence of its own.

    Only a script with capital letters tells where a sentence begins, so only such a text gets a stop. A part
    with a mark at its end already gets none.

    >>> with_stop("The cat chose my lap", "I live on this sofa now")
    'The cat chose my lap.'
    >>> with_stop("The printer worked", "on the first try")
    'The printer worked'
    """
    last = part.rstrip(_CLOSING)[-1:]
    is_open = bool(last) and unicodedata.category(last)[0] in "LN"
    return part + _STOP if _first(following).isupper() and is_open else part


def _first(part: str) -> str:
    """The first letter or digit of a part, or nothing."""
    return next((character for character in part if unicodedata.category(character)[0] in "LN"), "")
