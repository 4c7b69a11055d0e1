"""Tiny data sets of drawn faces in their published layouts."""

import csv
from pathlib import Path

import cv2
import numpy as np

from tests.support.drawing import DRAWN, draw_face, draw_portrait
from training.data.sources import VOTED

JAFFE_CODES = {"happiness": "HA", "sadness": "SA", "surprise": "SU"}
JAFFE_SUBJECTS = ("KA", "KL", "KM", "KR", "MK", "NA", "NM", "TM", "UY", "YM")


def write_data_sets(data: Path, rng: np.random.Generator) -> None:
    """All five sets under `data`, three classes, 24-pixel faces (JAFFE and the Taiwanese: portraits)."""
    write_fer2013(data, rng)
    write_jaffe(data, rng)
    write_imfdb(data, rng)
    write_famous(data, rng)
    write_taiwanese(data, rng)


def write_fer2013(data: Path, rng: np.random.Generator) -> None:
    votes, order = [], 0
    for split, prefix, count in (
        ("train", "Training", 80),
        ("public_test", "PublicTest", 16),
        ("private_test", "PrivateTest", 20),
    ):
        ending = "jpg" if split == "train" else "png"
        for expression in DRAWN:
            for _ in range(count):
                order += 1
                path = f"fer2013/{split}/{expression}/{prefix}_{order}.{ending}"
                write_picture(data / path, draw_face(24, expression, rng))
                votes.append({"path": path, **dict.fromkeys(VOTED, 0), expression: 8, "neutral": 2})
    write_table(data / "fer2013" / "ferplus_votes.csv", ["path", *VOTED], votes)
    write_table(data / "fer2013" / "duplicates.csv", ["group", "path"], [])


def write_jaffe(data: Path, rng: np.random.Generator) -> None:
    order = 0
    for subject in JAFFE_SUBJECTS:
        for expression, code in JAFFE_CODES.items():
            for pose in (1, 2):
                order += 1
                portrait = draw_portrait(128, expression, rng)
                write_picture(data / "jaffe" / f"{subject}.{code}{pose}.{order}.tiff", portrait)


def write_imfdb(data: Path, rng: np.random.Generator) -> None:
    for actor in range(10):
        film = data / "IMFDB_final" / f"Actor{actor}" / "Film"
        lines = []
        for expression in DRAWN:
            for place in range(4):
                name = f"Actor{actor}_{expression}_{place}.jpg"
                face = np.repeat(draw_face(24, expression, rng)[:, :, None], 3, axis=2)
                write_picture(film / "images" / name, face)
                lines.append(
                    f"film\t0{place}.jpg\t{name}\t10\t20\t24\t24\tFilm\t1990\tMALE\t{expression.upper()}\tNONE"
                )
        (film / "Film.txt").write_text("\n".join(lines) + "\n")


def write_famous(data: Path, rng: np.random.Generator) -> None:
    rows = []
    for person in range(20):
        for expression in DRAWN:
            name = f"Some_Backbone{person}_{DRAWN.index(expression):04}.jpg"
            write_picture(data / "facial_expressions" / "images" / name, draw_face(24, expression, rng))
            rows.append({"user.id": "", "image": name, "emotion": expression})
    write_table(data / "facial_expressions" / "data" / "legend.csv", ["user.id", "image", "emotion"], rows)


def write_taiwanese(data: Path, rng: np.random.Generator) -> None:
    for performer in range(8):
        for expression in DRAWN:
            portrait = draw_portrait(128, expression, rng)
            write_picture(data / "taiwanese" / expression / f"p{performer}--{performer:04}.jpg", portrait)


def write_picture(file: Path, picture: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), picture)


def write_table(file: Path, names: list[str], rows: list[dict[str, object]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as lines:
        table = csv.DictWriter(lines, names)
        table.writeheader()
        table.writerows(rows)
