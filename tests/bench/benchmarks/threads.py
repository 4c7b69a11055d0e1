"""Many memes by four threads of one process, each compared with the meme made alone."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image

from memegen import Meme, Options, make_meme
from memegen.caption.choose import languages
from memegen.options import STYLES
from tests.bench.benchmarks.photos import saved
from tests.support.people import LOOKS, draw_people

THREADS = 4
_LANGUAGES = languages()


@dataclass(frozen=True)
class Outcome:
    """memes: how many were made. right: how many equal the one made alone, bytes and report but its times.
    alone, together: memes a second by one thread and by THREADS."""

    memes: int
    right: int
    alone: float
    together: float


def compare(count: int, size: tuple[int, int]) -> Outcome:
    """Makes `count` different memes, of photos of that width and height, alone and then by four threads."""
    orders = [_order(number, size) for number in range(count)]
    make_meme(*orders[0])  # loads the models and the fonts
    begun = time.perf_counter()
    expected = [_facts(make_meme(*order)) for order in orders]
    alone = time.perf_counter() - begun
    with ThreadPoolExecutor(THREADS) as threads:
        begun = time.perf_counter()
        found = list(threads.map(lambda order: _facts(make_meme(*order)), orders))
        together = time.perf_counter() - begun
    right = sum(one == other for one, other in zip(expected, found, strict=True))
    return Outcome(count, right, count / alone, count / together)


def _order(number: int, size: tuple[int, int]) -> tuple[bytes, Options]:
    looks = list(LOOKS)
    people = [looks[(number + place) % len(looks)] for place in range(1 + number % 3)]
    picture = draw_people(people, size, number)
    if number % 4 == 0:
        picture = picture[: size[1] // 4]  # above the heads: no face
    style = STYLES[number % len(STYLES)]
    options = Options(seed=number, style=style, language=_LANGUAGES[number % len(_LANGUAGES)])
    return saved(Image.fromarray(picture), "JPEG", quality=88), options


def _facts(meme: Meme) -> tuple[bytes, dict[str, object]]:
    return meme.jpeg, {name: value for name, value in meme.report.items() if name != "timings_ms"}
