"""The corpus: every generator with its share of 5,000 cases.

The i-th case of a generator is the same in every run and in a corpus of any size.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from tests.support.corpus import bombs, claims, foreign, metadata, shapes, spoilt, wording
from tests.support.corpus.cases import Case

SEED = 20_260
WHOLE = 5000

_SHARES: dict[Callable[[int, np.random.Generator], Case], int] = {
    spoilt.whole: 250,
    spoilt.cut: 700,
    spoilt.flipped_anywhere: 471,
    spoilt.flipped_header: 300,
    spoilt.flipped_payload: 400,
    spoilt.flipped_bmp: 100,
    spoilt.flipped_png: 250,
    spoilt.flipped_restart: 150,
    spoilt.spliced: 400,
    spoilt.joined: 100,
    spoilt.hollow: 250,
    spoilt.foreign_pixels: 100,
    claims.huge: 120,
    claims.larger: 120,
    claims.smaller: 90,
    claims.nothing: 60,
    claims.anything: 160,
    bombs.unfolding: 38,
    bombs.at_the_limit: 7,
    foreign.noise: 60,
    foreign.signed_noise: 90,
    foreign.items: 10,
    foreign.text: 60,
    foreign.document: 120,
    foreign.polyglot: 80,
    shapes.odd_shape: 60,
    metadata.exif: 100,
    metadata.profile: 60,
    metadata.flipped_profile: 60,
    metadata.words: 60,
    metadata.great_exif: 4,
    wording.too_long: 10,
    wording.empty: 20,
    wording.control: 21,
    wording.unknown_letters: 20,
    wording.halves: 10,
    wording.marked: 20,
    wording.overturned: 10,
    wording.heaped: 39,
    wording.lines: 10,
    wording.wrong_option: 10,
}
assert sum(_SHARES.values()) == WHOLE


@dataclass(frozen=True)
class Named:
    """A case and what to call it: its generator and which of the generator's it is."""

    name: str
    case: Case


def corpus(count: int = WHOLE) -> Iterator[Named]:
    """About `count` cases, every generator's first ones: at least one of each."""
    for number, (make, share) in enumerate(_SHARES.items()):
        for i in range(-(-share * count // WHOLE)):
            rng = np.random.default_rng([SEED, number, i])
            kind = make.__module__.removeprefix("tests.support.corpus.")
            yield Named(f"{kind}.{make.__name__} {i}", make(i, rng))
