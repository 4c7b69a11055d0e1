"""Applies a bucket's CORS list as Cloud Storage does: https://cloud.google.com/storage/docs/cross-origin."""

from collections.abc import Iterable, Mapping
from typing import Any

Cors = Iterable[Mapping[str, Any]]


def preflight_headers(cors: Cors, origin: str, method: str, headers: str) -> dict[str, str]:
    """The headers of the answer to a preflight for `method` and `headers`, names separated by commas.

    There are none if no entry of the list allows all of it; then the browser does not send the request.
    """
    asked = {name.strip().lower() for name in headers.split(",") if name.strip()}
    for entry in _matching(cors, origin, method):
        if asked <= {name.lower() for name in entry["responseHeader"]}:
            return {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Methods": ",".join(entry["method"]),
                "Access-Control-Allow-Headers": ",".join(entry["responseHeader"]),
                "Access-Control-Max-Age": str(entry["maxAgeSeconds"]),
                "Vary": "Origin",
            }
    return {}


def answer_headers(cors: Cors, origin: str | None, method: str) -> dict[str, str]:
    """The headers that the answer to a request from `origin` gets; none if no entry of the list allows it."""
    for entry in _matching(cors, origin, method):
        return {
            "Access-Control-Allow-Origin": str(origin),
            "Access-Control-Expose-Headers": ",".join(entry["responseHeader"]),
            "Vary": "Origin",
        }
    return {}


def _matching(cors: Cors, origin: str | None, method: str) -> list[Mapping[str, Any]]:
    return [entry for entry in cors if origin in entry["origin"] and method in entry["method"]]
