"""Access to the two buckets, in the few verbs that the functions need.

Each call ends within 40 seconds: a time limit for each try, and the library's retries up to a deadline.
Every write names the generation that it replaces, so a retry can't do harm.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud import storage
from google.cloud.storage.retry import DEFAULT_RETRY

from cloud.settings import Settings

__all__ = ["Bucket", "NotFound", "PreconditionFailed", "StoredObject", "make_client"]

# Seconds: to connect and between two pieces of an answer; then for all the tries of one call.
_CALL: dict[str, Any] = {"timeout": (5, 15), "retry": DEFAULT_RETRY.with_timeout(20)}


@dataclass(frozen=True)
class StoredObject:
    """One generation of an object, without its bytes.

    md5: base64, as Cloud Storage gives it. content_encoding: what its writer says its bytes are packed with.
    created: when this generation was written.
    """

    name: str
    generation: int
    size: int
    content_type: str | None
    md5: str | None
    metadata: Mapping[str, str] = field(default_factory=dict)
    content_encoding: str | None = None
    created: datetime = field(kw_only=True)


def make_client(settings: Settings) -> storage.Client:
    """The storage client of a process: it keeps connections open and threads may share it."""
    # For traces that nothing here records, the library would ask for the bucket at every object not found.
    os.environ["DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"] = "true"
    options = ClientOptions(api_endpoint=settings.storage_endpoint) if settings.storage_endpoint else None
    return storage.Client(client_options=options)


class Bucket:
    """One bucket. Every method may raise a google.api_core exception when the cloud fails."""

    def __init__(self, client: storage.Client, name: str) -> None:
        self._bucket = client.bucket(name)
        self.name = name

    def find(self, name: str) -> StoredObject | None:
        """The object's newest generation, or None when there is no such object."""
        blob = self._bucket.get_blob(name, **_CALL)
        return None if blob is None else _stored(blob)

    def fetch(self, name: str) -> bytes | None:
        """The bytes of the object's newest generation, or None when there is no such object."""
        try:
            return self._bucket.blob(name).download_as_bytes(**_CALL)
        except NotFound:
            return None

    def read(self, found: StoredObject, limit: int) -> bytes:
        """The bytes of that very generation, at most `limit` + 1 of them: one more shows that it's too long.

        Bytes come as they lie: an object stored compressed isn't expanded past the limit.
        Raises NotFound when that generation is gone.
        """
        end = limit if found.size > limit else None
        blob = self._bucket.blob(found.name, generation=found.generation)
        return blob.download_as_bytes(end=end, raw_download=True, **_CALL)

    def write(
        self, name: str, data: bytes, content_type: str, metadata: Mapping[str, str], replaces: int
    ) -> StoredObject:
        """A new generation in place of generation `replaces` (0: where there is none).

        Raises PreconditionFailed when another generation stands there.
        """
        blob = self._bucket.blob(name)
        blob.metadata = dict(metadata)
        blob.upload_from_string(data, content_type=content_type, if_generation_match=replaces, **_CALL)
        return _stored(blob)

    def copy(
        self,
        source: StoredObject,
        name: str,
        metadata: Mapping[str, str],
        replaces: int = 0,
        custom_time: datetime | None = None,
    ) -> None:
        """A copy under another name with metadata of its own, made by the server in one step.

        It is written in place of generation `replaces` (0: where there is none). custom_time: a time for the
        bucket's lifecycle rules. Raises PreconditionFailed when another generation stands there and NotFound
        when the source is gone.
        """
        original = self._bucket.blob(source.name, generation=source.generation)
        blob = self._bucket.blob(name)
        blob.content_type = source.content_type
        blob.content_encoding = source.content_encoding
        blob.metadata = dict(metadata)
        if custom_time is not None:
            blob.custom_time = custom_time
        # Within one bucket a rewrite is done in a single call, whatever the size.
        blob.rewrite(original, if_generation_match=replaces, **_CALL)

    def names(self, prefix: str) -> list[str]:
        """The names of all objects that start with `prefix`, sorted."""
        found = self._bucket.list_blobs(prefix=prefix, fields="items(name),nextPageToken", **_CALL)
        return [blob.name for blob in found]

    def listed(self) -> Iterator[tuple[str, int, datetime]]:
        """Name, generation and time of creation of every object, by name. It asks for page after page."""
        fields = "items(name,generation,timeCreated),nextPageToken"
        for blob in self._bucket.list_blobs(fields=fields, **_CALL):
            yield blob.name, int(blob.generation), blob.time_created

    def delete(self, name: str, generation: int | None = None) -> None:
        """Deletes the object if it's there; given a generation, raises PreconditionFailed for any other."""
        blob = self._bucket.blob(name)
        try:
            blob.delete(if_generation_match=generation, **_CALL)
        except NotFound:
            return


def _stored(blob: storage.Blob) -> StoredObject:
    return StoredObject(
        name=blob.name,
        generation=int(blob.generation),
        size=int(blob.size),
        content_type=blob.content_type,
        md5=blob.md5_hash,
        metadata=blob.metadata or {},
        content_encoding=blob.content_encoding,
        created=blob.time_created,
    )
