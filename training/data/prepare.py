"""The first step: the data sets become grey face crops of 48x48 and 96x96 pixels with labels and splits.

Training and validation crops go into `crops.npz`. Test crops go in their own size to
`test/<source>/<class>/*.png`, which only `model_export` reads.
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from memegen.face.crop import INPUT_SIZES, crop_face, grey, square_crop
from memegen.face.detect import Pixels, find_faces
from memegen.options import EXPRESSIONS
from training.data.crops import Crops, sources_of, write_splits
from training.data.sources import Labelled, read_source
from training.settings import Prepare, Settings


def prepare(data: Path, run: Path, settings: Settings) -> None:
    """Read the pool and every set that members draw from under `data`, and write their crops under `run`.

    Prints what was left out. Leaves `crops.npz`, `balance.json` (the numbers of pictures by split, source and
    class), `test/<source>/<class>/*.png` and, of sources whose pictures are whole photos, those of the test
    split in `test-photos/`. Raises ValueError, which names the folder or file, when a set is missing, a
    picture can't be read, or a set has fewer than two classes.
    """
    dropped: Counter[str] = Counter()
    splits: dict[str, list[tuple[Labelled, list[Pixels]]]] = {"train": [], "validation": []}
    counts: Counter[tuple[str, str, str]] = Counter()
    for source in sources_of(settings):
        whole = source in settings.prepare.whole_photos
        found = list(read_source(source, data, dropped))
        _must_have_classes(found, source, data)
        place = split_people({picture.person for picture in found}, source, settings.prepare)
        for picture in tqdm(found, desc=source, unit=" pictures", mininterval=1, file=sys.stderr):
            split = picture.split or place[picture.person]
            pixels = read_pixels(picture)
            face = read_face(pixels, whole)
            if face is None:
                dropped[f"{source}: no face found"] += 1
                continue
            if split != "test" and face.min() == face.max():
                dropped[f"{source}: blank"] += 1
                continue
            counts[split, source, picture.expression] += 1
            if split == "test":
                _write_test(run / "test", picture, face)
                if whole:
                    _write_test(run / "test-photos", picture, pixels)
            else:
                splits[split].append((picture, [square_crop(face, size) for size in INPUT_SIZES]))
    stacked = {split: _stacked(rows) for split, rows in splits.items()}
    write_splits(run, stacked)
    _write_balance(run / "balance.json", counts)
    _print_summary(counts, dropped)


def _stacked(rows: list[tuple[Labelled, list[Pixels]]]) -> tuple[list[Crops], npt.NDArray[np.uint8]]:
    """The crops of a split as arrays, for each of INPUT_SIZES, and their FER+ votes (n, 10)."""
    labels = np.array([EXPRESSIONS.index(picture.expression) for picture, _ in rows], np.uint8)
    sources = np.array([picture.source for picture, _ in rows])
    people = np.array([picture.person for picture, _ in rows])
    by_size = [
        Crops(np.stack([crops[place] for _, crops in rows]), labels, sources, people)
        for place in range(len(INPUT_SIZES))
    ]
    return by_size, np.array([picture.votes for picture, _ in rows], np.uint8)


def split_people(people: Iterable[str], source: str, settings: Prepare) -> dict[str, str]:
    """The split of each person: train, validation or test. A hash decides, so that it is always the same."""
    ordered = sorted(
        people, key=lambda person: hashlib.sha256(f"{settings.seed}/{source}/{person}".encode()).digest()
    )
    tests = round(len(ordered) * settings.test_share)
    validations = round(len(ordered) * settings.validation_share)
    return {
        person: "test" if rank < tests else "validation" if rank < tests + validations else "train"
        for rank, person in enumerate(ordered)
    }


def read_pixels(picture: Labelled) -> Pixels:
    """A picture's pixels, (height, width, 3) uint8 RGB, or grey (height, width).

    Raises ValueError, which names the file, when it is no picture.
    """
    if picture.pixels is not None:
        return picture.pixels
    try:
        with Image.open(picture.file) as opened:
            return np.asarray(opened.convert("RGB"))
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(f"{picture.file} can't be read as a picture: {error}") from error


def read_face(pixels: Pixels, whole_photo: bool) -> Pixels | None:
    """The picture's face, (height, width) uint8 grey: a picture that is a crop already, in its own size.

    Of a whole photo it is the largest face, or None where no face is found.
    """
    if not whole_photo:
        return grey(pixels)
    faces = find_faces(pixels)
    return crop_face(pixels, faces[0]) if faces else None


def _must_have_classes(found: list[Labelled], source: str, data: Path) -> None:
    classes = sorted({picture.expression for picture in found})
    if len(classes) < 2:
        raise ValueError(
            f"{source} under {data} has pictures of {classes or 'no class'}; two classes are needed at least"
        )


def _write_test(root: Path, picture: Labelled, pixels: Pixels) -> None:
    folder = root / picture.source / picture.expression
    folder.mkdir(parents=True, exist_ok=True)
    # The person stands first in the name, so that intervals can be taken over people.
    person = picture.person.replace("/", "_")
    name = f"{picture.file}/{picture.person}" if picture.pixels is not None else str(picture.file)
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    Image.fromarray(pixels).save(folder / f"{person}--{picture.file.stem}-{digest}.png")


def _write_balance(file: Path, counts: Counter[tuple[str, str, str]]) -> None:
    described: dict[str, dict[str, dict[str, int]]] = {}
    for (split, source, expression), count in sorted(counts.items()):
        described.setdefault(split, {}).setdefault(source, {})[expression] = count
    file.write_text(json.dumps(described, indent=2) + "\n")


def _print_summary(counts: Counter[tuple[str, str, str]], dropped: Counter[str]) -> None:
    print(f"{'split':<11}{'source':<9}" + "".join(f"{name:>10}" for name in EXPRESSIONS))
    for split, source in sorted({key[:2] for key in counts}):
        row = "".join(f"{counts[split, source, name]:>10,}" for name in EXPRESSIONS)
        print(f"{split:<11}{source:<9}{row}")
    for reason, count in sorted(dropped.items()):
        print(f"left out, {reason}: {count:,}")
    print("crops are grey, of " + " and ".join(f"{size}x{size}" for size in INPUT_SIZES) + " pixels")
