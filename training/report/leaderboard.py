"""The leaderboard of the search: every trial of every member, the best first."""

from dataclasses import fields
from pathlib import Path

from optuna.trial import FrozenTrial

from training.report.markup import paragraph, shown, table
from training.report.plots import COLOURS, figure_html, panels
from training.settings import Hyperparameters, Member, Settings
from training.stages.search import STORAGE, ended, open_study, params_of

_MARKERS = {"COMPLETE": ("o", "finished"), "PRUNED": ("x", "ended early")}


def leaderboard_section(run: Path, settings: Settings) -> str:
    """What each member was trained with; of those that were searched, a plot of the scores in the trials'
    order and a table."""
    if not (run / STORAGE).exists():
        return paragraph("There was no search in this run.")
    figure, axes = panels(1, len(settings.searched), 3.6 * len(settings.searched), 2.6)
    tables = [
        f"<h3>Member {name}</h3>{_fitted_with(member)}{paragraph('It was not searched.')}"
        for name, member in settings.members.items()
        if name not in settings.searched
    ]
    for axis, (name, member) in zip(axes[0], settings.searched.items(), strict=True):
        trials = ended(open_study(run, f"member-{name}"))
        for state, (marker, label) in _MARKERS.items():
            own = [trial for trial in trials if trial.state.name == state]
            numbers, scores = [trial.number for trial in own], [_last_score(trial) for trial in own]
            axis.plot(numbers, scores, marker, color=COLOURS[0], label=label)
        axis.set_title(f"member {name}")
        axis.set_xlabel("trial")
        axis.legend(frameon=False)
        tables.append(f"<h3>Member {name}</h3>{_fitted_with(member)}{_table(trials)}")
    axes[0, 0].set_ylabel("macro-F1 on the own validation set")
    return figure_html(figure, "The trials in their order.") + "".join(tables)


def _table(trials: list[FrozenTrial]) -> str:
    best_first = sorted(trials, key=lambda trial: (_is_complete(trial), _last_score(trial)), reverse=True)
    rows = [
        [
            str(trial.number),
            f"{_last_score(trial):.3f}" + ("" if _is_complete(trial) else " (ended early)"),
            *(shown(value) for value in params_of(trial).values()),
        ]
        for trial in best_first
    ]
    return table(["trial", "macro-F1", *params_of(best_first[0])], rows)


def _fitted_with(member: Member) -> str:
    values = {field.name: getattr(member, field.name) for field in fields(Hyperparameters)}
    described = ", ".join(
        f"{name} {shown(value)}{' (pinned)' if name in member.pinned else ''}"
        for name, value in values.items()
    )
    return paragraph(f"Fitted with {described}.")


def _is_complete(trial: FrozenTrial) -> bool:
    return trial.state.name == "COMPLETE"


def _last_score(trial: FrozenTrial) -> float:
    """The trial's score, or the one after its last epoch where it was ended early."""
    if trial.value is not None:
        return float(trial.value)
    return float(trial.intermediate_values[max(trial.intermediate_values)])
