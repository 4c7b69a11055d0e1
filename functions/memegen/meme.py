"""The pipeline: a photo's bytes and options → a meme and its report, each stage called in order."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from memegen.caption.alt_text import alt_text
from memegen.caption.choose import Caption, choose_caption
from memegen.caption.mood import Mood, mood_of
from memegen.draw import draw_caption
from memegen.face.detect import Face, crop_face, find_faces
from memegen.face.expressions import Reading, model_version, read_expressions
from memegen.face.occlusion import is_hidden
from memegen.layout.layout import place_caption
from memegen.layout.placement import Placement
from memegen.options import MAX_SEED, Options
from memegen.photo.decode import read_photo, write_jpeg
from memegen.text.fonts import shaping_available


@dataclass(frozen=True)
class Meme:
    """jpeg: the meme's bytes. report: what was found and made, as JSON values (see make_meme)."""

    jpeg: bytes
    report: dict[str, Any]


def make_meme(photo: bytes, options: Options = Options()) -> Meme:  # noqa: B008 - Options is frozen
    """Make a meme of a photo. The same bytes, options and models give the same meme.

    The report: status "done"; meme {width, height, bytes}; faces, largest first, each {box {left, top, width,
    height} in the meme's pixels, score, expression, confidence, probabilities}; expression, the forced one or
    the largest face's, null without a face; caption {id, text, language, language_asked}, the last only where
    the caption's language is another; alt_text; model {version}; timings_ms, milliseconds a stage; shaping,
    false, only where Pillow can't shape text, so that Indic and right-to-left scripts are not drawn.
    Without options.seed the seed is a hash of the photo's bytes.
    Raises PhotoError for a photo or an option that can't become a meme.
    """
    timings: dict[str, float] = {}
    with _timed(timings, "decode"):
        pixels = read_photo(photo).pixels
    with _timed(timings, "find"):
        faces = find_faces(pixels)
    with _timed(timings, "read"):
        crops = [crop_face(pixels, face) for face in faces]
        readings = read_expressions(crops)
        hidden = [is_hidden(face, crop) for face, crop in zip(faces, crops, strict=True)]
    with _timed(timings, "caption"):
        seen = [reading.expression for reading in readings]
        expression = options.expression or (seen[0] if seen else None)
        mood = Mood(options.expression, 1.0) if options.expression else mood_of(faces, readings, hidden)
        seed = options.seed if options.seed is not None else _seed_of(photo)
        caption = choose_caption(mood, options, seed)
        height, width = pixels.shape[:2]
        boxes = [face.box for face in faces]
        placement = place_caption(caption, width, height, boxes, options.style)
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
            "caption": _caption_report(caption, options.language),
            "alt_text": alt_text(_as_forced(seen, options.expression), not mood.is_weak, caption),
            "model": {"version": model_version()},
            "timings_ms": timings,
            **({} if shaping_available() else {"shaping": False}),
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


def _caption_report(caption: Caption, asked: str) -> dict[str, str]:
    report = {"id": caption.id, "text": caption.text, "language": caption.language}
    if caption.language.lower() != asked.lower():  # tags are the same in any case
        report["language_asked"] = asked
    return report


def _as_forced(seen: list[str], forced: str | None) -> list[str]:
    """The faces' expressions; a forced one takes the largest face's place, since whoever forces it knows."""
    return [forced, *seen[1:]] if forced and seen else seen
