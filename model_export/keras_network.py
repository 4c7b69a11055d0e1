"""The training network again in TensorFlow, with a trained member's weights."""

import keras
import numpy as np
import torch
from keras import layers

from memegen.face.crop import CROP_SIZE
from memegen.options import EXPRESSIONS
from training.model.network import BATCH_NORM_EPSILON
from training.settings import Backbone

State = dict[str, torch.Tensor]


def keras_expression_net(backbone: Backbone, state: State) -> keras.Model:
    """The network that `training.model.network.ExpressionNet` describes, holding `state` (its state dict).

    In: (n, 48, 48, 1) float32, the training's input transform applied. Out: logits (n, 7) float32.
    """
    crops = keras.Input((CROP_SIZE, CROP_SIZE, 1))
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
    pooled = layers.GlobalAveragePooling2D()(features)
    head = layers.Dense(len(EXPRESSIONS))
    logits = head(pooled)
    head.set_weights([_array(state, "head.weight").T, _array(state, "head.bias")])
    return keras.Model(crops, logits)


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
    # PyTorch pads both sides alike; TensorFlow's "same" pads a stride of 2 on one side only.
    if size > 1 and stride > 1:
        features = layers.ZeroPadding2D(size // 2)(features)
    convolution = layers.Conv2D(
        width, size, stride, padding="valid" if stride > 1 else "same", use_bias=False
    )
    norm = layers.BatchNormalization(epsilon=BATCH_NORM_EPSILON)
    out = norm(convolution(features))
    convolution.set_weights([_array(state, f"{name}.0.weight").transpose(2, 3, 1, 0)])
    norm.set_weights(
        [_array(state, f"{name}.1.{part}") for part in ("weight", "bias", "running_mean", "running_var")]
    )
    return out


def _array(state: State, name: str) -> np.ndarray:
    return state[name].detach().cpu().numpy()
