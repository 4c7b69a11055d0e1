"""How loudly each member speaks about each class, learnt on the common validation set of all four sources."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import minimize, minimize_scalar
from sklearn.model_selection import GroupKFold

from memegen.expressions import combine, softmax
from memegen.options import EXPRESSIONS
from training.fit import logits_of, new_reader
from training.metrics import macro_f1
from training.prepare import read_split
from training.settings import Settings

Floats = npt.NDArray[np.float64]

_PULLS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
_FOLDS = 5


def learn_weights(run: Path, settings: Settings) -> None:
    """From the fitted members and the validation crops under `run` to `weights.json`; prints the tables.

    Each member's temperature comes first, then the class weights. Every source has the same total
    weight, by sample weights.
    """
    validation = read_split(run, "validation")
    labels = validation.labels.astype(np.int64)
    sample_weights = equal_sources(validation.sources)
    logits = []
    for name in settings.members:
        model = new_reader(settings.network)
        model.load_state_dict(torch.load(run / f"member-{name}.pt", map_location="cpu"))
        logits.append(logits_of(model, validation.pictures).astype(np.float64))
    temperatures = np.array([best_temperature(rows, labels, sample_weights) for rows in logits])
    members = np.stack([softmax(rows / t) for rows, t in zip(logits, temperatures, strict=True)], axis=1)
    pull = best_pull(members, labels, sample_weights, validation.people)
    weights = learn_class_weights(members, labels, sample_weights, pull)
    _print_tables(members, weights, labels, validation.sources, list(settings.members))
    described = {
        name: {
            "temperature": round(float(temperature), 4),
            "class_weights": {
                label: round(float(weight), 4) for label, weight in zip(EXPRESSIONS, row, strict=True)
            },
        }
        for name, temperature, row in zip(settings.members, temperatures, weights, strict=True)
    }
    (run / "weights.json").write_text(json.dumps({"pull": pull, "members": described}, indent=2) + "\n")


def equal_sources(sources: npt.NDArray[np.str_]) -> Floats:
    """A weight a sample, mean 1, so that every source weighs the same in all."""
    names, index, counts = np.unique(sources, return_inverse=True, return_counts=True)
    return np.asarray((len(sources) / len(names) / counts)[index])


def best_temperature(logits: Floats, labels: npt.NDArray[np.int64], sample_weights: Floats) -> float:
    """The temperature with the least log loss.

    Source: Guo et al., "On Calibration of Modern Neural Networks", 2017.
    """

    def loss(log_temperature: float) -> float:
        return log_loss(softmax(logits / np.exp(log_temperature)), labels, sample_weights)

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def learn_class_weights(
    members: Floats, labels: npt.NDArray[np.int64], sample_weights: Floats, pull: float
) -> Floats:
    """Weights (members, 7), geometric mean 1, with the least log loss of the combined reading.

    members: (n, members, 7) probabilities. pull: how strongly the weights' logarithms are drawn to 0, that is
    to equal weights.
    """
    _, count, classes = members.shape
    rows = np.arange(len(labels))

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = np.exp(flat.reshape(count, classes))
        scores = (members * weights).sum(axis=1)
        total = scores.sum(axis=1)
        chosen = scores[rows, labels]
        value = float(np.average(np.log(total) - np.log(chosen), weights=sample_weights))
        share = sample_weights / sample_weights.sum()
        slope = np.einsum("n,nmc->mc", share / total, members)
        picked = np.zeros((count, classes))
        for label in range(classes):
            own = labels == label
            picked[:, label] = ((share[own] / chosen[own])[:, None] * members[own, :, label]).sum(axis=0)
        gradient = weights * (slope - picked) + 2 * pull * flat.reshape(count, classes)
        return value + pull * float((flat**2).sum()), gradient.ravel()

    found = minimize(loss, np.zeros(count * classes), jac=True, method="L-BFGS-B")
    logs = found.x.reshape(count, classes)
    return np.asarray(np.exp(logs - logs.mean()))


def best_pull(
    members: Floats, labels: npt.NDArray[np.int64], sample_weights: Floats, people: npt.NDArray[np.str_]
) -> float:
    """The pull with the least log loss on people left out (five folds by person)."""

    def left_out_loss(pull: float) -> float:
        losses = []
        for seen, unseen in GroupKFold(_FOLDS).split(members, labels, people):
            weights = learn_class_weights(members[seen], labels[seen], sample_weights[seen], pull)
            losses.append(log_loss(combine(members[unseen], weights), labels[unseen], sample_weights[unseen]))
        return float(np.mean(losses))

    return min(_PULLS, key=left_out_loss)


def log_loss(probabilities: Floats, labels: npt.NDArray[np.int64], sample_weights: Floats) -> float:
    """Mean negative logarithm of the probability given to the label."""
    given = probabilities[np.arange(len(labels)), labels]
    return float(np.average(-np.log(np.maximum(given, 1e-12)), weights=sample_weights))


def _print_tables(
    members: Floats,
    weights: Floats,
    labels: npt.NDArray[np.int64],
    sources: npt.NDArray[np.str_],
    names: list[str],
) -> None:
    print(f"{'class weight':<14}" + "".join(f"{label:>11}" for label in EXPRESSIONS))
    for name, row in zip(names, weights, strict=True):
        print(f"{'member ' + name:<14}" + "".join(f"{weight:>11.2f}" for weight in row))
    print(f"\n{'validation':<14}" + "".join(f"{source:>20}" for source in np.unique(sources)))
    readings = {f"member {name}": members[:, place] for place, name in enumerate(names)}
    readings["equal weights"] = combine(members, np.ones_like(weights))
    readings["ensemble"] = combine(members, weights)
    for title, probabilities in readings.items():
        cells = ""
        for source in np.unique(sources):
            own = sources == source
            guesses = probabilities[own].argmax(axis=1)
            accuracy = (guesses == labels[own]).mean()
            cells += f"{f'{accuracy:.3f} / {macro_f1(labels[own], guesses):.3f}':>20}"
        print(f"{title:<14}{cells}")
    print("accuracy / macro-F1")
