"""on_upload told to stop, as the platform does before it takes an instance away: its photos are finished."""

import os
import signal
from pathlib import Path

import requests

from memegen import Options, make_meme
from tests.buckets import wait
from tests.robustness.conftest import SEED, assert_whole
from tests.robustness.hooked import Hooked, hooked
from tests.soak.photos import photos

PHOTO = photos()[1].data
MEME = make_meme(PHOTO, Options(seed=SEED)).jpeg
STAGES = ("after-decoding", "before-report")


def test_at_sigterm_photos_in_work_are_finished_and_no_other_is_taken(tmp_path: Path):
    with hooked(tmp_path) as cloud:
        generations = {}
        for stage in STAGES:
            cloud.hold_at(stage)
            generations[stage] = cloud.upload(f"stopping/{stage}", PHOTO, {"seed": str(SEED)})
            cloud.wait_held(stage)
        os.kill(cloud.on_upload.pid, signal.SIGTERM)
        wait(lambda: takes_nothing_more(cloud))
        late = cloud.upload("stopping/late", PHOTO, {"seed": str(SEED)})
        for stage in STAGES:
            cloud.release(stage)
        assert wait(lambda: cloud.on_upload.exit_status() is not None)
        assert cloud.on_upload.exit_status() == 0
        for stage, generation in generations.items():
            assert_whole(cloud, f"stopping/{stage}", generation, MEME)
            assert [line["message"] for line in cloud.log_lines(generation)] == ["upload done"]
        assert cloud.memes.get_blob("stopping/late.json") is None
        # The next instance makes what came too late.
        cloud.on_upload.start()
        cloud.on_upload.wait_ready()
        cloud.settle()
        assert_whole(cloud, "stopping/late", late, MEME)


def takes_nothing_more(cloud: Hooked) -> bool:
    try:
        requests.get(cloud.on_upload.health_url, timeout=2)
    except (requests.ConnectionError, requests.Timeout):
        return True
    return False
