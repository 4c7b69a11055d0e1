"""`make_meme` by stages, beside the floor, in a process of its own so that its peak memory is its own.

`whole` and `floor` are processor time, what one core takes; the stages are by the clock.
"""

import io
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image

from memegen import Options, make_meme
from tests.bench.benchmarks.memory import peak

ROUNDS = 9
LONG_SIDE = 1600


def measure_in_process_of_its_own(photo: Path) -> dict[str, Any]:
    """Medians in milliseconds: `stages`, `whole`, `floor`; `ratio`s of the pairs; `peak_mib`."""
    command = [sys.executable, "-m", "tests.bench.benchmarks.stages", str(photo)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def measure(photo: bytes) -> dict[str, Any]:
    meme = make_meme(photo, Options(style="classic", seed=1))  # loads the models and the fonts
    wholes, floors, stages = [], [], []
    for _ in range(ROUNDS):
        start = time.process_time()
        meme = make_meme(photo, Options(style="classic", seed=1))
        wholes.append(1000 * (time.process_time() - start))
        stages.append(meme.report["timings_ms"])
        start = time.process_time()
        floor(photo)
        floors.append(1000 * (time.process_time() - start))
    return {
        "stages": {name: statistics.median(row[name] for row in stages) for name in stages[0]},
        "whole": statistics.median(wholes),
        "floor": statistics.median(floors),
        "ratio": statistics.median(whole / least for whole, least in zip(wholes, floors, strict=True)),
        "peak_mib": peak(),
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
