"""What both of Cloud Storage's APIs read from requests and write into answers.

Object names may hold `/`, `//` and `%2F`. So a path is taken as it was sent, and split before it is decoded.
"""

import gzip
import re
import zlib
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from werkzeug import Request, Response
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import http_date

from infra.local.storage.errors import StorageError
from infra.local.storage.resources import Preconditions, StoredObject

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A header's name (RFC 9110, token)."""


def raw_path(request: Request) -> str:
    """The path as it was sent, with percent-encoding."""
    return str(request.environ["RAW_URI"]).partition("?")[0]


def query(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True))


def decoded(part: str) -> str:
    """A percent-encoded part of a path as text; raises StorageError if it is not UTF-8."""
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise StorageError("InvalidURI", "The request's path is no percent-encoded UTF-8.") from None


def body(request: Request, most: int | None = None) -> bytes:
    """The whole body. Raises StorageError if it has more than `most` bytes or ends too early."""
    declared = request.content_length
    if most is not None and declared is not None and declared > most:
        raise _too_large(declared, most)
    data = request.stream.read() if most is None else request.stream.read(most + 1)
    if most is not None and len(data) > most:
        raise _too_large(len(data), most)
    if declared is not None and len(data) < declared:
        raise StorageError("IncompleteBody", f"{declared} bytes were announced and {len(data)} came.")
    return data


def number(text: str | None, name: str) -> int | None:
    """A query parameter's or header's value as a whole number from 0; raises StorageError."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise StorageError("InvalidArgument", f"{name} is {text!r}; expected a whole number from 0.")
    return int(text)


def query_preconditions(parameters: dict[str, str], prefix: str = "if") -> Preconditions:
    """JSON API: ifGenerationMatch and the like; with the prefix `ifSource`, those of a rewrite's source."""
    names = [
        f"{prefix}{what}{how}" for what in ("Generation", "Metageneration") for how in ("Match", "NotMatch")
    ]
    return Preconditions(*(number(parameters.get(name), name) for name in names))


def header_preconditions(request: Request) -> Preconditions:
    """XML API: x-goog-if-generation-match and x-goog-if-metageneration-match."""
    names = ("x-goog-if-generation-match", "x-goog-if-metageneration-match")
    generation, metageneration = (number(request.headers.get(name), name) for name in names)
    return Preconditions(generation=generation, metageneration=metageneration)


def header_hashes(request: Request) -> dict[str, str]:
    """`x-goog-hash: crc32c=…,md5=…` as a mapping."""
    parts = request.headers.get("x-goog-hash", "").split(",")
    return dict(part.strip().split("=", 1) for part in parts if "=" in part)


def media(request: Request, stored: StoredObject, data: bytes) -> Response:
    """The answer to a GET or HEAD: the object's whole content, or the range that was asked for.

    An object that is stored with `Content-Encoding: gzip` is unpacked for a client that doesn't ask for gzip,
    and is then sent whole: https://cloud.google.com/storage/docs/transcoding.
    """
    headers = {
        "Content-Type": stored.content_type,
        "Cache-Control": stored.attributes.get("cacheControl", "private, max-age=0"),
        "Content-Disposition": stored.attributes.get("contentDisposition", ""),
        "Content-Encoding": stored.attributes.get("contentEncoding", ""),
        "Content-Language": stored.attributes.get("contentLanguage", ""),
        "Last-Modified": http_date(stored.generation // 1_000_000),
        "x-goog-stored-content-encoding": stored.attributes.get("contentEncoding", "identity"),
        **object_headers(stored),
        **{f"x-goog-meta-{key}": value for key, value in stored.metadata.items()},
    }
    # The JSON API allows any text in attributes. Text that no header can hold is shown by the JSON API only.
    fit = {
        name: value
        for name, value in headers.items()
        if value and _NAME.fullmatch(name) and fits_header(value)
    }
    unpacked = _unpacked(request, fit, data)
    if unpacked is not None:
        del fit["Content-Encoding"]
        return Response(unpacked, headers={**fit, "Warning": "214 UploadServer gunzipped"})
    response = Response(data, headers=fit)
    if "Content-Type" not in fit:
        response.headers["Content-Type"] = "application/octet-stream"
    try:
        return response.make_conditional(request, accept_ranges=True, complete_length=len(data))
    except RequestedRangeNotSatisfiable:
        raise StorageError(
            "InvalidRange", f"The object has {len(data)} bytes; the range that was asked for lies outside."
        ) from None


def _unpacked(request: Request, headers: Mapping[str, str], data: bytes) -> bytes | None:
    """The content as it is served unpacked, or None where it goes out as it lies."""
    is_gzip = headers.get("Content-Encoding", "").lower() == "gzip"
    if not is_gzip or request.accept_encodings["gzip"] or "no-transform" in headers["Cache-Control"]:
        return None
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return None


def object_headers(stored: StoredObject) -> dict[str, str]:
    """The headers that describe an object in the answers to PUT, GET and HEAD."""
    return {
        "ETag": f'"{stored.etag}"',
        "x-goog-generation": str(stored.generation),
        "x-goog-metageneration": str(stored.metageneration),
        "x-goog-hash": f"crc32c={stored.content.crc32c},md5={stored.content.md5}",
        "x-goog-stored-content-length": str(stored.content.size),
    }


def fits_header(value: str) -> bool:
    return value.isascii() and value.isprintable()


def _too_large(found: int, most: int) -> StorageError:
    return StorageError(
        "EntityTooLarge",
        f"Your proposed upload is larger than the allowed {most} bytes: at least {found} bytes.",
    )
