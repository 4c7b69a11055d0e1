"""What was measured → docs/benchmarks.md: what was aimed at first, then each part. Pure."""

import statistics
from dataclasses import dataclass
from typing import Any

from tests.bench.benchmarks import cost, sections
from tests.bench.benchmarks.cold import Start
from tests.bench.benchmarks.growth import slope
from tests.bench.benchmarks.styles import Cost
from tests.bench.benchmarks.threads import THREADS, Outcome


@dataclass(frozen=True)
class Measured:
    """What each module of the benchmarks gave, as it describes it.

    heading: when and on what. stages: by megapixels. styles: by style and kind of animation. peaks: MiB by
    form. waits: milliseconds from an upload to its report. answers: see cloud.api_milliseconds. sizes: bytes
    by package. peers and runtimes are None without their environment.
    """

    heading: str
    stages: dict[float, dict[str, Any]]
    styles: dict[str, Cost]
    peaks: dict[str, float]
    growth: dict[str, Any]
    starts: dict[str, list[Start]]
    waits: list[float]
    answers: dict[str, float]
    threads: Outcome
    sizes: dict[str, int]
    cost: cost.Meme
    peers: dict[str, Any] | None
    runtimes: list[dict[str, Any]] | None


def page(measured: Measured) -> str:
    parts = {
        "Aims": aims(measured),
        "A meme by stages": sections.stages(measured.stages),
        "Styles": sections.styles(measured.styles),
        "Memory": sections.memory(measured.peaks, measured.growth["resident"]),
        "Cold start": sections.starts(measured.starts),
        "Threads": sections.threads(measured.threads),
        "Growth": sections.growth(measured.growth),
        "Compared with fer 25.10.3": sections.peers(measured.peers),
        "Runtimes": sections.runtimes(measured.runtimes),
        "The package as deployed": sections.sizes(measured.sizes),
        "Cost": sections.costs(measured.cost, measured.waits, measured.answers),
    }
    head = sections.prose(f"`make bench` measures all this and writes this page. {measured.heading}")
    return "\n".join(["# Benchmarks", head, *(f"\n## {title}\n{text}" for title, text in parts.items()), ""])


def aims(measured: Measured) -> str:
    growth, threads, starts = measured.growth, measured.threads, measured.starts
    highest = max(measured.peaks, key=lambda form: measured.peaks[form])
    rests = dict(growth["resident"])
    served = growth["served"]
    drift = statistics.median(served[-100:]) / statistics.median(served[:100])
    wrong = threads.memes - threads.right
    rows = [
        _row("time of a 12-megapixel JPEG, as a multiple of the floor", measured.stages[12]["ratio"], 1.5),
        _row("time of a 2-megapixel JPEG, as a multiple of the floor", measured.stages[2]["ratio"], 2),
        _row(f"peak memory at 48 megapixels, MiB ({highest})", measured.peaks[highest], 700),
        _row("memory after 1,000 photos, as a multiple of that after 100", rests[1000] / rests[100], 1.05),
        _row(
            "cold start of api, as a multiple of hello's", sections.start_ratio(starts, "api", "clock"), 1.2
        ),
        _row(
            "cold start of on_upload, as a multiple of hello's",
            sections.start_ratio(starts, "on_upload", "clock"),
            1.6,
        ),
        _row(f"wrong memes among {threads.memes} by {THREADS} threads", wrong, 0),
        _row("size of the unpacked package, MB", sum(measured.sizes.values()) / 1e6, 150),
        _row("time of the last 100 of 1,000 photos, as a multiple of the first 100", drift, 1.1),
        _row("one more face that is surely upright, ms", growth["sure_face"], 15),
        _row("one more face that is small and searched again, ms", slope(growth["faces"][1:]), 15),
        _row(
            "one more megapixel, as a multiple of decoding alone",
            sections.pixels_ratio(growth["pixels"]),
            1.1,
        ),
    ]
    table = sections.table(("what", "measured", "aim, at most", "reached"), rows)
    terms = (
        "[A meme by stages](#a-meme-by-stages) says what the floor is, and [Cold start](#cold-start) what "
        "hello is."
    )
    return f"{table}\n\n{terms}"


def _row(what: str, found: float, most: float) -> tuple[str, str, str, str]:
    shown = f"{found:.2f}" if found < 10 and most else f"{found:.0f}"
    return what, shown, f"{most:g}", "yes" if found <= most else "**no**"
