"""Every state on a phone and a desktop, in light and dark: it fits its width, and a picture of it is kept."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import DESKTOP, PHONE, WAIT_MS, Visitor, portrait

NARROWEST = {"width": 320, "height": 900}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("device", "viewport"), [("phone", PHONE), ("desktop", DESKTOP), ("narrow", NARROWEST)]
)
def test_states(chromium, stack, device: str, viewport: dict[str, int], scheme: str):
    phone = device != "desktop"
    context = chromium.new_context(
        viewport=viewport, color_scheme=scheme, reduced_motion="reduce", has_touch=phone, is_mobile=phone
    )
    visitor = Visitor(context.new_page(), stack)
    page = visitor.page

    def keep(state: str) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
        visitor.keep_picture(f"{device}-{scheme}-{state}")

    visitor.visit()
    visitor.sees_start()
    assert page.get_by_text("Take a photo").is_visible() == phone
    keep("start")
    page.keyboard.press("Tab")
    keep("start-focus")

    status = f"{stack.api_url}/memes/*"
    page.route(status, lambda route: route.fulfill(json={"status": "working"}))
    visitor.choose(portrait("happiness"))
    expect(page.get_by_text("The photo is there.")).to_be_visible(timeout=WAIT_MS)
    keep("work")
    page.unroute(status)
    visitor.sees_meme()
    keep("result")
    visitor.press("Another caption")
    expect(page.get_by_text("The next meme is ready:")).to_be_visible(timeout=WAIT_MS)
    keep("another-caption")
    visitor.press("Delete photo and meme")
    visitor.sees_start()
    keep("deleted")

    visitor.choose(b"Only words.", "notes.txt", "text/plain")
    expect(page.get_by_role("heading", name="That didn’t work")).to_be_visible()
    keep("failure")
    context.close()
