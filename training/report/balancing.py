"""Whether balancing helps a member, and which kind: macro-F1 at the same budget, with the same seeds."""

from pathlib import Path

import numpy as np

from training.arrays import Float64s
from training.data.balance import KINDS
from training.report.markup import paragraph, table
from training.settings import Settings
from training.stages.search import STORAGE, ended, open_study

_HEAD = ["member", "balancing", "macro-F1, a seed each", "mean", "against none (95 %, paired by seed)"]


def balancing_section(run: Path, settings: Settings) -> str:
    """The scores of each searched member with each kind of balancing, and what follows from them."""
    if not (run / STORAGE).exists():
        return paragraph("There was no search in this run.")
    rows = []
    for name in settings.searched:
        scores = balancing_scores(run, name)
        for kind in KINDS:
            values = scores[kind]
            difference = "" if kind == "none" else _difference(values - scores["none"])
            rows.append([name, kind, _numbers(values), f"{values.mean():.3f}", difference])
    return table(_HEAD, rows) + paragraph(balancing_conclusion(run, settings))


def balancing_scores(run: Path, member: str) -> dict[str, Float64s]:
    """Macro-F1 by kind of balancing, (seeds,) in the order of the seeds."""
    trials = sorted(ended(open_study(run, f"balance-{member}")), key=lambda trial: trial.params["seed"])
    return {
        kind: np.array([trial.value for trial in trials if trial.params["balance"] == kind], np.float64)
        for kind in KINDS
    }


def balancing_conclusion(run: Path, settings: Settings) -> str:
    """A sentence for each searched member: which kinds differ from none by more than chance, and how."""
    sentences = []
    for name in settings.searched:
        scores = balancing_scores(run, name)
        found = []
        for kind in KINDS[1:]:
            low, high = t_interval(scores[kind] - scores["none"])
            if low > 0 or high < 0:
                found.append(f"{kind}-sampling {'helps' if low > 0 else 'harms'} ({low:+.3f} to {high:+.3f})")
        sentences.append(f"Member {name}: {'; '.join(found) if found else 'no difference that can be told'}.")
    return " ".join(sentences)


def t_interval(differences: Float64s) -> tuple[float, float]:
    """The 95 % interval of the mean of a few differences, by Student's t."""
    from scipy.stats import t  # noqa: PLC0415 - it is slow to load, and only this function uses it

    spread = differences.std(ddof=1) / np.sqrt(len(differences)) * t.ppf(0.975, len(differences) - 1)
    return float(differences.mean() - spread), float(differences.mean() + spread)


def _difference(differences: Float64s) -> str:
    low, high = t_interval(differences)
    return f"{differences.mean():+.3f} ({low:+.3f} to {high:+.3f})"


def _numbers(values: Float64s) -> str:
    return ", ".join(f"{value:.3f}" for value in values)
