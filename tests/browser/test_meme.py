"""From a photo to a meme on the page, and what a person can do with the meme there."""

import json
from io import BytesIO
from pathlib import Path

import requests
from PIL import Image
from playwright.sync_api import expect

from tests.browser.visitor import PHONE, WAIT_MS, Visitor, jpeg, people


def test_chosen_photo_becomes_a_meme_that_downloads(visitor, bucket):
    visitor.choose(jpeg())
    expect(visitor.page.get_by_role("img", name="Your photo")).to_be_visible()
    visitor.sees_meme()

    photo_id, n = visitor.id.rsplit("-", 1)
    assert n == "0"
    report = json.loads(bucket("memes").blob(f"web/{photo_id}/0.json").download_as_bytes())
    stored = bucket("memes").blob(f"web/{photo_id}/0.meme.jpg").download_as_bytes()
    assert visitor.alt == report["alt_text"] != ""
    meme = visitor.page.locator("#meme")
    assert meme.evaluate("image => [image.naturalWidth, image.naturalHeight]") == list(
        Image.open(BytesIO(stored)).size
    )
    expect(visitor.page.get_by_text("No face in here")).to_be_visible()

    with visitor.page.expect_download() as download:
        visitor.press("Download")
    assert download.value.suggested_filename == "meme.jpg"
    assert Path(download.value.path()).read_bytes() == stored

    assert visitor.puts() == visitor.links() == 1
    assert len(visitor.asked("GET", visitor.stack.memes_url)) == 2  # to be seen, to be downloaded
    assert visitor.console == []


def test_states_are_announced_and_the_focus_moves_to_the_meme(visitor):
    visitor.make_meme()
    expect(visitor.page.locator("#result-heading")).to_be_focused()
    order = [
        "Getting the photo ready…",
        "Sending the photo…",
        *(f"{percent}% sent" for percent in (25, 50, 75)),
        "Sent. Waiting for the answer…",
        "Waiting for the photo to arrive…",
        "Reading the faces, writing the caption…",
        f"The meme: {visitor.alt}",
    ]
    assert visitor.said == sorted(visitor.said, key=order.index)
    assert (visitor.said[0], visitor.said[-1]) == (order[0], order[-1])


def test_expression_is_shown_with_its_confidence(visitor):
    visitor.make_meme(people("happiness"))
    meme = requests.get(f"{visitor.stack.api_url}/memes/{visitor.id}", timeout=30).json()
    [face] = meme["faces"]
    assert face["expression"] == "happiness"
    sure = f"{face['confidence'] * 100:.0f}%"
    expect(visitor.page.locator("#reading")).to_have_text(f"Looks happy to us, {sure}")


def test_photo_taken_with_a_phones_camera_becomes_a_meme(chromium, stack):
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    phone = Visitor(context.new_page(), stack)
    phone.visit()
    camera = phone.page.get_by_label("Take a photo")
    expect(camera).to_be_visible()
    expect(camera).to_have_attribute("capture", "user")
    phone.choose(jpeg(300, 400), button="Take a photo")
    phone.sees_meme()
    assert phone.console == []
    context.close()


def test_a_desktop_offers_no_camera(visitor):
    expect(visitor.page.get_by_label("Choose a photo")).to_be_visible()
    expect(visitor.page.get_by_label("Take a photo")).to_be_hidden()


def test_photo_dropped_anywhere_becomes_a_meme(visitor):
    transfer = visitor.page.evaluate_handle(
        """bytes => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "photo.jpg", { type: "image/jpeg" }));
            return transfer;
        }""",
        list(jpeg(200, 150)),
    )
    footer = visitor.page.locator("footer")
    footer.dispatch_event("dragover", {"dataTransfer": transfer})
    expect(visitor.page.get_by_text("Drop the photo")).to_be_visible()
    footer.dispatch_event("drop", {"dataTransfer": transfer})
    expect(visitor.page.get_by_text("Drop the photo")).to_be_hidden()
    visitor.sees_meme()


def test_dragged_text_is_left_alone(visitor):
    transfer = visitor.page.evaluate_handle(
        """() => {
            const transfer = new DataTransfer();
            transfer.setData("text/plain", "words");
            return transfer;
        }"""
    )
    visitor.page.locator("body").dispatch_event("dragover", {"dataTransfer": transfer})
    visitor.page.locator("body").dispatch_event("drop", {"dataTransfer": transfer})
    expect(visitor.page.get_by_text("Drop the photo")).to_be_hidden()
    visitor.sees_start()


def test_reload_in_the_middle_goes_on(visitor):
    status = f"{visitor.stack.api_url}/memes/*"
    visitor.page.route(status, lambda route: route.fulfill(json={"status": "working"}))
    visitor.choose(jpeg())
    expect(visitor.page.get_by_text("Reading the faces")).to_be_visible(timeout=WAIT_MS)
    visitor.page.unroute(status)
    visitor.page.reload()
    visitor.sees_meme()
    assert visitor.puts() == 1


def test_another_caption_needs_no_second_upload_and_back_leads_to_the_first(visitor):
    visitor.make_meme()
    first_id, first_alt = visitor.id, visitor.alt
    visitor.gets_more_captions()
    expect(visitor.page.get_by_text("The next meme is ready:")).to_be_visible(timeout=WAIT_MS)
    expect(visitor.page.get_by_role("button", name="More captions")).to_be_focused()
    assert visitor.id == first_id.removesuffix("-0") + "-1"
    assert visitor.alt != first_alt
    assert visitor.said[-1] == f"The next meme is ready: {visitor.alt}"
    assert visitor.puts() == visitor.links() == 1

    visitor.page.go_back()
    expect(visitor.page.locator("#meme")).to_have_attribute("alt", first_alt)
    visitor.sees_meme()
    assert visitor.id == first_id


def test_delete_removes_the_photo_and_all_memes(visitor, bucket):
    visitor.make_meme()
    visitor.gets_more_captions()
    prefix = f"web/{visitor.id.rsplit('-', 1)[0]}/"

    def stored():
        return [len(list(bucket(name).list_blobs(prefix=prefix))) for name in ("uploads", "memes")]

    assert stored() == [2, 4]
    visitor.delete()
    expect(visitor.page.get_by_role("status")).to_have_text(
        "The photo and everything made from it are deleted."
    )
    visitor.sees_start()
    assert visitor.id == ""
    assert stored() == [0, 0]


def test_new_photo_starts_afresh(visitor):
    visitor.make_meme()
    first_id = visitor.id
    visitor.choose(jpeg(background="darkgreen"), button="New photo")
    visitor.waits_for_another_meme(first_id)
    visitor.sees_meme()
    assert visitor.puts() == 2


def test_page_asks_nobody_else_and_keeps_nothing(visitor, context):
    visitor.make_meme()
    stack = visitor.stack
    known = tuple(f"{url}/" for url in (stack.site_url, stack.api_url, stack.uploads_url, stack.memes_url))
    assert [
        request.url for request in visitor.requests if not request.url.startswith((*known, "blob:"))
    ] == []
    assert context.cookies() == []
    assert visitor.page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_policy_keeps_inline_code_from_running(visitor):
    visitor.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.inlineCodeRan = true";
            document.body.append(script);
        }"""
    )
    assert visitor.page.evaluate("window.inlineCodeRan") is None
    [line] = visitor.console
    assert "Content Security Policy" in line
    visitor.console.clear()
