"""The model card's tables from scores that are given."""

import pytest

from memegen.face.expressions import MODELS
from model_export.card import CARD, fill_card

EXPRESSIONS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")


def scores(accuracy: float) -> dict:
    row = {
        "n": 1234,
        "people": 9,
        "accuracy": accuracy,
        "accuracy_interval": (accuracy - 0.05, accuracy + 0.05),
        "macro_f1": accuracy - 0.1,
        "macro_f1_interval": (accuracy - 0.2, accuracy),
        "calibration_error": 0.0312,
        "recall": {"fear": 0.5},
        "accuracy_by_brightness_fifth": [0.1, 0.2, None, 0.4, 0.5],
    }
    return {"ensemble": row, "members": {"a": row, "b": row}}


def test_the_tables_take_the_places_between_their_marks():
    card = "# Card\n<!-- scores -->\nold\n<!-- /scores -->\nkept\n<!-- recall -->\n<!-- /recall -->\n"
    card += "<!-- brightness -->\n<!-- /brightness -->\nend\n"
    filled = fill_card(card, scores(0.6) | {"sets": {"faces": scores(0.7)}})
    assert "old" not in filled
    assert filled.startswith("# Card\n<!-- scores -->\n| set ")
    assert "\n<!-- /scores -->\nkept\n" in filled
    assert filled.endswith("<!-- /brightness -->\nend\n")
    row = "| faces | 1,234 | 9 | **.700** (.650–.750) | **.600** (.500–.700) | .031 | .700 / .600 |"
    assert row in filled
    assert "| all, each set the same weight | 1,234 | 9 | **.600** (.550–.650)" in filled
    assert "| faces | – | – | .500 | – | – | – | – |" in filled
    assert "| faces | .100 | .200 | – | .400 | .500 |" in filled
    assert fill_card(filled, scores(0.6) | {"sets": {"faces": scores(0.7)}}) == filled


def test_a_card_without_a_table_s_place_is_refused():
    with pytest.raises(ValueError, match="no part between <!-- scores -->"):
        fill_card("# Card\n", scores(0.6) | {"sets": {}})


def test_the_shipped_card_has_the_places():
    fill_card((MODELS / CARD).read_text(), scores(0.6) | {"sets": {"faces": scores(0.7)}})
