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

from infra.local.config.delivery import LOCAL, Rules
from infra.local.storage.database import Database
from infra.local.storage.resources import StoredObject

log = logging.getLogger(__name__)

KEPT_SECONDS = 24 * 3600
TROUBLE_SECONDS = 1
LOOK_SECONDS = 0.1
ANSWER_SECONDS = 120
"""The time limit that on_upload is deployed with."""


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


def post(url: str, start_seconds: float = 0) -> Callable[[Event], bool]:
    """A function that delivers an event to `url`. It returns whether the answer has a 2xx status.

    Where nothing listens, it waits so long for a process to start, as the front end in the cloud does.
    """
    pool = urllib3.PoolManager(maxsize=64, retries=False, timeout=ANSWER_SECONDS)

    def deliver(event: Event) -> bool:
        end = time.monotonic() + start_seconds
        while True:
            try:
                answer = pool.request("POST", url, body=event.body.encode(), headers=event.headers)
            except urllib3.exceptions.NewConnectionError:
                if time.monotonic() > end:
                    return False
                time.sleep(LOOK_SECONDS)
            except urllib3.exceptions.HTTPError:
                return False
            else:
                return 200 <= answer.status < 300

    return deliver


class Outbox:
    """Delivers events with as many worker threads as the rules deliver at once.

    An event that is a day old is given up. A database that can't be written, as on a full disk, delays
    deliveries and ends none of the threads."""

    def __init__(
        self, database: Database, deliver: Callable[[Event], bool], api_url: str, rules: Rules = LOCAL
    ):
        self._database = database
        self._deliver = deliver
        self._api_url = api_url
        self._rules = rules
        self._started = time.time()
        self._in_flight: set[str] = set()
        self._changed = threading.Condition()
        self._stopped = False
        self._workers = [
            threading.Thread(target=self._run, name="event", daemon=True) for _ in range(rules.at_once)
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
        self._started = time.time()
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
        while not self._stopped:
            try:
                if row := self._claim():
                    self._attempt(row)
            except sqlite3.Error as error:
                log.error("events can't be kept: %s; tried again in %d s", error, TROUBLE_SECONDS)
                time.sleep(TROUBLE_SECONDS)

    def _claim(self) -> sqlite3.Row | None:
        """Waits for an event that is due and returns it; returns None when the outbox stops."""
        with self._changed:
            while not self._stopped:
                row = next((row for row in self._undelivered() if row["id"] not in self._in_flight), None)
                pause = row["due"] - time.time() if row else None
                if row is None or (pause is not None and pause > 0):
                    self._changed.wait(pause)
                elif (left := self._left_the_queue(row)) is not None:
                    self._put_back(row, left, "found no free instance")
                else:
                    self._in_flight.add(row["id"])
                    return row
            return None

    def _undelivered(self) -> list[sqlite3.Row]:
        with self._database.transaction() as rows:
            return rows.execute(
                "select * from events order by due limit ?", (self._rules.at_once + 1,)
            ).fetchall()

    def _left_the_queue(self, row: sqlite3.Row) -> float | None:
        """When the event had waited too long for its turn, or None. Time before the start doesn't count."""
        if self._rules.queue_seconds is None:
            return None
        left = max(row["due"], self._started) + self._rules.queue_seconds
        return left if left < time.time() else None

    def _attempt(self, row: sqlite3.Row) -> None:
        try:
            delivered = self._deliver(Event(row["id"], json.loads(row["headers"]), row["body"]))
            if delivered or time.time() - row["created"] > KEPT_SECONDS:
                self._remove(row, delivered)
            else:
                self._put_back(row, time.time(), "was not taken")
        finally:
            with self._changed:
                self._in_flight.discard(row["id"])
                self._changed.notify_all()

    def _remove(self, row: sqlite3.Row, delivered: bool) -> None:
        with self._database.transaction() as rows:
            rows.execute("delete from events where id = ?", (row["id"],))
        if not delivered:
            log.error("event %s given up after %d attempts in a day", row["id"], row["attempts"] + 1)

    def _put_back(self, row: sqlite3.Row, failed: float, why: str) -> None:
        attempts = row["attempts"] + 1
        pause = self._rules.pause(attempts)
        with self._database.transaction() as rows:
            rows.execute(
                "update events set attempts = ?, due = ? where id = ?",
                (attempts, failed + pause, row["id"]),
            )
        log.warning("event %s %s at attempt %d, again in %.1f s", row["id"], why, attempts, pause)
