"""Reads the JSON API's three kinds of upload: media, multipart and resumable.

https://cloud.google.com/storage/docs/uploads-downloads and .../docs/performing-resumable-uploads.
"""

import json
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.storage.errors import StorageError
from infra.local.storage.resources import StoredObject


def resource_from(text: bytes) -> dict[str, Any]:
    """An object resource that was sent as JSON. An empty text is an empty resource."""
    try:
        resource = json.loads(text or b"{}")
    except ValueError:
        resource = None
    if not isinstance(resource, dict):
        raise StorageError("InvalidArgument", "The object resource must be a JSON object.")
    return resource


def parse_multipart(content_type: str, body: bytes) -> tuple[dict[str, Any], bytes]:
    """The object resource and the content of a multipart/related body (RFC 2387).

    Like Cloud Storage, this also accepts what gcloud sends: lines that end in a line feed alone, and a
    boundary in single quotes in the header.
    """
    kind = content_type.partition(";")[0].strip().lower()
    given = re.search(r"""boundary=["']?([^"';,\s]+)""", content_type, re.IGNORECASE)
    if kind != "multipart/related" or given is None:
        raise StorageError("InvalidArgument", "A multipart upload must be multipart/related with a boundary.")
    boundary = b"--" + given[1].encode()
    end = b"\r\n" if body.partition(b"\n")[0].endswith(b"\r") else b"\n"
    parts = (end + body).split(end + boundary + end, 2)
    # The content itself may hold the boundary's text. Only its last occurrence ends the content.
    content, last, _ = parts[-1].rpartition(end + boundary + b"--")
    if len(parts) != 3 or not last:
        raise StorageError(
            "InvalidArgument", "A multipart upload has two parts: an object resource and a content."
        )
    resource = resource_from(_split_headers(parts[1], end)[1])
    headers, data = _split_headers(content, end)
    found = re.search(rb"^content-type:[ \t]*(.+?)[ \t\r]*$", headers, re.IGNORECASE | re.MULTILINE)
    if found:
        resource.setdefault("contentType", found[1].decode("latin-1"))
    return resource, data


def _split_headers(part: bytes, end: bytes) -> tuple[bytes, bytes]:
    headers, blank, content = part.partition(end + end)
    if not blank:
        raise StorageError(
            "InvalidArgument", "A part of the multipart upload has no blank line after its headers."
        )
    return headers, content


@dataclass
class Session:
    """A resumable upload that has begun. `finish` writes the object when all bytes have arrived."""

    finish: Callable[[bytes, Mapping[str, str]], StoredObject]
    data: bytearray = field(default_factory=bytearray)
    done: StoredObject | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, content_range: str | None, chunk: bytes, hashes: Mapping[str, str]) -> StoredObject | None:
        """Adds `chunk`, the bytes of `Content-Range: bytes FIRST-LAST/TOTAL`.

        TOTAL may be `*`. If FIRST-LAST is `*`, the request only asks how far the upload is. Returns the
        object when it is complete, and None before.
        """
        with self.lock:
            if self.done is None:
                first, total = _content_range(content_range, len(chunk))
                if first is not None:
                    if first > len(self.data):
                        raise StorageError(
                            "InvalidArgument",
                            f"The chunk starts at byte {first}, but only {len(self.data)} are here so far.",
                        )
                    self.data[first:] = chunk
                if total == len(self.data):
                    self.done = self.finish(bytes(self.data), hashes)
            return self.done

    @property
    def persisted(self) -> int:
        return len(self.data)


class Sessions:
    """Resumable uploads by bucket and id. They are kept as long as the gateway runs."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[str, str], Session] = {}

    def open(self, bucket: str, finish: Callable[[bytes, Mapping[str, str]], StoredObject]) -> str:
        upload_id = secrets.token_urlsafe(24)
        self._sessions[bucket, upload_id] = Session(finish)
        return upload_id

    def get(self, bucket: str, upload_id: str) -> Session:
        session = self._sessions.get((bucket, upload_id))
        if session is None:
            raise StorageError("NotFound", "There is no such resumable upload; start a new one.")
        return session

    def cancel(self, bucket: str, upload_id: str) -> None:
        self.get(bucket, upload_id)
        del self._sessions[bucket, upload_id]


def _content_range(header: str | None, size: int) -> tuple[int | None, int | None]:
    """First byte of a chunk of `size` bytes (None: no chunk) and the upload's total (None: not known yet)."""
    if header is None:
        return 0, size
    found = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", header, re.ASCII)
    if found is None or (found[1] and int(found[2]) - int(found[1]) + 1 != size):
        raise StorageError(
            "InvalidArgument", f"Content-Range is {header!r} with {size} bytes; they do not fit."
        )
    return (int(found[1]) if found[1] else None), (None if found[3] == "*" else int(found[3]))
