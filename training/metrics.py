"""Scores of guesses against labels."""

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score


def macro_f1(labels: npt.NDArray[np.integer], guesses: npt.NDArray[np.integer]) -> float:
    """Mean F1 over the classes that stand in `labels`."""
    return float(f1_score(labels, guesses, labels=np.unique(labels), average="macro", zero_division=0))
