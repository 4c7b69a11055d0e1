"""Scores of a run's float networks on its test split: each member beside the backbone that it started from,
and member A's recipe on every subject of its set."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from memegen.face.detect import Pixels
from memegen.options import EXPRESSIONS
from training.data.crops import read_split
from training.data.sources import read_folder
from training.ensemble.metrics import accuracy_of, interval, macro_f1_of, per_person_confusions
from training.model.inference import logits_of
from training.model.network import read_network
from training.settings import Settings
from training.stages.folds import FOLDED, folded_crops, folds_file


@dataclass(frozen=True)
class TestCrops:
    """The crops of one set's test split: pictures (n, 48, 48) uint8 grey, labels (n,), people (n,) text."""

    __test__ = False  # pytest collects what is named Test…

    pictures: Pixels
    labels: npt.NDArray[np.int64]
    people: npt.NDArray[np.str_]


def show_trained(run: Path, settings: Settings) -> None:
    """Prints the scores. Raises ValueError when a network or the run's test split is missing."""
    print(f"{'own test set':<22}{'n':>6}{'people':>8}{'accuracy':>10}{'macro-F1':>10}{'95 %':>16}")
    for name, member in settings.members.items():
        crops = read_test_crops(run / "test" / member.source)
        backbone = settings.backbone_of(name)
        rows = {}
        for title in (f"backbone-{member.backbone}", f"member-{name}"):
            guesses = logits_of(read_network(run, title, backbone), crops.pictures).argmax(axis=1)
            rows[title] = per_person_confusions(crops.labels, guesses, crops.people)
            _show_row(f"{member.source} {title}", rows[title])
        low, high = interval(macro_f1_of, rows[f"member-{name}"], rows[f"backbone-{member.backbone}"])
        print(f"  macro-F1 of the member less its backbone's: 95 % {low:+.3f} to {high:+.3f}")
    source = settings.members[FOLDED].source
    _show_row(f"{source} every subject", every_subject(run, settings))


def every_subject(run: Path, settings: Settings) -> npt.NDArray[np.float64]:
    """(subjects, 7, 8) confusions of member A's recipe, each subject read by a network that never saw it:
    those of train and validation by the one that left it out, those of the test split by one trained on all
    of them."""
    source = settings.members[FOLDED].source
    own, test = (
        folded_crops(read_split(run, "train"), read_split(run, "validation"), source),
        read_test_crops(run / "test" / source),
    )
    left_out = np.load(folds_file(run, FOLDED)).argmax(axis=1)
    model = read_network(run, f"fold-{FOLDED}-none", settings.backbone_of(FOLDED))
    guesses = np.concatenate([left_out, logits_of(model, test.pictures).argmax(axis=1)])
    labels = np.concatenate([own.labels.astype(np.int64), test.labels])
    return per_person_confusions(labels, guesses, np.concatenate([own.people, test.people]))


def read_test_crops(folder: Path) -> TestCrops:
    """A test split's crops as `prepare` wrote them."""
    found = list(read_folder(folder, folder.name))
    if not found:
        raise ValueError(f"{folder} has no crops; run `python -m training prepare` first")
    pictures = np.stack([np.asarray(Image.open(picture.file)) for picture in found])
    labels = np.array([EXPRESSIONS.index(picture.expression) for picture in found])
    return TestCrops(pictures, labels, np.array([picture.person for picture in found]))


def _show_row(title: str, people: npt.NDArray[np.float64]) -> None:
    total = people.sum(axis=0)
    low, high = interval(accuracy_of, people)
    print(
        f"{title:<22}{int(total.sum()):>6,}{len(people):>8,}{float(accuracy_of(total)):>10.3f}"
        f"{float(macro_f1_of(total)):>10.3f}{f'{low:.3f}–{high:.3f}':>16}"
    )
