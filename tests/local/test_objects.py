"""Objects with contents in memory: what the running gateway cannot be brought to show."""

import sqlite3
import time
from itertools import count
from pathlib import Path

import pytest

from infra.local.storage.blobs import Blob
from infra.local.storage.database import Database
from infra.local.storage.errors import StorageError
from infra.local.storage.objects import Objects
from infra.local.storage.resources import StoredObject


class Contents:
    """Contents in memory, in place of the files."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.keys = map(str, count())

    def put(self, bucket: str, data: bytes) -> Blob:
        key = next(self.keys)
        self.kept[key] = data
        return Blob(key, len(data), "md5", "crc32c")

    def get(self, bucket: str, key: str) -> bytes | None:
        return self.kept.get(key)

    def delete(self, bucket: str, key: str) -> None:
        del self.kept[key]


def no_event(rows: sqlite3.Connection, stored: StoredObject) -> None:
    pass


def make(path: Path, contents: Contents, on_finalize=no_event) -> Objects:
    return Objects(Database(path), contents, on_finalize, lambda: None)


def test_generation_grows_though_the_clock_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    objects = make(tmp_path / "db", Contents())
    first = objects.create("b", "x", {}, b"1")
    monkeypatch.setattr(time, "time_ns", lambda: (first.generation - 3_600_000_000) * 1000)
    second = objects.create("b", "x", {}, b"2")
    assert second.generation == first.generation + 1


def test_a_name_holds_one_content(tmp_path: Path):
    contents = Contents()
    objects = make(tmp_path / "db", contents)
    objects.create("b", "x", {}, b"1")
    objects.create("b", "x", {}, b"2")
    assert list(contents.kept.values()) == [b"2"]
    with pytest.raises(StorageError):
        objects.create("b", "x", {}, b"3", may_replace=False)
    assert list(contents.kept.values()) == [b"2"]


def test_object_whose_event_cannot_be_written_is_not_there(tmp_path: Path):
    def disk_full(rows: sqlite3.Connection, stored: StoredObject) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    contents = Contents()
    objects = make(tmp_path / "db", contents, disk_full)
    with pytest.raises(sqlite3.OperationalError):
        objects.create("b", "x", {}, b"1")
    assert objects.list("b") == []
    assert contents.kept == {}


def test_read_is_of_one_generation_though_it_is_replaced_meanwhile(tmp_path: Path):
    contents = Contents()
    objects = make(tmp_path / "db", contents)
    objects.create("b", "x", {"contentType": "text/old"}, b"old")
    get, reads = contents.get, []

    def replaced_before_the_first(bucket: str, key: str) -> bytes | None:
        reads.append(key)
        if len(reads) == 1:
            objects.create("b", "x", {"contentType": "text/new"}, b"new")
        return get(bucket, key)

    contents.get = replaced_before_the_first
    stored, data = objects.read("b", "x")
    assert (stored.content_type, data, len(reads)) == ("text/new", b"new", 2)
