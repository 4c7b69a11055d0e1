"""The gateway's SQLite file with the table of objects and the events that are not delivered yet.

Both are in one file, so that an object and its finalize event are written in one transaction or not at all.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
create table if not exists objects (
    bucket text, name blob, generation integer, metageneration integer, created text, updated text,
    content text, size integer, md5 text, crc32c text, attributes text,
    primary key (bucket, name)
) without rowid;
create table if not exists events (
    id text primary key, headers text, body text, created real, attempts integer, due real
) without rowid;
"""


class Database:
    """One connection, which one thread at a time uses."""

    def __init__(self, path: Path):
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._lock = threading.Lock()
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Runs all statements of the block, or none if it raises. No other block runs at the same time."""
        with self._lock, self._connection:
            yield self._connection

    def close(self) -> None:
        with self._lock:
            self._connection.close()
