"""The rule that the newest upload wins. Races are forced: a bucket in memory stops where a rival acts."""

from datetime import UTC, datetime

import pytest

from cloud.events import Upload
from cloud.results import Results
from cloud.storage import PreconditionFailed
from tests.support.memory_bucket import MemoryBucket

SIZE = {"width": 4, "height": 3, "bytes": 2}
REPORT = {"status": "done", "meme": SIZE, "outputs": [{"type": "image/jpeg", **SIZE}]}
ANIMATED = {**REPORT, "outputs": [*REPORT["outputs"], {"type": "image/webp", **SIZE}]}


@pytest.fixture
def memes() -> MemoryBucket:
    return MemoryBucket()


def results(memes: MemoryBucket, generation: int) -> Results:
    return Results(memes, Upload("photos", "me.jpg", generation, datetime.now(UTC)))


def test_a_meme_is_written_before_its_report_and_named_in_it(memes):
    memes.before["write me.jpg.json"] = lambda: order.append(sorted(memes.objects))
    order: list[list[str]] = []
    assert not results(memes, 1).are_settled()
    assert results(memes, 1).publish(b"m1", None, REPORT)
    assert order == [["me.jpg.meme.jpg"]]
    assert results(memes, 1).are_settled()
    assert memes.report() == {
        "status": "done",
        "source": {"bucket": "photos", "name": "me.jpg", "generation": 1},
        "meme": {"name": "me.jpg.meme.jpg", "generation": 101, **SIZE},
        "outputs": [{"name": "me.jpg.meme.jpg", "type": "image/jpeg", **SIZE}],
    }


def test_a_newer_upload_replaces_both_and_an_older_one_neither(memes):
    results(memes, 1).publish(b"m1", None, REPORT)
    assert not results(memes, 2).are_settled()
    assert results(memes, 2).publish(b"m2", None, REPORT)
    assert results(memes, 1).are_settled()
    assert not results(memes, 1).publish(b"m1", None, REPORT)
    assert not results(memes, 1).fail("not-an-image", "No.")
    assert memes.objects["me.jpg.meme.jpg"][1] == b"m2"
    assert memes.report()["source"]["generation"] == 2


@pytest.mark.parametrize("where", ["write me.jpg.meme.jpg", "write me.jpg.json"])
@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1), (1, 1)])
def test_the_newest_upload_wins_whichever_writer_is_interrupted(memes, where, first, second):
    memes.before[where] = lambda: results(memes, second).publish(f"m{second}".encode(), None, REPORT)
    results(memes, first).publish(f"m{first}".encode(), None, REPORT)
    newest = max(first, second)
    assert memes.objects["me.jpg.meme.jpg"][1] == f"m{newest}".encode()
    assert memes.source("me.jpg.meme.jpg") == memes.source("me.jpg.json") == newest
    assert memes.report()["meme"]["generation"] == memes.find("me.jpg.meme.jpg").generation


def test_the_same_event_twice_at_once_writes_one_meme_and_one_report(memes):
    memes.before["write me.jpg.json"] = lambda: results(memes, 1).publish(
        b"m1", None, {**REPORT, "alt_text": "b"}
    )
    assert not results(memes, 1).publish(b"m1", None, {**REPORT, "alt_text": "a"})
    assert memes.report()["alt_text"] == "b"
    assert memes.generation == 102


def test_a_writer_that_ended_between_meme_and_report_is_made_good(memes):
    memes.before["write me.jpg.json"] = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        results(memes, 1).publish(b"of an older release", None, REPORT)
    assert not results(memes, 1).are_settled()
    assert results(memes, 1).publish(b"m1", None, REPORT)
    assert memes.objects["me.jpg.meme.jpg"][1] == b"m1"
    assert memes.report()["meme"]["generation"] == memes.find("me.jpg.meme.jpg").generation


def test_a_write_whose_answer_was_lost_counts_as_written(memes):
    class Losing(MemoryBucket):
        def write(self, name, *rest, **named):
            super().write(name, *rest, **named)
            raise PreconditionFailed("the answer to the library's second try")

    losing = Losing()
    assert results(losing, 1).publish(b"m1", None, REPORT)
    assert losing.report()["meme"]["generation"] == 101


def test_a_failed_report_leaves_no_older_meme(memes):
    results(memes, 1).publish(b"m1", None, REPORT)
    assert results(memes, 2).fail("damaged-image", "It is cut off.")
    assert list(memes.objects) == ["me.jpg.json"]
    assert memes.report() == {
        "status": "failed",
        "error": {"code": "damaged-image", "message": "It is cut off."},
        "source": {"bucket": "photos", "name": "me.jpg", "generation": 2},
    }


def test_an_older_meme_is_removed_at_the_next_delivery_when_its_writer_ended(memes):
    results(memes, 1).publish(b"m1", None, REPORT)
    memes.before["delete me.jpg.meme.jpg"] = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        results(memes, 2).fail("damaged-image", "It is cut off.")
    assert results(memes, 2).are_settled()
    assert list(memes.objects) == ["me.jpg.json"]


def test_a_newer_meme_is_never_removed(memes):
    results(memes, 1).publish(b"m1", None, REPORT)
    memes.before["delete me.jpg.meme.jpg"] = lambda: results(memes, 3).publish(b"m3", None, REPORT)
    assert results(memes, 2).fail("damaged-image", "It is cut off.")
    assert memes.objects["me.jpg.meme.jpg"][1] == b"m3"
    assert memes.report()["source"]["generation"] == 3


def test_only_own_results_are_taken_back(memes):
    results(memes, 2).publish(b"m2", None, REPORT)
    results(memes, 1).take_back()
    assert len(memes.objects) == 2
    results(memes, 2).take_back()
    assert memes.objects == {}


@pytest.mark.parametrize("generation", ["by hand", "", "-1", "1e9", "٣", "9" * 5000])
def test_an_object_put_there_by_hand_is_older_than_any_upload(memes, generation):
    memes.write("me.jpg.meme.jpg", b"x", "image/jpeg", {"source-generation": generation}, 0)
    memes.write("me.jpg.json", b"{}", "application/json", {}, 0)
    assert not results(memes, 1).are_settled()
    assert results(memes, 1).publish(b"m1", None, REPORT)
    assert memes.report()["source"]["generation"] == 1


@pytest.mark.parametrize("newer", ["meme", "report"])
def test_a_newer_upload_settles_an_older_one_with_whichever_it_has_written_first(memes, newer):
    """Its meme alone, for a while, and its report alone where it failed."""
    if newer == "meme":
        memes.before["write me.jpg.json"] = lambda: 1 / 0
        with pytest.raises(ZeroDivisionError):
            results(memes, 2).publish(b"m2", None, REPORT)
    else:
        results(memes, 2).fail("damaged-image", "It is cut off.")
    assert results(memes, 1).are_settled()
    assert not results(memes, 3).are_settled()


def test_a_meme_alone_does_not_settle_its_own_upload(memes):
    """Its report is still to come."""
    memes.before["write me.jpg.json"] = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        results(memes, 2).publish(b"m2", None, REPORT)
    assert not results(memes, 2).are_settled()


def test_a_done_upload_s_meme_stays_at_every_later_delivery(memes):
    results(memes, 2).publish(b"m2", None, REPORT)
    for _ in range(2):
        assert results(memes, 2).are_settled()
        assert results(memes, 1).are_settled()
    assert memes.objects["me.jpg.meme.jpg"][1] == b"m2"


def test_the_same_bytes_of_an_older_upload_do_not_count_as_this_one_s(memes):
    """Two uploads of one photo under one name may make the same meme: the newer one's says so."""
    results(memes, 1).publish(b"the same", None, REPORT)
    assert results(memes, 2).publish(b"the same", None, REPORT)
    assert memes.source("me.jpg.meme.jpg") == memes.source("me.jpg.json") == 2
    assert memes.report()["meme"]["generation"] == memes.find("me.jpg.meme.jpg").generation


def test_a_meme_that_stands_is_not_written_again(memes):
    memes.before["write me.jpg.json"] = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        results(memes, 1).publish(b"m1", None, REPORT)
    before = memes.find("me.jpg.meme.jpg").generation
    assert results(memes, 1).publish(b"m1", None, REPORT)
    assert memes.find("me.jpg.meme.jpg").generation == before


def test_outputs_are_stored_as_what_they_are(memes):
    results(memes, 1).publish(b"m1", None, {**REPORT, "caption": {"text": "అమ్మ"}})
    types = {name: stored.content_type for name, (stored, _) in memes.objects.items()}
    assert types == {"me.jpg.meme.jpg": "image/jpeg", "me.jpg.json": "application/json"}
    assert {name: stored.metadata for name, (stored, _) in memes.objects.items()} == {
        "me.jpg.meme.jpg": {"source-generation": "1"},
        "me.jpg.json": {"source-generation": "1", "status": "done"},
    }
    assert "అమ్మ".encode() in memes.objects["me.jpg.json"][1]


def test_of_results_that_are_taken_back_the_report_goes_first(memes):
    """A report of status done means that its meme is there: whoever sees one can download it."""
    results(memes, 1).publish(b"m1", None, REPORT)
    left = []
    memes.before["delete me.jpg.json"] = lambda: left.append(sorted(memes.objects))
    memes.before["delete me.jpg.meme.jpg"] = lambda: left.append(sorted(memes.objects))
    results(memes, 1).take_back()
    assert left == [["me.jpg.json", "me.jpg.meme.jpg"], ["me.jpg.meme.jpg"]]


def test_what_changes_while_it_is_taken_back_is_looked_at_again(memes):
    """Another delivery of the same event writes the meme anew: that goes as well."""
    results(memes, 2).publish(b"m2", None, REPORT)
    memes.before["delete me.jpg.meme.jpg"] = lambda: memes.write(
        "me.jpg.meme.jpg",
        b"again",
        "image/jpeg",
        {"source-generation": "2"},
        memes.find("me.jpg.meme.jpg").generation,
    )
    results(memes, 2).take_back()
    assert memes.objects == {}


def animated(memes: MemoryBucket, generation: int) -> bool:
    return results(memes, generation).publish(b"m", b"a%d" % generation, ANIMATED)


def test_an_animation_is_written_before_the_report_and_named_in_it(memes):
    memes.before["write me.jpg.json"] = lambda: order.append(sorted(memes.objects))
    order: list[list[str]] = []
    assert animated(memes, 1)
    assert order == [["me.jpg.meme.jpg", "me.jpg.meme.webp"]]
    stored, data = memes.objects["me.jpg.meme.webp"]
    assert (stored.content_type, data) == ("image/webp", b"a1")
    assert memes.source("me.jpg.meme.webp") == 1
    assert memes.report()["outputs"] == [
        {"name": "me.jpg.meme.jpg", "type": "image/jpeg", **SIZE},
        {"name": "me.jpg.meme.webp", "type": "image/webp", **SIZE},
    ]


def test_a_newer_upload_without_an_animation_removes_the_older_one(memes):
    animated(memes, 1)
    assert results(memes, 2).publish(b"m2", None, REPORT)
    assert sorted(memes.objects) == ["me.jpg.json", "me.jpg.meme.jpg"]
    animated(memes, 3)
    assert results(memes, 4).fail("damaged-image", "It is cut off.")
    assert list(memes.objects) == ["me.jpg.json"]


def test_animations_are_looked_for_only_where_an_earlier_upload_had_results(memes):
    looked: list[str] = []
    for name in ("me.jpg.meme.webp", "me.jpg.meme.gif"):
        memes.before[f"find {name}"] = lambda name=name: looked.append(name)
    assert results(memes, 1).publish(b"m1", None, REPORT)
    assert looked == []
    assert results(memes, 2).publish(b"m2", None, REPORT)
    assert sorted(looked) == ["me.jpg.meme.gif", "me.jpg.meme.webp"]


def test_an_older_animation_goes_even_if_its_meme_or_report_is_gone(memes):
    for left in ("me.jpg.json", "me.jpg.meme.jpg"):
        memes.objects.clear()
        animated(memes, 1)
        del memes.objects[left]
        assert results(memes, 2).publish(b"m2", None, REPORT)
        assert sorted(memes.objects) == ["me.jpg.json", "me.jpg.meme.jpg"]


@pytest.mark.parametrize("where", ["write me.jpg.meme.jpg", "write me.jpg.meme.webp", "write me.jpg.json"])
@pytest.mark.parametrize("newer_animates", [True, False])
def test_an_older_animation_never_stands_beside_a_newer_report(memes, where, newer_animates):
    def newer() -> None:
        if newer_animates:
            animated(memes, 2)
        else:
            results(memes, 2).publish(b"m2", None, REPORT)

    memes.before[where] = newer
    assert not animated(memes, 1)
    assert memes.report()["source"]["generation"] == 2
    names = [output["name"] for output in memes.report()["outputs"]]
    assert sorted(memes.objects) == sorted([*names, "me.jpg.json"])
    assert {memes.source(name) for name in names} == {2}


def test_an_animation_whose_writer_ended_is_removed_at_its_next_delivery(memes):
    def end() -> None:
        results(memes, 2).publish(b"m2", None, REPORT)
        raise ZeroDivisionError

    memes.before["write me.jpg.json"] = end
    with pytest.raises(ZeroDivisionError):
        animated(memes, 1)
    memes.write("me.jpg.meme.webp", b"a1", "image/webp", {"source-generation": "1"}, 0)  # a late write
    assert results(memes, 1).are_settled()
    assert sorted(memes.objects) == ["me.jpg.json", "me.jpg.meme.jpg"]
    assert memes.source("me.jpg.meme.jpg") == 2


def test_an_animation_is_taken_back_with_the_rest(memes):
    animated(memes, 1)
    results(memes, 1).take_back()
    assert memes.objects == {}


def test_the_same_event_twice_at_once_keeps_its_animation(memes):
    other = {**ANIMATED, "alt_text": "as another release says it"}
    memes.before["write me.jpg.json"] = lambda: results(memes, 1).publish(b"m", b"a1", other)
    assert not animated(memes, 1)
    assert memes.objects["me.jpg.meme.webp"][1] == b"a1"
