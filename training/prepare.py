"""Data sets → 48x48 grey face crops with labels and splits.

Training and validation crops go to `crops.npz`. Test crops go to `test/<source>/<class>/*.png`, which only
`python -m model_export evaluate` reads.
"""

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from memegen.faces import CROP_SIZE, crop_face, find_faces, square_crop
from memegen.options import EXPRESSIONS
from training.datasets import ADAPTERS, Labelled
from training.settings import Prepare


@dataclass(frozen=True)
class Crops:
    """n labelled crops.

    pictures: (n, 48, 48) uint8 grey. labels: (n,) uint8 index into EXPRESSIONS. sources and
    people: (n,) text.
    """

    pictures: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]
    sources: npt.NDArray[np.str_]
    people: npt.NDArray[np.str_]

    def of(self, chosen: npt.NDArray[np.bool_]) -> "Crops":
        return Crops(self.pictures[chosen], self.labels[chosen], self.sources[chosen], self.people[chosen])


def prepare(data: Path, run: Path, settings: Prepare) -> None:
    """Reads every data set under `data`, writes each split's crops under `run`, prints what was left out.

    Raises ValueError that names the folder or file when a set is missing or a picture can't be read.
    """
    dropped: Counter[str] = Counter()
    splits: dict[str, list[tuple[Labelled, npt.NDArray[np.uint8]]]] = {"train": [], "validation": []}
    counts: Counter[tuple[str, str, str]] = Counter()
    for source, read in ADAPTERS.items():
        found = list(read(data, dropped))
        place = split_people({picture.person for picture in found}, source, settings)
        for picture in tqdm(found, desc=source, unit=" pictures", mininterval=1, file=sys.stderr):
            split = picture.split or place[picture.person]
            crop = read_crop(picture.file, whole_photo=source == "jaffe")
            if crop is None:
                dropped[f"{source}: no face found"] += 1
                continue
            if split != "test" and crop.min() == crop.max():
                dropped[f"{source}: blank"] += 1
                continue
            counts[split, source, picture.expression] += 1
            if split == "test":
                _write_test_crop(run / "test" / source / picture.expression, picture, crop)
            else:
                splits[split].append((picture, crop))
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for split, rows in splits.items():
        arrays[f"{split}_pictures"] = np.stack([crop for _, crop in rows])
        arrays[f"{split}_labels"] = np.array([EXPRESSIONS.index(p.expression) for p, _ in rows], np.uint8)
        arrays[f"{split}_sources"] = np.array([p.source for p, _ in rows])
        arrays[f"{split}_people"] = np.array([p.person for p, _ in rows])
    run.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(run / "crops.npz", **arrays)
    _print_summary(counts, dropped)


def read_split(run: Path, split: str) -> Crops:
    """The crops of the split train or validation, as `prepare` wrote them.

    Raises ValueError for another split: no training code sees test pictures.
    """
    if split not in ("train", "validation"):
        raise ValueError(f"the split is {split!r}; training reads only train and validation")
    with np.load(run / "crops.npz") as stored:
        return Crops(*(stored[f"{split}_{part}"] for part in ("pictures", "labels", "sources", "people")))


def split_people(people: Iterable[str], source: str, settings: Prepare) -> dict[str, str]:
    """Who goes where: person → train, validation or test, by a hash, so that a person never moves."""
    ordered = sorted(
        people, key=lambda person: hashlib.sha256(f"{settings.seed}/{source}/{person}".encode()).digest()
    )
    tests = round(len(ordered) * settings.test_share)
    validations = round(len(ordered) * settings.validation_share)
    return {
        person: "test" if rank < tests else "validation" if rank < tests + validations else "train"
        for rank, person in enumerate(ordered)
    }


def read_crop(file: Path, whole_photo: bool) -> npt.NDArray[np.uint8] | None:
    """One picture as (48, 48) uint8 grey; of a whole photo its largest face, None where none is found."""
    try:
        with Image.open(file) as picture:
            pixels = np.asarray(picture.convert("RGB"))
    except (UnidentifiedImageError, OSError) as fault:
        raise ValueError(f"{file} can't be read as a picture: {fault}") from fault
    if not whole_photo:
        return square_crop(pixels)
    faces = find_faces(pixels)
    return crop_face(pixels, faces[0]) if faces else None


def _write_test_crop(folder: Path, picture: Labelled, crop: npt.NDArray[np.uint8]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # The person stands first in the name, so that intervals can be taken over people.
    person = picture.person.replace("/", "_")
    digest = hashlib.sha256(str(picture.file).encode()).hexdigest()[:8]
    cv2.imwrite(str(folder / f"{person}--{picture.file.stem}-{digest}.png"), crop)


def _print_summary(counts: Counter[tuple[str, str, str]], dropped: Counter[str]) -> None:
    print(f"{'split':<11}{'source':<9}" + "".join(f"{name:>10}" for name in EXPRESSIONS))
    for split, source in sorted({key[:2] for key in counts}):
        row = "".join(f"{counts[split, source, name]:>10,}" for name in EXPRESSIONS)
        print(f"{split:<11}{source:<9}{row}")
    for reason, count in sorted(dropped.items()):
        print(f"left out, {reason}: {count:,}")
    print(f"crops are {CROP_SIZE}x{CROP_SIZE} grey")
