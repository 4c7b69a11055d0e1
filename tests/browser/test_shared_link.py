"""A link that only shows a meme, as somebody opens it whose browser runs no script."""

import re
from collections.abc import Callable, Iterator

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from cloud.names import MemeId
from tests.browser.test_looks import AXE_RULES
from tests.browser.visitor import ARTIFACTS, DESKTOP, PHONE, people

SMALLEST = {"width": 320, "height": 500}
CAPTION = "When the link works\nand nothing runs"


@pytest.fixture
def meme(stack) -> dict:
    """A finished meme, as the api shows it."""
    photo = people("happiness", "surprise")
    options = {"caption": CAPTION, "style": "classic"}
    asked = {"content_type": "image/jpeg", "size": len(photo), "options": options}
    begun = requests.post(f"{stack.api_url}/uploads", json=asked, timeout=60).json()
    upload = begun["upload"]
    requests.put(upload["url"], photo, headers=upload["headers"], timeout=60).raise_for_status()
    while (shown := requests.get(begun["meme_url"], timeout=60).json())["status"] not in ("done", "failed"):
        pass
    return shown


@pytest.fixture
def link(stack, meme) -> str:
    answer = requests.post(f"{stack.api_url}/memes/{meme['id']}/share", timeout=60)
    url: str = answer.json()["share_url"]
    return url


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address in a browser that runs no script, and fails at any line in its console."""
    contexts = []
    said = []

    def opened(url: str, **settings) -> Page:
        context = chromium.new_context(java_script_enabled=False, **{"viewport": DESKTOP, **settings})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: said.append(line.text))
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [line for line in said if not line.startswith("Failed to load resource:")] == []


def test_a_link_shows_the_meme_without_a_script(stack, meme, link, open_page):
    requested = []
    page = open_page(link)
    page.on("request", lambda request: requested.append(request.url))
    page.reload()
    picture = page.get_by_role("img")
    assert picture.get_attribute("alt") == meme["alt_text"]
    expect(picture).to_have_js_property("naturalWidth", meme["meme"]["width"])
    expect(page.get_by_role("heading")).to_have_text("Somebody shared a meme with you")
    assert page.title() == "When the link works / and nothing runs · MemeGen"
    assert set(requested) == {link, f"{link}.jpg", "data:,"} or set(requested) == {link, f"{link}.jpg"}
    meme_id = MemeId.parse(meme["id"])
    assert meme_id.photo not in page.content() + link
    page.get_by_role("link", name="Make your own").click()
    assert page.url == f"{stack.site_url}/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE, SMALLEST], ids=["desktop", "phone", "smallest"])
def test_the_whole_page_fits_without_scrolling(link, open_page, scheme, viewport):
    page = open_page(link, viewport=viewport, color_scheme=scheme)
    expect(page.get_by_role("img")).to_have_js_property("complete", True)
    for shown in (page.get_by_role("img"), page.get_by_role("heading"), page.get_by_role("link")):
        box = shown.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= viewport["width"]
        assert box["y"] >= 0 and box["y"] + box["height"] <= viewport["height"]
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"shared-{viewport['width']}-{scheme}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_either_page(chromium, link, scheme):
    page = chromium.new_page(color_scheme=scheme, viewport=PHONE)
    for url in (link, f"{link}x"):
        page.goto(url)
        found = Axe().run(page, options=AXE_RULES)
        assert found.violations_count == 0, found.generate_report()
    page.close()


def test_a_revoked_link_says_so_kindly(stack, meme, link, open_page):
    requests.delete(f"{stack.api_url}/memes/{meme['id']}/share", timeout=60).raise_for_status()
    page = open_page(link, viewport=PHONE, locale="es-ES")
    expect(page.get_by_role("heading")).to_have_text("Este meme ya no está aquí")
    expect(page.get_by_role("link")).to_have_text("Haz el tuyo")
    assert re.search(r"<script|onerror", page.content()) is None
    page.screenshot(path=ARTIFACTS / "shared-gone.png")
