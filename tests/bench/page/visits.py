"""The page in a browser, under the clock: how light it is, how soon it serves on a slow line, how quickly
the next meme comes, how far things jump."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, expect

PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1280, "height": 800}
WAIT_MS = 120_000
SLOW_VISITS = 5
EXPRESSIONS = ("sadness", "anger", "surprise", "fear", "disgust", "neutral", "happiness")
STYLES = ("classic", "bar", "subtitle", "bubble")

# WebPageTest's "Slow 3G": 400 kbit/s each way, and 400 ms from a request to its answer.
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}

WIRE = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const files = performance.getEntriesByType("resource");
    const size = files.reduce((sum, { transferSize }) => sum + transferSize, page.transferSize);
    return [size, files.length + 1];
}"""

# When the page's code has taken over: from then on every button answers.
NOTE_READY = """
new MutationObserver((_, observer) => {
    if (!document.body?.dataset.section) return;
    window.readyMs = performance.now();
    observer.disconnect();
}).observe(document, { subtree: true, childList: true, attributes: true });
"""

# From a tap to the frame in which the next meme's picture is drawn.
NOTE_PICTURES = """() => {
    window.waits = [];
    let tapped = 0;
    document.addEventListener("click", ({ timeStamp, isTrusted }) => {
        if (isTrusted) tapped = timeStamp;
    }, true);
    const meme = document.querySelector("#meme");
    new MutationObserver(async () => {
        const from = tapped;
        await meme.decode();
        requestAnimationFrame(() => setTimeout(() => window.waits.push(performance.now() - from)));
    }).observe(meme, { attributeFilter: ["src"] });
}"""

NOTE_SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass(frozen=True)
class SlowVisit:
    """Milliseconds from asking for the page until its words are drawn, and until every button answers."""

    words: float
    buttons: float


@contextmanager
def page_of(browser: Browser, viewport: dict[str, int], **settings: Any) -> Iterator[Page]:
    context = browser.new_context(viewport=viewport, **settings)
    yield context.new_page()
    context.close()


def wire_bytes(page: Page) -> tuple[int, int]:
    """What the page that is open has cost so far: bytes as they were sent, headers included, and files."""
    page.wait_for_load_state("networkidle")
    size, files = page.evaluate(WIRE)
    return size, files


def weight(browser: Browser, url: str, language: str) -> tuple[int, int]:
    """Bytes and files before the first photo, in a browser of that language that was never here."""
    with page_of(browser, PHONE, locale=language) as page:
        page.goto(url)
        expect(page.locator("#hero-letters")).to_be_visible()
        return wire_bytes(page)


def wake_up(browser: Browser, url: str) -> None:
    """Makes one meme, so that the functions have loaded what they need."""
    with page_of(browser, PHONE) as page:
        page.goto(url)
        _make_meme(page)


def slow_visits(browser: Browser, url: str) -> list[SlowVisit]:
    """First visits over a slow 3G line, each with nothing in the browser's cache."""
    return [_slow_visit(browser, url) for _ in range(SLOW_VISITS)]


def _slow_visit(browser: Browser, url: str) -> SlowVisit:
    with page_of(browser, PHONE, has_touch=True, is_mobile=True) as page:
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW_3G)
        page.add_init_script(NOTE_READY)
        page.goto(url, wait_until="commit")
        page.wait_for_function("() => window.readyMs")
        words = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        return SlowVisit(words, page.evaluate("window.readyMs"))


def remixes(browser: Browser, url: str) -> list[float]:
    """Milliseconds from a tap on a style or an expression to the next meme's picture, one tap after another.

    The page's own pause is in it, in which further taps may come.
    """
    with page_of(browser, PHONE, has_touch=True, is_mobile=True) as page:
        page.goto(url)
        _make_meme(page)
        page.evaluate(NOTE_PICTURES)
        for style in STYLES:
            _tap(page, "style", style)
            for expression in EXPRESSIONS:
                _tap(page, "expression", expression)
        taps = len(STYLES) * (1 + len(EXPRESSIONS))
        page.wait_for_function("taps => window.waits.length === taps", arg=taps, timeout=WAIT_MS)
        waits: list[float] = page.evaluate("window.waits")
        return waits


def shift(browser: Browser, url: str, viewport: dict[str, int], language: str) -> float:
    """The sum of all layout shifts (https://web.dev/articles/cls) from the start to the third meme."""
    with page_of(browser, viewport, locale=language) as page:
        page.add_init_script(NOTE_SHIFTS)
        page.goto(url)
        _make_meme(page)
        _tap(page, "canvas", "story")
        _tap(page, "expression", "sadness")
        shifted: float = page.evaluate("window.shifts")
        return shifted


def _make_meme(page: Page) -> None:
    page.locator(".sample[data-style=zoom]").click()
    expect(page.locator("#result")).to_be_visible(timeout=WAIT_MS)


def _tap(page: Page, group: str, value: str) -> None:
    """Taps a choice that no meme of this photo has had yet, and waits for its meme."""
    before = page.url
    page.locator(f"#editor label:has(input[name={group}][value={value}])").click()
    page.wait_for_url(lambda url: url != before, timeout=WAIT_MS)
