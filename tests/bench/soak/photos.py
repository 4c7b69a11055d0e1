"""The soak's photos, each with the meme that the library alone makes of it."""

import base64
import hashlib
import io
from dataclasses import dataclass
from functools import cache

from PIL import Image

from memegen import Options, make_meme
from memegen.options import EXPRESSIONS
from tests.support.people import draw_people

SEED = 7
SIZES = ((1280, 960), (640, 480), (960, 1280), (1600, 900))
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}


@dataclass(frozen=True)
class Photo:
    """A file, its media type, and the base64 MD5 of its meme under SEED."""

    data: bytes
    content_type: str
    meme_md5: str


@cache
def photos() -> tuple[Photo, ...]:
    """One drawn person an expression, in turn in four sizes and four formats; most files are JPEG."""
    return tuple(_photo(number) for number in range(2 * len(EXPRESSIONS)))


def _photo(number: int) -> Photo:
    expression = EXPRESSIONS[number % len(EXPRESSIONS)]
    form = "JPEG" if number % 2 else list(FORMATS)[number // 2 % len(FORMATS)]
    out = io.BytesIO()
    Image.fromarray(draw_people([expression], SIZES[number % len(SIZES)], number)).save(out, form)
    meme = make_meme(out.getvalue(), Options(seed=SEED)).jpeg
    md5 = base64.b64encode(hashlib.md5(meme).digest()).decode()
    return Photo(out.getvalue(), FORMATS[form], md5)
