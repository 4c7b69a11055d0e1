"""Checks that the quantized members read as the trained ones do, and alike in both TFLite runtimes.

Quantized kernels round in their own ways: the same file may give logits that are a step of the output's
quantization apart in tflite-runtime and in ai-edge-litert, and on processors with other instructions. So
equality is not asked for.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from memegen.face.detect import Pixels
from memegen.face.expressions import OPERATIONS, Ensemble, Interpreter, combine, softmax
from training.arrays import Float64s
from training.data.crops import Crops, read_split
from training.model.inference import logits_of
from training.model.network import read_network
from training.settings import Settings

PICTURES = 2000
LEAST_AGREEMENT = 0.96
LEAST_AGREEMENT_TOGETHER = 0.975
MOST_ACCURACY_LOSS = 0.005
MOST_MEAN_DIFFERENCE = 0.02
MOST_RUNTIME_STEPS = 2
"""By how many steps of the output's quantization the logits of the two runtimes may differ."""

# Reads logits of stored crops with the runtime's successor, in a process of its own: two copies of TensorFlow
# Lite in one process would share symbols.
_OTHER_RUNTIME = """
import sys
import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
crops = np.load(sys.argv[1])
operations = OpResolverType[sys.argv[4]]
interpreter = Interpreter(model_path=sys.argv[2], num_threads=1, experimental_op_resolver_type=operations)
interpreter.allocate_tensors()
entry, exit_ = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
scale, zero_point = exit_["quantization"]
rows = []
for crop in crops:
    interpreter.set_tensor(entry["index"], crop[None, :, :, None])
    interpreter.invoke()
    rows.append((interpreter.get_tensor(exit_["index"])[0].astype(np.float64) - zero_point) * scale)
np.savez(sys.argv[3], logits=np.stack(rows), step=scale)
"""


@dataclass(frozen=True)
class Parity:
    """How close the int8 readings of n pictures are to the float ones."""

    n: int
    agreement: float
    float_accuracy: float
    int8_accuracy: float
    mean_difference: float

    @property
    def accuracy_loss(self) -> float:
        return self.float_accuracy - self.int8_accuracy


def verify(run: Path, settings: Settings, ensemble: Ensemble) -> tuple[dict[str, Parity], list[str]]:
    """Compare float with int8, for each member and the ensemble, on 2,000 validation pictures.

    The second part has a sentence for every bound that is broken. Raises ValueError if the ensemble has a
    member that the settings or the run lack.
    """
    floats, ints, errors = [], [], []
    parities = {}
    for member in ensemble.members:
        if member.name not in settings.members:
            raise ValueError(
                f"the ensemble has a member {member.name!r}; the settings have none of that name"
            )
        backbone = settings.backbone_of(member.name)
        # The same pictures for each member, in its own size.
        validation = read_split(run, "validation", backbone.input_size)
        crops = verification_crops(validation, np.random.default_rng(settings.prepare.seed))
        model = read_network(run, f"member-{member.name}", backbone)
        own_logits = np.concatenate([member.logits([crop]) for crop in crops.pictures])
        floats.append(softmax(logits_of(model, crops.pictures) / member.temperature))
        ints.append(softmax(own_logits / member.temperature))
        parities[f"member {member.name}"] = compare(floats[-1], ints[-1], crops.labels)
        other = other_runtime_logits(member.file, crops.pictures)
        if other is not None:
            steps = runtime_steps(own_logits, *other)
            print(
                f"member {member.name}: the logits of ai-edge-litert and {runtime_name()} differ on "
                f"{int((steps > 0).sum())} of {len(steps)} pictures, by {int(steps.max())} steps at most",
                file=sys.stderr,
            )
            errors += broken_runtime_bound(member.name, steps)
    together = [combine(np.stack(parts, axis=1), ensemble.weights) for parts in (floats, ints)]
    parities["ensemble"] = compare(together[0], together[1], crops.labels)
    for name, parity in parities.items():
        errors += broken_bounds(name, parity)
    return parities, errors


def runtime_steps(logits: Float64s, other: Float64s, step: float) -> Float64s:
    """By how many quantization steps the logits (n, 7) of two runtimes differ at most, for each picture
    (n,)."""
    return np.asarray(np.round(np.abs(logits - other) / step).max(axis=1))


def broken_runtime_bound(name: str, steps: Float64s) -> list[str]:
    """A sentence if the runtimes' logits are further apart than rounding explains."""
    if steps.max() <= MOST_RUNTIME_STEPS:
        return []
    return [
        f"member {name}: the logits of the two runtimes differ by {int(steps.max())} quantization steps; "
        f"expected are {MOST_RUNTIME_STEPS} at most"
    ]


def verification_crops(validation: Crops, rng: np.random.Generator) -> Crops:
    """2,000 validation pictures in equal shares of sources, as far as a source has enough."""
    sources = np.unique(validation.sources)
    order = [rng.permutation(np.flatnonzero(validation.sources == source)) for source in sources]
    chosen: list[int] = []
    rank = 0
    while len(chosen) < min(PICTURES, len(validation.labels)):
        chosen += [int(own[rank]) for own in order if rank < len(own)]
        rank += 1
    mask = np.zeros(len(validation.labels), bool)
    mask[chosen[:PICTURES]] = True
    return validation.of(mask)


def compare(floats: Float64s, ints: Float64s, labels: npt.NDArray[np.integer]) -> Parity:
    """Two readings (n, 7) of the same pictures."""
    return Parity(
        n=len(labels),
        agreement=float((floats.argmax(axis=1) == ints.argmax(axis=1)).mean()),
        float_accuracy=float((floats.argmax(axis=1) == labels).mean()),
        int8_accuracy=float((ints.argmax(axis=1) == labels).mean()),
        mean_difference=float(np.abs(floats - ints).mean()),
    )


def broken_bounds(name: str, parity: Parity) -> list[str]:
    """A sentence for each bound that a parity breaks."""
    least = LEAST_AGREEMENT_TOGETHER if name == "ensemble" else LEAST_AGREEMENT
    errors = []
    if parity.agreement < least:
        errors.append(f"{name}: int8 agrees with float on {parity.agreement:.1%}; expected is {least:.1%}")
    if parity.accuracy_loss > MOST_ACCURACY_LOSS:
        errors.append(
            f"{name}: int8 loses {parity.accuracy_loss:.2%} of accuracy; expected is "
            f"{MOST_ACCURACY_LOSS:.1%} at most"
        )
    if parity.mean_difference > MOST_MEAN_DIFFERENCE:
        errors.append(
            f"{name}: probabilities differ by {parity.mean_difference:.3f} on average; expected is "
            f"{MOST_MEAN_DIFFERENCE} at most"
        )
    return errors


def other_runtime_logits(file: Path, pictures: Pixels) -> tuple[Float64s, float] | None:
    """The logits (n, 7) that ai-edge-litert gives and the size of their quantization step.

    None if ai-edge-litert is not installed beside tflite-runtime.
    """
    if importlib.util.find_spec("ai_edge_litert") is None or runtime_name() == "ai-edge-litert":
        return None
    with tempfile.TemporaryDirectory() as folder:
        crops, logits = Path(folder) / "crops.npy", Path(folder) / "logits.npz"
        np.save(crops, pictures)
        command = [sys.executable, "-c", _OTHER_RUNTIME, str(crops), str(file), str(logits), OPERATIONS.name]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
        with np.load(logits) as read:
            return read["logits"], float(read["step"])


def runtime_name() -> str:
    """The package whose interpreter runs the members in this process."""
    return "tflite-runtime" if Interpreter.__module__.startswith("tflite_runtime") else "ai-edge-litert"


def show(parities: dict[str, Parity], errors: list[str], as_json: bool) -> None:
    """Print the findings as JSON, or as a table for a person."""
    if as_json:
        described: dict[str, Any] = {name: vars(parity) for name, parity in parities.items()}
        print(json.dumps({"parity": described, "errors": errors}))
        return
    print(f"{'':<10}{'n':>7}{'agreement':>11}{'float':>8}{'int8':>8}{'mean difference':>17}")
    for name, parity in parities.items():
        print(
            f"{name:<10}{parity.n:>7,}{parity.agreement:>11.1%}{parity.float_accuracy:>8.3f}"
            f"{parity.int8_accuracy:>8.3f}{parity.mean_difference:>17.4f}"
        )
    for error in errors:
        print(error)
