"""Temperatures, and how far confidence is from accuracy."""

import numpy as np
from scipy.optimize import minimize_scalar

from memegen.face.expressions import softmax
from training.arrays import ClassIndices, Float64s

_BINS = 15


def best_temperature(logits: Float64s, labels: ClassIndices, weights: Float64s) -> float:
    """The temperature by which (n, 7) logits have the least log loss."""

    def loss(log_temperature: float) -> float:
        return log_loss(softmax(logits / np.exp(log_temperature)), labels, weights)

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def log_loss(probabilities: Float64s, labels: ClassIndices, weights: Float64s) -> float:
    """Mean negative logarithm of the probability given to the label."""
    given = probabilities[np.arange(len(labels)), labels]
    return float(np.average(-np.log(np.maximum(given, 1e-12)), weights=weights))


def calibration_bins(
    probabilities: Float64s, labels: ClassIndices, weights: Float64s | None = None
) -> tuple[Float64s, Float64s, Float64s]:
    """(15,) mean confidence, share right and share of all, of 15 bins of confidence with equal mass."""
    weights = np.ones(len(labels)) if weights is None else weights
    right = probabilities.argmax(axis=1) == labels
    # Readings that are equally sure stand in one bin, by the middle of their mass.
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
    """Expected calibration error: how far confidence is from the share right, on average over the bins.

    Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, with bins of equal mass.
    """
    sure, right, share = calibration_bins(probabilities, labels, weights)
    return float((share * np.abs(sure - right)).sum())
