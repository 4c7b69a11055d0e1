"""What an epoch draws."""

from collections import Counter

import numpy as np
import pytest

pytest.importorskip("imblearn", reason="training packages are not installed: make setup-training")

from training.data.balance import balanced, draw

NINE_TO_ONE = np.array([0] * 90 + [1] * 10, np.uint8)


def sizes(labels: np.ndarray, kind: str, strength: float) -> list[int]:
    return np.bincount(labels[balanced(labels, kind, strength, np.random.default_rng(0))]).tolist()


def test_without_balancing_every_picture_comes_once():
    assert balanced(NINE_TO_ONE, "none", 1.0, np.random.default_rng(0)).tolist() == list(range(100))


@pytest.mark.parametrize("kind", ["under", "over"])
def test_at_strength_0_nothing_changes(kind):
    chosen = balanced(NINE_TO_ONE, kind, 0.0, np.random.default_rng(0))
    assert sorted(chosen.tolist()) == list(range(100))


def test_under_sampling_drops_pictures_of_the_common_class():
    assert sizes(NINE_TO_ONE, "under", 1.0) == [10, 10]
    # Half the strength: the common class keeps 90 · (10 / 90) ** .5 = 30.
    assert sizes(NINE_TO_ONE, "under", 0.5) == [30, 10]
    chosen = balanced(NINE_TO_ONE, "under", 0.5, np.random.default_rng(0))
    assert len(set(chosen.tolist())) == len(chosen)


def test_over_sampling_repeats_pictures_of_the_rare_class():
    # The rare class grows by (90 / 10) ** .5 = 3.
    assert sizes(NINE_TO_ONE, "over", 0.5) == [90, 30]
    times = Counter(balanced(NINE_TO_ONE, "over", 0.5, np.random.default_rng(0)).tolist())
    assert all(times[place] == 1 for place in range(90))


def test_no_picture_is_repeated_more_than_eight_times():
    labels = np.array([0] * 1000 + [1] * 7, np.uint8)
    times = Counter(balanced(labels, "over", 1.0, np.random.default_rng(0)).tolist())
    assert {times[place] for place in range(1000, 1007)} == {8}


def test_repeats_are_even():
    # The rare class grows by (90 / 20) ** 1 = 4.5: 90 of 5 · 20 copies, so no picture more than 5 times.
    labels = np.array([0] * 90 + [1] * 20, np.uint8)
    times = Counter(balanced(labels, "over", 1.0, np.random.default_rng(0)).tolist())
    assert sum(times[place] for place in range(90, 110)) == 90
    assert max(times[place] for place in range(90, 110)) <= 5


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="balancing is 'sideways'; the kinds are none, under, over"):
        balanced(NINE_TO_ONE, "sideways", 1.0, np.random.default_rng(0))


def drawn(labels: np.ndarray, sources: np.ndarray, shares: dict[str, float], count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return draw(labels, sources, shares, kind="over", strength=0.5, count=count, rng=rng)


def test_each_source_gets_its_share_and_is_balanced_within_itself():
    labels = np.concatenate([NINE_TO_ONE, NINE_TO_ONE[::-1]])
    sources = np.array(["own"] * 100 + ["pool"] * 100)
    # One round of either is 90 + 30: 240 pictures are two rounds of own and none too many of pool.
    chosen = drawn(labels, sources, {"own": 0.5, "pool": 0.5}, 240)
    for source in ("own", "pool"):
        of_source = chosen[sources[chosen] == source]
        assert np.bincount(labels[of_source]).tolist() == [90, 30]


def test_a_small_source_is_gone_through_again_evenly():
    sources = np.array(["own"] * 10 + ["pool"] * 90)
    chosen = drawn(np.zeros(100, np.uint8), sources, {"own": 0.3, "pool": 0.7}, 200)
    times = Counter(chosen[sources[chosen] == "own"].tolist())
    assert sum(times.values()) == 60
    assert set(times.values()) == {6}


def test_a_source_without_pictures_is_named():
    with pytest.raises(ValueError, match=r"no training picture comes from 'jaffe'; found are .*pool"):
        drawn(np.zeros(4, np.uint8), np.array(["pool"] * 4), {"jaffe": 1.0}, 4)
