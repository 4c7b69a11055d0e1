"""What others wrote is text to the page, never markup or code."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.visitor import WAIT_MS

WEB = Path(__file__).parents[2] / "web"
HOSTILE = '<img src=x onerror="window.ran = true"><script>window.ran = true</script>'

# What makes markup or code of a string.
SINKS = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTMLUnsafe|srcdoc"
SINKS += r"|\beval\(|new Function|javascript:"


def test_no_script_makes_markup_or_code_of_a_string():
    scripts = sorted(WEB.rglob("*.js"))
    assert len(scripts) > 10
    for script in scripts:
        assert re.search(SINKS, script.read_text()) is None, script.name


def test_page_has_no_inline_code_and_loads_none_from_elsewhere():
    page = (WEB / "index.html").read_text()
    assert re.search(r"<script(?![^>]*\ssrc=)", page) is None
    assert re.search(r"\son[a-z]+=", page) is None
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


def test_own_words_with_markup_stay_words(visitor):
    visitor.make_meme()
    visitor.page.get_by_label("Or in your own words").fill(HOSTILE)
    visitor.waits_for_another_meme(visitor.id)
    assert "onerror" in visitor.alt
    assert visitor.page.evaluate("window.ran") is None
    assert visitor.page.locator("img[src=x]").count() == 0


def test_an_address_with_markup_is_no_memes(visitor):
    visitor.page.goto(f"{visitor.stack.site_url}/#{HOSTILE}")
    expect(visitor.page.get_by_role("heading", name="That didn’t work")).to_be_focused(timeout=WAIT_MS)
    assert visitor.page.evaluate("window.ran") is None
