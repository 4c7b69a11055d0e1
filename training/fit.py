"""The training loop: a body on FER2013, then the members on their own sets. Resumable after every epoch."""

import copy
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from tqdm import tqdm

from memegen.options import EXPRESSIONS
from training.augment import augment
from training.balance import draw
from training.metrics import macro_f1
from training.network import Reader, to_input
from training.prepare import Crops, read_split
from training.settings import Augmentation, Network, Optimiser, Settings

POOL = "fer2013"


@dataclass(frozen=True)
class Plan:
    """One training: what an epoch draws, for how long, how fast, and what it starts from."""

    name: str
    source_shares: dict[str, float]
    balance: float
    epochs: int
    epoch_pictures: int
    learning_rate: float
    seed: int
    starts_from: str | None = None


def fit(run: Path, settings: Settings) -> None:
    """Trains the body, then every member from it, under `run`. What is finished already is not done again.

    Leaves `<name>.pt` (the averaged weights, state dict of `network.Reader`, float32) and `<name>.jsonl` (a
    line an epoch) for the body and each member, and `<name>.checkpoint` while a training is under way.
    """
    torch.set_num_threads(settings.optimiser.threads)
    train, validation = read_split(run, "train"), read_split(run, "validation")
    for plan in plans(settings, int((train.sources == POOL).sum())):
        fit_one(run, plan, settings, train, validation)


def plans(settings: Settings, pool_pictures: int) -> list[Plan]:
    """The trainings in order: the body, then each member."""
    body = settings.body
    return [
        Plan(
            name="body",
            source_shares={POOL: 1.0},
            balance=body.balance,
            epochs=body.epochs,
            epoch_pictures=pool_pictures,
            learning_rate=body.learning_rate,
            seed=body.seed,
        ),
        *(
            Plan(
                name=f"member-{name}",
                source_shares={member.source: member.own_share, POOL: 1 - member.own_share},
                balance=member.balance,
                epochs=member.epochs,
                epoch_pictures=member.epoch_pictures,
                learning_rate=member.learning_rate,
                seed=member.seed,
                starts_from="body",
            )
            for name, member in settings.members.items()
        ),
    ]


def fit_one(run: Path, plan: Plan, settings: Settings, train: Crops, validation: Crops) -> None:
    """One training to its end, from its checkpoint if there is one."""
    finished, checkpoint = run / f"{plan.name}.pt", run / f"{plan.name}.checkpoint"
    if finished.exists():
        return
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    half = _half_precision(settings.optimiser.precision, device)
    torch.manual_seed(plan.seed)
    model = new_reader(settings.network).to(device)
    if plan.starts_from is not None:
        model.load_state_dict(torch.load(run / f"{plan.starts_from}.pt", map_location=device))
    average = copy.deepcopy(model)
    optimiser = _optimiser(model, plan, settings.optimiser)
    epoch, step, history = 0, 0, []
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        epoch, step, history = state["epoch"], state["step"], state["history"]

    own = np.isin(train.sources, list(plan.source_shares))
    train = train.of(own)
    batch = settings.optimiser.batch
    steps = plan.epochs * (plan.epoch_pictures // batch)
    while epoch < plan.epochs:
        rng = np.random.default_rng([plan.seed, epoch])
        torch.manual_seed(plan.seed * 1000 + epoch)
        order = draw(
            train.labels,
            train.sources,
            plan.source_shares,
            balance=plan.balance,
            count=plan.epoch_pictures,
            rng=rng,
        )
        model.train()
        losses = []
        batches = _batches(train, order, batch, settings.augmentation, rng)
        bar = tqdm(
            batches,
            desc=f"{plan.name} epoch {epoch + 1}/{plan.epochs}",
            total=len(order) // batch,
            unit=" batches",
            mininterval=10,
            file=sys.stderr,
        )
        for pictures, labels in bar:
            for group in optimiser.param_groups:
                group["lr"] = one_cycle(step, steps, plan.learning_rate)
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
                logits = model(_on(pictures, device))
            loss = nn.functional.cross_entropy(
                logits.float(),
                torch.from_numpy(labels).long().to(device),
                label_smoothing=settings.optimiser.label_smoothing,
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            step += 1
            _move_average(average, model, min(settings.optimiser.average, (1 + step) / (10 + step)))
            losses.append(loss.item())
        epoch += 1
        history.append(
            {"epoch": epoch, "loss": round(float(np.mean(losses)), 4)} | _scores(average, validation)
        )
        _write(run / f"{plan.name}.jsonl", "".join(json.dumps(line) + "\n" for line in history).encode())
        _save(
            checkpoint,
            {
                "model": model.state_dict(),
                "average": average.state_dict(),
                "optimiser": optimiser.state_dict(),
                "epoch": epoch,
                "step": step,
                "history": history,
            },
        )
        print(f"{plan.name} {json.dumps(history[-1])}", flush=True)
    _save(finished, average.state_dict())
    checkpoint.unlink(missing_ok=True)


def new_reader(network: Network) -> Reader:
    return Reader(network.widths, network.blocks, network.dropout, len(EXPRESSIONS))


def logits_of(model: Reader, pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Logits (n, 7) float32 of uint8 crops (n, 48, 48)."""
    device = next(model.parameters()).device
    model.eval()
    with torch.no_grad():
        parts = [
            model(_on(pictures[start : start + 512], device)).float().cpu().numpy()
            for start in range(0, len(pictures), 512)
        ]
    return np.concatenate(parts)


def one_cycle(step: int, steps: int, peak: float) -> float:
    """Learning rate of a step: up over the first tenth, then down by a half cosine.

    Source: Smith and Topin, "Super-Convergence", 2019, with the cosine of Loshchilov and Hutter, 2017.
    """
    warm = max(1, steps // 10)
    if step < warm:
        return peak * (step + 1) / warm
    return peak * 0.5 * (1 + float(np.cos(np.pi * (step - warm) / max(1, steps - warm))))


def _scores(model: Reader, validation: Crops) -> dict[str, dict[str, float]]:
    scores = {}
    for source in sorted(set(validation.sources.tolist())):
        own = validation.of(validation.sources == source)
        guesses = logits_of(model, own.pictures).argmax(axis=1)
        scores[source] = {
            "accuracy": round(float((guesses == own.labels).mean()), 4),
            "macro_f1": round(macro_f1(own.labels, guesses), 4),
        }
    return scores


def _batches(
    crops: Crops, order: npt.NDArray[np.int64], size: int, settings: Augmentation, rng: np.random.Generator
) -> Iterator[tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]]:
    for start in range(0, len(order) - size + 1, size):
        chosen = order[start : start + size]
        yield augment(crops.pictures[chosen], settings, rng), crops.labels[chosen]


def _on(pictures: npt.NDArray[np.uint8], device: torch.device) -> torch.Tensor:
    return to_input(torch.from_numpy(pictures).to(device)).contiguous(memory_format=torch.channels_last)


def _optimiser(model: nn.Module, plan: Plan, settings: Optimiser) -> torch.optim.SGD:
    # Decay pulls on the weights of convolutions and the head, not on batch-norm and biases.
    decayed = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    plain = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
    return torch.optim.SGD(
        [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=plan.learning_rate,
        momentum=settings.momentum,
        nesterov=True,
    )


def _half_precision(precision: str, device: torch.device) -> bool:
    if precision == "auto":
        if device.type == "cuda":
            return torch.cuda.is_bf16_supported()
        return bool(torch.cpu.get_capabilities().get("amx_bf16"))
    return precision == "bfloat16"


@torch.no_grad()
def _move_average(average: nn.Module, model: nn.Module, keep: float) -> None:
    for mean, new in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        if mean.dtype.is_floating_point:
            mean.lerp_(new, 1 - keep)
        else:
            mean.copy_(new)


def _save(file: Path, state: dict[str, Any]) -> None:
    part = file.with_suffix(".part")
    torch.save(state, part)
    part.replace(file)


def _write(file: Path, content: bytes) -> None:
    part = file.with_suffix(".part")
    part.write_bytes(content)
    part.replace(file)
