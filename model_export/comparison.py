"""Readings held against other readings of the same pictures."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from training.arrays import ClassIndices, Float64s

COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.5)


@dataclass(frozen=True)
class McNemar:
    """wins: pictures that only the first reader has right. losses: those that only the second has right.
    p: how likely so uneven a split is, or one more so, between readers that are equally good."""

    wins: int
    losses: int
    p: float


def mcnemar(labels: ClassIndices, guesses: ClassIndices, others: ClassIndices) -> McNemar:
    """McNemar's exact test, two-sided, of two readers' guesses (n,) for the same pictures.

    Source: McNemar, "Note on the sampling error of the difference between correlated proportions", 1947.
    """
    right, others_right = guesses == labels, others == labels
    wins, losses = int((right & ~others_right).sum()), int((~right & others_right).sum())
    p = binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    return McNemar(wins, losses, float(p))


def accuracy_by_coverage(
    labels: ClassIndices, probabilities: Float64s, found: npt.NDArray[np.bool_]
) -> dict[float, float]:
    """Share of pictures kept, the surest first, for each of COVERAGES → accuracy among those.

    Risk, which the literature plots, is 1 less the accuracy. A picture without a face is the least sure.
    Source: El-Yaniv and Wiener, "On the Foundations of Noise-free Selective Classification", 2010.
    """
    right = (probabilities.argmax(axis=1) == labels) & found
    order = np.argsort(-np.where(found, probabilities.max(axis=1), -1), kind="stable")
    kept = {share: right[order][: max(1, round(share * len(labels)))] for share in COVERAGES}
    return {share: float(part.mean()) for share, part in kept.items()}
