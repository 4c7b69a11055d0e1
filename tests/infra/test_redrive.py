"""Uploads that were given up get another try."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.cloud import storage
from PIL import Image

from infra.local.stack.stack import Stack
from infra.tools import redrive
from tests.support.buckets import Cloud, deliver_event

OPTIONS = {"caption": "again, please", "unrelated": "kept"}


@pytest.fixture(scope="module")
def photo() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (160, 90), "teal").save(drawn, "PNG")
    return drawn.getvalue()


def report_name(name: str) -> str:
    """The report of an upload; a name that is too long for one is hashed."""
    return f"{name}.json" if len(name) < 1000 else f"sha256-{hashlib.sha256(name.encode()).hexdigest()}.json"


@pytest.fixture
def command(stack: Stack, as_developer: None) -> list[str]:
    return ["--uploads", stack.uploads_bucket, "--storage", stack.storage_url]


@pytest.fixture
def given_up(cloud: Cloud, photo: bytes) -> dict[str, int]:
    """Uploads whose only event came too late: names and generations."""
    names = ["redrive/one.jpg", "redrive/with space, comma and ü.jpg", f"redrive/{'x' * 1010}"]
    generations = {name: cloud.upload(name, photo, OPTIONS) for name in names}
    for name in names:
        cloud.report(report_name(name))
    cloud.settle()
    for blob in cloud.memes.list_blobs():
        blob.delete()
    late = datetime.now(UTC) - timedelta(hours=23)
    for name, generation in generations.items():
        deliver_event(cloud.stack.on_upload_url, cloud.uploads.name, name, generation, late)
        assert cloud.report(report_name(name))["error"]["code"] == "gave-up"
    return generations


def test_all_that_gave_up_are_sent_again_and_nothing_else(
    stack: Stack,
    cloud: Cloud,
    photo: bytes,
    given_up: dict[str, int],
    command: list[str],
    capsys: pytest.CaptureFixture[str],
):
    done = cloud.upload("redrive/done.jpg", photo)
    broken = cloud.upload("redrive/broken.jpg", b"no picture")
    for name in ("redrive/done.jpg", "redrive/broken.jpg"):
        cloud.report(f"{name}.json")

    assert redrive.main([*command, "--memes", stack.memes_bucket]) == 0
    *told, last = capsys.readouterr().out.splitlines()
    assert sorted(told) == sorted(f"sent again: {name}" for name in given_up)
    assert last == "Uploads sent again: 3."
    for name, generation in given_up.items():
        again = cloud.uploads.get_blob(name)
        assert again.generation > generation
        assert (again.metadata, again.content_type) == (OPTIONS, "application/octet-stream")
        assert again.download_as_bytes() == photo
        report = cloud.report(report_name(name), again.generation)
        assert (report["status"], report["caption"]["text"]) == ("done", "again, please")
        assert cloud.memes.get_blob(report["meme"]["name"]).generation == report["meme"]["generation"]
    assert cloud.uploads.get_blob("redrive/done.jpg").generation == done
    assert cloud.uploads.get_blob("redrive/broken.jpg").generation == broken

    assert redrive.main([*command, "--memes", stack.memes_bucket]) == 0
    assert capsys.readouterr().out == "Uploads sent again: 0.\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no JSON",
        b"[" * 100_000,
        b"\xff\xfe",
        b"[]",
        b"7",
        b"{}",
        b'{"status": "failed"}',
        b'{"status": "failed", "error": "gave-up"}',
        b'{"status": "failed", "error": {"code": "gave-up"}, "source": {"name": 7}}',
    ],
)
def test_a_foreign_file_in_the_memes_bucket_is_passed_over(
    stack: Stack, cloud: Cloud, command: list[str], capsys: pytest.CaptureFixture[str], content: bytes
):
    foreign = cloud.memes.blob("redrive/somebody's own.json")
    foreign.upload_from_string(content, content_type="application/json")
    assert redrive.main([*command, "--memes", stack.memes_bucket]) == 0
    assert capsys.readouterr().out == "Uploads sent again: 0.\n"
    assert foreign.download_as_bytes() == content
    foreign.delete()


def test_of_the_reports_that_are_done_none_is_read(
    stack: Stack, cloud: Cloud, photo: bytes, command: list[str], monkeypatch: pytest.MonkeyPatch
):
    for name, data in (("redrive/good.jpg", photo), ("redrive/bad.jpg", b"no picture")):
        cloud.upload(name, data)
        cloud.report(f"{name}.json")
    read = []
    download = storage.Blob.download_as_bytes
    monkeypatch.setattr(
        storage.Blob, "download_as_bytes", lambda blob: read.append(blob.name) or download(blob)
    )
    assert redrive.main([*command, "--memes", stack.memes_bucket]) == 0
    assert "redrive/bad.jpg.json" in read
    assert "redrive/good.jpg.json" not in read


def test_named_uploads_are_sent_again_whatever_their_report_says(
    cloud: Cloud, photo: bytes, command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    name = "redrive/named, with a comma.jpg"
    generation = cloud.upload(name, photo)
    before = cloud.report(f"{name}.json")
    listed = tmp_path / "names.txt"
    listed.write_text(f"{name}\nredrive/deleted.jpg\n")
    assert redrive.main([*command, "--names", str(listed)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"sent again: {name}",
        "gone: redrive/deleted.jpg",
        "Uploads sent again: 1.",
    ]
    again = cloud.uploads.get_blob(name)
    assert again.generation > generation
    report = cloud.report(f"{name}.json", again.generation)
    assert report["meme"]["generation"] > before["meme"]["generation"]


def test_upload_that_is_replaced_meanwhile_is_left_alone(cloud: Cloud, photo: bytes):
    name = "redrive/replaced.jpg"
    cloud.upload(name, photo)
    newer = []

    class Racing:
        """The bucket, in which a newer upload comes between the look and the rewrite."""

        def get_blob(self, name: str) -> object:
            found = cloud.uploads.get_blob(name)
            newer.append(cloud.upload(name, photo))
            return found

    assert redrive.redrive(Racing(), name) in ("gone", "replaced meanwhile")
    assert cloud.uploads.get_blob(name).generation == newer[0]


def test_without_the_right_to_it_says_how_far_it_came(
    stack: Stack,
    cloud: Cloud,
    photo: bytes,
    command: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(stack.account_file("on-upload")))
    cloud.upload("redrive/forbidden.jpg", photo)
    listed = tmp_path / "names.txt"
    listed.write_text("redrive/forbidden.jpg\n")
    assert redrive.main([*command, "--names", str(listed)]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err[:47]) == ("", "Stopped after 0 uploads; start again for the ot")
    assert "storage.objects.create" in told.err
