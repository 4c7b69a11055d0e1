"""Scores the shipped ensemble on folders of labelled pictures."""

import csv
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from memegen.face.crop import crop_face, square_crop
from memegen.face.detect import Pixels, find_faces
from memegen.face.expressions import Ensemble, combine
from memegen.options import EXPRESSIONS
from memegen.photo.decode import read_photo
from training.arrays import Float64s
from training.data.sources import Labelled, read_folder
from training.ensemble.calibration import calibration_error
from training.ensemble.metrics import (
    NO_FACE,
    accuracy_of,
    confusion,
    equal_sources,
    interval,
    macro_f1_of,
    per_person_confusions,
)


@dataclass(frozen=True)
class Readings:
    """What was read in n pictures.

    labels: (n,) indices into EXPRESSIONS. members: (n, members, 7) probabilities, zero where no face was
    found. found: (n,) bool. brightness: (n,) mean grey of the crop, 0 to 255. sources: (n,) the folders'
    names. people: (n,) text. weights: (n,), mean 1. member_seconds: (members,), what each took for all
    pictures with a face.
    """

    labels: npt.NDArray[np.int64]
    members: Float64s
    found: npt.NDArray[np.bool_]
    brightness: Float64s
    sources: npt.NDArray[np.str_]
    people: npt.NDArray[np.str_]
    weights: Float64s
    member_seconds: Float64s


def evaluate(
    folders: Sequence[Path], ensemble: Ensemble, *, photos: bool = False, votes: Path | None = None
) -> dict[str, Any]:
    """Scores of the ensemble and of each member on `<folder>/<class>/*`.

    The pictures are face crops of any size, or with `photos` whole photos, in which the face finder looks
    first; a photo without a found face counts as wrong. votes: a table like FER+'s, whose majority takes the
    place of the folders' labels; pictures without a majority for one of the seven classes are left out.
    What stands before `--` in a file's name is the person over which intervals are taken, else each picture.

    Of several folders every one has the same weight in all; their own scores are in `sets`. Raises ValueError
    that names the folder or file for what can't be read.
    """
    parts = []
    for folder in folders:
        pictures = list(read_folder(folder, folder.name))
        if not pictures:
            raise ValueError(f"{folder} has no pictures; expected are {folder}/<class>/*")
        parts.append(_read(pictures if votes is None else _relabelled(pictures, votes), ensemble, photos))
    names = [member.name for member in ensemble.members]
    if len(parts) == 1:
        return _all_scores(parts[0], ensemble.weights, names)
    together = _together(parts)
    return _all_scores(together, ensemble.weights, names) | {
        "against": _against(together, ensemble.weights, names),
        "sets": {
            folder.name: _all_scores(part, ensemble.weights, names)
            for folder, part in zip(folders, parts, strict=True)
        },
    }


def _read(pictures: list[Labelled], ensemble: Ensemble, photos: bool) -> Readings:
    count = len(ensemble.members)
    probabilities = np.zeros((len(pictures), count, len(EXPRESSIONS)))
    found = np.zeros(len(pictures), bool)
    brightness = np.zeros(len(pictures))
    seconds = np.zeros(count)
    for place, picture in enumerate(tqdm(pictures, unit=" pictures", mininterval=1, file=sys.stderr)):
        crop = _crop(picture, photos)
        if crop is None:
            continue
        found[place], brightness[place] = True, crop.mean()
        for member_place, member in enumerate(ensemble.members):
            start = time.perf_counter()
            probabilities[place, member_place] = member.probabilities(crop[None])[0]
            seconds[member_place] += time.perf_counter() - start
    return Readings(
        np.array([EXPRESSIONS.index(picture.expression) for picture in pictures]),
        probabilities,
        found,
        brightness,
        np.array([picture.source for picture in pictures]),
        np.array([f"{picture.source}/{picture.person}" for picture in pictures]),
        np.ones(len(pictures)),
        seconds,
    )


def _crop(picture: Labelled, photos: bool) -> Pixels | None:
    if photos:
        pixels = read_photo(picture.file.read_bytes())
        faces = find_faces(pixels)
        return crop_face(pixels, faces[0]) if faces else None
    try:
        with Image.open(picture.file) as opened:
            return square_crop(np.asarray(opened.convert("RGB")))
    except (UnidentifiedImageError, OSError) as fault:
        raise ValueError(f"{picture.file} can't be read as a picture: {fault}") from fault


def _relabelled(pictures: list[Labelled], votes: Path) -> list[Labelled]:
    """The pictures with the class that got most votes, alone, among a table's columns after `path`."""
    named = {"anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise", "contempt"}
    majority: dict[tuple[str, ...], str] = {}
    with votes.open(newline="") as lines:
        for row in csv.DictReader(lines):
            counted = sorted(
                ((int(count), name) for name, count in row.items() if name in {*named, "unknown", "NF"}),
                reverse=True,
            )
            if counted and counted[0][0] > counted[1][0]:
                majority[Path(row["path"]).parts[-3:]] = counted[0][1]
    labelled = [(picture, majority.get(picture.file.parts[-3:])) for picture in pictures]
    kept = [replace(picture, expression=name) for picture, name in labelled if name in EXPRESSIONS]
    if not kept:
        raise ValueError(f"{votes} has no majority for any of the pictures, looked up as split/class/name")
    return kept


def _together(parts: list[Readings]) -> Readings:
    sources = np.concatenate([part.sources for part in parts])
    return Readings(
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.members for part in parts]),
        np.concatenate([part.found for part in parts]),
        np.concatenate([part.brightness for part in parts]),
        sources,
        np.concatenate([part.people for part in parts]),
        equal_sources(sources),
        np.sum([part.member_seconds for part in parts], axis=0),
    )


def _all_scores(readings: Readings, weights: Float64s, names: list[str]) -> dict[str, Any]:
    together = combine(readings.members + 1e-12, weights)
    scores = _scores(readings, together, float(readings.member_seconds.sum()))
    edges = np.quantile(readings.brightness, [0.2, 0.4, 0.6, 0.8])
    fifths = np.searchsorted(edges, readings.brightness)
    guesses = _guesses(readings, together)
    scores["accuracy_by_brightness_fifth"] = [
        float(accuracy_of(confusion(readings.labels[own], guesses[own], readings.weights[own])))
        if (own := fifths == fifth).any()
        else None
        for fifth in range(5)
    ]
    return {
        "ensemble": scores,
        "members": {
            name: _scores(readings, readings.members[:, place], float(readings.member_seconds[place]))
            for place, name in enumerate(names)
        },
    }


def _scores(readings: Readings, probabilities: Float64s, seconds: float) -> dict[str, Any]:
    guesses = _guesses(readings, probabilities)
    people = per_person_confusions(readings.labels, guesses, readings.people, readings.weights)
    total = people.sum(axis=0)
    rows = confusion(readings.labels, guesses)
    per_label = total.sum(axis=1)
    found = readings.found
    return {
        "n": len(guesses),
        "people": len(people),
        "accuracy": float(accuracy_of(total)),
        "accuracy_interval": interval(accuracy_of, people),
        "macro_f1": float(macro_f1_of(total)),
        "macro_f1_interval": interval(macro_f1_of, people),
        "macro_f1_of_10": float(_macro_f1_of_10(rows)),
        "recall": {EXPRESSIONS[c]: float(total[c, c] / per_label[c]) for c in np.flatnonzero(per_label)},
        "confusion": rows[:, :NO_FACE].astype(int).tolist(),
        "calibration_error": calibration_error(
            probabilities[found], readings.labels[found], readings.weights[found]
        ),
        "ms_per_face": 1000 * seconds / max(1, int(found.sum())),
        "no_face": int((~found).sum()),
    }


def _macro_f1_of_10(rows: Float64s) -> Float64s:
    """Macro-F1 over the classes with 10 or more pictures; of fewer, a score says nothing."""
    kept = np.where(rows.sum(axis=1, keepdims=True) >= 10, rows, 0)
    return macro_f1_of(kept) if kept.any() else np.array(np.nan)


def _against(readings: Readings, weights: Float64s, names: list[str]) -> dict[str, Any]:
    """Macro-F1 of the ensemble less that of the best member and of equal weights, with paired intervals."""

    def people(probabilities: Float64s) -> Float64s:
        guesses = _guesses(readings, probabilities)
        return per_person_confusions(readings.labels, guesses, readings.people, readings.weights)

    own = people(combine(readings.members + 1e-12, weights))
    others = {f"member {name}": people(readings.members[:, place]) for place, name in enumerate(names)}
    best = max(others, key=lambda name: float(macro_f1_of(others[name].sum(axis=0))))
    others = {best: others[best], "equal weights": people(readings.members.mean(axis=1))}
    return {
        name: {
            "difference": float(macro_f1_of(own.sum(axis=0)) - macro_f1_of(other.sum(axis=0))),
            "interval": interval(macro_f1_of, own, other),
        }
        for name, other in others.items()
    }


def _guesses(readings: Readings, probabilities: Float64s) -> npt.NDArray[np.int64]:
    return np.where(readings.found, probabilities.argmax(axis=1), NO_FACE)


def show(scores: dict[str, Any], as_json: bool) -> None:
    """Prints the scores: as JSON, or as tables for a person."""
    if as_json:
        print(json.dumps(scores))
        return
    for name, own in scores.get("sets", {}).items():
        print(f"== {name}")
        _show_one(own)
        print()
    if "sets" in scores:
        print("== together, each set with the same weight")
    _show_one(scores)
    for name, difference in scores.get("against", {}).items():
        low, high = difference["interval"]
        print(
            f"macro-F1 of the ensemble less that of {name}: {difference['difference']:+.4f}, "
            f"95 % {low:+.4f} to {high:+.4f}"
        )


def _show_one(scores: dict[str, Any]) -> None:
    rows = {"ensemble": scores["ensemble"]} | {f"member {k}": v for k, v in scores["members"].items()}
    width = 10
    print(
        f"{'':<10}{'n':>7}{'people':>8}{'accuracy':>{width}}{'95 %':>14}{'macro-F1':>{width}}{'95 %':>14}"
        f"{'ECE':>7}{'ms/face':>9}{'no face':>9}"
    )
    for name, row in rows.items():
        print(
            f"{name:<10}{row['n']:>7,}{row['people']:>8,}{row['accuracy']:>{width}.3f}"
            f"{_span(row['accuracy_interval']):>14}{row['macro_f1']:>{width}.3f}"
            f"{_span(row['macro_f1_interval']):>14}{row['calibration_error']:>7.3f}"
            f"{row['ms_per_face']:>9.2f}{row['no_face']:>9}"
        )
    print(f"\n{'recall':<10}" + "".join(f"{label:>{width}}" for label in EXPRESSIONS))
    for name, row in rows.items():
        cells = "".join(
            f"{row['recall'][label]:>{width}.3f}" if label in row["recall"] else f"{'–':>{width}}"
            for label in EXPRESSIONS
        )
        print(f"{name:<10}{cells}")
    fifths = scores["ensemble"]["accuracy_by_brightness_fifth"]
    shown = " ".join("–" if value is None else f"{value:.3f}" for value in fifths)
    print(f"accuracy by fifths of brightness, dark to light: {shown}")
    print("\nthe ensemble's confusion, a row a label, a column a reading")
    for label, counts in zip(EXPRESSIONS, scores["ensemble"]["confusion"], strict=True):
        print(f"{label:<10}" + "".join(f"{count:>{width},}" for count in counts))


def _span(bounds: Sequence[float]) -> str:
    return f"{bounds[0]:.3f}–{bounds[1]:.3f}"
