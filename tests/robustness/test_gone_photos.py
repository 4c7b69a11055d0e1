"""A photo deleted or replaced at every moment while it is processed: no crash, no wrong meme, nothing left.

The moments are those between two requests to storage. Something happens just before the n-th of them.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from cloud.events import Upload
from cloud.processing import Processor
from cloud.storage import Bucket
from memegen import Options, make_meme
from tests.bench.soak.photos import photos
from tests.robustness.conftest import SEED, Bare, assert_whole
from tests.support.buckets import Cloud, wait

PHOTO = photos()[1].data
MEME = make_meme(PHOTO, Options(seed=SEED)).jpeg
MOMENTS = range(9)
ANIMATED = {"animate": "webp", "seed": str(SEED)}
ANIMATED_MOMENTS = range(11)


class Ended(BaseException):
    """The process is killed."""


class Timed:
    """Both buckets; counts the calls, and does something just before one of them."""

    def __init__(self, uploads: Bucket, memes: Bucket, moment: int, deed: Callable[[], Any]) -> None:
        self.calls = 0
        self._moment = moment
        self._deed = deed
        self.buckets = (_Watched(uploads, self._tick), _Watched(memes, self._tick))

    def _tick(self) -> None:
        self.calls += 1
        if self.calls == self._moment + 1:
            self._deed()


class _Watched:
    def __init__(self, bucket: Bucket, tick: Callable[[], None]) -> None:
        self._bucket = bucket
        self._tick = tick
        self.name = bucket.name

    def __getattr__(self, verb: str) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            self._tick()
            return getattr(self._bucket, verb)(*arguments, **named)

        return call


def test_one_photo_has_that_many_moments(bare: Bare):
    generation = bare.upload("moments", PHOTO, {"seed": str(SEED)})
    timed = Timed(*bare.buckets(), moment=-1, deed=lambda: None)
    assert Processor(*timed.buckets).process(bare.upload_of("moments", generation)) == "done"
    assert timed.calls == len(MOMENTS)
    timed = Timed(*bare.buckets(), moment=-1, deed=lambda: None)
    moving = bare.upload_of("moving", bare.upload("moving", PHOTO, ANIMATED))
    assert Processor(*timed.buckets).process(moving) == "done"
    assert timed.calls == len(ANIMATED_MOMENTS)
    endings = ("json", "meme.jpg", "meme.webp")
    assert bare.names("moving.") == [f"{bare.memes.name}/moving.{ending}" for ending in endings]


@pytest.mark.parametrize("content", [PHOTO, b"no photo"], ids=["photo", "no-photo"])
def test_deleted_at_any_moment_it_leaves_nothing(bare: Bare, content: bytes):
    for moment in MOMENTS if content == PHOTO else range(9):
        generation = bare.upload("deleted", content)
        timed = Timed(*bare.buckets(), moment, lambda: bare.uploads.blob("deleted").delete())
        assert Processor(*timed.buckets).process(bare.upload_of("deleted", generation)) == "taken-back"
        assert bare.names("deleted") == []


def test_an_animated_one_that_is_deleted_at_any_moment_leaves_nothing(bare: Bare):
    for moment in ANIMATED_MOMENTS:
        upload = bare.upload_of("animated", bare.upload("animated", PHOTO, ANIMATED))
        timed = Timed(*bare.buckets(), moment, lambda: bare.uploads.blob("animated").delete())
        assert Processor(*timed.buckets).process(upload) == "taken-back"
        assert bare.names("animated") == []


def test_a_newer_photo_at_any_moment_leaves_no_animation_of_the_older_one(bare: Bare):
    for moment in ANIMATED_MOMENTS:
        name = f"still-{moment:02}"
        newer: list[Upload] = []

        def replace(name: str = name, newer: list[Upload] = newer) -> None:
            newer.append(bare.upload_of(name, bare.upload(name, PHOTO, {"seed": str(SEED)})))
            assert Processor(*bare.buckets()).process(newer[0]) == "done"

        older = bare.upload_of(name, bare.upload(name, PHOTO, ANIMATED))
        outcome = Processor(*Timed(*bare.buckets(), moment, replace).buckets).process(older)
        assert outcome in ("done", "settled", "gone")
        assert_whole(bare, name, newer[0].generation, MEME)


def test_deleted_when_the_process_is_killed_it_leaves_nothing_after_the_next_delivery(bare: Bare):
    def end() -> None:
        bare.uploads.blob("ended").delete()
        raise Ended

    for moment in MOMENTS:
        upload = bare.upload_of("ended", bare.upload("ended", PHOTO))
        with pytest.raises(Ended):
            Processor(*Timed(*bare.buckets(), moment, end).buckets).process(upload)
        assert Processor(*bare.buckets()).process(upload) == "taken-back"
        assert bare.names("ended") == []


@pytest.mark.parametrize("order", ["next-at-once", "next-afterwards"])
def test_replaced_at_any_moment_the_newer_photo_wins(bare: Bare, order: str):
    for moment in MOMENTS:
        name = f"replaced-{order}-{moment}"
        newer: list[Upload] = []

        def replace(name: str = name, newer: list[Upload] = newer) -> None:
            newer.append(bare.upload_of(name, bare.upload(name, PHOTO, {"seed": str(SEED)})))
            if order == "next-at-once":
                assert Processor(*bare.buckets()).process(newer[0]) == "done"

        older = bare.upload_of(name, bare.upload(name, photos()[3].data))
        outcome = Processor(*Timed(*bare.buckets(), moment, replace).buckets).process(older)
        assert outcome in ("done", "settled", "gone")
        if order == "next-afterwards":
            assert Processor(*bare.buckets()).process(newer[0]) == "done"
        assert_whole(bare, name, newer[0].generation, MEME)


def test_replaced_and_then_deleted_it_leaves_nothing(bare: Bare):
    """The older photo's meme was made while the newer one stood; the newer one's event finds neither."""
    older = bare.upload_of("both", bare.upload("both", PHOTO))
    assert Processor(*bare.buckets()).process(older) == "done"
    newer = bare.upload_of("both", bare.upload("both", PHOTO))
    bare.uploads.blob("both").delete()
    assert Processor(*bare.buckets()).process(newer) == "taken-back"
    assert bare.names("both") == []


def test_deleted_through_the_api_at_any_moment_it_leaves_nothing(stack, cloud: Cloud, developer):
    uploads, memes = Bucket(developer, cloud.uploads.name), Bucket(developer, cloud.memes.name)
    for moment in MOMENTS:
        described = {"content_type": "image/jpeg", "size": len(PHOTO)}
        ticket = requests.post(f"{stack.api_url}/uploads", json=described, timeout=60).json()
        upload = ticket["upload"]
        assert requests.put(upload["url"], PHOTO, headers=upload["headers"], timeout=60).status_code == 200
        url = f"{stack.api_url}/memes/{ticket['id']}"
        wait(lambda url=url: requests.get(url, timeout=60).json()["status"] == "done")
        cloud.settle()
        prefix = f"web/{ticket['id'].removesuffix('-0')}/"
        for output in ("0.json", "0.meme.jpg"):
            cloud.memes.blob(prefix + output).delete()
        generation = int(cloud.uploads.get_blob(f"{prefix}0").generation)

        def delete(url: str = url) -> None:
            assert requests.delete(url, timeout=60).status_code == 204

        again = Upload(uploads.name, f"{prefix}0", generation, datetime.now(UTC))
        timed = Timed(uploads, memes, moment, delete)
        assert Processor(*timed.buckets).process(again) == "taken-back"
        assert cloud.names(prefix) == []
        assert requests.get(url, timeout=60).json()["status"] == "waiting"
