"""Scores of a run's float networks: each member beside the backbone that it started from, on the test split,
and all members on every person of each set."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from memegen.face.crop import square_crop
from memegen.face.detect import Pixels
from memegen.face.expressions import combine, softmax
from memegen.options import EXPRESSIONS
from training.data.crops import read_split, sources_of
from training.data.sources import read_folder
from training.ensemble.metrics import accuracy_of, interval, macro_f1_of, per_person_confusions
from training.model.inference import logits_of
from training.model.network import read_network
from training.settings import Settings
from training.stages.folds import folded_crops, read_folds


@dataclass(frozen=True)
class TestCrops:
    """Crops of people that no network was trained on: pictures (n, size, size) uint8 grey, labels (n,),
    people (n,) text."""

    __test__ = False  # pytest collects what is named Test…

    pictures: Pixels
    labels: npt.NDArray[np.int64]
    people: npt.NDArray[np.str_]


def show_trained(run: Path, settings: Settings) -> None:
    """Prints the scores. Raises ValueError when a network, the folds or the run's test split is missing."""
    print(f"{'own test set':<32}{'n':>6}{'people':>8}{'accuracy':>10}{'macro-F1':>10}{'95 %':>16}")
    for name, member in settings.members.items():
        backbone = settings.backbone_of(name)
        crops = read_test_crops(run / "test" / member.source, backbone.input_size)
        rows = {}
        for title in (f"backbone-{member.backbone}", f"member-{name}"):
            guesses = logits_of(read_network(run, title, backbone), crops.pictures).argmax(axis=1)
            rows[title] = per_person_confusions(crops.labels, guesses, crops.people)
            _show_row(f"{member.source} {title}", rows[title])
        low, high = interval(macro_f1_of, rows[f"member-{name}"], rows[f"backbone-{member.backbone}"])
        print(f"  macro-F1 of the member less its backbone's: 95 % {low:+.3f} to {high:+.3f}")
    for source in sources_of(settings)[1:]:
        for reader, people in every_person(run, settings, source).items():
            _show_row(f"all of {source}, {reader}", people)


def every_person(run: Path, settings: Settings, source: str) -> dict[str, npt.NDArray[np.float64]]:
    """(people, 7, 8) confusions of all pictures of a set, each person read by networks that never saw it, for
    each member and for the ensemble.

    Those of train are read by the networks of the folds, and those of validation and test by the members.
    """
    learnt = json.loads((run / "weights.json").read_text())["members"]
    train = folded_crops(read_split(run, "train"))
    own = train.sources == source
    left_out = {size: _left_out(run, source, size) for size in settings.input_sizes}
    rest = next(iter(left_out.values()))
    labels = np.concatenate([train.labels[own], rest.labels])
    people = np.concatenate([train.people[own], rest.people])
    probabilities, weights = [], []
    for name in settings.members:
        backbone = settings.backbone_of(name)
        network = read_network(run, f"member-{name}", backbone)
        read = logits_of(network, left_out[backbone.input_size].pictures)
        logits = np.concatenate([read_folds(run, name)[own], read])
        probabilities.append(softmax(logits.astype(np.float64) / learnt[name]["temperature"]))
        weights.append([learnt[name]["class_weights"][expression] for expression in EXPRESSIONS])
    readers = {f"member {name}": rows for name, rows in zip(settings.members, probabilities, strict=True)}
    readers["ensemble"] = combine(np.stack(probabilities, axis=1), np.array(weights))
    return {
        reader: per_person_confusions(labels, rows.argmax(axis=1), people) for reader, rows in readers.items()
    }


def _left_out(run: Path, source: str, size: int) -> TestCrops:
    """The pictures of a set's people that are not in train."""
    validation, test = read_split(run, "validation", size), read_test_crops(run / "test" / source, size)
    own = validation.of(validation.sources == source)
    return TestCrops(
        np.concatenate([own.pictures, test.pictures]),
        np.concatenate([own.labels, test.labels]),
        np.concatenate([own.people, test.people]),
    )


def read_test_crops(folder: Path, size: int) -> TestCrops:
    """A test split's pictures as `prepare` wrote them, brought to `size` pixels a side."""
    found = list(read_folder(folder, folder.name))
    if not found:
        raise ValueError(f"{folder} has no crops; run `python -m training prepare` first")
    pictures = np.stack([square_crop(np.asarray(Image.open(picture.file)), size) for picture in found])
    labels = np.array([EXPRESSIONS.index(picture.expression) for picture in found])
    return TestCrops(pictures, labels, np.array([picture.person for picture in found]))


def _show_row(title: str, people: npt.NDArray[np.float64]) -> None:
    total = people.sum(axis=0)
    low, high = interval(accuracy_of, people)
    print(
        f"{title:<32}{int(total.sum()):>6,}{len(people):>8,}{float(accuracy_of(total)):>10.3f}"
        f"{float(macro_f1_of(total)):>10.3f}{f'{low:.3f}–{high:.3f}':>16}"
    )
