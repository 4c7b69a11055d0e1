"""What each member brings to the ensemble: its weights for the classes, and how the members disagree."""

import html
from typing import Any

import numpy as np

from memegen.options import EXPRESSIONS
from training.arrays import Float64s
from training.ensemble.class_weights import f1_weights
from training.ensemble.validation_set import ValidationSet
from training.ensemble.weight_tables import ablation_table
from training.report.markup import paragraph, table


def weights_section(
    validation_set: ValidationSet,
    temperatures: Float64s,
    weights: Float64s,
    names: list[str],
    learnt: dict[str, Any],
) -> str:
    """F1 and weight of each member for each class, which rule ships, and what each member is worth.

    temperatures (members,), weights (members, classes), in the order of the names. learnt: weights.json.
    """
    rows = [
        [f"member {name}, F1", *(f"{value:.2f}" for value in row)]
        for name, row in zip(names, f1_weights(validation_set), strict=True)
    ]
    rows += [
        [f"member {name}, weight", *(f"{value:.2f}" for value in row)]
        for name, row in zip(names, weights, strict=True)
    ]
    scores = ", ".join(f"{rule} {score:.4f}" for rule, score in learnt["left_out_macro_f1"].items())
    ablation = "\n".join(ablation_table(validation_set, temperatures, weights, names))
    return (
        table(["", *EXPRESSIONS], rows)
        + paragraph(f"Rule that ships: {learnt['rule']}. Macro-F1 on people left out: {scores}.")
        + paragraph("Each member alone, and the ensemble without it:")
        + f"<pre>{html.escape(ablation)}</pre>"
    )


def disagreement_section(validation_set: ValidationSet, members: Float64s, names: list[str]) -> str:
    """How often two members read a picture differently, by source. members: (members, pictures, classes)."""
    guesses = members.argmax(axis=2)
    pairs = [(second, first) for first in range(len(names)) for second in range(first)]
    rows = []
    for source in np.unique(validation_set.sources):
        own = guesses[validation_set.sources == source]
        rows.append([str(source), *(f"{(own[:, one] != own[:, other]).mean():.3f}" for one, other in pairs)])
    return table(["source", *(f"{names[one]} and {names[other]}" for one, other in pairs)], rows)
