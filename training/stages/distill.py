"""Distillation: the backbones train on with a teacher, which is their own mean combined with FER+'s votes.

FER2013's labels disagree with people and with each other. A network that learns from a teacher's
probabilities beside the labels need not guess the noise (Hinton et al., "Distilling the Knowledge in a Neural
Network", 2015). This helps even if the teacher is no better than the network (Furlanello et al., "Born-Again
Neural Networks", 2018), and the teacher may know what the network never sees (Lopez-Paz et al., "Unifying
Distillation and Privileged Information", 2016): here the votes of ten annotators. FER+ labels otherwise than
FER2013 does; most of FER2013's fear is surprise to FER+. So the votes enter as the probability of each
FER2013 label given the votes.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression

from memegen.options import EXPRESSIONS
from training.arrays import Float32s, Float64s, Pictures
from training.data.crops import POOL, Crops, read_split, read_votes
from training.files import computed_once
from training.model.inference import probabilities_of
from training.model.network import read_network
from training.model.trainer import Plan, select, train_to_end
from training.settings import Settings
from training.stages.pretrain import pretraining_plan


def distill(run: Path, settings: Settings, only: str | None = None) -> None:
    """Train the pretrained backbones on, in rounds. The teacher of a round is the mean of all backbones
    before it.

    Writes `backbone-<name>.*`, and `distilled<round>-<name>.*` for the rounds before the last, as
    `trainer.train_to_end` does. Raises ValueError for an unknown name, and if a network of the round before
    is missing.
    """
    names, share = select(settings.backbones, only), settings.distillation.share
    torch.set_num_threads(settings.optimiser.threads)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    own = train.sources == POOL
    pool, votes = train.of(own), read_votes(run, "train")[own]
    for number, stage in enumerate(settings.stages[:-1], start=1):
        teacher = teacher_probabilities(run, settings, stage, pool, votes)
        for name in names:
            plan = distillation_plan(settings, name, pool, number)
            train_to_end(run, plan, settings.optimiser, pool, validation, teacher, share)


def distillation_plan(settings: Settings, name: str, pool: Crops, number: int) -> Plan:
    """The plan of a backbone's distillation round, counted from 1.

    It goes on from the network of the round before, without mixup and with milder augmentation.
    """
    distillation, stages = settings.distillation, settings.stages
    return replace(
        pretraining_plan(settings, name, pool),
        name=f"{stages[number]}-{name}",
        augmentation=settings.mild_augmentation(distillation.augmentation),
        mixup=0.0,
        label_smoothing=settings.label_smoothing,
        epochs=settings.backbones[name].distillation_epochs[number - 1],
        learning_rate=distillation.learning_rate,
        seed=settings.backbones[name].seed + 100 * (number - 1),
        starts_from=f"{stages[number - 1]}-{name}",
    )


def teacher_probabilities(
    run: Path, settings: Settings, stage: str, pool: Crops, votes: npt.NDArray[np.uint8]
) -> Float32s:
    """The teacher's probabilities (n, 7) of the pool's training crops, from the backbones as a stage left
    them.

    votes: FER+'s votes (n, 10) for the same crops. The result is kept in `teacher-<stage>.npy` under `run`.
    Raises ValueError if one of the networks is missing.
    """

    def compute() -> Float32s:
        mean = mean_probabilities(run, settings, stage, pool.pictures)
        posterior = label_posterior_from_votes(votes, pool.labels)
        return product_of_experts(mean, posterior, settings.distillation.votes)

    return computed_once(run / f"teacher-{stage}.npy", compute)


def mean_probabilities(run: Path, settings: Settings, stage: str, pictures: Pictures) -> Float64s:
    """The mean of the probabilities (n, 7) that the backbones give crops (n, 48, 48) after a stage."""
    mean: Float64s = np.mean(
        [
            probabilities_of(
                read_network(run, f"{stage}-{name}", backbone), pictures, settings.optimiser.precision
            )
            for name, backbone in settings.backbones.items()
        ],
        axis=0,
    )
    return mean


def label_posterior_from_votes(votes: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8]) -> Float64s:
    """The probability of each label (n, 7) given the votes (n, 10).

    It is a logistic regression on the square roots of the votes' shares and on their products. A row is 1
    everywhere, which says nothing, where nobody voted.
    """
    posterior = np.ones((len(votes), len(EXPRESSIONS)))
    voted = votes.sum(axis=1) > 0
    if len(set(labels[voted].tolist())) > 1:
        roots = np.sqrt(votes[voted] / votes[voted].sum(axis=1, keepdims=True))
        products = (roots[:, :, None] * roots[:, None, :]).reshape(len(roots), -1)
        features = np.concatenate([roots, products], axis=1)
        model = LogisticRegression(C=10, max_iter=500).fit(features, labels[voted])
        rows = np.zeros((len(features), len(EXPRESSIONS)))
        rows[:, model.classes_] = model.predict_proba(features)
        posterior[voted] = rows
    return posterior


def product_of_experts(probabilities: Float64s, posterior: Float64s, power: float) -> Float32s:
    """probabilities · posterior ** power, with each row (7) scaled to sum to 1 (Hinton, 2002)."""
    product = probabilities * posterior**power
    return (product / product.sum(axis=1, keepdims=True)).astype(np.float32)
