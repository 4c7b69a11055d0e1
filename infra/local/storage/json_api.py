"""The JSON API in front of the objects, as google-cloud-storage uses it.

https://cloud.google.com/storage/docs/json_api/v1.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from werkzeug import Request, Response

from infra.local.storage import http_io, uploads
from infra.local.storage.accounts import Accounts
from infra.local.storage.errors import StorageError, as_json
from infra.local.storage.objects import Objects
from infra.local.storage.resources import Digests, StoredObject

PREFIXES = ("/storage/v1/", "/upload/storage/v1/", "/download/storage/v1/")

_OBJECT = r"b/([^/]+)/o/([^/]+)"
_ROUTES = (
    ("GET", r"/storage/v1/b", "list_buckets"),
    ("GET", r"/storage/v1/b/([^/]+)", "get_bucket"),
    ("GET", r"/storage/v1/b/([^/]+)/o", "list_objects"),
    ("GET", rf"/(?:download/)?storage/v1/{_OBJECT}", "get"),
    ("PATCH", rf"/storage/v1/{_OBJECT}", "patch"),
    ("DELETE", rf"/storage/v1/{_OBJECT}", "delete"),
    ("POST", rf"/storage/v1/{_OBJECT}/rewriteTo/{_OBJECT}", "rewrite"),
    ("POST", rf"/storage/v1/{_OBJECT}/copyTo/{_OBJECT}", "copy"),
    ("POST", r"/upload/storage/v1/b/([^/]+)/o", "upload"),
    ("PUT", r"/upload/storage/v1/b/([^/]+)/o", "resume"),
    ("DELETE", r"/upload/storage/v1/b/([^/]+)/o", "cancel"),
)
MOST_LISTED = 1000


@dataclass(frozen=True)
class Call:
    """A request, the account whose token it carries, and its query parameters."""

    request: Request
    account: str
    parameters: dict[str, str]


class JsonApi:
    """Answers requests with an access token. `cors_lists`: bucket → CORS list. `url`: this API's address."""

    def __init__(
        self, objects: Objects, accounts: Accounts, cors_lists: Mapping[str, list[dict[str, Any]]], url: str
    ):
        self._objects = objects
        self._accounts = accounts
        self._cors = cors_lists
        self._url = url
        self._sessions = uploads.Sessions()

    def answer(self, request: Request) -> Response:
        try:
            account = self._accounts.bearer(request.headers.get("Authorization", ""))
            call = Call(request, account, dict(http_io.query(request)))
            verb, parts = _route(request)
            for bucket in parts[0::2]:
                self._check_bucket(bucket)
            with self._accounts.hiding_absence(account, parts[0] if parts else ""):
                response: Response = getattr(self, f"_{verb}")(call, *parts)
            return response
        except StorageError as error:
            return as_json(error)

    def _check_bucket(self, bucket: str) -> None:
        if bucket not in self._cors:
            raise StorageError("NoSuchBucket", "The specified bucket does not exist.")

    def _list_buckets(self, call: Call) -> Response:
        shown = [
            name for name in self._cors if self._accounts.may(call.account, "storage.buckets.list", name)
        ]
        return _json({"kind": "storage#buckets", "items": [self._bucket(name) for name in shown]})

    def _get_bucket(self, call: Call, bucket: str) -> Response:
        self._accounts.require(call.account, "storage.buckets.get", bucket)
        return _json(self._bucket(bucket))

    def _bucket(self, bucket: str) -> dict[str, Any]:
        link = f"{self._url}/storage/v1/b/{bucket}"
        names = {"kind": "storage#bucket", "id": bucket, "name": bucket, "selfLink": link}
        return {**names, "location": "LOCAL", "storageClass": "STANDARD", "cors": self._cors[bucket]}

    def _list_objects(self, call: Call, bucket: str) -> Response:
        self._accounts.require(call.account, "storage.objects.list", bucket)
        prefix, delimiter = call.parameters.get("prefix", ""), call.parameters.get("delimiter", "")
        most = http_io.number(call.parameters.get("maxResults"), "maxResults") or MOST_LISTED
        after = call.parameters.get("pageToken", "")
        items: list[StoredObject] = []
        prefixes: list[str] = []
        last = ""
        for stored in self._objects.list(bucket, prefix):
            head, found, _ = stored.name[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            shown = prefix + head + found if found else stored.name
            if shown.encode() <= after.encode() or shown in prefixes[-1:]:
                continue
            if len(items) + len(prefixes) == min(most, MOST_LISTED):
                break
            last = shown
            if found:
                prefixes.append(shown)
            else:
                items.append(stored)
        else:
            last = ""
        page = {"kind": "storage#objects", "items": [stored.resource(self._url) for stored in items]}
        return _json({**page, "prefixes": prefixes, **({"nextPageToken": last} if last else {})})

    def _get(self, call: Call, bucket: str, name: str) -> Response:
        self._accounts.require(call.account, "storage.objects.get", bucket)
        generation = http_io.number(call.parameters.get("generation"), "generation")
        when = http_io.query_preconditions(call.parameters)
        if call.parameters.get("alt") == "media":
            stored, data = self._objects.read(bucket, name, generation)
            when.check(stored, reading=True)
            return http_io.media(call.request, stored, data)
        stored = self._objects.get(bucket, name, generation)
        when.check(stored, reading=True)
        return _json(stored.resource(self._url))

    def _patch(self, call: Call, bucket: str, name: str) -> Response:
        self._accounts.require(call.account, "storage.objects.get", bucket)
        self._accounts.require(call.account, "storage.objects.update", bucket)
        changes = uploads.resource_from(http_io.body(call.request))
        generation = http_io.number(call.parameters.get("generation"), "generation")
        when = http_io.query_preconditions(call.parameters)
        return _json(self._objects.patch(bucket, name, changes, when, generation).resource(self._url))

    def _delete(self, call: Call, bucket: str, name: str) -> Response:
        self._accounts.require(call.account, "storage.objects.delete", bucket)
        generation = http_io.number(call.parameters.get("generation"), "generation")
        self._objects.delete(bucket, name, http_io.query_preconditions(call.parameters), generation)
        return Response(status=204)

    def _rewrite(self, call: Call, *names: str) -> Response:
        stored = self._copied(call, *names)
        size = str(stored.content.size)
        sizes = {"totalBytesRewritten": size, "objectSize": size, "done": True}
        return _json({"kind": "storage#rewriteResponse", **sizes, "resource": stored.resource(self._url)})

    def _copy(self, call: Call, *names: str) -> Response:
        return _json(self._copied(call, *names).resource(self._url))

    def _copied(self, call: Call, from_bucket: str, from_name: str, bucket: str, name: str) -> StoredObject:
        self._accounts.require(call.account, "storage.objects.get", from_bucket)
        self._accounts.require(call.account, "storage.objects.create", bucket)
        generation = http_io.number(call.parameters.get("sourceGeneration"), "sourceGeneration")
        source = self._objects.get(from_bucket, from_name, generation)
        http_io.query_preconditions(call.parameters, "ifSource").check(source)
        return self._objects.copy(
            source,
            bucket,
            name,
            uploads.resource_from(http_io.body(call.request)),
            http_io.query_preconditions(call.parameters),
            self._accounts.may(call.account, "storage.objects.delete", bucket),
        )

    def _upload(self, call: Call, bucket: str) -> Response:
        self._accounts.require(call.account, "storage.objects.create", bucket)
        kind = call.parameters.get("uploadType")
        if kind == "resumable":
            return self._start(call, bucket)
        content_type = call.request.headers.get("Content-Type", "")
        data = http_io.body(call.request)
        if kind == "media":
            resource = {"contentType": content_type}
        elif kind == "multipart":
            resource, data = uploads.parse_multipart(content_type, data)
        else:
            raise StorageError(
                "InvalidArgument", f"uploadType is {kind!r}; expected media, multipart or resumable."
            )
        hashes = http_io.header_hashes(call.request)
        return _json(self._create(call, bucket, resource, data, hashes).resource(self._url))

    def _create(
        self, call: Call, bucket: str, resource: dict[str, Any], data: bytes, hashes: Mapping[str, str]
    ) -> StoredObject:
        return self._objects.create(
            bucket,
            _name(call.parameters, resource),
            resource,
            data,
            http_io.query_preconditions(call.parameters),
            self._accounts.may(call.account, "storage.objects.delete", bucket),
            Digests(resource.get("md5Hash", hashes.get("md5")), resource.get("crc32c", hashes.get("crc32c"))),
        )

    def _start(self, call: Call, bucket: str) -> Response:
        resource = uploads.resource_from(http_io.body(call.request))
        if "X-Upload-Content-Type" in call.request.headers:
            resource.setdefault("contentType", call.request.headers["X-Upload-Content-Type"])
        name = _name(call.parameters, resource)

        def finish(data: bytes, hashes: Mapping[str, str]) -> StoredObject:
            return self._create(call, bucket, resource, data, hashes)

        upload_id = self._sessions.open(bucket, finish)
        path = f"/upload/storage/v1/b/{bucket}/o?uploadType=resumable&name={quote(name, safe='')}"
        headers = {"Location": f"{self._url}{path}&upload_id={upload_id}", "X-GUploader-UploadID": upload_id}
        return Response(status=200, headers=headers)

    def _resume(self, call: Call, bucket: str) -> Response:
        session = self._sessions.get(bucket, call.parameters.get("upload_id", ""))
        stored = session.take(
            call.request.headers.get("Content-Range"),
            http_io.body(call.request),
            http_io.header_hashes(call.request),
        )
        if stored is not None:
            return _json(stored.resource(self._url))
        headers = {"Range": f"bytes=0-{session.persisted - 1}"} if session.persisted else {}
        return Response(status=308, headers=headers)

    def _cancel(self, call: Call, bucket: str) -> Response:
        self._sessions.cancel(bucket, call.parameters.get("upload_id", ""))
        return Response(status=499)


def _route(request: Request) -> tuple[str, list[str]]:
    """The verb that a request asks for, and its path's parts: a bucket, or buckets and objects in turn."""
    path = http_io.raw_path(request)
    for method, pattern, verb in _ROUTES:
        found = re.fullmatch(pattern, path)
        if found and request.method == method:
            return verb, [http_io.decoded(part) for part in found.groups()]
    raise StorageError("NotFound", f"The local storage has no {request.method} at this path.")


def _name(parameters: Mapping[str, str], resource: Mapping[str, Any]) -> str:
    name = parameters.get("name", resource.get("name"))
    if not isinstance(name, str):
        raise StorageError(
            "InvalidArgument", "The object's name is missing: as `name` in the query or the resource."
        )
    return name


def _json(value: Mapping[str, Any]) -> Response:
    return Response(json.dumps(value), content_type="application/json; charset=UTF-8")
