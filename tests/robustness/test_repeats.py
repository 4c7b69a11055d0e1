"""Events that come again, out of order and at the same moment: one meme an upload, always the same."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from memegen import Options, make_meme
from tests.bench.soak.photos import photos
from tests.robustness.conftest import SEED, assert_whole
from tests.robustness.hooked import Hooked, hooked
from tests.support.buckets import deliver_event

OLD, NEW = (photo.data for photo in photos()[1:4:2])
OLD_MEME, NEW_MEME = (make_meme(photo, Options(seed=SEED)).jpeg for photo in (OLD, NEW))
METADATA = {"seed": str(SEED)}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hooked]:
    with hooked(tmp_path_factory.mktemp("repeats")) as running:
        yield running


def deliver(cloud: Hooked, name: str, generation: int) -> int:
    return deliver_event(cloud.on_upload.health_url, cloud.uploads.name, name, generation).status_code


def outcomes(cloud: Hooked, generation: int) -> list[str]:
    return sorted(line["message"].removeprefix("upload ") for line in cloud.log_lines(generation))


@pytest.mark.parametrize("stage", ["after-decoding", "before-report"])
def test_two_that_have_both_read_write_one_meme(cloud: Hooked, stage: str):
    """The second comes to the stage while the first is held there; then both go on at the same moment."""
    name = f"both/{stage}"
    with ThreadPoolExecutor(1) as pool:
        cloud.hold_at(stage)
        generation = cloud.upload(name, NEW, METADATA)
        cloud.wait_held(stage)
        cloud.hold_at(stage)
        second = pool.submit(deliver, cloud, name, generation)
        while not cloud.is_taken(stage):
            assert not second.done()
        cloud.release(stage)
        assert second.result() == 200
    cloud.settle()
    assert_whole(cloud, name, generation, NEW_MEME)
    assert outcomes(cloud, generation) == ["done", "settled"]


def test_the_old_photo_s_writer_that_has_read_gives_way_to_the_new_one(cloud: Hooked):
    name = "both/replaced"
    cloud.hold_at("before-report")
    cloud.upload(name, OLD, METADATA)
    cloud.wait_held("before-report")  # the old photo's meme is written, its report is not
    generation = cloud.upload(name, NEW, METADATA)
    assert cloud.report(f"{name}.json", generation)["status"] == "done"
    cloud.release("before-report")
    cloud.settle()
    assert_whole(cloud, name, generation, NEW_MEME)


def test_events_that_come_up_to_five_times_and_out_of_order(cloud: Hooked):
    rng = random.Random(3)
    events, newest = [], {}
    for number in range(6):
        name = f"again/{number}"
        generations = [cloud.upload(name, OLD, METADATA)]
        if number % 2:
            generations.append(cloud.upload(name, NEW, METADATA))
        newest[name] = generations[-1]
        events += [(name, generation) for generation in generations for _ in range(rng.choice([2, 2, 5]))]
    rng.shuffle(events)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda event: deliver(cloud, *event), events))
    cloud.settle()
    assert set(answers) == {200}
    for number, (name, generation) in enumerate(newest.items()):
        assert_whole(cloud, name, generation, NEW_MEME if number % 2 else OLD_MEME)
        assert outcomes(cloud, generation).count("done") == 1
