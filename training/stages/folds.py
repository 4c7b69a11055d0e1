"""Each person of the sets other than the pool, read by every member as it is without that person.

The ensemble's weights are learnt from such readings, and sets with few people are scored by them. The people
of the training split are parted into folds. Each member is trained once more without one fold, which it then
reads. (The soft labels of the pictures that it learns from may come from networks that saw the fold.)
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from memegen.options import EXPRESSIONS
from training.arrays import Float32s
from training.data.crops import POOL, Crops, person_folds, read_split, read_votes, sources_of
from training.model.inference import logits_of
from training.model.network import read_network
from training.model.trainer import Plan, select, train_to_end
from training.settings import Settings
from training.stages.finetune import member_plan, soft_targets


def fit_folds(run: Path, settings: Settings, only: str | None = None) -> None:
    """Train every member, or `only` the one of that name, once without each fold.

    Writes `fold-<member>-<number>.*` as `trainer.train_to_end` does, scored on the fold, and
    `folds-<member>.npy` under `run`: logits (n, 7) of the crops of `folded_crops`. Raises ValueError for an
    unknown name, and if a backbone is missing.
    """
    names, share = select(settings.members, only), settings.distillation.share
    torch.set_num_threads(settings.optimiser.threads)
    train = read_split(run, "train")
    targets = soft_targets(run, settings, train, read_votes(run, "train"))
    fold = person_folds(train, sources_of(settings)[1:], settings.folds.count, settings.folds.seed)
    for name in names:
        logits = np.zeros((len(train.labels), len(EXPRESSIONS)), np.float32)
        crops = read_split(run, "train", settings.backbone_of(name).input_size)
        for number in range(1, settings.folds.count + 1):
            plan, own = fold_plan(settings, name, number), fold == number
            seen, unseen = crops.of(~own), crops.of(own)
            train_to_end(run, plan, settings.optimiser, seen, unseen, targets[~own], share)
            logits[own] = logits_of(read_network(run, plan.name, plan.backbone), unseen.pictures)
        np.save(folds_file(run, name), logits[fold > 0])
        right = (logits.argmax(axis=1) == train.labels)[fold > 0]
        print(f"member {name}: {right.mean():.3f} of {len(right):,} pictures of people left out are right")


def fold_plan(settings: Settings, name: str, number: int) -> Plan:
    """The plan of a member's training without a fold, counted from 1: the member's own, but shorter."""
    plan, own = member_plan(settings, name), settings.members[name].fold_epochs
    return replace(plan, name=f"fold-{name}-{number}", epochs=own or settings.folds.epochs)


def folds_file(run: Path, member: str) -> Path:
    """The file in which `fit_folds` leaves a member's logits."""
    return run / f"folds-{member}.npy"


def folded_crops(train: Crops) -> Crops:
    """The training crops that the folds read: all but the pool's."""
    return train.of(train.sources != POOL)


def read_folds(run: Path, member: str) -> Float32s:
    """A member's logits (n, 7) of `folded_crops`. Raises ValueError if there are none yet."""
    file = folds_file(run, member)
    if not file.exists():
        raise ValueError(f"{file} is missing: run `python -m training folds --run {run}` first")
    logits: Float32s = np.load(file)
    return logits
