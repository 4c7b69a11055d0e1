"""The ensemble's weights for each member and class, drawn strongly towards the plain mean of the members."""

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from sklearn.model_selection import GroupKFold

from memegen.face.expressions import combine
from training.arrays import Float64s
from training.ensemble.calibration import best_temperature, log_loss
from training.ensemble.metrics import confusion, f1_of
from training.ensemble.validation_set import ValidationSet

Rule = Callable[[ValidationSet], Float64s]

_L2_PENALTIES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, math.inf)
_FOLDS = 5
_LEAST_WEIGHT = 0.01
_LEAST_GAIN = -0.005
"""How far the accuracy on any source may fall below that of the plain mean."""


def learnt_weights(validation_set: ValidationSet) -> Float64s:
    """Weights (members, 7) by `learn_class_weights`, with the penalty that `choose_l2` finds."""
    members = validation_set.probabilities(best_temperatures(validation_set))
    return learn_class_weights(members, validation_set, choose_l2(validation_set))


def plain_mean(validation_set: ValidationSet) -> Float64s:
    """Equal weights (members, 7)."""
    return np.ones(validation_set.logits.shape[1:])


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

    members: the probabilities (n, members, 7) of the pictures of `validation_set`.
    l2_penalty: how strongly the logarithms of the weights are drawn to 0, which means equal weights.
        Infinite for just these, the plain mean.
    """
    labels = validation_set.labels
    _, count, classes = members.shape
    if math.isinf(l2_penalty):
        return np.ones((count, classes))
    share = validation_set.weights / validation_set.weights.sum()
    of_label = members[np.arange(len(labels)), :, labels]
    one_hot = np.eye(classes)[labels]
    flat_members = members.reshape(len(labels), -1)

    def loss(flat: Float64s) -> tuple[float, Float64s]:
        weights = np.exp(flat.reshape(count, classes))
        total = flat_members @ weights.ravel()
        chosen = (of_label * weights[:, labels].T).sum(axis=1)
        value = float((share * (np.log(total) - np.log(chosen))).sum())
        slope = ((share / total) @ flat_members).reshape(count, classes)
        picked = (of_label * (share / chosen)[:, None]).T @ one_hot
        gradient = weights * (slope - picked) + 2 * l2_penalty * flat.reshape(count, classes)
        return value + l2_penalty * float((flat**2).sum()), gradient.ravel()

    found = minimize(loss, np.zeros(count * classes), jac=True, method="L-BFGS-B")
    logs = found.x.reshape(count, classes)
    return np.asarray(np.exp(logs - logs.mean()))


def choose_l2(validation_set: ValidationSet) -> float:
    """The strongest l2_penalty that is not clearly worse than the best, on people left out.

    Clearly worse is a log loss that is higher by more than one standard error of the difference, taken over
    people (the one-standard-error rule: Breiman et al., "Classification and Regression Trees", 1984). Nor may
    the accuracy on any source be more than half a point below that of the plain mean.
    """
    readings = {
        l2_penalty: out_of_fold_readings(validation_set, _rule_of(l2_penalty)) for l2_penalty in _L2_PENALTIES
    }
    losses = {l2_penalty: _losses(validation_set, rows) for l2_penalty, rows in readings.items()}
    best = min(losses, key=lambda l2_penalty: float((validation_set.weights * losses[l2_penalty]).sum()))
    mean = readings[math.inf]
    for l2_penalty in reversed(_L2_PENALTIES):
        excess, error = _excess(validation_set, losses[l2_penalty] - losses[best])
        if excess <= error and _least_gain(validation_set, readings[l2_penalty], mean) >= _LEAST_GAIN:
            return l2_penalty
    return math.inf


def _rule_of(l2_penalty: float) -> Rule:
    def rule(part: ValidationSet) -> Float64s:
        return learn_class_weights(part.probabilities(best_temperatures(part)), part, l2_penalty)

    return rule


def _losses(validation_set: ValidationSet, readings: Float64s) -> Float64s:
    given = readings[np.arange(len(validation_set.labels)), validation_set.labels]
    return np.asarray(-np.log(np.maximum(given, 1e-12)))


def _excess(validation_set: ValidationSet, differences: Float64s) -> tuple[float, float]:
    """The mean of differences (n,), and its standard error over people."""
    weights = validation_set.weights
    mean = float(np.average(differences, weights=weights))
    _, person = np.unique(
        np.char.add(np.char.add(validation_set.sources, "/"), validation_set.people), return_inverse=True
    )
    sums = np.bincount(person, weights * (differences - mean))
    return mean, float(np.sqrt((sums**2).sum()) / weights.sum())


def _least_gain(validation_set: ValidationSet, readings: Float64s, others: Float64s) -> float:
    """The accuracy of the readings less that of the others, on the source where it is least."""
    gains = (readings.argmax(axis=1) == validation_set.labels).astype(np.float64)
    gains -= others.argmax(axis=1) == validation_set.labels
    return min(float(gains[validation_set.sources == s].mean()) for s in np.unique(validation_set.sources))


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


def unseen_source_readings(validation_set: ValidationSet, rule: Rule) -> Float64s:
    """The ensemble's reading (n, 7) of each picture, with temperatures and weights learnt from other sources.

    It says how the ensemble does on pictures of a kind that it was not calibrated on, as those of users are.
    """
    readings = np.zeros((len(validation_set.labels), validation_set.logits.shape[2]))
    for source in np.unique(validation_set.sources):
        unseen = validation_set.sources == source
        part = validation_set.of(~unseen)
        temperatures, weights = best_temperatures(part), rule(part)
        temperatures *= temperature_factor(part, temperatures, weights)
        readings[unseen] = combine(validation_set.of(unseen).probabilities(temperatures), weights)
    return readings
