"""The corpus through the reader as it was before decoders' costs were bounded, and as it is today."""

import pickle
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from tests.support.corpus.generators import corpus

ROOT = Path(__file__).parents[3]
BEFORE = "eb4402a"  # the last commit with one limit for all: 50 megapixels
CASES = 1500

# It reads cases until the end of its input, and answers with what became of each: None, or a refusal's code.
_READER = """
import importlib, pickle, sys
sys.path.insert(0, sys.argv[1])
module = importlib.import_module(sys.argv[2])
ends = {}
for name, data in pickle.load(sys.stdin.buffer):
    try:
        module.read_photo(data)
        ends[name] = None
    except Exception as error:
        ends[name] = str(getattr(error, "code", type(error).__name__))
sys.stdout.buffer.write(pickle.dumps(ends))
"""


@dataclass
class Comparison:
    """By generator's file: how many cases, and how many were and are read.

    refused: those that were and aren't any more, with their codes.
    """

    cases: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    today: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)


def compare(count: int = CASES) -> Comparison:
    """Raises CalledProcessError where this is no clone that has the commit."""
    cases = [(each.name, each.case.data) for each in corpus(count) if not each.name.startswith("wording")]
    command = ["git", "archive", BEFORE, "functions"]
    archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory(prefix="memegen-before-") as folder:
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        before = _ends(Path(folder) / "functions", "memegen.photo", cases)
    today = _ends(ROOT / "functions", "memegen.photo.decode", cases)
    found = Comparison()
    for name, _ in cases:
        kind = name.partition(".")[0]
        found.cases[kind] += 1
        found.before[kind] += before[name] is None
        found.today[kind] += today[name] is None
        if before[name] is None and today[name] is not None:
            found.refused.append(f"{name} ({today[name]})")
    return found


def _ends(functions: Path, module: str, cases: list[tuple[str, bytes]]) -> dict[str, str | None]:
    done = subprocess.run(
        [sys.executable, "-c", _READER, str(functions), module],
        input=pickle.dumps(cases), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    ends: dict[str, str | None] = pickle.loads(done.stdout)
    return ends


def text(found: Comparison) -> str:
    """The comparison as a section of docs/bad-input.md."""
    refused = "; ".join(found.refused) or "none"
    lines = [
        f"## {sum(found.cases.values()):,} cases as they were read before",
        f"By the reader of commit {BEFORE}, which knew one limit, 50 megapixels, and by today's. Read then "
        f"and refused today: {refused}.",
        "",
        "| generators in `tests/support/corpus/` | cases | read before | read today |",
        "|---|---|---|---|",
    ]
    for kind, cases in found.cases.items():
        lines.append(f"| {kind}.py | {cases:,} | {found.before[kind]:,} | {found.today[kind]:,} |")
    return "\n".join(lines)
