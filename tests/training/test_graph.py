"""A GPU's work recorded and replayed."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

import torch

from training.data.crops import read_split
from training.model.graph import Replayed
from training.model.trainer import Training
from training.stages.pretrain import pretraining_plan

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")


def test_each_replay_draws_anew_and_a_seed_repeats_the_draws():
    generator = torch.Generator("cuda")
    drawn = Replayed(lambda: torch.rand(8, generator=generator, device="cuda"), generator)

    def three() -> list[torch.Tensor]:
        generator.manual_seed(5)
        return [drawn().clone() for _ in range(3)]

    first, second = three(), three()
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[1], first[2])


def test_recorded_steps_learn_as_steps_one_by_one(prepared, settings):
    train = read_split(prepared, "train")
    plan = replace(pretraining_plan(settings, "narrow", train), epochs=3)
    recorded, plain = (Training(plan, settings.optimiser, train) for _ in range(2))
    plain._take_step = plain._learn
    losses = np.array([[training.run_epoch() for _ in range(3)] for training in (recorded, plain)])
    # Sums are taken in another order.
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)
    assert losses[0, 2] < losses[0, 0]
    for mean, other in zip(recorded.averaged.parameters(), plain.averaged.parameters(), strict=True):
        assert mean.detach().cpu().numpy() == pytest.approx(other.detach().cpu().numpy(), abs=1e-2)
