"""A whole meme in a fresh process: the most memory that it holds, its processor time, and how it ends."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = """
import json, re, resource, sys
from pathlib import Path
from memegen import Options, PhotoError, make_meme
try:
    made = make_meme(Path(sys.argv[1]).read_bytes(), Options(seed=1)).report["meme"]
    outcome = f"meme of {made['width']} × {made['height']}"
except PhotoError as error:
    outcome = str(error.code)
status = Path("/proc/self/status").read_text()
used = resource.getrusage(resource.RUSAGE_SELF)
peak = int(re.search(r"^VmHWM:\\s*(\\d+) kB$", status, re.MULTILINE)[1]) / 1024
print(json.dumps([peak, used.ru_utime + used.ru_stime, outcome]))
"""


@dataclass(frozen=True)
class Cost:
    """mib: VmHWM, with all that is loaded. seconds: of processor time, from the process' start.
    said: what it wrote on standard error."""

    mib: float
    seconds: float
    outcome: str
    said: str = ""


def cost_of(photo: Path) -> Cost:
    """The cost of a meme of this file. A process that dies has its signal for an outcome."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(photo)], capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        return Cost(
            float("inf"), float("inf"), f"ended with {done.returncode}: {done.stderr[-300:]}", done.stderr
        )
    mib, seconds, outcome = json.loads(done.stdout)
    return Cost(mib, seconds, outcome, done.stderr)
