"""Scores worked out by hand, and the floors of the shipped files where the data is there."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest

from memegen.expressions import MODELS, Ensemble
from memegen.options import EXPRESSIONS
from model_export.evaluate import evaluate
from tests.drawing import draw_portrait
from tests.training.layouts import write_picture

# A picture's brightness says what the stand-in reads in it.
LEVELS = {name: 30 + 25 * place for place, name in enumerate(EXPRESSIONS)}


@dataclass
class ReadsBrightness:
    """A member that reads every crop by its brightness, `sure` of it, the rest shared by the others."""

    name: str
    sure: float

    def probabilities(self, crop: np.ndarray) -> np.ndarray:
        place = round((float(crop.mean()) - 30) / 25)
        reading = np.full(7, (1 - self.sure) / 6)
        reading[place] = self.sure
        return reading


@dataclass
class ReadsAlwaysFear(ReadsBrightness):
    """A member that cries fear at everything."""

    def probabilities(self, crop: np.ndarray) -> np.ndarray:
        reading = np.full(7, (1 - self.sure) / 6)
        reading[EXPRESSIONS.index("fear")] = self.sure
        return reading


@dataclass
class StandIn:
    members: list[ReadsBrightness]
    weights: np.ndarray = field(default_factory=lambda: np.ones((2, 7)))


@pytest.fixture
def folder(tmp_path) -> Path:
    # Labels on the left, what the brightness says on the right: 3 anger (2 right), 1 fear (right).
    for place, (label, shown) in enumerate(
        [("anger", "anger"), ("anger", "anger"), ("anger", "disgust"), ("fear", "fear")]
    ):
        picture = np.full((40, 40 + place, 3), LEVELS[shown], np.uint8)
        write_picture(tmp_path / "faces" / label / f"{place}.png", picture)
    return tmp_path / "faces"


def test_scores_worked_out_by_hand(folder):
    # .6 against .9 on fear: equal weights let fear win everywhere, since .9 + (.4/6) > .6 + (.1/6).
    scores = evaluate(folder, StandIn([ReadsBrightness("a", 0.6), ReadsAlwaysFear("b", 0.9)]), photos=False)
    first, second, together = scores["members"]["a"], scores["members"]["b"], scores["ensemble"]
    assert (first["n"], first["no_face"]) == (4, 0)
    assert first["accuracy"] == 0.75
    assert first["recall"] == {"anger": pytest.approx(2 / 3), "fear": 1.0}
    # F1 of anger: precision 1, recall 2/3 → .8; of fear 1. Disgust has no picture and does not count.
    assert first["macro_f1"] == pytest.approx((0.8 + 1.0) / 2)
    expected = np.zeros((7, 7), int)
    expected[EXPRESSIONS.index("anger"), EXPRESSIONS.index("anger")] = 2
    expected[EXPRESSIONS.index("anger"), EXPRESSIONS.index("disgust")] = 1
    expected[EXPRESSIONS.index("fear"), EXPRESSIONS.index("fear")] = 1
    assert first["confusion"] == expected.tolist()
    assert second["accuracy"] == together["accuracy"] == 0.25
    assert second["macro_f1"] == pytest.approx((0 + 2 * 0.25 / 1.25) / 2)


def test_class_weights_are_used(folder):
    weights = np.ones((2, 7))
    weights[1, EXPRESSIONS.index("fear")] = 0.1  # the one who cries fear is hardly heard about fear
    members = [ReadsBrightness("a", 0.6), ReadsAlwaysFear("b", 0.9)]
    assert evaluate(folder, StandIn(members, weights), photos=False)["ensemble"]["accuracy"] == 0.75


def test_whole_photos_are_searched_for_faces_and_those_without_count_as_wrong(tmp_path):
    write_picture(tmp_path / "fear" / "face.png", draw_portrait(256, "surprise"))
    write_picture(tmp_path / "fear" / "blank.png", np.full((256, 256, 3), 90, np.uint8))
    scores = evaluate(tmp_path, StandIn([ReadsAlwaysFear("a", 0.9), ReadsAlwaysFear("b", 0.9)]), photos=True)
    assert scores["ensemble"]["no_face"] == 1
    assert scores["ensemble"]["recall"] == {"fear": 0.5}
    assert np.sum(scores["ensemble"]["confusion"]) == 1


def command(*words: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "model_export", "evaluate", *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, timeout=110, check=False)


def test_the_command_prints_json_in_the_promised_form(folder):
    done = command(folder, "--json")
    assert done.returncode == 0, done.stderr
    scores = json.loads(done.stdout)
    assert set(scores) == {"ensemble", "members"}
    assert set(scores["members"]) == {"a", "b", "c"}
    promised = {"n", "accuracy", "macro_f1", "recall", "confusion", "ms_per_face", "no_face"}
    for part in (scores["ensemble"], *scores["members"].values()):
        assert set(part) == promised
    assert scores["ensemble"]["ms_per_face"] > scores["members"]["a"]["ms_per_face"] > 0


def test_the_command_prints_tables(folder):
    done = command(folder)
    assert done.returncode == 0, done.stderr
    assert "macro-F1" in done.stdout
    assert "member c" in done.stdout


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: None, "is missing"),
        (lambda folder: folder.mkdir(), "has no pictures"),
        (lambda folder: write_picture(folder / "joy" / "a.png", np.zeros((9, 9), np.uint8)), "is no class"),
    ],
)
def test_a_folder_that_cannot_be_scored_is_told_in_a_sentence(tmp_path, make, sentence):
    make(tmp_path / "faces")
    done = command(tmp_path / "faces")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_the_shipped_ensemble_reads_fer2013_above_its_floors(data):
    scores = evaluate(data / "fer2013" / "private_test", Ensemble(MODELS), photos=False)["ensemble"]
    assert scores["n"] == 3589
    assert scores["accuracy"] >= 0.60
    assert min(scores["recall"].values()) >= 0.20


def test_whole_portraits_are_read_about_as_well_as_their_faces(data, tmp_path):
    """JAFFE's portraits through the face finder: the face is found in all, and read far above chance."""
    codes = {
        "AN": "anger",
        "DI": "disgust",
        "FE": "fear",
        "HA": "happiness",
        "NE": "neutral",
        "SA": "sadness",
    }
    codes["SU"] = "surprise"
    for file in sorted((data / "jaffe").glob("*.tiff"))[::3]:
        label = codes[file.name.split(".")[1][:2]]
        write_picture(tmp_path / label / f"{file.stem}.png", cv2.imread(str(file)))
    scores = evaluate(tmp_path, Ensemble(MODELS), photos=True)["ensemble"]
    assert scores["n"] == 71
    assert scores["no_face"] == 0
    # Guessing gets 1 in 7 right, and more than 20 of 71 less than once in 1,000 times.
    assert scores["accuracy"] > 20 / 71
