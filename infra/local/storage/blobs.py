"""The contents of objects, as files in one folder per bucket.

Each content is written once, under a random name. Everything else about an object (its name, generation and
metadata) is in the table of objects.py, so an object's name need not be a valid file name.
"""

import base64
import hashlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

import google_crc32c


@dataclass(frozen=True)
class Blob:
    """A content: its `key` in its bucket's folder, `size` in bytes, MD5 and big-endian CRC32C in base64."""

    key: str
    size: int
    md5: str
    crc32c: str


class Blobs:
    """The contents under `folder`, which is made when it is missing."""

    def __init__(self, folder: Path):
        self._folder = folder

    def put(self, bucket: str, data: bytes) -> Blob:
        """Stores the content. A crash leaves all of it or nothing under the returned key.

        Raises OSError where the disk is full; then nothing is left of it.
        """
        key = uuid.uuid4().hex
        path = self._path(bucket, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                # The table's row is written next. After a crash it must not point to a content that was lost.
                os.fsync(file.fileno())
        except OSError:
            part.unlink(missing_ok=True)
            raise
        part.replace(path)
        return _described(key, data)

    def get(self, bucket: str, key: str) -> bytes | None:
        """The content, or None if it was deleted in the meantime."""
        try:
            return self._path(bucket, key).read_bytes()
        except FileNotFoundError:
            return None

    def copy(self, bucket: str, key: str, to_bucket: str) -> Blob | None:
        """A second content like this one, or None if it was deleted in the meantime."""
        data = self.get(bucket, key)
        return None if data is None else self.put(to_bucket, data)

    def delete(self, bucket: str, key: str) -> None:
        """Deletes the content if it is there."""
        self._path(bucket, key).unlink(missing_ok=True)

    def _path(self, bucket: str, key: str) -> Path:
        return self._folder / bucket / key


def _described(key: str, data: bytes) -> Blob:
    md5 = hashlib.md5(data, usedforsecurity=False).digest()
    crc32c = google_crc32c.value(data).to_bytes(4, "big")
    return Blob(key, len(data), base64.b64encode(md5).decode(), base64.b64encode(crc32c).decode())
