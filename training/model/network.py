"""The body of a member: a residual network (He et al., 2015) small enough for a serverless function."""

from pathlib import Path

import torch
from torch import nn

from training.settings import Body

# Shared with the export, which builds the same network again in TensorFlow.
BATCH_NORM_EPSILON = 1e-3


class Block(nn.Module):
    """Two 3x3 convolutions beside a skip; stride 2 halves the size. ReLU6 bounds what int8 must hold."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = _convolution(inputs, outputs, 3, stride)
        self.second = _convolution(outputs, outputs, 3, 1)
        same = inputs == outputs and stride == 1
        self.skip = nn.Identity() if same else _convolution(inputs, outputs, 1, stride)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        inside = nn.functional.relu6(self.first(features))
        return nn.functional.relu6(self.second(inside) + self.skip(features))


class Reader(nn.Module):
    """Crops (n, 1, 48, 48) float32, see to_input → logits (n, 7); shaped as `body` says."""

    def __init__(self, body: Body, classes: int = 7) -> None:
        super().__init__()
        inputs = body.widths[0]
        self.stem = _convolution(1, body.stem, 3, 1) if body.stem else None
        self.entry = _convolution(body.stem or 1, inputs, 3, 2)
        stages: list[nn.Module] = []
        for stage, width in enumerate(body.widths):
            for block in range(body.blocks):
                stages.append(Block(inputs, width, stride=2 if stage > 0 and block == 0 else 1))
                inputs = width
        self.stages = nn.Sequential(*stages)
        self.dropout = nn.Dropout(body.dropout)
        self.head = nn.Linear(inputs, classes)

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        if self.stem is not None:
            crops = nn.functional.relu6(self.stem(crops))
        features = nn.functional.relu6(self.entry(crops))
        features = self.stages(features).mean(dim=(2, 3))
        logits: torch.Tensor = self.head(self.dropout(features))
        return logits


def to_input(pictures: torch.Tensor) -> torch.Tensor:
    """(n, 48, 48), 0 to 255 → (n, 1, 48, 48) float32: (x - 128) / 128, exact in 8-bit quantization."""
    return ((pictures.float() - 128) / 128).unsqueeze(1)


def read_fitted(run: Path, name: str, body: Body) -> Reader:
    """The network that the finished training `name` left under `run`, shaped as `body` says."""
    model = Reader(body)
    model.load_state_dict(read_weights(run, name))
    return model


def read_weights(run: Path, name: str) -> dict[str, torch.Tensor]:
    """The weights that the finished training `name` left. Raises ValueError that names the step to run first
    where there are none."""
    file = run / f"{name}.pt"
    if not file.exists():
        steps = {
            "draft": "pretrain",
            "round": "refine",
            "body": "refine",
            "judge": "judge",
            "fold": "folds",
        }
        step = steps.get(name.partition("-")[0].rstrip("0123456789"), "fit")
        raise ValueError(f"{file} is missing: run `python -m training {step} --run {run}` first")
    state: dict[str, torch.Tensor] = torch.load(file, map_location="cpu")
    return state


def _convolution(inputs: int, outputs: int, size: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(outputs, eps=BATCH_NORM_EPSILON),
    )
