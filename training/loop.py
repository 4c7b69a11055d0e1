"""One network in training: epochs of augmented, balanced batches, its averaged weights, its state."""

import copy
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn.utils import convert_conv2d_weight_memory_format
from tqdm import tqdm

from memegen.options import EXPRESSIONS
from training.augment import augment
from training.balance import draw
from training.metrics import macro_f1
from training.network import Reader, to_input
from training.prepare import POOL, Crops
from training.settings import Augmentation, Body, Optimiser

Pictures = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Plan:
    """One training: what an epoch draws, for how long, how fast, what it starts from and how far from there
    it ends, see `fit.between`. source_shares and label_smoothing: by source."""

    name: str
    body: Body
    source_shares: dict[str, float]
    balance: str
    balance_strength: float
    augmentation: Augmentation
    mixup: float
    label_smoothing: dict[str, float]
    epochs: int
    epoch_pictures: int
    learning_rate: float
    seed: int
    starts_from: str | None = None
    drift: float = 1.0


class Training:
    """A network being trained after a plan.

    teacher: probabilities (n, 7) of the pool's pictures among the training pictures, which make up
    `teacher_share` of their targets; or None for the labels alone.
    """

    def __init__(
        self,
        plan: Plan,
        optimiser: Optimiser,
        train: Crops,
        start: dict[str, torch.Tensor] | None = None,
        teacher: Floats | None = None,
        teacher_share: float = 0.5,
    ) -> None:
        self.plan = plan
        self._settings = optimiser
        self._train = train.of(np.isin(train.sources, list(plan.source_shares)))
        self._targets = one_hot(self._train.labels)
        if teacher is not None:
            pool = self._train.sources == POOL
            self._targets[pool] = (1 - teacher_share) * self._targets[pool] + teacher_share * teacher
        for source, smoothing in plan.label_smoothing.items():
            own = self._train.sources == source
            self._targets[own] = smoothed(self._targets[own], smoothing)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._half = _half_precision(optimiser.precision, self._device)
        torch.manual_seed(plan.seed)
        self.model = Reader(plan.body, len(EXPRESSIONS)).to(self._device)
        # As the pictures lie: a sixth less time.
        convert_conv2d_weight_memory_format(self.model, torch.channels_last)
        if start is not None:
            self.model.load_state_dict(start)
        self.average = copy.deepcopy(self.model)
        self._optimiser = _optimiser(self.model, plan, optimiser)
        self.epoch, self.step = 0, 0

    @property
    def finished(self) -> bool:
        return self.epoch >= self.plan.epochs

    def run_epoch(self) -> float:
        """One epoch; the mean loss. Its draws depend on the seed and the epoch alone, so that a training
        that was stopped between two epochs goes on as if it had not been."""
        plan = self.plan
        rng = np.random.default_rng([plan.seed, self.epoch])
        torch.manual_seed(plan.seed * 1000 + self.epoch)
        order = draw(
            self._train.labels,
            self._train.sources,
            plan.source_shares,
            kind=plan.balance,
            strength=plan.balance_strength,
            count=plan.epoch_pictures,
            rng=rng,
        )
        batch = self._settings.batch
        steps = plan.epochs * (plan.epoch_pictures // batch)
        self.model.train()
        losses = []
        bar = tqdm(
            self._batches(order, rng),
            desc=f"{plan.name} epoch {self.epoch + 1}/{plan.epochs}",
            total=len(order) // batch,
            unit=" batches",
            mininterval=10,
            file=sys.stderr,
        )
        for inputs, targets in bar:
            for group in self._optimiser.param_groups:
                group["lr"] = one_cycle(self.step, steps, plan.learning_rate)
            with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._half):
                logits = self.model(inputs)
            loss = nn.functional.cross_entropy(logits.float(), targets)
            self._optimiser.zero_grad()
            loss.backward()
            self._optimiser.step()
            self.step += 1
            _move_average(
                self.average, self.model, min(self._settings.average, (1 + self.step) / (10 + self.step))
            )
            losses.append(loss.item())
        self.epoch += 1
        return float(np.mean(losses))

    def state(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "epoch": self.epoch,
            "step": self.step,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.epoch, self.step = state["epoch"], state["step"]

    def _batches(
        self, order: npt.NDArray[np.int64], rng: np.random.Generator
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        size = self._settings.batch
        for start in range(0, len(order) - size + 1, size):
            chosen = order[start : start + size]
            pictures = augment(self._train.pictures[chosen], self.plan.augmentation, rng)
            inputs = _on(pictures, self._device)
            targets = torch.from_numpy(self._targets[chosen]).to(self._device)
            if self.plan.mixup:
                inputs, targets = mixed(inputs, targets, float(rng.beta(self.plan.mixup, self.plan.mixup)))
            yield inputs, targets


def logits_of(model: Reader, pictures: Pictures, precision: str = "float32") -> Floats:
    """Logits (n, 7) float32 of uint8 crops (n, 48, 48), computed in a precision of the settings'."""
    device = next(model.parameters()).device
    half = _half_precision(precision, device)
    model.eval()
    with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
        parts = [
            model(_on(pictures[start : start + 512], device)).float().cpu().numpy()
            for start in range(0, len(pictures), 512)
        ]
    return np.concatenate(parts)


def scores_by_source(model: Reader, crops: Crops, precision: str) -> dict[str, dict[str, float]]:
    """Accuracy and macro-F1 on each source of the crops, read in a precision of the settings'."""
    scores = {}
    for source in sorted(set(crops.sources.tolist())):
        own = crops.of(crops.sources == source)
        guesses = logits_of(model, own.pictures, precision).argmax(axis=1)
        scores[source] = {
            "accuracy": round(float((guesses == own.labels).mean()), 4),
            "macro_f1": round(macro_f1(own.labels, guesses), 4),
        }
    return scores


def one_hot(labels: npt.NDArray[np.uint8]) -> Floats:
    """(n,) labels → (n, 7) float32 targets."""
    return np.eye(len(EXPRESSIONS), dtype=np.float32)[labels]


def smoothed(targets: Floats, smoothing: float) -> Floats:
    """Targets (n, 7) with that share of them spread over all classes (Szegedy et al., 2016)."""
    return (1 - smoothing) * targets + np.float32(smoothing / targets.shape[1])


def mixed(inputs: torch.Tensor, targets: torch.Tensor, share: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Each picture and its target mixed with another of the batch (Zhang et al., "mixup", 2018)."""
    return (
        share * inputs + (1 - share) * inputs.flip(0),
        share * targets + (1 - share) * targets.flip(0),
    )


def one_cycle(step: int, steps: int, peak: float) -> float:
    """Learning rate of a step: up over the first tenth, then down by a half cosine.

    Source: Smith and Topin, "Super-Convergence", 2019, with the cosine of Loshchilov and Hutter, 2017.
    """
    warm = max(1, steps // 10)
    if step < warm:
        return peak * (step + 1) / warm
    return peak * 0.5 * (1 + float(np.cos(np.pi * (step - warm) / max(1, steps - warm))))


def _on(pictures: Pictures, device: torch.device) -> torch.Tensor:
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
