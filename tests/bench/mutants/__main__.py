"""`make mutants`: how many small changes of the code do the tests notice? It writes docs/reliability.md.

Verdicts are kept, so a run that was broken off goes on where it was. A mutant that no test noticed is judged
again once its tests have changed; `--anew` judges all again.
"""

import argparse
import importlib
import json
import os
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import takewhile
from pathlib import Path

from tqdm import tqdm

from tests.bench.mutants.judging import forked, judge
from tests.bench.mutants.mutations import Mutant, mutants_of
from tests.bench.mutants.reach import Reach, measure

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "reliability.md"
SETTINGS = Path(__file__).with_name("settings.toml")
KEPT = ROOT / ".local" / "mutants"
# What the code under test and its tests need, imported once; every process that judges starts with it.
_SHARED = ("numpy", "cv2", "PIL.Image", "PIL.ImageCms", "pi_heif", "pillow_heif", "tifffile", "skimage.data")
_SHARED += (
    "flask",
    "google.cloud.storage",
    "google.oauth2.service_account",
    "requests",
    "jsonschema",
    "pytest",
)
_BEGIN, _END = "<!-- figures of make mutants: begin -->", "<!-- figures of make mutants: end -->"


@dataclass(frozen=True)
class Group:
    """Source files, by the names of their modules, and the tests that judge them.

    name: of the file that keeps the verdicts.
    """

    name: str
    files: dict[str, Path]
    tests: list[str]

    @property
    def tests_digest(self) -> str:
        return _digest(ROOT / test for test in self.tests)


@dataclass
class Tally:
    """A module's mutants: how many there are, were judged and were noticed, and how many none can notice."""

    mutants: int = 0
    judged: int = 0
    noticed: int = 0
    equivalent: int = 0

    @property
    def noticeable(self) -> int:
        return self.mutants - self.equivalent


def main() -> int:
    arguments = _parser().parse_args()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they take longer to import than most tests to run
    for name in _SHARED:
        importlib.import_module(name)
    settings = tomllib.loads(SETTINGS.read_text())
    tallies: dict[str, Tally] = {}
    for group in groups(settings, arguments.modules):
        tallies |= run(group, settings["equivalent"], arguments.anew, arguments.judged)
    print(table(tallies))
    if not arguments.modules:
        before, rest = DOCUMENT.read_text().split(_BEGIN)
        DOCUMENT.write_text(f"{before}{_BEGIN}\n{table(tallies)}\n{_END}{rest.split(_END)[1]}")
    return 0


def groups(settings: dict, chosen: list[str]) -> Iterator[Group]:
    """Those of the settings, with the chosen modules alone if some are named."""
    for group in settings["group"]:
        paths = [ROOT / path for path in group["modules"]]
        files = [file for path in paths for file in (sorted(path.glob("*.py")) if path.is_dir() else [path])]
        named = {".".join(file.relative_to(ROOT / "functions").with_suffix("").parts): file for file in files}
        kept = {
            name: file
            for name, file in named.items()
            if file.name != "__init__.py" and (not chosen or name in chosen)
        }
        if kept:
            yield Group(group["modules"][0].replace("/", "."), kept, group["tests"])


def run(group: Group, equivalent: dict[str, str], anew: bool, only_kept: bool) -> dict[str, Tally]:
    """Judge the mutants of a group that have no verdict yet, and show those that no test notices."""
    mutants = [mutant for name, file in group.files.items() for mutant in mutants_of(name, file.read_text())]
    verdicts = Verdicts(group, anew)
    # By chance, so that those of a broken-off run stand for all.
    noticeable = sorted((each for each in mutants if each.key not in equivalent), key=lambda each: each.key)
    left = [each for each in noticeable if each.key not in verdicts.noticed]
    if left and not only_kept:
        with verdicts.file.open("a") as file, tqdm(total=len(left), mininterval=5) as progress:

            def told(mutant: Mutant, noticed: bool) -> None:
                verdicts.noticed[mutant.key] = noticed
                file.write(json.dumps([mutant.key, noticed, verdicts.judges]) + "\n")
                file.flush()
                progress.update()

            judge(group.tests, _reach(group), left, told)
    for mutant in noticeable:
        if verdicts.noticed.get(mutant.key) is False:
            print(f"{mutant.key} {mutant}", flush=True)
    return {name: _tally(name, mutants, noticeable, verdicts.noticed) for name in group.files}


def _tally(module: str, mutants: list[Mutant], noticeable: list[Mutant], noticed: dict[str, bool]) -> Tally:
    """A module's figures. Its mutants count up to the first, in the order of chance, without a verdict.

    When the tests change what was noticed stays known, and what wasn't doesn't, so all that have a verdict
    would look better than they are.
    """
    own = [mutant.key for mutant in noticeable if mutant.module == module]
    judged = [noticed[key] for key in takewhile(noticed.__contains__, own)]
    count = sum(mutant.module == module for mutant in mutants)
    return Tally(count, len(judged), sum(judged), count - len(own))


class Verdicts:
    """What was found out before: by a mutant's key, whether a test notices it."""

    def __init__(self, group: Group, anew: bool) -> None:
        self.judges = group.tests_digest
        self.file = KEPT / f"{group.name}.jsonl"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        if anew:
            self.file.unlink(missing_ok=True)
        lines = (
            [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []
        )
        self.noticed = {key: noticed for key, noticed, judges in lines if noticed or judges == self.judges}


def _reach(group: Group) -> Reach:
    """What the tests reach, measured once for each state of them and of the code."""
    kept = KEPT / f"{_digest([*group.files.values(), *(ROOT / test for test in group.tests)])}.json"

    def write() -> int:
        kept.write_text(json.dumps(asdict(measure(group.tests, group.files))))
        return 0

    if not kept.exists() and forked(write, seconds=200) != 0:
        sys.exit(f"Tests fail without a mutant. Run them, and mend that first: {' '.join(group.tests)}")
    return Reach(**json.loads(kept.read_text()))


def _digest(files: Iterator[Path] | list[Path]) -> str:
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def table(tallies: dict[str, Tally]) -> str:
    head = (
        "| module | mutants | that no test can notice | judged | noticed | share |\n|---|---|---|---|---|---|"
    )
    rows = [_row(f"`{name}`", [tally]) for name, tally in tallies.items()]
    return "\n".join([head, *rows, _row("**all**", list(tallies.values()))])


def _row(name: str, tallies: list[Tally]) -> str:
    columns = [(tally.mutants, tally.equivalent, tally.judged, tally.noticed) for tally in tallies]
    figures = " | ".join(f"{sum(column):,}" for column in zip(*columns, strict=True))
    return f"| {name} | {figures} | {_share(tallies)} |"


def _share(tallies: list[Tally]) -> str:
    """The part of all mutants that is noticed, each module by its own sample; with the margin on either side
    in which it lies 19 times of 20, by Agresti and Coull, where not all were judged."""
    noticeable = sum(tally.noticeable for tally in tallies)
    share = variance = 0.0
    for tally in tallies:
        if not tally.judged:
            return "–"
        weight = tally.noticeable / noticeable
        share += weight * tally.noticed / tally.judged
        likely = (tally.noticed + 2) / (tally.judged + 4)
        left_out = 1 - tally.judged / tally.noticeable
        variance += weight**2 * likely * (1 - likely) / (tally.judged + 4) * left_out
    return f"{share:.0%}" + (f" ± {1.96 * variance**0.5:.0%}" if variance else "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as cloud.names; all without one")
    parser.add_argument("--anew", action="store_true", help="forget the verdicts that are kept")
    parser.add_argument(
        "--judged", action="store_true", help="judge none, and show the verdicts that are kept"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
