"""A plot of the class balance before and after balancing."""

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from memegen.options import EXPRESSIONS
from training.data.balance import MAX_REPEATS, balanced
from training.settings import Settings

BEFORE, AFTER = "#0b6e99", "#c2571a"
CAPTION = (
    "Training pictures a class, as found and as one round of an epoch draws them; logarithmic. "
    f"No picture comes more than {MAX_REPEATS} times in a round."
)


def balance_figure(
    labels: npt.NDArray[np.uint8], sources: npt.NDArray[np.str_], settings: Settings
) -> Figure:
    """A panel for each source of training pictures with labels (n,) and sources (n,)."""
    drawn = {member.source: (member.balance, member.balance_strength) for member in settings.members.values()}
    pretraining = settings.pretraining
    names = np.unique(sources)
    figure = Figure(figsize=(3.4 * len(names), 3), layout="constrained")
    for axis, source in zip(np.atleast_1d(figure.subplots(1, len(names))), names, strict=True):
        kind, strength = drawn.get(source, (pretraining.balance, pretraining.balance_strength))
        own = labels[sources == source]
        chosen = balanced(own, kind, strength, np.random.default_rng(0))
        places = np.arange(len(EXPRESSIONS))
        before, after = (np.bincount(part, minlength=len(EXPRESSIONS)) for part in (own, own[chosen]))
        axis.bar(places - 0.2, before, 0.4, color=BEFORE, label="as found")
        axis.bar(places + 0.2, after, 0.4, color=AFTER, label=f"{kind}, strength {strength:.2f}")
        axis.set_xticks(places, EXPRESSIONS, rotation=60, ha="right")
        axis.set_title(source)
        axis.set_yscale("log")
        axis.set_ylim(1, 20 * max(before.max(), after.max()))  # room for the legend
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False, fontsize=8, loc="upper center")
    return figure
