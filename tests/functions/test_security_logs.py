"""No log and no header tells of a photo, a caption, a signed URL or an id, whatever happens to an upload."""

import base64
import io
import json
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from PIL import Image

from cloud.names import MemeId
from cloud.settings import FUNCTIONS
from tests.support.buckets import deliver_event

CAPTION = "Zanzibar’s own quite unmistakable words"
CAMERA = "An unmistakable camera"
NAME = "holiday/unmistakable-name.jpg"

# What a line of on_upload's may hold, and of what kind.
FIELDS = {
    "severity": str,
    "message": str,
    "logging.googleapis.com/trace": str,
    "upload": str,
    "generation": int,
    "total_ms": float,
    "bytes": int,
    "fetch_ms": float,
    "stages_ms": dict,
    "code": str,
    "@type": str,
    "context": dict,
}


@pytest.fixture
def camera_photo() -> bytes:
    """A photo with a camera's name in it."""
    exif = Image.Exif()
    exif[0x0110] = CAMERA
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 180, 40)).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def logs(stack) -> str:
    return "".join(logs_by_function(stack).values())


def logs_by_function(stack) -> dict[str, str]:
    logs = {name: stack.state / "logs" / f"{name}.log" for name in FUNCTIONS}
    return {name: log.read_text() for name, log in logs.items() if log.exists()}  # sweep's once it runs


def test_a_photos_whole_way_leaves_no_trace_of_it(ask, stack, cloud, finished, camera_photo):
    answers = []

    def asked(*arguments, **more) -> dict:
        answers.append(ask(*arguments, **more))
        return answers[-1].json() if answers[-1].content else {}

    body = {"content_type": "image/jpeg", "size": len(camera_photo), "options": {"caption": CAPTION}}
    begun = asked("POST", "/uploads", json=body)
    upload = begun["upload"]
    put = requests.put(upload["url"], data=camera_photo, headers=upload["headers"], timeout=60)
    assert put.status_code == 200
    assert finished(begun["id"])["caption"]["text"] == CAPTION
    shown = asked("GET", f"/memes/{begun['id']}")
    asked("POST", f"/memes/{begun['id']}/remix", json={"options": {"caption": CAPTION}})
    asked("POST", f"/memes/{begun['id']}/remix", json={"options": {"caption": CAPTION, "unknown": CAPTION}})
    link = asked("POST", f"/memes/{begun['id']}/share")["share_url"].removeprefix(stack.api_url)
    for path in (link, f"{link}.jpg", "/s/x"):
        answers.append(ask("GET", path))
    asked("DELETE", f"/memes/{begun['id']}/share")
    asked("POST", f"/memes/{begun['id']}/nothing", data=CAPTION)
    asked("PUT", f"/memes/{begun['id']}", data=CAPTION)
    cloud.settle()
    asked("DELETE", f"/memes/{begun['id']}")

    meme_id = MemeId.parse(begun["id"])
    signed = [upload["url"], shown["view_url"], shown["download_url"]]
    secret = [CAPTION, CAMERA, meme_id.photo, upload["headers"]["x-goog-meta-options"]]
    secret += [parse_qs(urlsplit(url).query)["X-Goog-Signature"][0] for url in signed]
    secret += [base64.b64encode(camera_photo).decode()[:40]]
    heads = "".join(f"{name}: {value}\n" for answer in answers for name, value in answer.headers.items())
    for text in secret:
        assert text not in heads
        assert text not in logs(stack)
    assert link.removeprefix("/s/") not in logs(stack)


@pytest.mark.parametrize(
    ("data", "metadata"),
    [
        (f"Dear diary, {CAPTION}".encode(), {}),
        (b"GIF89a" + CAPTION.encode(), {}),
        (None, {"caption": CAPTION + "x" * 300}),
        (None, {"expression": CAPTION}),
        (None, {"options": CAPTION}),
    ],
    ids=["no picture", "damaged", "caption too long", "no expression", "unreadable options"],
)
def test_what_is_wrong_with_an_upload_is_logged_as_a_code(stack, cloud, camera_photo, data, metadata):
    generation = cloud.upload(NAME, data or camera_photo, metadata)
    code = cloud.report(f"{NAME}.json", generation)["error"]["code"]
    cloud.settle()
    lines = cloud.log_lines(generation)
    assert [line["code"] for line in lines] == [code]
    for text in (CAPTION, CAMERA, NAME, "unmistakable"):
        assert text not in logs(stack)


def test_an_error_is_logged_once_in_the_form_that_error_reporting_groups(stack, cloud):
    """An event that can't be Cloud Storage's; its name is in the exception's message and in the request."""
    before = logs_by_function(stack)
    assert deliver_event(stack.on_upload_url, cloud.uploads.name, NAME, "no number").status_code == 500
    after = logs_by_function(stack)
    written = "".join(log.removeprefix(before.get(name, "")) for name, log in after.items())
    entries = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    [entry] = [each for each in entries if each["message"] == "upload not processed, to be tried again"]
    assert entry["severity"] == "ERROR"
    assert entry["@type"].endswith(".ReportedErrorEvent")
    assert entry["error"] == "ValueError from ValueError"
    assert "in upload_of" in entry["stack_trace"]
    assert "Traceback" not in "".join(line for line in written.splitlines() if not line.startswith("{"))
    assert NAME not in written


def test_each_line_holds_known_fields_alone(stack, cloud, camera_photo):
    generation = cloud.upload(NAME, camera_photo, {"caption": CAPTION})
    cloud.report(f"{NAME}.json", generation)
    cloud.settle()
    lines = cloud.log_lines(generation)
    assert lines
    for line in lines:
        for field, value in line.items():
            assert type(value) is FIELDS[field], field
        assert len(line["upload"]) == 12
        assert all(type(value) in (int, float) for value in line.get("stages_ms", {}).values())


def test_a_line_belongs_to_its_requests_trace(stack, cloud, camera_photo):
    """The event's own trace, as the platform gives it in `traceparent`."""
    generation = cloud.upload(NAME, camera_photo)
    cloud.report(f"{NAME}.json", generation)
    cloud.settle()
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    parent = f"00-{trace}-00f067aa0ba902b7-01"
    deliver_event(stack.on_upload_url, cloud.uploads.name, NAME, generation, traceparent=parent)
    assert cloud.log_lines(generation)[-1]["logging.googleapis.com/trace"].endswith(f"/traces/{trace}")
