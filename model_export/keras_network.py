"""The training network again in TensorFlow, with a trained member's weights."""

import keras
import numpy as np
import torch
from keras import layers

from memegen.options import EXPRESSIONS
from training.model.network import BATCH_NORM_EPSILON, FACE_BLOCKS, FACE_ENTRY
from training.settings import AnyBackbone, Backbone, FaceBackbone

State = dict[str, torch.Tensor]


def keras_network(backbone: AnyBackbone, state: State) -> keras.Model:
    """The network of a backbone's kind and shape, holding `state`, the state dict of the trained one.

    In: (n, size, size, 1) float32 of the backbone's input size, the training's input transform applied. Out:
    logits (n, 7) float32.
    """
    crops = keras.Input((backbone.input_size, backbone.input_size, 1))
    if isinstance(backbone, FaceBackbone):
        features = _face_features(crops, state)
    else:
        features = _expression_features(crops, backbone, state)
    return keras.Model(crops, _head(features, state))


def _face_features(crops: keras.KerasTensor, state: State) -> keras.KerasTensor:
    """What the network that `training.model.network.FaceNet` describes sees before its head."""
    features = layers.ReLU(6.0)(_convolution(crops, state, "entry", FACE_ENTRY, 3, 2))
    for place, (width, stride) in enumerate(FACE_BLOCKS):
        features = layers.ReLU(6.0)(_depthwise(features, state, f"blocks.{place}.depthwise", stride))
        features = layers.ReLU(6.0)(_convolution(features, state, f"blocks.{place}.pointwise", width, 1, 1))
    return features


def _expression_features(crops: keras.KerasTensor, backbone: Backbone, state: State) -> keras.KerasTensor:
    """What the network that `training.model.network.ExpressionNet` describes sees before its head."""
    features = crops
    if backbone.stem:
        features = layers.ReLU(6.0)(_convolution(features, state, "stem", backbone.stem, 3, 1))
    features = layers.ReLU(6.0)(_convolution(features, state, "entry", backbone.widths[0], 3, 2))
    place = 0
    for stage, width in enumerate(backbone.widths):
        for block in range(backbone.blocks):
            stride = 2 if stage > 0 and block == 0 else 1
            features = _block(features, state, f"stages.{place}", width, stride)
            place += 1
    return features


def _head(features: keras.KerasTensor, state: State) -> keras.KerasTensor:
    head = layers.Dense(len(EXPRESSIONS))
    logits = head(layers.GlobalAveragePooling2D()(features))
    head.set_weights([_array(state, "head.weight").T, _array(state, "head.bias")])
    return logits


def _block(
    features: keras.KerasTensor, state: State, name: str, width: int, stride: int
) -> keras.KerasTensor:
    inside = layers.ReLU(6.0)(_convolution(features, state, f"{name}.first", width, 3, stride))
    inside = _convolution(inside, state, f"{name}.second", width, 3, 1)
    if f"{name}.skip.0.weight" in state:
        features = _convolution(features, state, f"{name}.skip", width, 1, stride)
    return layers.ReLU(6.0)(layers.Add()([inside, features]))


def _convolution(
    features: keras.KerasTensor, state: State, name: str, width: int, size: int, stride: int
) -> keras.KerasTensor:
    features, padding = _padded(features, size, stride)
    convolution = layers.Conv2D(width, size, stride, padding=padding, use_bias=False)
    out = _normalised(convolution(features), state, name)
    convolution.set_weights([_array(state, f"{name}.0.weight").transpose(2, 3, 1, 0)])
    return out


def _depthwise(features: keras.KerasTensor, state: State, name: str, stride: int) -> keras.KerasTensor:
    features, padding = _padded(features, 3, stride)
    convolution = layers.DepthwiseConv2D(3, stride, padding=padding, use_bias=False)
    out = _normalised(convolution(features), state, name)
    convolution.set_weights([_array(state, f"{name}.0.weight").transpose(2, 3, 0, 1)])
    return out


def _padded(features: keras.KerasTensor, size: int, stride: int) -> tuple[keras.KerasTensor, str]:
    """The features, and the padding that the convolution must still do."""
    # PyTorch pads both sides alike; TensorFlow's "same" pads a stride of 2 on one side only.
    if size > 1 and stride > 1:
        return layers.ZeroPadding2D(size // 2)(features), "valid"
    return features, "valid" if stride > 1 else "same"


def _normalised(features: keras.KerasTensor, state: State, name: str) -> keras.KerasTensor:
    norm = layers.BatchNormalization(epsilon=BATCH_NORM_EPSILON)
    out = norm(features)
    norm.set_weights(
        [_array(state, f"{name}.1.{part}") for part in ("weight", "bias", "running_mean", "running_var")]
    )
    return out


def _array(state: State, name: str) -> np.ndarray:
    return state[name].detach().cpu().numpy()
