"""One network in training: epochs of augmented, balanced batches, its averaged weights, its state."""

import copy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn.utils import convert_conv2d_weight_memory_format
from tqdm import tqdm

from memegen.options import EXPRESSIONS
from training.data.augment import augment
from training.data.balance import draw
from training.data.prepare import Crops
from training.ensemble.metrics import macro_f1
from training.model.graph import Replayed
from training.model.network import Reader, to_input
from training.settings import Augmentation, Body, Optimiser

Pictures = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Plan:
    """One training: what an epoch draws, for how long, how fast, and what it starts from. source_shares and
    label_smoothing: by source."""

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


class Training:
    """A network being trained after a plan.

    teacher: probabilities (n, 7) of all the training pictures, which make up `teacher_share` of their
    targets; or None for the labels alone.
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
        drawn = np.isin(train.sources, list(plan.source_shares))
        self._labels, self._sources = train.labels[drawn], train.sources[drawn]
        targets = one_hot(self._labels)
        if teacher is not None:
            targets = (1 - teacher_share) * targets + teacher_share * teacher[drawn]
        for source, smoothing in plan.label_smoothing.items():
            own = self._sources == source
            targets[own] = smoothed(targets[own], smoothing)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._half = _half_precision(optimiser.precision, self._device)
        self._pictures = torch.from_numpy(train.pictures[drawn]).to(self._device)
        self._targets = torch.from_numpy(targets).to(self._device)
        torch.manual_seed(plan.seed)
        self.model = Reader(plan.body, len(EXPRESSIONS)).to(self._device)
        # As the pictures lie: a sixth less time.
        convert_conv2d_weight_memory_format(self.model, torch.channels_last)
        if start is not None:
            self.model.load_state_dict(start)
        self.average = copy.deepcopy(self.model)
        # What changes from step to step, in tensors that stay where they are, for `graph.Replayed`.
        self._chosen = torch.zeros(optimiser.batch, dtype=torch.int64, device=self._device)
        self._rate, self._keep, self._mixing = torch.zeros(3, device=self._device).unbind()
        self._generator = torch.Generator(self._device)
        self._optimiser = _optimiser(self.model, self._rate, optimiser)
        self._moving = _Average(self.average, self.model)
        self._work: Callable[[], torch.Tensor] | None = None
        self.epoch, self.step = 0, 0

    @property
    def finished(self) -> bool:
        return self.epoch >= self.plan.epochs

    def run_epoch(self) -> float:
        """One epoch; the mean loss. Its draws depend on the seed and the epoch alone, so that a training
        that was stopped between two epochs goes on as if it had not been."""
        if self._work is None:
            self._work = self._learn if self._device.type == "cpu" else self._recorded()
        plan, batch = self.plan, self._settings.batch
        rng = np.random.default_rng([plan.seed, self.epoch])
        torch.manual_seed(plan.seed * 1000 + self.epoch)
        order = draw(
            self._labels,
            self._sources,
            plan.source_shares,
            kind=plan.balance,
            strength=plan.balance_strength,
            count=plan.epoch_pictures,
            rng=rng,
        )
        self._generator.manual_seed(int(rng.integers(2**63)))
        places = torch.from_numpy(order).to(self._device)
        steps = plan.epochs * (plan.epoch_pictures // batch)
        self.model.train()
        losses = []
        bar = tqdm(
            range(0, len(order) - batch + 1, batch),
            desc=f"{plan.name} epoch {self.epoch + 1}/{plan.epochs}",
            unit=" batches",
            mininterval=10,
            file=sys.stderr,
        )
        for start in bar:
            self._chosen.copy_(places[start : start + batch])
            self._rate.fill_(one_cycle(self.step, steps, plan.learning_rate))
            self.step += 1
            self._keep.fill_(min(self._settings.average, (1 + self.step) / (10 + self.step)))
            self._mixing.fill_(rng.beta(plan.mixup, plan.mixup) if plan.mixup else 1.0)
            losses.append(self._work().clone())
        self.epoch += 1
        return float(torch.stack(losses).mean())

    def _learn(self) -> torch.Tensor:
        """One step on the chosen pictures; its loss."""
        inputs = _laid_out(augment(self._pictures[self._chosen], self.plan.augmentation, self._generator))
        targets = self._targets[self._chosen]
        if self.plan.mixup:
            inputs, targets = mixed(inputs, targets, self._mixing)
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._half):
            logits = self.model(inputs)
        loss = nn.functional.cross_entropy(logits.float(), targets)
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
        self._moving.move(self._keep)
        return loss.detach()

    def _recorded(self) -> Callable[[], torch.Tensor]:
        """`_learn`, recorded, with everything as it was before."""
        before = copy.deepcopy(self.state())
        self.model.train()
        work = Replayed(self._learn, self._generator)
        self.model.load_state_dict(before["model"])
        self.average.load_state_dict(before["average"])
        earlier = before["optimiser"]["state"]
        for place, state in enumerate(self._optimiser.state.values()):
            # At the first step there is no momentum yet, which is as none at all.
            if place in earlier:
                state["momentum_buffer"].copy_(earlier[place]["momentum_buffer"])
            else:
                state["momentum_buffer"].zero_()
        return work

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
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate
        self._work = None
        self.epoch, self.step = state["epoch"], state["step"]


def logits_of(model: Reader, pictures: Pictures, precision: str = "float32") -> Floats:
    """Logits (n, 7) float32 of uint8 crops (n, 48, 48), computed in a precision of the settings'."""
    device = next(model.parameters()).device
    half = _half_precision(precision, device)
    model.eval()
    with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
        parts = [
            model(_laid_out(torch.from_numpy(pictures[start : start + 512]).to(device))).float().cpu().numpy()
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


def mixed(
    inputs: torch.Tensor, targets: torch.Tensor, share: float | torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
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


def _laid_out(pictures: torch.Tensor) -> torch.Tensor:
    return to_input(pictures).contiguous(memory_format=torch.channels_last)


def _optimiser(model: nn.Module, rate: torch.Tensor, settings: Optimiser) -> torch.optim.SGD:
    # Decay pulls on the weights of convolutions and the head, not on batch-norm and biases.
    decayed = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    plain = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
    return torch.optim.SGD(
        [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=rate,
        momentum=settings.momentum,
        nesterov=True,
        fused=True,
    )


def _half_precision(precision: str, device: torch.device) -> bool:
    if precision == "auto":
        if device.type == "cuda":
            return torch.cuda.is_bf16_supported()
        return bool(torch.cpu.get_capabilities().get("amx_bf16"))
    return precision == "bfloat16"


class _Average:
    """The moving average of a network's weights, in a second network."""

    def __init__(self, average: nn.Module, model: nn.Module) -> None:
        pairs = list(zip(average.state_dict().values(), model.state_dict().values(), strict=True))
        self._means, self._news = zip(*(p for p in pairs if p[0].dtype.is_floating_point), strict=True)
        self._counts = [p for p in pairs if not p[0].dtype.is_floating_point]

    @torch.no_grad()
    def move(self, keep: torch.Tensor) -> None:
        # All at once: one by one takes a GPU longer than the training step itself.
        differences = torch._foreach_sub(self._news, self._means)
        torch._foreach_mul_(differences, 1 - keep)
        torch._foreach_add_(self._means, differences)
        for mean, new in self._counts:
            mean.copy_(new)
