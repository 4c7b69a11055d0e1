"""How light the page is before the first photo, in each language."""

import pytest

from memegen.caption.choose import languages
from tests.bench.page.visits import weight

MOST_BYTES = 75_000


@pytest.mark.parametrize("language", languages())
def test_at_most_75_kb_go_over_the_wire_before_the_first_photo(chromium, stack, language: str):
    size, files = weight(chromium, stack.site_url, language)
    print(f"\n{language}: {size:,} bytes in {files} files")
    assert 40_000 < size <= MOST_BYTES
