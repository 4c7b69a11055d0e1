"""What counts as proof that quantized members read as the trained ones do."""

import importlib.util

import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

from memegen.face.crop import square_crop
from memegen.face.expressions import MODELS, Ensemble, Interpreter
from model_export.verify import (
    Parity,
    broken_bounds,
    broken_runtime_bound,
    compare,
    other_runtime_logits,
    runtime_steps,
    verification_crops,
)
from training.data.crops import Crops


def test_two_readings_are_compared():
    floats = np.full((4, 7), 0.0)
    floats[:, 0], floats[:, 1] = 0.6, 0.4
    ints = floats.copy()
    ints[3, :2] = 0.4, 0.6  # one of four reads another class
    labels = np.array([0, 0, 1, 0])
    parity = compare(floats, ints, labels)
    assert (parity.n, parity.agreement) == (4, 0.75)
    assert (parity.float_accuracy, parity.int8_accuracy, parity.accuracy_loss) == (0.75, 0.5, 0.25)
    # Two of 28 probabilities differ by .2.
    assert parity.mean_difference == pytest.approx(0.4 / 28)


@pytest.mark.parametrize(
    ("parity", "sentences"),
    [
        (Parity(2000, 0.98, 0.65, 0.648, 0.01), []),
        (Parity(2000, 0.95, 0.65, 0.65, 0.01), ["agrees with float on 95.0%; expected is 96.0%"]),
        (Parity(2000, 0.98, 0.65, 0.64, 0.01), ["loses 1.00% of accuracy; expected is 0.5% at most"]),
        (Parity(2000, 0.98, 0.65, 0.66, 0.03), ["differ by 0.030 on average; expected is 0.02 at most"]),
    ],
)
def test_a_broken_bound_is_reported_in_a_sentence(parity, sentences):
    found = broken_bounds("member a", parity)
    assert len(found) == len(sentences)
    assert all(part in sentence for part, sentence in zip(sentences, found, strict=True))


def test_the_ensemble_must_agree_more_than_a_member():
    parity = Parity(2000, 0.97, 0.65, 0.65, 0.01)
    assert not broken_bounds("member a", parity)
    assert broken_bounds("ensemble", parity) == [
        "ensemble: int8 agrees with float on 97.0%; expected is 97.5%"
    ]


def test_sources_have_equal_shares_of_the_verification_pictures():
    sources = np.array(["few"] * 100 + ["many"] * 5000)
    crops = Crops(
        np.zeros((5100, 1, 1), np.uint8), np.zeros(5100, np.uint8), sources, np.arange(5100).astype(str)
    )
    chosen = verification_crops(crops, np.random.default_rng(0))
    assert len(chosen.labels) == 2000
    assert (chosen.sources == "few").sum() == 100


def test_two_runtimes_may_differ_by_two_steps_of_the_output():
    logits = np.array([[0.0, 0.5, 1.0], [0.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    other = logits + 0.25 * np.array([[1, 0, -2], [0, 0, 0], [0, 1, 0]])
    steps = runtime_steps(logits, other, 0.25)
    assert steps.tolist() == [2, 0, 1]
    assert broken_runtime_bound("a", steps) == []
    further = runtime_steps(logits, logits + 0.75, 0.25)
    assert broken_runtime_bound("a", further) == [
        "member a: the logits of the two runtimes differ by 3 quantization steps; expected are 2 at most"
    ]


def test_the_shipped_members_read_alike_in_the_runtime_s_successor():
    """On noise, which activates every unit, and on the ends of the range."""
    if importlib.util.find_spec("ai_edge_litert") is None:
        pytest.skip("ai-edge-litert is not installed: make setup-training")
    crops = np.random.default_rng(0).integers(0, 256, (30, 48, 48)).astype(np.uint8)
    crops[0], crops[1] = 0, 255
    for member in Ensemble(MODELS).members:
        expected = member.logits(crops)
        found = other_runtime_logits(
            member.file, np.stack([square_crop(crop, member.size) for crop in crops])
        )
        assert found is not None
        steps = runtime_steps(expected, *found)
        assert steps.max() <= 2
        assert (steps == 0).mean() >= 0.9


def test_the_members_take_raw_grey_and_give_raw_logits():
    """0 and 255 dequantize to the ends of the training transform, (x - 128) / 128, and every convolution's
    weights are quantized per channel."""
    for member in Ensemble(MODELS).members:
        interpreter = Interpreter(model_path=str(member.file))
        interpreter.allocate_tensors()
        entry, exit_ = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        assert (entry["dtype"], exit_["dtype"]) == (np.uint8, np.int8)
        scale, zero_point = entry["quantization"]
        step = 1 / 128
        assert (0 - zero_point) * scale == pytest.approx(-1.0, abs=step / 4)
        assert (255 - zero_point) * scale == pytest.approx(127 / 128, abs=step / 4)
        filters = [
            detail["quantization_parameters"]["scales"]
            for detail in interpreter.get_tensor_details()
            if detail["dtype"] is np.int8
            and len(detail["shape"]) == 4
            and detail["shape"][1] in (1, 3)
            and detail["quantization_parameters"]["quantized_dimension"] == 0
            and len(detail["quantization_parameters"]["scales"]) > 1
        ]
        assert len(filters) >= 13
        assert all(len(scales) >= 16 for scales in filters)
