"""Class weights and temperatures on drawn probabilities with a known answer."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

from memegen.face.expressions import combine, softmax
from training.ensemble.calibration import best_temperature, log_loss
from training.ensemble.class_weights import (
    choose_l2,
    f1_weights,
    learn_class_weights,
    out_of_fold_readings,
    temperature_factor,
    unseen_source_readings,
)
from training.ensemble.validation_set import ValidationSet, source_weights
from training.ensemble.weight_tables import calibration_table, describe

RNG = np.random.default_rng(5)


def validation_set(labels: np.ndarray, logits: np.ndarray, people: np.ndarray | None = None) -> ValidationSet:
    count = len(labels)
    return ValidationSet(
        logits,
        labels,
        np.array(["set"] * count),
        np.arange(count).astype(str) if people is None else people,
        np.ones(count),
    )


def specialists(count: int) -> ValidationSet:
    """Three classes, and three members each of which knows one class and guesses at the others."""
    labels = RNG.integers(0, 3, count)
    # Where the label is the member's own class it mostly says so; else it is as sure of a wrong thing.
    logits = RNG.normal(0, 1.2, (count, 3, 7))
    for member in range(3):
        logits[labels == member, member, member] += 4
    return validation_set(labels, logits)


def test_learnt_weights_beat_equal_ones_where_members_are_specialists():
    drawn = specialists(3000)
    seen, unseen = drawn.of(np.arange(2000)), drawn.of(np.arange(2000, 3000))
    weights = learn_class_weights(softmax(seen.logits), seen, 0.001)
    learnt = combine(softmax(unseen.logits), weights)
    equal = combine(softmax(unseen.logits), np.ones((3, 7)))
    losses = [log_loss(readings, unseen.labels, unseen.weights) for readings in (learnt, equal)]
    assert losses[0] < losses[1] - 0.02
    assert (learnt.argmax(1) == unseen.labels).mean() > (equal.argmax(1) == unseen.labels).mean()
    for specialist in range(3):
        assert weights[:, specialist].argmax() == specialist


def test_a_strong_pull_keeps_the_weights_equal():
    drawn = specialists(500)
    weights = learn_class_weights(softmax(drawn.logits), drawn, 1000.0)
    assert weights == pytest.approx(np.ones((3, 7)), abs=0.01)


def test_learnt_weights_are_the_minimum():
    """No small step from the learnt weights lessens the loss: the gradient was right."""
    drawn = specialists(400)
    members = softmax(drawn.logits)
    weights = learn_class_weights(members, drawn, 0.01)

    def objective(trial: np.ndarray) -> float:
        l2_penalty = 0.01 * float((np.log(trial) ** 2).sum())
        return log_loss(combine(members, trial), drawn.labels, drawn.weights) + l2_penalty

    best = objective(weights)
    for _ in range(50):
        step = np.exp(RNG.normal(0, 0.05, weights.shape))
        step /= np.exp(np.log(step).mean())
        assert objective(weights * step) > best - 1e-6


def test_f1_weights_do_not_reward_who_always_says_one_thing():
    labels = np.array([0, 0, 1, 1, 2, 2])
    logits = np.zeros((6, 2, 7))
    logits[np.arange(6), 0, labels] = 5  # the first is always right
    logits[:, 1, 2] = 5  # the second says the third class whatever it sees
    weights = f1_weights(validation_set(labels, logits))
    assert weights[0, :3] == pytest.approx([1, 1, 1])
    # Recall 1, precision 1/3: F1 1/2.
    assert weights[1, 2] == pytest.approx(0.5)
    assert weights[1, 0] < 0.02


def test_readings_of_people_left_out_use_nothing_of_them():
    """A rule that stores what it saw is never shown the people that it is asked about."""
    drawn = validation_set(
        RNG.integers(0, 7, 100), RNG.normal(0, 1, (100, 2, 7)), (np.arange(100) // 5).astype(str)
    )
    shown: list[set[str]] = []

    def rule(part: ValidationSet) -> np.ndarray:
        shown.append(set(part.people.tolist()))
        return np.ones((2, 7))

    readings = out_of_fold_readings(drawn, rule)
    assert readings.sum(axis=1) == pytest.approx(np.ones(100))
    everyone = set(drawn.people.tolist())
    left_out = [everyone - people for people in shown]
    assert sorted(person for people in left_out for person in people) == sorted(everyone)


def test_the_temperature_of_logits_that_are_twice_too_sure_is_two():
    logits = RNG.normal(0, 1.5, (20000, 7))
    labels = np.array([RNG.choice(7, p=row) for row in softmax(logits)])
    assert best_temperature(2 * logits, labels, np.ones(20000)) == pytest.approx(2, rel=0.05)


def test_a_source_that_is_left_out_is_read_as_the_others_were_calibrated():
    """One member, twice too sure on one source and as sure as it is right on the other."""
    sure = RNG.normal(0, 2, (20_000, 1, 7))
    labels = np.array([RNG.choice(7, p=row) for row in softmax(sure[:, 0])])
    sources = np.repeat(["right", "twice"], 10_000)
    logits = np.where(sources[:, None, None] == "twice", 2 * sure, sure)
    both = replace(validation_set(labels, logits), sources=sources)
    found = unseen_source_readings(both, lambda part: np.ones((1, 7)))
    right = sources == "right"
    assert found[right] == pytest.approx(softmax(sure[right, 0] / 2), abs=0.03)
    assert found[~right] == pytest.approx(softmax(2 * sure[~right, 0]), abs=0.03)
    shipped, unseen = calibration_table(both, softmax(sure[:, 0]), found)[-1].split()[-2:]
    assert float(shipped) < 0.02
    assert float(unseen) > 0.1


def test_the_common_factor_sharpens_the_mean_of_members_that_err_apart():
    """Two members see the truth through noise of their own: each is calibrated, their mean is too timid."""
    truth = RNG.normal(0, 1.5, (4000, 7))
    labels = np.array([RNG.choice(7, p=row) for row in softmax(truth)])
    logits = np.stack([truth + RNG.normal(0, 1.0, truth.shape) for _ in range(2)], axis=1)
    drawn = validation_set(labels, logits)
    temperatures = np.array([best_temperature(logits[:, m], labels, drawn.weights) for m in range(2)])
    factor = temperature_factor(drawn, temperatures, np.ones((2, 7)))
    assert factor < 0.95
    losses = [
        log_loss(combine(drawn.probabilities(temperatures * by), np.ones((2, 7))), labels, drawn.weights)
        for by in (factor, 1.0, 0.9 * factor)
    ]
    assert losses[0] == min(losses)


def test_specialists_are_worth_weights_of_their_own():
    penalty = choose_l2(specialists(3000))
    assert penalty < 0.1


def test_members_that_know_the_same_are_averaged():
    """Each sees the truth through noise of its own, so no weights but equal ones hold on other people."""
    truth = RNG.normal(0, 1.5, (2000, 7))
    labels = np.array([RNG.choice(7, p=row) for row in softmax(truth)])
    logits = np.stack([truth + RNG.normal(0, 1.0, truth.shape) for _ in range(3)], axis=1)
    drawn = validation_set(labels, logits)
    assert choose_l2(drawn) == math.inf
    assert learn_class_weights(softmax(logits), drawn, math.inf).tolist() == [[1.0] * 7] * 3


def test_no_source_may_lose_half_a_point_to_the_plain_mean(monkeypatch):
    """The first source has specialists; in the second the same members are as good as each other."""
    first = specialists(3000)
    truth = RNG.normal(0, 1.5, (600, 7))
    labels = np.array([RNG.choice(7, p=row) for row in softmax(truth)])
    logits = np.stack([truth + RNG.normal(0, 1.0, truth.shape) for _ in range(3)], axis=1)
    sources = np.array(["set"] * 3000 + ["other"] * 600)
    both = ValidationSet(
        np.concatenate([first.logits, logits]),
        np.concatenate([first.labels, labels]),
        sources,
        np.arange(3600).astype(str),
        source_weights(sources),
    )
    assert choose_l2(both) == math.inf
    monkeypatch.setattr("training.ensemble.class_weights._LEAST_GAIN", -1.0)
    assert choose_l2(both) < 0.1


def test_a_source_counts_by_the_root_of_its_pictures():
    weights = source_weights(np.array(["many"] * 100 + ["few"] * 4))
    assert weights.mean() == pytest.approx(1)
    assert weights[:100].sum() / weights[100:].sum() == pytest.approx(10 / 2)


def test_rules_are_held_against_equal_weights_and_the_best_member():
    # Of seven classes in turn member x reads all, y those under 4, z those under 2.
    labels = np.arange(700) % 7
    logits = np.zeros((700, 3, 7))
    for member, known in enumerate((7, 4, 2)):
        logits[np.arange(700), member, np.where(labels < known, labels, 0)] = 5
    _, y, z = (softmax(logits[:, member]) for member in range(3))
    lines = describe(
        validation_set(labels, logits),
        np.ones(3),
        np.ones((3, 7)),
        ["x", "y", "z"],
        {"equal": y, "other": z},
        "equal",
    )
    equal, other = (
        re.findall(r"(\S+) to (\S+)", next(line for line in lines if line.startswith(rule)))
        for rule in ("equal", "other")
    )
    assert equal[0] == ("+0.0000", "+0.0000")
    # F1 of class 0 is .4 by y, 2/7 by z; of the other classes that they know 1, of the rest 0.
    y_f1, z_f1 = (0.4 + 3) / 7, (2 / 7 + 1) / 7
    for (low, high), expected in ((equal[1], y_f1 - 1), (other[0], z_f1 - y_f1), (other[1], z_f1 - 1)):
        assert float(low) < expected < float(high) < float(low) + 0.1
    assert any(line.endswith("less equal weights         less member x") for line in lines)
