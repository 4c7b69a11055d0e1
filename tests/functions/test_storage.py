"""What the buckets' verbs ask of Cloud Storage, by its JSON API, and what they make of the answers.

https://cloud.google.com/storage/docs/json_api/v1/objects
"""

import gzip
import io
import json
import os
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from urllib3 import HTTPResponse

from cloud.settings import Settings
from cloud.storage import Bucket, NotFound, PreconditionFailed, StoredObject, make_client

RESOURCE = {
    "name": "a/me.jpg",
    "generation": "17",
    "size": "100",
    "contentType": "image/jpeg",
    "md5Hash": "XrY7u+Ae7tCTyyK7j1rNww==",
    "metadata": {"seed": "7"},
    "contentEncoding": "gzip",
    "timeCreated": "2026-11-30T10:00:00.5Z",
}
CREATED = datetime(2026, 11, 30, 10, 0, 0, 500_000, UTC)
STORED = StoredObject(
    "a/me.jpg", 17, 100, "image/jpeg", "XrY7u+Ae7tCTyyK7j1rNww==", {"seed": "7"}, "gzip", created=CREATED
)


class Service:
    """Stands for Cloud Storage's HTTP: gives the next of its answers, and keeps what was asked."""

    is_mtls = False

    def __init__(self, *answers: tuple[int, object]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def request(self, method, url, data=None, headers=None, timeout=None, **_more) -> requests.Response:
        parts = urlsplit(url)
        self.asked.append(
            {
                "method": method,
                "path": parts.path,
                "query": {name: value for name, [value] in parse_qs(parts.query).items()},
                "headers": {name.lower(): value for name, value in (headers or {}).items()},
                "data": data,
                "timeout": timeout,
            }
        )
        status, content = self.answers.pop(0)
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        answer = requests.Response()
        answer.status_code = status
        answer.headers["Content-Type"] = "application/json"
        if isinstance(content, bytes):
            answer.headers["Content-Encoding"] = "gzip"
        answer.raw = HTTPResponse(io.BytesIO(body), headers=answer.headers, preload_content=False)
        answer.request = requests.Request(method, url).prepare()
        return answer

    def bucket(self) -> Bucket:
        client = storage.Client(project="p", credentials=AnonymousCredentials(), _http=self)
        return Bucket(client, "photos")

    @property
    def only(self) -> dict[str, Any]:
        [asked] = self.asked
        return asked


@pytest.fixture(autouse=True)
def start(key_file, monkeypatch):
    """A process starts with a client of its own, which sets the library's ways."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key_file("api@project.iam.gserviceaccount.com")))
    monkeypatch.delenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", raising=False)

    def make(endpoint: str | None) -> storage.Client:
        return make_client(Settings("on_upload", "photos", "memes", "", "", storage_endpoint=endpoint))

    make(None)
    yield make
    os.environ.pop("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", None)


def params(asked: dict[str, Any]) -> dict[str, str]:
    """What was asked besides how much of the answer."""
    return {
        name: value for name, value in asked["query"].items() if name not in ("projection", "prettyPrint")
    }


def test_an_object_is_found_with_all_that_stands_of_it():
    service = Service((200, RESOURCE))
    assert service.bucket().find("a/me.jpg") == STORED
    assert (service.only["method"], service.only["path"]) == ("GET", "/storage/v1/b/photos/o/a%2Fme.jpg")
    assert params(service.only) == {}


def test_an_object_without_metadata_has_none():
    bare = {name: RESOURCE[name] for name in ("name", "generation", "size", "timeCreated")}
    service = Service((200, bare))
    assert service.bucket().find("a/me.jpg") == StoredObject("a/me.jpg", 17, 100, None, None, created=CREATED)


@pytest.mark.parametrize("verb", ["find", "fetch"])
def test_what_is_not_there_is_not_found_by_one_request(verb):
    """For its traces the library would ask for the bucket too."""
    service = Service((404, {}))
    assert getattr(service.bucket(), verb)("x") is None
    assert len(service.asked) == 1


def test_the_newest_bytes_are_fetched():
    service = Service((200, gzip.compress(b"bytes")))
    assert service.bucket().fetch("a/x.json") == b"bytes"
    assert service.only["path"] == "/download/storage/v1/b/photos/o/a%2Fx.json"
    assert params(service.only) == {"alt": "media"}


@pytest.mark.parametrize(
    ("limit", "asked"),
    [(99, "bytes=0-99"), (10, "bytes=0-10"), (100, None), (101, None)],
)
def test_of_a_generation_a_byte_past_the_limit_is_asked_for_at_most(limit, asked):
    """RFC 9110, 14.1.2: the last position counts, so `bytes=0-10` are eleven."""
    service = Service((206 if asked else 200, b"bytes as they lie"))
    assert service.bucket().read(STORED, limit) == b"bytes as they lie"
    assert service.only["headers"].get("range") == asked
    assert params(service.only) == {"alt": "media", "generation": "17"}


def test_packed_bytes_are_not_unpacked():
    packed = gzip.compress(bytes(100_000))
    assert Service((200, packed)).bucket().read(STORED, 1000) == packed


def test_a_generation_that_is_gone_is_not_found():
    with pytest.raises(NotFound):
        Service((404, {})).bucket().read(STORED, 100)


def parts_of(asked: dict[str, Any]) -> tuple[dict[str, Any], str, bytes]:
    """Of a multipart upload: the resource, the content type and the bytes."""
    head = f"Content-Type: {asked['headers']['content-type'].decode()}\r\n\r\n".encode()
    resource, media = message_from_bytes(head + asked["data"]).get_payload()
    return json.loads(resource.get_payload()), media.get_content_type(), media.get_payload(decode=True)


@pytest.mark.parametrize("replaces", [0, 16])
def test_a_write_names_the_generation_that_it_replaces(replaces):
    service = Service((200, RESOURCE))
    written = service.bucket().write("a/me.jpg", b"meme", "image/jpeg", {"source-generation": "5"}, replaces)
    assert written == STORED
    assert (service.only["method"], service.only["path"]) == ("POST", "/upload/storage/v1/b/photos/o")
    assert params(service.only) == {"uploadType": "multipart", "ifGenerationMatch": str(replaces)}
    resource, kind, data = parts_of(service.only)
    assert (resource["name"], resource["metadata"]) == ("a/me.jpg", {"source-generation": "5"})
    assert (kind, data) == ("image/jpeg", b"meme")


def test_a_write_in_place_of_another_generation_fails():
    with pytest.raises(PreconditionFailed):
        Service((412, {})).bucket().write("x", b"", "image/jpeg", {}, 16)


def test_a_copy_is_of_one_generation_with_metadata_of_its_own():
    service = Service(
        (200, {"done": True, "objectSize": "100", "totalBytesRewritten": "100", "resource": RESOURCE})
    )
    service.bucket().copy(STORED, "a/1", {"options": "e30"})
    assert service.only["method"] == "POST"
    assert service.only["path"] == "/storage/v1/b/photos/o/a%2Fme.jpg/rewriteTo/b/photos/o/a%2F1"
    assert params(service.only) == {"sourceGeneration": "17", "ifGenerationMatch": "0"}
    copied = json.loads(service.only["data"])
    assert copied["metadata"] == {"options": "e30"}
    assert (copied["contentType"], copied["contentEncoding"]) == ("image/jpeg", "gzip")


def test_a_copy_in_place_of_a_generation_may_have_a_time_for_lifecycle_rules():
    for at, expected in ((datetime(2026, 11, 30, 10, tzinfo=UTC), "2026-11-30T10:00:00+00:00"), (None, None)):
        service = Service(COPIED)
        service.bucket().copy(STORED, "a/1", {}, replaces=5, custom_time=at)
        assert params(service.only)["ifGenerationMatch"] == "5"
        told = json.loads(service.only["data"]).get("customTime")
        assert (told and datetime.fromisoformat(told)) == (expected and datetime.fromisoformat(expected))


@pytest.mark.parametrize(("status", "error"), [(412, PreconditionFailed), (404, NotFound)])
def test_a_copy_onto_a_name_that_is_taken_or_of_what_is_gone_fails(status, error):
    with pytest.raises(error):
        Service((status, {})).bucket().copy(STORED, "a/1", {})


PAGES = (
    (200, {"items": [RESOURCE, {**RESOURCE, "name": "a/2", "generation": "18"}], "nextPageToken": "more"}),
    (200, {"items": [{**RESOURCE, "name": "a/3", "generation": "19"}]}),
)


def test_a_bucket_has_the_name_that_it_was_given():
    assert Service().bucket().name == "photos"


def test_names_are_listed_page_after_page():
    service = Service(*PAGES)
    assert service.bucket().names("a/") == ["a/me.jpg", "a/2", "a/3"]
    assert [asked["path"] for asked in service.asked] == ["/storage/v1/b/photos/o"] * 2
    first, second = map(params, service.asked)
    assert first == {"prefix": "a/", "fields": "items(name),nextPageToken"}
    assert second == {**first, "pageToken": "more"}


def test_all_objects_are_listed_with_generation_and_time():
    service = Service(*PAGES)
    at = datetime(2026, 11, 30, 10, 0, 0, 500_000, UTC)
    assert list(service.bucket().listed()) == [("a/me.jpg", 17, at), ("a/2", 18, at), ("a/3", 19, at)]
    assert params(service.asked[0]) == {"fields": "items(name,generation,timeCreated),nextPageToken"}


@pytest.mark.parametrize(("generation", "asked"), [(None, {}), (17, {"ifGenerationMatch": "17"})])
@pytest.mark.parametrize("status", [204, 404])
def test_a_deletion_is_of_one_generation_if_it_is_named(generation, asked, status):
    """What is gone already is as good as deleted."""
    service = Service((status, {}))
    service.bucket().delete("a/me.jpg", generation)
    assert (service.only["method"], service.only["path"]) == ("DELETE", "/storage/v1/b/photos/o/a%2Fme.jpg")
    assert params(service.only) == asked


def test_a_deletion_of_another_generation_fails():
    with pytest.raises(PreconditionFailed):
        Service((412, {})).bucket().delete("a/me.jpg", 17)


COPIED = (200, {"done": True, "objectSize": "1", "totalBytesRewritten": "1", "resource": RESOURCE})
VERBS = {
    "find": (lambda bucket: bucket.find("x"), (200, RESOURCE)),
    "fetch": (lambda bucket: bucket.fetch("x"), (200, gzip.compress(b"x"))),
    "read": (lambda bucket: bucket.read(STORED, 200), (200, b"x")),
    "write": (lambda bucket: bucket.write("x", b"", "image/jpeg", {}, 0), (200, RESOURCE)),
    "copy": (lambda bucket: bucket.copy(STORED, "x", {}), COPIED),
    "names": (lambda bucket: bucket.names("x"), (200, {"items": []})),
    "listed": (lambda bucket: list(bucket.listed()), (200, {"items": []})),
    "delete": (lambda bucket: bucket.delete("x", 17), (204, {})),
}


@pytest.fixture
def clock(monkeypatch):
    """Time that passes by waiting alone."""

    class Clock:
        now = 1000.0

        def sleep(self, seconds: float) -> None:
            self.now += seconds

    clock = Clock()
    monkeypatch.setattr("random.uniform", lambda _low, high: high)  # the longest waits that may come
    monkeypatch.setattr("time.sleep", clock.sleep)
    monkeypatch.setattr("time.monotonic", lambda: clock.now)
    return clock


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_time_limit_and_another_try(verb, clock):
    act, answer = VERBS[verb]
    service = Service((503, {}), answer)
    act(service.bucket())
    assert [asked["timeout"] for asked in service.asked] == [(5, 15)] * 2
    assert clock.now > 1000


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_tries_for_longer_than_20_seconds(verb, clock):
    act, _ = VERBS[verb]
    with pytest.raises(Exception, match=r"503|Timeout"):
        act(Service(*[(503, {})] * 1000).bucket())
    assert 10 < clock.now - 1000 <= 20


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [(None, "https://storage.googleapis.com"), ("http://127.0.0.1:8083", "http://127.0.0.1:8083")],
)
def test_a_client_asks_the_endpoint_of_the_settings(start, endpoint, expected):
    assert start(endpoint).api_endpoint == expected
