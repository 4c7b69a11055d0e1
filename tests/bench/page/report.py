"""What was measured of the page → docs/page.md. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.bench.benchmarks import sections

TERMS = """\
The page is measured in Debian's Chromium on the local stack, which compresses and caches as a deployment
with a domain of its own does, and is warm: one meme was made before. `python -m tests.bench.page PART`
prints one part; the parts are `weight`, `lighthouse`, `remix`, `slow` and `shift`. Other work on the machine
slows the page down, so on a busy one run it with a higher priority (`nice -n -10`).

- **Bytes before the first photo** are all that a first visit fetches, as it goes over the line, with the
  answers' headers and the first meme on the start. Each language is a visit of its own.
- **Lighthouse** visits the start three times as the phone that it simulates. The scores are medians.
- **Remix** is the time from a tap on a style or an expression until the next meme's picture is drawn. It
  holds the 120 ms in which the page waits for a further tap, the api's answer, the function's work and the
  picture's way.
- **Slow 3G** is a line of 400 kbit/s each way on which each answer takes 400 ms. Something can be read once
  the first words are drawn, and tapped once every button answers; both are medians of five first visits.
- **Layout shift** is the sum of what moves by itself from the start to the third meme, as
  [web.dev](https://web.dev/articles/cls) defines it, in windows of 360 × 640 and of 1,280 × 800.

That axe-core finds nothing in any state is a test:
[`tests/browser/test_looks.py`](../tests/browser/test_looks.py)."""


@dataclass(frozen=True)
class Row:
    """A figure, and the most or the least that it may be, where there is an aim."""

    what: str
    found: float
    most: float | None = None
    least: float | None = None

    @property
    def aim(self) -> str:
        if self.most is not None:
            return f"at most {self.most:,g}"
        return "–" if self.least is None else f"at least {self.least:,g}"

    @property
    def reached(self) -> str:
        if self.most is None and self.least is None:
            return "–"
        is_reached = (self.most is None or self.found <= self.most) and (
            self.least is None or self.found >= self.least
        )
        return "yes" if is_reached else "**no**"


def table(rows: Iterable[Row]) -> str:
    header = ("what", "measured", "aim", "reached")
    return sections.table(header, [(row.what, _shown(row.found), row.aim, row.reached) for row in rows])


def page(heading: str, rows: Iterable[Row]) -> str:
    head = sections.prose(f"`make bench-page` measures all this and writes this page. {heading}")
    return f"# The page in figures\n{head}\n\n{table(rows)}\n\n{TERMS}\n"


def _shown(value: float) -> str:
    return f"{value:.3f}" if 0 < value < 1 else f"{value:,.0f}"
