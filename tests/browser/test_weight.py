"""How light the page is before the first photo, in each language."""

import gzip

import pytest
import requests
from playwright.sync_api import expect

from memegen.caption.choose import languages

MOST_BYTES = 75_000
PACKED = ("text/", "application/json", "image/svg+xml", "application/manifest+json")


@pytest.mark.parametrize("language", languages())
def test_at_most_75_kb_go_over_the_wire_before_the_first_photo(chromium, stack, language: str):
    """Text counts as a server packs it with gzip, which the load balancer of a deployment does."""
    context = chromium.new_context(locale=language)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(stack.site_url)
    expect(page.locator("#hero-letters")).to_be_visible()
    ready = page.evaluate("performance.now()")
    page.wait_for_load_state("networkidle")
    context.close()
    sizes = {}
    for url in asked:
        answer = requests.get(url, timeout=30)
        is_text = answer.headers["Content-Type"].startswith(PACKED)
        head = sum(len(f"{name}: {value}\r\n") for name, value in answer.headers.items())
        sizes[url] = head + len(gzip.compress(answer.content, 6) if is_text else answer.content)
    total = sum(sizes.values())
    print(f"\n{language}: {total:,} bytes in {len(sizes)} files, usable in {ready:.0f} ms")
    assert len(asked) == len(sizes)  # nothing twice
    assert 40_000 < total <= MOST_BYTES
