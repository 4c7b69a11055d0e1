"""`python -m model_export <step>`: build the shipped models from a training run, or evaluate them."""

import argparse
import sys
from pathlib import Path

from memegen import PhotoError
from memegen.expressions import MODELS, Ensemble, ModelError
from training.settings import DEFAULT_FILE, read_settings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m model_export", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    build = steps.add_parser("build", help="export a training run's members to int8 .tflite")
    build.add_argument("--run", type=Path, default=Path("runs/latest"), help="the training run's folder")
    build.add_argument("--settings", type=Path, default=DEFAULT_FILE)
    build.add_argument("--out", type=Path, default=MODELS)
    evaluate = steps.add_parser("evaluate", help="score the shipped ensemble on a folder <class>/*")
    evaluate.add_argument("folder", type=Path)
    evaluate.add_argument("--models", type=Path, default=MODELS, help="a folder with ensemble.json")
    evaluate.add_argument("--photos", action="store_true", help="whole photos: find the face first")
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of tables")
    chosen = parser.parse_args()
    try:
        if chosen.step == "build":
            # TensorFlow and PyTorch are needed, and installed, for this step alone.
            from model_export.build import build as build_models  # noqa: PLC0415

            build_models(chosen.run, read_settings(chosen.settings), chosen.out)
        else:
            from model_export.evaluate import evaluate as score  # noqa: PLC0415
            from model_export.evaluate import show  # noqa: PLC0415

            show(score(chosen.folder, Ensemble(chosen.models), chosen.photos), chosen.json)
    except (ValueError, OSError, ModelError, PhotoError) as fault:
        print(f"model_export: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
