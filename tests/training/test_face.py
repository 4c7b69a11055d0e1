"""The face backbone: it computes what the package's network does, and learns on from there."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

import torch
from torch.nn import functional

from training.data.crops import POOL, read_split
from training.model.inference import logits_of
from training.model.network import FACE_BLOCKS, FACE_ENTRY, new_network, to_input
from training.model.trainer import Training
from training.settings import FACE, Augmentation, FaceBackbone, read_settings
from training.stages.face import face_network, set_statistics, train_face_backbone
from training.stages.finetune import member_plan

CHANNEL_MEANS = (103.939, 116.779, 123.68)  # of blue, green and red


def drawn_weights(rng):
    """Random weights by the names that the package's network has."""
    drawn = {"conv1/convolution/merged_input": rng.normal(0, 0.01, (3, 3, 3, FACE_ENTRY))}
    drawn["conv1_bn/batchnorm_1/sub"] = rng.normal(0, 0.1, FACE_ENTRY)
    widths = [FACE_ENTRY, *(width for width, _ in FACE_BLOCKS)]
    for number, (inputs, outputs) in enumerate(pairwise(widths), start=1):
        drawn[f"conv_dw_{number}/depthwise_kernel"] = rng.normal(0, 0.3, (3, 3, inputs, 1))
        drawn[f"conv_dw_{number}_bn/batchnorm_1/mul"] = rng.uniform(0.5, 1.5, inputs)
        drawn[f"conv_dw_{number}_bn/batchnorm_1/sub"] = rng.normal(0, 0.1, inputs)
        drawn[f"conv_pw_{number}/convolution/merged_input"] = rng.normal(
            0, inputs**-0.5, (1, 1, inputs, outputs)
        )
        drawn[f"conv_pw_{number}_bn/batchnorm_1/sub"] = rng.normal(0.1, 0.1, outputs)
    return {name: values.astype(np.float16) for name, values in drawn.items()}


def write_package(folder, weights):
    """A TensorFlow.js model of these weights in half precision, with a whole number between them."""
    entries = [
        {"name": name, "shape": values.shape, "dtype": "float32", "quantization": {"dtype": "float16"}}
        for name, values in weights.items()
    ]
    entries.insert(1, {"name": "axis", "shape": [2], "dtype": "int32"})
    contents = [values.tobytes() for values in weights.values()]
    contents.insert(1, np.array([1, 2], np.int32).tobytes())
    (folder / "faceres.json").write_text(json.dumps({"weightsManifest": [{"weights": entries}]}))
    (folder / "faceres.bin").write_bytes(b"".join(contents))


@pytest.fixture(scope="module")
def weights():
    return drawn_weights(np.random.default_rng(4))


@pytest.fixture(scope="module")
def package(weights, tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    write_package(folder, weights)
    return folder


@pytest.fixture(scope="module")
def face_settings(settings_file):
    settings = read_settings(settings_file)
    return replace(settings, face_backbone=replace(settings.face_backbone, epochs=1))


def features_by_the_package(weights, crops):
    """Its features (n, 1024) of grey crops (n, 96, 96), in all three colours, less the means."""
    kernel = {name: torch.from_numpy(values.astype(np.float32)) for name, values in weights.items()}
    # Around a crop there is a grey of 128, which our network has as 0.
    grey = functional.pad(crops[:, None].float(), (1, 1, 1, 1), value=128.0)
    colours = torch.cat([grey - mean for mean in CHANNEL_MEANS], dim=1)
    entry = kernel["conv1/convolution/merged_input"].permute(3, 2, 0, 1)
    seen = functional.relu6(functional.conv2d(colours, entry, kernel["conv1_bn/batchnorm_1/sub"], stride=2))
    for number, (_, stride) in enumerate(FACE_BLOCKS, start=1):
        depthwise = kernel[f"conv_dw_{number}/depthwise_kernel"].permute(2, 3, 0, 1)
        seen = functional.conv2d(seen, depthwise, stride=stride, padding=1, groups=seen.shape[1])
        seen = seen * kernel[f"conv_dw_{number}_bn/batchnorm_1/mul"][:, None, None]
        seen = functional.relu6(seen + kernel[f"conv_dw_{number}_bn/batchnorm_1/sub"][:, None, None])
        pointwise = kernel[f"conv_pw_{number}/convolution/merged_input"].permute(3, 2, 0, 1)
        seen = functional.relu6(
            functional.conv2d(seen, pointwise, kernel[f"conv_pw_{number}_bn/batchnorm_1/sub"])
        )
    return seen.mean(dim=(2, 3))


def test_it_computes_what_the_packages_network_does(package, weights, face_settings):
    crops = torch.randint(0, 256, (6, 96, 96), generator=torch.Generator().manual_seed(3), dtype=torch.uint8)
    network = face_network(package, face_settings.face_backbone, to_input(crops)).eval()
    network.head = torch.nn.Identity()
    with torch.no_grad():
        found = network(to_input(crops))
    expected = features_by_the_package(weights, crops)
    assert float(expected.std()) > 0.05
    assert found.numpy() == pytest.approx(expected.numpy(), abs=2e-3)


def test_statistics_are_those_of_the_crops_and_change_nothing(face_settings):
    network = new_network(face_settings.face_backbone)
    crops = torch.rand(16, 1, 96, 96) * 2 - 1
    with torch.no_grad():
        before = network.eval()(crops)
        set_statistics(network, crops)
        assert network.eval()(crops).numpy() == pytest.approx(before.numpy(), abs=1e-5)
        # With its own batch's statistics, which dropout does not change, the network computes the same.
        network.dropout = torch.nn.Identity()
        for module in network.modules():
            module.training = isinstance(module, torch.nn.BatchNorm2d)
        assert network(crops).numpy() == pytest.approx(before.numpy(), abs=1e-3)


def test_its_first_layers_stay_and_the_others_learn(prepared, face_settings, package, tmp_path):
    for name in ("crops.npz", "balance.json"):
        (tmp_path / name).symlink_to(prepared / name)
    pool = read_split(prepared, "train")
    count = int((pool.sources == POOL).sum())
    np.save(tmp_path / "teacher-distilled1.npy", np.full((count, 7), 1 / 7, np.float32))
    with pytest.raises(ValueError, match="give --package"):
        train_face_backbone(tmp_path, face_settings, None)
    train_face_backbone(tmp_path, face_settings, package)
    before, after = (torch.load(tmp_path / f"{stage}-{FACE}.pt") for stage in ("pretrained", "backbone"))
    changed = {name for name in after if not torch.equal(before[name], after[name])}
    frozen = {name for name in after if name.startswith(("entry.", "blocks.0.", "blocks.1."))}
    assert face_settings.face_backbone.frozen == 3
    assert not changed & frozen
    assert {name for name in after if name.endswith("weight")} - frozen <= changed
    (line,) = (tmp_path / f"backbone-{FACE}.jsonl").read_text().splitlines()
    assert set(json.loads(line)) >= {"epoch", "loss", "fer2013", "famous"}


def test_a_package_that_is_not_it_is_named(face_settings, tmp_path):
    crops = torch.zeros(2, 1, 96, 96)
    with pytest.raises(ValueError, match=r"faceres\.json can't be read: No such file"):
        face_network(tmp_path, face_settings.face_backbone, crops)
    (tmp_path / "faceres.json").write_text('{"weightsManifest": []}')
    (tmp_path / "faceres.bin").write_bytes(b"")
    with pytest.raises(ValueError, match="not the expected model: it has no weights"):
        face_network(tmp_path, face_settings.face_backbone, crops)


def test_settings_without_it_are_read_and_can_not_train_it(settings_file, tmp_path):
    head, table, rest = settings_file.read_text().partition("[face_backbone]")
    assert table
    without = head + rest[rest.index("\n[") + 1 :]
    file = tmp_path / "settings.toml"
    file.write_text(without.replace('backbone = "face"', 'backbone = "narrow"'))
    settings = read_settings(file)
    with pytest.raises(ValueError, match=r"no table \[face_backbone\]"):
        train_face_backbone(tmp_path, settings, None)
    file.write_text(without)
    with pytest.raises(ValueError, match=r"members\.a\]: the backbone is 'face'; expected is one of narrow"):
        read_settings(file)


def test_a_member_with_it_is_not_searched(settings_file, tmp_path):
    """The search starts from the backbones of the table alone."""
    file = tmp_path / "settings.toml"
    text = settings_file.read_text()
    assert "trials = { b = 3, c = 3 }" in text
    file.write_text(text.replace("trials = { ", "trials = { a = 3, "))
    with pytest.raises(ValueError, match=r"members\.a\]: the backbone is 'face'; expected is one of narrow"):
        read_settings(file)


def test_a_run_without_large_crops_says_to_prepare_it_again(prepared, face_settings, package, tmp_path):
    with np.load(prepared / "crops.npz") as stored:
        kept = {name: stored[name] for name in stored if not name.endswith("_96")}
    np.savez(tmp_path / "crops.npz", **kept)
    assert len(read_split(tmp_path, "train").labels) == len(read_split(prepared, "train").labels)
    with pytest.raises(ValueError, match=r"no crops of 96 pixels a side, .* run `python -m training prepare"):
        train_face_backbone(tmp_path, face_settings, package)


def test_each_network_takes_crops_of_its_size_alone(prepared, settings):
    small, large = (read_split(prepared, "validation", size).pictures[:2] for size in (48, 96))
    narrow, face = new_network(settings.backbones["narrow"]), new_network(settings.face_backbone)
    assert logits_of(narrow, small).shape == logits_of(face, large).shape == (2, 7)
    with pytest.raises(ValueError, match="the crops have 96 pixels a side; the network reads 48"):
        logits_of(narrow, large)
    with pytest.raises(ValueError, match="the crops have 48 pixels a side; the network reads 96"):
        logits_of(face, small)


def test_its_training_refuses_small_crops(prepared, settings):
    train = read_split(prepared, "train")
    with pytest.raises(ValueError, match="the crops have 48 pixels a side; the network reads 96"):
        Training(member_plan(settings, "a"), settings.optimiser, train)


def test_member_a_is_trained_as_was_decided():
    """Each value by hand."""
    plan = member_plan(read_settings(), "a")
    assert plan.backbone == FaceBackbone(dropout=0.2, frozen=3, seed=71, epochs=12, learning_rate=0.03)
    assert plan.backbone.input_size == 96
    assert list(plan.source_shares) == ["jaffe", "taiwanese", "imfdb", "famous", "fer2013"]
    assert list(plan.source_shares.values()) == pytest.approx([0.1, 0.1, 0.18, 0.17, 0.45])
    assert plan.augmentation == Augmentation(
        strength=0.75,
        turn_degrees=13.0,
        scale=0.15,
        shift=0.1,
        light=0.25,
        contrast=0.25,
        resample_chance=0.5,
        jpeg_chance=0.1,
        cutout_chance=0.4,
        cutout_share=0.3,
        glasses_chance=0.1,
        hand_chance=0.04,
        dark_chance=0.1,
    )
    assert (plan.balance, plan.balance_strength, plan.mixup) == ("over", 0.5, 0.0)
    smoothing = {"fer2013": 0.05, "famous": 0.0, "imfdb": 0.05, "jaffe": 0.2, "taiwanese": 0.1}
    assert plan.label_smoothing == smoothing
    assert (plan.epochs, plan.epoch_pictures, plan.learning_rate, plan.seed) == (20, 24000, 0.02, 11)
    assert (plan.name, plan.starts_from) == ("member-a", "backbone-face")


def test_the_other_members_are_blurred_as_the_backbones_are():
    settings = read_settings()
    for name in ("b", "c"):
        plan = member_plan(settings, name)
        assert (plan.augmentation.resample_chance, plan.augmentation.jpeg_chance) == (0.1, 0.1)
