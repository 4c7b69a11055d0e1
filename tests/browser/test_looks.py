"""Every state on a phone, a desktop and 320 pixels, in light and dark: it fits its width, axe-core (for
WCAG 2.2 A and AA) finds nothing in it, and a picture of it is kept. Then the same in each language."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.visitor import DESKTOP, PHONE, WAIT_MS, Visitor, people

NARROWEST = {"width": 320, "height": 900}
DEVICES = {"phone": PHONE, "desktop": DESKTOP, "narrow": NARROWEST}
AXE_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", DEVICES)
def test_states(chromium, stack, device: str, scheme: str):
    look_at_every_state(chromium, stack, device, scheme, "en")


def test_states_in_forced_colours(chromium, stack):
    look_at_every_state(chromium, stack, "desktop", "light", "en", forced_colors="active")


def test_states_with_text_of_twice_the_size(chromium, stack):
    look_at_every_state(chromium, stack, "phone", "light", "en", text="200%")


@pytest.mark.parametrize(
    ("language", "device", "scheme"),
    [
        ("es", "narrow", "light"),
        ("hi", "phone", "light"),
        ("ja", "desktop", "dark"),
        ("te", "narrow", "dark"),
    ],
)
def test_states_in_a_language(chromium, stack, language: str, device: str, scheme: str):
    look_at_every_state(chromium, stack, device, scheme, language)


def look_at_every_state(
    chromium, stack, device: str, scheme: str, language: str, text: str = "100%", **settings: str
) -> None:
    viewport = DEVICES[device]
    phone = device != "desktop"
    context = chromium.new_context(
        viewport=viewport,
        color_scheme=scheme,
        reduced_motion="reduce",
        has_touch=phone,
        is_mobile=phone,
        locale=language,
        **settings,
    )
    kind = "-".join([language, device, scheme, *settings, *(["large"] if text != "100%" else [])])
    visitor = Visitor(context.new_page(), stack)
    page = visitor.page

    def keep(state: str) -> None:
        page.evaluate("size => { document.documentElement.style.fontSize = size; }", text)
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
        assert page.evaluate("document.documentElement.lang") == language
        visitor.keep_picture(f"{kind}-{state}")
        found = Axe().run(page, options=AXE_RULES)
        assert found.violations_count == 0, found.generate_report()

    visitor.visit()
    expect(page.locator("#start")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.locator("label:has(#camera)").is_visible() == phone
    keep("start")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    keep("start-focus")

    status = f"{stack.api_url}/memes/*"
    page.route(status, lambda route: route.fulfill(json={"status": "working"}))
    page.locator("#choose").set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": people("happiness", "surprise")}
    )
    expect(page.locator("#wake-up")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator("#status")).not_to_be_empty()
    keep("work")
    page.unroute(status)
    expect(page.locator("#result")).to_be_visible(timeout=WAIT_MS)
    keep("result")
    page.locator("#seen summary").click()
    keep("faces")
    page.locator("button.face").first.click()
    expect(page.locator("#memes")).to_be_visible(timeout=WAIT_MS)
    keep("face")
    page.locator("#link").click()
    page.locator("#make-link").click()
    expect(page.locator("#copy-link")).to_be_focused(timeout=WAIT_MS)
    keep("link")
    page.locator("#close-sharing").click()
    page.locator("#delete").click()
    expect(page.locator("#confirm")).to_be_visible()
    keep("confirm")
    page.locator("#confirm-delete").click()
    expect(page.locator("#start")).to_be_visible()
    keep("deleted")

    page.locator("#choose").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Only words."}
    )
    expect(page.locator("#failure")).to_be_visible()
    keep("failure")
    context.close()
