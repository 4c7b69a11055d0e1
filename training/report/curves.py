"""The learning curves of every training."""

import json
from pathlib import Path

from training.report.plots import COLOURS, INK, figure_html, panels
from training.settings import FACE, Settings


def curves_section(run: Path, settings: Settings) -> str:
    """Loss and macro-F1 by epoch, a figure for each stage."""
    stages = {stage: list(settings.backbones) for stage in settings.stages}
    if settings.face_backbone:
        stages["backbone"].append(FACE)
    if settings.crossfit.shares:
        stages["crossfit"] = [str(number) for number in range(1, settings.crossfit.folds + 1)]
    stages["member"] = list(settings.members)
    return "".join(_curves(run, [f"{stage}-{name}" for name in names]) for stage, names in stages.items())


def _curves(run: Path, trainings: list[str]) -> str:
    figure, axes = panels(2, len(trainings), 3.6 * len(trainings), 4.4)
    for column, name in enumerate(trainings):
        lines = [json.loads(line) for line in (run / f"{name}.jsonl").read_text().splitlines()]
        epochs = [line["epoch"] for line in lines]
        axes[0, column].plot(epochs, [line["loss"] for line in lines], color=INK)
        axes[0, column].set_title(name)
        sources = [key for key, value in lines[0].items() if isinstance(value, dict)]
        for source, colour in zip(sources, COLOURS, strict=False):
            scores = [line[source]["macro_f1"] for line in lines]
            axes[1, column].plot(epochs, scores, color=colour, label=source)
        axes[1, column].set_xlabel("epoch")
    axes[0, 0].set_ylabel("training loss")
    axes[1, 0].set_ylabel("macro-F1, validation")
    named = axes[1, 0].get_legend_handles_labels()
    figure.legend(*named, loc="outside lower center", ncols=len(named[1]), frameon=False)
    return figure_html(figure, "The averaged weights' scores after each epoch.")
