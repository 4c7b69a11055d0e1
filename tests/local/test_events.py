"""Finalize events: what they say, and that each is delivered until it is taken."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import requests

from infra.local.config.addresses import Ports
from infra.local.config.delivery import Rules, cloud_rules
from infra.local.config.project import MEMES, UPLOADS
from infra.local.storage.blobs import Blob
from infra.local.storage.database import Database
from infra.local.storage.events import KEPT_SECONDS, Event, Outbox, finalize_event, post
from infra.local.storage.resources import StoredObject
from tests.local.storage import PATIENCE, Receiver, Storage

API = "http://localhost:8083"
STORED = StoredObject(
    UPLOADS,
    'ü "1"%.jpg',
    1795638007250268,
    1,
    "2026-11-25T20:20:07.250Z",
    "2026-11-25T20:20:07.250Z",
    Blob("k", 5, "XUFAKrxLKna5cZ2REBfFkg==", "mnG7TA=="),
    {"contentType": "image/jpeg", "metadata": {"seed": "7"}},
)


def test_event_is_a_cloud_event_with_the_object_as_data():
    event = finalize_event(STORED, API, "42")
    assert event.headers == {
        "ce-id": "42",
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-source": "//storage.googleapis.com/projects/_/buckets/memegen-uploads",
        "ce-subject": "objects/%C3%BC%20%221%22%25.jpg",
        "ce-time": "2026-11-25T20:20:07.250Z",
        "ce-bucket": "memegen-uploads",
        "Content-Type": "application/json",
    }
    data = json.loads(event.body)
    expected = {
        "bucket": "memegen-uploads",
        "name": 'ü "1"%.jpg',
        "generation": "1795638007250268",
        "metageneration": "1",
        "contentType": "image/jpeg",
        "size": "5",
        "timeCreated": "2026-11-25T20:20:07.250Z",
        "updated": "2026-11-25T20:20:07.250Z",
        "metadata": {"seed": "7"},
        "md5Hash": "XUFAKrxLKna5cZ2REBfFkg==",
        "crc32c": "mnG7TA==",
    }
    assert {key: data[key] for key in expected} == expected


class Function:
    """Takes an event when its turn in `answers` says so (the last one holds on); notes all attempts."""

    def __init__(self, *answers: bool):
        self.answers = answers
        self.attempts: list[tuple[str, float]] = []
        self.changed = threading.Condition()

    def __call__(self, event: Event) -> bool:
        with self.changed:
            number = len(self.attempts)
            self.attempts.append((event.id, time.monotonic()))
            self.changed.notify_all()
            return self.answers[min(number, len(self.answers) - 1)]

    def wait(self, attempts: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.attempts) >= attempts, PATIENCE)


@contextmanager
def outbox(
    path: Path, function: Callable[[Event], bool], **settings: float
) -> Iterator[tuple[Outbox, Database]]:
    database = Database(path)
    box = Outbox(database, function, API, Rules(**settings))
    box.start()
    yield box, database
    box.stop()
    database.close()


def add(box: Outbox, database: Database) -> None:
    with database.transaction() as rows:
        box.add(rows, STORED)
    box.wake()


def wait_waiting(box: Outbox, count: int) -> None:
    """Waits until `count` events are not delivered; an event is deleted only after its delivery."""
    end = time.monotonic() + PATIENCE
    while box.waiting() != count and time.monotonic() < end:
        time.sleep(0.005)
    assert box.waiting() == count


def wait_empty(box: Outbox) -> None:
    wait_waiting(box, 0)


def test_taken_event_is_delivered_once(tmp_path: Path):
    function = Function(True)
    with outbox(tmp_path / "db", function, first=0.01) as (box, database):
        add(box, database)
        wait_empty(box)
        add(box, database)
        wait_empty(box)
    assert len(function.attempts) == 2
    assert len({event_id for event_id, _ in function.attempts}) == 2


def test_refused_event_comes_again_with_the_same_id_and_longer_pauses(tmp_path: Path):
    function = Function(False, False, False, False, True)
    with outbox(tmp_path / "db", function, first=0.02, longest=0.08) as (box, database):
        add(box, database)
        wait_empty(box)
    assert len({event_id for event_id, _ in function.attempts}) == 1
    times = [moment for _, moment in function.attempts]
    pauses = [after - before for before, after in pairwise(times)]
    # Doubled from .02 and cut at .08; an event is never sent before its time, so these bounds are exact.
    assert [pause >= least for pause, least in zip(pauses, (0.02, 0.04, 0.08, 0.08), strict=True)] == [
        True
    ] * 4


def test_in_the_cloud_an_event_waits_ten_seconds_for_an_instance_and_comes_again_after_ten_to_600():
    rules = cloud_rules(max_instances=3)
    assert (rules.at_once, rules.queue_seconds) == (3, 10)
    assert [rules.pause(attempts) for attempts in (1, 2, 3, 6, 7, 8, 100)] == [10, 20, 40, 320, 600, 600, 600]


class Busy:
    """Takes each event after `seconds`; notes how many it had at once, and when each came."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        self.came: list[float] = []
        self.now = self.most = 0
        self.lock = threading.Lock()

    def __call__(self, event: Event) -> bool:
        with self.lock:
            self.came.append(time.monotonic())
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(self.seconds)
        with self.lock:
            self.now -= 1
        return True


def test_at_most_so_many_are_delivered_at_once(tmp_path: Path):
    function = Busy(0.05)
    with outbox(tmp_path / "db", function, at_once=3) as (box, database):
        for _ in range(12):
            add(box, database)
        wait_empty(box)
    assert (function.most, len(function.came)) == (3, 12)


def test_an_event_for_which_no_instance_is_free_in_time_is_refused_and_comes_again(tmp_path: Path):
    """One instance takes 0.5 s an event and 0.2 s is the longest wait: of three events at once the second and
    the third are refused at 0.2 s and due again a second after that, when only one of them finds it free."""
    function = Busy(0.5)
    with outbox(tmp_path / "db", function, at_once=1, queue_seconds=0.2, first=1, longest=1) as (
        box,
        database,
    ):
        begun = time.monotonic()
        for _ in range(3):
            add(box, database)
        wait_empty(box)
    assert len(function.came) == 3
    waits = [came - begun for came in function.came]
    assert waits[1] >= 1.2
    assert waits[2] >= 2.4  # refused a second time, at 1.4 s


def test_what_waited_while_the_storage_was_stopped_is_not_refused_for_it(tmp_path: Path):
    database = Database(tmp_path / "db")
    function = Function(True)
    box = Outbox(database, function, API, cloud_rules(max_instances=1))
    with database.transaction() as rows:
        box.add(rows, STORED)
        rows.execute("update events set due = due - 3600")
    box.start()
    wait_empty(box)
    box.stop()
    assert len(function.attempts) == 1


def test_a_full_disk_delays_deliveries_and_ends_none_of_the_threads(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("infra.local.storage.events.TROUBLE_SECONDS", 0.01)
    function = Function(True)
    with outbox(tmp_path / "db", function, at_once=1) as (box, database):
        writes, failures = database.transaction, iter(range(3))

        def full() -> object:
            in_a_worker = threading.current_thread() is not threading.main_thread()
            if function.attempts and in_a_worker and next(failures, None) is not None:
                raise sqlite3.OperationalError("database or disk is full")
            return writes()

        monkeypatch.setattr(database, "transaction", full)
        with writes() as rows:
            box.add(rows, STORED)
        box.wake()
        wait_empty(box)
    assert next(failures, None) is None
    assert {event_id for event_id, _ in function.attempts} == {function.attempts[0][0]}


def test_undelivered_event_survives_a_restart(tmp_path: Path):
    before = Function(False)
    with outbox(tmp_path / "db", before, first=0.05) as (box, database):
        add(box, database)
        before.wait(1)
    after = Function(True)
    with outbox(tmp_path / "db", after, first=0.05) as (box, _):
        wait_empty(box)
    assert [event_id for event_id, _ in after.attempts] == [before.attempts[0][0]]


def test_one_slow_event_holds_up_no_other(tmp_path: Path):
    database = Database(tmp_path / "db")
    release, delivered = threading.Event(), threading.Semaphore(0)

    def deliver(event: Event) -> bool:
        if json.loads(event.body)["name"] == "slow":
            return release.wait(PATIENCE)
        delivered.release()
        return True

    box = Outbox(database, deliver, API)
    box.start()
    for name in ("slow", "quick", "quicker"):
        with database.transaction() as rows:
            box.add(rows, replace(STORED, name=name))
        box.wake()
    assert delivered.acquire(timeout=PATIENCE)
    assert delivered.acquire(timeout=PATIENCE)
    wait_waiting(box, 1)
    release.set()
    wait_empty(box)
    box.stop()


def test_event_of_yesterday_is_given_up(tmp_path: Path):
    function = Function(False)
    database = Database(tmp_path / "db")
    box = Outbox(database, function, API, Rules(first=0.01))
    with database.transaction() as rows:
        box.add(rows, STORED)
        rows.execute("update events set created = created - ?", (KEPT_SECONDS + 1,))
    box.start()
    wait_empty(box)
    box.stop()
    assert len(function.attempts) == 1


def test_rolled_back_object_leaves_no_event(tmp_path: Path):
    database = Database(tmp_path / "db")
    box = Outbox(database, Function(True), API)
    with pytest.raises(KeyError), database.transaction() as rows:
        box.add(rows, STORED)
        raise KeyError
    assert box.waiting() == 0


def test_each_way_of_writing_sends_its_event(cloud: Storage, receiver: Receiver):
    uploads = cloud.bucket(UPLOADS)
    multipart = uploads.blob("event/multipart")
    multipart.metadata = {"seed": "7"}
    multipart.upload_from_string(b"1", content_type="image/png")
    with uploads.blob("event/resumable").open("wb", ignore_flush=True) as file:
        file.write(b"22")
    uploads.blob("event/rewritten").rewrite(multipart)
    requests.put(cloud.signed_url(UPLOADS, "event/signed", method="PUT"), data=b"4444").raise_for_status()
    session = cloud.client()._http
    media = {"uploadType": "media", "name": "event/media"}
    session.post(f"{cloud.urls.storage}/upload/storage/v1/b/{UPLOADS}/o", params=media, data=b"55555")
    for how, size in (("multipart", 1), ("resumable", 2), ("rewritten", 1), ("signed", 4), ("media", 5)):
        [(headers, body)] = receiver.wait_for(f"objects/event/{how}")
        data = json.loads(body)
        found = uploads.get_blob(f"event/{how}")
        assert headers["ce-type"] == "google.cloud.storage.object.v1.finalized"
        assert headers["content-type"] == "application/json"
        assert (data["bucket"], data["name"], data["size"]) == (UPLOADS, f"event/{how}", str(size))
        assert data["generation"] == str(found.generation)
        assert data.get("metadata", {}) == ({"seed": "7"} if how in ("multipart", "rewritten") else {})


def test_where_nothing_listens_a_delivery_waits_for_a_process_to_start():
    ports = Ports.free()
    event = finalize_event(STORED, API, "1")
    url = f"http://127.0.0.1:{ports.on_upload}"
    assert not post(url)(event)
    assert not post(url, 0.3)(event)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(post(url, PATIENCE), event)
        time.sleep(0.3)
        with Receiver(ports.on_upload).running():
            assert waiting.result(PATIENCE)


def test_refused_writes_and_other_buckets_send_none(cloud: Storage, receiver: Receiver):
    cloud.bucket(MEMES).blob("silent").upload_from_string(b"1")
    url = cloud.signed_url(UPLOADS, "silent", method="PUT", headers={"x-goog-content-length-range": "5,9"})
    assert requests.put(url, data=b"1", headers={"x-goog-content-length-range": "5,9"}).status_code == 400
    cloud.bucket(UPLOADS).blob("heard").upload_from_string(b"1")
    receiver.wait_for("objects/heard")  # events are sent in their order, so the others would be here
    assert not [headers for headers, _ in receiver.events if headers["ce-subject"] == "objects/silent"]


def test_event_refused_by_the_function_comes_again_after_a_restart(tmp_path: Path):
    ports = Ports.free()
    with Storage(tmp_path, ports).running() as cloud:
        with Receiver(ports.on_upload, lambda _: 500).running() as failing:
            cloud.bucket(UPLOADS).blob("stubborn").upload_from_string(b"1")
            refused = failing.wait_for("objects/stubborn", 2)
        assert len({headers["ce-id"] for headers, _ in refused}) == 1
    with Receiver(ports.on_upload).running() as taking, Storage(tmp_path, ports).running() as cloud:
        [(headers, body)] = taking.wait_for("objects/stubborn")
        assert (headers["ce-id"], body) == (refused[0][0]["ce-id"], refused[0][1])
        assert cloud.bucket(UPLOADS).blob("stubborn").download_as_bytes() == b"1"
