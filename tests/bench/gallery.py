"""The README's contact sheet: every style in every language, the expressions in turn.

The portrait is the astronaut Eileen Collins, a NASA photo in the public domain that scikit-image ships; the
other people are drawn by the tests.

    python -m tests.bench.gallery docs/gallery.jpg
"""

import argparse
import io
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image, ImageDraw, ImageFont

from memegen import Options, make_meme
from memegen.caption.choose import languages
from memegen.options import EXPRESSIONS, STYLES
from tests.support.people import draw_people

CELL, GAP, LABEL = 300, 12, 24
INK, GROUND = "#222222", "#dcdcdc"  # a white bar stands out on the ground


def picture(expression: str, number: int) -> np.ndarray:
    """In turn the portrait, as it is or mirrored, one drawn person, and two in a wide frame."""
    match number % 4:
        case 0:
            portrait = skimage.data.astronaut()
            return portrait[:, ::-1] if number % 8 else portrait
        case 1:
            return draw_people([expression, "neutral"], (800, 512), number)
        case _:
            return draw_people([expression], (512, 512), number)


def cell(style: str, language: str, expression: str, number: int) -> Image.Image:
    """One meme, as large as fits, in the middle of a square."""
    photo = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture(expression, number))).save(photo, "PNG")
    options = Options(style=style, language=language, expression=expression, seed=number)
    meme = Image.open(io.BytesIO(make_meme(photo.getvalue(), options).jpeg))
    meme.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    square = Image.new("RGB", (CELL, CELL), GROUND)
    square.paste(meme, ((CELL - meme.width) // 2, (CELL - meme.height) // 2))
    return square


def sheet() -> Image.Image:
    """A row a style, a column a language, with the expression under each meme."""
    step = CELL + GAP
    tags = languages()
    size = (GAP + len(tags) * step, LABEL + GAP + len(STYLES) * (step + LABEL))
    whole = Image.new("RGB", size, GROUND)
    draw = ImageDraw.Draw(whole)
    font = ImageFont.load_default(16)
    for column, language in enumerate(tags):
        draw.text((GAP + column * step + CELL / 2, GAP), language, INK, font, anchor="mt")
    for row, style in enumerate(STYLES):
        for column, language in enumerate(tags):
            number = row * len(tags) + column
            expression = EXPRESSIONS[number % len(EXPRESSIONS)]
            left, top = GAP + column * step, LABEL + GAP + row * (step + LABEL)
            whole.paste(cell(style, language, expression, number), (left, top))
            label = f"{style}, {expression}"
            draw.text((left + CELL / 2, top + CELL + 4), label, INK, font, anchor="mt")
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.gallery", description="Draw the contact sheet."
    )
    parser.add_argument("file", type=Path, help="the JPEG to write")
    file = parser.parse_args().file
    file.parent.mkdir(parents=True, exist_ok=True)
    sheet().save(file, "JPEG", quality=86, optimize=True, progressive=True)
    print(f"wrote {file}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
