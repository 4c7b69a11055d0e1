"""Side by side with the PyPI package fer: the readers on the same crops, the whole paths on the same photos.

`python -m tests.bench.benchmarks.peers PHOTOS [CROPS]` prints it as JSON. It runs on one core; fer does in a
process of its own, in turn with ours, and milliseconds are processor time. CROPS is a folder `<expression>/*`
of face crops.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, f1_score

from infra.tools.package import ROOT
from memegen import Options, make_meme
from memegen.face.expressions import read_expressions
from memegen.options import EXPRESSIONS
from tests.bench.benchmarks.photos import crowd, jpeg_file, saved
from tests.support.people import draw_people

PYTHON = ROOT / ".venv-bench" / "bin" / "python"
_ROUNDS = 5
_AT_ONCE = 100
_WORKER = Path(__file__).with_name("fer_worker.py")


def measure_in_process_of_its_own(photos: Path, crops: Path | None) -> dict[str, Any]:
    """`whole`: rows of photo, our faces and ms, fer's faces and ms. `readers`, with crops: count, McNemar's p
    and of each reader `ours` and `fer` accuracy, macro_f1 and ms."""
    command = [
        sys.executable,
        "-m",
        "tests.bench.benchmarks.peers",
        str(photos),
        *([str(crops)] if crops else []),
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def mcnemar(ours: list[bool], others: list[bool]) -> float:
    """The exact two-sided p of McNemar's test (Psychometrika 1947): of the pictures that only one of two
    readers read right, whether each reader's share could be a half."""
    only_ours = sum(a and not b for a, b in zip(ours, others, strict=True))
    only_others = sum(b and not a for a, b in zip(ours, others, strict=True))
    if only_ours + only_others == 0:
        return 1.0
    return float(binomtest(only_ours, only_ours + only_others).pvalue)


def _measure(photos: Path, crops: Path | None) -> dict[str, Any]:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    command = [str(PYTHON), str(_WORKER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as fer:

        def ask(question: object) -> Any:
            assert fer.stdin and fer.stdout
            print(json.dumps(question), file=fer.stdin, flush=True)
            return json.loads(fer.stdout.readline())

        assert fer.stdout
        classes = json.loads(fer.stdout.readline())["classes"]
        whole = _whole_paths(photos, ask)
        readers = _readers(crops, classes, ask) if crops else None
        fer.stdin.close()  # type: ignore[union-attr]
    return {"whole": whole, "readers": readers}


def _readers(crops: Path, classes: list[str], ask: Callable[[object], Any]) -> dict[str, Any]:
    pairs = [(path, name) for name in EXPRESSIONS for path in sorted((crops / name).iterdir())]
    right = [name for _, name in pairs]
    ours, others = [], []
    for start in range(0, len(pairs), _AT_ONCE):
        paths = [str(path) for path, _ in pairs[start : start + _AT_ONCE]]
        ours += [_read(path) for path in paths]
        others += [
            (classes[int(np.argmax(scores))], milliseconds) for scores, milliseconds in ask({"crops": paths})
        ]
    hits = [[name == seen for name, (seen, _) in zip(right, read, strict=True)] for read in (ours, others)]
    return {
        "count": len(pairs),
        "p": mcnemar(*hits),
        "ours": _scores(right, ours),
        "fer": _scores(right, others),
    }


def _read(path: str) -> tuple[str, float]:
    crop = np.asarray(cv2.imread(path, cv2.IMREAD_GRAYSCALE), np.uint8)
    begun = time.process_time()
    (reading,) = read_expressions([crop])
    return reading.expression, 1000 * (time.process_time() - begun)


def _scores(right: list[str], read: list[tuple[str, float]]) -> dict[str, float]:
    seen = [name for name, _ in read]
    return {
        "accuracy": float(accuracy_score(right, seen)),
        "macro_f1": float(f1_score(right, seen, average="macro")),
        "ms": statistics.median(milliseconds for _, milliseconds in read),
    }


def _whole_paths(folder: Path, ask: Callable[[object], Any]) -> list[dict[str, Any]]:
    photos = {
        "a portrait of 2 MP": jpeg_file(folder, 2),
        "a portrait of 12 MP": jpeg_file(folder, 12),
        "the page's sample": ROOT / "web" / "sample.jpg",
        "three drawn people": _kept(
            folder, "drawn", draw_people(["happiness", "anger", "fear"], (1600, 1200))
        ),
        "ten small faces": _kept(folder, "small", crowd(10)),
        "no face": _kept(folder, "none", crowd(0)),
    }
    rows = []
    for name, path in photos.items():
        photo = path.read_bytes()
        pairs = [(_meme(photo), ask({"photo": str(path)})) for _ in range(_ROUNDS)]
        (ours, _), (others, _) = pairs[-1]
        rows.append(
            {
                "photo": name,
                "our_faces": ours,
                "our_ms": statistics.median(milliseconds for (_, milliseconds), _ in pairs),
                "fer_faces": others,
                "fer_ms": statistics.median(milliseconds for _, (_, milliseconds) in pairs),
            }
        )
    return rows


def _meme(photo: bytes) -> tuple[int, float]:
    begun = time.process_time()
    meme = make_meme(photo, Options(seed=1))
    return len(meme.report["faces"]), 1000 * (time.process_time() - begun)


def _kept(folder: Path, name: str, pixels: Any) -> Path:
    path = folder / f"peers-{name}.jpg"
    path.write_bytes(saved(Image.fromarray(pixels), "JPEG", quality=88))
    return path


if __name__ == "__main__":
    photos_folder, *crops_folder = (Path(argument) for argument in sys.argv[1:])
    print(json.dumps(_measure(photos_folder, crops_folder[0] if crops_folder else None)))
