"""The training of one network: epochs of augmented, balanced batches, and an average of its weights (EMA).

A training that is killed and started again goes on from its last finished epoch.
"""

import copy
import json
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn.utils import convert_conv2d_weight_memory_format
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from memegen.options import EXPRESSIONS
from training.arrays import Float32s
from training.data.augment import augment
from training.data.balance import draw
from training.data.crops import Crops
from training.model.graph import Replayed
from training.model.inference import must_fit, scores_by_source, uses_bfloat16
from training.model.network import Network, new_network, read_weights, to_channels_last
from training.settings import AnyBackbone, Augmentation, Optimiser

_Tensors = tuple[torch.Tensor, ...] | list[torch.Tensor]


@dataclass(frozen=True)
class Plan:
    """One training: what an epoch draws, how long and how fast it trains, and which weights it starts from.

    source_shares: the share of an epoch's pictures that comes from each source. label_smoothing: by source.
    starts_from: the name of a finished training, or None for random weights.
    """

    name: str
    backbone: AnyBackbone
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
    """A network that is being trained according to a plan.

    train: crops in the size that the plan's backbone reads. teacher: probabilities (n, 7) of all training
    pictures. They make up `teacher_share` of the targets, and the labels the rest. Without a teacher the
    labels are the targets. Raises ValueError for crops of another size.
    """

    def __init__(
        self,
        plan: Plan,
        optimiser: Optimiser,
        train: Crops,
        start: dict[str, torch.Tensor] | None = None,
        teacher: Float32s | None = None,
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
        self._bfloat16 = uses_bfloat16(optimiser.precision, self._device)
        self._pictures = torch.from_numpy(train.pictures[drawn]).to(self._device)
        self._targets = torch.from_numpy(targets).to(self._device)
        torch.manual_seed(plan.seed)
        self.model = new_network(plan.backbone).to(self._device)
        must_fit(self.model, train.pictures)
        # The weights get the memory layout that the pictures have; a step then takes a sixth less time.
        convert_conv2d_weight_memory_format(self.model, torch.channels_last)
        if start is not None:
            self.model.load_state_dict(start)
        self.ema = AveragedModel(self.model, multi_avg_fn=self._average, use_buffers=True)
        # These change from step to step. `graph.Replayed` needs them in tensors that keep their place in
        # memory.
        self._batch_indices = torch.zeros(optimiser.batch, dtype=torch.int64, device=self._device)
        self._learning_rate, self._lam = torch.zeros(2, device=self._device).unbind()
        self._generator = torch.Generator(self._device)
        self._optimiser = _optimiser(self.model, self._learning_rate, optimiser)
        self._take_step: Callable[[], torch.Tensor] | None = None
        self.epoch, self.step = 0, 0

    @property
    def finished(self) -> bool:
        return self.epoch >= self.plan.epochs

    @property
    def averaged(self) -> Network:
        """The network with the averaged weights."""
        return cast(Network, self.ema.module)

    @property
    def computed(self) -> str:
        """The precision and the device, since figures of different ones differ in their last digits."""
        return f"{'bfloat16' if self._bfloat16 else 'float32'} on {processor()}"

    def run_epoch(self) -> float:
        """Train for one epoch; returns the mean loss.

        What it draws depends on the seed and the epoch alone, so a training that was stopped between two
        epochs goes on exactly as if it had not been stopped.
        """
        if self._take_step is None:
            self._take_step = self._learn if self._device.type == "cpu" else self._recorded()
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
            self._batch_indices.copy_(places[start : start + batch])
            self._learning_rate.fill_(one_cycle(self.step, steps, plan.learning_rate))
            self.step += 1
            self._lam.fill_(rng.beta(plan.mixup, plan.mixup) if plan.mixup else 1.0)
            losses.append(self._take_step().clone())
            self.ema.update_parameters(self.model)
        self.epoch += 1
        return float(torch.stack(losses).mean())

    def _learn(self) -> torch.Tensor:
        """One step on the chosen pictures; its loss."""
        inputs = to_channels_last(
            augment(self._pictures[self._batch_indices], self.plan.augmentation, self._generator)
        )
        targets = self._targets[self._batch_indices]
        if self.plan.mixup:
            inputs, targets = mixed(inputs, targets, self._lam)
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._bfloat16):
            logits = self.model(inputs)
        loss = nn.functional.cross_entropy(logits.float(), targets)
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
        return loss.detach()

    def _recorded(self) -> Callable[[], torch.Tensor]:
        """`_learn`, recorded for a GPU. The weights and the momentum are put back after the recording."""
        before = copy.deepcopy(self.state())
        self.model.train()
        work = Replayed(self._learn, self._generator)
        self.model.load_state_dict(before["model"])
        earlier = before["optimiser"]["state"]
        for place, state in enumerate(self._optimiser.state.values()):
            # Before the first step there is no momentum yet, which is the same as zero.
            if place in earlier:
                state["momentum_buffer"].copy_(earlier[place]["momentum_buffer"])
            else:
                state["momentum_buffer"].zero_()
        return work

    def _average(self, averaged: _Tensors, current: _Tensors, steps: torch.Tensor | int) -> None:
        # The decay grows over the first steps, so that the random first weights are soon forgotten.
        decay = min(self._settings.ema_decay, (1 + int(steps)) / (10 + int(steps)))
        get_ema_multi_avg_fn(decay)(averaged, current, steps)

    def state(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "ema": self.ema.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "epoch": self.epoch,
            "step": self.step,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.ema.load_state_dict(state["ema"])
        self._optimiser.load_state_dict(state["optimiser"])
        for group in self._optimiser.param_groups:
            group["lr"] = self._learning_rate
        self._take_step = None
        self.epoch, self.step = state["epoch"], state["step"]


def one_hot(labels: npt.NDArray[np.uint8]) -> Float32s:
    """Labels (n,) → targets (n, 7), float32."""
    return np.eye(len(EXPRESSIONS), dtype=np.float32)[labels]


def smoothed(targets: Float32s, smoothing: float) -> Float32s:
    """Label smoothing (Szegedy et al., 2016): targets (n, 7) with a share of each spread over all classes."""
    return (1 - smoothing) * targets + np.float32(smoothing / targets.shape[1])


def mixed(
    inputs: torch.Tensor, targets: torch.Tensor, lam: float | torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mixup (Zhang et al., 2018): each picture and its target are mixed with another one of the batch."""
    return (
        lam * inputs + (1 - lam) * inputs.flip(0),
        lam * targets + (1 - lam) * targets.flip(0),
    )


def one_cycle(step: int, steps: int, peak: float) -> float:
    """The learning rate of a step: it rises over the first tenth and falls by half a cosine after that.

    Source: Smith and Topin, "Super-Convergence", 2019, with the cosine of Loshchilov and Hutter, 2017.
    """
    warm = max(1, steps // 10)
    if step < warm:
        return peak * (step + 1) / warm
    return peak * 0.5 * (1 + float(np.cos(np.pi * (step - warm) / max(1, steps - warm))))


def _optimiser(model: nn.Module, learning_rate: torch.Tensor, settings: Optimiser) -> torch.optim.SGD:
    # Weight decay applies to convolutions and the head, not to batch norm and biases.
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    decayed = [parameter for parameter in learnt if parameter.ndim > 1]
    plain = [parameter for parameter in learnt if parameter.ndim <= 1]
    return torch.optim.SGD(
        [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=learning_rate,
        momentum=settings.momentum,
        nesterov=True,
        fused=True,
    )


def select(named: Iterable[str], only: str | None) -> list[str]:
    """All the names, or `only` the one that was asked for. Raises ValueError if that is none of them."""
    names = list(named)
    if only is not None and only not in names:
        raise ValueError(f"there is no {only!r}; the settings have {', '.join(names)}")
    return names if only is None else [only]


def train_to_end(
    run: Path,
    plan: Plan,
    optimiser: Optimiser,
    train: Crops,
    validation: Crops,
    teacher: Float32s | None = None,
    teacher_share: float = 0.0,
) -> None:
    """Train the plan's network to its end, from its checkpoint if there is one.

    Writes `<name>.pt` (the averaged weights, a state dict), `<name>.jsonl` (a line an epoch:
    loss, scores on the validation crops by source, precision and processor) and, until it ends,
    `<name>.checkpoint`. Does nothing if `<name>.pt` is there.
    """
    finished, checkpoint = run / f"{plan.name}.pt", run / f"{plan.name}.checkpoint"
    if finished.exists():
        return
    training = Training(plan, optimiser, train, initial_weights(run, plan), teacher, teacher_share)
    history: list[dict[str, Any]] = []
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location="cpu")
        training.restore(state)
        history = state["history"]
    while not training.finished:
        loss = training.run_epoch()
        scores = scores_by_source(training.averaged, validation, optimiser.precision)
        history.append(
            {"epoch": training.epoch, "loss": round(loss, 4), "computed": training.computed} | scores
        )
        _write(run / f"{plan.name}.jsonl", "".join(json.dumps(line) + "\n" for line in history).encode())
        _save(checkpoint, training.state() | {"history": history})
        print(f"{plan.name} {json.dumps(history[-1])}", flush=True)
    _save(finished, training.averaged.state_dict())
    checkpoint.unlink(missing_ok=True)


def initial_weights(run: Path, plan: Plan) -> dict[str, torch.Tensor] | None:
    """The weights that a training starts from, or None if it starts from random ones."""
    return None if plan.starts_from is None else read_weights(run, plan.starts_from)


def processor() -> str:
    """The device that trains: a GPU's name, or the processor's model as Linux names it."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _save(file: Path, state: dict[str, Any]) -> None:
    part = file.with_suffix(".part")
    torch.save(state, part)
    part.replace(file)


def _write(file: Path, content: bytes) -> None:
    part = file.with_suffix(".part")
    part.write_bytes(content)
    part.replace(file)
