"""The whole pipeline on drawn faces, by its commands in one process."""

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")
# Not imported here: tflite-runtime's interpreter fails in a process that loaded TensorFlow before it.
if not all(importlib.util.find_spec(name) for name in ("tensorflow", "matplotlib")):
    pytest.skip("training packages are not installed: make setup-training", allow_module_level=True)


import torch

from memegen.face.expressions import Interpreter
from model_export.__main__ import main as model_export
from tests.support.drawing import DRAWN
from training.__main__ import STEPS
from training.__main__ import main as training
from training.data.crops import person_folds, read_split, sources_of
from training.model.inference import logits_of
from training.model.network import ExpressionNet, new_network, read_network


@pytest.fixture(scope="module")
def run(prepared, settings_file, settings, tmp_path_factory) -> Path:
    """A run from `prepare` to `report`. The face backbone starts from random weights."""
    folder = tmp_path_factory.mktemp("pipeline")
    shutil.copy(prepared / "crops.npz", folder)
    torch.save(new_network(settings.face_backbone).state_dict(), folder / "pretrained-face.pt")
    for step in STEPS[1:]:
        assert training([step, "--run", str(folder), "--settings", str(settings_file)]) == 0, step
    return folder


@pytest.fixture(scope="module")
def models(run, settings_file, tmp_path_factory) -> Path:
    """The run's exported ensemble."""
    out = tmp_path_factory.mktemp("models")
    words = ["-m", "model_export", "build", "--run", run, "--settings", settings_file, "--out", out]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return out


def test_no_person_is_in_two_splits(prepared):
    train, validation = read_split(prepared, "train"), read_split(prepared, "validation")
    tests = {(file.parent.parent.name, file.name.split("--")[0]) for file in prepared.glob("test/*/*/*.png")}
    people = [
        {
            (source, person.replace("/", "_"))
            for source, person in zip(crops.sources.tolist(), crops.people.tolist(), strict=True)
        }
        for crops in (train, validation)
    ]
    assert len(tests) > 20
    assert not people[0] & people[1]
    assert not tests & (people[0] | people[1])
    assert set(train.sources) == {"fer2013", "jaffe", "imfdb", "famous", "taiwanese"}


def test_the_counts_by_split_source_and_class_are_kept(prepared):
    counts = json.loads((prepared / "balance.json").read_text())
    assert counts["train"]["fer2013"] == dict.fromkeys(DRAWN, 80)
    assert counts["validation"]["fer2013"] == dict.fromkeys(DRAWN, 16)
    for split in ("train", "validation"):
        total = sum(sum(source.values()) for source in counts[split].values())
        assert total == len(read_split(prepared, split).labels)


def test_whole_photos_of_the_test_split_are_kept_beside_their_crops(prepared):
    whole = ("jaffe", "taiwanese")
    found = [file.relative_to(prepared / "test") for file in prepared.glob("test/*/*/*.png")]
    crops = {file for file in found if file.parts[0] in whole}
    photos = {file.relative_to(prepared / "test-photos") for file in prepared.glob("test-photos/*/*/*.png")}
    assert crops == photos
    counts = json.loads((prepared / "balance.json").read_text())
    assert len(crops) == sum(sum(counts["test"][source].values()) for source in whole)
    assert {file.parts[0] for file in crops} == set(whole)


def test_each_picture_is_kept_at_both_sizes_from_its_own_pixels(prepared, drawn_data):
    """The drawn faces of the famous have 24 pixels, and JAFFE's are cropped from portraits."""
    small, large = (read_split(prepared, "train", size) for size in (48, 96))
    assert (small.pictures.shape[1:], large.pictures.shape[1:]) == ((48, 48), (96, 96))
    assert (small.people == large.people).all()
    person = small.people[small.sources == "famous"][0]
    files = drawn_data.glob(f"facial_expressions/images/{person}_*")
    own = small.people == person
    drawn = [cv2.imread(str(file), cv2.IMREAD_GRAYSCALE) for file in files]
    for crops, size in ((small, 48), (large, 96)):
        expected = [cv2.resize(face, (size, size), interpolation=cv2.INTER_LINEAR) for face in drawn]
        for picture in crops.pictures[own]:
            assert min(np.abs(picture - face.astype(float)).max() for face in expected) <= 1
    for source in ("jaffe", "taiwanese"):
        own = large.sources == source
        halves = large.pictures[own].reshape(-1, 48, 2, 48, 2).mean(axis=(2, 4))
        assert np.abs(halves - small.pictures[own]).max() <= 0.5


def test_a_test_picture_keeps_its_own_pixels(prepared):
    sizes = {}
    for file in prepared.glob("test/*/*/*.png"):
        sizes.setdefault(file.parent.parent.name, set()).add(Image.open(file).size)
    assert sizes == {
        "fer2013": {(24, 24)},
        "imfdb": {(24, 24)},
        "famous": {(24, 24)},
        "jaffe": {(96, 96)},
        "taiwanese": {(96, 96)},
    }


def test_no_step_of_the_training_opens_a_test_split(run):
    """Every step has run in a folder that never held one."""
    assert not (run / "test").exists()
    assert not (run / "test-photos").exists()
    assert (run / "report.html").exists()


def test_the_networks_are_tiny(settings):
    parameters = sum(p.numel() for p in ExpressionNet(settings.backbones["narrow"]).parameters())
    assert parameters < 6000


def test_the_search_gives_each_member_a_backbone_of_its_own(run, settings):
    winners = json.loads((run / "winners.json").read_text())
    found = {name: winner["backbone"] for name, winner in winners.items()}
    # Member a is not searched.
    assert found == {name: settings.members[name].pinned["backbone"] for name in ("b", "c")}


def test_the_weights_name_their_rule_and_every_class(run):
    learnt = json.loads((run / "weights.json").read_text())
    assert learnt["rule"] == ("equal" if learnt["l2_penalty"] is None else "learnt")
    for table in ("left_out_macro_f1", "left_out_log_loss"):
        assert set(learnt[table]) == {"equal", "F1", "learnt"}
    for member in learnt["members"].values():
        assert len(member["class_weights"]) == 7
        assert all(weight > 0 for weight in member["class_weights"].values())


def test_each_person_is_read_by_the_network_of_its_fold(run, settings):
    train = read_split(run, "train")
    others = train.of(train.sources != "fer2013")
    fold = person_folds(train, sources_of(settings)[1:], 4, settings.folds.seed)[train.sources != "fer2013"]
    assert set(fold.tolist()) == {1, 2, 3, 4}
    for name in "abc":
        logits = np.load(run / f"folds-{name}.npy")
        assert logits.shape == (len(others.labels), 7)
        for number in (1, 2, 3, 4):
            network = read_network(run, f"fold-{name}-{number}", settings.backbone_of(name))
            pictures = read_split(run, "train", network.input_size).pictures[train.sources != "fer2013"]
            expected = logits_of(network, pictures[fold == number])
            assert logits[fold == number] == pytest.approx(expected, abs=1e-4)


def test_the_report_is_one_page_with_every_section(run):
    page = (run / "report.html").read_text()
    for title in (
        "Class balance",
        "Does balancing help",
        "Leaderboard",
        "Learning curves",
        "Confusion",
        "Class weights",
        "Pairwise disagreement",
        "Reliability",
        "Examples",
    ):
        assert title in page, title
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert page.count("data:image/png") >= 7
    for name, choice in json.loads((run / "winners.json").read_text()).items():
        backbone = rf"Fitted with backbone {choice['backbone']}( \(pinned\))?, own_share "
        assert re.search(rf"<h3>Member {name}</h3><p>{backbone}", page)
    assert re.search("<h3>Member a</h3><p>Fitted with backbone face, .*?</p><p>It was not searched", page)


def test_the_exported_ensemble_reads_better_than_chance(models, prepared, capsys):
    folder = str(prepared / "test" / "fer2013")
    assert model_export(["evaluate", folder, "--models", str(models), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert set(scores["members"]) == {"a", "b", "c"}
    together = scores["ensemble"]
    assert together["n"] == 60
    assert set(together["recall"]) == set(DRAWN)
    assert np.sum(together["confusion"]) == 60
    # Guessing one of three classes gets 20 of 60 right, and more than 29 less than once in 100 times.
    assert together["accuracy"] > 29 / 60
    assert together["no_face"] == 0


def test_the_ensemble_names_its_settings_seeds_and_splits(models, settings):
    described = json.loads((models / "ensemble.json").read_text())
    assert len(described["training"]["splits_sha256"]) == 64
    named = described["training"]["settings"]
    assert named["members"]["a"]["seed"] == settings.members["a"].seed
    assert named["backbones"]["narrow"]["seed"] == settings.backbones["narrow"].seed


def test_each_member_reads_the_size_that_it_was_trained_on(models):
    sizes = {}
    for file in sorted(models.glob("member-*.tflite")):
        interpreter = Interpreter(model_path=str(file))
        sizes[file.name] = interpreter.get_input_details()[0]["shape"].tolist()
    assert sizes == {
        "member-a.tflite": [1, 96, 96, 1],
        "member-b.tflite": [1, 48, 48, 1],
        "member-c.tflite": [1, 48, 48, 1],
    }


def test_quantization_keeps_what_the_members_read(models, run, settings_file, capsys):
    words = ["verify", "--run", run, "--settings", settings_file, "--models", models, "--json"]
    status = model_export([str(word) for word in words])
    found = json.loads(capsys.readouterr().out)
    assert set(found["parity"]) == {"member a", "member b", "member c", "ensemble"}
    assert (status == 0) == (not found["errors"])
    # So small and short a training is near to ties: the shipped bounds need not hold, wild ones must.
    for parity in found["parity"].values():
        assert parity["agreement"] > 0.8
        assert parity["mean_difference"] < 0.05
    assert not [error for error in found["errors"] if "runtimes" in error]


def test_the_float_networks_are_scored_on_the_test_split(run, prepared, settings_file, tmp_path, capsys):
    kept = ["crops.npz", "winners.json", "weights.json"]
    for file in [*run.glob("*.pt"), *(run / name for name in kept), *run.glob("folds-*.npy")]:
        shutil.copy(file, tmp_path)
    shutil.copytree(prepared / "test", tmp_path / "test")
    assert model_export(["trained", "--run", str(tmp_path), "--settings", str(settings_file)]) == 0
    shown = capsys.readouterr().out
    counts = json.loads((prepared / "balance.json").read_text())
    for source, people in {"jaffe": 10, "imfdb": 10, "famous": 20, "taiwanese": 8}.items():
        everyone = sum(sum(split[source].values()) for split in counts.values())
        for reader in ("member a", "member c", "ensemble"):
            assert re.search(rf"all of {source}, {reader} +{everyone} +{people} ", shown), (source, reader)
    assert shown.count("macro-F1 of the member less its backbone's") == 3


def test_a_missing_data_folder_is_reported_in_a_sentence(tmp_path):
    words = ["prepare", "--data", str(tmp_path / "nowhere"), "--run", str(tmp_path / "run")]
    done = subprocess.run(
        [sys.executable, "-m", "training", *words], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_weights_before_the_folds_say_what_to_run_first(run, settings_file, tmp_path, capsys):
    for file in [*run.glob("*.pt"), run / "crops.npz", run / "winners.json"]:
        shutil.copy(file, tmp_path)
    assert training(["weights", "--run", str(tmp_path), "--settings", str(settings_file)]) == 1
    assert "folds-a.npy is missing: run `python -m training folds" in capsys.readouterr().err
