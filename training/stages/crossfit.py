"""Cross-fitted soft labels: each picture of the members' own sets, read by a network that never saw its
person.

The labels of a set are noisy: where IMFDB has a picture twice, its two labels agree in half of the cases.
What a member should learn of a picture is how likely each label is. A network repeats the label of a picture
that it was trained on, so the people are split into folds and each network is trained without one fold, which
it then reads (Dao et al., "Knowledge Distillation as Semiparametric Inference", 2021). Each set has a way of
labelling of its own, so a reading enters as the probability of each of the set's labels given that reading.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression

from memegen.options import EXPRESSIONS
from training.arrays import Float32s, Float64s
from training.data.crops import POOL, Crops, person_folds, read_split
from training.files import computed_once
from training.model.inference import mirrored_mean
from training.model.network import read_network
from training.model.trainer import Plan, one_hot, select, train_to_end
from training.settings import Settings


def crossfit(run: Path, settings: Settings, only: str | None = None) -> None:
    """Train the networks under `run`, or `only` the one of that fold's number, from 1.

    Writes `crossfit-<fold>.*` as `trainer.train_to_end` does, scored on the fold that was left out. (The
    backbone has seen the FER2013 pictures in it.) Raises ValueError for an unknown number, and if the
    backbone is missing.
    """
    numbers = select([str(number) for number in range(1, settings.crossfit.folds + 1)], only)
    torch.set_num_threads(settings.optimiser.threads)
    train = read_split(run, "train")
    fold = fold_of(train, settings)
    for number in numbers:
        seen, unseen = train.of((fold > 0) & (fold != int(number))), train.of(fold == int(number))
        train_to_end(run, crossfit_plan(settings, number), settings.optimiser, seen, unseen)


def soft_labels(run: Path, settings: Settings, train: Crops) -> Float32s:
    """The probability of each label (n, 7) of the training crops.

    It is cross-fitted where the networks were trained on the crop's source and that is not the pool;
    elsewhere it is the label alone. The result is kept in `soft_labels.npy` under `run`. Raises ValueError if
    a network is missing.
    """

    def compute() -> Float32s:
        readings, rows = out_of_fold_probabilities(run, settings, train), one_hot(train.labels)
        for source in set(settings.crossfit.shares) - {POOL}:
            own = train.sources == source
            rows[own] = label_posterior(readings[own], train.labels[own])
        return rows

    return computed_once(run / "soft_labels.npy", compute)


def crossfit_plan(settings: Settings, number: str) -> Plan:
    """The plan of one fold's network. It starts from its backbone and learns from labels, without
    balancing."""
    crossfit = settings.crossfit
    return Plan(
        name=f"crossfit-{number}",
        backbone=settings.backbones[crossfit.backbone],
        source_shares=crossfit.shares,
        balance="none",
        balance_strength=0.0,
        augmentation=settings.mild_augmentation(settings.distillation.augmentation),
        mixup=0.0,
        label_smoothing=dict.fromkeys(crossfit.shares, crossfit.label_smoothing),
        epochs=crossfit.epochs,
        epoch_pictures=crossfit.epoch_pictures,
        learning_rate=crossfit.learning_rate,
        seed=crossfit.seed + int(number),
        starts_from=f"backbone-{crossfit.backbone}",
    )


def fold_of(train: Crops, settings: Settings) -> npt.NDArray[np.int64]:
    """The fold (n,) of each crop's person, from 1; 0 where the networks are not trained on the crop's
    source."""
    crossfit = settings.crossfit
    return person_folds(train, crossfit.shares, crossfit.folds, crossfit.seed)


def out_of_fold_probabilities(run: Path, settings: Settings, train: Crops) -> Float64s:
    """Probabilities (n, 7) of each training crop by the network that never saw its person.

    They are the mean over the face and its mirror image, and NaN where there is no such network.
    """
    fold = fold_of(train, settings)
    readings = np.full((len(train.labels), len(EXPRESSIONS)), np.nan)
    for number in set(fold[fold > 0].tolist()):
        model = read_network(run, f"crossfit-{number}", settings.backbones[settings.crossfit.backbone])
        pictures = train.pictures[fold == number]
        readings[fold == number] = mirrored_mean(model, pictures, settings.optimiser.precision)
    return readings


def label_posterior(readings: Float64s, labels: npt.NDArray[np.uint8]) -> Float64s:
    """The probability of each label (n, 7) given readings (n, 7), by logistic regression on their
    logarithms."""
    features = np.log(np.maximum(readings, 1e-6))
    model = LogisticRegression(C=1, max_iter=1000).fit(features, labels)
    rows = np.zeros(features.shape)
    rows[:, model.classes_] = model.predict_proba(features)
    return rows
