"""For everyone: by keyboard alone, by ear, in large letters. What axe-core finds is in test_looks."""

import pytest
from PIL import Image
from playwright.sync_api import expect

from memegen.options import MOVING_STYLES
from tests.browser.line import Line
from tests.browser.visitor import WAIT_MS, Visitor, heavy_jpeg, people

STYLES = {
    "classic": "Classic",
    "bar": "Bar",
    "bubble": "Speech bubble",
    "labels": "Labels",
    "subtitle": "Film subtitle",
    "zoom": "Zoom",
}


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

    visitor.tab_to("More captions")
    keyboard.press("Enter")
    expect(page.locator("#place")).to_have_text("2 of 2", timeout=WAIT_MS)
    assert visitor.focused() == "More captions"
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
        "Reading the faces, writing the caption…",
        f"The meme: {first}",
        "Making another one…",
        f"The next meme is ready: {second}",
    ]


def test_keyboard_reaches_every_control_of_the_result_in_the_order_that_is_seen(visitor):
    visitor.make_meme()
    made = visitor.report
    motion = ["Still"] if made["style"]["name"] in MOVING_STYLES else []
    names = []
    for _ in range(15 + len(motion)):
        visitor.page.keyboard.press("Tab")
        names.append(visitor.focused())
    first, *others = [caption["text"] for caption in made["captions"]]
    assert names == [
        "Before",
        "Share",
        "Download",
        "Copy",
        "Link",
        first,
        "More captions",
        "Or in your own words",
        STYLES[made["style"]["name"]],  # that of the form which the caption has
        "Automatic",
        *motion,
        "Photo",
        "Medium",
        "Caption’s language",
        "New photo",
        "Delete photo and memes",
    ]
    assert len(others) == 2  # arrow keys lead to them, as to the other choices of a group


@pytest.mark.parametrize("state", ["start", "result"])
@pytest.mark.parametrize("width", [640, 390])
def test_text_of_200_per_cent_needs_no_scrolling_sideways(chromium, stack, width: int, state: str):
    """Zoomed so, a window of 1,280 pixels has 640; text alone may grow to twice, on a phone too."""
    context = chromium.new_context(viewport={"width": width, "height": 800}, device_scale_factor=2)
    visitor = Visitor(context.new_page(), stack)
    visitor.visit()
    if state == "result":
        visitor.make_meme(people("happiness", "surprise"))
    scrolled = "document.documentElement.scrollWidth"
    assert visitor.page.evaluate(scrolled) == width
    visitor.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert visitor.page.evaluate(scrolled) == width
    context.close()


@pytest.mark.parametrize(("wish", "animation"), [("reduce", "none"), ("no-preference", "run")])
def test_nothing_moves_where_less_motion_is_wished(chromium, stack, wish: str, animation: str):
    context = chromium.new_context(reduced_motion=wish)
    visitor = Visitor(context.new_page(), stack)
    visitor.page.route(f"{stack.api_url}/memes/*", lambda route: route.fulfill(json={"status": "working"}))
    visitor.visit(f"#{'A' * 22}-0")
    expect(visitor.page.get_by_text("Reading the faces")).to_be_visible()
    bar = visitor.page.get_by_role("progressbar", name="Waiting for the meme")
    assert bar.evaluate("bar => getComputedStyle(bar).animationName") == animation
    scrolling = "getComputedStyle(document.documentElement).scrollBehavior"
    assert visitor.page.evaluate(scrolling) == ("auto" if wish == "reduce" else "smooth")
    context.close()


NOTE_REVEALS = """
window.revealed = [];
const { animate } = Element.prototype;
Element.prototype.animate = function (frames, timing) {
  if (this.id === "meme") window.revealed.push(timing.duration);
  return animate.call(this, frames, timing);
};
"""


@pytest.mark.parametrize("wish", ["reduce", "no-preference"])
def test_each_meme_appears_as_a_short_moment_unless_less_motion_is_wished(chromium, stack, wish: str):
    context = chromium.new_context(reduced_motion=wish)
    context.add_init_script(NOTE_REVEALS)
    visitor = Visitor(context.new_page(), stack)
    visitor.visit()
    visitor.make_meme()
    visitor.gets_more_captions()
    lasted = visitor.page.evaluate("window.revealed")
    assert len(lasted) == (0 if wish == "reduce" else 2)
    assert all(100 < milliseconds < 600 for milliseconds in lasted)
    context.close()


def test_deletion_is_asked_about_and_can_be_left_by_keyboard(visitor):
    visitor.make_meme()
    keyboard = visitor.page.keyboard
    delete = visitor.page.get_by_role("button", name="Delete photo and memes")
    delete.focus()
    for leave in ("Escape", "Keep them"):
        keyboard.press("Enter")
        expect(visitor.page.get_by_role("dialog", name="Delete the photo and its memes?")).to_be_visible()
        assert visitor.focused() == "Keep them"  # so that a second press deletes nothing
        if leave == "Escape":
            keyboard.press("Escape")
        else:
            keyboard.press("Enter")
        expect(visitor.page.get_by_role("dialog")).to_be_hidden()
        expect(delete).to_be_focused()
    assert visitor.asked("DELETE", visitor.stack.api_url) == []
