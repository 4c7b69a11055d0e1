"""Scores of guesses against labels, with bootstrap intervals.

Everything is computed from confusion matrices. A row is a label and a column a guess; the last column stands
for "no face found". A resampled set is then a weighted sum of the matrices of its people, which makes the
bootstrap fast.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score

from memegen.options import EXPRESSIONS
from training.arrays import ClassIndices, Float64s

NO_FACE = len(EXPRESSIONS)
"""The guess for a picture in which no face was found. It is never right."""

Statistic = Callable[[Float64s], Float64s]

_ROUNDS = 2000


def confusion(labels: ClassIndices, guesses: ClassIndices, weights: Float64s | None = None) -> Float64s:
    """The confusion matrix (7, 8): the sum of the pictures' weights, 1 unless given, by label and guess."""
    return per_person_confusions(labels, guesses, np.zeros(len(labels)), weights)[0]


def per_person_confusions(
    labels: ClassIndices,
    guesses: ClassIndices,
    people: npt.NDArray[np.generic],
    weights: Float64s | None = None,
) -> Float64s:
    """Each person's confusion matrix, (people, 7, 8), with the people in the order of np.unique."""
    names, places = np.unique(people, return_inverse=True)
    counts = np.zeros((len(names), len(EXPRESSIONS), len(EXPRESSIONS) + 1))
    np.add.at(counts, (places, labels, guesses), 1.0 if weights is None else weights)
    return counts


def accuracy_of(confusions: Float64s) -> Float64s:
    """The share of right guesses, (...), of confusion matrices (..., 7, 8)."""
    right = np.trace(confusions[..., :NO_FACE], axis1=-2, axis2=-1)
    return np.asarray(right / confusions.sum(axis=(-2, -1)))


def f1_of(confusions: Float64s) -> Float64s:
    """F1 of each class, (..., 7), of confusion matrices (..., 7, 8).

    It is 0 for a class that is never guessed, and NaN for a class without labels.
    """
    right = np.diagonal(confusions[..., :NO_FACE], axis1=-2, axis2=-1)
    labels, guesses = confusions.sum(axis=-1), confusions[..., :NO_FACE].sum(axis=-2)
    return np.asarray(np.where(labels > 0, 2 * right / np.maximum(labels + guesses, 1e-12), np.nan))


def macro_f1_of(confusions: Float64s) -> Float64s:
    """The mean F1, (...), over the classes that have labels, of confusion matrices (..., 7, 8)."""
    return np.asarray(np.nanmean(f1_of(confusions), axis=-1))


def macro_f1(labels: ClassIndices, guesses: ClassIndices) -> float:
    """The mean F1 over the classes that occur in `labels`."""
    return float(f1_score(labels, guesses, labels=np.unique(labels), average="macro", zero_division=0.0))


def interval(statistic: Statistic, people: Float64s, other: Float64s | None = None) -> tuple[float, float]:
    """The 95 % bootstrap interval of a statistic of confusion matrices (people, 7, 8).

    People are drawn with replacement. If `other` is given, with matrices of the same people, it is the
    interval of the difference between the two, for which the same people are drawn each time (paired).
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


def equal_sources(sources: npt.NDArray[np.str_]) -> Float64s:
    """A weight (n,) for each picture, with a mean of 1 and the same sum for every source."""
    names, places, counts = np.unique(sources, return_inverse=True, return_counts=True)
    return np.asarray((len(sources) / len(names) / counts)[places])


def _drawn(drawn: Float64s, people: Float64s) -> Float64s:
    return np.asarray((drawn @ people.reshape(len(people), -1)).reshape(-1, *people.shape[1:]))
