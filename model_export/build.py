"""Trained members → quantized .tflite files and `ensemble.json`, what the function serves."""

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import torch

from memegen.face.expressions import Member, golden_crop
from memegen.options import EXPRESSIONS
from model_export.keras_network import keras_network
from model_export.rounding import made_ready
from training.data.crops import Crops, read_split
from training.model.inference import logits_of
from training.model.network import FaceNet, read_network, to_channels_last, to_input
from training.settings import Settings

_CALIBRATION_PICTURES = 500
_FLOAT_TOLERANCE = 1e-4


def build(run: Path, settings: Settings, out: Path, keep: bool = False) -> None:
    """Exports every member of the training run `run` to `out`, with the run's weights.

    keep: leave the networks in `out` as they are, and write the weights and temperatures alone.

    Raises ValueError when TensorFlow's float network differs from the trained one by 1e-4 or more.
    """
    out.mkdir(parents=True, exist_ok=True)
    learnt = json.loads((run / "weights.json").read_text())["members"]
    entries = []
    for name in settings.members:
        file = out / f"member-{name}.tflite"
        if not keep:
            file.write_bytes(_export(run, settings, name))
        content = file.read_bytes()
        entry: dict[str, Any] = {
            "name": name,
            "file": file.name,
            "source": settings.members[name].source,
            "sha256": hashlib.sha256(content).hexdigest(),
            **learnt[name],
        }
        member = Member(name, file, entry["sha256"], entry["temperature"])
        (golden,) = member.probabilities([golden_crop()])
        entry["golden"] = {label: round(float(p), 4) for label, p in zip(EXPRESSIONS, golden, strict=True)}
        entries.append(entry)
        print(f"{file.name}: {len(content):,} bytes", file=sys.stderr)
    described = {
        "classes": list(EXPRESSIONS),
        "members": entries,
        "training": {"splits_sha256": splits_hash(run, settings), "settings": asdict(settings)},
    }
    version = hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:12]
    (out / "ensemble.json").write_text(json.dumps({"version": version} | described, indent=2) + "\n")
    print(f"ensemble {version} in {out}", file=sys.stderr)


def splits_hash(run: Path, settings: Settings) -> str:
    """SHA-256 of the crops and labels that the members were trained on, by size and split."""
    digest = hashlib.sha256()
    for size in settings.input_sizes:
        for split in ("train", "validation"):
            crops = read_split(run, split, size)
            digest.update(crops.pictures.tobytes())
            digest.update(crops.labels.tobytes())
    return digest.hexdigest()


def _export(run: Path, settings: Settings, name: str) -> bytes:
    backbone = settings.backbone_of(name)
    train, rng = read_split(run, "train", backbone.input_size), np.random.default_rng(settings.prepare.seed)
    pictures = calibration_pictures(train, rng)
    trained = read_network(run, f"member-{name}", backbone)
    if isinstance(trained, FaceNet):
        trained = made_ready(trained, to_channels_last(torch.from_numpy(pictures)))
    model = keras_network(backbone, trained.state_dict())
    expected = logits_of(trained, pictures)
    found = model.predict(_transformed(pictures), verbose=0)
    difference = float(np.abs(expected - found).max())
    if difference >= _FLOAT_TOLERANCE:
        raise ValueError(f"member {name}: TensorFlow's logits differ from PyTorch's by {difference:.2g}")
    return quantize(model, pictures)


def quantize(model: tf.keras.Model, pictures: npt.NDArray[np.uint8]) -> bytes:
    """A TFLite model, int8 throughout: uint8 crops in, fed raw, int8 logits out; calibrated on `pictures`.

    Softmax and temperature stay outside: an int8 softmax has the fixed scale 1/256, too coarse for both.
    """

    def samples() -> Iterator[list[npt.NDArray[np.float32]]]:
        for picture in _transformed(pictures):
            yield [picture[None]]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = samples
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.int8
    content: bytes = converter.convert()
    return content


def calibration_pictures(train: Crops, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """500 training crops in equal shares of sources and classes, the first of them with a pure 0 and a pure
    255, the ends of the input's range."""
    groups = [
        np.flatnonzero((train.sources == source) & (train.labels == label))
        for source in np.unique(train.sources)
        for label in range(len(EXPRESSIONS))
    ]
    groups = [rng.permutation(group) for group in groups if len(group)]
    chosen: list[int] = []
    rank = 0
    while len(chosen) < min(_CALIBRATION_PICTURES, len(train.labels)):
        chosen += [int(group[rank]) for group in groups if rank < len(group)]
        rank += 1
    pictures = train.pictures[chosen[:_CALIBRATION_PICTURES]].copy()
    pictures[0, 0, 0], pictures[0, 0, 1] = 0, 255
    return pictures


def _transformed(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(n, size, size) uint8 → (n, size, size, 1) float32, by the training's own transform."""
    return to_input(torch.from_numpy(pictures)).permute(0, 2, 3, 1).numpy()
