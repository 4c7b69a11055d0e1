"""The page's modules: what the HTML asks for early, and what leads to each of them."""

import json
import re
from pathlib import Path

from memegen.caption.choose import languages

WEB = Path(__file__).parents[2] / "web"
WRITTEN_ELSEWHERE = {"config.js"}  # by a deployment and by the local stack
BEGINNINGS = {"app.js", "first.js", "sw.js"}  # what the HTML and offline.js name
STATIC = re.compile(r'^import .*?"\./([\w.]+)";', re.MULTILINE)
LATER = re.compile(r'import\("\./([\w.]+)"\)')


def imported(name: str, pattern: re.Pattern[str]) -> set[str]:
    return set(pattern.findall((WEB / name).read_text(encoding="utf-8"))) - WRITTEN_ELSEWHERE


def reached(first: str) -> set[str]:
    """All modules that a browser must have before it runs the first one."""
    found: set[str] = set()
    waiting = [first]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += imported(name, STATIC)
    return found


def test_the_html_asks_at_once_for_every_module_that_the_page_waits_for() -> None:
    """Else each would be asked for once the one before is there, which takes a second more on a slow line."""
    html = (WEB / "index.html").read_text(encoding="utf-8")
    preloaded = re.findall(r'rel="modulepreload" href="([^"]+)"', html)
    assert sorted(preloaded) == sorted(reached("app.js") - {"app.js"} | WRITTEN_ELSEWHERE)
    assert len(preloaded) > 15


def test_the_words_of_every_language_are_asked_for_before_the_code_is_there() -> None:
    first = (WEB / "first.js").read_text(encoding="utf-8")
    known = re.search(r"LANGUAGES = (\[[^\]]+\])", first)
    assert known
    assert json.loads(known[1]) == languages()


def test_something_leads_to_every_module_and_no_circle_does() -> None:
    names = {file.name for file in WEB.glob("*.js")}
    asked = set().union(*(imported(name, STATIC) | imported(name, LATER) for name in names))
    assert names == asked | BEGINNINGS
    for name in names:
        assert not any(name in reached(other) for other in imported(name, STATIC)), name
