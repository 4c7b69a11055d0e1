"""The winners trained fully: the bodies on FER2013, then each member on its own set with the pool.

Resumable: every training goes on from its last finished epoch, and what is finished is not done again.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from memegen.expressions import softmax
from training.loop import Floats, Pictures, Plan, Training, logits_of, scores_by_source
from training.network import Reader
from training.prepare import POOL, Crops, read_split
from training.settings import Body, Optimiser, Settings


def pretrain(run: Path, settings: Settings, only: str | None = None) -> None:
    """Trains the bodies under `run`, or `only` the one of that name, so that processes can share the work.

    Leaves `body-<name>.pt` (the averaged weights, state dict of `network.Reader`, float32) and
    `body-<name>.jsonl` (a line an epoch), and `body-<name>.checkpoint` while a training is under way. Raises
    ValueError for an unknown name.
    """
    torch.set_num_threads(settings.optimiser.threads)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    for name in chosen_of(settings.bodies, only):
        fit_one(run, body_plan(settings, name, train), settings.optimiser, train, validation)


def fit(run: Path, settings: Settings, only: str | None = None) -> None:
    """Trains the bodies that are not trained yet, then every member or `only` the one of that name, with the
    bodies' mean as its teacher. Leaves `member-<name>.*`, as `pretrain` does; raises as it does."""
    pretrain(run, settings)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    teacher = teacher_of(run, settings, train)
    for name in chosen_of(settings.members, only):
        plan = member_plan(settings, name)
        fit_one(run, plan, settings.optimiser, train, validation, teacher, settings.distillation.share)


def chosen_of(named: Iterable[str], only: str | None) -> list[str]:
    """All the names, or the one that is asked for; ValueError where it is none of them."""
    names = list(named)
    if only is not None and only not in names:
        raise ValueError(f"there is no {only!r}; the settings have {', '.join(names)}")
    return names if only is None else [only]


def body_plan(settings: Settings, name: str, train: Crops) -> Plan:
    """The pre-training of a body: as many pictures an epoch as the pool has."""
    body, pretraining = settings.bodies[name], settings.pretraining
    return Plan(
        name=f"body-{name}",
        body=body,
        source_shares={POOL: 1.0},
        balance=pretraining.balance,
        balance_strength=pretraining.balance_strength,
        augmentation=settings.augmentation,
        mixup=pretraining.mixup,
        epochs=body.epochs,
        epoch_pictures=int((train.sources == POOL).sum()),
        learning_rate=pretraining.learning_rate,
        seed=body.seed,
    )


def member_plan(settings: Settings, name: str) -> Plan:
    """The training of a member, which starts from its body."""
    member = settings.members[name]
    return Plan(
        name=f"member-{name}",
        body=settings.body_of(name),
        source_shares={member.source: member.own_share, POOL: 1 - member.own_share},
        balance=member.balance,
        balance_strength=member.balance_strength,
        augmentation=replace(settings.augmentation, strength=member.augmentation),
        mixup=0.0,
        epochs=member.epochs,
        epoch_pictures=member.epoch_pictures,
        learning_rate=member.learning_rate,
        seed=member.seed,
        starts_from=f"body-{member.body}",
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
    training = Training(plan, optimiser, train, start_of(run, plan), teacher, teacher_share)
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
    _save(finished, training.average.state_dict())
    checkpoint.unlink(missing_ok=True)


def start_of(run: Path, plan: Plan) -> dict[str, torch.Tensor] | None:
    """The weights that a training starts from; None where it starts afresh."""
    return None if plan.starts_from is None else _load(run, plan.starts_from)


def read_fitted(run: Path, name: str, body: Body) -> Reader:
    """The network that the finished training `name` left, shaped as `body` says."""
    model = Reader(body)
    model.load_state_dict(_load(run, name))
    return model


def teacher_of(run: Path, settings: Settings, train: Crops) -> Floats:
    """The bodies' reading of every training picture, (n, 7), kept in `teacher.npy`."""
    file = run / "teacher.npy"
    if not file.exists():
        part = file.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as opened:
            np.save(opened, bodies_reading(run, settings, train.pictures))
        part.replace(file)
    teacher: Floats = np.load(file)
    return teacher


def bodies_reading(run: Path, settings: Settings, pictures: Pictures) -> Floats:
    """The mean of the bodies' softened probabilities of (n, 48, 48) pictures, (n, 7).

    Source: Hinton et al., "Distilling the Knowledge in a Neural Network", 2015.
    """
    temperature = settings.distillation.temperature
    logits = [
        logits_of(read_fitted(run, f"body-{name}", body), pictures, settings.optimiser.precision)
        for name, body in settings.bodies.items()
    ]
    readings = [softmax(rows.astype(np.float64) / temperature) for rows in logits]
    return np.mean(readings, axis=0).astype(np.float32)


def _load(run: Path, name: str) -> dict[str, torch.Tensor]:
    file = run / f"{name}.pt"
    if not file.exists():
        raise ValueError(f"{file} is missing: fit {name} first (python -m training fit)")
    state: dict[str, torch.Tensor] = torch.load(file, map_location="cpu")
    return state


def _save(file: Path, state: dict[str, Any]) -> None:
    part = file.with_suffix(".part")
    torch.save(state, part)
    part.replace(file)


def _write(file: Path, content: bytes) -> None:
    part = file.with_suffix(".part")
    part.write_bytes(content)
    part.replace(file)
