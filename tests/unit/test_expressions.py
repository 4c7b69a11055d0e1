"""The ensemble: its arithmetic, its thread safety, and what it refuses to serve."""

import hashlib
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from memegen.face.expressions import (
    MODELS,
    OPERATIONS,
    Ensemble,
    ModelError,
    combine,
    golden_crop,
    model_version,
    read_expressions,
    softmax,
)
from memegen.options import EXPRESSIONS

try:
    from tflite_runtime.interpreter import Interpreter
except ImportError:
    from ai_edge_litert.interpreter import Interpreter


def test_combine_weighs_each_member_class_by_class():
    # Two members, two classes: .9·2 + .2·1 = 2.0 against .1·1 + .8·3 = 2.5, so 4/9 and 5/9.
    members = np.array([[0.9, 0.1], [0.2, 0.8]])
    weights = np.array([[2.0, 1.0], [1.0, 3.0]])
    assert combine(members, weights) == pytest.approx([4 / 9, 5 / 9])


def test_combine_works_on_many_readings_at_once():
    members = np.array([[[0.9, 0.1], [0.2, 0.8]], [[0.5, 0.5], [0.5, 0.5]]])
    both = combine(members, np.array([[2.0, 1.0], [1.0, 3.0]]))
    # The second: .5·3 against .5·4, so 3/7 and 4/7.
    assert both == pytest.approx(np.array([[4 / 9, 5 / 9], [3 / 7, 4 / 7]]))


def test_softmax_of_known_logits():
    assert softmax(np.log([1.0, 2.0, 5.0])) == pytest.approx([0.125, 0.25, 0.625])
    assert softmax(np.array([1000.0, 1000.0])) == pytest.approx([0.5, 0.5])


def test_a_reading_names_the_likeliest_expression():
    (reading,) = read_expressions([golden_crop()])
    assert list(reading.probabilities) == list(EXPRESSIONS)
    assert sum(reading.probabilities.values()) == pytest.approx(1)
    assert reading.confidence == max(reading.probabilities.values())
    assert reading.probabilities[reading.expression] == reading.confidence


def test_the_input_holds_the_training_transform_exactly():
    """Raw 0 and 255 must mean what training fed: (x - 128) / 128."""
    for file in sorted(MODELS.glob("member-*.tflite")):
        interpreter = Interpreter(model_path=str(file))
        scale, zero_point = interpreter.get_input_details()[0]["quantization"]
        ends = [(value - zero_point) * scale for value in (0, 255)]
        assert ends == pytest.approx([-1.0, 127 / 128], abs=1e-6), file.name


@pytest.mark.slow
def test_threads_read_as_one_thread_does():
    rng = np.random.default_rng(3)
    photos = [rng.integers(0, 256, (faces, 48, 48)).astype(np.uint8) for faces in range(1, 11)]
    ensemble = Ensemble(MODELS)
    alone = [ensemble.probabilities(crops) for crops in photos]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(ensemble.probabilities, photos * 10))
    for found, expected in zip(together, alone * 10, strict=True):
        assert np.array_equal(found, expected)


def test_faces_are_read_together_as_one_by_one():
    rng = np.random.default_rng(4)
    sizes = (48, 96, 48, 30, 88, 96, 48, 200, 48, 96)
    crops = [rng.integers(0, 256, (size, size)).astype(np.uint8) for size in sizes]
    one_by_one = [reading for crop in crops for reading in read_expressions([crop])]
    assert read_expressions(crops) == one_by_one
    assert len({reading.confidence for reading in one_by_one}) == 10
    assert read_expressions([]) == []


def test_a_member_of_48_pixels_reads_the_means_of_a_larger_crop():
    crop = np.random.default_rng(5).integers(0, 64, (96, 96)).astype(np.uint8) * 4
    # The mean of each four pixels is a whole number, so there is no doubt about its rounding.
    crop[1::2, 1::2] = crop[::2, ::2]
    crop[1::2, ::2] = crop[::2, 1::2]
    means = ((crop[::2, ::2].astype(int) + crop[::2, 1::2]) // 2).astype(np.uint8)
    members = [member for member in Ensemble(MODELS).members if member.size == 48]
    assert members
    for member in members:
        assert np.array_equal(member.logits([crop]), member.logits([means]))


def test_the_version_is_the_shipped_description_s():
    assert model_version() == json.loads((MODELS / "ensemble.json").read_text())["version"]


@pytest.fixture
def models(tmp_path) -> Path:
    return Path(shutil.copytree(MODELS, tmp_path / "models"))


def first_member(models: Path) -> Path:
    return sorted(models.glob("member-*.tflite"))[0]


def described_as_sound(models: Path, file: Path) -> None:
    """Lets ensemble.json expect the file's present content, so that only its content can be refused."""
    description = json.loads((models / "ensemble.json").read_text())
    for entry in description["members"]:
        if entry["file"] == file.name:
            entry["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    (models / "ensemble.json").write_text(json.dumps(description))


def with_input_of(size: int, models: Path) -> str:
    """Lets the shipped member c read crops of `size` pixels: its layers take any. Returns its file's name."""
    file = models / "member-c.tflite"
    shape, wanted = (np.array([1, side, side, 1], "<i4").tobytes() for side in (48, size))
    content = file.read_bytes()
    assert shape in content
    file.write_bytes(content.replace(shape, wanted))
    described_as_sound(models, file)
    return file.name


def read_alone(file: Path, crop: np.ndarray) -> np.ndarray:
    """A network's logits (7,) of a crop in its own size, by the runtime alone."""
    interpreter = Interpreter(model_path=str(file), experimental_op_resolver_type=OPERATIONS)
    interpreter.allocate_tensors()
    entry, exit_ = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    interpreter.set_tensor(entry["index"], crop[None, :, :, None])
    interpreter.invoke()
    scale, zero_point = exit_["quantization"]
    return (interpreter.get_tensor(exit_["index"])[0].astype(float) - zero_point) * scale


def test_members_of_two_sizes_read_each_crop_in_their_own(models):
    file = models / with_input_of(96, models)
    small = golden_crop()
    large = cv2.resize(small, (96, 96), interpolation=cv2.INTER_LINEAR)
    description = json.loads((models / "ensemble.json").read_text())
    entry = description["members"][2]
    golden = softmax(read_alone(file, large) / entry["temperature"])
    entry["golden"] = dict(zip(EXPRESSIONS, golden.tolist(), strict=True))
    (models / "ensemble.json").write_text(json.dumps(description))
    ensemble = Ensemble(models)  # which has it read the golden crop of 48 pixels
    member = ensemble.members[2]
    assert (member.size, ensemble.members[1].size) == (96, 48)
    sharp = np.random.default_rng(6).integers(0, 256, (96, 96)).astype(np.uint8)
    expected = [read_alone(file, large), read_alone(file, sharp)]
    assert np.array_equal(member.logits([small, sharp]), expected)
    members = [member.probabilities([sharp])[0] for member in ensemble.members]
    assert np.array_equal(
        ensemble.probabilities([small, sharp])[1], combine(np.array(members), ensemble.weights)
    )


def test_refuses_a_member_of_another_size(models):
    name = with_input_of(64, models)
    expected = (
        f"{name} has a tensor of shape (1, 64, 64, 1) and type uint8; "
        "expected: (1, 48, 48, 1) or (1, 96, 96, 1) and uint8. Export the models again"
    )
    with pytest.raises(ModelError, match=re.escape(expected)):
        Ensemble(models)


def test_refuses_a_missing_member(models):
    first_member(models).unlink()
    with pytest.raises(ModelError, match=r"member-a\.tflite can't be read"):
        Ensemble(models)


def test_refuses_a_member_that_is_not_the_described_one(models):
    first_member(models).write_bytes(first_member(models).read_bytes()[:-100])
    with pytest.raises(ModelError, match=r"member-a\.tflite has the SHA-256"):
        Ensemble(models)


def test_refuses_a_file_that_is_no_model(models):
    first_member(models).write_bytes(b"not a model")
    described_as_sound(models, first_member(models))
    with pytest.raises(ModelError, match=r"member-a\.tflite is not a TFLite model"):
        Ensemble(models)


def test_refuses_a_missing_description(models):
    (models / "ensemble.json").unlink()
    with pytest.raises(ModelError, match=r"ensemble\.json can't be read"):
        Ensemble(models)


def test_refuses_a_description_without_a_needed_entry(models):
    description = json.loads((models / "ensemble.json").read_text())
    del description["members"][0]["temperature"]
    (models / "ensemble.json").write_text(json.dumps(description))
    with pytest.raises(ModelError, match=r"ensemble\.json lacks 'temperature'"):
        Ensemble(models)


def test_refuses_a_description_of_other_classes(models):
    description = json.loads((models / "ensemble.json").read_text())
    description["classes"] = description["classes"][::-1]
    (models / "ensemble.json").write_text(json.dumps(description))
    with pytest.raises(ModelError, match=r"ensemble\.json lists the classes \['surprise'"):
        Ensemble(models)


def test_refuses_a_member_that_reads_the_golden_crop_otherwise(models):
    """A network of the right shape that answers something else, such as always neutral, must not serve."""
    description = json.loads((models / "ensemble.json").read_text())
    golden = description["members"][0]["golden"]
    description["members"][0]["golden"] = {name: 1 - value for name, value in golden.items()}
    (models / "ensemble.json").write_text(json.dumps(description))
    with pytest.raises(ModelError, match=r"member-a\.tflite reads the golden crop as"):
        Ensemble(models)
