"""`python -m model_export <step>`: build the shipped models from a training run, verify them against it,
evaluate them on labelled pictures, fill in the model card."""

import argparse
import sys
from pathlib import Path

from memegen import PhotoError
from memegen.face.expressions import MODELS, Ensemble, ModelError
from model_export.card import write_card
from model_export.evaluate import Evaluation, evaluate
from model_export.tables import show
from training.settings import DEFAULT_FILE, read_settings


def main(words: list[str] | None = None) -> int:
    chosen = _parser().parse_args(words)
    try:
        return int(_run(chosen))
    except (ValueError, OSError, ModelError, PhotoError) as error:
        print(f"model_export: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model_export", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    build = steps.add_parser("build", help="export a training run's members to int8 .tflite")
    build.add_argument("--out", type=Path, default=MODELS)
    build.add_argument("--keep", action="store_true", help="keep the networks, write their weights alone")
    verify = steps.add_parser("verify", help="compare the shipped int8 members with the run's float ones")
    verify.add_argument("--json", action="store_true", help="print JSON instead of a table")
    trained = steps.add_parser("trained", help="score the run's float networks on its test split")
    for step in (build, verify, trained):
        step.add_argument("--run", type=Path, default=Path("runs/latest"), help="the training run's folder")
        step.add_argument("--settings", type=Path, default=DEFAULT_FILE)
    score = steps.add_parser("evaluate", help="score the shipped ensemble on folders <class>/*")
    score.add_argument("folders", type=Path, nargs="+", metavar="folder")
    score.add_argument("--photos", action="store_true", help="whole photos: find the face first")
    score.add_argument("--votes", type=Path, help="a table of votes whose majority replaces the labels")
    score.add_argument(
        "--confirmed", action="store_true", help="with --votes: where label and majority agree"
    )
    score.add_argument(
        "--against", type=Path, metavar="MODELS", help="another ensemble's folder to compare with"
    )
    score.add_argument(
        "--corrupted", action="store_true", help="score blurred, turned and otherwise spoilt crops too"
    )
    score.add_argument("--json", action="store_true", help="print JSON instead of tables")
    card = steps.add_parser("card", help="evaluate on folders <class>/* and fill in the model card's tables")
    card.add_argument("folders", type=Path, nargs="+", metavar="folder")
    for step in (verify, score, card):
        step.add_argument("--models", type=Path, default=MODELS, help="a folder with ensemble.json")
    return parser


def _run(chosen: argparse.Namespace) -> bool:
    """Runs the step; whether it ended badly."""
    if chosen.step in ("build", "verify", "trained"):
        # TensorFlow and PyTorch are needed, and installed, for these steps alone.
        from training.stages.search import with_winners  # noqa: PLC0415

        settings = with_winners(read_settings(chosen.settings), chosen.run)
        if chosen.step == "build":
            from model_export.build import build  # noqa: PLC0415

            build(chosen.run, settings, chosen.out, chosen.keep)
            return False
        if chosen.step == "trained":
            from model_export.trained import show_trained  # noqa: PLC0415

            show_trained(chosen.run, settings)
            return False
        from model_export.verify import show as show_parity  # noqa: PLC0415
        from model_export.verify import verify  # noqa: PLC0415

        parities, errors = verify(chosen.run, settings, Ensemble(chosen.models))
        show_parity(parities, errors, chosen.json)
        return bool(errors)
    ensemble = Ensemble(chosen.models)
    if chosen.step == "evaluate":
        other = None if chosen.against is None else Ensemble(chosen.against)
        wanted = Evaluation(chosen.photos, chosen.votes, chosen.confirmed, other, chosen.corrupted)
        show(evaluate(chosen.folders, ensemble, wanted), chosen.json)
    else:
        if len(chosen.folders) < 2:
            raise ValueError("the card compares sets: name two folders at least")
        write_card(chosen.models, evaluate(chosen.folders, ensemble))
    return False


if __name__ == "__main__":
    sys.exit(main())
