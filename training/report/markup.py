"""Values as text and as HTML."""

import html
from collections.abc import Sequence

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Training report</title>
<style>
body { font: 15px/1.5 sans-serif; color: #222; max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #ddd; font-size: .9rem }
figure { margin: 1rem 0 } img { max-width: 100% } figcaption { color: #555; font-size: .9rem }
pre { font-size: .8rem; overflow-x: auto }
</style>
<h1>Training report</h1>
{body}
</html>
"""


def page(sections: dict[str, str]) -> str:
    """The whole page, given each section's title and its HTML."""
    body = "".join(f"<h2>{html.escape(title)}</h2>\n{content}\n" for title, content in sections.items())
    return _PAGE.replace("{body}", body)


def paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "<table>" + _row(head, "th") + "".join(_row(row, "td") for row in rows) + "</table>"


def shown(value: object) -> str:
    """A value as text, with three digits where it is a float."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"
