"""The api's refusals, as RFC 9457 problem details."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from flask import Response


class Problem(Exception):  # noqa: N818 – the RFC's own word
    """A request that gets no other answer than this: a status, a code for machines, a sentence for people."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, headers: Mapping[str, str] | None = None):
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})

    def response(self) -> Response:
        body = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "code": self.code,
            "detail": self.detail,
        }
        return Response(
            json.dumps(body, ensure_ascii=False),
            status=self.status.value,
            headers=self.headers,
            content_type="application/problem+json",
        )


def with_common_headers(response: Response) -> Response:
    """The response with what every answer has: no cache keeps it, no browser guesses its type."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Vary"] = "Origin"
    return response


def bad_request(detail: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "bad-request", detail)


def request_timeout() -> Problem:
    return Problem(
        HTTPStatus.REQUEST_TIMEOUT,
        "request-timeout",
        "The request did not arrive whole within some seconds. Check your connection, then send it again.",
    )


def not_found(detail: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "not-found", detail)
