"""`python -m training <step>`, in this order: prepare, pretrain, refine, judge, search, fit, folds, weights,
report. Each goes on where it was stopped; all write under one run folder."""

import argparse
import sys
from pathlib import Path

from training.data.prepare import prepare
from training.ensemble.class_weights import learn_weights
from training.report import write_report
from training.settings import DEFAULT_FILE, Settings, read_settings
from training.stages.crossfit import judge
from training.stages.finetune import fit, pretrain, refine
from training.stages.folds import fit_folds
from training.stages.search import search, with_winners

STEPS = ("prepare", "pretrain", "refine", "judge", "search", "fit", "folds", "weights", "report")


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--run", type=Path, default=Path("runs/latest"), help="the run's folder")
    parser.add_argument("--data", type=Path, help="the folder with the unpacked data sets (prepare)")
    parser.add_argument("--settings", type=Path, default=DEFAULT_FILE)
    parser.add_argument(
        "--only",
        help="one body (pretrain, refine), one judge's number (judge) or one member (search, fit, folds): "
        "processes may share the work",
    )
    chosen = parser.parse_args(words)
    if chosen.step == "prepare" and chosen.data is None:
        parser.error("prepare needs --data, the folder with the unpacked data sets")
    try:
        _run(chosen.step, chosen.run, chosen.data, read_settings(chosen.settings), chosen.only)
    except (ValueError, OSError) as fault:
        print(f"training: {fault}", file=sys.stderr)
        return 1
    return 0


def _run(step: str, run: Path, data: Path, settings: Settings, only: str | None) -> None:
    if step == "prepare":
        prepare(data, run, settings)
    elif step == "pretrain":
        pretrain(run, settings, only)
    elif step == "refine":
        refine(run, settings, only)
    elif step == "judge":
        judge(run, settings, only)
    elif step == "search":
        search(run, settings, only)
    elif step == "fit":
        fit(run, with_winners(settings, run), only)
    elif step == "folds":
        fit_folds(run, with_winners(settings, run), only)
    elif step == "weights":
        learn_weights(run, with_winners(settings, run))
    else:
        write_report(run, with_winners(settings, run))


if __name__ == "__main__":
    sys.exit(main())
