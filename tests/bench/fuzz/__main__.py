"""`make fuzz`: the whole corpus of bad input, a fuzzer and costly files; it writes docs/bad-input.md."""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from infra.local.config.addresses import Ports
from infra.local.stack.stack import Stack
from tests.bench.fuzz import before, costs, seeds
from tests.bench.fuzz.campaign import MOST_MIB, Campaign, fuzz
from tests.support.buckets import Cloud
from tests.support.corpus.cases import complaint
from tests.support.corpus.generators import WHOLE, corpus
from tests.support.corpus.library import Library
from tests.support.corpus.uploads import complaints, uploads

DOCUMENT = Path(__file__).parents[3] / "docs" / "bad-input.md"
UPLOADS = 500


@dataclass
class Corpus:
    """What became of the corpus: how cases ended by kind, what was wrong, and what it took."""

    ends: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    peak_mib: int = 0
    longest: tuple[float, str] = (0.0, "")


def main() -> int:
    arguments = _parser().parse_args()
    load = os.getloadavg()[0]
    library = through_library(arguments.cases)
    print(_library_text(library), flush=True)
    comparison = before.text(before.compare())
    print(comparison, flush=True)
    sent, wrong = through_stack(arguments.uploads)
    print(_stack_text(sent, wrong), flush=True)
    folder = Path(tempfile.mkdtemp(prefix="memegen-fuzz-"))  # kept for what it found
    campaigns = {
        name: fuzz(name, arguments.seconds, makes(), folder / name)
        for name, makes in (("photo", seeds.photos), ("options", seeds.options))
    }
    print(_fuzz_text(campaigns, arguments.seconds), flush=True)
    matrix = costs.matrix()
    print(costs.text(matrix), flush=True)
    machine = (
        f"Measured on {date.today()} by `make fuzz SECONDS={arguments.seconds}` on {os.cpu_count()} cores, "
        f"{platform.machine()}, Python {platform.python_version()}; load average at the start {load:.1f}."
    )
    texts = [
        machine,
        _library_text(library),
        comparison,
        _stack_text(sent, wrong),
        _fuzz_text(campaigns, arguments.seconds),
        costs.text(matrix),
    ]
    arguments.document.write_text(_INTRODUCTION + "\n\n".join(texts) + "\n")
    crashes = [str(campaign.crash) for campaign in campaigns.values() if campaign.crash]
    for each in (*library.wrong, *wrong, *crashes, *matrix.wrong):
        print(each, file=sys.stderr)
    return 1 if library.wrong or wrong or crashes or matrix.wrong else 0


def through_library(count: int) -> Corpus:
    """The corpus through the library, one case after another in one process."""
    found = Corpus()
    with Library() as library:
        for number, named in enumerate(corpus(count)):
            if number % 500 == 0:
                print(f"{number:,} of {count:,} cases through the library", file=sys.stderr, flush=True)
            begun = time.perf_counter()
            outcome = library.outcome(named.case)
            found.longest = max(found.longest, (time.perf_counter() - begun, named.name))
            kind = named.name.partition(".")[0]
            ends = found.ends.setdefault(kind, Counter())
            ends["crash" if outcome.crash else outcome.code or "meme"] += 1
            if wrong := complaint(named.case, outcome):
                found.wrong.append(f"{named.name}: {wrong}")
                print(found.wrong[-1], file=sys.stderr, flush=True)
        found.peak_mib = library.peak_mib
    return found


def through_stack(count: int) -> tuple[int, list[str]]:
    """Some of the corpus and the names through a stack of its own: how many uploads, and what was wrong."""
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), Ports.free()) as stack:
        several = list(uploads(corpus(count)))
        return len(several), complaints(Cloud.of(stack), several)


_INTRODUCTION = """# Bad input

A photo or an option that can't become a meme ends, after one delivery, in a report that says so. It never
causes a crash, a second delivery or an answer with status 500. The generators in `tests/support/corpus/` make
the input that shows this. For each case they state the code that it must end with, or the pixels that the
meme must show. The test suite runs a tenth of the cases. `make fuzz` runs all of them, lets a fuzzer make
more, and writes this page.

These things have a limit: a photo's pixels, its pieces, and the memory and time that decoding it takes
(`photo/decoder_guards.py`, asked from the header by the reader of each type in `photo/`); bytes
(`photo/decode.py`), captions and options (`options.py`), metadata (Cloud Storage's 8 KiB) and request bodies
(`cloud/inputs.py`). A decoder gets what it needs and nothing else: a JPEG without comments and side segments,
a PNG without texts, a GIF of one frame, a TIFF of one directory. Nothing that a decoder says of a photo
reaches standard error (`photo/libraries.py`).

A photo may have 200 megapixels as a baseline JPEG, which is decoded at a part of its size; about 175 as a
progressive one at 4:2:0, 88 at 4:4:4 and 66 with four inks, whose coefficients are all kept; and 65 in every
other type. Fewer are read of a PNG that is one pixel wide (its rows' addresses take most) or one row high in
colour, of a TIFF of 16 bits in colour and one strip, and of a HEIC of 10 bits or at 4:4:4 (about 60). Of a
picture with thousands of small faces 150 are looked at from near.

"""


def _library_text(found: Corpus) -> str:
    total = sum(sum(ends.values()) for ends in found.ends.values())
    lines = [
        f"## {total:,} cases through the library",
        "| generators in `tests/support/corpus/` | cases | memes | refused, by code |",
        "|---|---|---|---|",
    ]
    for kind, ends in found.ends.items():
        codes = ", ".join(f"{code} {count:,}" for code, count in sorted(ends.items()) if code != "meme")
        lines.append(f"| {kind}.py | {sum(ends.values()):,} | {ends['meme']:,} | {codes or '–'} |")
    seconds, name = found.longest
    lines += [
        "",
        f"Cases that ended otherwise than stated: {len(found.wrong)}. "
        f"The most memory that the process held: {found.peak_mib} MiB. "
        f"The longest case, {name}, took {seconds:.1f} s.",
    ]
    return "\n".join(lines)


def _stack_text(sent: int, wrong: list[str]) -> str:
    return (
        f"## {sent:,} uploads through the stack\n"
        "Each upload was refused by the storage, was ignored, or had its report after exactly one delivery. "
        f"The worker of on_upload kept running. Uploads that ended otherwise than stated: {len(wrong)}."
    )


def _fuzz_text(campaigns: dict[str, Campaign], seconds: int) -> str:
    lines = [
        f"## {seconds} s of atheris for each target",
        "The fuzzer follows the coverage of Python code: of the header readers and of MemeGen itself. It "
        "does not see into the decoders in C, since Pillow's builds of them are not made for fuzzing. An "
        "input that takes a minute or a gibibyte counts as an error.",
        "",
        "| target | inputs | kept as new | edges at the start → end | memory | errors |",
        "|---|---|---|---|---|---|",
    ]
    for name, campaign in campaigns.items():
        before, after = campaign.edges
        lines.append(
            f"| tests/bench/fuzz/{name}.py | {campaign.runs:,} | {campaign.kept:,} | "
            f"{before:,} → {after:,} | "
            f"{campaign.peak_mib} of {MOST_MIB} MiB | {1 if campaign.crash else 0} |"
        )
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="for each target (default: %(default)s)")
    parser.add_argument("--cases", type=int, default=WHOLE, help="through the library (default: %(default)s)")
    parser.add_argument(
        "--uploads", type=int, default=UPLOADS, help="through the stack (default: %(default)s)"
    )
    parser.add_argument(
        "--document", type=Path, default=DOCUMENT, help="where the figures go (default: docs/bad-input.md)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
