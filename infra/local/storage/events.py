"""Finalize events. They are written with their object, and delivered until the function accepts them.

They have the form of Eventarc's events, which are CloudEvents over HTTP in binary mode:
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md and
https://github.com/googleapis/google-cloudevents (StorageObjectData).
"""

import json
import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import urllib3

from infra.local.storage.database import Database
from infra.local.storage.resources import StoredObject

log = logging.getLogger(__name__)

KEPT_SECONDS = 24 * 3600
ANSWER_SECONDS = 60


@dataclass(frozen=True)
class Event:
    """A CloudEvent with the HTTP headers and the body that are sent."""

    id: str
    headers: Mapping[str, str]
    body: str


def finalize_event(stored: StoredObject, api_url: str, event_id: str) -> Event:
    headers = {
        "ce-id": event_id,
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-source": f"//storage.googleapis.com/projects/_/buckets/{stored.bucket}",
        # The HTTP binding encodes spaces, quotation marks, per cent signs and everything but printable ASCII.
        "ce-subject": quote(f"objects/{stored.name}", safe="!#$&'()*+,/:;<=>?@[\\]^`{|}~"),
        "ce-time": stored.created,
        "ce-bucket": stored.bucket,
        "Content-Type": "application/json",
    }
    return Event(event_id, headers, json.dumps(stored.resource(api_url)))


def post(url: str) -> Callable[[Event], bool]:
    """A function that delivers an event to `url`. It returns whether the answer has a 2xx status."""
    pool = urllib3.PoolManager(maxsize=8, retries=False, timeout=ANSWER_SECONDS)

    def deliver(event: Event) -> bool:
        try:
            answer = pool.request("POST", url, body=event.body.encode(), headers=event.headers)
        except urllib3.exceptions.HTTPError:
            return False
        return 200 <= answer.status < 300

    return deliver


class Outbox:
    """Delivers events with a few worker threads.

    A failed delivery is repeated after `first` seconds, then after twice as long each time, up to `longest`
    seconds. An event that is a day old is given up."""

    def __init__(
        self,
        database: Database,
        deliver: Callable[[Event], bool],
        api_url: str,
        first: float = 1,
        longest: float = 60,
        workers: int = 4,
    ):
        self._database = database
        self._deliver = deliver
        self._api_url = api_url
        self._first = first
        self._longest = longest
        self._in_flight: set[str] = set()
        self._changed = threading.Condition()
        self._stopped = False
        self._workers = [
            threading.Thread(target=self._run, name="event", daemon=True) for _ in range(workers)
        ]

    def add(self, rows: sqlite3.Connection, stored: StoredObject) -> None:
        """Writes the object's finalize event in the same transaction that writes the object."""
        event = finalize_event(stored, self._api_url, uuid.uuid4().hex)
        now = time.time()
        rows.execute(
            "insert into events values (?, ?, ?, ?, 0, ?)",
            (event.id, json.dumps(event.headers), event.body, now, now),
        )

    def wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def start(self) -> None:
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Ends after the deliveries that are in progress. All other events wait for the next start."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for worker in self._workers:
            worker.join()

    def waiting(self) -> int:
        """How many events are not delivered yet."""
        with self._database.transaction() as rows:
            return int(rows.execute("select count(*) from events").fetchone()[0])

    def _run(self) -> None:
        while row := self._claim():
            try:
                self._attempt(row)
            finally:
                with self._changed:
                    self._in_flight.discard(row["id"])
                    self._changed.notify_all()

    def _claim(self) -> sqlite3.Row | None:
        """Waits for an event that is due and returns it; returns None when the outbox stops."""
        with self._changed:
            while not self._stopped:
                row = next((row for row in self._undelivered() if row["id"] not in self._in_flight), None)
                pause = row["due"] - time.time() if row else None
                if row and pause is not None and pause <= 0:
                    self._in_flight.add(row["id"])
                    return row
                self._changed.wait(pause)
            return None

    def _undelivered(self) -> list[sqlite3.Row]:
        with self._database.transaction() as rows:
            return rows.execute(
                "select * from events order by due limit ?", (len(self._workers) + 1,)
            ).fetchall()

    def _attempt(self, row: sqlite3.Row) -> None:
        event = Event(row["id"], json.loads(row["headers"]), row["body"])
        delivered = self._deliver(event)
        now = time.time()
        attempts = row["attempts"] + 1
        pause = min(self._longest, self._first * 2 ** min(attempts - 1, 30))
        given_up = not delivered and now - row["created"] > KEPT_SECONDS
        with self._database.transaction() as rows:
            if delivered or given_up:
                rows.execute("delete from events where id = ?", (event.id,))
            else:
                rows.execute(
                    "update events set attempts = ?, due = ? where id = ?", (attempts, now + pause, event.id)
                )
        if given_up:
            log.error("event %s given up after %d attempts in a day", event.id, attempts)
        elif not delivered:
            log.warning("event %s not taken at attempt %d, again in %.1f s", event.id, attempts, pause)
