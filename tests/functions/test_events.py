import json
from datetime import UTC, datetime, timedelta

import pytest
from cloudevents.http import CloudEvent, from_http

from cloud.events import MAX_EVENT_BYTES, Upload, upload_of

FINALIZED = "google.cloud.storage.object.v1.finalized"


def delivered(body: object, time: str = "2026-11-25T20:10:22.5Z") -> CloudEvent:
    """An event as the framework hands it over, from the binary mode that Eventarc sends."""
    headers = {
        "ce-id": "1",
        "ce-source": "//storage.googleapis.com/projects/_/buckets/photos",
        "ce-specversion": "1.0",
        "ce-type": FINALIZED,
        "ce-subject": "objects/me.jpg",
        "ce-time": time,
        "content-type": "application/json",
    }
    return from_http(headers, json.dumps(body))


def test_an_event_becomes_an_upload():
    event = delivered({"bucket": "photos", "name": "a/me.jpg", "generation": "1764101422123456"})
    time = datetime(2026, 11, 25, 20, 10, 22, 500_000, UTC)
    assert upload_of(event) == Upload("photos", "a/me.jpg", 1764101422123456, time)


def test_times_with_nanoseconds_and_offsets_are_read():
    body = {"bucket": "photos", "name": "me.jpg", "generation": "1"}
    upload = upload_of(delivered(body, "2026-11-25T22:10:22.123456789+02:00"))
    assert abs(upload.time - datetime(2026, 11, 25, 20, 10, 22, 123456, UTC)) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "me.jpg", "generation": "1"},
        {"bucket": "photos", "generation": "1"},
        {"bucket": "photos", "name": "me.jpg"},
        {"bucket": "photos", "name": "me.jpg", "generation": "new"},
        [],
    ],
)
def test_another_event_is_refused(body):
    with pytest.raises(ValueError, match=f"type '{FINALIZED}' isn't a Cloud Storage finalize event"):
        upload_of(delivered(body))


@pytest.mark.parametrize(
    "kind",
    ["google.cloud.storage.object.v1.deleted", "google.cloud.pubsub.topic.v1.messagePublished", "finalized"],
)
def test_an_event_of_another_type_is_refused_though_it_names_an_upload(kind):
    event = delivered({"bucket": "photos", "name": "me.jpg", "generation": "1"})
    event["type"] = kind
    with pytest.raises(ValueError, match=f"of type '{kind}'; only {FINALIZED} is expected"):
        upload_of(event)


def test_a_time_without_a_zone_is_refused():
    body = {"bucket": "photos", "name": "me.jpg", "generation": "1"}
    with pytest.raises(ValueError, match="no time zone"):
        upload_of(delivered(body, "2026-11-25T20:10:22"))


@pytest.mark.parametrize(("name", "folder"), [("albums/", True), ("albums/a.jpg", False), ("/", True)])
def test_a_name_that_ends_in_a_slash_is_a_folder(name, folder):
    assert Upload("photos", name, 1, datetime.now(UTC)).is_folder is folder


def test_an_events_body_may_hold_all_metadata_escaped_and_has_an_end():
    """Cloud Storage: 8 KiB of metadata. JSON writes a control character in six."""
    metadata = {"note": "\x01" * 8 * 1024}
    assert len(json.dumps(metadata)) < MAX_EVENT_BYTES <= 2**18
