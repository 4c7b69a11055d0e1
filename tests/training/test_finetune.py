"""Trainings that are killed, shared and started again."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

import torch

from training.data.crops import read_split, read_votes
from training.model import trainer
from training.model.inference import uses_bfloat16
from training.model.trainer import mixed, one_cycle, select, train_to_end
from training.stages.crossfit import crossfit
from training.stages.distill import distill, distillation_plan
from training.stages.finetune import finetune, member_plan, soft_targets
from training.stages.pretrain import pretrain, pretraining_plan


class KilledError(Exception):
    pass


def test_a_killed_training_goes_on_to_the_same_weights(prepared, settings, tmp_path, monkeypatch):
    train, validation = read_split(prepared, "train"), read_split(prepared, "validation")
    plan = pretraining_plan(settings, "narrow", train)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    train_to_end(whole, plan, settings.optimiser, train, validation)
    drawn: list[int] = []
    real_draw = trainer.draw

    def die_in_the_third_epoch(*words, **named):
        drawn.append(1)
        if len(drawn) == 3:
            raise KilledError
        return real_draw(*words, **named)

    monkeypatch.setattr(trainer, "draw", die_in_the_third_epoch)
    with pytest.raises(KilledError):
        train_to_end(broken, plan, settings.optimiser, train, validation)
    monkeypatch.setattr(trainer, "draw", real_draw)
    assert not (broken / "pretrained-narrow.pt").exists()
    train_to_end(broken, plan, settings.optimiser, train, validation)
    expected, found = (torch.load(folder / "pretrained-narrow.pt") for folder in (whole, broken))
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert (whole / "pretrained-narrow.jsonl").read_text() == (broken / "pretrained-narrow.jsonl").read_text()
    assert not (broken / "pretrained-narrow.checkpoint").exists()


def test_what_is_finished_is_not_trained_again(prepared, settings, tmp_path):
    (tmp_path / "crops.npz").write_bytes((prepared / "crops.npz").read_bytes())
    labels = read_split(prepared, "train").labels
    pool = int((read_split(prepared, "train").sources == "fer2013").sum())
    np.save(tmp_path / "soft_labels.npy", np.full((len(labels), 7), 1 / 7))
    for stage in settings.stages[:-1]:
        np.save(tmp_path / f"teacher-{stage}.npy", np.full((pool, 7), 1 / 7))
    names = [f"{stage}-{name}" for stage in settings.stages for name in settings.backbones]
    names += [f"crossfit-{number}" for number in range(1, settings.crossfit.folds + 1)]
    names += [f"member-{name}" for name in settings.members]
    for name in names:
        (tmp_path / f"{name}.pt").write_bytes(b"finished")
    for step in (pretrain, distill, crossfit, finetune):
        step(tmp_path, settings)
    assert {file.read_bytes() for file in tmp_path.glob("*.pt")} == {b"finished"}


def test_an_unknown_backbone_is_refused(prepared, settings):
    with pytest.raises(ValueError, match="there is no 'huge'; the settings have narrow, middle, wide"):
        pretrain(prepared, settings, "huge")
    assert select(settings.backbones, "wide") == ["wide"]


@pytest.mark.parametrize(
    ("plan_of", "name", "missing"),
    [
        (
            lambda settings, train: distillation_plan(settings, "narrow", train, 1),
            "pretrained-narrow",
            "pretrain",
        ),
        (
            lambda settings, train: distillation_plan(settings, "narrow", train, 2),
            "distilled1-narrow",
            "distill",
        ),
        (lambda settings, _: member_plan(settings, "b"), "backbone-middle", "distill"),
        (lambda settings, _: member_plan(settings, "a"), "backbone-face", "face"),
    ],
)
def test_a_training_says_which_step_comes_before_it(plan_of, name, missing, prepared, settings, tmp_path):
    train, validation = read_split(prepared, "train"), read_split(prepared, "validation")
    with pytest.raises(ValueError, match=rf"{name}\.pt is missing: run `python -m training {missing} --run"):
        train_to_end(tmp_path, plan_of(settings, train), settings.optimiser, train, validation)


def test_each_round_goes_on_from_the_one_before_with_other_draws(prepared, settings):
    train = read_split(prepared, "train")
    backbone = replace(settings.backbones["wide"], distillation_epochs=(5, 7, 9), seed=3)
    settings = replace(settings, backbones={"wide": backbone})
    plans = [distillation_plan(settings, "wide", train, number) for number in (1, 2, 3)]
    assert [plan.starts_from for plan in plans] == ["pretrained-wide", "distilled1-wide", "distilled2-wide"]
    assert [plan.name for plan in plans] == ["distilled1-wide", "distilled2-wide", "backbone-wide"]
    assert [plan.epochs for plan in plans] == [5, 7, 9]
    assert len({plan.seed for plan in plans}) == 3


def test_the_teacher_makes_up_its_share_of_the_targets_drawn(prepared, settings):
    train = read_split(prepared, "train")
    teacher = np.full((len(train.labels), 7), 1 / 7, np.float32)
    teacher[train.sources == "famous"] = np.eye(7)[6]
    plan = replace(
        member_plan(settings, "c"), source_shares={"fer2013": 0.5, "famous": 0.5}, label_smoothing={}
    )
    training = trainer.Training(plan, settings.optimiser, train, teacher=teacher, teacher_share=0.7)
    drawn = train.of(np.isin(train.sources, ["fer2013", "famous"]))
    labels = np.eye(7)[drawn.labels]
    famous = (drawn.sources == "famous")[:, None]
    expected = np.where(famous, 0.3 * labels + 0.7 * np.eye(7)[6], 0.3 * labels + 0.1)
    assert training._targets.numpy() == pytest.approx(expected)


def test_labels_are_smoothed_by_the_share_of_their_source(prepared, settings):
    train = read_split(prepared, "train")
    train = train.of(np.isin(train.sources, ["fer2013", "jaffe", "famous"]))
    plan = replace(
        member_plan(settings, "c"),
        source_shares={"fer2013": 0.4, "jaffe": 0.3, "famous": 0.3},
        label_smoothing={"fer2013": 0.07, "jaffe": 0.7, "famous": 0.0, "imfdb": 0.5},
    )
    targets = trainer.Training(plan, settings.optimiser, train)._targets.numpy()
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


def test_soft_targets_are_the_teachers_for_the_pool_and_cross_fitted_elsewhere(prepared, settings, tmp_path):
    train = read_split(prepared, "train")
    pool = train.sources == "fer2013"
    np.save(tmp_path / "soft_labels.npy", np.full((len(pool), 7), 0.5, np.float16))
    np.save(tmp_path / "teacher-distilled1.npy", np.full((int(pool.sum()), 7), 0.25, np.float16))
    known = soft_targets(tmp_path, settings, train, read_votes(prepared, "train"))
    assert (known == np.where(pool, 0.25, 0.5)[:, None]).all()


def test_the_averaged_weights_follow_an_exponential_moving_average(prepared, settings):
    train = read_split(prepared, "train")
    plan = replace(pretraining_plan(settings, "narrow", train), epoch_pictures=24 * 4, epochs=1)
    training = trainer.Training(plan, replace(settings.optimiser, ema_decay=0.2), train)
    seen = []
    take_step = training._learn

    def remember():
        loss = take_step()
        seen.append(training.model.head.weight.detach().clone())
        return loss

    training._take_step = remember
    training.run_epoch()
    assert len(seen) == 4
    # The first average is the first step's weights; after that the decay is (1 + n) / (10 + n), up to .2.
    expected = seen[0]
    for decay, weights in zip((2 / 11, 0.2, 0.2), seen[1:], strict=True):
        expected = decay * expected + (1 - decay) * weights
    assert torch.allclose(training.averaged.head.weight, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [({"amx_bf16": True}, True), ({"avx512_bf16": True}, True), ({"avx2": True, "amx_bf16": False}, False)],
)
def test_bfloat16_is_used_where_the_processor_has_instructions_for_it(capabilities, expected, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert uses_bfloat16("auto", torch.device("cpu")) is expected
    assert uses_bfloat16("bfloat16", torch.device("cpu"))
    assert not uses_bfloat16("float32", torch.device("cpu"))


def test_occlusion_is_drawn_for_the_members_that_ask_for_it_alone(settings):
    settings = replace(settings, occlusion=replace(settings.occlusion, hand_chance=0.2))
    members = {
        "a": replace(settings.members["a"], occlusion=0.5),
        "c": replace(settings.members["c"], occlusion=0),
    }
    settings = replace(settings, members={**settings.members, **members})
    assert member_plan(settings, "a").augmentation.hand_chance == pytest.approx(0.1)
    assert member_plan(settings, "c").augmentation.hand_chance == 0
