"""`make bench-page`: how light, quick and steady the page is, measured on the local stack. No test.

python -m tests.bench.page              all of it, written to docs/page.md
python -m tests.bench.page remix        one of its parts, printed: see PARTS
"""

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from infra.local.config.addresses import Ports
from infra.local.stack.stack import ROOT, Stack
from memegen.caption.choose import languages
from tests.bench.page import lighthouse, visits
from tests.bench.page.report import Row, page, table
from tests.support.chromium import launch

DOCUMENT = ROOT / "docs" / "page.md"


def weight(browser: Browser, _: str, url: str) -> list[Row]:
    found = {language: visits.weight(browser, url, language) for language in languages()}
    return [
        Row(f"bytes before the first photo, {language}, in {files} files", size, 75_000)
        for language, (size, files) in found.items()
    ]


def slow(browser: Browser, _: str, url: str) -> list[Row]:
    found = visits.slow_visits(browser, url)
    words = statistics.median(visit.words for visit in found)
    buttons = statistics.median(visit.buttons for visit in found)
    return [
        Row("slow 3G: something to read, ms", words, 1_500),
        Row("slow 3G: something to tap, ms", buttons, 3_000),
    ]


def remix(browser: Browser, _: str, url: str) -> list[Row]:
    found = visits.remixes(browser, url)
    *_, high = statistics.quantiles(found, n=20)
    return [
        Row(f"remix, from the tap to the picture, median of {len(found)}, ms", statistics.median(found), 500),
        Row("remix, 95 of 100 are no slower, ms", high),
    ]


def shift(browser: Browser, _: str, url: str) -> list[Row]:
    looks = [("phone", visits.SMALL_PHONE, language) for language in languages()]
    return [
        Row(
            f"layout shift from the start to the third meme, {name}, {language}",
            visits.shift(browser, url, size, language),
            0.02,
        )
        for name, size, language in [*looks, ("desktop", visits.DESKTOP, "en")]
    ]


def scores(_: Browser, chromium: str, url: str) -> list[Row]:
    least = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
    found = lighthouse.scores(chromium, url)
    return [
        Row(f"Lighthouse on a phone: {name.replace('-', ' ')}", score, least=least[name])
        for name, score in found.items()
    ]


PARTS: dict[str, Callable[[Browser, str, str], list[Row]]] = {
    "weight": weight,
    "lighthouse": scores,
    "remix": remix,
    "slow": slow,
    "shift": shift,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.page", description="Measure the page on the local stack."
    )
    parser.add_argument("part", nargs="?", choices=PARTS, help="print this part alone, and write nothing")
    wanted = parser.parse_args().part
    chromium = shutil.which("chromium")
    if chromium is None:
        parser.error("There is no chromium on this machine. Install Debian's package chromium.")
    if wanted in (None, "lighthouse") and shutil.which("npx") is None:
        parser.error("Lighthouse needs npx, and there is none on this machine. Install Node.js 20 or newer.")
    rows = measure([wanted] if wanted else list(PARTS), chromium)
    if wanted:
        return
    DOCUMENT.write_text(page(heading(), rows))
    print(f"Written to {DOCUMENT}")


def measure(parts: list[str], chromium: str) -> list[Row]:
    rows: list[Row] = []
    with (
        tempfile.TemporaryDirectory() as state,
        tempfile.TemporaryDirectory() as fonts,
        Stack(Path(state), Ports.free()) as stack,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright, chromium, Path(fonts))
        visits.wake_up(browser, stack.site_url)
        for part in parts:
            print(f"Measuring: {part}", file=sys.stderr, flush=True)
            found = PARTS[part](browser, chromium, stack.site_url)
            print(table(found), file=sys.stderr, flush=True)
            rows += found
        browser.close()
    return rows


def heading() -> str:
    return (
        f"It last ran on {date.today()}, on {platform.machine()} with {os.cpu_count()} cores. The machine's "
        f"load at the end was {os.getloadavg()[1]:.1f}, and the niceness {os.nice(0)}."
    )


if __name__ == "__main__":
    main()
