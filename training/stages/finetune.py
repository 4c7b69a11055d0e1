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
from training.stages.distill import teacher_probabilities


def finetune(run: Path, settings: Settings, only: str | None = None) -> None:
    """Train every member from its backbone, or `only` the one of that name, on labels and soft targets.

    Writes `member-<name>.*` as `trainer.train_to_end` does. Raises ValueError for an unknown name, and if a
    network that this one builds on is missing.
    """
    names = select(settings.members, only)
    torch.set_num_threads(settings.optimiser.threads)
    targets = soft_targets(run, settings, read_split(run, "train"), read_votes(run, "train"))
    share = settings.distillation.share
    for name in names:
        plan = member_plan(settings, name)
        train, validation = (
            read_split(run, split, plan.backbone.input_size) for split in ("train", "validation")
        )
        train_to_end(run, plan, settings.optimiser, train, validation, targets, share)


def soft_targets(run: Path, settings: Settings, train: Crops, votes: npt.NDArray[np.uint8]) -> Float32s:
    """Probabilities (n, 7) of the training crops beyond their labels: the teacher's for the pool, and the
    cross-fitted soft labels for the other sets.

    train: the small crops, which all of the teachers read. votes: FER+'s votes (n, 10) for them. Raises
    ValueError if a network is missing.
    """
    targets = soft_labels(run, settings, train)
    own = train.sources == POOL
    targets[own] = teacher_probabilities(run, settings, settings.stages[-2], train.of(own), votes[own])
    return targets


def member_plan(settings: Settings, name: str) -> Plan:
    """The plan of a member's training, which starts from its backbone."""
    member = settings.members[name]
    return Plan(
        name=f"member-{name}",
        backbone=settings.backbone_of(name),
        source_shares={
            member.source: member.own_share,
            **member.also,
            POOL: 1 - member.own_share - sum(member.also.values()),
        },
        balance=member.balance,
        balance_strength=member.balance_strength,
        augmentation=settings.mild_augmentation(
            member.augmentation, member.occlusion, member.resample_chance
        ),
        mixup=0.0,
        label_smoothing=settings.label_smoothing,
        epochs=member.epochs,
        epoch_pictures=member.epoch_pictures,
        learning_rate=member.learning_rate,
        seed=member.seed,
        starts_from=f"backbone-{member.backbone}",
    )
