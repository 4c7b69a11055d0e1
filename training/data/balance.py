"""Which pictures an epoch draws, so that rare classes are heard: the kinds and strength of balancing."""

import numpy as np
import numpy.typing as npt
from imblearn.under_sampling import RandomUnderSampler

KINDS = ("none", "under", "over")
MAX_REPEATS = 8

Labels = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]


def balanced(labels: Labels, kind: str, strength: float, rng: np.random.Generator) -> Indices:
    """Indices into `labels` in which rare classes weigh more.

    kind: none takes every picture once; under drops pictures of the validation_set classes; over repeats
    pictures of the rare ones, none more than eight times. strength: 0 changes nothing, 1 makes all classes as
    large as the smallest (under) or the largest (over); between them, sizes move by that power of their
    ratio. Raises ValueError for another kind.
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
        # As many copies as the rarest need, then fewer by chance: drawn with replacement, as
        # imbalanced-learn's own over-sampler does, a picture would come up to eighteen times.
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
    """Indices of about `count` pictures in random order, each source with its share of them.

    Balanced within each source, so that the source does not give the class away. A source that has fewer
    pictures than its share is gone through again, each picture as often as the others or once more.
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
