"""Soft labels from networks that never saw the person."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

import torch

from training.data.crops import read_split
from training.model.inference import mirrored_mean
from training.model.network import ExpressionNet
from training.stages import crossfit as stage
from training.stages.crossfit import (
    crossfit,
    fold_of,
    label_posterior,
    out_of_fold_probabilities,
    soft_labels,
)


def fresh_network(settings):
    return ExpressionNet(settings.backbones[settings.crossfit.backbone])


def test_the_posterior_is_in_the_terms_of_the_sets_own_labels():
    # Of the pictures read as 0, a quarter is labelled 0 and the others 4. Those read as 2 are labelled 2.
    readings = np.full((80, 7), 0.02)
    readings[:40, 0] = readings[40:, 2] = 0.88
    labels = np.array([0] * 10 + [4] * 30 + [2] * 40, np.uint8)
    given = label_posterior(readings, labels)
    assert given[0, [0, 4, 2]] == pytest.approx([0.25, 0.75, 0], abs=0.03)
    assert given[79, 2] == pytest.approx(1, abs=0.03)
    assert (given[:, [1, 3, 5, 6]] == 0).all()


def test_a_face_and_its_mirror_image_are_read_alike(prepared, settings):
    torch.manual_seed(4)
    model = fresh_network(settings)
    pictures = read_split(prepared, "train").pictures[:20]
    found = mirrored_mean(model, pictures, "float32")
    assert found.sum(axis=1) == pytest.approx(np.ones(20))
    assert found == pytest.approx(mirrored_mean(model, pictures[:, :, ::-1].copy(), "float32"), abs=1e-6)
    assert np.abs(found - found[0]).max() > 1e-4


def test_every_person_is_in_one_fold(prepared, settings):
    train = read_split(prepared, "train")
    fold = fold_of(train, settings)
    assert (fold[train.sources == "jaffe"] == 0).all()
    for source in settings.crossfit.shares:
        own = train.sources == source
        folds = {person: set(fold[own & (train.people == person)]) for person in set(train.people[own])}
        assert all(len(numbers) == 1 for numbers in folds.values())
        people = [sum(numbers == {number} for numbers in folds.values()) for number in (1, 2, 3, 4)]
        assert sum(people) == len(folds)
        assert max(people) - min(people) <= 1


def test_no_network_sees_the_people_that_it_reads(prepared, settings, tmp_path, monkeypatch):
    shutil.copy(prepared / "crops.npz", tmp_path)
    seen, read = {}, {}

    def remember(run, plan, optimiser, train, validation):
        seen[plan.name] = set(zip(train.sources.tolist(), train.people.tolist(), strict=True))
        read[plan.name] = set(zip(validation.sources.tolist(), validation.people.tolist(), strict=True))

    monkeypatch.setattr(stage, "train_to_end", remember)
    crossfit(tmp_path, settings)
    assert sorted(seen) == [f"crossfit-{number}" for number in (1, 2, 3, 4)]
    everyone = set.union(*seen.values())
    for name, people in seen.items():
        assert not people & read[name]
        assert people | read[name] == everyone
    assert set.union(*read.values()) == everyone
    assert {source for source, _ in everyone} == set(settings.crossfit.shares)
    with pytest.raises(ValueError, match="there is no '5'; the settings have 1, 2, 3, 4"):
        crossfit(tmp_path, settings, "5")


def test_soft_labels_are_kept_and_a_missing_network_is_reported(prepared, settings, tmp_path):
    shutil.copy(prepared / "crops.npz", tmp_path)
    with pytest.raises(
        ValueError, match=r"crossfit-1\.pt is missing: run `python -m training crossfit --run"
    ):
        soft_labels(tmp_path, settings, read_split(prepared, "train"))
    for number in (1, 2, 3, 4):
        torch.manual_seed(number)
        torch.save(fresh_network(settings).state_dict(), tmp_path / f"crossfit-{number}.pt")
    rows = soft_labels(tmp_path, settings, read_split(prepared, "train"))
    train = read_split(prepared, "train")
    assert rows.shape == (len(train.labels), 7)
    # There is no network for JAFFE, and the pool has a teacher of its own.
    alone = np.isin(train.sources, ["fer2013", "jaffe"])
    assert (rows[alone] == np.eye(7)[train.labels[alone]]).all()
    # Each picture is read by the network of its fold, and each set gets a posterior of its own.
    fold, readings = fold_of(train, settings), out_of_fold_probabilities(tmp_path, settings, train)
    assert np.isnan(readings[train.sources == "jaffe"]).all()
    torch.manual_seed(3)
    third, own = fresh_network(settings), fold == 3
    assert readings[own] == pytest.approx(mirrored_mean(third, train.pictures[own], "float32"))
    for source in ("imfdb", "famous"):
        own = train.sources == source
        assert rows[own] == pytest.approx(label_posterior(readings[own], train.labels[own]), abs=1e-6)
    for file in tmp_path.glob("crossfit-*.pt"):
        file.unlink()
    assert (soft_labels(tmp_path, settings, read_split(prepared, "train")) == rows).all()


def test_without_sources_the_soft_labels_are_the_labels(prepared, settings, tmp_path):
    shutil.copy(prepared / "crops.npz", tmp_path)
    none = replace(settings, crossfit=replace(settings.crossfit, shares={}))
    train = read_split(prepared, "train")
    assert (soft_labels(tmp_path, none, train) == np.eye(7)[train.labels]).all()
