"""What memes of the costliest files take, each in a fresh process: the most memory and processor time."""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.fuzz.bounds import BOUNDS
from tests.support.costly.fresh import Cost, cost_of
from tests.support.costly.kinds import kinds

MOST_MIB, MOST_SECONDS = 700, 5


@dataclass
class Worst:
    """Of one file type: how many files, how many of them became memes, and the worst two with their costs."""

    files: int = 0
    memes: int = 0
    mib: tuple[float, str] = (0.0, "")
    seconds: tuple[float, str] = (0.0, "")

    def add(self, name: str, cost: Cost) -> None:
        self.files += 1
        self.memes += cost.outcome.startswith("meme")
        self.mib = max(self.mib, (cost.mib, name))
        self.seconds = max(self.seconds, (cost.seconds, name))


@dataclass
class Matrix:
    """costs: by file. worst: by file type. wrong: what passed a bound, died or wrote to standard error."""

    costs: dict[str, Cost] = field(default_factory=dict)
    worst: dict[str, Worst] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def matrix(chosen: Callable[[str], bool] = lambda _name: True) -> Matrix:
    """Make and measure every kind that is chosen by its name."""
    found = Matrix()
    with tempfile.TemporaryDirectory(prefix="memegen-costs-") as folder:
        photo = Path(folder) / "photo"
        for name, make in kinds().items():
            if not chosen(name):
                continue
            photo.write_bytes(make())
            found.costs[name] = cost = cost_of(photo)
            print(
                f"{cost.mib:5.0f} MiB {cost.seconds:5.2f} s  {name}: {cost.outcome}",
                file=sys.stderr,
                flush=True,
            )
            found.worst.setdefault(name.split()[0].strip(","), Worst()).add(name, cost)
            if cost.mib > MOST_MIB or cost.seconds > MOST_SECONDS or cost.said:
                found.wrong.append(f"{name}: {cost}")
    return found


def text(found: Matrix) -> str:
    """The matrix as a section of docs/bad-input.md."""
    count = sum(worst.files for worst in found.worst.values())
    lines = [
        f"## {count} costly files, each in a fresh process",
        "Made by `tests/support/costly/`: type × shape × depth × interlacing × frames × pieces, up to 65 "
        "megapixels (200 of a JPEG) and 20 MiB. Memory is VmHWM with all that a meme loads; time is the "
        f"processor's, from the process' start. The bounds are {MOST_MIB} MiB and {MOST_SECONDS} s; "
        f"past them: {len(found.wrong)}.",
        "",
        "| type | files | memes | most memory | most time |",
        "|---|---|---|---|---|",
    ]
    lines += [_row(kind, worst) for kind, worst in found.worst.items()]
    lines += [
        "",
        "Each bound, and of the files that come near it or pass it those that took the most memory and time:",
        "",
        "| bound | files | memes | most memory | most time |",
        "|---|---|---|---|---|",
    ]
    for bound, names in BOUNDS.items():
        of_bound = Worst()
        for name in names:
            of_bound.add(name, found.costs[name])
        lines.append(_row(bound, of_bound))
    return "\n".join(lines)


def _row(name: str, worst: Worst) -> str:
    (mib, costly), (seconds, slow) = worst.mib, worst.seconds
    return f"| {name} | {worst.files} | {worst.memes} | {mib:.0f} MiB: {costly} | {seconds:.1f} s: {slow} |"
