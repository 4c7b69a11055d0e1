"""The soak's figures in words, and their place in docs/reliability.md."""

import statistics
from pathlib import Path

from infra.local.config.delivery import cloud_rules
from tests.bench.soak.killing import DISK_MIB, FULL_SECONDS, MAX_INSTANCES, Outcome
from tests.bench.soak.memory import CLIENTS, MOST_CHANGE, Memory
from tests.bench.soak.waiting import waits

BEGIN, END = "<!-- figures of make soak: begin -->", "<!-- figures of make soak: end -->"

_TROUBLES = {
    "503": "it answers 503",
    "429": "it answers 429",
    "reset": "it resets connections",
    "hang": "it takes requests and never answers",
}


PAGE_SECONDS = 120
"""For how long the page waits for a meme."""
DEPLOYED = 10
"""The default of `max_instances`."""
BURSTS = (10, 100, 300, 1000, 3000)


def killing_text(outcome: Outcome, clients: int, every: float) -> str:
    events = outcome.events
    swept = (
        [("sweeps; photos that they made", f"{events.sweeps}, {events.healed:,}")] if events.sweeps else []
    )
    rows = [
        ("photos sent through the api; clients at the same time", f"{outcome.uploads:,}, {clients}"),
        (
            f"kills, {every:g} s apart on the mean",
            f"{events.workers_killed} of the worker process, {events.processes_killed} of all of on_upload",
        ),
        ("restarts of the whole stack", str(events.restarts)),
        (
            f"the disk, of {DISK_MIB} MiB, full for {FULL_SECONDS} s: writes that failed in the storage",
            f"{events.full:,}",
        ),
        ("deliveries that failed and were repeated", f"{events.repeats:,}"),
        ("of these, found no free instance in ten seconds", f"{events.refused:,}"),
        *swept,
        ("photos without a report and a meme", str(len(outcome.lost))),
        ("reports written twice", str(len(outcome.doubled))),
        ("memes whose bytes differ from the library's", str(len(outcome.wrong))),
        ("outputs that belong to no photo", str(len(outcome.left_over))),
        ("from the end of an upload to its report", _spread(outcome.seconds)),
    ]
    return _table(f"by the cloud's rules for {MAX_INSTANCES} instances, under fire", rows)


def burst_text(seconds: list[float]) -> str:
    """The measured burst, and bursts worked out from the rules alone, with a second for each photo."""
    rows = [
        (f"{photos:,} at once", _spread(done, late=True))
        for photos in BURSTS
        for done in [waits(photos, 1, cloud_rules(DEPLOYED))]
    ]
    measured = [(f"{len(seconds):,} at once, nothing in trouble", _spread(seconds, late=True))]
    column = "from the end of an upload to its report"
    return "\n\n".join(
        [
            _table(f"measured here, {MAX_INSTANCES} instances on these cores", measured, column),
            _table(f"worked out, {DEPLOYED} instances, a second each", rows, column),
        ]
    )


def troubles_text(seconds: dict[str, float]) -> str:
    rows = [(_TROUBLES[kind], f"{taken:.0f} s") for kind, taken in seconds.items()]
    return _table("storage fails for good", rows, "on_upload gives up its try after")


def memory_text(held: Memory) -> str:
    hour = 3600 * held.photos / held.seconds
    rows = [
        ("photos; the most at the same time", f"{held.photos:,}, {CLIENTS}"),
        (
            "duration",
            f"{held.seconds / 60:.0f} minutes; at this rate an hour is enough for {hour:,.0f} photos",
        ),
        ("resident memory, median of the second quarter", f"{held.second_quarter:.0f} MiB"),
        ("resident memory, median of the last quarter", f"{held.last_quarter:.0f} MiB"),
        (f"change; the limit is {100 * MOST_CHANGE:+g} %", f"{100 * held.change:+.1f} %"),
        ("highest resident memory", f"{held.peak:.0f} MiB"),
    ]
    return _table("one process makes photo after photo", rows)


def _spread(seconds: list[float], late: bool = False) -> str:
    text = (
        f"median {statistics.median(seconds):,.1f} s, 99th percentile {percentile(seconds, 99):,.1f} s, "
        f"longest {seconds[-1]:,.1f} s"
    )
    if not late:
        return text
    return f"{text}; {sum(each > PAGE_SECONDS for each in seconds):,} after the page's {PAGE_SECONDS} s"


def percentile(ordered: list[float], share: int) -> float:
    """The smallest value that `share` per cent of the ordered values don't exceed."""
    return ordered[max(0, -(-share * len(ordered) // 100) - 1)]


def replace_figures(document: Path, figures: str) -> None:
    """Puts the figures in place of those in the document; raises ValueError where it has no such place."""
    text = document.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{document} must hold the lines {BEGIN} and {END} once each.")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    document.write_text(f"{before}{BEGIN}\n{figures}\n{END}{after}")


def _table(title: str, rows: list[tuple[str, str]], column: str = "") -> str:
    lines = [f"| {title} | {column} |", "|---|---|", *(f"| {what} | {figure} |" for what, figure in rows)]
    return "\n".join(lines)
