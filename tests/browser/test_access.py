"""For everyone: by keyboard alone, by ear, in large letters. What axe-core finds is in test_looks."""

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.line import Line
from tests.browser.visitor import WAIT_MS, Visitor, heavy_jpeg


def test_keyboard_alone_leads_from_photo_to_download_and_all_is_announced(visitor, tmp_path):
    """The line is slow enough for every quarter, and the api says `waiting` and `working` once each."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(heavy_jpeg())
    page, keyboard = visitor.page, visitor.page.keyboard
    Line(page)
    status = f"{visitor.stack.api_url}/memes/*"
    answers = iter(["waiting", "working"])
    page.route(status, lambda route: route.fulfill(json={"status": next(answers)}), times=2)

    # Listened for early: the browser takes a moment until it hands the dialog over in place of opening it.
    page.on("filechooser", lambda _: None)
    visitor.tab_to("Choose a photo")
    with page.expect_file_chooser() as chooser:
        keyboard.press("Space")
    chooser.value.set_files(photo)
    expect(page.locator("#result-heading")).to_be_focused(timeout=WAIT_MS)
    first = visitor.alt

    visitor.tab_to("Another caption")
    keyboard.press("Enter")
    expect(page.locator("#place")).to_have_text("2 of 2", timeout=WAIT_MS)
    second = visitor.alt
    visitor.tab_to("Download")
    with page.expect_download() as download:
        keyboard.press("Enter")
    assert Image.open(download.value.path()).format == "JPEG"
    assert first != second
    assert visitor.said == [
        "Getting the photo ready…",
        "Sending the photo…",
        "25% sent",
        "50% sent",
        "75% sent",
        "Sent. Waiting for the answer…",
        "Waiting for the photo to arrive…",
        "The photo is there. Making the meme…",
        f"The meme: {first}",
        "Making another one…",
        f"The next meme is ready: {second}",
    ]


def test_keyboard_reaches_every_control_of_the_result_in_the_order_that_is_seen(visitor):
    visitor.make_meme()
    names = []
    for _ in range(10):
        visitor.page.keyboard.press("Tab")
        names.append(visitor.focused())
    assert names == [
        "Another caption",
        "Download",
        "Copy picture",
        "Expression",
        "Caption’s language",
        "Style",
        "Your own text",
        "Make this meme",
        "New photo",
        "Delete photo and memes",
    ]


@pytest.mark.parametrize("state", ["start", "result"])
def test_zoom_of_200_per_cent_needs_no_scrolling_sideways(chromium, stack, state: str):
    """Zoomed so, a window of 1,280 pixels has 640 for the page; text alone may grow to twice too."""
    context = chromium.new_context(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    visitor = Visitor(context.new_page(), stack)
    visitor.visit()
    if state == "result":
        visitor.make_meme()
    width = "document.documentElement.scrollWidth"
    assert visitor.page.evaluate(width) == 640
    visitor.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert visitor.page.evaluate(width) == 640
    context.close()


@pytest.mark.parametrize(("wish", "animation"), [("reduce", "none"), ("no-preference", "pass")])
def test_nothing_moves_where_less_motion_is_wished(chromium, stack, wish: str, animation: str):
    context = chromium.new_context(reduced_motion=wish)
    visitor = Visitor(context.new_page(), stack)
    visitor.page.route(f"{stack.api_url}/memes/*", lambda route: route.fulfill(json={"status": "working"}))
    visitor.visit(f"#{'A' * 22}-0")
    expect(visitor.page.get_by_text("The photo is there.")).to_be_visible()
    bar = visitor.page.get_by_role("progressbar", name="Waiting for the meme")
    assert bar.evaluate("bar => getComputedStyle(bar).animationName") == animation
    scrolling = "getComputedStyle(document.documentElement).scrollBehavior"
    assert visitor.page.evaluate(scrolling) == ("auto" if wish == "reduce" else "smooth")
    context.close()


def test_deletion_is_asked_about_and_can_be_left_by_keyboard(visitor):
    visitor.make_meme()
    keyboard = visitor.page.keyboard
    delete = visitor.page.get_by_role("button", name="Delete photo and memes")
    delete.focus()
    for leave in ("Escape", "Keep them"):
        keyboard.press("Enter")
        expect(visitor.page.get_by_role("dialog", name="Delete the photo and its memes?")).to_be_visible()
        if leave == "Escape":
            keyboard.press("Escape")
        else:
            visitor.tab_to(leave)
            keyboard.press("Enter")
        expect(visitor.page.get_by_role("dialog")).to_be_hidden()
        expect(delete).to_be_focused()
    assert visitor.asked("DELETE", visitor.stack.api_url) == []
