"""The sweep: what it finds, how often it tries, and that nothing is made twice."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from google.api_core.exceptions import ServiceUnavailable

from cloud.events import Upload
from cloud.names import SWEEP_STATE, report_name
from cloud.storage import Bucket, PreconditionFailed
from cloud.sweep import Sweep, Sweeper
from tests.functions.test_results import MemoryBucket
from tests.support.cut_wire import cut_wire

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Memes(MemoryBucket):
    def fetch(self, name):
        return self.objects[name][1] if name in self.objects else None


class Uploads:
    """Names and times of creation; the generation is the time in seconds."""

    name = "photos"

    def __init__(self, **created: datetime) -> None:
        self.created = created

    def listed(self):
        for name, time in sorted(self.created.items()):
            yield name, int(time.timestamp()), time


class FakeProcessor:
    """Writes the report, unless the upload is among `failing` or kills the whole process."""

    def __init__(self, uploads: Uploads, memes: Memes, failing: set[str] = frozenset(), killer: str = ""):
        self.uploads = uploads
        self.memes = memes
        self.failing = failing
        self.killer = killer
        self.processed: list[Upload] = []

    def takes(self, upload: Upload) -> bool:
        return not upload.is_folder

    def process(self, upload: Upload, trace: str | None = None) -> str:
        self.processed.append(upload)
        if upload.name == self.killer:
            raise KeyboardInterrupt
        if upload.name in self.failing:
            raise ServiceUnavailable("storage is down")
        report(self.memes, upload.name, upload.generation)
        return "done"


class Clocked:
    """A sweeper at a time that a test sets."""

    def __init__(self, processor: FakeProcessor) -> None:
        self.processor = processor
        self.now = NOON

    def sweep(self, at: datetime, run_seconds: float = 60) -> tuple[Sweep, list[str]]:
        """What a run found, and what it processed."""
        begun = len(self.processor.processed)
        run = Sweeper(self.processor, run_seconds, lambda: at).sweep()
        return run, [upload.name for upload in self.processor.processed[begun:]]


def report(memes: Memes, name: str, generation: int) -> None:
    memes.write(report_name(name), b"{}", "application/json", {"source-generation": str(generation)}, 0)


def test_an_upload_of_ten_minutes_without_a_report_is_processed_with_its_generation_and_time(capsys):
    lost = NOON - 10 * MINUTE
    uploads, memes = Uploads(lost=lost, young=NOON - 9 * MINUTE, reported=lost), Memes()
    report(memes, "reported", int(lost.timestamp()))
    clocked = Clocked(FakeProcessor(uploads, memes))
    run, _ = clocked.sweep(NOON)
    assert clocked.processor.processed == [Upload("photos", "lost", int(lost.timestamp()), lost)]
    assert run == Sweep(looked_at=2, found=1, healed=1, failing=0, left=0, waiting=0)
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert line == {
        "severity": "WARNING",
        "message": "sweep done",
        **{"looked_at": 2, "found": 1, "healed": 1, "failing": 0, "left": 0, "waiting": 0},
    }


def test_a_sweep_that_finds_nothing_says_so_without_a_warning(capsys):
    run, processed = Clocked(FakeProcessor(Uploads(), Memes())).sweep(NOON)
    assert (run.found, processed) == (0, [])
    assert json.loads(capsys.readouterr().out)["severity"] == "INFO"


def test_what_is_settled_is_not_looked_at_again():
    uploads, memes = Uploads(), Memes()
    for number in range(50):
        uploads.created[f"photo{number}"] = NOON - (15 + number) * MINUTE
        report(memes, f"photo{number}", int(uploads.created[f"photo{number}"].timestamp()))
    clocked = Clocked(FakeProcessor(uploads, memes))
    assert clocked.sweep(NOON)[0].looked_at == 50
    uploads.created["new"] = NOON - 5 * MINUTE
    run, processed = clocked.sweep(NOON + 10 * MINUTE)
    assert (run.looked_at, processed) == (1, ["new"])


def test_sweeps_that_did_not_run_for_hours_are_made_up_for():
    uploads = Uploads()
    clocked = Clocked(FakeProcessor(uploads, Memes()))
    clocked.sweep(NOON)
    uploads.created["in the gap"] = NOON + HOUR
    assert clocked.sweep(NOON + 9 * HOUR)[1] == ["in the gap"]


def test_a_photo_that_fails_each_time_is_tried_three_times_and_ends_with_its_report():
    uploads = Uploads(bad=NOON)
    processor = FakeProcessor(uploads, Memes(), failing={"bad"})
    clocked = Clocked(processor)
    tried = [n for n in range(1, 120) if clocked.sweep(NOON + n * 10 * MINUTE)[1]]
    assert tried == [1, 6, 36]  # ten minutes, an hour and six hours after the upload
    assert clocked.sweep(NOON + 19 * HOUR + 55 * MINUTE)[0].waiting == 1
    processor.failing = set()  # the end after 20 hours reads no photo
    assert clocked.sweep(NOON + 20 * HOUR + MINUTE)[1] == ["bad"]
    assert clocked.sweep(NOON + 21 * HOUR) == (Sweep(0, 0, 0, 0, 0, 0), [])


def test_a_photo_that_ends_the_process_holds_up_no_other_and_is_not_tried_for_ever():
    uploads = Uploads(killer=NOON, later=NOON + MINUTE, last=NOON + 2 * MINUTE)
    processor = FakeProcessor(uploads, Memes(), killer="killer")
    clocked = Clocked(processor)
    for n in range(2, 100):
        try:
            clocked.sweep(NOON + n * 10 * MINUTE)
        except KeyboardInterrupt:
            continue
    assert [upload.name for upload in processor.processed].count("killer") == 3
    assert {"later.json", "last.json"} <= set(processor.memes.objects)


def test_what_no_time_is_left_for_is_found_by_the_next_sweep():
    uploads = Uploads(a=NOON - HOUR, b=NOON - HOUR)
    clocked = Clocked(FakeProcessor(uploads, Memes()))
    run, processed = clocked.sweep(NOON, run_seconds=-1)
    assert (run.found, run.left, processed) == (2, 2, [])
    assert clocked.sweep(NOON + 10 * MINUTE)[1] == ["a", "b"]


def test_of_two_sweeps_at_once_one_gives_way():
    uploads, memes = Uploads(lost=NOON - HOUR), Memes()
    clocked = Clocked(FakeProcessor(uploads, memes))
    memes.before[f"write {SWEEP_STATE}"] = lambda: Clocked(FakeProcessor(uploads, memes)).sweep(NOON)
    with pytest.raises(PreconditionFailed):
        clocked.sweep(NOON)
    assert clocked.processor.processed == []


@pytest.mark.parametrize(
    "content", [b"", b"no JSON", b"[" * 100_000, b"[]", b'{"tries": {}}', b'{"tries": {"a": []}}']
)
def test_a_memory_that_cannot_be_read_only_costs_a_longer_look(content):
    uploads, memes = Uploads(lost=NOON - HOUR), Memes()
    memes.write(SWEEP_STATE, content, "application/json", {}, 0)
    assert Clocked(FakeProcessor(uploads, memes)).sweep(NOON)[1] == ["lost"]


def test_a_big_bucket_is_read_page_by_page(cloud, developer):
    for number in range(7):
        cloud.upload(f"paged/{number}/", b"")
    bucket = Bucket(developer, cloud.uploads.name)
    whole = [name for name, _, _ in bucket.listed() if name.startswith("paged/")]
    assert whole == [f"paged/{number}/" for number in range(7)]
    pages = developer.list_blobs(cloud.uploads.name, prefix="paged/", page_size=3).pages
    assert [len(list(page)) for page in pages] == [3, 3, 1]


@pytest.mark.slow
def test_with_the_wire_cut_the_sweep_makes_the_memes_and_once_it_is_fixed_nothing_is_doubled(tmp_path, photo):
    """on_upload is away and its events are dropped, as if the trigger were gone for an hour."""
    with cut_wire(tmp_path) as wire:
        stack, cloud = wire.stack, wire.cloud
        names = ["cut/one.jpg", "cut/two.jpg", "cut/no-photo.txt"]
        generations = {name: cloud.upload(name, photo if "jpg" in name else b"text") for name in names}
        wire.lose_an_hour()
        assert stack.sweep() == {
            "looked_at": 3,
            "found": 3,
            "healed": 3,
            "failing": 0,
            "left": 0,
            "waiting": 0,
        }
        made = {blob.name: (blob.generation, blob.md5_hash) for blob in cloud.memes.list_blobs(prefix="cut/")}
        assert set(made) == {f"{names[0]}.json", f"{names[0]}.meme.jpg"} | {
            f"{names[1]}.json",
            f"{names[1]}.meme.jpg",
            f"{names[2]}.json",
        }
        for name, generation in generations.items():
            assert cloud.report(f"{name}.json")["source"]["generation"] == generation
            assert cloud.uploads.get_blob(name).generation == generation  # never rewritten
        wire.mend()
        after = cloud.upload("cut/mended.jpg", photo)
        assert cloud.report("cut/mended.jpg.json", after)["status"] == "done"
        cloud.settle()
        assert stack.sweep()["found"] == 0
        still = {
            blob.name: (blob.generation, blob.md5_hash) for blob in cloud.memes.list_blobs(prefix="cut/")
        }
        assert {name: value for name, value in still.items() if "mended" not in name} == made
