"""Reads the data sets, each in its published layout, into labelled pictures.

Each adapter yields a `Labelled` for every usable picture of its set, and counts the others by the reason. It
also describes the layout and what is wrong in it.
"""

import csv
import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from memegen.options import EXPRESSIONS

# FER2013's published splits. The other sets are split by person.
FER_SPLITS = {"train": "train", "public_test": "validation", "private_test": "test"}
# What each of FER+'s ten annotators could vote for.
VOTED = (
    *("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear"),
    *("contempt", "unknown", "NF"),
)


@dataclass(frozen=True)
class Labelled:
    """A picture with its label.

    source: the set's name.
    person: who is on it, or the picture's own name. One person is never in two splits.
    split: the published one, if the set has one.
    pixels: (height, width) uint8 grey, where the file holds many pictures.
    votes: FER+'s, for each of `VOTED`, all 0 where nobody voted.
    """

    file: Path
    expression: str
    source: str
    person: str
    split: str | None = None
    pixels: npt.NDArray[np.uint8] | None = None
    votes: tuple[int, ...] = (0,) * len(VOTED)


def read_folder(folder: Path, source: str) -> Iterator[Labelled]:
    """Pictures of any origin, in folders `<class>/*`.

    What stands before `--` in a file's name is the person. Without that, each picture counts as a person of
    its own. Raises ValueError for a missing folder and for a subfolder that is not named after a class.
    """
    _must_be_folder(folder)
    for inside in sorted(path for path in folder.iterdir() if path.is_dir()):
        if inside.name not in EXPRESSIONS:
            raise ValueError(f"{inside} is no class; expected are folders named {', '.join(EXPRESSIONS)}")
        for file in sorted(path for path in inside.iterdir() if path.is_file()):
            person, mark, _ = file.stem.partition("--")
            yield Labelled(file, inside.name, source, person if mark else f"{inside.name}/{file.name}")


def read_fer2013(data: Path, dropped: Counter[str]) -> Iterator[Labelled]:
    """FER2013, as folders or as the original `fer2013.csv`, without twins and without pictures of no face.

    A picture that is also in a later split is dropped from the earlier one, in the order train, public_test,
    private_test, so that the benchmark stays whole. Pictures in train that most of FER+'s ten annotators call
    no face are dropped too. The blank ones are among them.
    """
    root = data / "fer2013"
    table = root / "fer2013.csv"
    pictures, group_of, votes_of = _fer2013_table(root) if table.is_file() else _fer2013_folders(data)
    order = list(FER_SPLITS)
    splits_of: dict[str, set[str]] = {}
    for name, group in group_of.items():
        splits_of.setdefault(group, set()).add(pictures[name][0])
    known = 0
    for name, (split, picture) in pictures.items():
        group = group_of.get(name, "")
        splits = splits_of.get(group, set())
        votes = votes_of.get(name, picture.votes)
        if split != "train" and "train" in splits:
            known += 1
        if any(order.index(other) > order.index(split) for other in splits):
            dropped[f"fer2013: {split} twin of a later split"] += 1
        elif split == "train" and votes[_NO_FACE] > _MOST_VOTES:
            dropped["fer2013: train, no face by FER+ votes"] += 1
        else:
            person = f"twins-{group}" if group else name
            yield replace(picture, person=person, split=FER_SPLITS[split], votes=votes)
    print(f"fer2013: of {known} known twins of test pictures in train none is left")


# name → (published split, picture); name → group of twins; name → FER+'s votes.
_Fer2013 = tuple[dict[str, tuple[str, Labelled]], dict[str, str], dict[str, tuple[int, ...]]]


def _fer2013_folders(data: Path) -> _Fer2013:
    """FER2013 as folders `<split>/<class>/*`.

    `duplicates.csv` names the twins, because train is JPEG here and its pixels are not equal.
    `ferplus_votes.csv` has FER+'s votes by path.
    """
    root = data / "fer2013"
    pictures = {
        picture.file.relative_to(data).as_posix(): (split, picture)
        for split in FER_SPLITS
        for picture in read_folder(root / split, "fer2013")
    }
    with (root / "duplicates.csv").open(newline="") as lines:
        group_of = {row["path"]: row["group"] for row in csv.DictReader(lines)}
    with (root / "ferplus_votes.csv").open(newline="") as lines:
        votes_of = {row["path"]: _votes(row) for row in csv.DictReader(lines)}
    return pictures, {name: group for name, group in group_of.items() if name in pictures}, votes_of


def _fer2013_table(root: Path) -> _Fer2013:
    """FER2013 as the original `fer2013.csv` (emotion, pixels, Usage). Rows with the same pixels are twins.

    FER+'s original `fer2013new.csv`, whose rows are in the same order, is read if it is in the same folder.
    Raises ValueError, which names the file and the line, for a row of another form.
    """
    file = root / "fer2013.csv"
    pictures: dict[str, tuple[str, Labelled]] = {}
    rows_of: dict[str, list[str]] = {}
    with file.open(newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            try:
                pixels = np.array(row["pixels"].split(), np.uint8).reshape(48, 48)
                expression, split = _FER_NUMBERS[int(row["emotion"])], _FER_USAGES[row["Usage"]]
            except (KeyError, ValueError, IndexError) as error:
                raise ValueError(
                    f"{file}, line {number}: {error}; expected are emotion 0 to 6, 2,304 pixels and Usage "
                    f"{', '.join(_FER_USAGES)}"
                ) from error
            name = f"row-{number - 2:05}"
            pictures[name] = split, Labelled(file, expression, "fer2013", name, pixels=pixels)
            rows_of.setdefault(hashlib.sha256(pixels.tobytes()).hexdigest(), []).append(name)
    group_of = {name: digest[:12] for digest, names in rows_of.items() if len(names) > 1 for name in names}
    votes_of: dict[str, tuple[int, ...]] = {}
    votes = root / "fer2013new.csv"
    if votes.is_file():
        with votes.open(newline="") as lines:
            votes_of = {f"row-{number:05}": _votes(row) for number, row in enumerate(csv.DictReader(lines))}
    return pictures, group_of, votes_of


def _votes(row: dict[str, str]) -> tuple[int, ...]:
    return tuple(int(row[name]) for name in VOTED)


_NO_FACE = VOTED.index("NF")
# Half of FER+'s ten annotators.
_MOST_VOTES = 5
_FER_NUMBERS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
_FER_USAGES = {"Training": "train", "PublicTest": "public_test", "PrivateTest": "private_test"}

_JAFFE_CODES = {
    "AN": "anger",
    "DI": "disgust",
    "FE": "fear",
    "HA": "happiness",
    "NE": "neutral",
    "SA": "sadness",
    "SU": "surprise",
}


def read_jaffe(data: Path, dropped: Counter[str]) -> Iterator[Labelled]:
    """JAFFE, whole portraits in `<SUBJECT>.<CODE><n>.<id>.tiff`. The person is the subject."""
    folder = data / "jaffe"
    _must_be_folder(folder)
    for file in sorted(folder.glob("*.tiff")):
        subject, code, *_ = file.name.split(".")
        expression = _JAFFE_CODES.get(code[:2])
        if expression is None:
            dropped["jaffe: name without a known code"] += 1
        else:
            yield Labelled(file, expression, "jaffe", subject)


def read_famous(data: Path, dropped: Counter[str]) -> Iterator[Labelled]:
    """The famous set, by its legend. The person is the part of the file's name before the last `_`."""
    root = data / "facial_expressions"
    with (root / "data" / "legend.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            expression = row["emotion"].strip().lower()
            file = root / "images" / row["image"]
            if expression not in EXPRESSIONS:
                dropped[f"famous: {expression} is no class"] += 1
            elif not file.is_file():
                dropped["famous: picture absent"] += 1
            else:
                yield Labelled(file, expression, "famous", row["image"].rsplit("_", 1)[0])


# The folders of these two films share 245 pictures, of which half are labelled differently.
_TWIN_FILMS = ("Narasimham", "Padayottam")
_SPELLINGS = {name.upper(): name for name in EXPRESSIONS} | {
    "HAPPY": "happiness",
    "SAD": "sadness",
    "ANGRY": "anger",
    "DISGUISE": "disgust",
}


def read_imfdb(data: Path, dropped: Counter[str]) -> Iterator[Labelled]:
    """IMFDB, by its annotation files `<Actor>/<Film>/*.txt` beside `images/`. The person is the actor.

    The picture of a line is the last name in it that ends in .jpg, in capitals or not. Its expression is one
    of the words after that, which are misspelt now and then. If a film has no picture by any of the names,
    the numbers in the names are compared.
    """
    root = data / "IMFDB_final"
    _must_be_folder(root)
    for film in sorted(path for path in root.glob("*/*") if path.is_dir()):
        actor = film.parent.name
        pictures = {
            file.name.lower(): file for file in film.glob("images/*") if file.suffix.lower() == ".jpg"
        }
        labels: dict[str, str] = {}
        for annotation in sorted(film.glob("*.txt")):
            for line in _text(annotation).splitlines():
                name, expression = _imfdb_line(line)
                if name is None:
                    continue
                if expression is None:
                    dropped["imfdb: line without an expression"] += 1
                else:
                    labels[name] = expression
        if labels and not set(labels) & set(pictures):
            labels = {_number(name): expression for name, expression in labels.items()}
            pictures = {_number(name): file for name, file in pictures.items()}
        dropped["imfdb: picture without a label"] += len(set(pictures) - set(labels))
        dropped["imfdb: label without a picture"] += len(set(labels) - set(pictures))
        for name in sorted(set(pictures) & set(labels)):
            if film.name in _TWIN_FILMS and _has_twin(pictures[name], root):
                dropped["imfdb: twin in another film"] += 1
            else:
                yield Labelled(pictures[name], labels[name], "imfdb", actor)


def _imfdb_line(line: str) -> tuple[str | None, str | None]:
    end = line.lower().rfind(".jpg")
    if end < 0:
        return None, None
    name = re.split(r"[\t ,]", line[: end + 4])[-1].lower()
    for word in re.split(r"[\t ,]+", line[end + 4 :].upper()):
        close = difflib.get_close_matches(word, _SPELLINGS, n=1, cutoff=0.8)
        if close:
            return name, _SPELLINGS[close[0]]
    return name, None


def _text(file: Path) -> str:
    content = file.read_bytes()
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    return content.decode("utf-8-sig", errors="replace")


def _number(name: str) -> str:
    found = re.search(r"(\d+)\.jpg$", name)
    return found.group(1) if found else name


def _has_twin(file: Path, root: Path) -> bool:
    """Whether the other one of the two films has the same picture, of the same actor and under any name."""
    own = file.read_bytes()
    other = next(film for film in _TWIN_FILMS if film != file.parent.parent.name)
    folder = root / file.parent.parent.parent.name / other / "images"
    same_size = (
        (twin for twin in folder.glob("*") if twin.stat().st_size == len(own)) if folder.is_dir() else ()
    )
    return any(twin.read_bytes() == own for twin in same_size)


def read_source(source: str, data: Path, dropped: Counter[str]) -> Iterator[Labelled]:
    """The pictures of a data set by its name. A name that is not known is a folder `<source>/<class>/*`."""
    if source in _ADAPTERS:
        return _ADAPTERS[source](data, dropped)
    return read_folder(data / source, source)


_ADAPTERS = {"fer2013": read_fer2013, "jaffe": read_jaffe, "imfdb": read_imfdb, "famous": read_famous}


def _must_be_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ValueError(f"{folder} is missing; unpack the data set's archive into the data folder")
