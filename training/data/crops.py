"""Labelled face crops, as `prepare` writes them and every later stage reads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from memegen.face.crop import SMALL_SIZE
from training.arrays import Pictures, Texts
from training.settings import Settings

POOL = "fer2013"
"""The data set that every backbone and member learns from."""

_FILE = "crops.npz"


@dataclass(frozen=True)
class Crops:
    """n labelled crops.

    pictures: (n, size, size) uint8 grey. labels: (n,) uint8 indices into EXPRESSIONS. sources and people:
    (n,) text.
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


def sources_of(settings: Settings) -> list[str]:
    """The data sets: the pool, then the members' own ones, then the others that members draw from."""
    members = settings.members.values()
    own, also = [member.source for member in members], [source for m in members for source in m.also]
    return list(dict.fromkeys([POOL, *own, *also]))


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


def write_splits(run: Path, splits: dict[str, tuple[list[Crops], npt.NDArray[np.uint8]]]) -> None:
    """Write each split's crops and its FER+ votes (n, 10) to `crops.npz` under `run`.

    A split has the same crops once for each of INPUT_SIZES.
    """
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for split, (by_size, votes) in splits.items():
        for crops in by_size:
            arrays[_pictures_name(split, crops.pictures.shape[1])] = crops.pictures
        arrays[f"{split}_labels"] = crops.labels
        arrays[f"{split}_sources"] = crops.sources
        arrays[f"{split}_people"] = crops.people
        arrays[f"{split}_votes"] = votes
    run.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(run / _FILE, **arrays)


def read_split(run: Path, split: str, size: int = SMALL_SIZE) -> Crops:
    """The crops of the split train or validation, `size` pixels a side. Only they are read into memory.

    Raises ValueError for another split, since no training code may see test pictures, and for a size that the
    run has no crops of.
    """
    if split not in ("train", "validation"):
        raise ValueError(f"the split is {split!r}; training reads only train and validation")
    pictures = _pictures_name(split, size)
    with np.load(run / _FILE) as stored:
        if pictures not in stored:
            raise ValueError(
                f"{run / _FILE} has no crops of {size} pixels a side, which earlier versions did not keep: "
                f"run `python -m training prepare --run {run}` again"
            )
        described = (stored[f"{split}_{part}"] for part in ("labels", "sources", "people"))
        return Crops(stored[pictures], *described)


def _pictures_name(split: str, size: int) -> str:
    """The name of a split's crops in the file. Files of earlier versions have the small ones alone."""
    return f"{split}_pictures" if size == SMALL_SIZE else f"{split}_pictures_{size}"


def read_votes(run: Path, split: str) -> npt.NDArray[np.uint8]:
    """FER+'s votes (n, 10) for the crops of `read_split`. A row is all 0 where nobody voted."""
    with np.load(run / _FILE) as stored:
        votes: npt.NDArray[np.uint8] = stored[f"{split}_votes"]
    return votes
