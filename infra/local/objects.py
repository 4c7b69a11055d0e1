"""Objects: names, generations, preconditions and metadata, with Cloud Storage's rules.

Rules: https://cloud.google.com/storage/docs/objects (names), .../docs/metadata (what can be set, 8 KiB of
custom metadata) and .../docs/request-preconditions.
"""

import base64
import json
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from infra.local.blobs import Blob, Blobs
from infra.local.database import Database
from infra.local.errors import StorageError

WRITABLE = (
    "cacheControl",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "contentType",
    "customTime",
    "metadata",
)
"""The attributes of an object resource that a client can set."""

LONGEST_NAME = 1024
MOST_METADATA = 8 * 1024


@dataclass(frozen=True)
class StoredObject:
    """An object at one moment. `created` and `updated` are RFC 3339 in UTC, `attributes` of WRITABLE."""

    bucket: str
    name: str
    generation: int
    metageneration: int
    created: str
    updated: str
    content: Blob
    attributes: Mapping[str, Any]

    @property
    def etag(self) -> str:
        return base64.b64encode(f"{self.generation}/{self.metageneration}".encode()).decode()

    @property
    def content_type(self) -> str:
        return str(self.attributes.get("contentType") or "application/octet-stream")

    @property
    def metadata(self) -> Mapping[str, str]:
        return self.attributes.get("metadata") or {}

    def resource(self, api_url: str) -> dict[str, Any]:
        """The JSON API's object resource, also the data of a finalize event."""
        path = f"storage/v1/b/{self.bucket}/o/{quote(self.name, safe='')}"
        return {
            "kind": "storage#object",
            "id": f"{self.bucket}/{self.name}/{self.generation}",
            "selfLink": f"{api_url}/{path}",
            "mediaLink": f"{api_url}/download/{path}?generation={self.generation}&alt=media",
            "name": self.name,
            "bucket": self.bucket,
            "generation": str(self.generation),
            "metageneration": str(self.metageneration),
            "storageClass": "STANDARD",
            "size": str(self.content.size),
            "md5Hash": self.content.md5,
            "crc32c": self.content.crc32c,
            "etag": self.etag,
            "timeCreated": self.created,
            "updated": self.updated,
            "timeStorageClassUpdated": self.created,
            **self.attributes,
            "contentType": self.content_type,
        }


@dataclass(frozen=True)
class Preconditions:
    """What must hold for the live object; a generation of 0 means that there is none."""

    generation: int | None = None
    not_generation: int | None = None
    metageneration: int | None = None
    not_metageneration: int | None = None

    def check(self, current: StoredObject | None, reading: bool = False) -> None:
        generation = current.generation if current else 0
        metageneration = current.metageneration if current else 0
        if (self.generation is not None and self.generation != generation) or (
            self.metageneration is not None and self.metageneration != metageneration
        ):
            raise StorageError(
                "PreconditionFailed", "At least one of the pre-conditions you specified did not hold."
            )
        if (self.not_generation is not None and self.not_generation == generation) or (
            self.not_metageneration is not None and self.not_metageneration == metageneration
        ):
            raise StorageError(
                "NotModified" if reading else "PreconditionFailed",
                "At least one of the pre-conditions you specified did not hold.",
            )


@dataclass(frozen=True)
class Digests:
    """The content's digests as the client gave them, in base64; None where it gave none."""

    md5: str | None = None
    crc32c: str | None = None

    def check(self, content: Blob) -> None:
        if self.md5 not in (None, content.md5) or self.crc32c not in (None, content.crc32c):
            raise StorageError(
                "BadDigest", "The MD5 or CRC32C you specified did not match what we received; send it again."
            )


class Objects:
    """The objects of all buckets.

    `on_finalize` is called in the transaction that writes an object, `on_commit` after it.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        on_finalize: Callable[[sqlite3.Connection, StoredObject], None],
        on_commit: Callable[[], None],
    ):
        self._database = database
        self._blobs = blobs
        self._on_finalize = on_finalize
        self._on_commit = on_commit

    def get(self, bucket: str, name: str, generation: int | None = None) -> StoredObject:
        with self._database.transaction() as rows:
            found = _find(rows, bucket, name)
        return _present(found, bucket, name, generation)

    def read(self, bucket: str, name: str, generation: int | None = None) -> tuple[StoredObject, bytes]:
        """The object with its content; both of one generation."""
        while True:
            found = self.get(bucket, name, generation)
            data = self._blobs.get(bucket, found.content.key)
            if data is not None:  # else replaced since `get`
                return found, data

    def list(self, bucket: str, prefix: str = "") -> list[StoredObject]:
        """All objects whose names begin with `prefix`, in the order of their names' UTF-8 bytes."""
        start = prefix.encode()
        with self._database.transaction() as rows:
            found = rows.execute(
                "select * from objects "
                "where bucket = ? and name >= ? and substr(name, 1, ?) = ? order by name",
                (bucket, start, len(start), start),
            ).fetchall()
        return [_stored(row) for row in found]

    def create(
        self,
        bucket: str,
        name: str,
        attributes: Mapping[str, Any],
        data: bytes,
        when: Preconditions = Preconditions(),
        may_replace: bool = True,
        digests: Digests = Digests(),
    ) -> StoredObject:
        """Writes a new generation. Raises StorageError if the name, metadata, digests or preconditions do not
        hold, or if there is an object of that name already and the writer may not replace it."""
        check_name(name)
        writable = _writable(attributes)
        content = self._blobs.put(bucket, data)
        try:
            digests.check(content)
            return self._commit(bucket, name, writable, content, when, may_replace)
        except Exception:
            self._blobs.delete(bucket, content.key)
            raise

    def copy(
        self,
        source: StoredObject,
        bucket: str,
        name: str,
        attributes: Mapping[str, Any],
        when: Preconditions = Preconditions(),
        may_replace: bool = True,
    ) -> StoredObject:
        """Writes a new generation with the content of `source` and `attributes` over its own."""
        check_name(name)
        writable = {**source.attributes, **_writable(attributes)}
        content = self._blobs.copy(source.bucket, source.content.key, bucket)
        if content is None:
            raise _missing(source.bucket, source.name)
        try:
            return self._commit(bucket, name, writable, content, when, may_replace)
        except Exception:
            self._blobs.delete(bucket, content.key)
            raise

    def patch(
        self, bucket: str, name: str, changes: Mapping[str, Any], when: Preconditions, generation: int | None
    ) -> StoredObject:
        """Merges `changes` into the object's attributes (null takes one away): the next metageneration."""
        with self._database.transaction() as rows:
            current = _present(_find(rows, bucket, name), bucket, name, generation)
            when.check(current)
            merged = _writable(_merge(current.attributes, _only_writable(changes)))
            rows.execute(
                "update objects set metageneration = metageneration + 1, updated = ?, attributes = ? "
                "where bucket = ? and name = ?",
                (_timestamp(time.time_ns() // 1000), json.dumps(merged), bucket, name.encode()),
            )
            return _present(_find(rows, bucket, name), bucket, name, None)

    def delete(self, bucket: str, name: str, when: Preconditions, generation: int | None) -> None:
        with self._database.transaction() as rows:
            current = _present(_find(rows, bucket, name), bucket, name, generation)
            when.check(current)
            rows.execute("delete from objects where bucket = ? and name = ?", (bucket, name.encode()))
        self._blobs.delete(bucket, current.content.key)

    def _commit(
        self,
        bucket: str,
        name: str,
        attributes: Mapping[str, Any],
        content: Blob,
        when: Preconditions,
        may_replace: bool,
    ) -> StoredObject:
        with self._database.transaction() as rows:
            current = _find(rows, bucket, name)
            when.check(current)
            if current and not may_replace:
                raise StorageError(
                    "AccessDenied",
                    "Access denied. Replacing an object needs the permission storage.objects.delete.",
                )
            generation = max(time.time_ns() // 1000, current.generation + 1 if current else 0)
            moment = _timestamp(generation)
            stored = StoredObject(bucket, name, generation, 1, moment, moment, content, attributes)
            rows.execute(
                "insert or replace into objects values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    bucket,
                    name.encode(),
                    generation,
                    1,
                    moment,
                    moment,
                    content.key,
                    content.size,
                    content.md5,
                    content.crc32c,
                    json.dumps(attributes),
                ),
            )
            self._on_finalize(rows, stored)
        self._on_commit()
        if current:
            self._blobs.delete(bucket, current.content.key)
        return stored


def check_name(name: str) -> None:
    """Raises StorageError if Cloud Storage allows no object of this name."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        raise StorageError("InvalidArgument", "An object name must be valid Unicode.") from None
    if size > LONGEST_NAME:
        raise StorageError(
            "KeyTooLong", f"The object name has {size} bytes in UTF-8; at most {LONGEST_NAME} are allowed."
        )
    if not name or name in (".", "..") or name.startswith(".well-known/acme-challenge/"):
        raise StorageError("InvalidArgument", f"{name!r} is no allowed object name.")
    if "\r" in name or "\n" in name:
        raise StorageError(
            "InvalidArgument", "An object name must not hold a carriage return or a line feed."
        )


def _only_writable(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: attributes[key] for key in WRITABLE if key in attributes}


def _writable(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that a client can set, checked; raises StorageError."""
    kept = {key: value for key, value in _only_writable(attributes).items() if value is not None}
    metadata = kept.get("metadata", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise StorageError("InvalidArgument", "Custom metadata must be an object of strings.")
    if not all(isinstance(value, str) for key, value in kept.items() if key != "metadata"):
        raise StorageError("InvalidArgument", f"Each of {', '.join(WRITABLE[:-1])} must be a string.")
    size = sum(len(part.encode(errors="replace")) for entry in metadata.items() for part in entry)
    if size > MOST_METADATA:
        raise StorageError(
            "MetadataTooLarge", f"The custom metadata has {size} bytes; at most {MOST_METADATA} are allowed."
        )
    return kept


def _merge(old: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """JSON merge patch (RFC 7396)."""
    merged = dict(old)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = _merge(merged.get(key) or {}, value)
        else:
            merged[key] = value
    return merged


def _find(rows: sqlite3.Connection, bucket: str, name: str) -> StoredObject | None:
    row = rows.execute(
        "select * from objects where bucket = ? and name = ?", (bucket, name.encode(errors="surrogatepass"))
    ).fetchone()
    return _stored(row) if row else None


def _stored(row: sqlite3.Row) -> StoredObject:
    return StoredObject(
        row["bucket"],
        row["name"].decode(),
        row["generation"],
        row["metageneration"],
        row["created"],
        row["updated"],
        Blob(row["content"], row["size"], row["md5"], row["crc32c"]),
        json.loads(row["attributes"]),
    )


def _present(found: StoredObject | None, bucket: str, name: str, generation: int | None) -> StoredObject:
    if found is None or generation not in (None, found.generation):
        raise _missing(bucket, name)
    return found


def _missing(bucket: str, name: str) -> StorageError:
    return StorageError("NoSuchKey", f"No such object: {bucket}/{name}")


def _timestamp(microseconds: int) -> str:
    moment = datetime.fromtimestamp(microseconds // 1_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{microseconds % 1_000_000 // 1000:03d}Z"
