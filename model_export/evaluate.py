"""Scores of an ensemble on folders of labelled pictures."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from memegen.face.expressions import Ensemble, combine
from memegen.options import EXPRESSIONS
from model_export.comparison import accuracy_by_coverage, mcnemar
from model_export.corruptions import CORRUPTIONS
from model_export.readings import Readings, combined, guesses_of, read_pictures, relabelled, together
from training.arrays import ClassIndices, Float64s
from training.data.sources import Labelled, read_folder
from training.ensemble.calibration import calibration_error
from training.ensemble.metrics import (
    NO_FACE,
    accuracy_of,
    confusion,
    interval,
    macro_f1_of,
    per_person_confusions,
)


@dataclass(frozen=True)
class Evaluation:
    """What to evaluate beside the plain scores.

    photos: the pictures are whole photos, in which the face finder looks first; a photo without a found face
        counts as wrong. votes: a table like FER+'s, whose majority takes the place of the folders' labels;
        pictures without a majority for one of the seven classes are left out. confirmed: of those only
        pictures whose own label is the majority's. against: another ensemble that reads the same pictures.
        corrupted: read the crops once more after each of CORRUPTIONS.
    """

    photos: bool = False
    votes: Path | None = None
    confirmed: bool = False
    against: Ensemble | None = None
    corrupted: bool = False


def evaluate(
    folders: Sequence[Path], ensemble: Ensemble, wanted: Evaluation = Evaluation()
) -> dict[str, Any]:
    """Scores of the ensemble and of each member on `<folder>/<class>/*`, face crops of any size.

    What stands before `--` in a file's name is the person over which intervals are taken, else each picture.
    Of several folders every one has the same weight in all; their own scores are in `sets`. Raises ValueError
    that names the folder or file for what can't be read.
    """
    names = [member.name for member in ensemble.members]
    parts, extras = [], []
    for folder in folders:
        pictures = list(read_folder(folder, folder.name))
        if not pictures:
            raise ValueError(f"{folder} has no pictures; expected are {folder}/<class>/*")
        if wanted.votes is not None:
            pictures = relabelled(pictures, wanted.votes, wanted.confirmed)
        part = read_pictures(pictures, ensemble, wanted.photos)
        parts.append(part)
        extras.append(_extras(part, pictures, ensemble, wanted))
    if len(parts) == 1:
        return _all_scores(parts[0], ensemble.weights, names) | extras[0]
    all_readings = together(parts)
    return _all_scores(all_readings, ensemble.weights, names) | {
        "against": _against(all_readings, ensemble.weights, names),
        "sets": {
            folder.name: _all_scores(part, ensemble.weights, names) | extra
            for folder, part, extra in zip(folders, parts, extras, strict=True)
        },
    }


def _extras(
    readings: Readings, pictures: list[Labelled], ensemble: Ensemble, wanted: Evaluation
) -> dict[str, Any]:
    """One set without each member in turn, and what else is wanted of it."""
    probabilities = combined(readings, ensemble)
    guesses = guesses_of(readings, probabilities)
    extras: dict[str, Any] = {
        "accuracy_by_coverage": accuracy_by_coverage(readings.labels, probabilities, readings.found),
        "without": {},
    }
    for place, member in enumerate(ensemble.members):
        kept = [other for other in range(len(ensemble.members)) if other != place]
        rest = combine(readings.members[:, kept] + 1e-12, ensemble.weights[kept])
        extras["without"][member.name] = _compared(readings.labels, guesses, guesses_of(readings, rest))
    if wanted.against is not None:
        others = read_pictures(pictures, wanted.against, wanted.photos)
        other_guesses = guesses_of(others, combined(others, wanted.against))
        extras["other"] = _compared(readings.labels, guesses, other_guesses)
    if wanted.corrupted:
        extras["corrupted"] = {
            name: _short_scores(read_pictures(pictures, ensemble, wanted.photos, change), ensemble)
            for name, change in CORRUPTIONS.items()
        }
    return extras


def _compared(labels: ClassIndices, guesses: ClassIndices, others: ClassIndices) -> dict[str, Any]:
    """The other guesses' scores, and McNemar's test of the first against them."""
    rows = confusion(labels, others)
    return {
        "accuracy": float(accuracy_of(rows)),
        "macro_f1": float(macro_f1_of(rows)),
        **asdict(mcnemar(labels, guesses, others)),
    }


def _short_scores(readings: Readings, ensemble: Ensemble) -> dict[str, float]:
    rows = confusion(readings.labels, guesses_of(readings, combined(readings, ensemble)))
    return {"accuracy": float(accuracy_of(rows)), "macro_f1": float(macro_f1_of(rows))}


def _all_scores(readings: Readings, weights: Float64s, names: list[str]) -> dict[str, Any]:
    probabilities = combine(readings.members + 1e-12, weights)
    scores = _scores(readings, probabilities, float(readings.member_seconds.sum()))
    edges = np.quantile(readings.brightness, [0.2, 0.4, 0.6, 0.8])
    fifths = np.searchsorted(edges, readings.brightness)
    guesses = guesses_of(readings, probabilities)
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
    guesses = guesses_of(readings, probabilities)
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
        guesses = guesses_of(readings, probabilities)
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
