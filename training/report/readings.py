"""How the ensemble reads the validation set: where it errs, how sure it is, and examples."""

import numpy as np

from memegen.options import EXPRESSIONS
from training.arrays import Float64s
from training.data.crops import Crops
from training.ensemble.calibration import calibration_bins, calibration_error
from training.ensemble.metrics import confusion
from training.ensemble.validation_set import ValidationSet
from training.report.plots import COLOURS, INK, figure_html, panels

_EXAMPLES = 10


def confusion_section(validation_set: ValidationSet, probabilities: Float64s) -> str:
    """A confusion matrix for each source. probabilities: the ensemble's, (pictures, classes)."""
    sources = np.unique(validation_set.sources)
    figure, axes = panels(1, len(sources), 3.6 * len(sources), 4.2)
    for axis, source in zip(axes[0], sources, strict=True):
        own = validation_set.sources == source
        counts = confusion(validation_set.labels[own], probabilities[own].argmax(axis=1))[:, :-1]
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        axis.set_xticks(range(len(EXPRESSIONS)), EXPRESSIONS, rotation=60, ha="right")
        axis.set_yticks(range(len(EXPRESSIONS)), EXPRESSIONS)
        axis.set_title(f"{source}, n {own.sum():,}")
        for row, column in np.ndindex(shares.shape):
            shade = "white" if shares[row, column] > 0.5 else INK
            text = f"{shares[row, column]:.2f}"
            axis.text(column, row, text, ha="center", va="center", color=shade, fontsize=7)
    return figure_html(figure, "A row a label, a column a reading, shares of the row.")


def reliability_section(validation_set: ValidationSet, probabilities: Float64s) -> str:
    """A reliability diagram for each source: how often a reading is right, by its confidence."""
    sources = np.unique(validation_set.sources)
    figure, axes = panels(1, len(sources), 3 * len(sources), 3)
    for axis, source in zip(axes[0], sources, strict=True):
        own = validation_set.sources == source
        labels, read = validation_set.labels[own], probabilities[own]
        sure, right, share = calibration_bins(read, labels)
        sure, right = sure[share > 0], right[share > 0]
        axis.plot([0, 1], [0, 1], color="#bbbbbb")
        axis.plot(sure, right, "o-", color=COLOURS[0], markersize=3)
        axis.set_title(f"{source}, error {calibration_error(read, labels):.3f}")
        axis.set_xlabel("confidence")
    axes[0, 0].set_ylabel("share right")
    return figure_html(figure, "15 bins of equal mass.")


def examples_section(crops: Crops, validation_set: ValidationSet, probabilities: Float64s) -> str:
    """The right and the wrong readings of each source of which the ensemble is surest."""
    confidences, guesses = probabilities.max(axis=1), probabilities.argmax(axis=1)
    is_right = guesses == validation_set.labels
    parts = []
    for source in np.unique(validation_set.sources):
        for asked, caption in ((is_right, "surest right"), (~is_right, "surest wrong: read, label")):
            own = np.flatnonzero((validation_set.sources == source) & asked)
            surest = own[np.argsort(-confidences[own], kind="stable")][:_EXAMPLES]
            figure, axes = panels(1, _EXAMPLES, 11, 1.7)
            for axis in axes[0]:
                axis.axis("off")
            for axis, place in zip(axes[0], surest, strict=False):
                axis.imshow(crops.pictures[place], cmap="gray", vmin=0, vmax=255)
                label, guess = EXPRESSIONS[validation_set.labels[place]], EXPRESSIONS[guesses[place]]
                axis.set_title(f"{label}\n" if label == guess else f"{guess}\n{label}", fontsize=7)
            parts.append(figure_html(figure, f"{source}, {caption}"))
    return "".join(parts)
