"""A network of depthwise convolutions, made ready for the rounding of int8.

All channels of a layer's output share one step of quantization, and the kernels of depthwise convolutions
enlarge what it rounds away. So each channel is stretched over the range of ReLU6 first, and what rounding the
weights adds to a channel on average is taken from its bias. Calibration pictures tell both.

Source: Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", 2019.
"""

import copy
from itertools import pairwise
from typing import cast

import torch
from torch import nn

from training.model.network import FaceNet, SeparableBlock

_TOP = 6.0  # of ReLU6
_ROOM = 1.1  # other pictures may reach further than the calibration's
_MOST_STRETCHED = 64.0  # a channel that is all but dead would be noise
_LARGEST = 127  # an int8 weight


def made_ready(network: FaceNet, crops: torch.Tensor) -> FaceNet:
    """The network with other weights, such that rounding them and its features to int8 changes it little.

    crops: (n, 1, 96, 96), as the network takes them. On them it computes what `network` does, up to the
    corrected biases. All are read at once, which takes some 3 MiB of memory for each.
    """
    ready = copy.deepcopy(network).eval()
    with torch.no_grad():
        _stretch(ready, crops)
        _correct_biases(ready, crops)
    return ready


def _layers(network: FaceNet) -> list[nn.Sequential]:
    """Its convolutions with their batch norms, in order."""
    blocks = cast(list[SeparableBlock], list(network.blocks))
    return [network.entry, *(layer for block in blocks for layer in (block.depthwise, block.pointwise))]


def _stretch(network: FaceNet, crops: torch.Tensor) -> None:
    """Let every channel that a depthwise convolution reads take the whole range of ReLU6.

    Its kernel is divided by as much. Weights have a step of quantization for each channel, so this costs
    nothing.
    """
    features = crops
    for layer, following in pairwise(_layers(network)):
        features = nn.functional.relu6(layer(features))
        if _convolution(following).groups > 1:
            reached = _ROOM * features.amax(dim=(0, 2, 3))
            factor = (_TOP / reached).clamp(1, _MOST_STRETCHED)
            norm = _norm(layer)
            norm.weight.mul_(factor)
            norm.bias.mul_(factor)
            _convolution(following).weight /= factor[:, None, None, None]
            features = features * factor[None, :, None, None]


def _correct_biases(network: FaceNet, crops: torch.Tensor) -> None:
    """Shift each bias by what the rounded weights, here and in the layers before, give too little on
    average."""
    exact = rounded = crops
    for layer in _layers(network):
        expected, found = layer(exact), _with_rounded_weights(layer, rounded)
        missing = (expected - found).mean(dim=(0, 2, 3))
        _norm(layer).bias.add_(missing)
        exact = nn.functional.relu6(expected)
        rounded = nn.functional.relu6(found + missing[None, :, None, None])


def _with_rounded_weights(layer: nn.Sequential, features: torch.Tensor) -> torch.Tensor:
    """What a layer computes once its batch norm is merged into its weights and these are rounded to int8."""
    convolution, norm = _convolution(layer), _norm(layer)
    mean, variance = cast(torch.Tensor, norm.running_mean), cast(torch.Tensor, norm.running_var)
    slope = norm.weight / torch.sqrt(variance + norm.eps)
    merged = convolution.weight * slope[:, None, None, None]
    step = merged.abs().amax(dim=(1, 2, 3), keepdim=True).clamp(min=1e-9) / _LARGEST
    return nn.functional.conv2d(
        features,
        (merged / step).round() * step,
        norm.bias - mean * slope,
        convolution.stride,
        convolution.padding,
        groups=convolution.groups,
    )


def _convolution(layer: nn.Sequential) -> nn.Conv2d:
    return cast(nn.Conv2d, layer[0])


def _norm(layer: nn.Sequential) -> nn.BatchNorm2d:
    return cast(nn.BatchNorm2d, layer[1])
