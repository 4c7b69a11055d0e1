"""Face crops → their expressions, by an ensemble of quantized networks with per-class ensemble weights."""

import functools
import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from memegen.face.crop import INPUT_SIZES, SMALL_SIZE, square_crop
from memegen.face.detect import Pixels
from memegen.options import EXPRESSIONS

try:
    from tflite_runtime.interpreter import Interpreter, OpResolverType
except ImportError:  # Python 3.12 and later have the runtime's successor, with the same interface
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

MODELS = Path(__file__).parents[1] / "models"

# The runtime's own operations, without a delegate: their results hardly depend on the processor or the
# runtime. On some pictures logits differ by a quantization step or two (model_export/verify.py). A delegate
# differs more.
OPERATIONS = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES

_GOLDEN_TOLERANCE = 0.05  # another build of the runtime may round differently; a broken model is far off


class ModelError(Exception):
    """A model file that can't be used. The message names it. The function must not start with it."""


@dataclass(frozen=True)
class Reading:
    """A face's expression: one of EXPRESSIONS, its probability, and those of all seven, which sum to 1."""

    expression: str
    confidence: float
    probabilities: dict[str, float]


def read_expressions(crops: Sequence[Pixels]) -> list[Reading]:
    """Read the expression of each face crop, grey or RGB uint8 of any size. Many threads may call it at once.

    Raises ModelError, at the first call, when the shipped models can't be used.
    """
    return [_reading(scores) for scores in shipped().probabilities(crops)] if crops else []


def model_version() -> str:
    """The shipped ensemble's version: a hash of its content."""
    return shipped().version


@functools.cache
def shipped() -> "Ensemble":
    """The ensemble in the package, loaded and checked once."""
    return Ensemble(MODELS)


class Ensemble:
    """The members that `ensemble.json` of a folder lists, with their per-class ensemble weights.

    Raises ModelError when a file is missing, damaged or of another shape, or when the members read the golden
    crop differently than at export.
    """

    def __init__(self, folder: Path) -> None:
        file = folder / "ensemble.json"
        try:
            self._load(folder, _read_description(file))
        except KeyError as error:
            raise ModelError(f"{file} lacks {error}. Export the models again.") from error

    def _load(self, folder: Path, description: dict[str, Any]) -> None:
        self.version: str = description["version"]
        self.members = [
            Member(entry["name"], folder / entry["file"], entry["sha256"], entry["temperature"])
            for entry in description["members"]
        ]
        self.weights = np.array(
            [[entry["class_weights"][name] for name in EXPRESSIONS] for entry in description["members"]]
        )
        for member, entry in zip(self.members, description["members"], strict=True):
            expected = np.array([entry["golden"][name] for name in EXPRESSIONS])
            (found,) = member.probabilities([golden_crop()])
            if np.abs(found - expected).max() > _GOLDEN_TOLERANCE:
                raise ModelError(
                    f"{member.file} reads the golden crop as {np.round(found, 3).tolist()}; at its export "
                    f"it read {np.round(expected, 3).tolist()}. Export the models again with "
                    "python -m model_export build."
                )

    def probabilities(self, crops: Sequence[Pixels]) -> npt.NDArray[np.float64]:
        """The ensemble's probabilities for n face crops, one at least: (n, 7), where each row sums to 1.

        crops: grey or RGB uint8, each of any size. Each member reads them in its own size.
        """
        members = np.stack([member.probabilities(crops) for member in self.members], axis=1)
        return combine(members, self.weights)


class Member:
    """One quantized network: face crops → seven probabilities for each.

    size: the side, in pixels, in which it reads them: one of INPUT_SIZES, as its file says.
    """

    def __init__(self, name: str, file: Path, sha256: str, temperature: float) -> None:
        self.name = name
        self.file = file
        self.temperature = temperature
        try:
            self._content = file.read_bytes()
        except OSError as error:
            raise ModelError(f"{file} can't be read: {error.strerror}. Install MemeGen again.") from error
        found = hashlib.sha256(self._content).hexdigest()
        if found != sha256:
            raise ModelError(
                f"{file} has the SHA-256 {found[:12]}…; ensemble.json expects {sha256[:12]}…. The file is "
                "damaged or from another version: install MemeGen again, or export the models again."
            )
        self._local = threading.local()
        self.size = int(self._interpreter().get_input_details()[0]["shape"][1])

    def probabilities(self, crops: Sequence[Pixels]) -> npt.NDArray[np.float64]:
        """Probabilities (n, 7), in the order of EXPRESSIONS, of crops as `Ensemble.probabilities` takes
        them."""
        return softmax(self.logits(crops) / self.temperature)

    def logits(self, crops: Sequence[Pixels]) -> npt.NDArray[np.float64]:
        """Dequantized logits (n, 7) of crops as `Ensemble.probabilities` takes them.

        One call for all crops takes a tenth less time than a call for each, and gives the same bits.
        """
        interpreter = self._interpreter()
        entry, exit_ = self._local.entry, self._local.exit
        if self._local.count != len(crops):
            interpreter.resize_tensor_input(entry, (len(crops), self.size, self.size, 1))
            interpreter.allocate_tensors()
            self._local.count = len(crops)
        seen = np.stack([square_crop(crop, self.size) for crop in crops])
        interpreter.set_tensor(entry, seen[..., None])
        interpreter.invoke()
        quantized = interpreter.get_tensor(exit_).astype(np.float64)
        return np.asarray((quantized - self._local.zero_point) * self._local.scale)

    def _interpreter(self) -> Any:
        # An interpreter shared by threads gives wrong answers, so each thread has its own.
        if not hasattr(self._local, "interpreter"):
            try:
                interpreter = Interpreter(
                    model_content=self._content, num_threads=1, experimental_op_resolver_type=OPERATIONS
                )
                interpreter.allocate_tensors()
                entry, exit_ = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
            except (ValueError, RuntimeError) as error:
                raise ModelError(f"{self.file} is not a TFLite model that can run: {error}") from error
            for detail, shapes, kind in (
                (entry, [(1, size, size, 1) for size in INPUT_SIZES], np.uint8),
                (exit_, [(1, len(EXPRESSIONS))], np.int8),
            ):
                if tuple(detail["shape"]) not in shapes or detail["dtype"] is not kind:
                    raise ModelError(
                        f"{self.file} has a tensor of shape {_shown(detail['shape'])} and type "
                        f"{detail['dtype'].__name__}; expected: {' or '.join(map(_shown, shapes))} and "
                        f"{kind.__name__}. Export the models again with python -m model_export build."
                    )
            self._local.entry, self._local.exit, self._local.count = entry["index"], exit_["index"], 1
            self._local.scale, self._local.zero_point = exit_["quantization"]
            self._local.interpreter = interpreter
        return self._local.interpreter


def _shown(shape: Sequence[int]) -> str:
    return str(tuple(int(side) for side in shape))


def _reading(scores: npt.NDArray[np.float64]) -> Reading:
    best = int(scores.argmax())
    by_name = {name: float(score) for name, score in zip(EXPRESSIONS, scores, strict=True)}
    return Reading(EXPRESSIONS[best], float(scores[best]), by_name)


def combine(members: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """score[class] = Σ weight[member][class] · probability[member][class], normalised to sum 1.

    members: (..., members, 7) probabilities. weights: (members, 7), 0 or more. Returns (..., 7).
    """
    scores = (members * weights).sum(axis=-2)
    return np.asarray(scores / scores.sum(axis=-1, keepdims=True))


def softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probabilities of logits along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def golden_crop() -> Pixels:
    """A drawn crop, (48, 48) uint8. Its reading is stored at export and checked when the models load."""
    down, across = np.mgrid[0:SMALL_SIZE, 0:SMALL_SIZE].astype(np.float64) / SMALL_SIZE
    face = 150 * np.exp(-(((across - 0.5) / 0.42) ** 4) - ((down - 0.5) / 0.5) ** 4)
    eyes = 110 * (np.exp(-((across - 0.3) ** 2) / 0.006 - (down - 0.39) ** 2 / 0.003))
    eyes += 110 * (np.exp(-((across - 0.7) ** 2) / 0.006 - (down - 0.39) ** 2 / 0.003))
    mouth = 90 * np.exp(
        -((down - 0.8 + 0.6 * (across - 0.5) ** 2) ** 2) / 0.002 - ((across - 0.5) / 0.2) ** 4
    )
    return np.clip(60 + face - eyes - mouth, 0, 255).astype(np.uint8)


def _read_description(file: Path) -> dict[str, Any]:
    try:
        description: dict[str, Any] = json.loads(file.read_text())
    except OSError as error:
        raise ModelError(f"{file} can't be read: {error.strerror}. Install MemeGen again.") from error
    except ValueError as error:
        raise ModelError(f"{file} is not JSON: {error}") from error
    if description.get("classes") != list(EXPRESSIONS):
        raise ModelError(
            f"{file} lists the classes {description.get('classes')}; expected: {list(EXPRESSIONS)}."
        )
    return description
