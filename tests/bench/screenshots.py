"""Pictures of the page, to be looked at: phone and desktop, light and dark, every language, large letters.

    python -m tests.bench.screenshots .local/screenshots     all of them; also: make screenshots
    python -m tests.bench.screenshots docs/page.jpg          the README's: a phone's side by side

It runs the local stack and Debian's Chromium. The photo is the start's portrait, in the public domain.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.local.config.addresses import Ports
from infra.local.stack.stack import Stack
from tests.support.chromium import launch

PHONE, SMALL, DESKTOP = (390, 844), (360, 640), (1280, 800)
WAIT_MS = 120_000
GAP, GROUND = 24, "#d9d2c0"


@dataclass(frozen=True)
class Look:
    """A device of so many CSS pixels, and how it is set. text: the size of letters, usually 1."""

    name: str
    size: tuple[int, int]
    scheme: str = "light"
    language: str = "en"
    text: float = 1
    forced_colors: str = "none"


README = Look("readme", PHONE)
LOOKS = [
    Look("phone-light", PHONE),
    Look("phone-dark", PHONE, scheme="dark"),
    Look("small-light", SMALL),
    Look("desktop-light", DESKTOP),
    Look("desktop-dark", DESKTOP, scheme="dark"),
    Look("phone-es", PHONE, language="es"),
    Look("phone-hi", PHONE, language="hi"),
    Look("small-ja", SMALL, language="ja"),
    Look("small-te", SMALL, language="te"),
    Look("desktop-ja", DESKTOP, language="ja"),
    Look("phone-large", PHONE, text=2),
    Look("phone-large-te", PHONE, language="te", text=2),
    Look("phone-forced", PHONE, forced_colors="active"),
]


@contextmanager
def page_on(browser: Browser, look: Look, url: str) -> Iterator[Page]:
    """The start, with all its pictures there and at rest."""
    width, height = look.size
    is_phone = look.size != DESKTOP
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if look.scheme == "dark" else "light",
        forced_colors="active" if look.forced_colors == "active" else "none",
        locale=look.language,
        reduced_motion="reduce",
        has_touch=is_phone,
        is_mobile=is_phone,
        device_scale_factor=2 if is_phone else 1,
    )
    page = context.new_page()
    page.goto(url)
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", f"{100 * look.text}%")
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
    page.locator("#close-sharing").click()
    page.locator("#delete").click()
    yield "delete"
    page.locator("#confirm-delete").click()
    expect(page.locator("#start")).to_be_visible(timeout=WAIT_MS)
    notes = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Only words."}
    page.locator("#choose").set_input_files(notes)
    expect(page.locator("#failure")).to_be_visible()
    yield "failure"


def taps(page: Page, group: str, value: str) -> None:
    before = page.url
    page.locator(f"#editor label:has(input[name={group}][value={value}])").click()
    page.wait_for_url(lambda url: url != before, timeout=WAIT_MS)
    page.wait_for_load_state("networkidle")


def take_all(browser: Browser, url: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for look in LOOKS:
        with page_on(browser, look, url) as page:
            for state in states(page):
                page.screenshot(path=folder / f"{look.name}-{state}.png")


def take_readmes(browser: Browser, url: str, file: Path) -> None:
    """A phone's start, result and editor, side by side."""
    with tempfile.TemporaryDirectory() as folder, page_on(browser, README, url) as page:
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
        tempfile.TemporaryDirectory() as fonts,
        Stack(Path(state), Ports.free()) as stack,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright, chromium, Path(fonts))
        take = take_readmes if where.suffix == ".jpg" else take_all
        take(browser, stack.site_url, where)
        browser.close()
    print(f"wrote {where}")


if __name__ == "__main__":
    main()
