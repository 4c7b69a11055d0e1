"""The meme made anew from the photo that is there, and the way back to earlier ones."""

import re
from io import BytesIO
from statistics import median
from typing import Any

import requests
from PIL import Image
from playwright.sync_api import expect

from tests.browser.visitor import WAIT_MS, Visitor, people

# When "Another caption" was pressed and when the next picture stood on the page.
TIME_REMIXES = """() => {
    const now = () => performance.now();
    document.querySelector("#another-caption").addEventListener("click", () => { window.pressed = now(); });
    document.querySelector("#meme").addEventListener("load", () => { window.shown = now(); });
}"""


def report(visitor: Visitor) -> dict[str, Any]:
    return requests.get(f"{visitor.stack.api_url}/memes/{visitor.id}", timeout=30).json()


def make(visitor: Visitor) -> None:
    """Presses the form's button and waits for the next meme."""
    before = visitor.id
    visitor.press("Make this meme")
    visitor.page.wait_for_function("before => location.hash.slice(1) !== before", arg=before)


def test_ten_remixes_have_ten_captions_and_no_second_upload(visitor):
    visitor.make_meme()
    captions, waits = [report(visitor)["caption"]["text"]], []
    visitor.page.evaluate(TIME_REMIXES)
    for n in range(1, 11):
        visitor.press("Another caption")
        expect(visitor.page.locator("#place")).to_have_text(f"{n + 1} of {n + 1}", timeout=WAIT_MS)
        waits.append(visitor.page.evaluate("window.shown - window.pressed"))
        captions.append(report(visitor)["caption"]["text"])
    assert len(set(captions)) == 11
    assert visitor.puts() == visitor.links() == 1
    print(f"\na remix took {min(waits):.0f} to {max(waits):.0f} ms, {median(waits):.0f} in the middle")


def test_form_asks_for_language_style_and_expression(visitor):
    photo = people("happiness")
    visitor.make_meme(photo)
    page = visitor.page
    page.get_by_label("Expression").select_option("anger")
    page.get_by_label("Caption’s language").select_option("es")
    page.get_by_label("Style").select_option("bar")
    make(visitor)
    made = report(visitor)
    assert (made["expression"], made["caption"]["language"]) == ("anger", "es")
    with Image.open(BytesIO(photo)) as opened:
        assert made["meme"]["height"] / made["meme"]["width"] > opened.height / opened.width  # bars beside the photo
    expect(page.locator("#meme")).to_have_attribute("lang", "es")
    expect(page.locator("#meme")).to_have_js_property("naturalHeight", made["meme"]["height"])

    page.reload()
    visitor.sees_meme()
    assert page.get_by_label("Expression").input_value() == "anger"
    assert page.get_by_label("Style").input_value() == "bar"
    assert visitor.puts() == 1


def test_own_text_is_drawn_and_stays_in_the_form(visitor):
    visitor.make_meme()
    text = visitor.page.get_by_label("Your own text")
    text.fill("Mine on top\nand below")
    make(visitor)
    caption = report(visitor)["caption"]
    assert (caption["id"], caption["text"]) == ("own", "Mine on top\nand below")
    assert "Mine on top" in visitor.alt
    visitor.press("Another caption")
    expect(visitor.page.locator("#place")).to_have_text("3 of 3", timeout=WAIT_MS)
    assert report(visitor)["caption"]["id"] != "own"
    expect(text).to_have_value("Mine on top\nand below")


def test_remix_that_cannot_be_made_is_reported_and_leaves_the_meme(visitor):
    visitor.make_meme()
    first_id, first_alt = visitor.id, visitor.alt
    visitor.page.get_by_label("Your own text").fill("\u13a0\u13b5")  # Cherokee, which no shipped font has
    visitor.press("Make this meme")
    alert = visitor.page.get_by_role("alert")
    expect(alert).not_to_be_empty(timeout=WAIT_MS)
    failed = requests.get(f"{visitor.stack.api_url}/memes/{first_id[:-1]}1", timeout=30).json()
    assert failed["error"]["code"] == "bad-option"
    expect(alert).to_have_text(
        "MemeGen can’t make a meme like this. If you wrote a text of your own, use at most 300 characters of "
        "a script that MemeGen can draw."
    )
    assert (visitor.id, visitor.alt) == (first_id, first_alt)

    visitor.press("Another caption")
    expect(visitor.page.locator("#place")).to_have_text("3 of 3", timeout=WAIT_MS)
    visitor.press("Earlier")  # past the one that failed
    expect(visitor.page.locator("#meme")).to_have_attribute("alt", first_alt)
    assert visitor.id == first_id


def test_earlier_memes_are_a_press_away_even_after_a_reload(visitor):
    visitor.make_meme()
    alts = [visitor.alt]
    for n in (2, 3):
        visitor.press("Another caption")
        expect(visitor.page.locator("#place")).to_have_text(f"{n} of {n}", timeout=WAIT_MS)
        alts.append(visitor.alt)
    earlier, later = (visitor.page.get_by_role("button", name=name) for name in ("Earlier", "Later"))
    expect(later).to_have_attribute("aria-disabled", "true")
    visitor.page.reload()
    visitor.sees_meme()
    for n in (2, 1):
        earlier.click()
        expect(visitor.page.locator("#place")).to_have_text(f"{n} of 3")
        assert visitor.alt == alts[n - 1]
        assert visitor.said[-1] == f"Meme {n} of 3: {alts[n - 1]}"
    expect(earlier).to_be_focused()
    expect(earlier).to_have_attribute("aria-disabled", "true")
    api, memes = visitor.stack.api_url, visitor.stack.memes_url
    asked = len(visitor.asked("GET", api)), len(visitor.asked("GET", memes))
    later.click()
    expect(visitor.page.locator("#place")).to_have_text("2 of 3")
    assert (len(visitor.asked("GET", api)), len(visitor.asked("GET", memes))) == asked  # kept in memory
    assert visitor.alt == alts[1]


def test_faces_are_boxed_and_their_readings_barred_once_switched_on(visitor):
    visitor.make_meme(people("happiness", "surprise"))
    page = visitor.page
    boxes, faces = page.locator("#boxes > div"), page.locator("#faces > li")
    expect(boxes.first).to_be_hidden()
    button = page.get_by_role("button", name="Show what was read")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(boxes).to_have_count(2)

    made = report(visitor)
    picture = page.locator("#meme").bounding_box()
    scale = picture["width"] / made["meme"]["width"]
    for number, face in enumerate(made["faces"]):
        shown, box = boxes.nth(number).bounding_box(), face["box"]
        assert abs(shown["x"] - picture["x"] - box["left"] * scale) < 2
        assert abs(shown["y"] - picture["y"] - box["top"] * scale) < 2
        assert abs(shown["width"] - box["width"] * scale) < 2
        assert abs(shown["height"] - box["height"] * scale) < 2
        sure = f"{round(face['confidence'] * 100)}%"
        expect(boxes.nth(number)).to_have_text(f"{number + 1} {face['expression']} {sure}")
        rows = faces.nth(number).locator("ul li")
        expect(rows).to_have_count(7)
        expect(rows.first).to_have_text(re.compile(f"^{face['expression']}\\s*{sure}$"))
        bar, fill = (rows.first.locator(part).bounding_box() for part in (".bar", ".bar span"))
        assert abs(fill["width"] / bar["width"] - face["confidence"]) < 0.02
    button.click()
    expect(boxes.first).to_be_hidden()


def test_photo_without_a_face_has_nothing_to_switch_on(visitor):
    visitor.make_meme()
    expect(visitor.page.get_by_role("button", name="Show what was read")).to_be_hidden()


def test_two_tabs_remix_at_once_and_one_learns_that_the_other_deleted(visitor, context):
    visitor.make_meme()
    first_id = visitor.id
    other = Visitor(context.new_page(), visitor.stack)
    other.visit(f"#{first_id}")
    other.sees_meme()
    assert other.alt == visitor.alt
    for tab in (visitor, other):
        tab.page.get_by_role("button", name="Another caption").dispatch_event("click")
    for tab in (visitor, other):
        tab.page.wait_for_function("first => location.hash.slice(1) !== first", arg=first_id)
    assert {visitor.id, other.id} == {f"{first_id[:-1]}1", f"{first_id[:-1]}2"}
    expect(visitor.page.locator("#meme")).not_to_have_attribute("alt", other.alt)

    visitor.delete()
    visitor.sees_start()
    other.press("Another caption")
    expect(other.page.get_by_role("alert")).to_contain_text("The photo of this meme is no longer there")
    other.press("New photo")
    other.make_meme()
