"""The JSON API by the real google-cloud-storage client."""

import io
import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.api_core import exceptions
from google.cloud import storage

from infra.local.config.project import MEMES, UPLOADS
from tests.local.storage import Storage

NAMES = [
    "x",
    "x/1",
    "x/1/2",
    "../up",
    "a/../b",
    "./.",
    "%2F%",
    "a b+c?d#e&f=g",
    "tab\tbell\a\x01\x7f",
    "తెలుగు/ü/😀",
    "/lead//double/",
    "b/memegen-memes/o/x/rewriteTo/b/y/o/z",
    "n" * 1024,
    "é" * 512,
    "d/" * 512,
]


@pytest.fixture(scope="module")
def bucket(cloud: Storage) -> storage.Bucket:
    return cloud.bucket(MEMES)


def content(blob: storage.Blob) -> bytes:
    return blob.download_as_bytes(checksum="crc32c")


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:24])
def test_any_name_comes_back(cloud: Storage, bucket: storage.Bucket, name: str):
    bucket.blob(name).upload_from_string(name.encode(), content_type="text/x-name")
    found = bucket.get_blob(name)
    assert (found.name, found.content_type, content(found)) == (name, "text/x-name", name.encode())
    assert [each.name for each in bucket.list_blobs(prefix=name) if each.name == name] == [name]
    copy = bucket.blob("copy")
    copy.rewrite(found)
    assert content(copy) == name.encode()
    session = cloud.client()._http
    assert session.get(found.self_link).json()["name"] == name
    assert session.get(found.media_link).content == name.encode()


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a\nb", "a\rb", "n" * 1025, "é" * 513], ids=lambda n: ascii(n)[:9]
)
def test_names_that_cloud_storage_does_not_allow(cloud: Storage, name: str):
    url = f"{cloud.urls.storage}/upload/storage/v1/b/{MEMES}/o"
    answer = cloud.client()._http.post(url, params={"uploadType": "media", "name": name}, data=b"1")
    assert answer.status_code == 400


def test_list_in_order_of_bytes_with_prefix_and_pages(bucket: storage.Bucket):
    names = ["list/B", "list/a", "list/a/1", "list/a0", "list/é", "list/￿", "list/😀"]
    for name in [*reversed(names), "list", "lisu"]:
        bucket.blob(name).upload_from_string(b"")
    assert [blob.name for blob in bucket.list_blobs(prefix="list/")] == names
    assert [blob.name for blob in bucket.list_blobs(prefix="list/a", page_size=1)] == [
        "list/a",
        "list/a/1",
        "list/a0",
    ]
    assert [blob.name for blob in bucket.list_blobs(prefix="list/", max_results=2)] == names[:2]


def test_list_with_delimiter(bucket: storage.Bucket):
    for name in ("tree/a", "tree/b/1", "tree/b/2", "tree/b/c/3", "tree/d", "tree/e/"):
        bucket.blob(name).upload_from_string(b"")
    for size in (None, 1, 2):
        listing = bucket.list_blobs(prefix="tree/", delimiter="/", page_size=size)
        assert [blob.name for blob in listing] == ["tree/a", "tree/d"]
        assert listing.prefixes == {"tree/b/", "tree/e/"}


def test_metadata_of_8_kib_and_of_any_script_comes_back(bucket: storage.Bucket):
    blob = bucket.blob("metadata")
    blob.metadata = {"options": "ఆ\n" * 1000, "more": "v" * 4000}
    blob.cache_control = "no-store"
    blob.content_disposition = 'inline; filename="ü.jpg"'
    blob.upload_from_string(b"1", content_type="image/webp")
    found = bucket.get_blob("metadata")
    assert found.metadata == {"options": "ఆ\n" * 1000, "more": "v" * 4000}
    assert (found.cache_control, found.content_type) == ("no-store", "image/webp")
    assert found.content_disposition == 'inline; filename="ü.jpg"'
    assert content(found) == b"1"
    blob.metadata = {"k": "v" * 8192}
    with pytest.raises(exceptions.BadRequest):
        blob.upload_from_string(b"2")
    assert content(found) == b"1"


def test_patch_changes_metadata_and_not_the_generation(bucket: storage.Bucket):
    blob = bucket.blob("patched")
    blob.metadata = {"stays": "1", "goes": "2"}
    blob.upload_from_string(b"1", content_type="image/png")
    generation = blob.generation
    blob.metadata = {"goes": None, "comes": "3"}
    blob.content_type = "image/jpeg"
    blob.patch()
    found = bucket.get_blob("patched")
    assert found.metadata == {"stays": "1", "comes": "3"}
    assert (found.generation, found.metageneration, found.content_type) == (generation, 2, "image/jpeg")


def test_preconditions_on_writes(bucket: storage.Bucket):
    blob = bucket.blob("conditions")
    blob.upload_from_string(b"1", if_generation_match=0)
    first = blob.generation
    for condition in (
        {"if_generation_match": 0},
        {"if_generation_match": first + 1},
        {"if_metageneration_match": 2},
    ):
        with pytest.raises(exceptions.PreconditionFailed):
            bucket.blob("conditions").upload_from_string(b"2", **condition)
        with pytest.raises(exceptions.PreconditionFailed):
            bucket.blob("conditions").rewrite(blob, **condition)
        with pytest.raises(exceptions.PreconditionFailed):
            bucket.delete_blob("conditions", **condition)
    assert content(bucket.blob("conditions")) == b"1"
    blob.upload_from_string(b"2", if_generation_match=first)
    assert blob.generation > first
    bucket.delete_blob("conditions", if_generation_match=blob.generation)
    assert bucket.get_blob("conditions") is None


def test_an_older_generation_is_gone(bucket: storage.Bucket):
    blob = bucket.blob("generations")
    blob.upload_from_string(b"1")
    first = blob.generation
    blob.upload_from_string(b"2")
    with pytest.raises(exceptions.NotFound):
        bucket.blob("generations", generation=first).download_as_bytes()
    with pytest.raises(exceptions.NotFound):
        bucket.delete_blob("generations", generation=first)
    assert content(bucket.blob("generations", generation=blob.generation)) == b"2"


def test_generations_grow_even_after_a_delete(bucket: storage.Bucket):
    generations = []
    for _ in range(5):
        blob = bucket.blob("growing")
        blob.upload_from_string(b"1")
        generations.append(blob.generation)
        blob.delete()
    assert generations == sorted(set(generations))


@pytest.mark.parametrize("round_", range(3))
def test_of_racing_creates_one_wins(cloud: Storage, round_: int):
    buckets = [cloud.bucket(MEMES) for _ in range(8)]

    def create(number: int) -> int | None:
        blob = buckets[number].blob(f"race/{round_}")
        try:
            blob.upload_from_string(b"%d" % number, if_generation_match=0, retry=None)
        except exceptions.PreconditionFailed:
            return None
        return blob.generation

    with ThreadPoolExecutor(8) as threads:
        generations = list(threads.map(create, range(8)))
    winners = [(number, each) for number, each in enumerate(generations) if each is not None]
    assert len(winners) == 1
    found = buckets[0].get_blob(f"race/{round_}")
    assert (content(found), found.generation) == (b"%d" % winners[0][0], winners[0][1])


def test_racing_replacements_each_match_the_one_before(cloud: Storage):
    bucket = cloud.bucket(MEMES)
    bucket.blob("counter").upload_from_string(b"0")

    def count(_: int) -> None:
        while True:
            found = bucket.get_blob("counter")
            try:
                number = int(bucket.blob("counter", generation=found.generation).download_as_bytes())
                bucket.blob("counter").upload_from_string(
                    b"%d" % (number + 1), if_generation_match=found.generation
                )
            except (exceptions.PreconditionFailed, exceptions.NotFound):
                continue
            return

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count, range(12)))
    assert content(bucket.blob("counter")) == b"12"


@pytest.mark.parametrize("size", [0, 1, 262_144, 600_001])
def test_resumable_upload(bucket: storage.Bucket, size: int):
    data = os.urandom(size)
    blob = bucket.blob(f"resumable {size}", chunk_size=262_144)
    blob.metadata = {"k": "v"}
    with blob.open("wb", content_type="image/gif", ignore_flush=True) as file:
        file.write(data)
    found = bucket.get_blob(f"resumable {size}")
    assert (found.metadata, found.content_type, content(found)) == ({"k": "v"}, "image/gif", data)


def test_resumable_upload_goes_on_after_a_break(cloud: Storage):
    session = cloud.client()._http
    url = f"{cloud.urls.storage}/upload/storage/v1/b/{MEMES}/o?uploadType=resumable"
    start = session.post(url, json={"name": "broken/off", "contentType": "image/bmp"})
    place = start.headers["Location"]
    part = session.put(place, data=b"01234", headers={"Content-Range": "bytes 0-4/*"})
    assert (part.status_code, part.headers["Range"]) == (308, "bytes=0-4")
    asked = session.put(place, headers={"Content-Range": "bytes */10"})
    assert (asked.status_code, asked.headers["Range"]) == (308, "bytes=0-4")
    assert session.put(place, data=b"89", headers={"Content-Range": "bytes 8-9/10"}).status_code == 400
    last = session.put(place, data=b"3456789", headers={"Content-Range": "bytes 3-9/10"})
    assert (last.status_code, last.json()["name"], last.json()["contentType"]) == (
        200,
        "broken/off",
        "image/bmp",
    )
    assert session.put(place, headers={"Content-Range": "bytes */10"}).json() == last.json()
    assert content(cloud.bucket(MEMES).blob("broken/off")) == b"0123456789"
    assert session.delete(place).status_code == 499
    assert session.put(place, data=b"0123456789").status_code == 404


def test_resumable_upload_keeps_its_precondition(bucket: storage.Bucket):
    bucket.blob("resumable condition").upload_from_string(b"1")
    blob = bucket.blob("resumable condition", chunk_size=262_144)
    with pytest.raises(exceptions.PreconditionFailed):
        blob.upload_from_file(io.BytesIO(b"2"), if_generation_match=0)
    assert content(bucket.blob("resumable condition")) == b"1"


def test_content_that_holds_multipart_lines_comes_back(cloud: Storage):
    data = b"\r\n--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--"
    body = (
        b'--b\r\nContent-Type: application/json\r\n\r\n{"name": "multi"}\r\n--b\r\nContent-Type: x/y\r\n\r\n'
    )
    answer = cloud.client()._http.post(
        f"{cloud.urls.storage}/upload/storage/v1/b/{MEMES}/o?uploadType=multipart",
        data=body + data + b"\r\n--b--\r\n",
        headers={"Content-Type": "multipart/related; boundary=b"},
    )
    assert (answer.status_code, answer.json()["contentType"]) == (200, "x/y")
    assert content(cloud.bucket(MEMES).blob("multi")) == data


def test_multipart_as_gcloud_writes_it(cloud: Storage):
    body = (
        b"--===1==\nContent-Type: application/json\nMIME-Version: 1.0\n\n"
        b'{"name": "gcloud", "contentType": "image/jpeg", "metadata": {"language": "en"}}\n'
        b"--===1==\nContent-Type: image/jpeg\nMIME-Version: 1.0\n\n\r\n photo\r\n--===1==--\n"
    )
    answer = cloud.client()._http.post(
        f"{cloud.urls.storage}/upload/storage/v1/b/{MEMES}/o?alt=json&uploadType=multipart",
        data=body,
        headers={"content-type": "multipart/related; boundary='===1=='"},
    )
    assert (answer.status_code, answer.json()["metadata"]) == (200, {"language": "en"})
    # The content ends before the line feed that its boundary starts with.
    assert content(cloud.bucket(MEMES).blob("gcloud")) == b"\r\n photo\r"


def test_wrong_digest_is_refused(cloud: Storage):
    url = f"{cloud.urls.storage}/upload/storage/v1/b/{MEMES}/o?uploadType=resumable"
    session = cloud.client()._http
    for wrong in ({"crc32c": "AAAAAA=="}, {"md5Hash": "AAAAAAAAAAAAAAAAAAAAAA=="}):
        place = session.post(url, json={"name": "digest", **wrong}).headers["Location"]
        assert session.put(place, data=b"hello").status_code == 400
    right = {
        "md5Hash": "XUFAKrxLKna5cZ2REBfFkg==",
        "crc32c": "mnG7TA==",
    }  # of b"hello", RFC 1321 and RFC 3720
    place = session.post(url, json={"name": "digest", **right}).headers["Location"]
    assert session.put(place, data=b"hello").status_code == 200


def test_rewrite_takes_new_metadata_and_keeps_the_content(cloud: Storage):
    uploads = cloud.bucket(UPLOADS)
    source = uploads.blob("rewrite/0")
    source.metadata = {"options": "old"}
    source.upload_from_string(b"photo", content_type="image/png")
    target = uploads.blob("rewrite/1")
    target.metadata = {"options": "new"}
    token, rewritten, total = target.rewrite(source, if_generation_match=0)
    assert (token, rewritten, total) == (None, 5, 5)
    found = uploads.get_blob("rewrite/1")
    assert (found.metadata, found.content_type, content(found)) == ({"options": "new"}, "image/png", b"photo")
    assert uploads.get_blob("rewrite/0").metadata == {"options": "old"}
    copy = uploads.copy_blob(source, cloud.bucket(MEMES), "copied")
    assert (copy.metadata, content(copy)) == ({"options": "old"}, b"photo")


def test_bucket_shows_its_cors_list(cloud: Storage):
    assert cloud.client().get_bucket(MEMES).cors[0]["method"] == ["GET", "HEAD"]
    assert sorted(bucket.name for bucket in cloud.client().list_buckets()) == [MEMES, UPLOADS]


def test_unknown_bucket_and_object(cloud: Storage):
    with pytest.raises(exceptions.NotFound):
        cloud.bucket("nothing").blob("x").download_as_bytes()
    with pytest.raises(exceptions.NotFound):
        cloud.bucket(MEMES).blob("nothing").delete()


def test_error_has_cloud_storages_form(cloud: Storage):
    answer = cloud.client()._http.get(f"{cloud.urls.storage}/storage/v1/b/{MEMES}/o/no%2Fthing")
    message = f"No such object: {MEMES}/no/thing"
    assert (answer.status_code, json.loads(answer.content)) == (
        404,
        {
            "error": {
                "code": 404,
                "message": message,
                "errors": [{"message": message, "domain": "global", "reason": "notFound"}],
            }
        },
    )


def test_download_carries_the_digests_that_the_client_checks(bucket: storage.Bucket):
    blob = bucket.blob("hash")
    blob.upload_from_string(b"hello")
    answer = blob.client._http.get(blob.media_link)
    assert answer.headers["x-goog-hash"] == "crc32c=mnG7TA==,md5=XUFAKrxLKna5cZ2REBfFkg=="
