"""The model card's tables, filled in from what `evaluate` measures."""

from pathlib import Path
from typing import Any

from memegen.options import EXPRESSIONS

CARD = "MODEL_CARD.md"


def fill_card(card: str, scores: dict[str, Any]) -> str:
    """The card with every part between `<!-- name -->` and `<!-- /name -->` made anew from the scores of
    several sets. Raises ValueError that names a part which the card lacks."""
    for name, lines in {
        "scores": score_table(scores),
        "recall": recall_table(scores),
        "brightness": brightness_table(scores),
    }.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if start not in card or end not in card:
            raise ValueError(f"{CARD} has no part between {start.strip()} and {end}")
        before, _, rest = card.partition(start)
        _, _, after = rest.partition(end)
        card = before + start + "".join(f"{line}\n" for line in lines) + end + after
    return card


def write_card(models: Path, scores: dict[str, Any]) -> None:
    """Fills in the card in the folder of the models."""
    file = models / CARD
    file.write_text(fill_card(file.read_text(), scores))


def score_table(scores: dict[str, Any]) -> list[str]:
    """Accuracy and macro-F1 of the ensemble with intervals, and of the members, a row a set."""
    members = list(scores["members"])
    lines = [
        "| set | pictures | people | ensemble, accuracy | ensemble, macro-F1 | calibration error | "
        + " | ".join(f"member {name}" for name in members)
        + " |",
        "|---" * (6 + len(members)) + "|",
    ]
    for name, own in {**scores["sets"], "all, each set the same weight": scores}.items():
        row = own["ensemble"]
        cells = [
            name,
            f"{row['n']:,}",
            f"{row['people']:,}",
            _with_span(row, "accuracy"),
            _with_span(row, "macro_f1"),
            _share(row["calibration_error"]),
            *(
                f"{_share(own['members'][m]['accuracy'])} / {_share(own['members'][m]['macro_f1'])}"
                for m in members
            ),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def recall_table(scores: dict[str, Any]) -> list[str]:
    """The ensemble's recall of each class, a row a set."""
    lines = ["| recall | " + " | ".join(EXPRESSIONS) + " |", "|---" * (1 + len(EXPRESSIONS)) + "|"]
    for name, own in scores["sets"].items():
        recall = own["ensemble"]["recall"]
        cells = [_share(recall[label]) if label in recall else "–" for label in EXPRESSIONS]
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return lines


def brightness_table(scores: dict[str, Any]) -> list[str]:
    """The ensemble's accuracy by fifths of the crops' brightness, a row a set."""
    lines = ["| accuracy | darkest fifth | second | third | fourth | lightest fifth |", "|---" * 6 + "|"]
    for name, own in scores["sets"].items():
        cells = ["–" if v is None else _share(v) for v in own["ensemble"]["accuracy_by_brightness_fifth"]]
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return lines


def _with_span(row: dict[str, Any], name: str) -> str:
    low, high = row[f"{name}_interval"]
    return f"**{_share(row[name])}** ({_share(low)}–{_share(high)})"


def _share(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")
