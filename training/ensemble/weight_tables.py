"""What the ensemble's weights are worth, in tables for a person."""

import numpy as np

from memegen.face.expressions import combine
from memegen.options import EXPRESSIONS
from training.arrays import Float64s
from training.ensemble.calibration import by_confidence, calibration_error, log_loss
from training.ensemble.class_weights import f1_weights, learnt_weights, plain_mean, unseen_source_readings
from training.ensemble.metrics import accuracy_of, confusion, interval, macro_f1_of, per_person_confusions
from training.ensemble.validation_set import ValidationSet

# Seven classes share a confidence of 1, so the least is a seventh. The last edge takes in a confidence of 1.
_CONFIDENCE_EDGES = (1 / 7, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 0.9, 1.001)


def describe(
    validation_set: ValidationSet,
    temperatures: Float64s,
    weights: Float64s,
    names: list[str],
    left_out: dict[str, Float64s],
    winner: str,
) -> list[str]:
    """The tables that are printed, line by line."""
    members = validation_set.probabilities(temperatures)
    lines = ["", f"{'F1 by class':<16}" + "".join(f"{label:>11}" for label in EXPRESSIONS)]
    for name, row in zip(names, f1_weights(validation_set), strict=True):
        lines.append(f"{'member ' + name:<16}" + "".join(f"{value:>11.2f}" for value in row))
    best = max(range(len(names)), key=lambda place: validation_macro_f1(validation_set, members[:, place]))
    others = [_people(validation_set, left_out["equal"]), _people(validation_set, members[:, best])]
    heads = [f"{head:>22}" for head in ("less equal weights", f"less member {names[best]}")]
    lines += ["", f"{'rule':<10}{'macro-F1, people left out':>26}{'log loss':>10}" + "".join(heads)]
    for name, reading in left_out.items():
        loss = log_loss(reading, validation_set.labels, validation_set.weights)
        lines.append(f"{name:<10}{validation_macro_f1(validation_set, reading):>26.4f}{loss:>10.4f}")
        for other in others:
            low, high = interval(macro_f1_of, _people(validation_set, reading), other)
            lines[-1] += f"{f'{low:+.4f} to {high:+.4f}':>22}"
        lines[-1] += "   ships" if name == winner else ""
    lines += ["", f"{'class weight':<16}" + "".join(f"{label:>11}" for label in EXPRESSIONS)]
    for name, row in zip(names, weights, strict=True):
        lines.append(f"{'member ' + name:<16}" + "".join(f"{weight:>11.2f}" for weight in row))
    lines += ["", *ablation_table(validation_set, temperatures, weights, names)]
    if len(set(validation_set.sources.tolist())) > 1:
        unseen = unseen_source_readings(validation_set, learnt_weights if winner == "learnt" else plain_mean)
        lines += ["", *calibration_table(validation_set, combine(members, weights), unseen)]
    return [*lines, "", *confidence_table(validation_set, combine(members, weights))]


def calibration_table(validation_set: ValidationSet, readings: Float64s, unseen: Float64s) -> list[str]:
    """The calibration error on each source, a line each: of the readings (n, 7), and of those that were
    calibrated without that source."""
    lines = [f"{'calibration error':<24}{'as it ships':>14}{'source unseen':>16}"]
    errors = []
    for source in np.unique(validation_set.sources):
        own = validation_set.sources == source
        labels = validation_set.labels[own]
        errors.append([calibration_error(rows[own], labels) for rows in (readings, unseen)])
        lines.append(f"{source:<24}{errors[-1][0]:>14.3f}{errors[-1][1]:>16.3f}")
    mean = np.mean(errors, axis=0)
    return [*lines, f"{'mean of the sources':<24}{mean[0]:>14.3f}{mean[1]:>16.3f}"]


def confidence_table(validation_set: ValidationSet, readings: Float64s) -> list[str]:
    """How often the readings (n, 7) are right by their confidence, a line for each band of it.

    The captions' and the page's thresholds on confidence are chosen by this table.
    """
    rows = by_confidence(readings, validation_set.labels, validation_set.weights, _CONFIDENCE_EDGES)
    lines = [f"{'confidence':<16}{'of all readings':>16}{'right':>8}{'second right':>14}"]
    for low, high, (share, right, second) in zip(
        _CONFIDENCE_EDGES, _CONFIDENCE_EDGES[1:], rows, strict=False
    ):
        lines.append(f"{f'{low:.2f} to {min(high, 1):.2f}':<16}{share:>16.3f}{right:>8.3f}{second:>14.3f}")
    return lines


def ablation_table(
    validation_set: ValidationSet, temperatures: Float64s, weights: Float64s, names: list[str]
) -> list[str]:
    """A table, line by line: the scores on each set of each member, of all, and of all but one."""
    members = validation_set.probabilities(temperatures)
    sources = np.unique(validation_set.sources)
    lines = [f"{'validation':<16}" + "".join(f"{source:>16}" for source in sources)]
    readings = {f"member {name}": members[:, place] for place, name in enumerate(names)}
    readings["ensemble"] = combine(members, weights)
    for place, name in enumerate(names):
        kept = [other for other in range(len(names)) if other != place]
        readings[f"without {name}"] = combine(members[:, kept], weights[kept])
    for title, probabilities in readings.items():
        cells = ""
        for source in sources:
            own = validation_set.sources == source
            scores = confusion(validation_set.labels[own], probabilities[own].argmax(axis=1))
            cells += f"{f'{accuracy_of(scores):.3f} / {macro_f1_of(scores):.3f}':>16}"
        lines.append(f"{title:<16}{cells}")
    lines.append("accuracy / macro-F1")
    return lines


def validation_macro_f1(validation_set: ValidationSet, readings: Float64s) -> float:
    """Macro-F1 of the readings (n, 7), each picture with its weight."""
    return float(
        macro_f1_of(confusion(validation_set.labels, readings.argmax(axis=1), validation_set.weights))
    )


def _people(validation_set: ValidationSet, readings: Float64s) -> Float64s:
    people = np.char.add(np.char.add(validation_set.sources, "/"), validation_set.people)
    return per_person_confusions(
        validation_set.labels, readings.argmax(axis=1), people, validation_set.weights
    )
