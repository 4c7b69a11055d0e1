"""URLs signed by google-cloud-storage, used at the running gateway."""

import gzip
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import requests
from google.cloud.storage import _signing

from infra.local.config.project import MEMES, UPLOADS
from tests.local.storage import Storage

UPLOAD = {
    "x-goog-content-length-range": "3,10",
    "x-goog-if-generation-match": "0",
    "x-goog-meta-options": "e30",
}
HEADERS = {"Content-Type": "image/png", **UPLOAD}


def put_url(cloud: Storage, name: str, **options: object) -> str:
    return cloud.signed_url(
        UPLOADS, name, method="PUT", content_type="image/png", headers=dict(UPLOAD), **options
    )


def code(response: requests.Response) -> tuple[int, str | None]:
    return response.status_code, ElementTree.fromstring(response.content).findtext("Code")


def test_put_writes_the_object_with_its_metadata(cloud: Storage):
    name = "web/a b+ü~/0"
    response = requests.put(put_url(cloud, name), data=b"12345", headers=HEADERS)
    assert (response.status_code, response.content) == (200, b"")
    stored = cloud.bucket(UPLOADS).get_blob(name)
    assert (stored.content_type, stored.size, stored.metadata) == ("image/png", 5, {"options": "e30"})
    assert response.headers["x-goog-generation"] == str(stored.generation)
    assert stored.download_as_bytes() == b"12345"


def test_path_style_put_is_accepted(cloud: Storage):
    url = put_url(cloud, "path style/0", api_access_endpoint=cloud.urls.storage)
    assert urlsplit(url).path == "/memegen-uploads/path%20style/0"
    assert requests.put(url, data=b"12345", headers=HEADERS).status_code == 200
    assert cloud.bucket(UPLOADS).blob("path style/0").download_as_bytes() == b"12345"


def test_second_put_is_refused(cloud: Storage):
    url = put_url(cloud, "twice")
    assert requests.put(url, data=b"first", headers=HEADERS).status_code == 200
    assert code(requests.put(url, data=b"second", headers=HEADERS)) == (412, "PreconditionFailed")
    assert cloud.bucket(UPLOADS).blob("twice").download_as_bytes() == b"first"


def test_content_stored_as_gzip_is_unpacked_for_a_client_that_does_not_ask_for_gzip(cloud: Storage):
    packed = gzip.compress(b"0123456789")
    blob = cloud.bucket(MEMES).blob("packed")
    blob.content_encoding = "gzip"
    blob.upload_from_string(packed, content_type="text/plain")
    assert (blob.download_as_bytes(), blob.download_as_bytes(raw_download=True)) == (b"0123456789", packed)
    assert blob.download_as_bytes(start=2, end=4, raw_download=True) == packed[2:5]

    url = cloud.signed_url(MEMES, "packed")
    plain = requests.get(url, headers={"Accept-Encoding": "identity", "Range": "bytes=2-4"})
    assert (plain.status_code, plain.content) == (200, b"0123456789")
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["x-goog-stored-content-encoding"] == "gzip"
    asked = requests.get(url, headers={"Accept-Encoding": "gzip"}, stream=True)
    assert (asked.headers["Content-Encoding"], asked.raw.read(decode_content=False)) == ("gzip", packed)

    blob.cache_control = "no-transform"
    blob.patch()
    kept = requests.get(url, headers={"Accept-Encoding": "identity"}, stream=True)
    assert (kept.headers["Content-Encoding"], kept.raw.read(decode_content=False)) == ("gzip", packed)


def test_of_racing_puts_one_wins(cloud: Storage):
    url = put_url(cloud, "race")
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: requests.put(url, b"body%d" % n, headers=HEADERS), range(8)))
    winners = [n for n, answer in enumerate(answers) if answer.status_code == 200]
    assert len(winners) == 1
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    assert cloud.bucket(UPLOADS).blob("race").download_as_bytes() == b"body%d" % winners[0]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"x" * 11, (400, "EntityTooLarge")),
        (b"x" * 3_000_000, (400, "EntityTooLarge")),
        (b"x" * 2, (400, "EntityTooSmall")),
        (b"", (400, "EntityTooSmall")),
    ],
    ids=["one too many", "far too many", "one too few", "none"],
)
@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_body_outside_the_length_range_is_refused(
    cloud: Storage, body: bytes, expected: tuple[int, str], chunked: bool
):
    data = iter([body[:5], body[5:]]) if chunked else body
    assert code(requests.put(put_url(cloud, "length"), data=data, headers=HEADERS)) == expected
    assert cloud.bucket(UPLOADS).get_blob("length") is None


@pytest.mark.parametrize("size", [3, 10])
def test_chunked_body_within_the_length_range_is_taken(cloud: Storage, size: int):
    name = f"chunked {size}"
    data = (b"x" for _ in range(size))
    assert requests.put(put_url(cloud, name), data=data, headers=HEADERS).status_code == 200
    assert cloud.bucket(UPLOADS).get_blob(name).size == size


def test_connection_goes_on_after_a_refused_body(cloud: Storage):
    with requests.Session() as session:
        refused = session.put(put_url(cloud, "again"), data=b"x" * 100_000, headers=HEADERS)
        assert code(refused) == (400, "EntityTooLarge")
        assert session.put(put_url(cloud, "again"), data=b"12345", headers=HEADERS).status_code == 200


def test_body_that_breaks_off_is_not_stored(cloud: Storage):
    url = urlsplit(put_url(cloud, "broken off"))
    head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": url.netloc, **HEADERS}.items())
    with socket.create_connection(("127.0.0.1", cloud.ports.uploads)) as client:
        client.sendall(
            f"PUT {url.path}?{url.query} HTTP/1.1\r\n{head}Content-Length: 9\r\n\r\n12345".encode()
        )
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"<Code>IncompleteBody</Code>" in answer
    assert cloud.bucket(UPLOADS).get_blob("broken off") is None


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"Content-Type": "image/jpeg"}, (403, "SignatureDoesNotMatch")),
        ({"x-goog-content-length-range": "0,99"}, (403, "SignatureDoesNotMatch")),
        ({"x-goog-if-generation-match": None}, (403, "SignatureDoesNotMatch")),
        ({"x-goog-meta-other": "1"}, (403, "AccessDenied")),
    ],
    ids=["content type", "length range", "precondition left out", "metadata not signed"],
)
def test_other_headers_than_signed_are_refused(
    cloud: Storage, changed: dict[str, str | None], expected: tuple[int, str]
):
    answer = requests.put(put_url(cloud, "headers"), data=b"12345", headers={**HEADERS, **changed})
    assert code(answer) == expected


def test_altered_urls_are_refused(cloud: Storage):
    url = put_url(cloud, "altered")
    for other in (
        url.replace("/altered?", "/altered2?"),
        url[:-4] + "0000",
        url.replace("Expires=600", "Expires=601"),
    ):
        assert code(requests.put(other, data=b"12345", headers=HEADERS)) == (403, "SignatureDoesNotMatch")


def test_url_of_one_host_is_refused_at_others(cloud: Storage):
    url = put_url(cloud, "host")
    address = url.replace("localhost", "127.0.0.1")
    other_bucket = url.replace(f":{cloud.ports.uploads}/", f":{cloud.ports.memes}/")
    spoofed = {**HEADERS, "Host": f"localhost:{cloud.ports.uploads}"}
    for answer in (
        requests.put(address, data=b"12345", headers=HEADERS),
        requests.put(other_bucket, data=b"12345", headers=HEADERS),
        requests.put(other_bucket, data=b"12345", headers=spoofed),
    ):
        assert code(answer) == (403, "SignatureDoesNotMatch")


def test_expired_url_is_refused(cloud: Storage, monkeypatch: pytest.MonkeyPatch):
    long_ago = datetime.now(UTC) - timedelta(minutes=11)
    stamps = long_ago.strftime("%Y%m%dT%H%M%SZ"), long_ago.strftime("%Y%m%d")
    monkeypatch.setattr(_signing, "get_v4_now_dtstamps", lambda: stamps)
    url = put_url(cloud, "expired")
    assert code(requests.put(url, data=b"12345", headers=HEADERS)) == (400, "ExpiredToken")


def test_unsigned_request_is_refused(cloud: Storage):
    assert code(requests.get(f"{cloud.urls.memes}/x")) == (403, "AccessDenied")
    assert code(requests.put(f"{cloud.urls.uploads}/x", data=b"12345")) == (403, "AccessDenied")


def test_account_signs_only_what_it_may_do(cloud: Storage):
    assert code(requests.get(cloud.signed_url(UPLOADS, "x"))) == (403, "AccessDenied")
    put = cloud.signed_url(MEMES, "x", method="PUT")
    assert code(requests.put(put, data=b"12345")) == (403, "AccessDenied")
    delete = cloud.signed_url(UPLOADS, "x", method="DELETE")
    assert code(requests.delete(delete)) == (403, "AccessDenied")


def test_creator_cannot_replace_an_object(cloud: Storage):
    cloud.bucket(UPLOADS).blob("kept").upload_from_string(b"old")
    url = cloud.signed_url(UPLOADS, "kept", method="PUT")
    assert code(requests.put(url, data=b"new")) == (403, "AccessDenied")
    assert cloud.bucket(UPLOADS).blob("kept").download_as_bytes() == b"old"


def test_get_gives_the_content_and_what_was_signed_with_it(cloud: Storage):
    cloud.bucket(MEMES).blob("a meme.jpg").upload_from_string(b"0123456789", content_type="image/jpeg")
    plain = requests.get(cloud.signed_url(MEMES, "a meme.jpg"))
    assert (plain.status_code, plain.content, plain.headers["Content-Type"]) == (
        200,
        b"0123456789",
        "image/jpeg",
    )
    assert "Content-Disposition" not in plain.headers
    disposition = 'attachment; filename="meme.jpg"'
    url = cloud.signed_url(MEMES, "a meme.jpg", response_disposition=disposition, response_type="text/x-own")
    download = requests.get(url)
    assert download.headers["Content-Disposition"] == disposition
    assert download.headers["Content-Type"] == "text/x-own"
    assert code(requests.get(url.replace("attachment", "inline"))) == (403, "SignatureDoesNotMatch")


def test_head_and_ranges(cloud: Storage):
    cloud.bucket(MEMES).blob("ranges").upload_from_string(b"0123456789")
    head = requests.head(cloud.signed_url(MEMES, "ranges", method="HEAD"))
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, "10", b"")
    url = cloud.signed_url(MEMES, "ranges")
    part = requests.get(url, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert code(requests.get(url, headers={"Range": "bytes=10-"})) == (416, "InvalidRange")


def test_object_that_is_not_there(cloud: Storage):
    assert code(requests.get(cloud.signed_url(MEMES, "nothing"))) == (404, "NoSuchKey")


def test_name_with_leading_and_double_slashes(cloud: Storage):
    for name in ("/lead", "//two", "a//b", "end/"):
        assert requests.put(put_url(cloud, name), data=b"12345", headers=HEADERS).status_code == 200
        assert cloud.bucket(UPLOADS).blob(name).download_as_bytes() == b"12345"
