"""The backbones' first training, on the labels of the pool alone."""

from pathlib import Path

import torch

from training.data.crops import POOL, Crops, read_split
from training.model.trainer import Plan, select, train_to_end
from training.settings import Settings


def pretrain(run: Path, settings: Settings, only: str | None = None) -> None:
    """Pretrain every backbone under `run`, or `only` the one of that name, so that processes can share the
    work.

    Writes `pretrained-<name>.*` as `trainer.train_to_end` does. Raises ValueError for an unknown name.
    """
    torch.set_num_threads(settings.optimiser.threads)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    for name in select(settings.backbones, only):
        train_to_end(run, pretraining_plan(settings, name, train), settings.optimiser, train, validation)


def pretraining_plan(settings: Settings, name: str, train: Crops) -> Plan:
    """The plan of a backbone's first training. An epoch draws as many pictures as the pool has."""
    backbone, pretraining = settings.backbones[name], settings.pretraining
    return Plan(
        name=f"pretrained-{name}",
        backbone=backbone,
        source_shares={POOL: 1.0},
        balance=pretraining.balance,
        balance_strength=pretraining.balance_strength,
        augmentation=settings.augmentation,
        mixup=pretraining.mixup,
        label_smoothing={POOL: pretraining.label_smoothing},
        epochs=backbone.epochs,
        epoch_pictures=int((train.sources == POOL).sum()),
        learning_rate=pretraining.learning_rate,
        seed=backbone.seed,
    )
