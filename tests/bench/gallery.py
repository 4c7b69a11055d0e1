"""Contact sheets of the memes: every style by the number of faces and by the language.

The portrait is the astronaut Eileen Collins, a NASA photo in the public domain that scikit-image ships; the
other people are drawn by the tests.

    python -m tests.bench.gallery docs/gallery.jpg         the README's: a row a style, a column a language
    python -m tests.bench.gallery sheets/ --all            a sheet a language, by 0, 1, 2, 4 and 10 faces
    python -m tests.bench.gallery auto.txt --auto PHOTOS   what `auto` makes of photos, counted
"""

import argparse
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image, ImageDraw, ImageFont

from memegen import Options, PhotoError, make_meme
from memegen.caption.choose import languages
from memegen.face.detect import MAX_FACES, find_faces
from memegen.face.read import read_faces
from memegen.layout.auto import Facts, styles_for
from memegen.layout.compose import Picture, facts_of
from memegen.layout.ground import is_page, plain_rows
from memegen.layout.top import top_of
from memegen.options import EXPRESSIONS, STYLES
from memegen.photo.decode import read_photo
from memegen.photo.enlarge import enlarge
from tests.support.people import draw_people

CELL, GAP, LABEL = 300, 12, 24
INK, GROUND = "#222222", "#dcdcdc"  # a white bar stands out on the ground
FACES = (0, 1, 2, 4, 10)


def picture(faces: int, number: int) -> np.ndarray:
    """A picture of so many people: of nobody a rocket, of one in turn the portrait and a drawn person."""
    shown = [EXPRESSIONS[(number + index) % len(EXPRESSIONS)] for index in range(faces)]
    if not faces:
        return np.asarray(skimage.data.rocket())
    if faces == 1:
        portrait = skimage.data.astronaut()
        return (portrait, draw_people(shown, (640, 512), number), portrait[:, ::-1])[number % 3]
    return draw_people(shown, {2: (900, 600), 4: (1400, 800)}.get(faces, (1600, 700)), number)


def cell(pixels: np.ndarray, options: Options) -> tuple[Image.Image, str]:
    """One meme, as large as fits, in the middle of a square; and the style that it became."""
    photo = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(photo, "PNG")
    made = make_meme(photo.getvalue(), options)
    meme = Image.open(io.BytesIO(made.jpeg))
    meme.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    square = Image.new("RGB", (CELL, CELL), GROUND)
    square.paste(meme, ((CELL - meme.width) // 2, (CELL - meme.height) // 2))
    style = made.report["style"]
    return square, f"{style['asked']}, {style['why']}: {style['name']}" if "why" in style else style["name"]


def sheet(columns: list[str], cells: list[tuple[int, Options]]) -> Image.Image:
    """The cells row by row, each the number of faces and the options, under the columns' names."""
    step = CELL + GAP
    rows = len(cells) // len(columns)
    whole = Image.new("RGB", (GAP + len(columns) * step, LABEL + GAP + rows * (step + LABEL)), GROUND)
    draw = ImageDraw.Draw(whole)
    font = ImageFont.load_default(16)
    for column, name in enumerate(columns):
        draw.text((GAP + column * step + CELL / 2, GAP), name, INK, font, anchor="mt")
    for number, (faces, options) in enumerate(cells):
        row, column = divmod(number, len(columns))
        left, top = GAP + column * step, LABEL + GAP + row * (step + LABEL)
        meme, label = cell(picture(faces, number), options)
        whole.paste(meme, (left, top))
        draw.text((left + CELL / 2, top + CELL + 4), label, INK, font, anchor="mt")
    return whole


def readme_sheet() -> Image.Image:
    """A row a style, a column a language, with as many faces as the style is for."""
    shown = {"labels": (2, 4, 2, 4, 2), "bubble": (2, 1, 2, 1, 2), "zoom": (1,) * 5}
    tags = languages()
    return sheet(
        tags,
        [
            (shown.get(style, (1, 1, 2, 1, 0))[column % 5], Options(style=style, language=tag, seed=number))
            for number, style in enumerate(STYLES)
            for column, tag in enumerate(tags)
        ],
    )


def language_sheet(language: str) -> Image.Image:
    """A row a style, a column a number of faces."""
    columns = [f"{language}, {count} face{'' if count == 1 else 's'}" for count in FACES]
    cells = [
        (count, Options(style=style, language=language, seed=number))
        for number, style in enumerate(STYLES)
        for count in FACES
    ]
    return sheet(columns, cells)


def chosen_styles(photos: list[Path]) -> Iterator[str]:
    """What `auto` makes of each photo, and then how often it chooses a style where that suits."""
    suits: Counter[str] = Counter()
    chosen: Counter[str] = Counter()
    for photo in photos:
        try:
            data = photo.read_bytes()
            name = make_meme(data).report["style"]["name"]
        except PhotoError:
            continue
        facts = _facts(data)
        suits.update(styles_for(facts, 0, 0))
        chosen[name] += 1
        yield f"{photo.name}: {facts.group} faces in the group, {name}"
    for style, count in suits.most_common():
        yield f"{style}: {chosen[style]} of the {count} photos that it suits, {chosen[style] / count:.0%}"


def _facts(photo: bytes) -> Facts:
    pixels = enlarge(read_photo(photo))
    found = find_faces(pixels)
    faces = read_faces(pixels, found[:MAX_FACES])
    height, width = pixels.shape[:2]
    boxes = [face.box for face in found]
    picture = Picture(
        width, height, 0, is_page(pixels), plain_rows(pixels, boxes), photo_top=top_of(pixels, boxes)
    )
    return facts_of(Options(), picture, faces, boxes)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.gallery", description="Draw contact sheets, or count what auto chooses."
    )
    parser.add_argument("file", type=Path, help="the JPEG to write; with --all a folder, with --auto a text")
    parser.add_argument("--all", action="store_true", help="a sheet a language, by the number of faces")
    parser.add_argument("--auto", type=Path, nargs="+", metavar="PHOTO", help="photos to choose styles for")
    given = parser.parse_args()
    if given.auto:
        given.file.write_text("\n".join(chosen_styles(given.auto)) + "\n", encoding="utf-8")
        return
    if given.all:
        given.file.mkdir(parents=True, exist_ok=True)
        for language in languages():
            language_sheet(language).save(given.file / f"{language}.jpg", "JPEG", quality=86)
        return
    given.file.parent.mkdir(parents=True, exist_ok=True)
    readme_sheet().save(given.file, "JPEG", quality=86, optimize=True, progressive=True)
    print(f"wrote {given.file}: {given.file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
