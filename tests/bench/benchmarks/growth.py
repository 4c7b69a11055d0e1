"""How the cost of a meme grows: with the photos served before, with faces, with the photo's pixels.

Processor time, which other programs on the machine hardly disturb.

`python -m tests.bench.benchmarks.growth FOLDER` prints it as JSON; FOLDER holds the
photos of `photos.write_all`.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from memegen import Options, make_meme
from memegen.face.crop import crop_face
from memegen.face.detect import find_faces
from memegen.face.expressions import read_expressions
from memegen.photo.decode import read_photo
from tests.bench.benchmarks.memory import resident
from tests.bench.benchmarks.photos import SIZES, crowd, jpeg_file, saved
from tests.support.people import LOOKS, draw_people

SERVED = 1000
REST_AFTER = (20, 100, 300, SERVED)
FACES = range(11)
ROUNDS = 5


def measure_in_process_of_its_own(folder: Path) -> dict[str, Any]:
    """`served`: ms of each of 1,000 photos in turn; `resident`: MiB after so many of them, as pairs;
    `faces`: ms with 0 to 10 small faces; `sure_face`: ms of one that needs no second look; `pixels`:
    megapixels, ms of a meme, ms of decoding."""
    command = [sys.executable, "-m", "tests.bench.benchmarks.growth", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def slope(values: list[float]) -> float:
    """By how much a value is larger than the one before it, by least squares."""
    return statistics.linear_regression(range(len(values)), values).slope


def _measure(folder: Path) -> dict[str, Any]:
    served, rest = _serve()
    return {
        "served": served,
        "resident": rest,
        "faces": [_with_faces(faces) for faces in FACES],
        "sure_face": _sure_face(folder),
        "pixels": [_with_pixels(folder, megapixels) for megapixels in SIZES],
    }


def _serve() -> tuple[list[float], list[tuple[int, float]]]:
    looks = list(LOOKS)
    photos = [
        _jpeg(draw_people([look, looks[-1]][: 1 + n % 2], (640, 480), n)) for n, look in enumerate(looks)
    ]
    costs, rest = [], []
    for number in range(SERVED):
        photo = photos[number % len(photos)]
        costs.append(_milliseconds(lambda photo=photo, seed=number: make_meme(photo, Options(seed=seed))))
        if number + 1 in REST_AFTER:
            rest.append((number + 1, resident()))
    return costs, rest


def _sure_face(folder: Path) -> float:
    """What a face costs after it was found, where the finder is sure that it stands upright."""
    pixels = read_photo(jpeg_file(folder, 2).read_bytes())
    (face,) = find_faces(pixels)
    return statistics.median(
        _milliseconds(lambda: read_expressions([crop_face(pixels, face)])) for _ in range(4 * ROUNDS)
    )


def _with_faces(faces: int) -> float:
    photo = _jpeg(crowd(faces))
    return statistics.median(
        _milliseconds(lambda: make_meme(photo, Options(seed=1, expression="neutral"))) for _ in range(ROUNDS)
    )


def _with_pixels(folder: Path, megapixels: float) -> tuple[float, float, float]:
    photo = jpeg_file(folder, megapixels).read_bytes()
    pairs = [
        (_milliseconds(lambda: make_meme(photo, Options(seed=1))), _milliseconds(lambda: read_photo(photo)))
        for _ in range(ROUNDS)
    ]
    return megapixels, *(statistics.median(column) for column in zip(*pairs, strict=True))


def _jpeg(pixels: Any) -> bytes:
    return saved(Image.fromarray(pixels), "JPEG", quality=88)


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start)


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]))))
