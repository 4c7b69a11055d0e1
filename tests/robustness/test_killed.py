"""on_upload's worker process killed at each stage of a photo: the next delivery finishes it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from memegen import Options, make_meme
from tests.bench.soak.photos import photos
from tests.robustness.conftest import SEED, assert_whole
from tests.robustness.hooked import Hooked, hooked
from tests.robustness.hooked_functions import STAGES
from tests.support.buckets import deliver_event
from tests.support.processes import children

PHOTO = photos()[1].data
MEME = make_meme(PHOTO, Options(seed=SEED)).jpeg


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hooked]:
    with hooked(tmp_path_factory.mktemp("hooked")) as running:
        yield running


@pytest.mark.parametrize("stage", STAGES)
def test_a_worker_killed_at_a_stage_loses_nothing(cloud: Hooked, stage: str):
    [before] = children(cloud.on_upload.pid)
    cloud.kill_at(stage)
    generation = cloud.upload(f"killed/{stage}", PHOTO, {"seed": str(SEED)})
    cloud.settle()
    assert cloud.is_taken(stage)
    [after] = children(cloud.on_upload.pid)
    assert after != before
    assert_whole(cloud, f"killed/{stage}", generation, MEME)
    last = "settled" if stage == "before-last-look" else "done"
    assert [line["message"] for line in cloud.log_lines(generation)] == [f"upload {last}"]


def test_a_worker_killed_again_and_again_loses_nothing(cloud: Hooked):
    stages = ("after-decoding", "before-report")
    for stage in stages:
        cloud.kill_at(stage)
    generation = cloud.upload("killed/often", PHOTO, {"seed": str(SEED)})
    cloud.settle()
    assert all(cloud.is_taken(stage) for stage in stages)
    assert_whole(cloud, "killed/often", generation, MEME)


def test_others_in_the_process_that_one_photo_kills_are_finished(cloud: Hooked):
    cloud.hold_at("after-decoding")
    first = cloud.upload("beside/first", PHOTO, {"seed": str(SEED)})
    cloud.wait_held("after-decoding")
    cloud.kill_at("before-report")
    second = cloud.upload("beside/second", PHOTO, {"seed": str(SEED)})
    cloud.settle()  # the first, still held, dies with the process that the second kills
    cloud.release("after-decoding")
    assert_whole(cloud, "beside/first", first, MEME)
    assert_whole(cloud, "beside/second", second, MEME)


def test_a_photo_that_always_kills_ends_at_the_age_limit(cloud: Hooked):
    """Its event is given up before any work: what would kill the process isn't come to."""
    generation = cloud.upload("killed/always", PHOTO)
    cloud.report("killed/always.json")
    cloud.settle()
    for output in ("killed/always.json", "killed/always.meme.jpg"):
        cloud.memes.blob(output).delete()
    for stage in STAGES[:2]:
        cloud.kill_at(stage)
    old = datetime.now(UTC) - timedelta(hours=20, minutes=1)
    answer = deliver_event(cloud.on_upload.health_url, cloud.uploads.name, "killed/always", generation, old)
    assert answer.status_code == 200
    assert not any(cloud.is_taken(stage) for stage in STAGES[:2])
    report = cloud.report("killed/always.json")
    assert (report["status"], report["error"]["code"]) == ("failed", "gave-up")
    assert cloud.memes.get_blob("killed/always.meme.jpg") is None
    for stage in STAGES[:2]:
        (cloud.hooks / stage).unlink()
