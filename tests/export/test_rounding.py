"""A network made ready for int8 computes the same, and rounding its weights changes it less."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

import torch
from torch import nn

from model_export.rounding import made_ready
from tests.support.drawing import DRAWN, draw_face
from training.model.network import FaceNet, to_channels_last
from training.settings import FaceBackbone
from training.stages.face import set_statistics


@pytest.fixture(scope="module")
def crops():
    rng = np.random.default_rng(2)
    pictures = [draw_face(96, DRAWN[number % 3], rng) for number in range(48)]
    return to_channels_last(torch.from_numpy(np.stack(pictures)))


@pytest.fixture(scope="module")
def network(crops):
    """Random weights. The first channels hardly answer, and the kernels that read them make up for that."""
    torch.manual_seed(5)
    network = FaceNet(FaceBackbone(dropout=0.0, frozen=0, seed=1, epochs=1, learning_rate=0.1))
    with torch.no_grad():
        for layer in (network.entry, *(block.pointwise for block in network.blocks)):
            layer[1].weight *= 0.7
            layer[1].bias += 0.7
        network.entry[1].weight *= 0.1
        network.entry[1].bias *= 0.1
    set_statistics(network, crops)
    return network.eval()


def logits(network, crops):
    with torch.no_grad():
        return network(crops).numpy()


def int8_weights(network):
    """The network whose convolutions have their batch norm merged in, and 255 levels for each channel."""
    state = {name: values.clone() for name, values in network.state_dict().items()}
    for name in [name for name in state if name.endswith("running_var")]:
        layer = name.removesuffix(".1.running_var")
        slope = state[f"{layer}.1.weight"] / (state[name] + 1e-3).sqrt()
        merged = state[f"{layer}.0.weight"] * slope.reshape(-1, 1, 1, 1)
        largest = merged.abs().flatten(1).max(dim=1).values.reshape(-1, 1, 1, 1)
        rounded = torch.round(merged * 127 / largest) * largest / 127
        state[f"{layer}.0.weight"] = rounded / slope.reshape(-1, 1, 1, 1)
    changed = FaceNet(FaceBackbone(dropout=0.0, frozen=0, seed=1, epochs=1, learning_rate=0.1))
    changed.load_state_dict(state)
    return changed.eval()


def outputs(network, crops):
    """Of each layer before a depthwise convolution, the most that each channel answers."""
    found = []
    features = nn.functional.relu6(network.entry(crops))
    for block in network.blocks:
        found.append(features.amax(dim=(0, 2, 3)))
        features = block(features)
    return found


def test_it_computes_nearly_the_same_and_leaves_the_first_alone(network, crops):
    before = logits(network, crops)
    ready = made_ready(network, crops)
    assert logits(network, crops) == pytest.approx(before)
    # The corrected biases are meant for rounded weights; with exact ones they shift it a little.
    assert np.abs(logits(ready, crops) - before).max() < 0.1 * before.std()


def test_channels_take_the_range_that_they_may(network, crops):
    with torch.no_grad():
        before, after = outputs(network, crops), outputs(made_ready(network, crops), crops)
    assert float(before[0].median()) < 1.5
    assert float(after[0].median()) > 5
    assert all((found >= 0.9 * first).all() for first, found in zip(before, after, strict=True))


def test_rounded_weights_change_it_less(network, crops):
    exact = logits(network, crops)
    plain = logits(int8_weights(network), crops) - exact
    ready = logits(int8_weights(made_ready(network, crops)), crops) - exact
    assert np.abs(ready.mean(axis=0)).max() < 0.3 * np.abs(plain.mean(axis=0)).max()
    assert (ready**2).mean() < 0.5 * (plain**2).mean()
