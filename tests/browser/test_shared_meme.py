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
    visitor.press("Copy picture")
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
    visitor.press("Copy picture")
    expect(visitor.page.get_by_role("alert")).to_have_text(
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
    visitor.press("Copy picture")
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
    expect(visitor.page.get_by_role("alert")).to_be_empty()
    visitor.page.evaluate("window.refuse = 'NotAllowedError'")
    visitor.press("Share")
    expect(visitor.page.get_by_role("alert")).to_have_text(
        "This device didn’t let the picture be shared. Download it instead."
    )
    context.close()


def test_device_without_a_share_sheet_offers_none(visitor):
    visitor.make_meme()
    assert visitor.page.evaluate("navigator.canShare === undefined")
    expect(visitor.page.get_by_role("button", name="Share")).to_be_hidden()
