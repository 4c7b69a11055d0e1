"""The pictures of the page's start: the hero's photo, its caption in each language, and the samples' memes.

The portrait is the astronaut Eileen Collins, a NASA photo in the public domain that scikit-image ships; the
other people are drawn by the tests. Each meme is one that MemeGen makes of its photo.

    python -m tests.bench.start_pictures web/samples     writes all of them; also: make samples
"""

import argparse
import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from PIL import Image

from memegen import Options, make_meme
from memegen.caption.choose import languages
from tests.support.people import draw_people

HERO_SIZE = (640, 500)
SENT_SIZE = (512, 400)  # the portrait has no more pixels than these
THUMBNAIL_HEIGHT = 184  # pixels: shown at half of that
GREYS = 3
SEED = 4  # of those from 0 to 15, the one whose English captions made us laugh most
OUTLINE = 5  # pixels: how far a letter's outline reaches from its white


@dataclass(frozen=True)
class Sample:
    """A photo, and the style that its meme on the start has."""

    photo: str
    style: str


HERO = Sample("portrait", "classic")
SAMPLES = (Sample("portrait", "zoom"), Sample("couple", "labels"), Sample("friend", "bubble"))


def draw_photo(name: str) -> Image.Image:
    """The photo of a sample, as it is sent."""
    if name == "portrait":
        whole = Image.fromarray(skimage.data.astronaut())
        return whole.crop((0, 0, 512, 400)).resize(HERO_SIZE, Image.Resampling.LANCZOS)
    if name == "couple":
        return Image.fromarray(draw_people(["happiness", "surprise"], (1000, 700), 2))
    # Somebody right of the middle, so that what they say has room at their left.
    return Image.fromarray(draw_people(["surprise"], (1000, 640), 1)).crop((0, 0, 800, 640))


def make(sample: Sample, language: str) -> Image.Image:
    """The sample's meme in a language."""
    data = io.BytesIO()
    draw_photo(sample.photo).save(data, "PNG")
    options = Options(style=sample.style, language=language, seed=SEED)
    return Image.fromarray(make_meme(data.getvalue(), options).pixels)


def letters(before: Image.Image, after: Image.Image) -> Image.Image:
    """The white letters that were drawn on a picture, and their outline, on a transparent ground.

    Few greys keep the file small. What was darkened behind the letters isn't part of them.
    """
    changed = np.abs(np.asarray(after, int) - np.asarray(before, int)).max(axis=2) > 0
    white = changed & (np.asarray(after).min(axis=2) >= 230)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * OUTLINE + 1, 2 * OUTLINE + 1))
    near = cv2.dilate(white.astype(np.uint8), disc) > 0
    drawn = changed & near
    step = 255 / (GREYS - 1)
    grey = np.round(np.asarray(after.convert("L")) / step) * step * drawn
    return Image.fromarray(np.dstack([grey, grey, grey, drawn * 255]).astype(np.uint8))


def write(folder: Path) -> None:
    """Writes all pictures, as WebP, and as JPEG the one for links to the page."""
    for language in languages():
        (folder / language).mkdir(parents=True, exist_ok=True)
        hero = letters(draw_photo(HERO.photo), make(HERO, language))
        hero.save(folder / language / "hero.webp", "WEBP", lossless=True, quality=100, method=6)
        for sample in SAMPLES:
            small = make(sample, language)
            small.thumbnail((2 * THUMBNAIL_HEIGHT, THUMBNAIL_HEIGHT), Image.Resampling.LANCZOS)
            small.save(folder / language / f"{sample.style}.webp", "WEBP", quality=28, method=6)
    for sample in SAMPLES:
        drawn, quality = draw_photo(sample.photo), 80
        if sample.photo == HERO.photo:
            drawn, quality = drawn.resize(SENT_SIZE, Image.Resampling.LANCZOS), 36
        drawn.save(folder / f"{sample.photo}.webp", "WEBP", quality=quality, method=6)
    # What a link to the page shows in a chat, where WebP isn't always known.
    make(HERO, "en").save(folder / "preview.jpg", "JPEG", quality=80, optimize=True, progressive=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.start_pictures", description="Write the pictures of the page's start."
    )
    parser.add_argument("folder", type=Path, help="where to write them: web/samples")
    write(parser.parse_args().folder)


if __name__ == "__main__":
    main()
