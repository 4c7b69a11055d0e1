"""The bodies trained on FER2013, first from its labels, then from a teacher too; each member on its own set
with the pool.

Resumable: every training goes on from its last finished epoch, and what is finished is not done again.
"""

from dataclasses import replace
from pathlib import Path

import torch

from training.data.prepare import POOL, Crops, read_split
from training.model.loop import Floats, Plan
from training.model.trainer import chosen_of, fit_one
from training.settings import Settings
from training.stages.crossfit import judged
from training.stages.distill import teacher_of


def pretrain(run: Path, settings: Settings, only: str | None = None) -> None:
    """Trains a draft of every body under `run` from the labels alone, or `only` of the one of that name, so
    that processes can share the work.

    Leaves `draft-<name>.pt` (the averaged weights, state dict of `network.Reader`, float32) and
    `draft-<name>.jsonl` (a line an epoch), and `draft-<name>.checkpoint` while a training is under way.
    Raises ValueError for an unknown name.
    """
    torch.set_num_threads(settings.optimiser.threads)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    for name in chosen_of(settings.bodies, only):
        fit_one(run, draft_plan(settings, name, train), settings.optimiser, train, validation)


def refine(run: Path, settings: Settings, only: str | None = None) -> None:
    """Trains the bodies on from their drafts, round by round, with what all bodies before the round and
    FER+'s votes say of each picture as their teacher.

    Leaves `body-<name>.*`, and of rounds before the last `round<number>-<name>.*`, as `pretrain` does; raises
    as it does, and when a network of the round before is missing.
    """
    names, share = chosen_of(settings.bodies, only), settings.distillation.share
    torch.set_num_threads(settings.optimiser.threads)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    pool = train.of(train.sources == POOL)
    for number, stage in enumerate(settings.stages[:-1], start=1):
        teacher = teacher_of(run, settings, stage)
        for name in names:
            plan = body_plan(settings, name, pool, number)
            fit_one(run, plan, settings.optimiser, pool, validation, teacher, share)


def fit(run: Path, settings: Settings, only: str | None = None) -> None:
    """Trains every member from its body, or `only` the one of that name, with what is known of each picture.
    Leaves `member-<name>.*`, as `pretrain` does; raises as it does, and when a body is missing."""
    names = chosen_of(settings.members, only)
    torch.set_num_threads(settings.optimiser.threads)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    known, share = known_of(run, settings, train), settings.distillation.share
    for name in names:
        fit_one(run, member_plan(settings, name), settings.optimiser, train, validation, known, share)


def known_of(run: Path, settings: Settings, train: Crops) -> Floats:
    """What is known of the training pictures beyond their labels, (n, 7): of the pool by its teacher, of the
    members' sets by the judges. Raises ValueError when a network of theirs is missing."""
    known = judged(run, settings)
    known[train.sources == POOL] = teacher_of(run, settings, settings.stages[-2])
    return known


def draft_plan(settings: Settings, name: str, train: Crops) -> Plan:
    """A body's first training: as many pictures an epoch as the pool has."""
    body, pretraining = settings.bodies[name], settings.pretraining
    return Plan(
        name=f"draft-{name}",
        body=body,
        source_shares={POOL: 1.0},
        balance=pretraining.balance,
        balance_strength=pretraining.balance_strength,
        augmentation=settings.augmentation,
        mixup=pretraining.mixup,
        label_smoothing={POOL: pretraining.label_smoothing},
        epochs=body.epochs,
        epoch_pictures=int((train.sources == POOL).sum()),
        learning_rate=pretraining.learning_rate,
        seed=body.seed,
    )


def body_plan(settings: Settings, name: str, train: Crops, number: int) -> Plan:
    """A body's training in a round, counted from 1, which goes on from the network before it: no mixup, and
    pictures changed less."""
    refinement, stages = settings.refinement, settings.stages
    return replace(
        draft_plan(settings, name, train),
        name=f"{stages[number]}-{name}",
        augmentation=settings.refined_augmentation(refinement.augmentation),
        mixup=0.0,
        label_smoothing=settings.label_smoothing,
        epochs=settings.bodies[name].refined_epochs[number - 1],
        learning_rate=refinement.learning_rate,
        seed=settings.bodies[name].seed + 100 * (number - 1),
        starts_from=f"{stages[number - 1]}-{name}",
    )


def member_plan(settings: Settings, name: str) -> Plan:
    """The training of a member, which starts from its body."""
    member = settings.members[name]
    return Plan(
        name=f"member-{name}",
        body=settings.body_of(name),
        source_shares={
            member.source: member.own_share,
            **member.also,
            POOL: 1 - member.own_share - sum(member.also.values()),
        },
        balance=member.balance,
        balance_strength=member.balance_strength,
        augmentation=settings.refined_augmentation(member.augmentation),
        mixup=0.0,
        label_smoothing=settings.label_smoothing,
        epochs=member.epochs,
        epoch_pictures=member.epoch_pictures,
        learning_rate=member.learning_rate,
        seed=member.seed,
        starts_from=f"body-{member.body}",
    )
