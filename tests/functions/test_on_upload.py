"""on_upload on the running stack: direct uploads with the real client library, bad input, repeats, ends."""

import base64
import gzip
import hashlib
import io
import json
import shutil
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import numpy as np
import pytest
import requests
from google.auth.transport.requests import Request
from google.oauth2 import service_account
from PIL import Image

from cloud.events import Upload
from cloud.names import default_seed
from cloud.processing import Processor, unpacked
from cloud.storage import Bucket, NotFound
from memegen import Options, make_meme
from tests.support.buckets import deliver_event
from tests.support.drawing import DRAWN, draw_portrait


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"direct/{uuid.uuid4().hex}/me & my photo.jpg"


def deliver(
    stack, name: str, generation: object, at: datetime | None = None, bucket: str | None = None
) -> requests.Response:
    return deliver_event(stack.on_upload_url, bucket or stack.uploads_bucket, name, generation, at)


def outcomes(cloud, generation: int) -> list[str]:
    return [line["message"].removeprefix("upload ") for line in cloud.log_lines(generation)]


def test_a_direct_upload_of_any_name_becomes_a_meme(cloud, photo, name):
    generation = cloud.upload(name, photo)
    report = cloud.report(f"{name}.json")
    assert report["status"] == "done"
    assert report["source"] == {"bucket": cloud.uploads.name, "name": name, "generation": generation}
    meme = cloud.memes.get_blob(f"{name}.meme.jpg")
    assert (report["meme"]["name"], report["meme"]["generation"]) == (meme.name, meme.generation)
    assert meme.content_type == "image/jpeg"
    assert cloud.memes.get_blob(f"{name}.json").content_type == "application/json"
    assert meme.metadata == {"source-generation": str(generation)}
    told = {"source-generation": str(generation), "status": "done"}
    assert cloud.memes.get_blob(f"{name}.json").metadata == told
    seed = default_seed(cloud.uploads.name, name, generation)
    assert meme.download_as_bytes() == make_meme(photo, Options(seed=seed)).jpeg


@pytest.mark.parametrize("name_of", [lambda tail: f"అమ్మ {tail} 😀?#%.jpg", lambda tail: tail + "ä" * 490])
def test_names_in_any_script_and_of_any_length(cloud, photo, name_of):
    name = name_of(uuid.uuid4().hex)
    cloud.upload(name, photo)
    long = len(name.encode()) > 1014
    stem = f"sha256-{hashlib.sha256(name.encode()).hexdigest()}" if long else name
    report = cloud.report(f"{stem}.json")
    assert report["meme"]["name"] == f"{stem}.meme.jpg"
    assert report["source"]["name"] == name


@pytest.mark.parametrize("form", ["plain", "options"])
def test_options_ride_on_a_direct_upload(cloud, photo, name, form):
    options = {"caption": "Γέλα\nplease", "expression": "anger", "seed": "7"}
    entry = base64.urlsafe_b64encode(json.dumps(options).encode()).rstrip(b"=").decode()
    cloud.upload(name, photo, {"camera": "mine", **(options if form == "plain" else {"options": entry})})
    report = cloud.report(f"{name}.json")
    assert report["caption"]["text"] == "Γέλα\nplease"
    assert report["expression"] == "anger"


def test_a_seed_is_kept_where_one_is_given(cloud, photo, name):
    cloud.upload(name, photo, {"seed": "7", "variant": "3"})
    cloud.report(f"{name}.json")
    jpeg = cloud.memes.blob(f"{name}.meme.jpg").download_as_bytes()
    assert jpeg == make_meme(photo, Options(seed=7, variant=3)).jpeg


def test_curl_uploads_too(cloud, stack, photo, name, tmp_path):
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    credentials = service_account.Credentials.from_service_account_file(
        stack.account_file("developer"), scopes=["https://www.googleapis.com/auth/devstorage.read_write"]
    )
    credentials.refresh(Request())
    file = tmp_path / "me.jpg"
    file.write_bytes(photo)
    url = f"{stack.storage_url}/upload/storage/v1/b/{stack.uploads_bucket}/o?uploadType=media"
    command = [curl, "--silent", "--show-error", "--fail-with-body", "--data-binary", f"@{file}"]
    command += ["-H", f"Authorization: Bearer {credentials.token}", "-H", "Content-Type: image/jpeg"]
    done = subprocess.run([*command, f"{url}&name={quote(name, safe='')}"], capture_output=True, check=True)
    assert json.loads(done.stdout)["name"] == name
    assert cloud.report(f"{name}.json")["status"] == "done"


def portrait(expression: str, seed: int) -> bytes:
    pixels = draw_portrait(320, expression, np.random.default_rng(seed))
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def encoded(format: str, size: tuple[int, int] = (40, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size).save(buffer, format)
    return buffer.getvalue()


BAD_INPUT = {
    "text": (lambda photo: b"Dear diary, this is no picture.", {}, "not-an-image"),
    "empty": (lambda photo: b"", {}, "not-an-image"),
    "a PDF": (lambda photo: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(2000), {}, "unsupported-format"),
    "cut off": (lambda photo: photo[: len(photo) // 2], {}, "damaged-image"),
    "too many bytes": (lambda photo: photo + bytes(20 * 2**20), {}, "too-many-bytes"),
    "too many pixels": (lambda photo: encoded("PNG", (8000, 8126)), {}, "too-many-pixels"),
    "a wrong option": (lambda photo: photo, {"expression": "bored"}, "bad-option"),
    "unreadable options": (lambda photo: photo, {"options": "!"}, "bad-option"),
}


@pytest.mark.parametrize("kind", BAD_INPUT)
def test_bad_input_ends_in_a_failed_report_after_one_delivery(cloud, photo, name, kind):
    make, metadata, code = BAD_INPUT[kind]
    generation = cloud.upload(name, make(photo), metadata)
    report = cloud.report(f"{name}.json")
    assert set(report) == {"status", "error", "source"}
    assert report["status"] == "failed"
    assert report["error"]["code"] == code
    assert report["error"]["message"].endswith(".")
    assert report["source"]["generation"] == generation
    cloud.settle()
    assert outcomes(cloud, generation) == ["failed"]
    assert cloud.names(name) == sorted(
        [f"{cloud.memes.name}/{name}.json", f"{cloud.uploads.name}/{name}"],
    )


def test_a_failed_report_names_the_characters_of_an_own_text_that_no_font_has(cloud, photo, name):
    cloud.upload(name, photo, {"caption": "good ไทย"})
    error = cloud.report(f"{name}.json")["error"]
    assert error["code"] == "bad-option"
    assert error["characters"] == ["ท", "ย", "ไ"]


def test_other_uploads_go_on_beside_a_bad_one(cloud, photo, name):
    cloud.upload(name, b"no picture")
    cloud.upload(f"{name}-2", photo)
    assert cloud.report(f"{name}-2.json")["status"] == "done"
    assert cloud.report(f"{name}.json")["status"] == "failed"


def test_many_at_once_are_read_as_each_alone(cloud, name):
    """The threads of one process share the models' files and nothing of their state."""
    photos = {f"{name}-{n}": portrait(expression, n) for n, expression in enumerate(DRAWN * 4)}
    with ThreadPoolExecutor(len(photos)) as pool:
        generations = list(pool.map(cloud.upload, photos, photos.values()))
    for (upload, data), generation in zip(photos.items(), generations, strict=True):
        report = cloud.report(f"{upload}.json")
        expected = make_meme(data, Options(seed=default_seed(cloud.uploads.name, upload, generation)))
        assert len(report["faces"]) == 1
        assert report["faces"] == expected.report["faces"]
        assert cloud.memes.blob(f"{upload}.meme.jpg").download_as_bytes() == expected.jpeg


def test_an_event_delivered_many_times_at_once_makes_one_meme(stack, cloud, photo, name):
    generation = cloud.upload(name, photo)
    cloud.report(f"{name}.json")
    cloud.settle()
    jpeg = cloud.memes.blob(f"{name}.meme.jpg").download_as_bytes()
    for output in (f"{name}.meme.jpg", f"{name}.json"):
        cloud.memes.blob(output).delete()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: deliver(stack, name, generation), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    meme = cloud.memes.get_blob(f"{name}.meme.jpg")
    assert meme.download_as_bytes() == jpeg
    assert cloud.report(f"{name}.json")["meme"]["generation"] == meme.generation
    assert outcomes(cloud, generation)[1:].count("done") == 1


def test_a_folder_is_no_photo(cloud, name):
    generation = cloud.upload(f"{name}/", b"")
    cloud.settle()
    assert outcomes(cloud, generation) == ["ignored"]
    assert cloud.names(f"{name}/") == [f"{cloud.uploads.name}/{name}/"]


def test_the_newest_upload_of_a_name_wins(stack, cloud, photo, name):
    first = cloud.upload(name, photo, {"caption": "first"})
    second = cloud.upload(name, photo, {"caption": "second"})
    assert cloud.report(f"{name}.json", second)["caption"]["text"] == "second"
    cloud.settle()
    for generation in (first, second):
        assert deliver(stack, name, generation).status_code == 200
        assert outcomes(cloud, generation)[-1] == "settled"
    assert cloud.report(f"{name}.json")["source"]["generation"] == second
    assert cloud.memes.get_blob(f"{name}.meme.jpg").metadata == {"source-generation": str(second)}


def test_a_bad_upload_over_a_good_one_takes_its_meme_away(cloud, photo, name):
    cloud.upload(name, photo)
    cloud.report(f"{name}.json")
    second = cloud.upload(name, b"no picture")
    assert cloud.report(f"{name}.json", second)["status"] == "failed"
    cloud.settle()
    assert cloud.memes.get_blob(f"{name}.meme.jpg") is None


def test_an_event_delivered_again_makes_the_same_meme(stack, cloud, photo, name):
    generation = cloud.upload(name, photo)
    cloud.report(f"{name}.json")
    cloud.settle()
    before = cloud.memes.get_blob(f"{name}.meme.jpg")
    assert deliver(stack, name, generation).status_code == 200
    assert cloud.memes.get_blob(f"{name}.meme.jpg").generation == before.generation
    jpeg = before.download_as_bytes()
    for output in (f"{name}.meme.jpg", f"{name}.json"):
        cloud.memes.blob(output).delete()
    assert deliver(stack, name, generation).status_code == 200
    assert cloud.memes.blob(f"{name}.meme.jpg").download_as_bytes() == jpeg
    assert outcomes(cloud, generation) == ["done", "settled", "done"]


def test_an_event_older_than_20_hours_is_given_up_before_any_work(stack, cloud, photo, name):
    generation = cloud.upload(name, photo)
    cloud.report(f"{name}.json")
    cloud.settle()
    for output in (f"{name}.meme.jpg", f"{name}.json"):
        cloud.memes.blob(output).delete()
    now = datetime.now(UTC)
    assert deliver(stack, name, generation, now - timedelta(hours=20, minutes=1)).status_code == 200
    report = cloud.report(f"{name}.json")
    assert (report["status"], report["error"]["code"]) == ("failed", "gave-up")
    assert cloud.memes.get_blob(f"{name}.meme.jpg") is None
    line = cloud.log_lines(generation)[-1]
    assert (line["message"], line["severity"]) == ("upload gave-up", "ERROR")

    cloud.memes.blob(f"{name}.json").delete()
    assert deliver(stack, name, generation, now - timedelta(hours=19, minutes=59)).status_code == 200
    assert cloud.report(f"{name}.json")["status"] == "done"


def test_an_upload_gone_before_its_turn_is_let_go(stack, cloud, photo, name):
    generation = cloud.upload(name, photo)
    cloud.report(f"{name}.json")
    cloud.settle()
    for bucket, gone in (
        (cloud.memes, f"{name}.json"),
        (cloud.memes, f"{name}.meme.jpg"),
        (cloud.uploads, name),
    ):
        bucket.blob(gone).delete()
    assert deliver(stack, name, generation).status_code == 200
    assert outcomes(cloud, generation)[-1] == "taken-back"
    assert cloud.names(name) == []


def test_an_event_of_a_replaced_upload_is_let_go(stack, cloud, photo, name):
    second = cloud.upload(name, photo)
    cloud.report(f"{name}.json")
    cloud.settle()
    for output in (f"{name}.meme.jpg", f"{name}.json"):
        cloud.memes.blob(output).delete()
    assert deliver(stack, name, second - 1).status_code == 200
    assert outcomes(cloud, second - 1) == ["gone"]
    assert cloud.names(name) == [f"{cloud.uploads.name}/{name}"]


class Interrupted(Bucket):
    """The uploads bucket, in which something happens just after a photo has been read."""

    def __init__(self, client, name, then) -> None:
        super().__init__(client, name)
        self._then = then

    def read(self, found, limit):
        data = super().read(found, limit)
        self._then()
        return data


@pytest.mark.parametrize("content", ["a photo", "no photo"])
def test_an_upload_deleted_while_it_is_processed_leaves_nothing(
    developer, cloud, photo, name, content, capsys
):
    generation = cloud.upload(name, photo if content == "a photo" else b"no photo")
    cloud.report(f"{name}.json")
    cloud.settle()
    for output in (f"{name}.meme.jpg", f"{name}.json"):
        if cloud.memes.get_blob(output):
            cloud.memes.blob(output).delete()
    uploads = Interrupted(developer, cloud.uploads.name, lambda: cloud.uploads.blob(name).delete())
    processor = Processor(uploads, Bucket(developer, cloud.memes.name))
    upload = Upload(uploads.name, name, generation, datetime.now(UTC))
    assert processor.process(upload) == "taken-back"
    assert cloud.names(name) == []


def test_an_upload_replaced_while_it_is_processed_gives_way(developer, cloud, photo, name):
    generation = cloud.upload(name, photo, {"caption": "first"})
    cloud.report(f"{name}.json")
    cloud.settle()
    for output in (f"{name}.meme.jpg", f"{name}.json"):
        cloud.memes.blob(output).delete()

    def replace() -> None:
        second = cloud.upload(name, photo, {"caption": "second"})
        cloud.report(f"{name}.json", second)

    processor = Processor(
        Interrupted(developer, cloud.uploads.name, replace), Bucket(developer, cloud.memes.name)
    )
    upload = Upload(cloud.uploads.name, name, generation, datetime.now(UTC))
    assert processor.process(upload) == "settled"
    assert cloud.report(f"{name}.json")["caption"]["text"] == "second"


@pytest.mark.parametrize("content", ["a photo", "no photo"])
def test_a_missing_memes_bucket_is_no_reason_to_let_a_photo_go(developer, cloud, photo, name, content):
    generation = cloud.upload(name, photo if content == "a photo" else b"no photo")
    processor = Processor(Bucket(developer, cloud.uploads.name), Bucket(developer, "memegen-nowhere"))
    with pytest.raises(NotFound):
        processor.process(Upload(cloud.uploads.name, name, generation, datetime.now(UTC)))


def upload_packed(cloud, name: str, data: bytes, encoding: str = "gzip") -> int:
    """A direct upload of bytes that are said to be packed."""
    blob = cloud.uploads.blob(name)
    blob.content_encoding = encoding
    blob.upload_from_string(data, content_type="image/jpeg")
    return int(blob.generation)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_a_photo_stored_as_gzip_is_unpacked(cloud, photo, name, encoding):
    generation = upload_packed(cloud, name, gzip.compress(photo), encoding)
    assert cloud.report(f"{name}.json")["status"] == "done"
    seed = default_seed(cloud.uploads.name, name, generation)
    assert (
        cloud.memes.blob(f"{name}.meme.jpg").download_as_bytes() == make_meme(photo, Options(seed=seed)).jpeg
    )


@pytest.mark.parametrize("encoding", ["gzip", "br", "nonsense"])
def test_a_photo_that_is_only_said_to_be_packed_is_read_as_it_is(cloud, photo, name, encoding):
    upload_packed(cloud, name, photo, encoding)
    assert cloud.report(f"{name}.json")["status"] == "done"


BAD_GZIP = {
    "cut off": (lambda photo: gzip.compress(photo)[:-9], "damaged-image"),
    "a wrong checksum": (lambda photo: gzip.compress(photo)[:-8] + bytes(8), "damaged-image"),
    "a wrong byte": (lambda photo: gzip.compress(photo)[:10] + b"\xff" * 100, "damaged-image"),
    "the first two bytes": (lambda photo: gzip.compress(photo)[:2], "damaged-image"),
    "a bomb": (lambda photo: gzip.compress(photo + bytes(2**30)), "too-many-bytes"),
    "20 MiB and one byte": (lambda photo: gzip.compress(photo.ljust(20 * 2**20 + 1)), "too-many-bytes"),
    "packed past 20 MiB": (lambda photo: gzip.compress(random_bytes(20 * 2**20 + 1)), "too-many-bytes"),
    "gzip in gzip": (lambda photo: gzip.compress(gzip.compress(photo)), "unsupported-format"),
    "nothing": (lambda photo: gzip.compress(b""), "not-an-image"),
}


def random_bytes(size: int) -> bytes:
    return np.random.default_rng(1).bytes(size)


@pytest.mark.parametrize("kind", BAD_GZIP)
def test_a_bad_gzip_is_reported_as_what_it_is(cloud, photo, name, kind):
    make, code = BAD_GZIP[kind]
    generation = upload_packed(cloud, name, make(photo))
    assert cloud.report(f"{name}.json")["error"]["code"] == code
    cloud.settle()
    assert outcomes(cloud, generation) == ["failed"]


def test_of_a_bomb_one_byte_past_20_mib_is_unpacked():
    assert len(unpacked(gzip.compress(bytes(2**28)), "gzip")) == 20 * 2**20 + 1


def test_a_photo_of_20_mib_may_be_packed(cloud, photo, name):
    upload_packed(cloud, name, gzip.compress(photo.ljust(20 * 2**20)))
    assert cloud.report(f"{name}.json")["status"] == "done"


def test_bytes_are_read_as_they_lie(developer, cloud, name):
    """Not as the library would unpack them, a thousand times as many."""
    packed = gzip.compress(bytes(100_000))
    upload_packed(cloud, name, packed)
    bucket = Bucket(developer, cloud.uploads.name)
    assert bucket.read(bucket.find(name), limit=1000) == packed
    assert bucket.read(bucket.find(name), limit=10) == packed[:11]


def test_of_a_photo_past_20_mib_one_byte_more_is_read(cloud, photo, name):
    generation = cloud.upload(name, photo + bytes(20 * 2**20))
    assert cloud.report(f"{name}.json")["error"]["code"] == "too-many-bytes"
    cloud.settle()
    [line] = cloud.log_lines(generation)
    assert line["bytes"] == 20 * 2**20 + 1


def test_at_most_one_byte_past_the_limit_is_read(developer, cloud, name):
    cloud.upload(name, bytes(range(100)))
    bucket = Bucket(developer, cloud.uploads.name)
    found = bucket.find(name)
    assert bucket.read(found, limit=10) == bytes(range(11))
    assert bucket.read(found, limit=99) == bytes(range(100))
    assert bucket.read(found, limit=100) == bytes(range(100))


def test_an_event_of_another_bucket_is_ignored(stack, cloud, name):
    assert deliver(stack, name, 7777, bucket=stack.memes_bucket).status_code == 200
    assert outcomes(cloud, 7777) == ["ignored"]


def test_an_internal_error_is_raised_for_another_try_and_logged_without_names(stack, cloud, name):
    """A generation that no number holds: the event can't be one of Cloud Storage."""
    answer = deliver(stack, name, "next")
    assert answer.status_code == 500
    log = (stack.state / "logs" / "on_upload.log").read_text()
    assert "upload not processed, to be tried again" in log
    assert name not in log + answer.text


def test_the_log_holds_a_line_a_photo_with_its_stages_and_no_name(stack, cloud, photo, name):
    generation = cloud.upload(name, photo, {"caption": "A caption nobody shall log"})
    cloud.report(f"{name}.json")
    cloud.settle()
    [line] = cloud.log_lines(generation)
    assert line["severity"] == "INFO"
    assert list(line["stages_ms"]) == ["decode", "find", "read", "caption", "draw", "encode", "store"]
    assert line["bytes"] == len(photo)
    assert line["fetch_ms"] > 0
    log = (stack.state / "logs" / "on_upload.log").read_text()
    assert name not in log
    assert "nobody shall log" not in log


def test_an_event_may_hold_all_the_metadata_that_an_object_can_have(stack, cloud, photo):
    metadata = {"note": "\x01" * 8000}  # six characters each in JSON
    generation = cloud.upload("much metadata.jpg", photo, metadata)
    assert cloud.report("much metadata.jpg.json", generation)["status"] == "done"
