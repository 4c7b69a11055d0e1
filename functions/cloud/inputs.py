"""What the api reads from a request: a small JSON object with known fields."""

import io
import json
from collections.abc import Collection, Mapping
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

from flask import Request

from cloud.problems import Problem, bad_request, request_timeout
from memegen import Options, PhotoError
from memegen.contract import CONTENT_TYPES, MAX_PHOTO_BYTES, MAX_REQUEST_BYTES, alternatives
from memegen.options import with_current_names

# Names that are in use beside the registered ones.
_OTHER_NAMES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/x-ms-bmp": "image/bmp",
    "image/tif": "image/tiff",
}


class BodyError(Enum):
    """Why a request's body is not whole, which is always its sender's or the network's doing."""

    BROKEN = auto()  # cut off, or malformed
    LATE = auto()
    TOO_LONG = auto()


class Body(io.BytesIO):
    """A request's body as server.py hands it on, in memory; with an error there is none of it."""

    def __init__(self, data: bytes, body_error: BodyError | None) -> None:
        super().__init__(data)
        self.body_error = body_error


def read_fields(request: Request, known: Collection[str]) -> dict[str, Any]:
    """The fields of a JSON body; no body has none.

    Raises Problem: bad-request, too-many-bytes or request-timeout.
    """
    body_error = getattr(request.environ["wsgi.input"], "body_error", None)
    body = request.stream.read(MAX_REQUEST_BYTES + 1)
    if body_error is BodyError.TOO_LONG or len(body) > MAX_REQUEST_BYTES:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too-many-bytes",
            f"The request's body is longer than {MAX_REQUEST_BYTES:,} bytes. The photo itself goes to the "
            "upload URL that POST /uploads answers with.",
        )
    if body_error is BodyError.LATE:
        raise request_timeout()
    if body_error is BodyError.BROKEN:
        raise bad_request("The request's body broke off or is malformed. Send it again, whole.")
    try:
        fields = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        raise bad_request("The request's body is not JSON. Send a JSON object in UTF-8.") from None
    if not isinstance(fields, dict):
        raise bad_request(f"The request's body is {_kind(fields)}. Send a JSON object.")
    for name in fields:
        if name not in known:
            raise bad_request(f"There is no field {_shown(name)}. The fields are {', '.join(known)}.")
    return fields


def read_options(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The given options that are not null, by their current names. Raises Problem: bad-option."""
    given = fields.get("options")
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise Problem(
            HTTPStatus.BAD_REQUEST, "bad-option", f"The field options is {_kind(given)}. Send a JSON object."
        )
    try:
        Options.from_mapping(given)
    except PhotoError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, error.code, str(error)) from error
    return {name: value for name, value in with_current_names(given).items() if value is not None}


def read_photo_description(fields: Mapping[str, Any]) -> str:
    """The content type of the photo to come, as contract.json names it.

    Raises Problem: bad-request, unsupported-format or too-many-bytes.
    """
    content_type, size = fields.get("content_type"), fields.get("size")
    if not isinstance(content_type, str):
        raise bad_request(
            'The field content_type is missing or not text. Give a media type such as "image/jpeg".'
        )
    # A media type's letters have no case, and a parameter changes nothing (RFC 9110, section 8.3.1).
    meant = content_type.partition(";")[0].strip().lower()
    meant = _OTHER_NAMES.get(meant, meant)
    if meant not in CONTENT_TYPES:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-format",
            f"A file of type {_shown(content_type)} can't become a meme. Choose a photo of type "
            f"{alternatives(CONTENT_TYPES)}.",
        )
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise bad_request("The field size is missing or wrong. Give the photo's size in bytes, 1 or more.")
    if size > MAX_PHOTO_BYTES:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too-many-bytes",
            f"The photo is larger than {MAX_PHOTO_BYTES // 2**20} MiB, which is the limit. "
            "Send a smaller copy of it.",
        )
    return meant


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", int: "a number", float: "a number"}
    return kinds.get(type(value), "true, false or null")


def _shown(text: str) -> str:
    return repr(text) if len(text) <= 60 else f"{text[:59]!r}…"
