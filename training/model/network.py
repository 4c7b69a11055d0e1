"""The network of a member: a residual network (He et al., 2015) small enough for a serverless function."""

from pathlib import Path

import torch
from torch import nn

from training.settings import FACE, AnyBackbone, Backbone, FaceBackbone

# The export builds the same network again in TensorFlow and needs the same value.
BATCH_NORM_EPSILON = 1e-3

# MobileNet's layers: the entry's channels, and each block's channels and stride.
FACE_ENTRY = 32
FACE_BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *[(512, 1)] * 5,
    (1024, 2),
    (1024, 1),
)

# The step that trains a network, by how its name begins.
_STEPS = {
    f"pretrained-{FACE}": "face",
    f"backbone-{FACE}": "face",
    "pretrained": "pretrain",
    "distilled": "distill",
    "backbone": "distill",
    "crossfit": "crossfit",
    "fold": "folds",
    "member": "finetune",
}


class Block(nn.Module):
    """Two 3x3 convolutions with a skip connection. Stride 2 halves the size; ReLU6 bounds the range for
    int8."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = _convolution(inputs, outputs, 3, stride)
        self.second = _convolution(outputs, outputs, 3, 1)
        same = inputs == outputs and stride == 1
        self.skip = nn.Identity() if same else _convolution(inputs, outputs, 1, stride)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        inside = nn.functional.relu6(self.first(features))
        return nn.functional.relu6(self.second(inside) + self.skip(features))


class ExpressionNet(nn.Module):
    """Crops (n, 1, 48, 48) float32 (see `to_input`) → logits (n, 7). `backbone` gives its widths and
    depth."""

    def __init__(self, backbone: Backbone, classes: int = 7) -> None:
        super().__init__()
        self.input_size = backbone.input_size
        inputs = backbone.widths[0]
        self.stem = _convolution(1, backbone.stem, 3, 1) if backbone.stem else None
        self.entry = _convolution(backbone.stem or 1, inputs, 3, 2)
        stages: list[nn.Module] = []
        for stage, width in enumerate(backbone.widths):
            for block in range(backbone.blocks):
                stages.append(Block(inputs, width, stride=2 if stage > 0 and block == 0 else 1))
                inputs = width
        self.stages = nn.Sequential(*stages)
        self.dropout = nn.Dropout(backbone.dropout)
        self.head = nn.Linear(inputs, classes)

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        if self.stem is not None:
            crops = nn.functional.relu6(self.stem(crops))
        features = nn.functional.relu6(self.entry(crops))
        features = self.stages(features).mean(dim=(2, 3))
        logits: torch.Tensor = self.head(self.dropout(features))
        return logits


class SeparableBlock(nn.Module):
    """A depthwise 3x3 convolution and a pointwise one, each with ReLU6."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.depthwise = _convolution(inputs, inputs, 3, stride, groups=inputs)
        self.pointwise = _convolution(inputs, outputs, 1, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return nn.functional.relu6(self.pointwise(nn.functional.relu6(self.depthwise(features))))


class FaceNet(nn.Module):
    """Crops (n, 1, 96, 96) float32 (see `to_input`) → logits (n, 7), by a network that knew faces before.

    It is MobileNet (Howard et al., 2017). `backbone.frozen` counts its first layers, the entry and then
    blocks, that keep the weights they came with.
    """

    def __init__(self, backbone: FaceBackbone, classes: int = 7) -> None:
        super().__init__()
        self.input_size = backbone.input_size
        self.entry = _convolution(1, FACE_ENTRY, 3, 2)
        inputs = FACE_ENTRY
        blocks: list[nn.Module] = []
        for width, stride in FACE_BLOCKS:
            blocks.append(SeparableBlock(inputs, width, stride))
            inputs = width
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(backbone.dropout)
        self.head = nn.Linear(inputs, classes)
        self._frozen = [self.entry, *blocks][: backbone.frozen]
        for layer in self._frozen:
            layer.requires_grad_(requires_grad=False)

    def train(self, mode: bool = True) -> "FaceNet":
        super().train(mode)
        for layer in self._frozen:
            layer.eval()  # their batch norms keep their statistics too
        return self

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        features = self.blocks(nn.functional.relu6(self.entry(crops))).mean(dim=(2, 3))
        logits: torch.Tensor = self.head(self.dropout(features))
        return logits


Network = ExpressionNet | FaceNet


def new_network(backbone: AnyBackbone) -> Network:
    """A network of the backbone's kind and shape, with random weights."""
    return FaceNet(backbone) if isinstance(backbone, FaceBackbone) else ExpressionNet(backbone)


def to_input(pictures: torch.Tensor) -> torch.Tensor:
    """(n, size, size), 0 to 255 → (n, 1, size, size) float32: (x - 128) / 128, exact in 8-bit
    quantization."""
    return ((pictures.float() - 128) / 128).unsqueeze(1)


def to_channels_last(pictures: torch.Tensor) -> torch.Tensor:
    """`to_input` in the memory layout in which convolutions are fastest here."""
    return to_input(pictures).contiguous(memory_format=torch.channels_last)


def read_network(run: Path, name: str, backbone: AnyBackbone) -> Network:
    """The network that the finished training `name` left under `run`. Raises ValueError as `read_weights`
    does."""
    model = new_network(backbone)
    model.load_state_dict(read_weights(run, name))
    return model


def read_weights(run: Path, name: str) -> dict[str, torch.Tensor]:
    """The weights that the finished training `name` left under `run`.

    Raises ValueError that names the step to run first if there are none.
    """
    file = run / f"{name}.pt"
    if not file.exists():
        step = next(step for prefix, step in _STEPS.items() if name.startswith(prefix))
        raise ValueError(f"{file} is missing: run `python -m training {step} --run {run}` first")
    state: dict[str, torch.Tensor] = torch.load(file, map_location="cpu")
    return state


def _convolution(inputs: int, outputs: int, size: int, stride: int, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=BATCH_NORM_EPSILON),
    )
