"""Which pictures an epoch draws, so that the rare classes count: the kinds and the strength of balancing."""

import numpy as np
import numpy.typing as npt
from imblearn.under_sampling import RandomUnderSampler

KINDS = ("none", "under", "over")
MAX_REPEATS = 8

Labels = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]


def balanced(labels: Labels, kind: str, strength: float, rng: np.random.Generator) -> Indices:
    """Indices into `labels` in which the rare classes have a larger share.

    kind: none takes every picture once. under drops pictures of the common classes. over repeats pictures of
        the rare ones, each at most eight times.
    strength: 0 changes nothing, and 1 makes all classes as large as the smallest (under) or the largest
        (over). Between these, a class's size is multiplied by (that class's size / its own) ** strength.
    Raises ValueError for another kind.
    """
    if kind not in KINDS:
        raise ValueError(f"balancing is {kind!r}; the kinds are {', '.join(KINDS)}")
    everything = np.arange(len(labels))
    names, sizes = np.unique(labels, return_counts=True)
    if kind == "none" or len(names) == 1:
        return everything
    if kind == "under":
        wanted = np.maximum(1, np.round(sizes * (sizes.min() / sizes) ** strength)).astype(int)
        pool = everything
    else:
        repeats = np.minimum(MAX_REPEATS, (sizes.max() / sizes) ** strength)
        wanted = np.round(sizes * repeats).astype(int)
        # Each picture is copied as often as its class needs at most, and then some copies are dropped at
        # random. imbalanced-learn's own over-sampler draws with replacement, which repeated a picture up to
        # eighteen times.
        copies = dict(zip(names, np.ceil(repeats).astype(int), strict=True))
        pool = np.repeat(everything, [copies[label] for label in labels])
    sampler = RandomUnderSampler(
        sampling_strategy=dict(zip(names.tolist(), wanted.tolist(), strict=True)),
        random_state=int(rng.integers(2**31)),
    )
    chosen, _ = sampler.fit_resample(pool[:, None], labels[pool])
    return np.asarray(chosen[:, 0], np.int64)


def draw(
    labels: Labels,
    sources: npt.NDArray[np.str_],
    source_shares: dict[str, float],
    *,
    kind: str,
    strength: float,
    count: int,
    rng: np.random.Generator,
) -> Indices:
    """Indices of about `count` pictures in random order. Each source has its share of them.

    They are balanced within each source, so that the source does not give the class away. If a source has
    fewer pictures than its share, its pictures are drawn again, each as often as the others or once more.
    Raises ValueError for a source without pictures.
    """
    parts = []
    for source, share in source_shares.items():
        own = np.flatnonzero(sources == source)
        if not len(own):
            raise ValueError(f"no training picture comes from {source!r}; found are {sorted(set(sources))}")
        wanted = round(share * count)
        rounds: list[Indices] = []
        while sum(map(len, rounds)) < wanted:
            rounds.append(rng.permutation(own[balanced(labels[own], kind, strength, rng)]))
        parts.append(np.concatenate(rounds)[:wanted])
    return rng.permutation(np.concatenate(parts))
