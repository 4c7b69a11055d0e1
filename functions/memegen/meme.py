"""The pipeline: a photo's bytes and options → a meme and its report, each stage called in order."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from memegen.captions import Caption, choose_caption
from memegen.draw import draw_caption
from memegen.expressions import Reading, model_version, read_expression
from memegen.faces import Face, crop_face, find_faces
from memegen.layout import Placement, place_caption
from memegen.options import MAX_SEED, Options
from memegen.photo import read_photo, write_jpeg

_SEEMS = {
    "anger": "angry",
    "disgust": "disgusted",
    "fear": "afraid",
    "happiness": "happy",
    "neutral": "calm",
    "sadness": "sad",
    "surprise": "surprised",
}
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten or more")


@dataclass(frozen=True)
class Meme:
    """jpeg: the meme's bytes. report: what was found and made, as JSON values (see make_meme)."""

    jpeg: bytes
    report: dict[str, Any]


def make_meme(photo: bytes, options: Options = Options()) -> Meme:  # noqa: B008 - Options is frozen
    """Make a meme of a photo. The same bytes, options and models give the same meme.

    The report: status "done"; meme {width, height, bytes}; faces, largest first, each {box {left, top, width,
    height} in the meme's pixels, score, expression, confidence, probabilities}; expression, the forced one or
    the largest face's, null without a face; caption {id, text, language}; alt_text; model {version};
    timings_ms, milliseconds a stage. Without options.seed the seed is a hash of the photo's bytes.
    Raises PhotoError for a photo or an option that can't become a meme.
    """
    timings: dict[str, float] = {}
    with _timed(timings, "decode"):
        pixels = read_photo(photo).pixels
    with _timed(timings, "find"):
        faces = find_faces(pixels)
    with _timed(timings, "read"):
        readings = [read_expression(crop_face(pixels, face)) for face in faces]
    with _timed(timings, "caption"):
        expression = options.expression or (readings[0].expression if readings else None)
        seed = options.seed if options.seed is not None else _seed_of(photo)
        caption = choose_caption(expression, options, seed)
        height, width = pixels.shape[:2]
        placement = place_caption(caption, width, height, [face.box for face in faces])
    with _timed(timings, "draw"):
        drawn = draw_caption(pixels, placement)
    with _timed(timings, "encode"):
        jpeg = write_jpeg(drawn)
    scale = placement.picture.width / width
    return Meme(
        jpeg,
        {
            "status": "done",
            "meme": {"width": placement.width, "height": placement.height, "bytes": len(jpeg)},
            "faces": [
                _face_report(face, reading, placement, scale)
                for face, reading in zip(faces, readings, strict=True)
            ],
            "expression": expression,
            "caption": {"id": caption.id, "text": caption.text, "language": caption.language},
            "alt_text": _alt_text(len(faces), expression, caption),
            "model": {"version": model_version()},
            "timings_ms": timings,
        },
    )


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[stage] = round((time.perf_counter() - start) * 1000, 2)


def _seed_of(photo: bytes) -> int:
    return int.from_bytes(hashlib.sha256(photo).digest()[:8]) & MAX_SEED


def _face_report(face: Face, reading: Reading, placement: Placement, scale: float) -> dict[str, Any]:
    box = face.box
    return {
        "box": {
            "left": round(placement.picture.left + box.left * scale),
            "top": round(placement.picture.top + box.top * scale),
            "width": round(box.width * scale),
            "height": round(box.height * scale),
        },
        "score": round(face.score, 4),
        "expression": reading.expression,
        "confidence": round(reading.confidence, 4),
        "probabilities": {name: round(value, 4) for name, value in reading.probabilities.items()},
    }


def _alt_text(faces: int, expression: str | None, caption: Caption) -> str:
    """What is seen and what the caption says, as sentences that a screen reader speaks."""
    people = f"{_COUNTS[min(faces, 10)]} face{'' if faces == 1 else 's'}"
    mood = f", in a meme about feeling {_SEEMS[expression]}" if expression else ""
    text = " – ".join(part for part in (caption.top, caption.bottom) if part)
    return f"A photo with {people}{mood}. The caption says: {text}"
