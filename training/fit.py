"""The bodies trained on FER2013, first from its labels, then from a teacher too; each member on its own set
with the pool.

Resumable: every training goes on from its last finished epoch, and what is finished is not done again.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from training.loop import Floats, Plan, Training, scores_by_source
from training.network import read_weights
from training.prepare import POOL, Crops, read_split
from training.settings import Optimiser, Settings
from training.teacher import teacher_of


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
    """Trains the bodies on from their drafts, with what all drafts and FER+'s votes say of each picture as
    their teacher. Leaves `body-<name>.*`, as `pretrain` does; raises as it does, and when a draft is
    missing."""
    torch.set_num_threads(settings.optimiser.threads)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    teacher, share = teacher_of(run, settings), settings.distillation.share
    for name in chosen_of(settings.bodies, only):
        fit_one(run, body_plan(settings, name, train), settings.optimiser, train, validation, teacher, share)


def fit(run: Path, settings: Settings, only: str | None = None) -> None:
    """Trains every member from its body, or `only` the one of that name, with the bodies' teacher. Leaves
    `member-<name>.*`, as `pretrain` does; raises as it does, and when a body is missing."""
    torch.set_num_threads(settings.optimiser.threads)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    teacher = teacher_of(run, settings)
    for name in chosen_of(settings.members, only):
        plan = member_plan(settings, name)
        fit_one(run, plan, settings.optimiser, train, validation, teacher, settings.distillation.share)


def chosen_of(named: Iterable[str], only: str | None) -> list[str]:
    """All the names, or the one that is asked for; ValueError where it is none of them."""
    names = list(named)
    if only is not None and only not in names:
        raise ValueError(f"there is no {only!r}; the settings have {', '.join(names)}")
    return names if only is None else [only]


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


def body_plan(settings: Settings, name: str, train: Crops) -> Plan:
    """A body's second training, which goes on from its draft: no mixup, and pictures changed less."""
    refinement = settings.refinement
    return replace(
        draft_plan(settings, name, train),
        name=f"body-{name}",
        augmentation=replace(
            settings.augmentation,
            strength=refinement.augmentation,
            resample_chance=refinement.blur_chance,
            jpeg_chance=refinement.blur_chance,
        ),
        mixup=0.0,
        label_smoothing=settings.label_smoothing,
        epochs=settings.bodies[name].refined_epochs,
        learning_rate=refinement.learning_rate,
        starts_from=f"draft-{name}",
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
        augmentation=replace(settings.augmentation, strength=member.augmentation),
        mixup=0.0,
        label_smoothing=settings.label_smoothing,
        epochs=member.epochs,
        epoch_pictures=member.epoch_pictures,
        learning_rate=member.learning_rate,
        seed=member.seed,
        starts_from=f"body-{member.body}",
        drift=member.drift,
    )


def fit_one(
    run: Path,
    plan: Plan,
    optimiser: Optimiser,
    train: Crops,
    validation: Crops,
    teacher: Floats | None = None,
    teacher_share: float = 0.0,
) -> None:
    """One training to its end, from its checkpoint if there is one."""
    finished, checkpoint = run / f"{plan.name}.pt", run / f"{plan.name}.checkpoint"
    if finished.exists():
        return
    start = start_of(run, plan)
    training = Training(plan, optimiser, train, start, teacher, teacher_share)
    history: list[dict[str, Any]] = []
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location="cpu")
        training.restore(state)
        history = state["history"]
    while not training.finished:
        loss = training.run_epoch()
        scores = scores_by_source(training.average, validation, optimiser.precision)
        history.append({"epoch": training.epoch, "loss": round(loss, 4)} | scores)
        _write(run / f"{plan.name}.jsonl", "".join(json.dumps(line) + "\n" for line in history).encode())
        _save(checkpoint, training.state() | {"history": history})
        print(f"{plan.name} {json.dumps(history[-1])}", flush=True)
    weights = training.average.state_dict()
    _save(finished, weights if start is None else between(start, weights, plan.drift))
    checkpoint.unlink(missing_ok=True)


def between(
    start: dict[str, torch.Tensor], end: dict[str, torch.Tensor], drift: float
) -> dict[str, torch.Tensor]:
    """The weights so far on the way from `start` (0) to `end` (1): what a member learns of its own set, it
    keeps for the greater part, and forgets less of what its body knew.

    Source: Wortsman et al., "Robust Fine-Tuning of Zero-Shot Models", 2022.
    """
    return {
        # The start may lie elsewhere and be half as precise: so are the committed bodies.
        name: start[name].to(weight).lerp(weight, drift) if weight.dtype.is_floating_point else weight
        for name, weight in end.items()
    }


def start_of(run: Path, plan: Plan) -> dict[str, torch.Tensor] | None:
    """The weights that a training starts from; None where it starts afresh."""
    return None if plan.starts_from is None else read_weights(run, plan.starts_from)


def _save(file: Path, state: dict[str, Any]) -> None:
    part = file.with_suffix(".part")
    torch.save(state, part)
    part.replace(file)


def _write(file: Path, content: bytes) -> None:
    part = file.with_suffix(".part")
    part.write_bytes(content)
    part.replace(file)
