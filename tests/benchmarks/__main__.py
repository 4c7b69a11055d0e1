"""`make bench`: what a meme costs on this machine, side by side with the floor, as tables. No test."""

import os
import platform
import statistics
import sys
import tempfile
from datetime import date
from pathlib import Path

from infra.local.processes import StackError
from tests.benchmarks.cloud import cold_start, upload_to_report
from tests.benchmarks.photos import SIZES
from tests.benchmarks.stages import measure_in_process_of_its_own

STAGES = ("decode", "find", "read", "caption", "draw", "encode")


def main() -> int:
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print("\nA photo's bytes to a meme's bytes, milliseconds, medians, one process a size:")
    print(
        f"{'photo':>8}"
        + "".join(f"{stage:>9}" for stage in STAGES)
        + f"{'whole':>9}{'floor':>9}{'ratio':>7}{'peak MiB':>10}"
    )
    for megapixels in SIZES:
        row = measure_in_process_of_its_own(megapixels)
        print(
            f"{megapixels:>5} MP"
            + "".join(f"{row['stages'][stage]:>9.1f}" for stage in STAGES)
            + f"{row['whole']:>9.1f}{row['floor']:>9.1f}{row['ratio']:>7.2f}{row['peak_mib']:>10.0f}",
            flush=True,
        )
    print(
        "Floor: Pillow alone decodes the JPEG at the output's scale and encodes the result once, in turn\n"
        "with the whole, the ratio pair by pair. Peak: the process's resident memory, imports included."
    )
    try:
        with tempfile.TemporaryDirectory() as folder:
            print("\nOn the local stack, from the end of a 2-megapixel upload to the finished report:")
            waits = upload_to_report(Path(folder))
            print(f"  {len(waits)} uploads one by one: {_spread(waits)}")
        print("\nFrom starting a function's process to its first answer, three starts each:")
        for target in ("api", "on_upload"):
            with tempfile.TemporaryDirectory() as folder:
                starts = cold_start(target, Path(folder))
            print(f"  {target:<10} {_spread(starts)}")
    except StackError as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def _spread(milliseconds: list[float]) -> str:
    return f"median {statistics.median(milliseconds):.0f} ms, most {max(milliseconds):.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
