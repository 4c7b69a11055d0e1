"""What a link that only shows a meme opens: HTML that needs no script, for people and for link previews.

The preview's terms are those of the Open Graph protocol, https://ogp.me.
"""

import base64
import hashlib
import json
from http import HTTPStatus
from pathlib import Path

from flask import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cloud.shares import SharedMeme

_HERE = Path(__file__).parent

WORDS: dict[str, dict[str, str]] = json.loads((_HERE / "share_page_words.json").read_text())
"""Language → the pages' own words; the first language stands in for others."""

_STYLE = (_HERE / "share_page.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# It stands in the HTML too, since a load balancer may put a header of that name in the place of ours.
_POLICY = (
    f"default-src 'none'; img-src 'self' data:; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'"
)
_HEADERS = {
    "Content-Security-Policy": f"{_POLICY}; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}

_TEMPLATE = Environment(
    loader=FileSystemLoader(_HERE),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("share_page.html")


def preferred_language(request: Request) -> str:
    """The language among WORDS that the reader's browser asks for."""
    return request.accept_languages.best_match(WORDS, default=next(iter(WORDS)))


def meme_page(shared: SharedMeme, share_url: str, page_url: str, language: str) -> Response:
    """The page of a shared meme. share_url: the page's own address; the picture's is the same with .jpg."""
    return _page(HTTPStatus.OK, share_url, page_url, language, shared)


def gone_page(page_url: str, language: str) -> Response:
    """The page of a link that shows no meme, or not any more."""
    return _page(HTTPStatus.NOT_FOUND, "", page_url, language, None)


def _page(
    status: HTTPStatus, share_url: str, page_url: str, language: str, shared: SharedMeme | None
) -> Response:
    text = _TEMPLATE.render(
        words=WORDS[language],
        language=language,
        policy=_POLICY,
        style=_STYLE,
        shared=shared,
        share_url=share_url,
        page_url=page_url,
    )
    return Response(text, status=status.value, headers=_HEADERS, content_type="text/html; charset=utf-8")
