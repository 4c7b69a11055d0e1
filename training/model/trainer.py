"""One training to its end: killed and started again, it goes on from its last finished epoch."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

from training.data.prepare import Crops
from training.model.loop import Floats, Plan, Training, scores_by_source
from training.model.network import read_weights
from training.settings import Optimiser


def chosen_of(named: Iterable[str], only: str | None) -> list[str]:
    """All the names, or the one that is asked for; ValueError where it is none of them."""
    names = list(named)
    if only is not None and only not in names:
        raise ValueError(f"there is no {only!r}; the settings have {', '.join(names)}")
    return names if only is None else [only]


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
    _save(finished, training.average.state_dict())
    checkpoint.unlink(missing_ok=True)


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
