"""The pipeline: a photo's bytes and options → a meme and its report. It calls each stage in order."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from memegen.caption.alt_text import alt_text
from memegen.caption.choose import Caption
from memegen.draw import draw_caption
from memegen.face.detect import MAX_FACES, find_faces
from memegen.face.expressions import model_version
from memegen.face.read import ReadFace, read_faces
from memegen.layout.compose import Composition, Picture, compose
from memegen.layout.ground import focus_of, is_page, plain_rows
from memegen.layout.placement import Placement
from memegen.layout.top import top_of
from memegen.options import AUTO, MAX_SEED, Options
from memegen.photo.animation import write_animation
from memegen.photo.decode import read_photo
from memegen.photo.encode import write_jpeg
from memegen.photo.enlarge import enlarge
from memegen.text.shaping import shaping_available


@dataclass(frozen=True)
class Meme:
    """jpeg: the meme's bytes. report: what was found and made, as JSON values; make_meme describes it.
    pixels: what was encoded, (height, width, 3) uint8 sRGB. animation: the animation's bytes, or None."""

    jpeg: bytes
    report: dict[str, Any]
    pixels: np.ndarray = field(repr=False, compare=False)
    animation: bytes | None = None


def make_meme(photo: bytes, options: Options = Options()) -> Meme:  # noqa: B008 - Options is frozen
    """Make a meme of a photo. The same bytes, options and models give the same meme.

    Without options.seed the seed is a hash of the photo's bytes. The report holds:
        status: "done".
        meme: {width, height, bytes}.
        outputs: of the JPEG, and then of the animation where one was asked for, {type, width, height, bytes};
            type is the media type.
        faces: the largest first, each {box {left, top, width, height} in the meme's pixels, score,
            expression, confidence, probabilities}.
        expression: the forced one or that of the face the meme is about; null without either.
        style: {name, asked}, with why where it is another than the one asked for: a code, such as no-room.
        caption: {id, text, language}, with language_asked where another language was asked for.
        captions: up to three that fit, each {id, text}: the meme's, then those of the next variants.
        alt_text: sentences for a screen reader.
        model: {version}.
        timings_ms: milliseconds for each stage.
        shaping: false, and only where Pillow can't shape text. Indic and right-to-left scripts are then not
            drawn.
    Raises PhotoError for a photo or an option that can't become a meme.
    """
    timings: dict[str, float] = {}
    with _timed(timings, "decode"):
        pixels = enlarge(read_photo(photo))
    with _timed(timings, "find"):
        found = find_faces(pixels)
    with _timed(timings, "read"):
        faces = read_faces(pixels, found[:MAX_FACES])
    with _timed(timings, "caption"):
        digest = _digest_of(photo)
        seed = digest if options.seed is None else options.seed
        height, width = pixels.shape[:2]
        boxes = [face.box for face in found]
        picture = Picture(
            width,
            height,
            digest,
            is_page=options.style == AUTO and is_page(pixels),
            plain_rows=plain_rows(pixels, boxes),
            focus=None if boxes else focus_of(pixels),
            photo_top=top_of(pixels, boxes),
        )
        made = compose(options, seed, picture, faces, boxes)
        placement, caption = made.placement, made.caption
    with _timed(timings, "draw"):
        drawn = draw_caption(pixels, placement)
    with _timed(timings, "encode"):
        jpeg = write_jpeg(drawn)
    read = [face.reading.expression for face in faces]
    main = read[options.face or 0] if read else None
    forced = options.expression if options.expression != main else None
    outputs = [_output("jpeg", drawn, jpeg)]
    animation = None
    if options.animate:
        with _timed(timings, "animate"):
            frames = [draw_caption(pixels, frame.placement) for frame in made.frames]
            milliseconds = [frame.milliseconds for frame in made.frames]
            animation = write_animation(frames, milliseconds, options.animate)
        outputs.append(_output(options.animate, frames[0], animation))
    return Meme(
        jpeg,
        {
            "status": "done",
            "meme": {"width": drawn.shape[1], "height": drawn.shape[0], "bytes": len(jpeg)},
            "outputs": outputs,
            "faces": [_face_report(face, placement, width, height) for face in faces],
            "expression": options.expression or main,
            "style": _style_report(made, options.style),
            "caption": _caption_report(caption, options.language),
            "captions": [{"id": each.id, "text": each.text} for each in made.captions],
            "alt_text": alt_text(read, not made.mood.is_weak, caption, forced),
            "model": {"version": model_version()},
            "timings_ms": timings,
            **({} if shaping_available() else {"shaping": False}),
        },
        drawn,
        animation,
    )


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[stage] = round((time.perf_counter() - start) * 1000, 2)


def _digest_of(photo: bytes) -> int:
    return int.from_bytes(hashlib.sha256(photo).digest()[:8]) & MAX_SEED


def _output(kind: str, pixels: np.ndarray, data: bytes) -> dict[str, Any]:
    height, width = pixels.shape[:2]
    return {"type": f"image/{kind}", "width": width, "height": height, "bytes": len(data)}


def _style_report(made: Composition, asked: str) -> dict[str, str]:
    return {"name": made.style, "asked": asked, **({"why": made.why} if made.why else {})}


def _face_report(read: ReadFace, placement: Placement, width: int, height: int) -> dict[str, Any]:
    """width, height: the photo's, in whose pixels the face was found."""
    box, reading = placement.in_meme(read.face.box, width, height), read.reading
    return {
        "box": {
            "left": round(box.left),
            "top": round(box.top),
            "width": round(box.width),
            "height": round(box.height),
        },
        "score": round(read.face.score, 4),
        "expression": reading.expression,
        "confidence": round(reading.confidence, 4),
        "probabilities": {name: round(value, 4) for name, value in reading.probabilities.items()},
    }


def _caption_report(caption: Caption, asked: str) -> dict[str, str]:
    report = {"id": caption.id, "text": caption.text, "language": caption.language}
    if caption.language.lower() != asked.lower():  # tags are the same in any case
        report["language_asked"] = asked
    return report
