"""Labelled face crops, as `prepare` writes them and every later stage reads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.arrays import Pictures, Texts

POOL = "fer2013"
"""The data set that every backbone and member learns from."""

_FILE = "crops.npz"


@dataclass(frozen=True)
class Crops:
    """n labelled crops.

    pictures: (n, 48, 48) uint8 grey. labels: (n,) uint8 indices into EXPRESSIONS. sources and people: (n,)
    text.
    """

    pictures: Pictures
    labels: npt.NDArray[np.uint8]
    sources: Texts
    people: Texts

    def of(self, mask: npt.NDArray[np.bool_]) -> "Crops":
        """The crops where the mask (n,) is true."""
        return Crops(self.pictures[mask], self.labels[mask], self.sources[mask], self.people[mask])

    def plus(self, other: "Crops") -> "Crops":
        """These crops, followed by the other ones."""
        return Crops(
            np.concatenate([self.pictures, other.pictures]),
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.sources, other.sources]),
            np.concatenate([self.people, other.people]),
        )


def person_folds(crops: Crops, sources: Iterable[str], count: int, seed: int) -> npt.NDArray[np.int64]:
    """The fold (n,) of each crop, from 1 to `count`, by its person; 0 for crops of other sources.

    The people of every source are spread evenly over the folds, at random.
    """
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(crops.labels), np.int64)
    for source in sources:
        own = np.flatnonzero(crops.sources == source)
        people, person = np.unique(crops.people[own], return_inverse=True)
        fold[own] = (1 + rng.permutation(len(people)) % count)[person]
    return fold


def write_splits(run: Path, splits: dict[str, tuple[Crops, npt.NDArray[np.uint8]]]) -> None:
    """Write each split's crops and its FER+ votes (n, 10) to `crops.npz` under `run`."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for split, (crops, votes) in splits.items():
        arrays[f"{split}_pictures"] = crops.pictures
        arrays[f"{split}_labels"] = crops.labels
        arrays[f"{split}_sources"] = crops.sources
        arrays[f"{split}_people"] = crops.people
        arrays[f"{split}_votes"] = votes
    run.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(run / _FILE, **arrays)


def read_split(run: Path, split: str) -> Crops:
    """The crops of the split train or validation.

    Raises ValueError for another split, since no training code may see test pictures.
    """
    if split not in ("train", "validation"):
        raise ValueError(f"the split is {split!r}; training reads only train and validation")
    with np.load(run / _FILE) as stored:
        return Crops(*(stored[f"{split}_{part}"] for part in ("pictures", "labels", "sources", "people")))


def read_votes(run: Path, split: str) -> npt.NDArray[np.uint8]:
    """FER+'s votes (n, 10) for the crops of `read_split`. A row is all 0 where nobody voted."""
    with np.load(run / _FILE) as stored:
        votes: npt.NDArray[np.uint8] = stored[f"{split}_votes"]
    return votes
