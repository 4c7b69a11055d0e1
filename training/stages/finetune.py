"""The members: each backbone trained on with a member's own set and the pool."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from training.arrays import Float32s
from training.data.crops import POOL, Crops, read_split, read_votes
from training.model.trainer import Plan, select, train_to_end
from training.settings import Settings
from training.stages.crossfit import soft_labels
from training.stages.distill import finished_teacher


def finetune(run: Path, settings: Settings, only: str | None = None) -> None:
    """Train every member from its backbone, or `only` the one of that name, on labels and soft targets.

    Writes `member-<name>.*` as `trainer.train_to_end` does. Raises ValueError for an unknown name, and if a
    network that this one builds on is missing.
    """
    names = select(settings.members, only)
    torch.set_num_threads(settings.optimiser.threads)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    targets = soft_targets(run, settings, train, read_votes(run, "train"))
    share = settings.distillation.share
    for name in names:
        plan = member_plan(settings, name)
        train_to_end(run, plan, settings.optimiser, train, validation, targets, share)


def soft_targets(run: Path, settings: Settings, train: Crops, votes: npt.NDArray[np.uint8]) -> Float32s:
    """Probabilities (n, 7) of the training crops beyond their labels: for the pool those of all finished
    backbones together, and for the other sets the cross-fitted soft labels.

    votes: FER+'s votes (n, 10) for the same crops. Raises ValueError if a network is missing.
    """
    targets = soft_labels(run, settings, train)
    own = train.sources == POOL
    backbones = list(settings.backbones)
    targets[own] = finished_teacher(run, settings, "members", backbones, train.of(own), votes[own])
    return targets


def member_plan(settings: Settings, name: str) -> Plan:
    """The plan of a member's training, which starts from its backbone.

    What its own set and the others leave of an epoch comes from the pool, also if the pool is its own set.
    """
    member = settings.members[name]
    drawn = {member.source: member.own_share, **member.also}
    rest = 1 - sum(drawn.values())
    return Plan(
        name=f"member-{name}",
        backbone=settings.backbone_of(name),
        source_shares={**drawn, POOL: drawn.get(POOL, 0.0) + rest},
        balance=member.balance,
        balance_strength=member.balance_strength,
        augmentation=settings.member_augmentation(member.augmentation),
        mixup=0.0,
        label_smoothing=settings.label_smoothing,
        epochs=member.epochs,
        epoch_pictures=member.epoch_pictures,
        learning_rate=member.learning_rate,
        seed=member.seed,
        starts_from=f"backbone-{member.backbone}",
    )
