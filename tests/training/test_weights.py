"""Class weights and temperatures on drawn probabilities with a known answer."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

from memegen.expressions import combine, softmax
from training.weights import best_temperature, equal_sources, learn_class_weights, log_loss

RNG = np.random.default_rng(5)


def specialists(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of three classes, and three members each of which knows one class and guesses at the others."""
    labels = RNG.integers(0, 3, count)
    members = np.empty((count, 3, 7))
    for member in range(3):
        # Where the label is the member's own class it mostly says so; else it is as sure of a wrong thing.
        logits = RNG.normal(0, 1.2, (count, 7))
        logits[labels == member, member] += 4
        members[:, member] = softmax(logits)
    return labels, members


def test_learnt_weights_beat_equal_ones_where_members_are_specialists():
    labels, members = specialists(3000)
    even = np.ones(2000)
    weights = learn_class_weights(members[:2000], labels[:2000], even, 0.001)
    learnt = combine(members[2000:], weights)
    equal = combine(members[2000:], np.ones((3, 7)))
    assert (
        log_loss(learnt, labels[2000:], np.ones(1000)) < log_loss(equal, labels[2000:], np.ones(1000)) - 0.02
    )
    assert (learnt.argmax(1) == labels[2000:]).mean() > (equal.argmax(1) == labels[2000:]).mean()
    for specialist in range(3):
        assert weights[:, specialist].argmax() == specialist


def test_a_strong_pull_keeps_the_weights_equal():
    labels, members = specialists(500)
    assert learn_class_weights(members, labels, np.ones(500), 1000.0) == pytest.approx(
        np.ones((3, 7)), abs=0.01
    )


def test_learnt_weights_are_the_minimum():
    """No small step from the learnt weights lessens the loss: the gradient was right."""
    labels, members = specialists(400)
    weights = learn_class_weights(members, labels, np.ones(400), 0.01)

    def objective(trial: np.ndarray) -> float:
        return log_loss(combine(members, trial), labels, np.ones(400)) + 0.01 * float(
            (np.log(trial) ** 2).sum()
        )

    best = objective(weights)
    for _ in range(50):
        step = np.exp(RNG.normal(0, 0.05, weights.shape))
        step /= np.exp(np.log(step).mean())
        assert objective(weights * step) > best - 1e-6


def test_the_temperature_of_logits_that_are_twice_too_sure_is_two():
    logits = RNG.normal(0, 1.5, (20000, 7))
    labels = np.array([RNG.choice(7, p=row) for row in softmax(logits)])
    assert best_temperature(2 * logits, labels, np.ones(20000)) == pytest.approx(2, rel=0.05)


def test_sources_weigh_the_same():
    weights = equal_sources(np.array(["a"] * 9 + ["b"]))
    assert weights[:9].sum() == pytest.approx(5)
    assert weights[9] == pytest.approx(5)
