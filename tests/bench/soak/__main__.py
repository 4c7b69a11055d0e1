"""`make soak` checks that nothing is lost, made twice or leaked; it writes to docs/reliability.md."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from infra.local.stack.processes import StackError
from tests.bench.soak import burst, killing, memory, troubles
from tests.bench.soak.figures import (
    burst_text,
    killing_text,
    memory_text,
    replace_figures,
    troubles_text,
)
from tests.bench.soak.photos import photos

DOCUMENT = Path(__file__).parents[3] / "docs" / "reliability.md"


def main() -> int:
    arguments = _parser().parse_args()
    load = os.getloadavg()[0]
    photos()  # the library's own memes, made before the clock runs
    texts = []

    def tell(text: str) -> None:
        texts.append(text)
        print(text, flush=True)

    try:
        killed = _in_a_folder(killing.run, arguments.uploads, arguments.clients, arguments.every)
        tell(killing_text(killed, arguments.clients, arguments.every))
        tell(burst_text(_in_a_folder(burst.run, arguments.burst)))
        tell(troubles_text(_in_a_folder(troubles.run)))
        held = _in_a_folder(memory.run, 60 * arguments.minutes)
        tell(memory_text(held))
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    machine = (
        f"Measured on {date.today()} by `make soak` on {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}; load average at the start {load:.1f}."
    )
    replace_figures(arguments.document, "\n\n".join([machine, *texts]))
    return 0 if killed.holds and held.holds else 1


def _in_a_folder(run: Callable[..., Any], *arguments: float) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder), *arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--uploads", type=int, default=1000, help="photos under fire (default: %(default)s)")
    parser.add_argument("--clients", type=int, default=50, help="who send them (default: %(default)s)")
    parser.add_argument("--every", type=float, default=10, help="seconds to a kill (default: %(default)s)")
    parser.add_argument("--burst", type=int, default=300, help="photos all at once (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=8, help="of one process (default: %(default)s)")
    parser.add_argument(
        "--document", type=Path, default=DOCUMENT, help="where the figures go (default: docs/reliability.md)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
