"""The picture to other programs: the clipboard and the share sheet, never with the meme's address."""

from io import BytesIO

import numpy as np
import requests
from PIL import Image
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

# A device that can share files, and what is shared there.
SHARE_SHEET = """
window.shared = [];
navigator.canShare = ({ files }) => files.every(({ type }) => type === "image/jpeg");
navigator.share = async (data) => {
    const files = await Promise.all((data.files ?? []).map(async (file) => ({
        name: file.name, type: file.type, bytes: [...new Uint8Array(await file.arrayBuffer())],
    })));
    window.shared.push({ ...data, files });
    if (window.refuse) throw new DOMException("refused", window.refuse);
};
"""
READ_CLIPBOARD = """async () => {
    const [item, ...rest] = await navigator.clipboard.read();
    const picture = await item.getType("image/png");
    return [item.types, rest.length, [...new Uint8Array(await picture.arrayBuffer())]];
}"""


def meme_bytes(visitor: Visitor) -> bytes:
    meme = requests.get(f"{visitor.stack.api_url}/memes/{visitor.id}", timeout=30).json()
    return requests.get(meme["view_url"], timeout=30).content


def test_picture_is_copied_as_png(visitor, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.make_meme()
    visitor.press("Copy")
    expect(visitor.page.get_by_role("status")).to_have_text("The picture is copied.")
    types, others, data = visitor.page.evaluate(READ_CLIPBOARD)
    assert (types, others) == (["image/png"], 0)
    copied = Image.open(BytesIO(bytes(data))).convert("RGB")
    meme = Image.open(BytesIO(meme_bytes(visitor)))
    assert copied.size == meme.size
    assert np.abs(np.asarray(copied).astype(int) - np.asarray(meme).astype(int)).mean() < 1


def test_refused_copy_is_reported(visitor):
    visitor.page.evaluate("() => { navigator.clipboard.write = () => Promise.reject(new Error()); }")
    visitor.make_meme()
    visitor.press("Copy")
    expect(visitor.page.locator("#problem")).to_have_text(
        "This browser didn’t let the picture be copied. Download it instead."
    )


def test_view_copy_and_share_need_one_fetch_and_the_address_is_not_shared(chromium, stack):
    context = chromium.new_context()
    context.add_init_script(SHARE_SHEET)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor = Visitor(context.new_page(), stack)
    visitor.visit()
    visitor.make_meme()
    visitor.press("Share")
    visitor.press("Copy")
    expect(visitor.page.get_by_role("status")).to_have_text("The picture is copied.")
    [shared] = visitor.page.evaluate("window.shared")
    assert list(shared) == ["files"]
    [file] = shared["files"]
    assert (file["name"], file["type"]) == ("meme.jpg", "image/jpeg")
    assert len(visitor.asked("GET", stack.memes_url)) == 1
    assert bytes(file["bytes"]) == meme_bytes(visitor)

    visitor.page.evaluate("window.refuse = 'AbortError'")  # the person closes the sheet
    visitor.press("Share")
    visitor.page.wait_for_function("() => window.shared.length === 2")
    expect(visitor.page.locator("#problem")).to_be_empty()
    visitor.page.evaluate("window.refuse = 'NotAllowedError'")
    visitor.press("Share")
    expect(visitor.page.locator("#problem")).to_have_text(
        "This device didn’t let the picture be shared. Download it instead."
    )
    context.close()


def test_what_is_told_of_a_copy_leaves_by_itself(visitor, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.make_meme()
    visitor.press("Copy")
    told = visitor.page.get_by_text("The picture is copied.")
    expect(told).to_be_visible()
    expect(told).to_be_hidden(timeout=10_000)


def test_a_link_is_made_copied_opened_and_ended(visitor, context, chromium):
    """On a device without a share sheet, where Share leads to the link. Opening the window makes none."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.make_meme()
    page, stack = visitor.page, visitor.stack
    assert page.evaluate("navigator.canShare === undefined")
    visitor.press("Share")
    window = page.get_by_role("dialog", name="A link that only shows this meme")
    expect(window).to_contain_text("at most 7 days")
    expect(window).to_contain_text("Others may keep a copy")
    assert visitor.asked("POST", stack.api_url, "/memes/") == []
    window.get_by_role("button", name="Make the link").click()
    copy = window.get_by_role("button", name="Copy the link")
    expect(copy).to_be_focused()
    copy.click()
    expect(window.get_by_text("The link is copied.")).to_be_visible()
    url = page.evaluate("navigator.clipboard.readText()")
    assert url.startswith(f"{stack.api_url}/s/")
    assert page.locator("#share-url").input_value() == url

    elsewhere = chromium.new_context(java_script_enabled=False)
    other = elsewhere.new_page()
    other.goto(url)
    assert visitor.alt in other.content()
    assert visitor.id.rsplit("-", 1)[0] not in other.content()
    window.get_by_role("button", name="End the link").click()
    expect(window.get_by_text("The link no longer works.")).to_be_visible()
    expect(window.get_by_role("button", name="Make the link")).to_be_focused()
    assert other.goto(url).status == 404
    elsewhere.close()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Share")).to_be_focused()


def test_a_link_that_cannot_be_made_is_reported_in_its_window(visitor):
    visitor.make_meme()
    visitor.page.route(f"{visitor.stack.api_url}/memes/*/share", lambda route: route.fulfill(status=503))
    visitor.press("Link")
    visitor.press("Make the link")
    expect(visitor.page.get_by_role("dialog").get_by_role("alert")).to_have_text(
        "The server is busy. Wait a moment, then try again."
    )
