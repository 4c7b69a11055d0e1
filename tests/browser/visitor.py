"""Somebody at the page: what the page's tests do and see again and again."""

import json
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import requests
from PIL import Image, ImageDraw
from playwright.sync_api import Page, Request, Route, expect

from tests.support.drawing import draw_portrait
from tests.support.people import draw_people

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
WAIT_MS = 120_000  # the first meme of a run waits for the functions to load their models
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}

# Keeps what the live regions said, in order.
_LISTEN_TO_LIVE_REGIONS = """
window.said = [];
document.addEventListener("DOMContentLoaded", () => {
  for (const region of document.querySelectorAll("[role=status], [role=alert]")) {
    new MutationObserver(() => region.textContent && window.said.push(region.textContent))
      .observe(region, { childList: true, characterData: true, subtree: true });
  }
});
"""


def jpeg(width: int = 800, height: int = 600, quality: int = 90, background: str = "steelblue") -> bytes:
    """A drawn picture without a face."""
    image = Image.new("RGB", (width, height), background)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 4, height // 3, width // 2, height - 1), fill="sienna")
    draw.polygon(
        [(width // 5, height // 3), (width * 3 // 8, height // 8), (width * 11 // 20, height // 3)],
        "firebrick",
    )
    draw.ellipse((width * 3 // 4, height // 10, width * 7 // 8, height // 10 + width // 8), fill="gold")
    return _encoded(image, "JPEG", quality=quality)


def heavy_jpeg() -> bytes:
    """A picture of about 1 MB: noise can't be compressed, so that its upload takes a while on a slow line."""
    return _encoded(Image.effect_noise((1200, 1000), 120).convert("RGB"), "JPEG", quality=90)


def portrait(expression: str) -> bytes:
    """A drawn face that the face finder finds."""
    return _encoded(Image.fromarray(draw_portrait(800, expression)), "JPEG", quality=90)


def people(*expressions: str, size: tuple[int, int] = (1000, 700)) -> bytes:
    """Drawn people side by side, whose faces the face finder finds."""
    return _encoded(Image.fromarray(draw_people(list(expressions), size)), "JPEG", quality=85)


def _encoded(image: Image.Image, form: str, **settings: Any) -> bytes:
    file = BytesIO()
    image.save(file, form, **settings)
    return file.getvalue()


class Visitor:
    """A person at the page: what they do and what they see, and what the page asked of the network for it."""

    def __init__(self, page: Page, stack: Any) -> None:
        self.page = page
        self.stack = stack
        self.requests: list[Request] = []
        self.console: list[str] = []
        page.add_init_script(_LISTEN_TO_LIVE_REGIONS)
        page.on("request", self._note)
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))

    def _note(self, request: Request) -> None:
        self.requests.append(request)

    def visit(self, fragment: str = "") -> None:
        self.page.goto(f"{self.stack.site_url}/{fragment}")

    def choose(
        self,
        data: bytes,
        name: str = "photo.jpg",
        mime_type: str = "image/jpeg",
        button: str = "Choose a photo",
    ) -> None:
        file = {"name": name, "mimeType": mime_type, "buffer": data}
        self.page.get_by_label(button).filter(visible=True).set_input_files(file)

    def sees_meme(self) -> None:
        expect(self.page.get_by_role("heading", name="Your meme is ready")).to_be_visible(timeout=WAIT_MS)

    def sees_failure(self, sentence: str) -> None:
        expect(self.page.get_by_role("heading", name="That didn’t work")).to_be_focused(timeout=WAIT_MS)
        expect(self.page.locator("#failure-text")).to_have_text(sentence)

    def sees_start(self) -> None:
        expect(self.page.get_by_role("heading", name="A photo goes in")).to_be_visible()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def focused(self) -> str:
        """What a screen reader calls the control with the focus: its label or its words."""
        return self.page.evaluate(
            """() => {
                const { labels, textContent } = document.activeElement;
                const label = labels?.[0]?.querySelector("span");
                return (label ?? { textContent }).textContent.trim();
            }"""
        )

    def tab_to(self, name: str) -> None:
        for _ in range(30):
            self.page.keyboard.press("Tab")
            if self.focused() == name:
                return
        raise AssertionError(f"Tab leads to no {name}")

    def delete(self) -> None:
        self.press("Delete photo and memes")
        self.press("Delete now")

    def make_meme(self, data: bytes | None = None) -> None:
        self.choose(data or jpeg())
        self.sees_meme()

    def taps(self, group: str, value: str) -> None:
        """Taps a choice of the editor: a style, an expression, a canvas, a text size, a caption by its id."""
        self.page.locator(f"#editor label:has(input[name={group}][value='{value}'])").click()

    def waits_for_another_meme(self, than: str) -> None:
        self.page.wait_for_function("id => location.hash.slice(1) !== id", arg=than, timeout=WAIT_MS)

    def gets_more_captions(self) -> None:
        """Asks for more captions and waits for the meme with the first of them."""
        before = self.id
        self.press("More captions")
        self.waits_for_another_meme(before)

    @property
    def report(self) -> dict[str, Any]:
        """The api's answer for the meme in sight."""
        return requests.get(f"{self.stack.api_url}/memes/{self.id}", timeout=30).json()

    @property
    def id(self) -> str:
        return self.page.evaluate("location.hash.slice(1)")

    @property
    def alt(self) -> str:
        return self.page.locator("#meme").get_attribute("alt") or ""

    @property
    def said(self) -> list[str]:
        return self.page.evaluate("window.said")

    def asked(self, method: str, base: str, path: str = "/") -> list[Request]:
        """The requests so far of a method to the addresses that begin with `base` + `path`."""
        return [
            request
            for request in self.requests
            if request.method == method and request.url.startswith(base + path)
        ]

    def puts(self) -> int:
        return len(self.asked("PUT", self.stack.uploads_url))

    def links(self) -> int:
        """How often the page asked for an upload link."""
        return len(self.asked("POST", self.stack.api_url, "/uploads"))

    def keep_picture(self, name: str) -> None:
        """The whole page's, in a window of its height: for full_page, Playwright stops emulating touch."""
        ARTIFACTS.mkdir(exist_ok=True)
        window = self.page.viewport_size
        assert window
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": window["width"], "height": height})
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")
        self.page.set_viewport_size(window)

    def answer_upload_links(self, change: Callable[[dict[str, Any]], None], times: int | None = None) -> None:
        """Lets the api answer POST /uploads and changes the answer on its way to the page."""

        def handle(route: Any) -> None:
            response = route.fetch()
            answer = response.json()
            change(answer)
            route.fulfill(response=response, body=json.dumps(answer))

        self.page.route(f"{self.stack.api_url}/uploads", handle, times=times)


class Held:
    """Requests that the network holds back until the test lets them go."""

    def __init__(self, page: Page, url: str, method: str | None = None) -> None:
        self._page = page
        self._method = method
        self._routes: list[Route] = []
        page.route(url, self._hold)

    def _hold(self, route: Route) -> None:
        if self._method in (None, route.request.method):
            self._routes.append(route)
        else:
            route.continue_()

    def arrives(self) -> None:
        """Waits until a request is held: what the page shows may be ahead of what it asks."""
        deadline = time.monotonic() + WAIT_MS / 1000
        while not self._routes:
            assert time.monotonic() < deadline, "the page never asked"
            self._page.wait_for_timeout(20)

    def let_go(self) -> None:
        """Waits for a request, and lets all that are held go on."""
        self.arrives()
        while self._routes:
            self._routes.pop().continue_()
