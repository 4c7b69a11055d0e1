"""What becomes of one upload, in the test's own process: each way that it can end, and what is left then."""

import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import cloud.canary
from cloud.events import Upload
from cloud.processing import Processor, unpacked
from memegen import Options, PhotoError, make_meme
from tests.support.memory_bucket import MemoryBucket
from tests.support.photo_files import fields, saved

PHOTO = saved(fields(), "JPEG", quality=90)
NAMES = {"me.jpg.json", "me.jpg.meme.jpg"}


@pytest.fixture
def uploads() -> MemoryBucket:
    return MemoryBucket("photos")


@pytest.fixture
def memes() -> MemoryBucket:
    return MemoryBucket("memes")


@pytest.fixture
def process(uploads, memes, capsys):
    """The outcome of an event, and its log line."""
    processor = Processor(uploads, memes)

    def run(name: str, generation: int, bucket: str = "photos", age: timedelta = timedelta(0)):
        capsys.readouterr()
        outcome = processor.process(
            Upload(bucket, name, generation, datetime.now(UTC) - age), "projects/p/traces/t"
        )
        [line] = capsys.readouterr().out.splitlines()
        entry = json.loads(line)
        assert entry["message"] == f"upload {outcome}"
        assert entry["severity"] == ("ERROR" if outcome == "gave-up" else "INFO")
        assert entry["upload"] == hashlib.sha256(name.encode()).hexdigest()[:12]
        assert entry["generation"] == generation
        assert entry["logging.googleapis.com/trace"] == "projects/p/traces/t"
        assert name not in line
        return outcome, entry

    return run


def test_a_photo_is_done_with_the_library_s_meme_and_report(uploads, memes, process):
    generation = uploads.put("me.jpg", PHOTO, {"caption": "ha", "seed": "7"})
    outcome, entry = process("me.jpg", generation)
    assert outcome == "done"
    made = make_meme(PHOTO, Options(caption="ha", seed=7))
    assert memes.objects["me.jpg.meme.jpg"][1] == made.jpeg
    report = memes.report()
    assert report["status"] == "done"
    assert report["source"] == {"bucket": "photos", "name": "me.jpg", "generation": generation}
    assert report["caption"] == made.report["caption"]
    assert entry["bytes"] == len(PHOTO)
    assert list(entry["stages_ms"]) == [*made.report["timings_ms"], "store"]
    assert set(memes.objects) == NAMES


def test_an_animation_is_published_beside_the_meme(uploads, memes, process):
    options = Options(animate="gif", style="zoom", seed=7)
    generation = uploads.put("me.jpg", PHOTO, {"animate": "gif", "style": "zoom", "seed": "7"})
    assert process("me.jpg", generation)[0] == "done"
    assert memes.objects["me.jpg.meme.gif"][1] == make_meme(PHOTO, options).animation
    assert set(memes.objects) == NAMES | {"me.jpg.meme.gif"}


def test_the_canarys_own_photo_is_marked_in_the_log_and_no_other(uploads, process):
    """Its picture is the file that the canary sends."""
    theirs = (Path(cloud.canary.__file__).parent / "canary.jpg").read_bytes()
    assert process("a.jpg", uploads.put("a.jpg", theirs))[1]["canary"] is True
    assert "canary" not in process("b.jpg", uploads.put("b.jpg", PHOTO))[1]


def test_times_are_in_milliseconds(uploads, process, monkeypatch):
    """A clock that goes on by a quarter of a second each time it's read."""
    ticks = iter(range(10_000))
    monkeypatch.setattr("cloud.processing.time.perf_counter", lambda: next(ticks) / 4)
    _, entry = process("me.jpg", uploads.put("me.jpg", PHOTO))
    assert entry["fetch_ms"] == 250.0
    assert entry["stages_ms"]["store"] == 250.0
    assert entry["total_ms"] >= 1250.0  # it is read four times within, at least
    assert entry["total_ms"] % 250 == 0


def test_without_a_seed_one_is_made_of_the_upload(uploads, memes, process):
    """The contract: SHA-256 of bucket, name and generation, so that a repeated event makes the same meme."""
    generation = uploads.put("me.jpg", PHOTO)
    process("me.jpg", generation)
    digest = hashlib.sha256(f"photos\nme.jpg\n{generation}".encode()).hexdigest()
    assert (
        memes.objects["me.jpg.meme.jpg"][1] == make_meme(PHOTO, Options(seed=int(digest[:16], 16) // 2)).jpeg
    )


@pytest.mark.parametrize(
    ("name", "bucket"), [("albums/", "photos"), ("me.jpg", "memes"), ("me.jpg", "other")]
)
def test_a_folder_and_another_bucket_s_event_are_ignored(uploads, memes, process, name, bucket):
    generation = uploads.put(name, PHOTO)
    assert process(name, generation, bucket)[0] == "ignored"
    assert memes.objects == {}


@pytest.mark.parametrize(
    ("data", "metadata", "code"),
    [
        (b"no photo at all", {}, "not-an-image"),
        (PHOTO[:200], {}, "damaged-image"),
        (PHOTO, {"seed": "many"}, "bad-option"),
        (PHOTO.ljust(20 * 2**20 + 1), {}, "too-many-bytes"),
    ],
)
def test_a_photo_s_own_error_fails_with_its_code(uploads, memes, process, data, metadata, code):
    generation = uploads.put("me.jpg", data, metadata)
    outcome, entry = process("me.jpg", generation)
    assert (outcome, entry["code"], entry["bytes"]) == ("failed", code, len(data))
    report = memes.report()
    assert (report["status"], report["error"]["code"]) == ("failed", code)
    assert len(report["error"]["message"].split()) > 5
    assert set(memes.objects) == {"me.jpg.json"}


def test_at_most_one_byte_past_20_mib_is_read(uploads, process):
    generation = uploads.put("me.jpg", bytes(21 * 2**20))
    assert process("me.jpg", generation)[1]["bytes"] == 20 * 2**20 + 1


@pytest.mark.parametrize("data", [PHOTO, b"no photo"])
def test_an_event_delivered_again_is_settled(uploads, memes, process, data):
    generation = uploads.put("me.jpg", data)
    process("me.jpg", generation)
    before = {name: stored.generation for name, (stored, _) in memes.objects.items()}
    outcome, entry = process("me.jpg", generation)
    assert outcome == "settled"
    assert "bytes" not in entry  # it is not read again
    assert {name: stored.generation for name, (stored, _) in memes.objects.items()} == before


@pytest.mark.parametrize(("hours", "outcome"), [(19.9, "done"), (20.1, "gave-up")])
def test_after_20_hours_an_upload_is_given_up(uploads, memes, process, hours, outcome):
    generation = uploads.put("me.jpg", PHOTO)
    ended, entry = process("me.jpg", generation, age=timedelta(hours=hours))
    assert ended == outcome
    if outcome == "gave-up":
        assert "bytes" not in entry
        assert memes.report()["error"]["code"] == "gave-up"
        assert "20 hours" in memes.report()["error"]["message"]


def test_what_is_replaced_or_deleted_before_its_turn_is_gone_or_taken_back(uploads, memes, process):
    old = uploads.put("me.jpg", PHOTO)
    uploads.put("me.jpg", PHOTO)
    assert process("me.jpg", old)[0] == "gone"
    uploads.delete("me.jpg")
    assert process("me.jpg", old)[0] == "taken-back"
    assert memes.objects == {}


def test_what_is_replaced_while_it_is_read_is_gone(uploads, memes, process):
    generation = uploads.put("me.jpg", PHOTO)
    uploads.before["read me.jpg"] = lambda: uploads.put("me.jpg", PHOTO)
    assert process("me.jpg", generation)[0] == "gone"
    assert memes.objects == {}


def deleting(uploads: MemoryBucket, memes: MemoryBucket, name: str) -> None:
    """The person deletes the photo as soon as this output is about to be written."""
    memes.before[f"write {name}"] = lambda: uploads.delete("me.jpg")


@pytest.mark.parametrize(
    ("data", "output"),
    [(PHOTO, "me.jpg.meme.jpg"), (PHOTO, "me.jpg.json"), (b"no photo", "me.jpg.json")],
)
def test_of_what_is_deleted_while_it_is_processed_nothing_is_left(uploads, memes, process, data, output):
    generation = uploads.put("me.jpg", data)
    deleting(uploads, memes, output)
    assert process("me.jpg", generation)[0] == "taken-back"
    assert memes.objects == {}


def test_a_delivery_that_has_nothing_to_do_takes_back_what_an_earlier_one_left(uploads, memes, process):
    """It ended after its report and before its last look, and meanwhile the photo was deleted."""
    generation = uploads.put("me.jpg", PHOTO)
    process("me.jpg", generation)
    uploads.delete("me.jpg")
    assert process("me.jpg", generation)[0] == "taken-back"
    assert memes.objects == {}


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=21)])
@pytest.mark.parametrize("data", [PHOTO, b"no photo"])
def test_another_delivery_that_reports_first_has_spoken(uploads, memes, process, data, age):
    generation = uploads.put("me.jpg", data)

    def rival() -> None:
        memes.write(
            "me.jpg.json",
            b'{"status": "rival"}',
            "application/json",
            {"source-generation": str(generation)},
            0,
        )

    memes.before["write me.jpg.json"] = rival
    assert process("me.jpg", generation, age=age)[0] == "settled"
    assert memes.report() == {"status": "rival"}


def test_an_error_of_ours_is_raised_for_another_try(uploads, memes):
    generation = uploads.put("me.jpg", PHOTO)
    uploads.before["read me.jpg"] = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        Processor(uploads, memes).process(Upload("photos", "me.jpg", generation, datetime.now(UTC)))
    assert memes.objects == {}


def test_a_photo_stored_as_gzip_is_unpacked(uploads, memes, process):
    generation = uploads.put("me.jpg", gzip.compress(PHOTO), {"seed": "7"}, encoding="gzip")
    assert process("me.jpg", generation)[0] == "done"
    assert memes.objects["me.jpg.meme.jpg"][1] == make_meme(PHOTO, Options(seed=7)).jpeg


PACKED = gzip.compress(b"the photo")


@pytest.mark.parametrize(
    ("data", "encoding", "expected"),
    [
        (PACKED, "gzip", b"the photo"),
        (PACKED, " GZIP ", b"the photo"),
        (PACKED, "x-gzip", b"the photo"),
        (PACKED + b"more", "gzip", b"the photo"),
        (PACKED, None, PACKED),
        (PACKED, "", PACKED),
        (PACKED, "br", PACKED),
        (b"the photo", "gzip", b"the photo"),
        (PACKED.ljust(20 * 2**20 + 1), "gzip", PACKED.ljust(20 * 2**20 + 1)),
        (gzip.compress(bytes(20 * 2**20)), "gzip", bytes(20 * 2**20)),
        (gzip.compress(bytes(20 * 2**20 + 9)), "gzip", bytes(20 * 2**20 + 1)),
        (gzip.compress(b""), "gzip", b""),
    ],
    ids=range(12),
)
def test_the_bytes_of_a_packed_photo(data, encoding, expected):
    """RFC 1952. Only bytes that begin as gzip's do are unpacked, and past 20 MiB one byte at most."""
    assert unpacked(data, encoding) == expected


@pytest.mark.parametrize(
    "data",
    [PACKED[:-1], PACKED[:-8] + bytes(8), PACKED[:2], PACKED[:10] + b"\xff" * 50],
    ids=["cut short", "wrong sum", "head alone", "no deflate stream"],  # the bytes hold the time
)
def test_a_packed_photo_that_is_broken_is_damaged(data):
    with pytest.raises(PhotoError) as caught:
        unpacked(data, "gzip")
    assert caught.value.code == "damaged-image"


def test_a_processor_says_so_if_text_cannot_be_shaped(uploads, memes, monkeypatch, capsys):
    for available, lines in ((True, 0), (False, 1)):
        monkeypatch.setattr("cloud.processing.shaping_available", lambda available=available: available)
        Processor(uploads, memes)
        said = capsys.readouterr().out.splitlines()
        assert [json.loads(line)["severity"] for line in said] == ["WARNING"] * lines
