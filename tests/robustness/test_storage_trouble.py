"""Storage that fails for a while or for good, at every request that one photo takes.

The limits on tries and pauses are shortened; `make soak` measures the deployed ones.
"""

from collections.abc import Callable

import pytest
from google.cloud.storage.retry import DEFAULT_RETRY

import cloud.storage
from cloud.processing import GIVE_UP_AFTER, Processor
from memegen import Options, make_meme
from tests.bench.soak.photos import photos
from tests.robustness.conftest import SEED, assert_whole
from tests.support.trouble import Trouble

PHOTO = photos()[1].data
MEME = make_meme(PHOTO, Options(seed=SEED)).jpeg

# Paths in the storage API: a photo's way through it, with no trouble and no results before.
REPORT, PICTURE = "b/memegen-memes/o/NAME.json", "b/memegen-memes/o/NAME.meme.jpg"
SOURCE, WRITE = "b/memegen-uploads/o/NAME", "POST /upload/storage/v1/b/memegen-memes/o"
REQUESTS = [
    f"GET /storage/v1/{REPORT}",
    f"GET /storage/v1/{PICTURE}",
    f"GET /storage/v1/{SOURCE}",
    f"GET /download/storage/v1/{SOURCE}",
    f"GET /storage/v1/{PICTURE}",
    WRITE,
    f"GET /storage/v1/{REPORT}",
    WRITE,
    f"GET /storage/v1/{SOURCE}",
]


@pytest.fixture(autouse=True)
def limit(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, float], None]:
    """Sets how many seconds a try may take, and from when on a call isn't tried again."""
    monkeypatch.setenv("DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA", "true")  # as make_client does

    def set_to(each: float, altogether: float) -> None:
        quick = DEFAULT_RETRY.with_delay(initial=0.01, maximum=0.05).with_timeout(altogether)
        monkeypatch.setattr(cloud.storage, "_CALL", {"timeout": (each, each), "retry": quick})

    set_to(60, 120)
    return set_to


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return f"{request.node.name}".translate(str.maketrans("[]", "--"))


def requests_for(name: str) -> list[str]:
    return [request.replace("NAME", name) for request in REQUESTS]


def test_what_a_photo_asks_of_storage(bare, name):
    """The list that the tests below go through: it's whole."""
    generation = bare.upload(name, PHOTO, {"seed": str(SEED)})
    trouble = Trouble(bare.stack.ports.storage)
    with trouble.running() as url:
        assert Processor(*bare.buckets(url)).process(bare.upload_of(name, generation)) == "done"
    assert trouble.requests == requests_for(name)
    assert_whole(bare, name, generation, MEME)


@pytest.mark.parametrize("failure", ["503", "429", "reset", "lost", "cut"])
def test_every_request_may_fail_twice(bare, name, failure):
    generation = bare.upload(name, PHOTO, {"seed": str(SEED)})
    trouble = Trouble(bare.stack.ports.storage)
    trouble.plan(*[failure, failure, None] * 20)
    with trouble.running() as url:
        assert Processor(*bare.buckets(url)).process(bare.upload_of(name, generation)) == "done"
    expected = requests_for(name)
    if failure in ("lost", "cut"):  # the write took effect; what stands there is looked at once more
        for after, looked_at in ((8, REPORT), (6, PICTURE)):
            expected.insert(after, f"GET /storage/v1/{looked_at}".replace("NAME", name))
        # And because something stood there, so may an animation of an older photo.
        picture = f"GET /storage/v1/{PICTURE}".replace("NAME", name).removesuffix("jpg")
        expected[-1:-1] = [f"{picture}webp", f"{picture}gif"]
    assert trouble.requests == [request for request in expected for _ in range(3)]
    assert_whole(bare, name, generation, MEME)


@pytest.mark.parametrize("place", [0, 3, 5])
def test_a_request_that_hangs_is_given_up_and_made_again(bare, name, place, limit):
    limit(1, 20)
    generation = bare.upload(name, PHOTO, {"seed": str(SEED)})
    trouble = Trouble(bare.stack.ports.storage)
    trouble.plan(*[None] * place, "hang")
    with trouble.running() as url:
        assert Processor(*bare.buckets(url)).process(bare.upload_of(name, generation)) == "done"
    assert trouble.requests[place : place + 2] == [requests_for(name)[place]] * 2
    assert_whole(bare, name, generation, MEME)


@pytest.mark.parametrize("failure", ["503", "429", "reset", "cut", "hang"])
def test_trouble_for_good_raises_and_leaves_no_failed_report(bare, name, failure, limit):
    generation = bare.upload(name, PHOTO, {"seed": str(SEED)})
    upload = bare.upload_of(name, generation)
    for place in (0, 5):
        limit(1, 3)
        trouble = Trouble(bare.stack.ports.storage)
        trouble.plan(*[None] * place, *[failure] * 1000)
        with trouble.running() as url, pytest.raises(Exception):  # noqa: B017 - whichever; it's tried again
            Processor(*bare.buckets(url)).process(upload)
        assert len(trouble.requests) >= place + 2
        assert f"{bare.memes.name}/{name}.json" not in bare.names(name)
    limit(60, 120)
    assert Processor(*bare.buckets()).process(upload) == "done"
    assert_whole(bare, name, generation, MEME)


def test_only_the_age_limit_ends_it_and_that_too_waits_for_storage(bare, name, limit):
    limit(1, 3)
    generation = bare.upload(name, PHOTO)
    old = bare.upload_of(name, generation)
    old = bare.upload_of(name, generation, old.time - GIVE_UP_AFTER)
    trouble = Trouble(bare.stack.ports.storage)
    trouble.fail_for_good("503")
    with trouble.running() as url, pytest.raises(Exception):  # noqa: B017
        Processor(*bare.buckets(url)).process(old)
    assert bare.names(name) == [f"{bare.uploads.name}/{name}"]
    limit(60, 120)
    assert Processor(*bare.buckets()).process(old) == "gave-up"
    report = bare.report(f"{name}.json")
    assert (report["status"], report["error"]["code"]) == ("failed", "gave-up")
