"""`make bench`: what a meme costs on this machine, measured and written to docs/benchmarks.md. No test."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from infra.tools.package import ROOT
from memegen import make_meme
from tests.bench.benchmarks import (
    cloud,
    cold,
    cost,
    growth,
    memory,
    package,
    peers,
    photos,
    stages,
    styles,
    threads,
)
from tests.bench.benchmarks.report import Measured, page

DOCS = ROOT / "docs"
MEMES_BY_THREADS = 500
_HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.benchmarks", description=__doc__)
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("MEMEGEN_DATA"),
        help="folder with fer2013/private_test/<expression>/*; else MEMEGEN_DATA; else it's left out",
    )
    data = parser.parse_args().data
    crops = data / "fer2013" / "private_test" if data else None
    with tempfile.TemporaryDirectory() as made:
        measured = _measure(Path(made), crops if crops and crops.is_dir() else None)
    (DOCS / "benchmarks.md").write_text(page(measured))
    _plot(measured.growth)
    print(f"Written to {DOCS}")
    return 0


def _measure(folder: Path, crops: Path | None) -> Measured:
    _tell("photos of every size and form")
    photos.write_all(folder)
    _tell("stages")
    by_size = {
        megapixels: stages.measure_in_process_of_its_own(photos.jpeg_file(folder, megapixels))
        for megapixels in photos.SIZES
    }
    _tell("styles")
    by_style = styles.measure_in_process_of_its_own()
    _tell("memory")
    peaks = {form: memory.peak_of(photos.form_file(folder, form)) for form in photos.FORMS}
    _tell("growth")
    grown = growth.measure_in_process_of_its_own(folder)
    _tell("the package")
    deployed = package.deploy(folder)
    _tell("cold starts")
    starts = cold.cold_starts(deployed)
    _tell("uploads")
    waits = cloud.upload_to_report(folder / "state")
    answers = cloud.api_milliseconds(folder / "answers")
    _tell("threads")
    outcome = threads.compare(MEMES_BY_THREADS, (640, 480))
    with_fer = runtimes = None
    if peers.PYTHON.exists():
        _tell("fer")
        with_fer = peers.measure_in_process_of_its_own(folder, crops)
        _tell("runtimes")
        models = ROOT / "functions" / "memegen" / "models"
        runtimes = json.loads(_bench("runtimes.py", str(models)))
    photo = photos.jpeg_file(folder, 2).read_bytes()
    return Measured(
        _heading(),
        by_size,
        by_style,
        peaks,
        grown,
        starts,
        waits,
        answers,
        outcome,
        package.sizes(deployed),
        cost.Meme(sorted(waits)[len(waits) // 2], len(photo), len(make_meme(photo).jpeg)),
        with_fer,
        runtimes,
    )


def _heading() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"It last ran on {date.today()}, on {model or platform.machine()} with {os.cpu_count()} cores and "
        f"{memory_gib:.0f} GiB, with Python {platform.python_version()}. The machine's load at the end was "
        f"{os.getloadavg()[1]:.1f}."
    )


def _plot(grown: dict[str, object]) -> None:
    if peers.PYTHON.exists():
        _bench("plot.py", str(DOCS / "growth.png"), given=json.dumps(grown))


def _bench(script: str, *arguments: str, given: str = "") -> str:
    command = [str(peers.PYTHON), str(_HERE / script), *arguments]
    done = subprocess.run(
        command, input=given, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    return done.stdout


def _tell(part: str) -> None:
    print(f"Measuring: {part}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
