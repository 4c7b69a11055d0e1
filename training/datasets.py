"""The data sets in their published layouts → labelled pictures.

Each adapter yields a `Labelled` for every usable picture of its set; what is unusable it counts by reason.
The layouts and their faults are described where each is read.
"""

import csv
import difflib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from memegen.options import EXPRESSIONS

# FER2013's published splits; the other sets are split by person.
FER_SPLITS = {"train": "train", "public_test": "validation", "private_test": "test"}


@dataclass(frozen=True)
class Labelled:
    """One picture: its file, expression, source, the person (or picture) that must not be split, and its
    published split if it has one."""

    file: Path
    expression: str
    source: str
    person: str
    split: str | None = None


def read_folder(folder: Path, source: str) -> Iterator[Labelled]:
    """`<class>/*`: anyone's own face crops. Each picture counts as a person of its own.

    Raises ValueError for a missing folder and for a subfolder that is no class.
    """
    _must_be_folder(folder)
    for inside in sorted(path for path in folder.iterdir() if path.is_dir()):
        if inside.name not in EXPRESSIONS:
            raise ValueError(f"{inside} is no class; expected are folders named {', '.join(EXPRESSIONS)}")
        for file in sorted(path for path in inside.iterdir() if path.is_file()):
            yield Labelled(file, inside.name, source, f"{inside.name}/{file.name}")


def read_fer2013(data: Path, dropped: Counter[str]) -> Iterator[Labelled]:
    """FER2013 as folders, with its twins and FER+'s no-face votes.

    A picture that also stands in a later split is dropped from the earlier one (train before public_test
    before private_test): the benchmark stays whole. `duplicates.csv` names the groups, since train is JPEG
    here and its pixels differ. From train, pictures are dropped too that most of FER+'s ten annotators
    call no face, which takes the blank ones with it.
    """
    root = data / "fer2013"
    order = list(FER_SPLITS)
    last_split: dict[str, int] = {}
    group_of: dict[str, str] = {}
    with (root / "duplicates.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            group_of[row["path"]] = row["group"]
            rank = order.index(row["path"].split("/")[1])
            last_split[row["group"]] = max(last_split.get(row["group"], 0), rank)
    faceless: set[str] = set()
    with (root / "ferplus_votes.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            if int(row["NF"]) > 5:
                faceless.add(row["path"])
    for split, ours in FER_SPLITS.items():
        for picture in read_folder(root / split, "fer2013"):
            path = picture.file.relative_to(data).as_posix()
            group = group_of.get(path)
            if group is not None and last_split[group] > order.index(split):
                dropped[f"fer2013: {split} twin of a later split"] += 1
            elif split == "train" and path in faceless:
                dropped["fer2013: train, no face by FER+ votes"] += 1
            else:
                person = f"twins-{group}" if group is not None else path
                yield Labelled(picture.file, picture.expression, "fer2013", person, ours)


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
    """JAFFE: `<SUBJECT>.<CODE><n>.<id>.tiff`, whole portraits; the person is the subject."""
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
    """The famous set by its legend; the person is the name before the last `_`."""
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


# Two films whose folders share 245 identical pictures, half of them labelled differently.
_TWIN_FILMS = ("Narasimham", "Padayottam")
_SPELLINGS = {name.upper(): name for name in EXPRESSIONS} | {
    "HAPPY": "happiness",
    "SAD": "sadness",
    "ANGRY": "anger",
    "DISGUISE": "disgust",
}


def read_imfdb(data: Path, dropped: Counter[str]) -> Iterator[Labelled]:
    """IMFDB by its annotation files, `<Actor>/<Film>/*.txt` beside `images/`; the person is the actor.

    A line's picture is its last name that ends in .jpg, in any case; its expression one of the words after
    it, now and then misspelt. Where no name of a film is found, the number in the name decides.
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
    """Whether the other of the twin films holds the same bytes under the same actor and any name."""
    own = file.read_bytes()
    other = next(film for film in _TWIN_FILMS if film != file.parent.parent.name)
    folder = root / file.parent.parent.parent.name / other / "images"
    same_size = (
        (twin for twin in folder.glob("*") if twin.stat().st_size == len(own)) if folder.is_dir() else ()
    )
    return any(twin.read_bytes() == own for twin in same_size)


ADAPTERS = {"fer2013": read_fer2013, "jaffe": read_jaffe, "imfdb": read_imfdb, "famous": read_famous}


def _must_be_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ValueError(f"{folder} is missing; unpack the data set's archive into the data folder")
