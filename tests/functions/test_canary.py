"""The canary: a drawn face goes the whole way through the running local cloud, or says where it ended."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
import requests
from PIL import Image

from cloud import canary
from cloud.canary import PHOTO, Canary, CanaryError
from infra.local.stack.stack import function
from memegen import Options, make_meme
from tests.support.people import draw_people


def test_its_photo_is_a_drawn_face_that_is_found():
    with Image.open(io.BytesIO(PHOTO)) as picture:
        seen = np.asarray(picture, dtype=float)
    drawn = draw_people(["happiness"], (400, 400), 3).astype(float)
    assert abs(seen - drawn).mean() < 3  # but for JPEG's loss
    assert len(make_meme(PHOTO, Options(seed=1)).report["faces"]) == 1


@pytest.fixture
def everything_of(cloud):
    """What lies in both buckets, less the sweep's memory."""

    def names() -> set[str]:
        return {name for name in cloud.names("") if not name.endswith("sweep.state")}

    return names


def test_it_goes_the_whole_way_and_leaves_nothing(stack, cloud, everything_of):
    before = everything_of()
    lines = len(own_lines(stack))
    Canary(stack.api_url).fly()
    cloud.settle()
    assert everything_of() == before
    [line] = own_lines(stack)[lines:]
    assert (line["message"], line["canary"]) == ("upload done", True)


def own_lines(stack) -> list[dict]:
    """on_upload's lines of photos that it knew for the canary's."""
    text = (stack.state / "logs" / "on_upload.log").read_text()
    entries = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [entry for entry in entries if "canary" in entry]


def test_another_photo_is_not_taken_for_it(stack, cloud):
    before = len(own_lines(stack))
    generation = cloud.upload("no-canary.jpg", PHOTO + b"\0")
    cloud.report("no-canary.jpg.json", generation)
    cloud.settle()
    assert len(own_lines(stack)) == before


@pytest.mark.parametrize(
    ("step", "method", "host"),
    [("ask", "POST", "api"), ("upload", "PUT", "uploads"), ("look", "GET", "api"), ("fetch", "GET", "memes")],
)
def test_where_a_step_fails_it_says_which_and_leaves_nothing(
    stack, cloud, everything_of, monkeypatch, step, method, host
):
    """The wire is cut at that step: requests of this kind to this host end in 503."""
    before = everything_of()
    whole = requests.Session.request

    def cut(session, asked, url, **named):
        answer = whole(session, asked, url, **named)
        if asked == method and url.startswith(getattr(stack, f"{host}_url")):
            answer.status_code = 503
        return answer

    monkeypatch.setattr(requests.Session, "request", cut)
    with pytest.raises(CanaryError) as failed:
        Canary(stack.api_url).fly()
    assert (failed.value.step, failed.value.status) == (step, 503)
    monkeypatch.undo()
    cloud.settle()
    assert everything_of() == before


def test_no_event_within_its_patience_is_told_as_that(stack, cloud, everything_of):
    before = everything_of()
    with pytest.raises(CanaryError) as failed:
        Canary(stack.api_url, patience_seconds=-1).fly()
    assert failed.value.step == "event"
    cloud.settle()
    assert everything_of() == before


def test_a_server_that_is_away_is_told_without_its_address(stack):
    with pytest.raises(CanaryError) as failed:
        Canary(f"http://localhost:{stack.ports.sweep}").fly()
    assert (failed.value.step, failed.value.status) == ("ask", None)
    assert "localhost" not in str(failed.value)


def test_it_is_within_the_least_limit_that_a_deployment_can_set(stack, tmp_path):
    """60 requests a minute, of which a fifth may ask for an upload. It counts as a client of its own."""
    asked = []
    whole = requests.Session.request

    class Counted(requests.Session):
        def request(self, method, url, **named):
            if url.startswith(stack.api_url):
                asked.append(method)
            return whole(self, method, url, **named)

    flight = Canary(stack.api_url)
    flight._session = Counted()
    flight.fly()
    assert asked.count("POST") == 1
    most = 4 + canary.PATIENCE_SECONDS / canary._PAUSE_SECONDS  # even where the meme takes all of its time
    assert len(asked) < most
    assert most / (canary.PATIENCE_SECONDS / 60) <= 60


def test_it_keeps_no_connection_that_the_server_might_close_meanwhile(stack):
    sent = []

    class Seen(requests.Session):
        def send(self, request, **named):
            sent.append(request.headers["Connection"])
            return super().send(request, **named)

    flight = Canary(stack.api_url)
    flight._session = Seen()
    flight.fly()
    assert len(sent) >= 6  # ask, upload, look, fetch, delete, look
    assert set(sent) == {"close"}


@pytest.mark.parametrize("api", ["", "api.example.com", "https://api.example.com/memes", "file:///etc"])
def test_only_a_bare_address_is_taken(api):
    with pytest.raises(ValueError, match="must be a URL"):
        Canary(api)


def test_the_entry_point_answers_by_how_the_flight_ended(stack, tmp_path):
    plain = function("sweep", stack.state, stack.ports)
    process = replace(
        plain,
        command=["canary" if word == "sweep" else word for word in plain.command],
        environment={**plain.environment, "FUNCTION_TARGET": "canary"},
        log=tmp_path / "canary.log",
    )
    process.start()
    try:
        process.wait_ready()
        url = process.health_url
        assert requests.get(url, timeout=60).status_code == 405
        assert requests.post(url, json={"api": stack.api_url}, timeout=200).status_code == 200
        away = f"http://localhost:{stack.ports.sweep}/nothing"
        assert requests.post(url, json={"api": away}, timeout=200).status_code == 500
        answer = requests.post(url, json={"api": stack.memes_url}, timeout=200)
        assert answer.status_code == 503
        lines = [json.loads(line) for line in process.log.read_text().splitlines() if line.startswith("{")]
    finally:
        process.terminate()
        process.wait_stopped()
    assert [(line["message"], line.get("step")) for line in lines] == [
        ("canary not sent", None),
        ("canary failed", "ask"),
    ]
