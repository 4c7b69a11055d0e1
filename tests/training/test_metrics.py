"""Scores and intervals worked out by hand or by another library."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from training.ensemble.calibration import by_confidence, calibration_error
from training.ensemble.metrics import (
    NO_FACE,
    accuracy_of,
    confusion,
    equal_sources,
    f1_of,
    interval,
    macro_f1,
    macro_f1_of,
    per_person_confusions,
)


def test_scores_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 6, 500)  # no picture of the last class
    guesses = np.where(rng.random(500) < 0.5, labels, rng.integers(0, 7, 500))
    weights = rng.uniform(0.5, 2, 500)
    scores = confusion(labels, guesses, weights)
    assert accuracy_of(scores) == pytest.approx(accuracy_score(labels, guesses, sample_weight=weights))
    expected = f1_score(labels, guesses, labels=range(6), average=None, sample_weight=weights)
    assert f1_of(scores)[:6] == pytest.approx(expected)
    assert np.isnan(f1_of(scores)[6])
    assert macro_f1_of(scores) == pytest.approx(expected.mean())
    unweighted = f1_score(labels, guesses, labels=range(6), average="macro")
    assert macro_f1(labels, guesses) == pytest.approx(unweighted)


def test_a_picture_without_a_face_counts_as_wrong():
    scores = confusion(np.array([2, 2]), np.array([2, NO_FACE]))
    assert accuracy_of(scores) == 0.5
    # Precision 1, recall 1/2.
    assert f1_of(scores)[2] == pytest.approx(2 / 3)


def test_people_s_matrices_add_up_to_the_whole():
    rng = np.random.default_rng(1)
    labels, guesses, people = (rng.integers(0, top, 200) for top in (7, 7, 9))
    parts = per_person_confusions(labels, guesses, people)
    assert parts.shape == (9, 7, 8)
    assert (parts.sum(axis=0) == confusion(labels, guesses)).all()


def test_an_interval_over_single_pictures_is_that_of_a_share():
    # 300 of 400 right: the normal interval is .75 ± 1.96 · (.75 · .25 / 400) ** .5 = .7076 to .7924.
    labels = np.zeros(400, int)
    guesses = np.repeat([0, 1], [300, 100])
    low, high = interval(accuracy_of, per_person_confusions(labels, guesses, np.arange(400)))
    assert (low, high) == pytest.approx((0.7076, 0.7924), abs=0.004)


def test_an_interval_over_people_is_wider_where_people_differ():
    labels = np.zeros(400, int)
    guesses = np.repeat([0, 1], [300, 100])
    low, high = interval(accuracy_of, per_person_confusions(labels, guesses, np.arange(400) // 50))
    # Eight people, six always right: a share of 6 of 8 has the standard error (.75 · .25 / 8) ** .5 = .153.
    assert (high - low) / 2 == pytest.approx(1.96 * 0.153, abs=0.06)


def test_a_paired_interval_of_a_steady_difference_is_narrow():
    rng = np.random.default_rng(2)
    labels = np.zeros(1000, int)
    worse = (rng.random(1000) < 0.5).astype(int)
    better = worse.copy()
    better[np.flatnonzero(worse)[:100]] = 0  # 100 of 1,000 more are right
    people = [per_person_confusions(labels, guesses, np.arange(1000)) for guesses in (better, worse)]
    low, high = interval(accuracy_of, people[0], people[1])
    # A share of .1: ± 1.96 · (.1 · .9 / 1000) ** .5 = .0186.
    assert (low, high) == pytest.approx((0.0814, 0.1186), abs=0.004)


def test_the_calibration_error_of_a_known_gap():
    # Always .9 sure, right in 7 of 10: the error is .2 in every bin together.
    probabilities = np.full((1500, 7), 0.1 / 6)
    probabilities[:, 0] = 0.9
    labels = np.tile([0, 0, 0, 0, 0, 0, 0, 1, 1, 1], 150)
    assert calibration_error(probabilities, labels) == pytest.approx(0.2)


def test_readings_that_are_as_sure_as_they_are_right_have_no_error():
    rng = np.random.default_rng(3)
    sure = rng.uniform(0.3, 1, 30000)
    probabilities = np.column_stack([sure, *[(1 - sure) / 6] * 6])
    labels = np.where(rng.random(30000) < sure, 0, 1)
    assert calibration_error(probabilities, labels) < 0.01


def test_sources_weigh_the_same():
    weights = equal_sources(np.array(["a"] * 9 + ["b"]))
    assert weights[:9].sum() == pytest.approx(5)
    assert weights[9] == pytest.approx(5)


def test_by_confidence_it_is_told_how_often_the_first_and_the_second_class_are_right():
    # Three readings of .5 to .7, which count 1, 1 and 2: the first class is right in one, the second in the
    # one that counts 2. One reading of .9, the upper edge of its band, is in the next one.
    probabilities = np.array([[0.6, 0.3, 0.1], [0.1, 0.5, 0.4], [0.25, 0.15, 0.6], [0.06, 0.9, 0.04]])
    labels = np.array([0, 0, 0, 1])
    weights = np.array([1.0, 1.0, 2.0, 4.0])
    rows = by_confidence(probabilities, labels, weights, [0.5, 0.7, 0.9, 1.0])
    assert rows[0] == pytest.approx([4 / 8, 1 / 4, 2 / 4])
    assert rows[1, 0] == 0
    assert np.isnan(rows[1, 1:]).all()
    assert rows[2] == pytest.approx([4 / 8, 1, 0])
