"""Which direct uploads become memes, and what a topic is told of those that are finished."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cloud.selection import EVERYTHING, Selection
from infra.local.config.addresses import Ports
from infra.local.config.project import MEMES, UPLOADS
from infra.local.stack.stack import ROOT, function
from infra.local.storage.blobs import Blobs
from infra.local.storage.database import Database
from infra.local.storage.objects import Objects
from infra.local.storage.resources import StoredObject
from tests.local.storage import Storage
from tests.support.buckets import Cloud
from tests.support.javascript import completed

COMPLETED = ROOT / "infra" / "terraform" / "memegen" / "completed.js"


@pytest.mark.parametrize(
    ("selection", "taken", "left"),
    [
        (EVERYTHING, ["a.jpg", "in/a.jpg", "web/x/0"], []),
        (Selection(include=("in/", "photos/")), ["in/a.jpg", "photos/b", "web/x/0"], ["a.jpg", "out/in/a"]),
        (Selection(exclude=("in/",)), ["a.jpg", "web/x/0", "inside"], ["in/a.jpg", "in/"]),
        (Selection(("in/",), ("in/raw/",)), ["in/a.jpg", "in/rawer"], ["in/raw/a.jpg", "a.jpg"]),
        (Selection(("in/",), ("web/",)), ["web/x/0"], ["website.jpg"]),
    ],
)
def test_names_are_taken_by_their_beginnings_and_the_pages_always(selection, taken, left):
    assert [name for name in taken + left if selection.takes(name)] == taken


@pytest.fixture(scope="module")
def choosy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Storage and an on_upload that takes in/, but not in/raw/."""
    state, ports = tmp_path_factory.mktemp("choosy"), Ports.free()
    chosen = {"INCLUDE_PREFIXES": '["in/"]', "EXCLUDE_PREFIXES": '["in/raw/"]'}
    with Storage(state, ports).running() as running:
        plain = function("on_upload", state, ports)
        on_upload = replace(plain, environment={**plain.environment, **chosen})
        on_upload.start()
        try:
            on_upload.wait_ready()
            yield Cloud(running, running.bucket(UPLOADS), running.bucket(MEMES))
        finally:
            on_upload.terminate()
            on_upload.wait_stopped()


def test_only_what_is_selected_becomes_a_meme_and_nothing_waits(choosy: Cloud, photo: bytes):
    names = ["in/yes.jpg", "in/raw/no.jpg", "no.jpg", "web/AAECAwQFBgcICQoLDA0ODw/0"]
    generations = {name: choosy.upload(name, photo) for name in names}
    choosy.settle()
    made = {name for name in names if choosy.memes.get_blob(f"{name}.json")}
    assert made == {"in/yes.jpg", "web/AAECAwQFBgcICQoLDA0ODw/0"}
    for name in set(names) - made:
        assert [line["message"] for line in choosy.log_lines(generations[name])] == ["upload ignored"]


def test_a_topic_is_told_of_each_finished_upload_by_name_generation_and_status(choosy: Cloud, photo: bytes):
    """Of the very objects that on_upload has written; of memes and of others' files nothing."""
    caption = "unmistakable words"
    uploads = {
        "in/done ü.jpg": choosy.upload("in/done ü.jpg", photo, {"caption": caption}),
        "in/failed.jpg": choosy.upload("in/failed.jpg", b"no photo"),
    }
    choosy.memes.blob("in/foreign.json").upload_from_string("{}", content_type="application/json")
    choosy.settle()
    told = []
    for blob in choosy.memes.list_blobs(prefix="in/"):
        if "yes" in blob.name:
            continue
        stored = object_of(choosy, blob.name)
        message = completed(stored.resource("https://storage.googleapis.com"), COMPLETED.read_text())
        if message is not None:
            assert caption not in json.dumps(message)
            assert "http" not in json.dumps(message)
            assert set(message) == {"data", "attributes"}
            data = json.loads(message["data"])
            assert message["attributes"]["status"] == data["status"]
            assert set(message["attributes"]) == {"eventTime", "status"}
            told.append(data)
    assert sorted(told, key=lambda each: each["name"]) == [
        {"name": name, "generation": str(generation), "status": "done" if "done" in name else "failed"}
        for name, generation in uploads.items()
    ]


def object_of(choosy: Cloud, name: str) -> StoredObject:
    """The object as the storage here keeps it."""
    state = choosy.stack.state
    database = Database(state / "objects.sqlite")
    try:
        objects = Objects(database, Blobs(state / "contents"), lambda *_: None, lambda: None)
        return objects.get(MEMES, name)
    finally:
        database.close()
