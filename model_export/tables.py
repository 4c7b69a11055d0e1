"""The scores of `evaluate` as JSON or as tables for a person."""

import json
from collections.abc import Sequence
from typing import Any

from memegen.options import EXPRESSIONS


def show(scores: dict[str, Any], as_json: bool) -> None:
    """Prints the scores: as JSON, or as tables for a person."""
    if as_json:
        print(json.dumps(scores))
        return
    for name, own in scores.get("sets", {}).items():
        print(f"== {name}")
        _show_one(own)
        print()
    if "sets" in scores:
        print("== together, each set with the same weight")
    _show_one(scores)
    for name, difference in scores.get("against", {}).items():
        low, high = difference["interval"]
        print(
            f"macro-F1 of the ensemble less that of {name}: {difference['difference']:+.4f}, "
            f"95 % {low:+.4f} to {high:+.4f}"
        )


def _show_one(scores: dict[str, Any]) -> None:
    rows = {"ensemble": scores["ensemble"]} | {f"member {k}": v for k, v in scores["members"].items()}
    width = 10
    print(
        f"{'':<10}{'n':>7}{'people':>8}{'accuracy':>{width}}{'95 %':>14}{'macro-F1':>{width}}{'95 %':>14}"
        f"{'ECE':>7}{'ms/face':>9}{'no face':>9}"
    )
    for name, row in rows.items():
        print(
            f"{name:<10}{row['n']:>7,}{row['people']:>8,}{row['accuracy']:>{width}.3f}"
            f"{_span(row['accuracy_interval']):>14}{row['macro_f1']:>{width}.3f}"
            f"{_span(row['macro_f1_interval']):>14}{row['calibration_error']:>7.3f}"
            f"{row['ms_per_face']:>9.2f}{row['no_face']:>9}"
        )
    print(f"\n{'recall':<10}" + "".join(f"{label:>{width}}" for label in EXPRESSIONS))
    for name, row in rows.items():
        cells = "".join(
            f"{row['recall'][label]:>{width}.3f}" if label in row["recall"] else f"{'–':>{width}}"
            for label in EXPRESSIONS
        )
        print(f"{name:<10}{cells}")
    fifths = scores["ensemble"]["accuracy_by_brightness_fifth"]
    shown = " ".join("–" if value is None else f"{value:.3f}" for value in fifths)
    print(f"accuracy by fifths of brightness, dark to light: {shown}")
    print("\nthe ensemble's confusion, a row a label, a column a reading")
    for label, counts in zip(EXPRESSIONS, scores["ensemble"]["confusion"], strict=True):
        print(f"{label:<10}" + "".join(f"{count:>{width},}" for count in counts))
    _show_extras(scores)


def _show_extras(scores: dict[str, Any]) -> None:
    if "accuracy_by_coverage" in scores:
        shares = scores["accuracy_by_coverage"].items()
        print("accuracy of the surest: " + ", ".join(f"{share:.0%} {value:.3f}" for share, value in shares))
    others = {f"without {name}": row for name, row in scores.get("without", {}).items()}
    if "other" in scores:
        others["the other ensemble"] = scores["other"]
    if others:
        print(
            f"\n{'':<20}{'accuracy':>10}{'macro-F1':>10}  McNemar: only the ensemble, only the other is right"
        )
    for name, row in others.items():
        print(
            f"{name:<20}{row['accuracy']:>10.3f}{row['macro_f1']:>10.3f}  "
            f"{row['wins']:,}, {row['losses']:,}, p = {row['p']:.2g}"
        )
    if "corrupted" in scores:
        print(f"\n{'crops':<20}{'accuracy':>10}{'macro-F1':>10}")
    for name, row in scores.get("corrupted", {}).items():
        print(f"{name:<20}{row['accuracy']:>10.3f}{row['macro_f1']:>10.3f}")


def _span(bounds: Sequence[float]) -> str:
    return f"{bounds[0]:.3f}–{bounds[1]:.3f}"
