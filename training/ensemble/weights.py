"""The step that finds the ensemble's temperatures and class weights."""

import json
from pathlib import Path

from memegen.options import EXPRESSIONS
from training.ensemble.calibration import log_loss
from training.ensemble.class_weights import (
    Rule,
    best_temperatures,
    choose_l2,
    f1_weights,
    learn_class_weights,
    learnt_weights,
    out_of_fold_readings,
    plain_mean,
    temperature_factor,
)
from training.ensemble.validation_set import read_validation_set
from training.ensemble.weight_tables import describe, validation_macro_f1
from training.settings import Settings


def learn_weights(run: Path, settings: Settings) -> None:
    """Learn the ensemble's weights from the members and folds under `run`, and write `weights.json`.

    First each member gets a temperature. Then the class weights are learnt, drawn to the plain mean as
    strongly as people left out bear. Last, all temperatures are multiplied by one factor, so that the
    ensemble's confidence is right. The printed tables compare the plain mean, each member's F1 as its
    weights, and the learnt weights, all on people left out.
    """
    crops, validation_set = read_validation_set(run, settings)
    temperatures = best_temperatures(validation_set)
    rules: dict[str, Rule] = {"equal": plain_mean, "F1": f1_weights, "learnt": learnt_weights}
    left_out = {name: out_of_fold_readings(validation_set, rule) for name, rule in rules.items()}
    l2_penalty = choose_l2(validation_set)
    weights = learn_class_weights(validation_set.probabilities(temperatures), validation_set, l2_penalty)
    shipped = "learnt" if (weights != 1).any() else "equal"
    factor = temperature_factor(validation_set, temperatures, weights)
    names = list(settings.members)
    described = {
        "rule": shipped,
        "l2_penalty": l2_penalty if shipped == "learnt" else None,
        "left_out_macro_f1": {
            name: round(validation_macro_f1(validation_set, readings), 4)
            for name, readings in left_out.items()
        },
        "left_out_log_loss": {
            name: round(log_loss(rows, validation_set.labels, validation_set.weights), 4)
            for name, rows in left_out.items()
        },
        "members": {
            name: {
                "temperature": round(float(temperature * factor), 4),
                "class_weights": dict(zip(EXPRESSIONS, (round(float(w), 4) for w in row), strict=True)),
            }
            for name, temperature, row in zip(names, temperatures, weights, strict=True)
        },
    }
    (run / "weights.json").write_text(json.dumps(described, indent=2) + "\n")
    print(
        f"common validation set: {len(crops.labels):,} pictures; a source counts by the root of its pictures"
    )
    print("\n".join(describe(validation_set, temperatures * factor, weights, names, left_out, shipped)))
