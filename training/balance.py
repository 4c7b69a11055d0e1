"""Which pictures an epoch draws, so that rare classes are heard."""

import numpy as np
import numpy.typing as npt

MAX_REPEATS = 8


def draw(
    labels: npt.NDArray[np.uint8],
    sources: npt.NDArray[np.str_],
    source_shares: dict[str, float],
    *,
    balance: float,
    count: int,
    rng: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Indices of `count` pictures in random order.

    Each source gets its share of the draw. Within a source a class of n pictures is drawn as often as if it
    had n * (largest / n) ** balance: 0 keeps the classes as they are, 1 makes them equal, but no picture is
    drawn more than eight times as often as one of the largest class.
    """
    chances = np.zeros(len(labels))
    for source, share in source_shares.items():
        own = sources == source
        if not own.any():
            raise ValueError(f"no training picture comes from {source!r}; found are {sorted(set(sources))}")
        sizes = np.bincount(labels[own], minlength=int(labels.max()) + 1)
        repeats = np.minimum(MAX_REPEATS, (sizes.max() / np.maximum(sizes, 1)) ** balance)
        weight = repeats[labels[own]]
        chances[own] = share * weight / weight.sum()
    chances /= chances.sum()
    # Whole draws first, chance only for the remainders: an epoch sees every picture as evenly as it can.
    wanted = chances * count
    times = np.floor(wanted).astype(np.int64)
    missing = count - int(times.sum())
    rest = wanted - times
    if missing:
        times[rng.choice(len(labels), missing, replace=False, p=rest / rest.sum())] += 1
    return rng.permutation(np.repeat(np.arange(len(labels)), times))
