"""One HTML page with plots: what a run did, how the members read the validation set, and where they err."""

import base64
import html
import io
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from memegen.face.expressions import combine
from memegen.options import EXPRESSIONS
from training.arrays import Float64s
from training.data.balance import KINDS
from training.data.balance_plot import CAPTION, balance_figure
from training.data.crops import Crops, read_split
from training.ensemble.calibration import calibration_bins, calibration_error
from training.ensemble.class_weights import ValidationSet, ablation_table, f1_weights, read_validation_set
from training.ensemble.metrics import confusion
from training.settings import Hyperparameters, Member, Settings
from training.stages.search import STORAGE, ended, open_study, params_of

_EXAMPLES = 10
_INK, _LINES = "#222222", ("#0b6e99", "#c2571a", "#4f7a28", "#7b4b94")


def write_report(run: Path, settings: Settings) -> None:
    """Writes `report.html` under `run`: balance, leaderboard, learning curves, confusions, class weights,
    disagreement of the members, reliability by source, examples. Pictures of the sets stand in it: it is
    for the run's folder, which is not published. Raises ValueError when the members or their weights are
    missing."""
    mpl.use("agg")
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    crops, validation_set = read_validation_set(run, settings)
    file = run / "weights.json"
    if not file.exists():
        raise ValueError(f"{file} is missing: run `python -m training weights --run {run}` first")
    learnt = json.loads(file.read_text())
    names = list(settings.members)
    temperatures = np.array([learnt["members"][name]["temperature"] for name in names])
    weights = np.array(
        [[learnt["members"][name]["class_weights"][label] for label in EXPRESSIONS] for name in names]
    )
    members = validation_set.probabilities(temperatures)
    together = combine(members, weights)
    sections = {
        "Class balance": balance_section(run, settings),
        "Does balancing help, and which kind?": balancing_section(run, settings),
        "Leaderboard of the search": leaderboard_section(run, settings),
        "Learning curves": curves_section(run, settings),
        "Confusion of the ensemble, by source": confusion_section(validation_set, together),
        "Class weights": weights_section(validation_set, temperatures, weights, names, learnt),
        "Pairwise disagreement of the members": disagreement_section(validation_set, members, names),
        "Reliability, by source": reliability_section(validation_set, together),
        "Examples": examples_section(crops, validation_set, together),
    }
    sections_html = "".join(
        f"<h2>{html.escape(title)}</h2>\n{content}\n" for title, content in sections.items()
    )
    (run / "report.html").write_text(_PAGE.replace("{body}", sections_html))
    print(run / "report.html")


def balance_section(run: Path, settings: Settings) -> str:
    """Pictures of each class in train, by source, before and after balancing."""
    train = read_split(run, "train")
    return _figure(balance_figure(train.labels, train.sources, settings), CAPTION)


def balancing_section(run: Path, settings: Settings) -> str:
    """Each kind of balancing at the same budget, with a conclusion and its interval."""
    if not (run / STORAGE).exists():
        return "<p>There was no search in this run.</p>"
    rows = []
    for name in settings.members:
        scores = balancing_scores(run, name)
        for kind in KINDS:
            values = scores[kind]
            difference = "" if kind == "none" else _difference(values - scores["none"])
            rows.append([name, kind, _numbers(values), f"{values.mean():.3f}", difference])
    head = ["member", "balancing", "macro-F1, a seed each", "mean", "against none (95 %, paired by seed)"]
    return _table(head, rows) + f"<p>{html.escape(balancing_conclusion(run, settings))}</p>"


def balancing_scores(run: Path, member: str) -> dict[str, Float64s]:
    """Macro-F1 by kind of balancing, (seeds,) in the order of the seeds."""
    trials = ended(open_study(run, f"balance-{member}"))
    return {
        kind: np.array(
            [
                trial.value
                for trial in sorted(trials, key=lambda trial: trial.params["seed"])
                if trial.params["balance"] == kind
            ],
            np.float64,
        )
        for kind in KINDS
    }


def balancing_conclusion(run: Path, settings: Settings) -> str:
    """In a sentence for each member: which kind differs from none by more than its interval, if any."""
    sentences = []
    for name in settings.members:
        scores = balancing_scores(run, name)
        found = []
        for kind in KINDS[1:]:
            low, high = t_interval(scores[kind] - scores["none"])
            if low > 0 or high < 0:
                found.append(f"{kind}-sampling {'helps' if low > 0 else 'harms'} ({low:+.3f} to {high:+.3f})")
        sentences.append(f"Member {name}: {'; '.join(found) if found else 'no difference that can be told'}.")
    return " ".join(sentences)


def t_interval(differences: Float64s) -> tuple[float, float]:
    """95 % interval of the mean of a few differences, by Student's t."""
    from scipy.stats import t  # noqa: PLC0415 - heavy, and used here alone

    spread = differences.std(ddof=1) / np.sqrt(len(differences)) * t.ppf(0.975, len(differences) - 1)
    return float(differences.mean() - spread), float(differences.mean() + spread)


def leaderboard_section(run: Path, settings: Settings) -> str:
    """Every trial of the search, best first, and a plot of the scores by trial."""
    if not (run / STORAGE).exists():
        return "<p>There was no search in this run.</p>"
    figure, axes = plt.subplots(
        1, len(settings.members), figsize=(3.6 * len(settings.members), 2.6), layout="constrained"
    )
    parts = []
    for axis, name in zip(np.atleast_1d(axes), settings.members, strict=True):
        trials = ended(open_study(run, f"member-{name}"))
        for state, mark in (("COMPLETE", "o"), ("PRUNED", "x")):
            own = [trial for trial in trials if trial.state.name == state]
            axis.plot(
                [trial.number for trial in own],
                [_last(trial) for trial in own],
                mark,
                color=_LINES[0],
                label="finished" if state == "COMPLETE" else "ended early",
            )
        axis.set_title(f"member {name}")
        axis.set_xlabel("trial")
        axis.legend(frameon=False)
        best = sorted(trials, key=lambda trial: (trial.state.name == "COMPLETE", _last(trial)), reverse=True)
        rows = [
            [
                str(trial.number),
                f"{_last(trial):.3f}" + ("" if trial.state.name == "COMPLETE" else " (ended early)"),
                *(_shown(value) for value in params_of(trial).values()),
            ]
            for trial in best
        ]
        table = _table(["trial", "macro-F1", *params_of(best[0])], rows)
        parts.append(f"<h3>Member {name}</h3>{_fitted_with(settings.members[name])}{table}")
    np.atleast_1d(axes)[0].set_ylabel("macro-F1 on the own validation set")
    return _figure(figure, "The trials in their order.") + "".join(parts)


def _fitted_with(member: Member) -> str:
    values = {field.name: getattr(member, field.name) for field in fields(Hyperparameters)}
    shown = ", ".join(
        f"{name} {_shown(value)}{' (pinned)' if name in member.pinned else ''}"
        for name, value in values.items()
    )
    return f"<p>Fitted with {shown}.</p>"


def curves_section(run: Path, settings: Settings) -> str:
    """Loss and macro-F1 by epoch of every training, a figure a stage."""
    stages = {stage: list(settings.backbones) for stage in settings.stages}
    if settings.crossfit.shares:
        stages["crossfit"] = [str(number) for number in range(1, settings.crossfit.folds + 1)]
    stages["member"] = list(settings.members)
    return "".join(_curves(run, [f"{stage}-{name}" for name in names]) for stage, names in stages.items())


def _curves(run: Path, trainings: list[str]) -> str:
    figure, axes = plt.subplots(
        2, len(trainings), figsize=(3.6 * len(trainings), 4.4), layout="constrained", squeeze=False
    )
    for column, name in enumerate(trainings):
        lines = [json.loads(line) for line in (run / f"{name}.jsonl").read_text().splitlines()]
        epochs = [line["epoch"] for line in lines]
        axes[0, column].plot(epochs, [line["loss"] for line in lines], color=_INK)
        axes[0, column].set_title(name)
        sources = [key for key, value in lines[0].items() if isinstance(value, dict)]
        for source, colour in zip(sources, _LINES, strict=False):
            scores = [line[source]["macro_f1"] for line in lines]
            axes[1, column].plot(epochs, scores, color=colour, label=source)
        axes[1, column].set_xlabel("epoch")
    axes[0, 0].set_ylabel("training loss")
    axes[1, 0].set_ylabel("macro-F1, validation")
    named = axes[1, 0].get_legend_handles_labels()
    figure.legend(*named, loc="outside lower center", ncols=len(named[1]), frameon=False)
    return _figure(figure, "The averaged weights' scores after each epoch.")


def confusion_section(validation_set: ValidationSet, together: Float64s) -> str:
    sources = np.unique(validation_set.sources)
    figure, axes = plt.subplots(1, len(sources), figsize=(3.6 * len(sources), 4.2), layout="constrained")
    for axis, source in zip(axes, sources, strict=True):
        own = validation_set.sources == source
        counts = confusion(validation_set.labels[own], together[own].argmax(axis=1))[:, :-1]
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axis.set_xticks(range(len(EXPRESSIONS)), EXPRESSIONS, rotation=60, ha="right")
        axis.set_yticks(range(len(EXPRESSIONS)), EXPRESSIONS)
        axis.set_title(f"{source}, n {own.sum():,}")
        for row, column in np.ndindex(shares.shape):
            shade = "white" if shares[row, column] > 0.5 else _INK
            text = f"{shares[row, column]:.2f}"
            axis.text(column, row, text, ha="center", va="center", color=shade, fontsize=7)
    return _figure(figure, "A row a label, a column a reading, shares of the row.")


def weights_section(
    validation_set: ValidationSet,
    temperatures: Float64s,
    weights: Float64s,
    names: list[str],
    learnt: dict[str, Any],
) -> str:
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
        _table(["", *EXPRESSIONS], rows)
        + f"<p>Rule that ships: {html.escape(learnt['rule'])}. Macro-F1 on people left out: {scores}.</p>"
        + f"<p>Each member alone, and the ensemble without it:</p><pre>{html.escape(ablation)}</pre>"
    )


def disagreement_section(validation_set: ValidationSet, members: Float64s, names: list[str]) -> str:
    """How often two members read a picture differently, by source."""
    guesses = members.argmax(axis=2)
    rows = []
    for source in np.unique(validation_set.sources):
        own = guesses[validation_set.sources == source]
        cells = [
            f"{(own[:, first] != own[:, second]).mean():.3f}"
            for first in range(len(names))
            for second in range(first)
        ]
        rows.append([str(source), *cells])
    pairs = [f"{names[second]} and {names[first]}" for first in range(len(names)) for second in range(first)]
    return _table(["source", *pairs], rows)


def reliability_section(validation_set: ValidationSet, together: Float64s) -> str:
    sources = np.unique(validation_set.sources)
    figure, axes = plt.subplots(1, len(sources), figsize=(3 * len(sources), 3), layout="constrained")
    for axis, source in zip(axes, sources, strict=True):
        own = validation_set.sources == source
        sure, right, share = calibration_bins(together[own], validation_set.labels[own])
        sure, right = sure[share > 0], right[share > 0]
        axis.plot([0, 1], [0, 1], color="#bbbbbb")
        axis.plot(sure, right, "o-", color=_LINES[0], markersize=3)
        axis.set_title(f"{source}, error {calibration_error(together[own], validation_set.labels[own]):.3f}")
        axis.set_xlabel("confidence")
    axes[0].set_ylabel("share right")
    return _figure(figure, "15 bins of equal mass.")


def examples_section(crops: Crops, validation_set: ValidationSet, together: Float64s) -> str:
    """The surest right and wrong readings of each source."""
    sure, guesses = together.max(axis=1), together.argmax(axis=1)
    parts = []
    for source in np.unique(validation_set.sources):
        for title, asked in (
            ("right", guesses == validation_set.labels),
            ("wrong", guesses != validation_set.labels),
        ):
            own = np.flatnonzero((validation_set.sources == source) & asked)
            chosen = own[np.argsort(-sure[own], kind="stable")][:_EXAMPLES]
            figure, axes = plt.subplots(1, _EXAMPLES, figsize=(11, 1.7), layout="constrained")
            for axis in axes:
                axis.axis("off")
            for axis, place in zip(axes, chosen, strict=False):
                axis.imshow(crops.pictures[place], cmap="gray", vmin=0, vmax=255)
                label, guess = EXPRESSIONS[validation_set.labels[place]], EXPRESSIONS[guesses[place]]
                axis.set_title(f"{guess}\n{label}" if title == "wrong" else f"{label}\n", fontsize=7)
            parts.append(
                _figure(figure, f"{source}, surest {title}" + (": read, label" * (title == "wrong")))
            )
    return "".join(parts)


def _last(trial: Any) -> float:
    if trial.value is not None:
        return float(trial.value)
    return float(trial.intermediate_values[max(trial.intermediate_values)])


def _difference(differences: Float64s) -> str:
    low, high = t_interval(differences)
    return f"{differences.mean():+.3f} ({low:+.3f} to {high:+.3f})"


def _numbers(values: Float64s) -> str:
    return ", ".join(f"{value:.3f}" for value in values)


def _shown(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _table(head: list[str], rows: list[list[str]]) -> str:
    def line(cells: list[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    return "<table>" + line(head, "th") + "".join(line(row, "td") for row in rows) + "</table>"


def _figure(figure: Figure, caption: str) -> str:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110)
    plt.close(figure)
    picture = base64.b64encode(out.getvalue()).decode()
    text = html.escape(caption)
    return (
        f'<figure><img alt="{text}" src="data:image/png;base64,{picture}">'
        f"<figcaption>{text}</figcaption></figure>"
    )


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Training report</title>
<style>
body { font: 15px/1.5 sans-serif; color: #222; max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #ddd; font-size: .9rem }
figure { margin: 1rem 0 } img { max-width: 100% } figcaption { color: #555; font-size: .9rem }
pre { font-size: .8rem; overflow-x: auto }
</style>
<h1>Training report</h1>
{body}
</html>
"""
