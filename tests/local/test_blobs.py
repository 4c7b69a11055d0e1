"""Contents as files: what is stored, and under which checksums."""

import errno
import os
from pathlib import Path

import pytest

from infra.local.storage.blobs import Blob, Blobs


def test_a_content_comes_back_with_its_published_checksums(tmp_path: Path):
    # The check values of the two algorithms for these nine bytes: RFC 1321's MD5 and CRC-32C's e3069283.
    stored = Blobs(tmp_path).put("memes", b"123456789")
    assert stored == Blob(stored.key, 9, "JfnnlDI7RTiF9RgfG2JNCw==", "4waSgw==")
    assert Blobs(tmp_path).get("memes", stored.key) == b"123456789"
    assert [each.name for each in (tmp_path / "memes").iterdir()] == [stored.key]


def test_a_copy_is_a_content_of_its_own(tmp_path: Path):
    blobs = Blobs(tmp_path)
    first = blobs.put("uploads", b"photo")
    second = blobs.copy("uploads", first.key, "memes")
    blobs.delete("uploads", first.key)
    blobs.delete("uploads", first.key)
    assert blobs.get("uploads", first.key) is None
    assert blobs.copy("uploads", first.key, "memes") is None
    assert blobs.get("memes", second.key) == b"photo"


def test_a_full_disk_leaves_no_part_of_a_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Blobs(tmp_path).put("photos", b"a photo")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
