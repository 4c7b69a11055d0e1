"""Scores the shipped ensemble on a folder of labelled pictures."""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError
from sklearn.metrics import confusion_matrix, f1_score
from tqdm import tqdm

from memegen.expressions import Ensemble, combine
from memegen.faces import Pixels, crop_face, find_faces, square_crop
from memegen.options import EXPRESSIONS
from memegen.photo import read_photo
from training.datasets import Labelled, read_folder

NO_FACE = -1


@dataclass(frozen=True)
class Readings:
    """What was read in n pictures.

    labels: (n,) indices into EXPRESSIONS. members: (n, members, 7) probabilities, zero where no face was
    found. found: (n,) bool. member_seconds: (members,), what each took for all pictures with a face.
    """

    labels: npt.NDArray[np.int64]
    members: npt.NDArray[np.float64]
    found: npt.NDArray[np.bool_]
    member_seconds: npt.NDArray[np.float64]


def evaluate(folder: Path, ensemble: Ensemble, photos: bool) -> dict[str, Any]:
    """Scores of the ensemble and of each member on `<folder>/<class>/*`.

    The pictures are face crops of any size, or with `photos` whole photos, in which the face finder looks
    first; a photo without a found face counts as wrong. Raises ValueError that names the folder or file for
    what can't be read.
    """
    readings = _read(folder, ensemble, photos)
    names = [member.name for member in ensemble.members]
    together = combine(readings.members + 1e-12, ensemble.weights)
    return {
        "ensemble": _scores(readings, together, float(readings.member_seconds.sum())),
        "members": {
            name: _scores(readings, readings.members[:, place], float(readings.member_seconds[place]))
            for place, name in enumerate(names)
        },
    }


def _read(folder: Path, ensemble: Ensemble, photos: bool) -> Readings:
    pictures = list(read_folder(folder, folder.name))
    if not pictures:
        raise ValueError(f"{folder} has no pictures; expected are {folder}/<class>/*")
    count = len(ensemble.members)
    probabilities = np.zeros((len(pictures), count, len(EXPRESSIONS)))
    found = np.zeros(len(pictures), bool)
    seconds = np.zeros(count)
    for place, picture in enumerate(tqdm(pictures, unit=" pictures", mininterval=1, file=sys.stderr)):
        crop = _crop(picture, photos)
        if crop is None:
            continue
        found[place] = True
        for member_place, member in enumerate(ensemble.members):
            start = time.perf_counter()
            probabilities[place, member_place] = member.probabilities(crop)
            seconds[member_place] += time.perf_counter() - start
    labels = np.array([EXPRESSIONS.index(picture.expression) for picture in pictures])
    return Readings(labels, probabilities, found, seconds)


def _crop(picture: Labelled, photos: bool) -> Pixels | None:
    if photos:
        pixels = read_photo(picture.file.read_bytes()).pixels
        faces = find_faces(pixels)
        return crop_face(pixels, faces[0]) if faces else None
    try:
        with Image.open(picture.file) as opened:
            return square_crop(np.asarray(opened.convert("RGB")))
    except (UnidentifiedImageError, OSError) as fault:
        raise ValueError(f"{picture.file} can't be read as a picture: {fault}") from fault


def _scores(readings: Readings, probabilities: npt.NDArray[np.float64], seconds: float) -> dict[str, Any]:
    guesses = np.where(readings.found, probabilities.argmax(axis=1), NO_FACE)
    classes = np.arange(len(EXPRESSIONS))
    present = np.unique(readings.labels)
    confusion = confusion_matrix(readings.labels, guesses, labels=[*classes, NO_FACE])[:-1, :-1]
    per_label = np.bincount(readings.labels, minlength=len(EXPRESSIONS))
    return {
        "n": len(guesses),
        "accuracy": float((guesses == readings.labels).mean()),
        "macro_f1": float(
            f1_score(readings.labels, guesses, labels=present, average="macro", zero_division=0)
        ),
        "recall": {EXPRESSIONS[c]: float(confusion[c, c] / per_label[c]) for c in present},
        "confusion": confusion.tolist(),
        "ms_per_face": 1000 * seconds / max(1, int(readings.found.sum())),
        "no_face": int((~readings.found).sum()),
    }


def show(scores: dict[str, Any], as_json: bool) -> None:
    """Prints the scores: as JSON, or as tables for a person."""
    if as_json:
        print(json.dumps(scores))
        return
    rows = {"ensemble": scores["ensemble"]} | {f"member {k}": v for k, v in scores["members"].items()}
    width = 10
    print(
        f"{'':<10}{'n':>7}{'accuracy':>{width}}{'macro-F1':>{width}}{'ms/face':>{width}}{'no face':>{width}}"
    )
    for name, row in rows.items():
        print(
            f"{name:<10}{row['n']:>7,}{row['accuracy']:>{width}.3f}{row['macro_f1']:>{width}.3f}"
            f"{row['ms_per_face']:>{width}.2f}{row['no_face']:>{width}}"
        )
    print(f"\n{'recall':<10}" + "".join(f"{label:>{width}}" for label in EXPRESSIONS))
    for name, row in rows.items():
        cells = "".join(
            f"{row['recall'][label]:>{width}.3f}" if label in row["recall"] else f"{'–':>{width}}"
            for label in EXPRESSIONS
        )
        print(f"{name:<10}{cells}")
    print("\nthe ensemble's confusion, a row a label, a column a reading")
    for label, row in zip(EXPRESSIONS, scores["ensemble"]["confusion"], strict=True):
        print(f"{label:<10}" + "".join(f"{count:>{width},}" for count in row))
