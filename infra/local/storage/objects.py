"""The table of all objects with their names, generations and metadata. Their contents are in blobs.py."""

import json
import sqlite3
import time
from collections.abc import Callable, Mapping
from typing import Any

from infra.local.storage import resources
from infra.local.storage.blobs import Blob, Blobs
from infra.local.storage.database import Database
from infra.local.storage.errors import StorageError
from infra.local.storage.resources import ALWAYS, UNKNOWN, Digests, Preconditions, StoredObject


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
        """The object and its content, both of the same generation."""
        while True:
            found = self.get(bucket, name, generation)
            data = self._blobs.get(bucket, found.content.key)
            if data is not None:  # otherwise it was replaced after `get`
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
        when: Preconditions = ALWAYS,
        may_replace: bool = True,
        digests: Digests = UNKNOWN,
    ) -> StoredObject:
        """Writes a new generation.

        Raises StorageError if the name or the metadata is not allowed, if the digests or preconditions do not
        hold, or if an object has this name already and the writer may not replace it.
        """
        resources.check_name(name)
        writable = resources.writable(attributes)
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
        when: Preconditions = ALWAYS,
        may_replace: bool = True,
    ) -> StoredObject:
        """Writes a new generation with the content and attributes of `source`, changed by `attributes`."""
        resources.check_name(name)
        writable = {**source.attributes, **resources.writable(attributes)}
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
        """Merges `changes` into the object's attributes; None removes one. Makes a new metageneration."""
        with self._database.transaction() as rows:
            current = _present(_find(rows, bucket, name), bucket, name, generation)
            when.check(current)
            merged = resources.merge_patch(current.attributes, resources.only_writable(changes))
            attributes = resources.writable(merged)
            rows.execute(
                "update objects set metageneration = metageneration + 1, updated = ?, attributes = ? "
                "where bucket = ? and name = ?",
                (resources.timestamp(time.time_ns() // 1000), json.dumps(attributes), bucket, name.encode()),
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
            moment = resources.timestamp(generation)
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
