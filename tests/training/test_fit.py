"""Trainings that are killed, shared and started again."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

import torch

from training import loop
from training.fit import body_plan, chosen_of, fit, fit_one, member_plan, pretrain
from training.loop import mixed, one_cycle
from training.prepare import read_split


class KilledError(Exception):
    pass


def test_a_killed_training_goes_on_to_the_same_weights(prepared, settings, tmp_path, monkeypatch):
    train, validation = read_split(prepared, "train"), read_split(prepared, "validation")
    plan = body_plan(settings, "narrow", train)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    fit_one(whole, plan, settings.optimiser, train, validation)
    drawn: list[int] = []
    real_draw = loop.draw

    def die_in_the_third_epoch(*words, **named):
        drawn.append(1)
        if len(drawn) == 3:
            raise KilledError
        return real_draw(*words, **named)

    monkeypatch.setattr(loop, "draw", die_in_the_third_epoch)
    with pytest.raises(KilledError):
        fit_one(broken, plan, settings.optimiser, train, validation)
    monkeypatch.setattr(loop, "draw", real_draw)
    assert not (broken / "body-narrow.pt").exists()
    fit_one(broken, plan, settings.optimiser, train, validation)
    torch.set_num_threads(threads)
    expected, found = (torch.load(folder / "body-narrow.pt") for folder in (whole, broken))
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert (whole / "body-narrow.jsonl").read_text() == (broken / "body-narrow.jsonl").read_text()
    assert not (broken / "body-narrow.checkpoint").exists()


def test_what_is_finished_is_not_trained_again(prepared, settings, tmp_path):
    (tmp_path / "crops.npz").write_bytes((prepared / "crops.npz").read_bytes())
    np.save(tmp_path / "teacher.npy", np.full((len(read_split(prepared, "train").labels), 7), 1 / 7))
    names = [f"body-{name}" for name in settings.bodies] + [f"member-{name}" for name in settings.members]
    for name in names:
        (tmp_path / f"{name}.pt").write_bytes(b"finished")
    fit(tmp_path, settings)
    assert {file.read_bytes() for file in tmp_path.glob("*.pt")} == {b"finished"}


def test_a_body_s_name_that_is_none_is_refused(prepared, settings):
    with pytest.raises(ValueError, match="there is no 'huge'; the settings have narrow, middle, wide"):
        pretrain(prepared, settings, "huge")
    assert chosen_of(settings.bodies, "wide") == ["wide"]


def test_a_member_s_teacher_needs_every_body(prepared, settings, tmp_path):
    (tmp_path / "crops.npz").write_bytes((prepared / "crops.npz").read_bytes())
    train = read_split(prepared, "train")
    plan = member_plan(settings, "a")
    with pytest.raises(ValueError, match=rf"{plan.starts_from}\.pt is missing: fit {plan.starts_from} first"):
        fit_one(tmp_path, plan, settings.optimiser, train, read_split(prepared, "validation"))


def test_the_teacher_makes_up_its_share_of_the_targets(prepared, settings):
    train = read_split(prepared, "train")
    plan = body_plan(settings, "narrow", train)
    teacher = np.full((len(train.labels), 7), 1 / 7, np.float32)
    training = loop.Training(plan, settings.optimiser, train, teacher=teacher, teacher_share=0.7)
    own = train.labels[train.sources == "fer2013"]
    expected = np.full((len(own), 7), 0.1)
    expected[np.arange(len(own)), own] += 0.3
    assert training._targets == pytest.approx(expected)


def test_mixup_mixes_pictures_and_targets_alike():
    inputs = torch.arange(3.0).reshape(3, 1)
    targets = torch.eye(3)
    pictures, labels = mixed(inputs, targets, 0.75)
    # The batch against itself in reverse: 0 with 2, 1 with 1, 2 with 0.
    assert pictures.flatten().tolist() == [0.5, 1.0, 1.5]
    assert labels.tolist() == [[0.75, 0, 0.25], [0, 1, 0], [0.25, 0, 0.75]]


def test_the_learning_rate_rises_for_a_tenth_and_falls_to_almost_nothing():
    rates = [one_cycle(step, 200, 0.1) for step in range(200)]
    assert rates[0] == pytest.approx(0.1 / 20)
    assert max(rates) == rates[20] == pytest.approx(0.1)
    assert rates[110] == pytest.approx(0.05)
    assert rates[-1] < 0.0001
