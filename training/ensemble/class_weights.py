"""The ensemble's weights for each member and class. Three rules for them are compared, and one is chosen."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize, minimize_scalar
from sklearn.model_selection import GroupKFold

from memegen.face.expressions import combine, softmax
from memegen.options import EXPRESSIONS
from training.arrays import ClassIndices, Float64s, Texts
from training.data.crops import Crops, read_split
from training.ensemble.calibration import best_temperature, log_loss
from training.ensemble.metrics import (
    accuracy_of,
    confusion,
    equal_sources,
    f1_of,
    interval,
    macro_f1_of,
    per_person_confusions,
)
from training.model.inference import logits_of
from training.model.network import read_network
from training.settings import Settings
from training.stages.folds import FOLDED, folded_crops, folds_file

Rule = Callable[["ValidationSet"], Float64s]

_L2_PENALTIES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
_FOLDS = 5
_LEAST_WEIGHT = 0.01
# Measured with the powers .5, .75 and 1 and the l2_penalty that ships: macro-F1 on people left out is .590,
# .606 and .604. On FER2013 the recall of fear is .47, .50 and .56, and that of neutral is .63, .58 and .53.
CLASS_BALANCE_POWER = 0.75


@dataclass(frozen=True)
class ValidationSet:
    """The common validation set as the members read it.

    logits: (n, members, 7). labels: (n,). sources, people: (n,) text. weights: (n,), with a mean of 1 and the
    same sum for each source.
    """

    logits: Float64s
    labels: ClassIndices
    sources: Texts
    people: Texts
    weights: Float64s

    def of(self, chosen: npt.NDArray[np.generic]) -> "ValidationSet":
        """The part of the set that indices or a mask choose."""
        return ValidationSet(
            self.logits[chosen],
            self.labels[chosen],
            self.sources[chosen],
            self.people[chosen],
            self.weights[chosen],
        )

    def probabilities(self, temperatures: Float64s) -> Float64s:
        """Probabilities (n, members, 7), from each member's logits divided by its temperature, (members,)."""
        return softmax(self.logits / temperatures[:, None])


def learn_weights(run: Path, settings: Settings) -> None:
    """Learn the ensemble's weights from the members and folds under `run`, and write `weights.json`.

    First each member gets a temperature. Then the class weights are found by three rules: equal ones, each
    member's F1 on each class, and learnt ones. The rule with the best macro-F1 on people left out, where
    every source counts the same, is chosen. Last, all temperatures are multiplied by one factor, so that the
    ensemble's confidence is right. The tables are printed.
    """
    crops, validation_set = read_validation_set(run, settings)
    temperatures = best_temperatures(validation_set)
    l2_penalty = tune_l2(validation_set)
    rules: dict[str, Rule] = {
        "equal": lambda part: np.ones(part.logits.shape[1:]),
        "F1": f1_weights,
        "learnt": lambda part: learn_class_weights(
            part.probabilities(best_temperatures(part)), part, l2_penalty
        ),
    }
    left_out = {name: out_of_fold_readings(validation_set, rule) for name, rule in rules.items()}
    scores = {name: _macro_f1(validation_set, readings) for name, readings in left_out.items()}
    winner = max(scores, key=lambda name: scores[name])
    weights = rules[winner](validation_set)
    factor = temperature_factor(validation_set, temperatures, weights)
    names = list(settings.members)
    described = {
        "rule": winner,
        "l2_penalty": l2_penalty,
        "left_out_macro_f1": {name: round(score, 4) for name, score in scores.items()},
        "members": {
            name: {
                "temperature": round(float(temperature * factor), 4),
                "class_weights": dict(zip(EXPRESSIONS, (round(float(w), 4) for w in row), strict=True)),
            }
            for name, temperature, row in zip(names, temperatures, weights, strict=True)
        },
    }
    (run / "weights.json").write_text(json.dumps(described, indent=2) + "\n")
    print(f"common validation set: {len(crops.labels):,} pictures, every source with the same weight")
    print("\n".join(describe(validation_set, temperatures * factor, weights, names, left_out, winner)))


def read_validation_set(run: Path, settings: Settings) -> tuple[Crops, ValidationSet]:
    """The common validation set: its crops, and how the members read them.

    It has the validation people of every source. Of member A's small set it has all people of train and
    validation, each read by networks that never saw that person. Raises ValueError when the members or the
    folds are not there yet.
    """
    small = settings.members[FOLDED].source
    validation = read_split(run, "validation")
    others = validation.of(validation.sources != small)
    crops = others.plus(folded_crops(read_split(run, "train"), validation, small))
    logits = []
    for name in settings.members:
        folds = folds_file(run, name)
        if not folds.exists():
            raise ValueError(f"{folds} is missing: run `python -m training folds --run {run}` first")
        member = read_network(run, f"member-{name}", settings.backbone_of(name))
        rows = np.concatenate([logits_of(member, others.pictures), np.load(folds)])
        logits.append(rows.astype(np.float64))
    return crops, ValidationSet(
        np.stack(logits, axis=1),
        crops.labels.astype(np.int64),
        crops.sources,
        crops.people,
        equal_sources(crops.sources),
    )


def best_temperatures(validation_set: ValidationSet) -> Float64s:
    """The temperature of each member, (members,), with which it has the least log loss.

    Source: Guo et al., "On Calibration of Modern Neural Networks", 2017.
    """
    members = range(validation_set.logits.shape[1])
    return np.array(
        [
            best_temperature(validation_set.logits[:, m], validation_set.labels, validation_set.weights)
            for m in members
        ]
    )


def temperature_factor(validation_set: ValidationSet, temperatures: Float64s, weights: Float64s) -> float:
    """The factor for all temperatures with which the ensemble has the least log loss.

    It is needed because the mean of calibrated readings has less confidence than it should.
    """

    def loss(log_factor: float) -> float:
        together = combine(validation_set.probabilities(temperatures * np.exp(log_factor)), weights)
        return log_loss(together, validation_set.labels, validation_set.weights)

    return float(np.exp(minimize_scalar(loss, bounds=(-1, 1), method="bounded").x))


def f1_weights(validation_set: ValidationSet) -> Float64s:
    """Each member's F1 on each class, (members, 7).

    F1 and not recall, because a member that reads sadness in every face has a recall of 1.
    """
    guesses = validation_set.logits.argmax(axis=2)
    rows = [f1_of(confusion(validation_set.labels, column, validation_set.weights)) for column in guesses.T]
    return np.maximum(np.nan_to_num(np.stack(rows)), _LEAST_WEIGHT)


def learn_class_weights(members: Float64s, validation_set: ValidationSet, l2_penalty: float) -> Float64s:
    """The weights (members, 7) with which the ensemble has the least log loss. Their geometric mean is 1.

    The pictures count in the loss as `class_balanced_weights` says.
    members: the probabilities (n, members, 7) of the pictures of `validation_set`.
    l2_penalty: how strongly the logarithms of the weights are drawn to 0, which means equal weights.
    """
    labels = validation_set.labels
    _, count, classes = members.shape
    rows = np.arange(len(labels))
    share = class_balanced_weights(validation_set)
    share /= share.sum()

    def loss(flat: Float64s) -> tuple[float, Float64s]:
        weights = np.exp(flat.reshape(count, classes))
        scores = (members * weights).sum(axis=1)
        total = scores.sum(axis=1)
        chosen = scores[rows, labels]
        value = float((share * (np.log(total) - np.log(chosen))).sum())
        slope = np.einsum("n,nmc->mc", share / total, members)
        picked = np.zeros((count, classes))
        for label in range(classes):
            own = labels == label
            picked[:, label] = ((share[own] / chosen[own])[:, None] * members[own, :, label]).sum(axis=0)
        gradient = weights * (slope - picked) + 2 * l2_penalty * flat.reshape(count, classes)
        return value + l2_penalty * float((flat**2).sum()), gradient.ravel()

    found = minimize(loss, np.zeros(count * classes), jac=True, method="L-BFGS-B")
    logs = found.x.reshape(count, classes)
    return np.asarray(np.exp(logs - logs.mean()))


def class_balanced_weights(validation_set: ValidationSet) -> Float64s:
    """The weights (n,) with which the pictures count in the loss.

    Each source keeps its sum. Within it, pictures of rare classes count more, by a power of the number of
    pictures in the class. Otherwise happy and neutral faces alone would decide.
    """
    weights = validation_set.weights.copy()
    for source in np.unique(validation_set.sources):
        own = validation_set.sources == source
        factors = np.bincount(validation_set.labels[own])[validation_set.labels[own]] ** -CLASS_BALANCE_POWER
        weights[own] *= factors / factors.mean()
    return weights


def tune_l2(validation_set: ValidationSet) -> float:
    """The l2_penalty with the best macro-F1 on people left out, which is also how the rules are compared."""

    def left_out_score(l2_penalty: float) -> float:
        readings = out_of_fold_readings(
            validation_set,
            lambda part: learn_class_weights(part.probabilities(best_temperatures(part)), part, l2_penalty),
        )
        return _macro_f1(validation_set, readings)

    return max(_L2_PENALTIES, key=left_out_score)


def out_of_fold_readings(validation_set: ValidationSet, rule: Rule) -> Float64s:
    """The ensemble's reading (n, 7) of each picture, with temperatures and weights learnt from other people.

    The people are split into five folds.
    """
    readings = np.zeros((len(validation_set.labels), validation_set.logits.shape[2]))
    for seen, unseen in GroupKFold(_FOLDS).split(validation_set.labels, groups=validation_set.people):
        part = validation_set.of(seen)
        members = validation_set.of(unseen).probabilities(best_temperatures(part))
        readings[unseen] = combine(members, rule(part))
    return readings


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
    best = max(range(len(names)), key=lambda place: _macro_f1(validation_set, members[:, place]))
    others = [_people(validation_set, left_out["equal"]), _people(validation_set, members[:, best])]
    heads = [f"{head:>22}" for head in ("less equal weights", f"less member {names[best]}")]
    lines += ["", f"{'rule':<10}{'macro-F1, people left out':>26}{'log loss':>10}" + "".join(heads)]
    for name, reading in left_out.items():
        loss = log_loss(reading, validation_set.labels, validation_set.weights)
        lines.append(f"{name:<10}{_macro_f1(validation_set, reading):>26.4f}{loss:>10.4f}")
        for other in others:
            low, high = interval(macro_f1_of, _people(validation_set, reading), other)
            lines[-1] += f"{f'{low:+.4f} to {high:+.4f}':>22}"
        lines[-1] += "   ships" if name == winner else ""
    lines += ["", f"{'class weight':<16}" + "".join(f"{label:>11}" for label in EXPRESSIONS)]
    for name, row in zip(names, weights, strict=True):
        lines.append(f"{'member ' + name:<16}" + "".join(f"{weight:>11.2f}" for weight in row))
    return [*lines, "", *ablation_table(validation_set, temperatures, weights, names)]


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


def _macro_f1(validation_set: ValidationSet, readings: Float64s) -> float:
    return float(
        macro_f1_of(confusion(validation_set.labels, readings.argmax(axis=1), validation_set.weights))
    )


def _people(validation_set: ValidationSet, readings: Float64s) -> Float64s:
    people = np.char.add(np.char.add(validation_set.sources, "/"), validation_set.people)
    return per_person_confusions(
        validation_set.labels, readings.argmax(axis=1), people, validation_set.weights
    )
