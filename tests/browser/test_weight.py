"""How light the page is before the first photo, in each language."""

import pytest
from playwright.sync_api import expect

from memegen.caption.choose import languages

MOST_BYTES = 75_000
MEASURE = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const files = performance.getEntriesByType("resource");
    return [
        page.transferSize + files.reduce((sum, { transferSize }) => sum + transferSize, 0),
        files.length + 1,
        Math.max(page.responseEnd, ...files.map(({ responseEnd }) => responseEnd)),
    ];
}"""


@pytest.mark.parametrize("language", languages())
def test_at_most_75_kb_go_over_the_wire_before_the_first_photo(chromium, stack, language: str):
    context = chromium.new_context(locale=language)
    page = context.new_page()
    page.goto(stack.site_url)
    expect(page.locator("#hero-letters")).to_be_visible()
    ready = page.evaluate("performance.now()")
    page.wait_for_load_state("networkidle")
    size, files, loaded = page.evaluate(MEASURE)
    print(f"\n{language}: {size:,} bytes in {files} files, here in {loaded:.0f} ms, usable in {ready:.0f} ms")
    assert 40_000 < size <= MOST_BYTES
    context.close()
