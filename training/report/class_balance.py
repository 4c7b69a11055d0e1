"""The balance of the classes in the training pictures, before and after balancing."""

from pathlib import Path

import numpy as np

from memegen.options import EXPRESSIONS
from training.data.balance import MAX_REPEATS, balanced
from training.data.crops import read_split
from training.report.plots import COLOURS, figure_html, panels
from training.settings import Settings

_CAPTION = (
    "Training pictures a class, as found and as one round of an epoch draws them; logarithmic. "
    f"No picture comes more than {MAX_REPEATS} times in a round."
)


def balance_section(run: Path, settings: Settings) -> str:
    """A plot for each source of training pictures: how many of each class it has and how many are drawn."""
    train = read_split(run, "train")
    drawn = {member.source: (member.balance, member.balance_strength) for member in settings.members.values()}
    pretraining = settings.pretraining
    sources = np.unique(train.sources)
    figure, axes = panels(1, len(sources), 3.4 * len(sources), 3)
    places = np.arange(len(EXPRESSIONS))
    for axis, source in zip(axes[0], sources, strict=True):
        kind, strength = drawn.get(source, (pretraining.balance, pretraining.balance_strength))
        own = train.labels[train.sources == source]
        chosen = balanced(own, kind, strength, np.random.default_rng(0))
        before, after = (np.bincount(part, minlength=len(EXPRESSIONS)) for part in (own, own[chosen]))
        axis.bar(places - 0.2, before, 0.4, color=COLOURS[0], label="as found")
        axis.bar(places + 0.2, after, 0.4, color=COLOURS[1], label=f"{kind}, strength {strength:.2f}")
        axis.set_xticks(places, EXPRESSIONS, rotation=60, ha="right")
        axis.set_title(source)
        axis.set_yscale("log")
        axis.set_ylim(1, 20 * max(before.max(), after.max()))  # leaves room for the legend
        axis.legend(frameon=False, fontsize=8, loc="upper center")
    return figure_html(figure, _CAPTION)
