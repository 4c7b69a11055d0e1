"""What is known of each picture of the pool beyond its label: the bodies' own reading and FER+'s votes.

FER2013's labels disagree with people and with themselves. A network that learns from a teacher's
probabilities beside the labels is spared the guessing of noise (Hinton et al., "Distilling the Knowledge in a
Neural Network", 2015), even where the teacher is no better than itself (Furlanello et al., "Born-Again Neural
Networks", 2018), and the teacher may know what the network never sees (Lopez-Paz et al., "Unifying
Distillation and Privileged Information", 2016): here ten annotators' votes. The votes are no labels of
FER2013's: its fear is mostly surprise to FER+. So they enter as the chance of each of its labels given the
votes.
"""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from memegen.face.expressions import softmax
from memegen.options import EXPRESSIONS
from training.data.prepare import POOL, read_split, read_votes
from training.model.loop import Floats, Pictures, logits_of
from training.model.network import read_fitted
from training.settings import Settings


def teacher_of(run: Path, settings: Settings, stage: str) -> Floats:
    """Probabilities (n, 7) of the pool's training pictures by the bodies as they were after a stage of the
    settings', kept in `teacher-<stage>.npy` under `run`.

    Raises ValueError when one of these networks is missing.
    """
    file = run / f"teacher-{stage}.npy"
    if not file.exists():
        train, votes = read_split(run, "train"), read_votes(run, "train")
        own = train.sources == POOL
        pool = train.of(own)
        readings = mean_reading(run, settings, stage, pool.pictures)
        given = labels_given_votes(votes[own], pool.labels)
        part = file.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as opened:
            np.save(opened, both(readings, given, settings.distillation.votes))
        part.replace(file)
    teacher: Floats = np.load(file)
    return teacher


def mean_reading(run: Path, settings: Settings, stage: str, pictures: Pictures) -> npt.NDArray[np.float64]:
    """The mean of the probabilities that the bodies after a stage give (n, 48, 48) pictures, (n, 7)."""
    logits = [
        logits_of(read_fitted(run, f"{stage}-{name}", body), pictures, settings.optimiser.precision)
        for name, body in settings.bodies.items()
    ]
    mean: npt.NDArray[np.float64] = np.mean([softmax(rows.astype(np.float64)) for rows in logits], axis=0)
    return mean


def labels_given_votes(
    votes: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8]
) -> npt.NDArray[np.float64]:
    """The chance of each label (n, 7) given the votes (n, 10), by logistic regression on the roots of the
    votes' shares and their products; 1 everywhere, which says nothing, where nobody voted."""
    given = np.ones((len(votes), len(EXPRESSIONS)))
    voted = votes.sum(axis=1) > 0
    if len(set(labels[voted].tolist())) > 1:
        roots = np.sqrt(votes[voted] / votes[voted].sum(axis=1, keepdims=True))
        products = (roots[:, :, None] * roots[:, None, :]).reshape(len(roots), -1)
        features = np.concatenate([roots, products], axis=1)
        model = LogisticRegression(C=10, max_iter=500).fit(features, labels[voted])
        rows = np.zeros((len(features), len(EXPRESSIONS)))
        rows[:, model.classes_] = model.predict_proba(features)
        given[voted] = rows
    return given


def both(readings: npt.NDArray[np.float64], given: npt.NDArray[np.float64], power: float) -> Floats:
    """readings · given ** power, each row made to sum to 1."""
    product = readings * given**power
    return (product / product.sum(axis=1, keepdims=True)).astype(np.float32)
