"""tflite-runtime beside its successor ai-edge-litert on the shipped members.

`.venv-bench/bin/python tests/benchmarks/runtimes.py MODELS` prints JSON: of each runtime and number of
threads the milliseconds by the clock that the members take a face, and by how much their answers differ at
most.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import ai_edge_litert.interpreter
import numpy as np
import tflite_runtime.interpreter

RUNTIMES = {
    "tflite-runtime 2.14": tflite_runtime.interpreter.Interpreter,
    "ai-edge-litert 2.3": ai_edge_litert.interpreter.Interpreter,
}
THREADS = (1, 2)
CROPS = 200


def main(folder):
    files = [
        folder / entry["file"] for entry in json.loads((folder / "ensemble.json").read_text())["members"]
    ]
    crops = np.random.default_rng(0).integers(0, 256, (CROPS, 1, 48, 48, 1), dtype=np.uint8)
    ways = {(name, threads): _members(files, name, threads) for name in RUNTIMES for threads in THREADS}
    times = {way: [] for way in ways}
    answers = {way: [] for way in ways}
    for crop in crops:
        for way, members in ways.items():
            begun = time.perf_counter()
            answers[way].append([_read(member, crop) for member in members])
            times[way].append(1000 * (time.perf_counter() - begun))
    first, *others = (np.array(answer) for answer in answers.values())
    rows = [
        {"runtime": name, "threads": threads, "ms": statistics.median(times[name, threads])}
        for name, threads in ways
    ]
    return {"rows": rows, "largest_difference": max(float(np.abs(first - other).max()) for other in others)}


def _members(files, name, threads):
    members = [RUNTIMES[name](model_path=str(file), num_threads=threads) for file in files]
    for member in members:
        member.allocate_tensors()
    return members


def _read(member, crop):
    """Dequantized logits, (7,)."""
    exit_ = member.get_output_details()[0]
    scale, zero = exit_["quantization"]
    member.set_tensor(member.get_input_details()[0]["index"], crop)
    member.invoke()
    return (member.get_tensor(exit_["index"])[0].astype(float) - zero) * scale


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
