"""What the members of an ensemble read in labelled pictures."""

import csv
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from memegen.face.crop import SMALL_SIZE, crop_face, grey, square_crop
from memegen.face.detect import Pixels, find_faces
from memegen.face.expressions import Ensemble, combine
from memegen.options import EXPRESSIONS
from memegen.photo.decode import read_photo
from training.arrays import Float64s
from training.data.sources import Labelled
from training.ensemble.metrics import NO_FACE, equal_sources


@dataclass(frozen=True)
class Readings:
    """What was read in n pictures.

    labels: (n,) indices into EXPRESSIONS. members: (n, members, 7) probabilities, zero where no face was
    found. found: (n,) bool. brightness: (n,) mean grey of the small crop, 0 to 255. sources: (n,) the
    folders' names. people: (n,) text. weights: (n,), mean 1. member_seconds: (members,), what each took for
    all pictures with a face.
    """

    labels: npt.NDArray[np.int64]
    members: Float64s
    found: npt.NDArray[np.bool_]
    brightness: Float64s
    sources: npt.NDArray[np.str_]
    people: npt.NDArray[np.str_]
    weights: Float64s
    member_seconds: Float64s


def read_pictures(
    pictures: list[Labelled],
    ensemble: Ensemble,
    photos: bool = False,
    change: Callable[[Pixels], Pixels] | None = None,
) -> Readings:
    """Read face crops or, with `photos`, whole photos, whose largest face is found first.

    change: done to each crop, in a member's own size, before that member reads it. Raises ValueError that
    names a file which can't be read as a picture.
    """
    count = len(ensemble.members)
    probabilities = np.zeros((len(pictures), count, len(EXPRESSIONS)))
    found = np.zeros(len(pictures), bool)
    brightness = np.zeros(len(pictures))
    seconds = np.zeros(count)
    for place, picture in enumerate(tqdm(pictures, unit=" pictures", mininterval=1, file=sys.stderr)):
        crop = _crop(picture, photos)
        if crop is None:
            continue
        found[place], brightness[place] = True, square_crop(crop, SMALL_SIZE).mean()
        for member_place, member in enumerate(ensemble.members):
            seen = crop if change is None else change(square_crop(crop, member.size))
            start = time.perf_counter()
            probabilities[place, member_place] = member.probabilities([seen])[0]
            seconds[member_place] += time.perf_counter() - start
    return Readings(
        np.array([EXPRESSIONS.index(picture.expression) for picture in pictures]),
        probabilities,
        found,
        brightness,
        np.array([picture.source for picture in pictures]),
        np.array([f"{picture.source}/{picture.person}" for picture in pictures]),
        np.ones(len(pictures)),
        seconds,
    )


def _crop(picture: Labelled, photos: bool) -> Pixels | None:
    """The face in its own pixels, grey; None where a photo shows none."""
    if photos:
        pixels = read_photo(picture.file.read_bytes())
        faces = find_faces(pixels)
        return crop_face(pixels, faces[0]) if faces else None
    try:
        with Image.open(picture.file) as opened:
            return grey(np.asarray(opened.convert("RGB")))
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(f"{picture.file} can't be read as a picture: {error}") from error


def relabelled(pictures: list[Labelled], votes: Path, confirmed: bool = False) -> list[Labelled]:
    """The pictures with the class that got most votes, alone, among a table's columns after `path`.

    confirmed: only those whose own label is that class. Raises ValueError if none is left.
    """
    named = {"anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise", "contempt"}
    majority: dict[tuple[str, ...], str] = {}
    with votes.open(newline="") as lines:
        for row in csv.DictReader(lines):
            counted = sorted(
                ((int(count), name) for name, count in row.items() if name in {*named, "unknown", "NF"}),
                reverse=True,
            )
            if counted and counted[0][0] > counted[1][0]:
                majority[Path(row["path"]).parts[-3:]] = counted[0][1]
    labelled = [(picture, majority.get(picture.file.parts[-3:])) for picture in pictures]
    kept = [
        replace(picture, expression=name)
        for picture, name in labelled
        if name in EXPRESSIONS and (not confirmed or name == picture.expression)
    ]
    if not kept:
        raise ValueError(f"{votes} has no majority for any of the pictures, looked up as split/class/name")
    return kept


def together(parts: list[Readings]) -> Readings:
    """All readings as one, every source with the same weight."""
    sources = np.concatenate([part.sources for part in parts])
    return Readings(
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.members for part in parts]),
        np.concatenate([part.found for part in parts]),
        np.concatenate([part.brightness for part in parts]),
        sources,
        np.concatenate([part.people for part in parts]),
        equal_sources(sources),
        np.sum([part.member_seconds for part in parts], axis=0),
    )


def combined(readings: Readings, ensemble: Ensemble) -> Float64s:
    """The ensemble's probabilities (n, 7); equal ones where no face was found."""
    return combine(readings.members + 1e-12, ensemble.weights)


def guesses_of(readings: Readings, probabilities: Float64s) -> npt.NDArray[np.int64]:
    """The likeliest class (n,) by probabilities (n, 7); NO_FACE where no face was found."""
    return np.where(readings.found, probabilities.argmax(axis=1), NO_FACE)
