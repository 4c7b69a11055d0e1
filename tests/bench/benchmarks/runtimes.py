"""tflite-runtime beside its successor ai-edge-litert on the shipped members.

`.venv-bench/bin/python tests/bench/benchmarks/runtimes.py MODELS` prints JSON: of each runtime, with its own
operations (as served) and with its default delegate, and of each number of threads the milliseconds by the
clock that the members take a face, and by how much their logits differ at most from the served ones.
"""

import itertools
import json
import statistics
import sys
import time
from pathlib import Path

import ai_edge_litert.interpreter
import numpy as np
import tflite_runtime.interpreter

RUNTIMES = {
    "tflite-runtime 2.14": tflite_runtime.interpreter,
    "ai-edge-litert 2.3": ai_edge_litert.interpreter,
}
OPERATIONS = {"own": "BUILTIN_WITHOUT_DEFAULT_DELEGATES", "delegate": "AUTO"}
THREADS = (1, 2)
CROPS = 200


def main(folder):
    files = [
        folder / entry["file"] for entry in json.loads((folder / "ensemble.json").read_text())["members"]
    ]
    crops = np.random.default_rng(0).integers(0, 256, (CROPS, 96, 96), dtype=np.uint8)
    ways = {way: _members(files, *way) for way in itertools.product(RUNTIMES, OPERATIONS, THREADS)}
    times = {way: [] for way in ways}
    answers = {way: [] for way in ways}
    for crop in crops:
        for way, members in ways.items():
            begun = time.perf_counter()
            answers[way].append([_read(member, crop) for member in members])
            times[way].append(1000 * (time.perf_counter() - begun))
    served = np.array(next(iter(answers.values())))
    return [
        {
            "runtime": runtime,
            "operations": operations,
            "threads": threads,
            "ms": statistics.median(times[runtime, operations, threads]),
            "difference": float(np.abs(served - np.array(answers[runtime, operations, threads])).max()),
        }
        for runtime, operations, threads in ways
    ]


def _members(files, runtime, operations, threads):
    module = RUNTIMES[runtime]
    resolver = module.OpResolverType[OPERATIONS[operations]]
    members = [
        module.Interpreter(model_path=str(file), num_threads=threads, experimental_op_resolver_type=resolver)
        for file in files
    ]
    for member in members:
        member.allocate_tensors()
    return members


def _read(member, crop):
    """Dequantized logits, (7,). A part of the noise is noise too, for a member that reads less."""
    entry = member.get_input_details()[0]
    side = entry["shape"][1]
    exit_ = member.get_output_details()[0]
    scale, zero = exit_["quantization"]
    member.set_tensor(entry["index"], crop[None, :side, :side, None])
    member.invoke()
    return (member.get_tensor(exit_["index"])[0].astype(float) - zero) * scale


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
