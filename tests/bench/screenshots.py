"""Pictures of the page, to be looked at: on a phone and a desktop, light and dark.

    python -m tests.bench.screenshots .local/screenshots     all of them; also: make screenshots
    python -m tests.bench.screenshots docs/page.jpg          the README's: a phone's side by side

It runs the local stack and Debian's Chromium. The photo is the start's portrait, in the public domain.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.local.config.addresses import Ports
from infra.local.stack.stack import Stack

PHONE, SMALL, DESKTOP = (390, 844), (360, 640), (1280, 800)
LOOKS = [
    (PHONE, "phone", "light"),
    (PHONE, "phone", "dark"),
    (SMALL, "small", "light"),
    (DESKTOP, "desktop", "light"),
    (DESKTOP, "desktop", "dark"),
]
WAIT_MS = 120_000
GAP, GROUND = 24, "#d9d2c0"


@contextmanager
def page_on(browser: Browser, size: tuple[int, int], scheme: str, url: str) -> Iterator[Page]:
    """The start, with all its pictures there and at rest."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        has_touch=size != DESKTOP,
        is_mobile=size != DESKTOP,
        device_scale_factor=2 if size != DESKTOP else 1,
    )
    page = context.new_page()
    page.goto(url)
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def states(page: Page) -> Iterator[str]:
    """Leads the page from state to state, and yields the name of each."""
    yield "start"
    page.locator(".sample[data-style=zoom]").click()
    expect(page.locator("#result")).to_be_visible(timeout=WAIT_MS)
    page.wait_for_load_state("networkidle")
    yield "result"
    taps(page, "style", "bubble")
    page.locator("#styles").scroll_into_view_if_needed()
    yield "editor"
    taps(page, "expression", "surprise")
    page.locator("#seen summary").click()
    page.locator("#bars").scroll_into_view_if_needed()
    yield "readings"
    page.locator("#link").click()
    yield "link"


def taps(page: Page, group: str, value: str) -> None:
    before = page.url
    page.locator(f"#editor label:has(input[name={group}][value={value}])").click()
    page.wait_for_url(lambda url: url != before, timeout=WAIT_MS)
    page.wait_for_load_state("networkidle")


def take_all(browser: Browser, url: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for size, device, scheme in LOOKS:
        with page_on(browser, size, scheme, url) as page:
            for state in states(page):
                page.screenshot(path=folder / f"{device}-{scheme}-{state}.png")


def take_readmes(browser: Browser, url: str, file: Path) -> None:
    """A phone's start, result and editor, side by side."""
    with tempfile.TemporaryDirectory() as folder, page_on(browser, PHONE, "light", url) as page:
        shots = []
        for state in states(page):
            page.screenshot(path=Path(folder) / f"{state}.png")
            shots.append(Image.open(Path(folder) / f"{state}.png").convert("RGB").resize(PHONE))
            if state == "editor":
                break
    width, height = PHONE
    whole = Image.new("RGB", (GAP + len(shots) * (width + GAP), height + 2 * GAP), GROUND)
    for number, shot in enumerate(shots):
        whole.paste(shot, (GAP + number * (width + GAP), GAP))
    whole.save(file, "JPEG", quality=88, optimize=True, progressive=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.screenshots", description="Take pictures of the page."
    )
    parser.add_argument("where", type=Path, help="a folder for all of them, or the README's JPEG")
    where = parser.parse_args().where
    chromium = shutil.which("chromium")
    if chromium is None:
        parser.error("There is no chromium on this machine. Install Debian's package chromium.")
    with (
        tempfile.TemporaryDirectory() as state,
        Stack(Path(state), Ports.free()) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        take = take_readmes if where.suffix == ".jpg" else take_all
        take(browser, stack.site_url, where)
        browser.close()
    print(f"wrote {where}")


if __name__ == "__main__":
    main()
