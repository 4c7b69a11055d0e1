"""McNemar's test and accuracy by coverage, worked out by hand."""

import numpy as np
import pytest

from model_export.comparison import accuracy_by_coverage, mcnemar


def test_mcnemar_counts_who_alone_is_right():
    labels = np.array([0] * 12)
    first = np.array([0] * 9 + [1] * 3)  # right in the first nine
    second = np.array([0] * 2 + [1] * 8 + [0] * 2)  # right in the first two and the last two
    found = mcnemar(labels, first, second)
    assert (found.wins, found.losses) == (7, 2)
    # Of nine coins 0, 1, 2 or 7, 8, 9 heads: 2 (1 + 9 + 36) / 512.
    assert found.p == pytest.approx(92 / 512)


def test_mcnemar_of_equal_readers_says_nothing():
    labels, guesses = np.array([0, 1]), np.array([0, 0])
    assert mcnemar(labels, guesses, guesses).p == 1


def test_the_surest_pictures_are_kept_first():
    # Ten pictures, read as class 0 with falling confidence; the four least sure are wrong.
    labels = np.array([0] * 6 + [1] * 4)
    sure = np.linspace(0.95, 0.5, 10)
    probabilities = np.zeros((10, 7))
    probabilities[:, 0], probabilities[:, 1] = sure, 1 - sure
    kept = accuracy_by_coverage(labels, probabilities, np.ones(10, bool))
    assert kept == {1.0: 0.6, 0.9: pytest.approx(6 / 9), 0.8: 0.75, 0.7: pytest.approx(6 / 7), 0.5: 1.0}


def test_a_photo_without_a_face_is_the_least_sure_and_wrong():
    probabilities = np.zeros((2, 7))
    probabilities[0, 0] = 0.3
    probabilities[1, 0] = 0.9
    kept = accuracy_by_coverage(np.array([0, 0]), probabilities, np.array([True, False]))
    assert (kept[1.0], kept[0.5]) == (0.5, 1.0)
