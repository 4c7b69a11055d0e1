"""Pictures one after another → the bytes of an animated WebP or GIF."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from memegen.contract import MAX_WEBP_BYTES

_QUALITIES = (80, 60, 40, 20, 5)  # of a WebP: the first at which it is small enough is taken
_SMALLER = 0.8  # by how much an animation is shrunk that is too large at the lowest quality


def write_animation(frames: Sequence[np.ndarray], milliseconds: Sequence[int], kind: str) -> bytes:
    """An animation that begins again when it ends, without metadata.

    frames: (height, width, 3) uint8 sRGB, all of one size. milliseconds: for how long each is shown.
    kind: "webp", at most MAX_WEBP_BYTES, for which it loses detail and at last pixels; or "gif".
    """
    images = [Image.fromarray(frame) for frame in frames]
    return _gif(images, milliseconds) if kind == "gif" else _webp(images, milliseconds)


def _webp(images: list[Image.Image], milliseconds: Sequence[int]) -> bytes:
    while True:
        for quality in _QUALITIES:
            data = _saved(images, milliseconds, "WEBP", quality=quality, method=3)
            if len(data) <= MAX_WEBP_BYTES:
                return data
        width, height = (max(1, round(_SMALLER * side)) for side in images[0].size)
        images = [image.resize((width, height), Image.Resampling.BOX) for image in images]


def _gif(images: list[Image.Image], milliseconds: Sequence[int]) -> bytes:
    # One palette for all frames: with one each, colours that don't change would flicker.
    shown = images[:: max(1, len(images) // 4)]
    width, height = images[0].size
    sheet = Image.new("RGB", (width, height * len(shown)))
    for number, image in enumerate(shown):
        sheet.paste(image, (0, number * height))
    palette = sheet.quantize(256, Image.Quantize.MEDIANCUT)
    images = [image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) for image in images]
    return _saved(images, milliseconds, "GIF", optimize=False)


def _saved(images: list[Image.Image], milliseconds: Sequence[int], kind: str, **how: int) -> bytes:
    out = io.BytesIO()
    first, *others = images
    first.save(out, kind, save_all=True, append_images=others, duration=list(milliseconds), loop=0, **how)
    return out.getvalue()
