"""What each style and each animation costs, beside a classic meme of the same photo, measured in turn.

The photo is 1,600 pixels wide and shows two drawn people, so that every style suits it.
"""

import io
import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

from PIL import Image

from memegen import Options, make_meme
from memegen.options import ANIMATIONS, MOVING_STYLES, STYLES
from tests.support.people import draw_people

ROUNDS = 9
_OWN = ("caption", "draw", "animate")  # the stages that differ by the style


@dataclass(frozen=True)
class Cost:
    """ratio: a whole meme's processor time by that of a classic one, the median of pairs. own: the
    milliseconds of processor time that choosing the words, laying out and drawing take, and making an
    animation, by their share of the clock's time."""

    ratio: float
    own: float


def measure_in_process_of_its_own() -> dict[str, Cost]:
    """By the style, and by the style and the kind of animation."""
    command = [sys.executable, "-m", "tests.bench.benchmarks.styles"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return {name: Cost(**cost) for name, cost in json.loads(done.stdout).items()}


def measure() -> dict[str, Cost]:
    photo = _photo()
    asked = {style: Options(style=style, seed=1) for style in STYLES}
    for style in MOVING_STYLES:
        asked |= {f"{style}, {kind}": Options(style=style, seed=1, animate=kind) for kind in ANIMATIONS}
    for options in asked.values():  # loads the models, the styles and their fonts
        became = make_meme(photo, options).report["style"]["name"]
        assert became == options.style, f"{options.style} became {became}"
    ratios: dict[str, list[float]] = {name: [] for name in asked}
    own: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, options in asked.items():
            start = time.process_time()
            make_meme(photo, asked["classic"])
            between = time.process_time()
            took = make_meme(photo, options).report["timings_ms"]
            whole = time.process_time() - between
            ratios[name].append(whole / (between - start))
            share = sum(took.get(stage, 0.0) for stage in _OWN) / sum(took.values())
            own[name].append(1000 * whole * share)
    return {name: Cost(statistics.median(ratios[name]), statistics.median(own[name])) for name in asked}


def _photo() -> bytes:
    out = io.BytesIO()
    Image.fromarray(draw_people(["happiness", "fear"], (1600, 1200), 1)).save(out, "JPEG", quality=88)
    return out.getvalue()


if __name__ == "__main__":
    print(json.dumps({name: asdict(cost) for name, cost in measure().items()}))
