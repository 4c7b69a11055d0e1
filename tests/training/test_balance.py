"""What an epoch draws."""

import numpy as np
import pytest

from training.balance import draw


def counts(labels, sources, shares, balance, count):
    chosen = draw(labels, sources, shares, balance=balance, count=count, rng=np.random.default_rng(0))
    assert len(chosen) == count
    return chosen


def test_without_balance_every_picture_comes_once():
    labels = np.array([0] * 90 + [1] * 10, np.uint8)
    sources = np.array(["own"] * 100)
    chosen = counts(labels, sources, {"own": 1.0}, 0.0, 100)
    assert sorted(chosen.tolist()) == list(range(100))


def test_with_full_balance_classes_are_drawn_alike():
    labels = np.array([0] * 80 + [1] * 20, np.uint8)
    chosen = counts(labels, np.array(["own"] * 100), {"own": 1.0}, 1.0, 160)
    assert np.bincount(labels[chosen]).tolist() == [80, 80]


def test_half_balance_draws_a_class_by_the_root_of_its_share():
    # 90 and 10: repeats 1 and (90/10)**.5 = 3, so 90 : 30.
    labels = np.array([0] * 90 + [1] * 10, np.uint8)
    chosen = counts(labels, np.array(["own"] * 100), {"own": 1.0}, 0.5, 120)
    assert np.bincount(labels[chosen]).tolist() == [90, 30]


def test_no_picture_is_drawn_more_than_eight_times_as_often():
    labels = np.array([0] * 100 + [1], np.uint8)
    chosen = counts(labels, np.array(["own"] * 101), {"own": 1.0}, 1.0, 108)
    assert np.bincount(labels[chosen]).tolist() == [100, 8]


def test_each_source_gets_its_share():
    labels = np.zeros(100, np.uint8)
    sources = np.array(["own"] * 10 + ["pool"] * 90)
    chosen = counts(labels, sources, {"own": 0.3, "pool": 0.7}, 0.5, 200)
    assert (sources[chosen] == "own").sum() == 60


def test_a_source_without_pictures_is_named():
    with pytest.raises(ValueError, match=r"no training picture comes from 'jaffe'; found are \['pool'\]"):
        counts(np.zeros(4, np.uint8), np.array(["pool"] * 4), {"jaffe": 1.0}, 0.0, 4)
