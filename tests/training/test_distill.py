"""What the backbones and members learn from beside the labels."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

import torch

from training.data.crops import read_split, read_votes
from training.model.network import ExpressionNet
from training.stages.distill import label_posterior_from_votes, product_of_experts, teacher_probabilities


def test_the_chance_of_a_label_given_votes_is_its_share_among_pictures_so_voted():
    # Ten for the first column: 30 of 40 such pictures are labelled 3. Ten for the second: all are 5.
    votes = np.zeros((80, 10), np.uint8)
    votes[:40, 0] = 10
    votes[40:, 1] = 10
    labels = np.array([3] * 30 + [6] * 10 + [5] * 40, np.uint8)
    given = label_posterior_from_votes(votes, labels)
    assert given.sum(axis=1) == pytest.approx(np.ones(80))
    assert given[0, [3, 6, 5]] == pytest.approx([0.75, 0.25, 0], abs=0.01)
    assert given[79, 5] == pytest.approx(1, abs=0.02)


def test_pictures_without_votes_say_nothing():
    votes = np.zeros((6, 10), np.uint8)
    votes[:4, [0, 0, 1, 1]] = 10
    given = label_posterior_from_votes(votes, np.array([0, 0, 1, 1, 0, 1], np.uint8))
    assert (given[4:] == 1).all()
    assert (label_posterior_from_votes(np.zeros((3, 10), np.uint8), np.array([0, 1, 2], np.uint8)) == 1).all()


def test_votes_count_by_their_power():
    readings, given = np.array([[0.5, 0.5], [0.2, 0.8]]), np.array([[0.64, 0.36], [1.0, 1.0]])
    # Roots .8 and .6: .4 and .3 of .7.
    assert product_of_experts(readings, given, 0.5) == pytest.approx(np.array([[4 / 7, 3 / 7], [0.2, 0.8]]))


def test_the_teacher_reads_the_pool_alone_and_is_kept(prepared, settings, tmp_path):
    train, votes = read_split(prepared, "train"), read_votes(prepared, "train")
    pool = train.sources == "fer2013"
    words = (tmp_path, settings, "pretrained", train.of(pool), votes[pool])
    with pytest.raises(
        ValueError, match=r"pretrained-narrow\.pt is missing: run `python -m training pretrain"
    ):
        teacher_probabilities(*words)
    for name, backbone in settings.backbones.items():
        torch.save(ExpressionNet(backbone).state_dict(), tmp_path / f"pretrained-{name}.pt")
    teacher = teacher_probabilities(*words)
    assert teacher.shape == (pool.sum(), 7)
    assert teacher.sum(axis=1) == pytest.approx(np.ones(pool.sum()), abs=1e-5)
    # The networks know nothing yet, and the drawn votes are right.
    assert (teacher.argmax(axis=1) == train.labels[pool]).all()
    assert (votes[pool].sum(axis=1) == 10).all()
    for file in tmp_path.glob("pretrained-*.pt"):
        file.unlink()
    assert (teacher_probabilities(*words) == teacher).all()
