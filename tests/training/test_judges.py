"""What the judges, who never saw a person, say of the pictures."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

import torch

from training.data.prepare import read_split
from training.model.network import Reader
from training.stages import crossfit as judging
from training.stages.crossfit import judge, judged, labels_given, mirrored_mean, part_of, unseen_readings


def fresh_judge(settings):
    return Reader(settings.bodies[settings.judges.body])


def test_a_set_s_own_labels_are_told_from_a_reading_that_uses_other_words():
    # Whoever is read as 0 is labelled 0 by a quarter, else 4; whoever is read as 2 is labelled 2.
    readings = np.full((80, 7), 0.02)
    readings[:40, 0] = readings[40:, 2] = 0.88
    labels = np.array([0] * 10 + [4] * 30 + [2] * 40, np.uint8)
    given = labels_given(readings, labels)
    assert given[0, [0, 4, 2]] == pytest.approx([0.25, 0.75, 0], abs=0.03)
    assert given[79, 2] == pytest.approx(1, abs=0.03)
    assert (given[:, [1, 3, 5, 6]] == 0).all()


def test_a_face_and_its_mirror_image_are_read_alike(prepared, settings):
    torch.manual_seed(4)
    model = fresh_judge(settings)
    pictures = read_split(prepared, "train").pictures[:20]
    found = mirrored_mean(model, pictures, "float32")
    assert found.sum(axis=1) == pytest.approx(np.ones(20))
    assert found == pytest.approx(mirrored_mean(model, pictures[:, :, ::-1].copy(), "float32"), abs=1e-6)
    assert np.abs(found - found[0]).max() > 1e-4


def test_every_person_of_the_judges_sources_is_left_out_by_one_judge(prepared, settings):
    train = read_split(prepared, "train")
    part = part_of(train, settings)
    assert (part[train.sources == "jaffe"] == 0).all()
    for source in settings.judges.shares:
        own = train.sources == source
        parts = {person: set(part[own & (train.people == person)]) for person in set(train.people[own])}
        assert all(len(numbers) == 1 for numbers in parts.values())
        people = [sum(numbers == {number} for numbers in parts.values()) for number in (1, 2, 3, 4)]
        assert sum(people) == len(parts)
        assert max(people) - min(people) <= 1


def test_no_judge_sees_the_people_that_it_reads(prepared, settings, tmp_path, monkeypatch):
    shutil.copy(prepared / "crops.npz", tmp_path)
    seen, read = {}, {}

    def remember(run, plan, optimiser, train, validation):
        seen[plan.name] = set(zip(train.sources.tolist(), train.people.tolist(), strict=True))
        read[plan.name] = set(zip(validation.sources.tolist(), validation.people.tolist(), strict=True))

    monkeypatch.setattr(judging, "fit_one", remember)
    judge(tmp_path, settings)
    assert sorted(seen) == [f"judge-{number}" for number in (1, 2, 3, 4)]
    everyone = set.union(*seen.values())
    for name, people in seen.items():
        assert not people & read[name]
        assert people | read[name] == everyone
    assert set.union(*read.values()) == everyone
    assert {source for source, _ in everyone} == set(settings.judges.shares)
    with pytest.raises(ValueError, match="there is no '5'; the settings have 1, 2, 3, 4"):
        judge(tmp_path, settings, "5")


def test_what_the_judges_say_is_kept_and_their_lack_is_told(prepared, settings, tmp_path):
    shutil.copy(prepared / "crops.npz", tmp_path)
    with pytest.raises(ValueError, match=r"judge-1\.pt is missing: run `python -m training judge --run"):
        judged(tmp_path, settings)
    for number in (1, 2, 3, 4):
        torch.manual_seed(number)
        torch.save(fresh_judge(settings).state_dict(), tmp_path / f"judge-{number}.pt")
    rows = judged(tmp_path, settings)
    train = read_split(prepared, "train")
    assert rows.shape == (len(train.labels), 7)
    # Nobody judges JAFFE, and the pool has a teacher of its own.
    alone = np.isin(train.sources, ["fer2013", "jaffe"])
    assert (rows[alone] == np.eye(7)[train.labels[alone]]).all()
    # Each picture is read by the judge of its part, and each set in its own terms.
    part, readings = part_of(train, settings), unseen_readings(tmp_path, settings, train)
    assert np.isnan(readings[train.sources == "jaffe"]).all()
    torch.manual_seed(3)
    third, own = fresh_judge(settings), part == 3
    assert readings[own] == pytest.approx(mirrored_mean(third, train.pictures[own], "float32"))
    for source in ("imfdb", "famous"):
        own = train.sources == source
        assert rows[own] == pytest.approx(labels_given(readings[own], train.labels[own]), abs=1e-6)
    for file in tmp_path.glob("judge-*.pt"):
        file.unlink()
    assert (judged(tmp_path, settings) == rows).all()


def test_without_sources_there_are_no_judges_and_labels_are_all_that_is_known(prepared, settings, tmp_path):
    shutil.copy(prepared / "crops.npz", tmp_path)
    none = replace(settings, judges=replace(settings.judges, shares={}))
    train = read_split(prepared, "train")
    assert (judged(tmp_path, none) == np.eye(7)[train.labels]).all()
