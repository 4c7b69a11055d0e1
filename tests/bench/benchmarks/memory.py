"""The most memory that a process takes to make a meme of one photo, all that on_upload imports included.

`python -m tests.bench.benchmarks.memory PHOTO` prints it in MiB.
"""

import subprocess
import sys
from pathlib import Path

_MIB_OF_KIB = 1 / 1024


def peak_of(photo: Path) -> float:
    """MiB, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.benchmarks.memory", str(photo)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return float(done.stdout)


def peak() -> float:
    """The most memory that this process has held, in MiB. Linux: `getrusage` would count its parent's too."""
    return _status("VmHWM")


def resident() -> float:
    """The memory that this process holds, in MiB."""
    return _status("VmRSS")


def _status(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{field}:"))
    return int(line.split()[1]) * _MIB_OF_KIB


def _make_one(photo: Path) -> None:
    import functions_framework  # noqa: F401, PLC0415 - what on_upload's process holds beside the library

    import cloud.processing  # noqa: F401, PLC0415
    from memegen import Options, make_meme  # noqa: PLC0415

    make_meme(photo.read_bytes(), Options(seed=1))


if __name__ == "__main__":
    _make_one(Path(sys.argv[1]))
    print(peak())
