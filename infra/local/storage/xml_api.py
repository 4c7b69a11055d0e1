"""The part of the XML API that signed URLs use: PUT, GET, HEAD and DELETE of an object, and CORS.

https://cloud.google.com/storage/docs/xml-api/put-object-upload and .../xml-api/reference-headers.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from werkzeug import Request, Response

from infra.local.storage import cors, http_io, signatures
from infra.local.storage.accounts import Accounts
from infra.local.storage.errors import StorageError, as_xml
from infra.local.storage.objects import Objects
from infra.local.storage.resources import Digests

_ATTRIBUTE_HEADERS = {
    "Cache-Control": "cacheControl",
    "Content-Disposition": "contentDisposition",
    "Content-Encoding": "contentEncoding",
    "Content-Language": "contentLanguage",
    "Content-Type": "contentType",
}
_META = "x-goog-meta-"


class XmlApi:
    """Answers signed requests. `cors_lists`: bucket → CORS list. `clock` returns the time, with its zone."""

    def __init__(
        self,
        objects: Objects,
        accounts: Accounts,
        cors_lists: Mapping[str, list[dict[str, Any]]],
        clock: Callable[[], datetime],
    ):
        self._objects = objects
        self._accounts = accounts
        self._cors = cors_lists
        self._clock = clock

    def answer(self, request: Request, host: str, bucket: str, path: str) -> Response:
        """The answer to a request to `host` (name and port) for the object at the percent-encoded `path`."""
        if bucket not in self._cors:
            return as_xml(StorageError("NoSuchBucket", "The specified bucket does not exist."))
        origin = request.headers.get("Origin")
        if request.method == "OPTIONS":
            asked = request.headers.get("Access-Control-Request-Method", "")
            headers = request.headers.get("Access-Control-Request-Headers", "")
            allowed = cors.preflight_headers(self._cors[bucket], origin or "", asked, headers)
            return Response(status=200, headers=allowed)
        try:
            response = self._object(request, host, bucket, path)
        except StorageError as error:
            return as_xml(error)
        response.headers.update(cors.answer_headers(self._cors[bucket], origin, request.method))
        return response

    def _object(self, request: Request, host: str, bucket: str, path: str) -> Response:
        verbs = {"PUT": self._put, "GET": self._get, "HEAD": self._get, "DELETE": self._delete}
        if request.method not in verbs:
            raise StorageError(
                "MethodNotAllowed", f"{request.method} is not allowed here; use {', '.join(verbs)}."
            )
        signer = self._signer(request, host)
        with self._accounts.hiding_absence(signer, bucket):
            return verbs[request.method](request, signer, bucket, http_io.decoded(path))

    def _signer(self, request: Request, host: str) -> str:
        parameters = http_io.query(request)
        if not signatures.is_signed(parameters):
            raise StorageError(
                "AccessDenied", "Anonymous caller does not have access; the request is not signed."
            )
        headers = {name.lower(): value for name, value in request.headers.items()}
        signed = signatures.SignedRequest(request.method, http_io.raw_path(request), parameters, headers)
        return signatures.verify(signed, host, self._accounts.public_key, self._clock())

    def _put(self, request: Request, signer: str, bucket: str, name: str) -> Response:
        self._accounts.require(signer, "storage.objects.create", bucket)
        least, most = _length_range(request.headers.get("x-goog-content-length-range"))
        data = http_io.body(request, most)
        if len(data) < least:
            raise StorageError(
                "EntityTooSmall",
                f"Your proposed upload has {len(data)} bytes; at least {least} are required.",
            )
        hashes = http_io.header_hashes(request)
        stored = self._objects.create(
            bucket,
            name,
            _attributes(request),
            data,
            http_io.header_preconditions(request),
            self._accounts.may(signer, "storage.objects.delete", bucket),
            Digests(request.headers.get("Content-MD5", hashes.get("md5")), hashes.get("crc32c")),
        )
        return Response(status=200, headers=http_io.object_headers(stored))

    def _get(self, request: Request, signer: str, bucket: str, name: str) -> Response:
        self._accounts.require(signer, "storage.objects.get", bucket)
        parameters = dict(http_io.query(request))
        generation = http_io.number(parameters.get("generation"), "generation")
        stored, data = self._objects.read(bucket, name, generation)
        http_io.header_preconditions(request).check(stored, reading=True)
        response = http_io.media(request, stored, data)
        for header in ("Content-Type", "Content-Disposition"):
            override = parameters.get(f"response-{header.lower()}")
            if override is None:
                continue
            if not http_io.fits_header(override):
                raise StorageError("InvalidArgument", f"response-{header.lower()} must be printable ASCII.")
            response.headers[header] = override
        return response

    def _delete(self, request: Request, signer: str, bucket: str, name: str) -> Response:
        self._accounts.require(signer, "storage.objects.delete", bucket)
        self._objects.delete(bucket, name, http_io.header_preconditions(request), None)
        return Response(status=204)


def _attributes(request: Request) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        key: request.headers[header]
        for header, key in _ATTRIBUTE_HEADERS.items()
        if header in request.headers
    }
    metadata = {
        name.lower().removeprefix(_META): value
        for name, value in request.headers.items()
        if name.lower().startswith(_META)
    }
    return {**attributes, "metadata": metadata} if metadata else attributes


def _length_range(header: str | None) -> tuple[int, int | None]:
    """Least and most bytes of `x-goog-content-length-range: LEAST,MOST`."""
    if header is None:
        return 0, None
    found = re.fullmatch(r"\s*(\d{1,18})\s*,\s*(\d{1,18})\s*", header, re.ASCII)
    if found is None or int(found[1]) > int(found[2]):
        raise StorageError(
            "InvalidArgument", f"x-goog-content-length-range is {header!r}; expected LEAST,MOST in bytes."
        )
    return int(found[1]), int(found[2])
