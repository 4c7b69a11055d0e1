"""The panel of recent memes: off until it's switched on, ids alone, and only for their time."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from tests.browser.test_looks import AXE_RULES
from tests.browser.visitor import ARTIFACTS, WAIT_MS, Visitor, jpeg

KEY = "recent-memes"
DAY_MS = 24 * 60 * 60 * 1000


def kept(visitor: Visitor) -> list[str] | None:
    """The ids that the browser keeps, or None where it keeps no list."""
    text = visitor.page.evaluate(f"localStorage.getItem('{KEY}')")
    if text is None:
        return None
    memes = json.loads(text)
    assert all(meme.keys() == {"id", "at"} for meme in memes)
    return [meme["id"] for meme in memes]


def switch(visitor: Visitor) -> Locator:
    return visitor.page.get_by_label("Remember my memes on this device")


def links(visitor: Visitor) -> Locator:
    return visitor.page.locator("#recent a")


@pytest.fixture
def remembering(visitor) -> Visitor:
    """A visitor who has switched it on."""
    switch(visitor).check()
    visitor.page.wait_for_function(f"() => localStorage.getItem('{KEY}') === '[]'")
    return visitor


def is_remembered(visitor: Visitor) -> None:
    """Waits until the meme in sight is the newest that is kept."""
    newest = f"JSON.parse(localStorage.getItem('{KEY}'))[0]?.id"
    visitor.page.wait_for_function(f"() => {newest} === location.hash.slice(1)", timeout=WAIT_MS)


def remembered_meme(visitor: Visitor) -> None:
    visitor.make_meme()
    is_remembered(visitor)


def test_nothing_is_kept_unasked(visitor):
    expect(switch(visitor)).not_to_be_checked()
    visitor.make_meme()
    assert kept(visitor) is None
    visitor.visit()
    expect(links(visitor)).to_have_count(0)


def test_memes_are_found_again_by_their_pictures(remembering, context):
    visitor = remembering
    remembered_meme(visitor)
    first, alt = visitor.id, visitor.alt
    visitor.visit()
    visitor.choose(jpeg(background="darkgreen"))
    newest = f"JSON.parse(localStorage.getItem('{KEY}'))[0].id"
    visitor.page.wait_for_function(f"first => {newest} !== first", arg=first, timeout=WAIT_MS)
    second = visitor.id
    assert kept(visitor) == [second, first]
    assert visitor.page.evaluate("sessionStorage.length") == 0

    again = Visitor(context.new_page(), visitor.stack)  # another day
    again.visit()
    expect(switch(again)).to_be_checked()
    expect(links(again)).to_have_count(2)
    pictures = again.page.locator("#recent img")
    expect(pictures).to_have_count(2, timeout=WAIT_MS)
    assert pictures.nth(1).get_attribute("alt") == alt
    expect(pictures.nth(1)).to_have_js_property("complete", True)
    again.page.screenshot(path=ARTIFACTS / "recent.png", full_page=True)
    found = Axe().run(again.page, options=AXE_RULES)
    assert found.violations_count == 0, found.generate_report()
    links(again).nth(1).click()
    again.sees_meme()
    assert again.id == first


def test_of_one_photo_the_meme_that_was_seen_last_is_kept(remembering):
    visitor = remembering
    remembered_meme(visitor)
    photo = visitor.id.removesuffix("0")
    visitor.gets_more_captions()
    is_remembered(visitor)
    assert kept(visitor) == [f"{photo}1"]


def test_forget_these_forgets_them_and_goes_on(remembering):
    visitor = remembering
    remembered_meme(visitor)
    visitor.visit()
    visitor.press("Forget these")
    expect(links(visitor)).to_have_count(0)
    expect(switch(visitor)).to_be_focused()
    assert kept(visitor) == []
    remembered_meme(visitor)
    assert kept(visitor) == [visitor.id]


def test_switched_off_it_keeps_nothing(remembering):
    visitor = remembering
    remembered_meme(visitor)
    visitor.visit()
    expect(switch(visitor)).to_be_checked()  # which it is once the page has looked at what is kept
    switch(visitor).uncheck()
    expect(links(visitor)).to_have_count(0)
    assert visitor.page.evaluate("localStorage.length") == 0


def test_deleting_a_meme_forgets_it(remembering):
    visitor = remembering
    remembered_meme(visitor)
    visitor.delete()
    visitor.sees_start()
    assert kept(visitor) == []
    expect(links(visitor)).to_have_count(0)


def test_a_meme_that_is_gone_is_forgotten_and_one_whose_time_is_over_is_not_asked_for(visitor):
    page = visitor.page
    now = page.evaluate("Date.now()")
    gone, over = "AAECAwQFBgcICQoLDA0ODw-0", "BBECAwQFBgcICQoLDA0ODw-0"
    memes = [{"id": gone, "at": now}, {"id": over, "at": now - 7 * DAY_MS}]
    page.evaluate(f"memes => localStorage.setItem('{KEY}', JSON.stringify(memes))", memes)
    page.reload()
    page.locator("#recent").scroll_into_view_if_needed()
    page.wait_for_function(f"() => localStorage.getItem('{KEY}') === '[]'")
    expect(links(visitor)).to_have_count(0)
    asked = [request.url for request in visitor.requests if "/memes/" in request.url]
    assert [url.rpartition("/")[2] for url in asked] == [gone]


@pytest.mark.parametrize("text", ["{", "7", "null", '[{"id": 3}]', "[null]", '"x"'])
def test_what_another_program_wrote_there_does_no_harm(visitor, text):
    visitor.page.evaluate(f"text => localStorage.setItem('{KEY}', text)", text)
    visitor.page.reload()
    visitor.page.locator("#recent").scroll_into_view_if_needed()
    visitor.sees_start()
    expect(links(visitor)).to_have_count(0)
