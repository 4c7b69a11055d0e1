"""Contents of objects, kept by fake-gcs-server under names of our own.

fake-gcs-server cannot hold both `x` and `x/1`, nor name parts over 255 bytes, nor more than 4 KiB of
metadata, and gives a patched object a new generation. So each content lies under a random name, written
once, and what belongs to an object besides (name, generation, metadata) stands in objects.py's table.
"""

import json
import uuid
from dataclasses import dataclass

import urllib3

from infra.local.storage.errors import StorageError


@dataclass(frozen=True)
class Blob:
    """A content: its `key` in the emulator, `size` in bytes, MD5 and big-endian CRC32C in base64."""

    key: str
    size: int
    md5: str
    crc32c: str


class Blobs:
    """A client of fake-gcs-server at `url`."""

    def __init__(self, url: str):
        self._url = url
        self._pool = urllib3.PoolManager(maxsize=32, retries=False)

    def make_bucket(self, bucket: str) -> None:
        """Makes the bucket; one that is there already stays as it is."""
        body = json.dumps({"name": bucket}).encode()
        answer = self._call("POST", "/storage/v1/b", body, "application/json")
        if answer.status not in (200, 409):
            raise _failure("make a bucket", answer)

    def put(self, bucket: str, data: bytes) -> Blob:
        key = uuid.uuid4().hex
        path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name={key}"
        answer = self._call("POST", path, data, "application/octet-stream")
        if answer.status != 200:
            raise _failure("store a content", answer)
        return _blob(answer.json())

    def get(self, bucket: str, key: str) -> bytes | None:
        """The content, or None if it was deleted meanwhile."""
        answer = self._call("GET", f"/storage/v1/b/{bucket}/o/{key}?alt=media")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise _failure("read a content", answer)
        return answer.data

    def copy(self, bucket: str, key: str, to_bucket: str) -> Blob | None:
        """A second content like this one, or None if it was deleted meanwhile."""
        path = f"/storage/v1/b/{bucket}/o/{key}/rewriteTo/b/{to_bucket}/o/{uuid.uuid4().hex}"
        answer = self._call("POST", path, b"{}", "application/json")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise _failure("copy a content", answer)
        return _blob(answer.json()["resource"])

    def delete(self, bucket: str, key: str) -> None:
        answer = self._call("DELETE", f"/storage/v1/b/{bucket}/o/{key}")
        if answer.status not in (200, 204, 404):
            raise _failure("delete a content", answer)

    def _call(
        self, method: str, path: str, body: bytes | None = None, content_type: str | None = None
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Content-Type": content_type} if content_type else {}
        try:
            return self._pool.request(method, self._url + path, body=body, headers=headers)
        except urllib3.exceptions.HTTPError:
            raise StorageError("ServiceUnavailable", "fake-gcs-server does not answer; try again.") from None


def _blob(resource: dict[str, str]) -> Blob:
    return Blob(resource["name"], int(resource["size"]), resource["md5Hash"], resource["crc32c"])


def _failure(deed: str, answer: urllib3.BaseHTTPResponse) -> StorageError:
    return StorageError("InternalError", f"fake-gcs-server could not {deed}: status {answer.status}.")
