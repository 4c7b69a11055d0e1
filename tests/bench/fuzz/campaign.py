"""One target under atheris for a while, and its figures."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MOST_MIB = 1024  # as on_upload's instance (infra/terraform/memegen/functions.tf)
SECONDS_AN_INPUT = 60  # as far from what any takes as from on_upload's limit
PATIENCE_SECONDS = 600  # to start and to end, past the stated time

_FUNCTIONS = Path(__file__).parents[3] / "functions"


@dataclass(frozen=True)
class Campaign:
    """runs: inputs tried; kept: those that reached something new; edges: places in the code reached, and how
    many of them before the first mutation; crash: the input's file of a fault found, or None."""

    runs: int
    kept: int
    edges: tuple[int, int]
    peak_mib: int
    crash: Path | None


def fuzz(target: str, seconds: int, seeds: Iterable[bytes], folder: Path) -> Campaign:
    """Runs tests.bench.fuzz.`target`; `folder` keeps its inputs, its log and what it found.

    Raises RuntimeError with the log's end where it ended without any figures.
    """
    inputs = folder / "inputs"
    inputs.mkdir(parents=True)
    for number, seed in enumerate(seeds):
        (inputs / f"seed-{number}").write_bytes(seed)
    # Through another program, which forks: libFuzzer takes its peak memory from getrusage, whose figure
    # begins at what the process held that started it (execve keeps it).
    command = ["timeout", str(seconds + PATIENCE_SECONDS)]
    command += [sys.executable, "-m", f"tests.bench.fuzz.{target}", str(inputs)]
    command += [f"-max_total_time={seconds}", f"-timeout={SECONDS_AN_INPUT}", f"-rss_limit_mb={MOST_MIB}"]
    command += ["-max_len=65536", "-print_final_stats=1", f"-artifact_prefix={folder}/"]
    log = folder / "log"
    with log.open("wb") as out:
        # An editable install's packages aren't found in the way that atheris takes part in.
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(_FUNCTIONS)},
            check=False,
        )
    return figures(log.read_text(errors="replace"), folder)


def figures(log: str, folder: Path) -> Campaign:
    """The figures of libFuzzer's log (https://llvm.org/docs/LibFuzzer.html, "Output")."""
    edges = [int(number) for number in re.findall(r"cov: (\d+)", log)]
    stats = {name: int(number) for name, number in re.findall(r"^stat::(\w+):\s*(\d+)$", log, re.MULTILINE)}
    if not edges or not stats:
        raise RuntimeError(f"The fuzzer ended without figures. The end of its log:\n{log[-3000:]}")
    crashes = sorted(path for path in folder.glob("*-*") if path.name.startswith(("crash", "timeout", "oom")))
    return Campaign(
        stats["number_of_executed_units"],
        stats["new_units_added"],
        (edges[0], edges[-1]),
        stats["peak_rss_mb"],
        crashes[0] if crashes else None,
    )
