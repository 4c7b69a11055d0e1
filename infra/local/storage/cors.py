"""A bucket's CORS list applied, as Cloud Storage does: https://cloud.google.com/storage/docs/cross-origin."""

from collections.abc import Iterable, Mapping
from typing import Any

Cors = Iterable[Mapping[str, Any]]


def preflight_headers(cors: Cors, origin: str, method: str, headers: str) -> dict[str, str]:
    """The answer's headers to a preflight for `method` with the comma-separated names `headers`.

    Empty where no entry of the list allows all of it: the browser then holds the request back.
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
    """What is added to the answer of a request that came from `origin`; empty where none is allowed."""
    for entry in _matching(cors, origin, method):
        return {
            "Access-Control-Allow-Origin": str(origin),
            "Access-Control-Expose-Headers": ",".join(entry["responseHeader"]),
            "Vary": "Origin",
        }
    return {}


def _matching(cors: Cors, origin: str | None, method: str) -> list[Mapping[str, Any]]:
    return [entry for entry in cors if origin in entry["origin"] and method in entry["method"]]
