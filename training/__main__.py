"""`python -m training <step>`: prepare, fit, weights; each restartable, all under one run folder."""

import argparse
import sys
from pathlib import Path

from training.fit import fit
from training.prepare import prepare
from training.settings import DEFAULT_FILE, read_settings
from training.weights import learn_weights


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("step", choices=["prepare", "fit", "weights"])
    parser.add_argument("--run", type=Path, default=Path("runs/latest"), help="the run's folder")
    parser.add_argument("--data", type=Path, help="the folder with the unpacked data sets (prepare)")
    parser.add_argument("--settings", type=Path, default=DEFAULT_FILE)
    chosen = parser.parse_args()
    if chosen.step == "prepare" and chosen.data is None:
        parser.error("prepare needs --data, the folder with the unpacked data sets")
    try:
        settings = read_settings(chosen.settings)
        if chosen.step == "prepare":
            prepare(chosen.data, chosen.run, settings.prepare)
        elif chosen.step == "fit":
            fit(chosen.run, settings)
        else:
            learn_weights(chosen.run, settings)
    except (ValueError, OSError) as fault:
        print(f"training: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
