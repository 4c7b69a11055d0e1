"""Calibration: temperatures, and how far the confidence of readings is from their accuracy."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from memegen.face.expressions import softmax
from training.arrays import ClassIndices, Float64s

_BINS = 15


def best_temperature(logits: Float64s, labels: ClassIndices, weights: Float64s) -> float:
    """The temperature with which the logits (n, 7) have the least log loss."""

    def loss(log_temperature: float) -> float:
        return log_loss(softmax(logits / np.exp(log_temperature)), labels, weights)

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def log_loss(probabilities: Float64s, labels: ClassIndices, weights: Float64s) -> float:
    """The weighted mean of the negative logarithm of the probability that the label was given."""
    given = probabilities[np.arange(len(labels)), labels]
    return float(np.average(-np.log(np.maximum(given, 1e-12)), weights=weights))


def calibration_bins(
    probabilities: Float64s, labels: ClassIndices, weights: Float64s | None = None
) -> tuple[Float64s, Float64s, Float64s]:
    """The mean confidence, the share of right readings and the share of all readings, (15,) each.

    They are those of 15 bins of confidence, which hold the same weight of readings.
    """
    weights = np.ones(len(labels)) if weights is None else weights
    right = probabilities.argmax(axis=1) == labels
    # Readings of equal confidence go into the same bin, the one in which the middle of their weight lies.
    sure, places = np.unique(probabilities.max(axis=1), return_inverse=True)
    masses = np.bincount(places, weights=weights).astype(np.float64)
    middles = np.cumsum(masses) - masses / 2
    bins = np.minimum((middles / masses.sum() * _BINS).astype(int), _BINS - 1)
    rights = np.bincount(places, weights=weights * right).astype(np.float64)
    share = np.bincount(bins, weights=masses, minlength=_BINS)

    def mean(totals: Float64s) -> Float64s:
        return np.asarray(np.bincount(bins, weights=totals, minlength=_BINS) / np.maximum(share, 1e-12))

    return mean(masses * sure), mean(rights), share / share.sum()


def calibration_error(
    probabilities: Float64s, labels: ClassIndices, weights: Float64s | None = None
) -> float:
    """The expected calibration error: how far confidence and accuracy differ, on average over the bins.

    Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, but with bins of equal weight.
    """
    sure, right, share = calibration_bins(probabilities, labels, weights)
    return float((share * np.abs(sure - right)).sum())


def by_confidence(
    probabilities: Float64s, labels: ClassIndices, weights: Float64s, edges: Sequence[float]
) -> Float64s:
    """How readings fare by their confidence: a row (3,) for each band between two neighbours of `edges`.

    It has the share of all readings that lie in the band (the upper edge is not part of it), and of these the
    share whose first class is right and the share whose second one is. Both are NaN where there is none.
    """
    order = np.argsort(-probabilities, axis=1)
    band = np.digitize(probabilities.max(axis=1), edges)
    rows = []
    for number in range(1, len(edges)):
        own = weights * (band == number)
        with np.errstate(invalid="ignore"):
            right = [own[order[:, place] == labels].sum() / own.sum() for place in (0, 1)]
        rows.append([own.sum() / weights.sum(), *right])
    return np.array(rows)
