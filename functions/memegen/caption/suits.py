"""Which entries of a pack suit a face, by all that was read in it and not by the likeliest expression alone.

An entry says how well it suits each class: {"anger": 1, "disgust": 0.7}. Its score is Σ p · suits.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

_NEARLY_BEST = 0.8  # of the best score: these entries suit so well that chance may choose among them
_LEAST_FIT = 0.5  # of the best score: below that an entry does not suit


class Suiting(Protocol):
    """An entry of a pack. suits: class → how well the entry suits it, 0 to 1; a class left out is 0."""

    @property
    def id(self) -> str: ...
    @property
    def suits(self) -> Mapping[str, float]: ...


Entry = TypeVar("Entry", bound=Suiting)


def score(suits: Mapping[str, float], probabilities: Mapping[str, float]) -> float:
    """Σ p · suits over the classes.

    >>> round(score({"anger": 1, "disgust": 0.7}, {"anger": 0.5, "disgust": 0.3, "fear": 0.2}), 2)
    0.71
    """
    return sum(weight * probabilities.get(name, 0.0) for name, weight in suits.items())


def in_tiers(entries: Sequence[Entry], probabilities: Mapping[str, float]) -> list[list[Entry]]:
    """The entries that suit, those that suit as well as the best first.

    The first tier are those within .8 of the best score, the next those within .8 of the best that is left,
    down to half of the best score of all.
    """
    scores = {entry.id: score(entry.suits, probabilities) for entry in entries}
    least = _LEAST_FIT * max(scores.values(), default=0.0)
    left = [entry for entry in entries if scores[entry.id] >= least > 0]
    found: list[list[Entry]] = []
    while left:
        as_good = _NEARLY_BEST * max(scores[entry.id] for entry in left)
        found.append([entry for entry in left if scores[entry.id] >= as_good])
        left = [entry for entry in left if scores[entry.id] < as_good]
    return found


def seeded_order(entries: Sequence[Entry], seed: int) -> list[Entry]:
    """The entries in the seed's order, which is the same on every machine."""
    return sorted(entries, key=lambda entry: rank(seed, entry.id))


def rank(seed: int, name: str) -> bytes:
    """A name's place in the seed's order.

    It is a hash and not a shuffle, so that it is the same on every machine and in every version of Python,
    and so that a name that is added later leaves the others in their order.
    """
    return hashlib.sha256(f"{seed} {name}".encode()).digest()
