"""Trainings that are killed, shared and started again."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

import torch

from training.data.prepare import read_split
from training.model import loop
from training.model.loop import mixed, one_cycle
from training.model.trainer import chosen_of, fit_one
from training.stages.crossfit import judge
from training.stages.finetune import body_plan, draft_plan, fit, known_of, member_plan, pretrain, refine


class KilledError(Exception):
    pass


def test_a_killed_training_goes_on_to_the_same_weights(prepared, settings, tmp_path, monkeypatch):
    train, validation = read_split(prepared, "train"), read_split(prepared, "validation")
    plan = draft_plan(settings, "narrow", train)
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
    assert not (broken / "draft-narrow.pt").exists()
    fit_one(broken, plan, settings.optimiser, train, validation)
    expected, found = (torch.load(folder / "draft-narrow.pt") for folder in (whole, broken))
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert (whole / "draft-narrow.jsonl").read_text() == (broken / "draft-narrow.jsonl").read_text()
    assert not (broken / "draft-narrow.checkpoint").exists()


def test_what_is_finished_is_not_trained_again(prepared, settings, tmp_path):
    (tmp_path / "crops.npz").write_bytes((prepared / "crops.npz").read_bytes())
    labels = read_split(prepared, "train").labels
    pool = int((read_split(prepared, "train").sources == "fer2013").sum())
    np.save(tmp_path / "judged.npy", np.full((len(labels), 7), 1 / 7))
    for stage in settings.stages[:-1]:
        np.save(tmp_path / f"teacher-{stage}.npy", np.full((pool, 7), 1 / 7))
    names = [f"{stage}-{name}" for stage in settings.stages for name in settings.bodies]
    names += [f"judge-{number}" for number in range(1, settings.judges.parts + 1)]
    names += [f"member-{name}" for name in settings.members]
    for name in names:
        (tmp_path / f"{name}.pt").write_bytes(b"finished")
    for step in (pretrain, refine, judge, fit):
        step(tmp_path, settings)
    assert {file.read_bytes() for file in tmp_path.glob("*.pt")} == {b"finished"}


def test_a_body_s_name_that_is_none_is_refused(prepared, settings):
    with pytest.raises(ValueError, match="there is no 'huge'; the settings have narrow, middle, wide"):
        pretrain(prepared, settings, "huge")
    assert chosen_of(settings.bodies, "wide") == ["wide"]


@pytest.mark.parametrize(
    ("plan_of", "name", "missing"),
    [
        (lambda settings, train: body_plan(settings, "narrow", train, 1), "draft-narrow", "pretrain"),
        (lambda settings, train: body_plan(settings, "narrow", train, 2), "round1-narrow", "refine"),
        (lambda settings, _: member_plan(settings, "a"), "body-narrow", "refine"),
    ],
)
def test_a_training_says_which_step_comes_before_it(plan_of, name, missing, prepared, settings, tmp_path):
    train, validation = read_split(prepared, "train"), read_split(prepared, "validation")
    with pytest.raises(ValueError, match=rf"{name}\.pt is missing: run `python -m training {missing} --run"):
        fit_one(tmp_path, plan_of(settings, train), settings.optimiser, train, validation)


def test_each_round_goes_on_from_the_one_before_with_other_draws(prepared, settings):
    train = read_split(prepared, "train")
    body = replace(settings.bodies["wide"], refined_epochs=(5, 7, 9), seed=3)
    settings = replace(settings, bodies={"wide": body})
    plans = [body_plan(settings, "wide", train, number) for number in (1, 2, 3)]
    assert [plan.starts_from for plan in plans] == ["draft-wide", "round1-wide", "round2-wide"]
    assert [plan.name for plan in plans] == ["round1-wide", "round2-wide", "body-wide"]
    assert [plan.epochs for plan in plans] == [5, 7, 9]
    assert len({plan.seed for plan in plans}) == 3


def test_the_teacher_makes_up_its_share_of_the_targets_drawn(prepared, settings):
    train = read_split(prepared, "train")
    teacher = np.full((len(train.labels), 7), 1 / 7, np.float32)
    teacher[train.sources == "famous"] = np.eye(7)[6]
    plan = replace(
        member_plan(settings, "a"), source_shares={"fer2013": 0.5, "famous": 0.5}, label_smoothing={}
    )
    training = loop.Training(plan, settings.optimiser, train, teacher=teacher, teacher_share=0.7)
    drawn = train.of(np.isin(train.sources, ["fer2013", "famous"]))
    labels = np.eye(7)[drawn.labels]
    famous = (drawn.sources == "famous")[:, None]
    expected = np.where(famous, 0.3 * labels + 0.7 * np.eye(7)[6], 0.3 * labels + 0.1)
    assert training._targets.numpy() == pytest.approx(expected)


def test_labels_are_smoothed_as_far_as_their_source_is_doubted(prepared, settings):
    train = read_split(prepared, "train")
    train = train.of(np.isin(train.sources, ["fer2013", "jaffe", "famous"]))
    plan = replace(
        member_plan(settings, "a"),
        source_shares={"fer2013": 0.4, "jaffe": 0.3, "famous": 0.3},
        label_smoothing={"fer2013": 0.07, "jaffe": 0.7, "famous": 0.0, "imfdb": 0.5},
    )
    targets = loop.Training(plan, settings.optimiser, train)._targets.numpy()
    given = targets[np.arange(len(train.labels)), train.labels]
    for source, label in {"fer2013": 0.94, "jaffe": 0.4, "famous": 1.0}.items():
        assert given[train.sources == source] == pytest.approx(label)
    assert targets.sum(axis=1) == pytest.approx(1)


def test_a_member_draws_its_own_share_others_and_the_rest_from_the_pool(settings):
    member = replace(settings.members["b"], own_share=0.5, also={"famous": 0.2})
    plan = member_plan(replace(settings, members={"b": member}), "b")
    assert plan.source_shares == pytest.approx({"imfdb": 0.5, "famous": 0.2, "fer2013": 0.3})


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


def test_the_pool_is_known_by_its_teacher_and_the_members_sets_by_the_judges(prepared, settings, tmp_path):
    train = read_split(prepared, "train")
    pool = train.sources == "fer2013"
    np.save(tmp_path / "judged.npy", np.full((len(pool), 7), 0.5, np.float16))
    np.save(tmp_path / "teacher-round1.npy", np.full((int(pool.sum()), 7), 0.25, np.float16))
    known = known_of(tmp_path, settings, train)
    assert (known == np.where(pool, 0.25, 0.5)[:, None]).all()
