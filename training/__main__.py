"""`python -m training <step>` runs one step of the training.

The steps are, in their order: prepare, pretrain, distill, face, crossfit, search, finetune, folds, weights,
report.
A step that was stopped goes on where it was, and all steps write into one run folder.
"""

import argparse
import sys
from pathlib import Path

from training.data.prepare import prepare
from training.ensemble.weights import learn_weights
from training.settings import DEFAULT_FILE, Settings, read_settings
from training.stages.crossfit import crossfit
from training.stages.distill import distill
from training.stages.face import train_face_backbone
from training.stages.finetune import finetune
from training.stages.folds import fit_folds
from training.stages.pretrain import pretrain
from training.stages.search import search, with_winners

STEPS = (
    "prepare",
    "pretrain",
    "distill",
    "face",
    "crossfit",
    "search",
    "finetune",
    "folds",
    "weights",
    "report",
)


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--run", type=Path, default=Path("runs/latest"), help="the run's folder")
    parser.add_argument("--data", type=Path, help="the folder with the unpacked data sets (prepare)")
    parser.add_argument("--package", type=Path, help="the folder with faceres.json and faceres.bin (face)")
    parser.add_argument("--settings", type=Path, default=DEFAULT_FILE)
    parser.add_argument(
        "--only",
        help="one backbone (pretrain, distill), one fold's number (crossfit) or one member (search, "
        "finetune, folds), so that processes can share the work",
    )
    chosen = parser.parse_args(words)
    if chosen.step == "prepare" and chosen.data is None:
        parser.error("prepare needs --data, the folder with the unpacked data sets")
    try:
        _run(chosen, read_settings(chosen.settings))
    except (ValueError, OSError) as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    return 0


def _run(chosen: argparse.Namespace, settings: Settings) -> None:
    step, run, only = chosen.step, chosen.run, chosen.only
    if step == "prepare":
        prepare(chosen.data, run, settings)
    elif step == "pretrain":
        pretrain(run, settings, only)
    elif step == "distill":
        distill(run, settings, only)
    elif step == "face":
        train_face_backbone(run, settings, chosen.package)
    elif step == "crossfit":
        crossfit(run, settings, only)
    elif step == "search":
        search(run, settings, only)
    elif step == "finetune":
        finetune(run, with_winners(settings, run), only)
    elif step == "folds":
        fit_folds(run, with_winners(settings, run), only)
    elif step == "weights":
        learn_weights(run, with_winners(settings, run))
    else:
        from training.report.page import write_report  # noqa: PLC0415 - only this step needs matplotlib

        write_report(run, with_winners(settings, run))


if __name__ == "__main__":
    sys.exit(main())
