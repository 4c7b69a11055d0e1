"""`make_meme` by stages, beside the floor, in a process of its own so that its peak memory is its own."""

import io
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image

from memegen import Options, make_meme

ROUNDS = 9
LONG_SIDE = 1600


def measure_in_process_of_its_own(megapixels: float) -> dict[str, Any]:
    """Medians in milliseconds: `stages`, `whole`, `floor`; `ratio` of the pairs; `peak_mib`."""
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        # Making the photo takes more memory than the meme, and a child starts from its parent's peak.
        photos = [sys.executable, "-m", "tests.benchmarks.photos", str(megapixels), file.name]
        subprocess.run(photos, check=True)
        stages = [sys.executable, "-m", "tests.benchmarks.stages", file.name]
        done = subprocess.run(stages, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def measure(photo: bytes) -> dict[str, Any]:
    meme = make_meme(photo, Options(seed=1))  # loads the models and the fonts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wholes, floors, stages = [], [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        meme = make_meme(photo, Options(seed=1))
        wholes.append(1000 * (time.perf_counter() - start))
        stages.append(meme.report["timings_ms"])
        start = time.perf_counter()
        floor(photo)
        floors.append(1000 * (time.perf_counter() - start))
    return {
        "stages": {name: statistics.median(row[name] for row in stages) for name in stages[0]},
        "whole": statistics.median(wholes),
        "floor": statistics.median(floors),
        "ratio": statistics.median(whole / least for whole, least in zip(wholes, floors, strict=True)),
        "peak_mib": peak,
    }


def floor(photo: bytes) -> bytes:
    """What no path avoids: Pillow decodes at the output's scale, shrinks to it, and encodes once."""
    with Image.open(io.BytesIO(photo)) as picture:
        scale = min(1.0, LONG_SIDE / max(picture.size))
        size = (round(picture.width * scale), round(picture.height * scale))
        picture.draft("RGB", size)
        small = picture.convert("RGB")
        if small.size != size:
            small = small.resize(size, Image.Resampling.BILINEAR, reducing_gap=1.0)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=88, subsampling="4:2:0")
    return out.getvalue()


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]).read_bytes())))
