"""The whole pipeline on drawn faces: prepare, fit, weights, export, evaluate; killed and resumed."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")
pytest.importorskip("tensorflow", reason="training packages are not installed: make setup-training")

import torch

from tests.drawing import DRAWN
from tests.training.layouts import write_data_sets
from training import fit as fitting
from training.fit import fit, fit_one, one_cycle, plans
from training.prepare import prepare, read_split
from training.settings import DEFAULT_FILE, Settings, read_settings

SMALL = {
    "widths = [32, 64, 128]": "widths = [6, 8, 12]",
    "blocks = 2": "blocks = 1",
    "batch = 128": "batch = 24",
    "average = 0.999": "average = 0.9",
    'precision = "auto"': 'precision = "float32"',
    "epochs = 40": "epochs = 6",
    "epochs = 8": "epochs = 2",
    "epoch_pictures = 16000": "epoch_pictures = 240",
    "epoch_pictures = 20000": "epoch_pictures = 240",
    "dropout = 0.2": "dropout = 0.0",
}


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory) -> Path:
    text = DEFAULT_FILE.read_text()
    for old, new in SMALL.items():
        assert old in text, old
        text = text.replace(old, new)
    file = tmp_path_factory.mktemp("settings") / "settings.toml"
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def settings(settings_file) -> Settings:
    return read_settings(settings_file)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, settings) -> Path:
    data, run = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("run")
    write_data_sets(data, np.random.default_rng(7))
    prepare(data, run, settings.prepare)
    return run


def python(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)


def test_no_person_stands_in_two_splits(prepared):
    train, validation = read_split(prepared, "train"), read_split(prepared, "validation")
    tests = {(file.parent.parent.name, file.name.split("--")[0]) for file in prepared.glob("test/*/*/*.png")}
    people = [
        set(
            zip(
                crops.sources.tolist(),
                (person.replace("/", "_") for person in crops.people.tolist()),
                strict=True,
            )
        )
        for crops in (train, validation)
    ]
    assert len(tests) > 20
    assert not people[0] & people[1]
    assert not tests & (people[0] | people[1])
    assert set(train.sources) == {"fer2013", "jaffe", "imfdb", "famous"}


def test_the_commands_make_a_model_that_reads_better_than_chance(prepared, settings_file, tmp_path):
    run = ["--run", prepared, "--settings", settings_file]
    for words in (["training", "fit", *run], ["training", "weights", *run]):
        done = python("-m", *words)
        assert done.returncode == 0, done.stderr
    done = python("-m", "model_export", "build", *run, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    done = python(
        "-m", "model_export", "evaluate", prepared / "test" / "fer2013", "--models", tmp_path, "--json"
    )
    assert done.returncode == 0, done.stderr
    scores = json.loads(done.stdout)
    assert set(scores["members"]) == {"a", "b", "c"}
    together = scores["ensemble"]
    assert together["n"] == 60
    assert set(together["recall"]) == set(DRAWN)
    assert np.sum(together["confusion"]) == 60
    # Guessing one of three classes gets 20 of 60 right, and more than 29 less than once in 100 times.
    assert together["accuracy"] > 29 / 60
    assert together["no_face"] == 0


def test_a_killed_training_goes_on_to_the_same_weights(prepared, settings, tmp_path, monkeypatch):
    train, validation = read_split(prepared, "train"), read_split(prepared, "validation")
    plan = plans(settings, 96)[0]
    torch.set_num_threads(1)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    fit_one(whole, plan, settings, train, validation)

    class KilledError(Exception):
        pass

    def die_in_the_third_epoch(*arguments):
        drawn.append(1)
        if len(drawn) == 3:
            raise KilledError
        return real_draw(*arguments[:3], **arguments[3])

    drawn: list[int] = []
    real_draw = fitting.draw
    monkeypatch.setattr(fitting, "draw", lambda *words, **named: die_in_the_third_epoch(*words, named))
    with pytest.raises(KilledError):
        fit_one(broken, plan, settings, train, validation)
    monkeypatch.setattr(fitting, "draw", real_draw)
    assert not (broken / "body.pt").exists()
    fit_one(broken, plan, settings, train, validation)
    expected, found = torch.load(whole / "body.pt"), torch.load(broken / "body.pt")
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert (whole / "body.jsonl").read_text() == (broken / "body.jsonl").read_text()


def test_what_is_finished_is_not_trained_again(prepared, settings, monkeypatch, tmp_path):
    (tmp_path / "crops.npz").write_bytes((prepared / "crops.npz").read_bytes())
    for name in ("body", "member-a", "member-b", "member-c"):
        (tmp_path / f"{name}.pt").write_bytes(b"finished")
    fit(tmp_path, settings)
    assert {file.read_bytes() for file in tmp_path.glob("*.pt")} == {b"finished"}


def test_the_learning_rate_rises_for_a_tenth_and_falls_to_almost_nothing():
    rates = [one_cycle(step, 200, 0.1) for step in range(200)]
    assert rates[0] == pytest.approx(0.1 / 20)
    assert max(rates) == rates[20] == pytest.approx(0.1)
    assert rates[110] == pytest.approx(0.05)
    assert rates[-1] < 0.0001


def test_a_missing_data_folder_is_told_in_a_sentence(tmp_path):
    done = python("-m", "training", "prepare", "--data", tmp_path / "nowhere", "--run", tmp_path / "run")
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr
