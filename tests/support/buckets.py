"""The running stack's buckets, as a program that uploads directly sees them."""

import json
import sqlite3
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import requests
from google.cloud import storage


def developer_of(stack: Any) -> storage.Client:
    """The real client library, as a program that uploads directly to the running stack uses it."""
    return storage.Client.from_service_account_json(
        stack.account_file("developer"), client_options={"api_endpoint": stack.storage_url}
    )


@dataclass(frozen=True)
class Cloud:
    """The running stack's buckets, seen from outside."""

    stack: Any
    uploads: storage.Bucket
    memes: storage.Bucket

    @classmethod
    def of(cls, stack: Any) -> "Cloud":
        """What a developer sees of the running stack."""
        developer = developer_of(stack)
        return cls(stack, developer.bucket(stack.uploads_bucket), developer.bucket(stack.memes_bucket))

    def upload(self, name: str, data: bytes, metadata: dict[str, str] | None = None) -> int:
        """A direct upload; returns its generation."""
        blob = self.uploads.blob(name)
        blob.metadata = metadata
        blob.upload_from_string(data, content_type="application/octet-stream")
        return int(blob.generation)

    def report(self, name: str, generation: int | None = None) -> dict[str, Any]:
        """The report on an upload once it's there, given a generation the report on that one."""
        return wait(lambda: self._report(name, generation))

    def _report(self, name: str, generation: int | None) -> dict[str, Any] | None:
        if self.memes.get_blob(name) is None:
            return None
        report = json.loads(self.memes.blob(name).download_as_bytes())
        return report if generation in (None, report["source"]["generation"]) else None

    def names(self, prefix: str) -> list[str]:
        return sorted(
            f"{bucket.name}/{blob.name}"
            for bucket in (self.uploads, self.memes)
            for blob in bucket.list_blobs(prefix=prefix)
        )

    def settle(self) -> None:
        """Returns when no event is left to deliver."""
        wait(lambda: self._undelivered() == 0)

    def _undelivered(self) -> int:
        with closing(sqlite3.connect(self.stack.state / "objects.sqlite")) as journal:
            return journal.execute("select count(*) from events").fetchone()[0]

    def log_lines(self, generation: int) -> list[dict[str, Any]]:
        """What on_upload has logged about one upload: a line a delivery that it has answered."""
        text = (self.stack.state / "logs" / "on_upload.log").read_text()
        entries = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return [entry for entry in entries if entry.get("generation") == generation]


def wait(ready: Callable[[], Any]) -> Any:
    """What `ready` gives once that's true; the test's own time limit is the end of it."""
    while not (value := ready()):
        time.sleep(0.05)
    return value


def deliver_event(
    url: str, bucket: str, name: str, generation: object, at: datetime | None = None, **more_headers: str
) -> requests.Response:
    """The answer of the function at `url` to a finalize event as Eventarc posts it, made by hand."""
    headers = {
        "ce-id": uuid.uuid4().hex,
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{bucket}",
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-subject": f"objects/{quote(name)}",
        "ce-time": (at or datetime.now(UTC)).isoformat(),
        **more_headers,
    }
    body = {"bucket": bucket, "name": name, "generation": str(generation)}
    return requests.post(url, json=body, headers=headers, timeout=60)
