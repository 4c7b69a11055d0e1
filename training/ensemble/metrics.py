"""Scores of guesses against labels, and how sure they are.

Everything is computed from confusion matrices, rows the labels, columns the guesses and a last column for "no
face found", so that a resampled set is a weighted sum of people's matrices.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from memegen.options import EXPRESSIONS

NO_FACE = len(EXPRESSIONS)
"""The guess for a picture in which no face was found: never right."""

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.integer]
Statistic = Callable[[Floats], Floats]

_ROUNDS = 2000
_BINS = 15


def confusion(labels: Labels, guesses: Labels, weights: Floats | None = None) -> Floats:
    """(7, 8) sums of the pictures' weights (1 unless given) by label and guess."""
    return per_person_confusions(labels, guesses, np.zeros(len(labels)), weights)[0]


def per_person_confusions(
    labels: Labels, guesses: Labels, people: npt.NDArray[np.generic], weights: Floats | None = None
) -> Floats:
    """(people, 7, 8): each person's confusion matrix, people in the order of np.unique."""
    names, places = np.unique(people, return_inverse=True)
    counts = np.zeros((len(names), len(EXPRESSIONS), len(EXPRESSIONS) + 1))
    np.add.at(counts, (places, labels, guesses), 1.0 if weights is None else weights)
    return counts


def accuracy_of(confusions: Floats) -> Floats:
    """(..., 7, 8) → (...): the share of right guesses."""
    right = np.trace(confusions[..., :NO_FACE], axis1=-2, axis2=-1)
    return np.asarray(right / confusions.sum(axis=(-2, -1)))


def f1_of(confusions: Floats) -> Floats:
    """(..., 7, 8) → (..., 7): F1 of each class; 0 for a class that is never guessed and NaN for one without
    labels."""
    right = np.diagonal(confusions[..., :NO_FACE], axis1=-2, axis2=-1)
    labels, guesses = confusions.sum(axis=-1), confusions[..., :NO_FACE].sum(axis=-2)
    return np.asarray(np.where(labels > 0, 2 * right / np.maximum(labels + guesses, 1e-12), np.nan))


def macro_f1_of(confusions: Floats) -> Floats:
    """(..., 7, 8) → (...): mean F1 over the classes that have labels."""
    return np.asarray(np.nanmean(f1_of(confusions), axis=-1))


def macro_f1(labels: Labels, guesses: Labels) -> float:
    """Mean F1 over the classes that stand in `labels`."""
    return float(macro_f1_of(confusion(labels, guesses)))


def interval(statistic: Statistic, people: Floats, other: Floats | None = None) -> tuple[float, float]:
    """95 % bootstrap interval of a statistic over (people, 7, 8) confusions, people drawn with replacement.

    With `other`, of the same people, the interval of the difference to it, both drawn alike (paired).
    Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, the percentile method.
    """
    rng = np.random.default_rng(0)
    count = len(people)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=_ROUNDS).astype(np.float64)
    values = statistic(_drawn(drawn, people))
    if other is not None:
        values = values - statistic(_drawn(drawn, other))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def calibration_bins(
    probabilities: Floats, labels: Labels, weights: Floats | None = None
) -> tuple[Floats, Floats, Floats]:
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

    def mean(totals: Floats) -> Floats:
        return np.asarray(np.bincount(bins, weights=totals, minlength=_BINS) / np.maximum(share, 1e-12))

    return mean(masses * sure), mean(rights), share / share.sum()


def calibration_error(probabilities: Floats, labels: Labels, weights: Floats | None = None) -> float:
    """Expected calibration error: how far confidence is from the share right, on average over the bins.

    Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, with bins of equal mass.
    """
    sure, right, share = calibration_bins(probabilities, labels, weights)
    return float((share * np.abs(sure - right)).sum())


def equal_sources(sources: npt.NDArray[np.str_]) -> Floats:
    """A weight a picture, mean 1, so that every source weighs the same in all."""
    names, places, counts = np.unique(sources, return_inverse=True, return_counts=True)
    return np.asarray((len(sources) / len(names) / counts)[places])


def _drawn(drawn: Floats, people: Floats) -> Floats:
    return np.asarray((drawn @ people.reshape(len(people), -1)).reshape(-1, *people.shape[1:]))
