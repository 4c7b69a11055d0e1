"""Each picture of the members' own sets as networks judge it that never saw its person.

A set's labels are noisy: IMFDB's own agree on half of the pictures that it has twice. What a member should
learn of a picture is rather how likely each label is. The judges are trained each with one part of the people
left out, and read just these: who has seen a picture repeats its label (Dao et al., "Knowledge Distillation
as Semiparametric Inference", 2021). Each set labels in its own way, so a reading enters as the chance of each
of the set's own labels given it.
"""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression

from memegen.face.expressions import softmax
from memegen.options import EXPRESSIONS
from training.data.prepare import POOL, Crops, read_split
from training.model.loop import Floats, Pictures, Plan, logits_of, one_hot
from training.model.network import Reader, read_fitted
from training.model.trainer import chosen_of, fit_one
from training.settings import Settings


def judge(run: Path, settings: Settings, only: str | None = None) -> None:
    """Trains the judges under `run`, or `only` the one of that number, from 1, so that processes can share
    the work.

    Leaves `judge-<number>.pt` and `.jsonl`, as `fit.pretrain` does, scored on the people left out (of whom
    their body had seen FER2013's). Raises ValueError for an unknown number, and when the body is missing.
    """
    numbers = chosen_of([str(number) for number in range(1, settings.judges.parts + 1)], only)
    torch.set_num_threads(settings.optimiser.threads)
    train = read_split(run, "train")
    part = part_of(train, settings)
    for number in numbers:
        seen, unseen = train.of((part > 0) & (part != int(number))), train.of(part == int(number))
        fit_one(run, judge_plan(settings, number), settings.optimiser, seen, unseen)


def judged(run: Path, settings: Settings) -> Floats:
    """The chance of each label (n, 7) of the training pictures, kept in `judged.npy` under `run`: by the
    judges where they were trained on the source and it is not the pool, else the label alone. Raises
    ValueError when a judge is missing."""
    file = run / "judged.npy"
    if not file.exists():
        train = read_split(run, "train")
        readings, rows = unseen_readings(run, settings, train), one_hot(train.labels)
        for source in set(settings.judges.shares) - {POOL}:
            own = train.sources == source
            rows[own] = labels_given(readings[own], train.labels[own])
        part = file.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as opened:
            np.save(opened, rows)
        part.replace(file)
    rows = np.load(file).astype(np.float32)
    return rows


def judge_plan(settings: Settings, number: str) -> Plan:
    """A judge's training, which starts from its body, from the labels alone and as often as they come."""
    judges = settings.judges
    return Plan(
        name=f"judge-{number}",
        body=settings.bodies[judges.body],
        source_shares=judges.shares,
        balance="none",
        balance_strength=0.0,
        augmentation=settings.refined_augmentation(settings.refinement.augmentation),
        mixup=0.0,
        label_smoothing=dict.fromkeys(judges.shares, judges.label_smoothing),
        epochs=judges.epochs,
        epoch_pictures=judges.epoch_pictures,
        learning_rate=judges.learning_rate,
        seed=judges.seed + int(number),
        starts_from=f"body-{judges.body}",
    )


def part_of(train: Crops, settings: Settings) -> npt.NDArray[np.int64]:
    """(n,): the number of the judge that never sees the picture's person; 0 where the judges are not trained
    on the source."""
    rng = np.random.default_rng(settings.judges.seed)
    part = np.zeros(len(train.labels), np.int64)
    for source in settings.judges.shares:
        own = np.flatnonzero(train.sources == source)
        people, person = np.unique(train.people[own], return_inverse=True)
        numbers = 1 + rng.permutation(len(people)) % settings.judges.parts
        part[own] = numbers[person]
    return part


def unseen_readings(run: Path, settings: Settings, train: Crops) -> npt.NDArray[np.float64]:
    """Each training picture's probabilities (n, 7) by the judge that never saw its person, the mean of the
    face's and its mirror image's; NaN where there is no such judge."""
    part = part_of(train, settings)
    readings = np.full((len(train.labels), len(EXPRESSIONS)), np.nan)
    for number in set(part[part > 0].tolist()):
        model = read_fitted(run, f"judge-{number}", settings.bodies[settings.judges.body])
        pictures = train.pictures[part == number]
        readings[part == number] = mirrored_mean(model, pictures, settings.optimiser.precision)
    return readings


def mirrored_mean(model: Reader, pictures: Pictures, precision: str) -> npt.NDArray[np.float64]:
    """Probabilities (n, 7) of (n, 48, 48) pictures, the mean of the face's and its mirror image's."""
    both = [logits_of(model, seen, precision) for seen in (pictures, pictures[:, :, ::-1].copy())]
    mean: npt.NDArray[np.float64] = np.mean([softmax(rows.astype(np.float64)) for rows in both], axis=0)
    return mean


def labels_given(readings: npt.NDArray[np.float64], labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """The chance of each label (n, 7) given a reading (n, 7), by logistic regression on its logarithms."""
    features = np.log(np.maximum(readings, 1e-6))
    model = LogisticRegression(C=1, max_iter=1000).fit(features, labels)
    rows = np.zeros(features.shape)
    rows[:, model.classes_] = model.predict_proba(features)
    return rows
