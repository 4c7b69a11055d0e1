"""The api on the running stack: each of its routes and refusals, every answer held against openapi.yaml."""

import base64
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
import requests
from flask import Request
from PIL import Image
from werkzeug.test import EnvironBuilder

from cloud.api import Api
from cloud.names import MemeId, default_seed
from cloud.option_codec import options_of
from cloud.shares import Shares
from cloud.storage import Bucket
from memegen import Options, make_meme
from memegen.options import MAX_VARIANT
from tests.support.drawing import draw_portrait

UNKNOWN = "AAECAwQFBgcICQoLDA0ODw-0"


@pytest.fixture
def begin(ask, photo):
    """Asks for an upload of the drawn photo."""

    def post(**fields):
        answer = ask("POST", "/uploads", json={"content_type": "image/jpeg", "size": len(photo), **fields})
        assert answer.status_code == 201
        return answer.json()

    return post


@pytest.fixture
def make(begin, photo, finished):
    """Uploads the drawn photo and returns what the api shows of it in the end."""

    def run(**fields):
        begun = begin(**fields)
        assert put(begun["upload"], photo).status_code == 200
        return finished(begun["id"])

    return run


def put(upload: dict, data: bytes, **headers: str) -> requests.Response:
    return requests.put(upload["url"], data=data, headers={**upload["headers"], **headers}, timeout=60)


def upload_name(meme_id: str) -> str:
    return MemeId.parse(meme_id).upload_name


def problem(answer: requests.Response) -> tuple[int, str]:
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


def test_health(ask):
    assert ask("GET", "/health").json() == {"status": "ok"}
    assert ask("HEAD", "/health").content == b""


def test_a_photo_becomes_a_meme(ask, stack, begin, photo, finished, cloud):
    begun = begin()
    meme_id = begun["id"]
    assert begun["meme_url"] == f"{stack.api_url}/memes/{meme_id}"
    assert begun["upload"]["url"].startswith(f"{stack.uploads_url}/{upload_name(meme_id)}?")
    assert ask("GET", f"/memes/{meme_id}").json() == {"id": meme_id, "status": "waiting"}
    assert put(begun["upload"], photo).status_code == 200

    shown = finished(meme_id)
    assert shown["status"] == "done"
    assert "source" not in shown
    assert shown["outputs"] == [
        {
            "name": shown["meme"]["name"],
            "type": "image/jpeg",
            **{key: shown["meme"][key] for key in ("width", "height", "bytes")},
            "download_url": shown["download_url"],
            "view_url": shown["view_url"],
        }
    ]
    assert cloud.memes.name not in json.dumps({**shown, "download_url": "", "view_url": "", "outputs": []})
    view, download = (requests.get(shown[name], timeout=60) for name in ("view_url", "download_url"))
    assert (view.status_code, download.status_code) == (200, 200)
    assert view.headers["Content-Type"] == download.headers["Content-Type"] == "image/jpeg"
    assert download.headers["Content-Disposition"] == 'attachment; filename="meme.jpg"'
    assert "Content-Disposition" not in view.headers
    assert view.content == download.content
    with Image.open(io.BytesIO(view.content)) as meme:
        assert meme.format == "JPEG"
        assert meme.size == (shown["meme"]["width"], shown["meme"]["height"])
    assert shown["meme"]["bytes"] == len(view.content)
    assert shown["faces"] == []
    assert shown["expression"] is None

    generation = cloud.uploads.get_blob(upload_name(meme_id)).generation
    seed = default_seed(cloud.uploads.name, upload_name(meme_id), generation)
    assert view.content == make_meme(photo, Options(seed=seed)).jpeg


def test_an_animation_is_fetched_by_its_own_addresses_and_goes_with_the_meme(
    ask, begin, finished, photo, cloud
):
    begun = begin(options={"animate": "gif", "style": "subtitle"})
    put(begun["upload"], photo)
    shown = finished(begun["id"])
    still, moving = shown["outputs"]
    assert (still["view_url"], still["download_url"]) == (shown["view_url"], shown["download_url"])
    assert moving["name"] == f"{upload_name(begun['id'])}.meme.gif"
    view, download = (requests.get(moving[name], timeout=60) for name in ("view_url", "download_url"))
    assert view.headers["Content-Type"] == moving["type"] == "image/gif"
    assert download.headers["Content-Disposition"] == 'attachment; filename="meme.gif"'
    assert len(view.content) == moving["bytes"]
    with Image.open(io.BytesIO(view.content)) as animation:
        assert animation.n_frames >= 10
        assert animation.size == (moving["width"], moving["height"])
    assert ask("DELETE", f"/memes/{begun['id']}").status_code == 204
    assert cloud.names(upload_name(begun["id"])) == []
    assert requests.get(moving["view_url"], timeout=60).status_code == 404


def test_a_report_of_an_older_release_is_shown_as_it_is(ask, begin, finished, photo, cloud):
    begun = begin()
    put(begun["upload"], photo)
    finished(begun["id"])
    blob = cloud.memes.blob(f"{upload_name(begun['id'])}.json")
    report = json.loads(blob.download_as_bytes())
    del report["outputs"], report["captions"], report["style"]
    blob.upload_from_string(json.dumps(report), content_type="application/json")
    shown = ask("GET", f"/memes/{begun['id']}").json()
    assert "outputs" not in shown
    assert requests.get(shown["view_url"], timeout=60).headers["Content-Type"] == "image/jpeg"


def test_a_face_is_read_and_described(begin, finished):
    buffer = io.BytesIO()
    Image.fromarray(draw_portrait(320, "happiness")).save(buffer, "PNG")
    begun = begin(content_type="image/png", size=len(buffer.getvalue()), options={"style": "classic"})
    put(begun["upload"], buffer.getvalue())
    shown = finished(begun["id"])
    [face] = shown["faces"]
    assert (
        face["expression"] == shown["expression"] == max(face["probabilities"], key=face["probabilities"].get)
    )
    assert face["confidence"] == face["probabilities"][face["expression"]]
    box = face["box"]
    # The face is drawn in the middle of 320 pixels, which become 480.
    assert shown["meme"]["width"] == 480
    assert 120 <= box["left"] + box["width"] / 2 <= 360


def test_options_reach_the_meme(make):
    shown = make(options={"caption": "Naïve\nnotion – ok", "expression": "surprise"})
    assert shown["caption"]["text"] == "Naïve\nnotion – ok"
    assert shown["expression"] == "surprise"


def test_between_upload_and_report_it_is_working(ask, begin, cloud, photo):
    """The state before the report, made by taking the report away."""
    meme_id = begin()["id"]
    name = upload_name(meme_id)
    cloud.report(f"{name}.json", cloud.upload(name, photo))
    cloud.settle()
    cloud.memes.blob(f"{name}.json").delete()
    assert ask("GET", f"/memes/{meme_id}").json() == {"id": meme_id, "status": "working"}


def test_a_failed_photo_is_reported(begin, finished):
    begun = begin()
    put(begun["upload"], b"Dear diary, this is no picture.")
    shown = finished(begun["id"])
    assert set(shown) == {"id", "status", "error"}
    assert (shown["status"], shown["error"]["code"]) == ("failed", "not-an-image")


def test_a_meme_stays_when_its_photo_has_gone(ask, make, cloud):
    meme_id = make()["id"]
    cloud.uploads.blob(upload_name(meme_id)).delete()
    assert ask("GET", f"/memes/{meme_id}").json()["status"] == "done"
    assert problem(ask("POST", f"/memes/{meme_id}/remix", json={})) == (410, "photo-gone")


def test_remixes_walk_on_through_captions_of_the_same_photo(ask, make, cloud, finished, photo):
    first = make()
    photo_id = first["id"].removesuffix("-0")
    memes = [first]
    for n in (1, 2, 3):
        answer = ask("POST", f"/memes/{memes[-1]['id']}/remix")  # of a remix as of the photo
        assert answer.status_code == 201
        assert answer.json()["id"] == f"{photo_id}-{n}"
        assert answer.json()["meme_url"].endswith(f"/memes/{photo_id}-{n}")
        memes.append(finished(f"{photo_id}-{n}"))
    assert len({meme["caption"]["id"] for meme in memes}) == 4

    original = cloud.uploads.get_blob(f"web/{photo_id}/0")
    seed = default_seed(cloud.uploads.name, original.name, original.generation)
    for variant, meme in enumerate(memes):
        expected = make_meme(photo, Options(seed=seed, variant=variant)).report["caption"]
        assert meme["caption"] == expected
    remix = cloud.uploads.get_blob(f"web/{photo_id}/2")
    assert remix.download_as_bytes() == photo
    assert remix.content_type == "image/jpeg"


def test_a_remix_takes_options_of_its_own(ask, make, finished):
    first = make(options={"seed": 5, "variant": 2, "caption": "of the photo"})
    remix = ask("POST", f"/memes/{first['id']}/remix", json={"options": {"expression": "fear"}}).json()["id"]
    shown = finished(remix)
    assert shown["expression"] == "fear"
    again = ask("POST", f"/memes/{first['id']}/remix", json={"options": {"expression": "fear", "turn": 3}})
    assert finished(again.json()["id"])["caption"] == shown["caption"]  # by its old name
    third = ask("POST", f"/memes/{first['id']}/remix", json={"options": {"expression": "fear", "seed": 5}})
    assert finished(third.json()["id"])["caption"] != shown["caption"]


def test_a_remix_of_what_was_never_uploaded(ask):
    assert problem(ask("POST", f"/memes/{UNKNOWN}/remix", json={})) == (410, "photo-gone")


def test_after_the_last_variant_follows_the_first(ask, make, finished, photo, cloud):
    first = make(options={"seed": 5, "variant": MAX_VARIANT})
    remix = ask("POST", f"/memes/{first['id']}/remix").json()["id"]
    assert options_of(cloud.uploads.get_blob(upload_name(remix)).metadata) == Options(seed=5, variant=0)
    shown = finished(remix)
    assert shown["status"] == "done"
    assert shown["caption"] == make_meme(photo, Options(seed=5)).report["caption"]


def take_number(cloud, meme_id: str, n: int) -> str:
    """The name of an upload as the n-th remix of a photo, put there directly."""
    name = f"{MemeId.parse(meme_id).prefix}{n}"
    cloud.upload(name, b"taken")
    cloud.report(f"{name}.json")
    cloud.settle()
    return name


def test_a_photo_has_a_hundred_remixes(ask, make, cloud):
    meme_id = make()["id"]
    take_number(cloud, meme_id, 99)
    last = ask("POST", f"/memes/{meme_id}/remix")
    assert (last.status_code, last.json()["id"]) == (201, f"{meme_id.removesuffix('0')}100")
    for refused in (ask("POST", f"/memes/{meme_id}/remix"), ask("POST", f"/memes/{last.json()['id']}/remix")):
        assert problem(refused) == (429, "too-many-remixes")
        assert "Retry-After" not in refused.headers
    assert cloud.uploads.get_blob(f"{MemeId.parse(meme_id).prefix}101") is None


def test_a_remix_that_was_deleted_has_had_its_number(ask, make, cloud):
    """By whoever may write into the uploads bucket; the api deletes the photo too."""
    meme_id = make()["id"]
    name = take_number(cloud, meme_id, 100)
    cloud.uploads.blob(name).delete()
    assert problem(ask("POST", f"/memes/{meme_id}/remix")) == (429, "too-many-remixes")


@pytest.mark.parametrize("n", [101, 999_999, 1_000_000])
def test_no_remix_gets_a_number_past_the_last(ask, make, cloud, n):
    meme_id = make()["id"]
    cloud.upload(f"{MemeId.parse(meme_id).prefix}{n}", b"by a direct upload")
    assert problem(ask("POST", f"/memes/{meme_id}/remix")) == (429, "too-many-remixes")


@pytest.mark.parametrize("name", ["x", "200x", "x200", "9" * 30, "-7", "٣"])
def test_a_name_that_is_no_number_counts_for_no_remix(ask, make, cloud, name):
    meme_id = make()["id"]
    cloud.upload(f"{MemeId.parse(meme_id).prefix}{name}", b"by a direct upload")
    assert ask("POST", f"/memes/{meme_id}/remix").json()["id"].endswith("-1")


def test_a_number_that_another_remix_took_is_passed_over(make, cloud, developer):
    class Behind(Bucket):
        """Lists the names as they were before the others."""

        def names(self, prefix):
            return [f"{prefix}0"]

    meme_id = make()["id"]
    for n in (1, 2):
        take_number(cloud, meme_id, n)
    uploads, memes = (Behind(developer, bucket.name) for bucket in (cloud.uploads, cloud.memes))
    api = Api(uploads, memes, Shares(memes), signer=None, page_origins=(), page_url="")
    builder = EnvironBuilder(path=f"/memes/{meme_id}/remix", method="POST")
    assert api.answer(Request(builder.get_environ())).json["id"] == f"{meme_id.removesuffix('0')}3"


@pytest.mark.parametrize("metadata", [{"options": "!"}, {"seed": "many"}, {"turn": "1", "variant": "1"}])
def test_a_photo_with_wrong_options_can_be_remixed_with_right_ones(ask, cloud, photo, finished, metadata):
    photo_id = MemeId.new()
    cloud.upload(photo_id.upload_name, photo, metadata)
    assert finished(str(photo_id))["error"]["code"] == "bad-option"
    answer = ask("POST", f"/memes/{photo_id}/remix", json={"options": {"expression": "fear"}})
    assert answer.status_code == 201
    assert finished(answer.json()["id"])["expression"] == "fear"


@pytest.mark.parametrize(
    "data",
    [b"Dear diary", b"\xff", b"", b"[" * 100_000, b"[]", b"null", b"{}", b'{"status": "done"}'],
    ids=["text", "no UTF-8", "nothing", "deep", "a list", "null", "no report", "half a report"],
)
def test_somebody_elses_file_in_place_of_a_report_is_no_report(ask, cloud, data):
    meme_id = MemeId.new()
    cloud.memes.blob(f"{meme_id.upload_name}.json").upload_from_string(data)
    assert ask("GET", f"/memes/{meme_id}").json() == {"id": str(meme_id), "status": "waiting"}


def test_delete_leaves_nothing(ask, make, finished, cloud):
    first, other = make(), make()
    remix = ask("POST", f"/memes/{first['id']}/remix", json={}).json()["id"]
    finished(remix)
    prefix = MemeId.parse(first["id"]).prefix
    assert len(cloud.names(prefix)) == 6
    answer = ask("DELETE", f"/memes/{remix}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert cloud.names(prefix) == []
    assert ask("GET", f"/memes/{first['id']}").json()["status"] == "waiting"
    assert ask("GET", f"/memes/{other['id']}").json()["status"] == "done"
    assert ask("DELETE", f"/memes/{remix}").status_code == 204


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nothing"),
        # What functions-framework would answer itself, or its router not find.
        ("GET", "/robots.txt"),
        ("GET", "/favicon.ico"),
        ("POST", "/robots.txt"),
        ("GET", "/%0a"),
        ("GET", "/health%0a"),
        ("GET", "/memes/%0D%0A"),
        ("GET", "/memes/a%00b"),
        ("GET", "/%7f%1b%ff"),
        ("DELETE", f"/memes/{UNKNOWN}%0a"),
        ("POST", "/uploads/"),
        ("GET", "/memes"),
        ("GET", "/memes/me.jpg"),
        ("GET", f"/memes/{UNKNOWN[:-2]}"),
        ("DELETE", "/memes/..%2F..%2Fother-0"),
        ("POST", "/memes/photo-1/remix"),
    ],
)
def test_what_is_not_there_is_not_found(ask, method, path):
    assert problem(ask(method, path)) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/health", "GET, HEAD, OPTIONS"),
        ("GET", "/uploads", "OPTIONS, POST"),
        ("PUT", f"/memes/{UNKNOWN}", "DELETE, GET, HEAD, OPTIONS"),
        ("GET", f"/memes/{UNKNOWN}/remix", "OPTIONS, POST"),
    ],
)
def test_another_method_is_refused_with_those_that_are_known(ask, method, path, allowed):
    answer = ask(method, path)
    assert problem(answer) == (405, "method-not-allowed")
    assert answer.headers["Allow"] == allowed


JPEG = {"content_type": "image/jpeg", "size": 1}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (400, "bad-request")),
        (b"{", (400, "bad-request")),
        (b"\xff", (400, "bad-request")),
        (b"[" * 16384, (400, "bad-request")),
        (b"1" * 16384, (400, "bad-request")),
        (b"[]", (400, "bad-request")),
        (b"null", (400, "bad-request")),
        ({**JPEG, "name": "me.jpg"}, (400, "bad-request")),
        ({"size": 1}, (400, "bad-request")),
        ({**JPEG, "content_type": 7}, (400, "bad-request")),
        ({"content_type": "image/jpeg"}, (400, "bad-request")),
        ({**JPEG, "size": 0}, (400, "bad-request")),
        ({**JPEG, "size": 1.5}, (400, "bad-request")),
        ({**JPEG, "size": True}, (400, "bad-request")),
        ({**JPEG, "size": "1"}, (400, "bad-request")),
        ({**JPEG, "size": 20 * 2**20 + 1}, (413, "too-many-bytes")),
        (b" " * (16 * 1024) + b"{}", (413, "too-many-bytes")),
        ({**JPEG, "content_type": "application/pdf"}, (415, "unsupported-format")),
        ({**JPEG, "content_type": "image/svg+xml"}, (415, "unsupported-format")),
        ({**JPEG, "content_type": "image/jpegs"}, (415, "unsupported-format")),
        ({**JPEG, "content_type": "image/"}, (415, "unsupported-format")),
        ({**JPEG, "content_type": ";image/jpeg"}, (415, "unsupported-format")),
        ({**JPEG, "options": "fun"}, (400, "bad-option")),
        ({**JPEG, "options": {"size": 7}}, (400, "bad-option")),
        ({**JPEG, "options": {"seed": -1}}, (400, "bad-option")),
        ({**JPEG, "options": {"variant": 1.5}}, (400, "bad-option")),
        ({**JPEG, "options": {"expression": "bored"}}, (400, "bad-option")),
        ({**JPEG, "options": {"style": "modern"}}, (400, "bad-option")),
        ({**JPEG, "options": {"language": "x" * 9}}, (400, "bad-option")),
        ({**JPEG, "options": {"caption": "x" * 301}}, (400, "bad-option")),
        ({**JPEG, "options": {"caption": "\ud83d"}}, (400, "bad-option")),
        ({**JPEG, "options": {"caption": "\ufe0f"}}, (400, "bad-option")),
        ({**JPEG, "options": {"caption": "\u2800\n\U000e0100"}}, (400, "bad-option")),
    ],
)
def test_a_wrong_request_for_an_upload(ask, body, expected):
    arguments = {"data": body} if isinstance(body, bytes) else {"json": body}
    assert problem(ask("POST", "/uploads", **arguments)) == expected


def test_a_body_of_unknown_length_is_bounded_too(ask):
    assert problem(ask("POST", "/uploads", data=iter([b" " * 10_000] * 3))) == (413, "too-many-bytes")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "bad-request")),
        (b'{"variant": 1}', (400, "bad-request")),
        (b'{"options": {"variant": -1}}', (400, "bad-option")),
        (b" " * (16 * 1024 + 1), (413, "too-many-bytes")),
    ],
)
def test_a_wrong_request_for_a_remix(ask, body, expected):
    assert problem(ask("POST", f"/memes/{UNKNOWN}/remix", data=body)) == expected


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("image/jpg", "image/jpeg"),
        ("IMAGE/JPEG", "image/jpeg"),
        ("image/jpeg; charset=utf-8", "image/jpeg"),
        ("Image/JPG ;q=1", "image/jpeg"),
        ("image/PNG", "image/png"),
        ("image/x-ms-bmp", "image/bmp"),
        ("image/tif", "image/tiff"),
        ("image/heif", "image/heif"),
    ],
)
def test_a_content_type_is_taken_for_what_it_means(begin, photo, given, meant):
    """The canonical one is signed, and only that may be sent."""
    upload = begin(content_type=given)["upload"]
    assert upload["headers"]["Content-Type"] == meant
    if given != meant:
        assert put(upload, photo, **{"Content-Type": given}).status_code == 403
    assert put(upload, photo).status_code == 200


def test_the_greatest_photo_and_null_options_are_taken(begin):
    begun = begin(size=20 * 2**20, options={"caption": None, "seed": None})
    assert set(begun["upload"]["headers"]) == {
        "Content-Type",
        "x-goog-content-length-range",
        "x-goog-if-generation-match",
    }


def test_options_travel_as_base64_of_json(begin):
    entry = begin(options={"caption": "నవ్వు\n!"})["upload"]["headers"]["x-goog-meta-options"]
    assert json.loads(base64.urlsafe_b64decode(entry + "==")) == {"caption": "నవ్వు\n!"}


def test_only_the_pages_origin_may_read_the_answers(ask, stack):
    header = "Access-Control-Allow-Origin"
    for path in ("/health", "/nothing"):
        assert ask("GET", path, headers={"Origin": stack.site_url}).headers[header] == stack.site_url
        for other in ("http://evil.example", "null", stack.site_url.upper(), f"{stack.site_url}/"):
            assert header not in ask("GET", path, headers={"Origin": other}).headers
        assert header not in ask("GET", path).headers


def test_a_preflight_names_methods_and_headers(ask, stack):
    asked = {
        "Origin": stack.site_url,
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "content-type",
    }
    answer = ask("OPTIONS", f"/memes/{UNKNOWN}", headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == stack.site_url
    assert answer.headers["Access-Control-Allow-Methods"] == "DELETE, GET, HEAD, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"
    foreign = ask("OPTIONS", f"/memes/{UNKNOWN}", headers={**asked, "Origin": "http://evil.example"})
    assert "Access-Control-Allow-Origin" not in foreign.headers
    assert ask("OPTIONS", "/nothing", headers=asked).status_code == 404


def test_an_upload_url_lets_in_only_what_it_was_signed_for(begin, photo, cloud):
    begun = begin(options={"variant": 1})
    upload = begun["upload"]
    assert put(upload, photo, **{"Content-Type": "image/png"}).status_code == 403
    assert put(upload, photo, **{"x-goog-content-length-range": "1,99999999"}).status_code == 403
    assert put(upload, photo, **{"x-goog-meta-options": "e30"}).status_code == 403
    altered = {**upload, "url": upload["url"].replace("/0?", "/1?")}
    assert put(altered, photo).status_code == 403
    assert put(upload, bytes(20 * 2**20 + 1)).status_code == 400
    assert put(upload, b"").status_code == 400
    assert cloud.names(MemeId.parse(begun["id"]).prefix) == []
    assert put(upload, photo).status_code == 200
    assert put(upload, photo).status_code == 412


def test_an_upload_url_is_good_for_ten_minutes(signer, photo, monkeypatch, cloud):
    for minutes, status in ((11, 400), (9, 200)):
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        monkeypatch.setattr("google.cloud.storage._signing._NOW", lambda tz, at=at: at)
        upload = signer.upload(MemeId.new().upload_name, "image/jpeg", None)
        assert put({"url": upload.url, "headers": upload.headers}, photo).status_code == status


class BrokenBucket:
    name = "photos"

    def find(self, name):
        raise ConnectionError(f"no way to {name}")

    fetch = names = find


def test_an_internal_error_reveals_no_internals(capsys):
    api = Api(
        BrokenBucket(), BrokenBucket(), Shares(BrokenBucket()), None, ("http://localhost:1",), page_url=""
    )
    builder = EnvironBuilder(path=f"/memes/{UNKNOWN}", headers={"Origin": "http://localhost:1"})
    answer = api.answer(Request(builder.get_environ()), "projects/p/traces/t")
    assert answer.status_code == 500
    assert answer.json["code"] == "internal"
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:1"
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["severity"] == "ERROR"
    assert json.loads(line)["error"] == "ConnectionError"
    assert json.loads(line)["logging.googleapis.com/trace"] == "projects/p/traces/t"
    assert UNKNOWN[:22] not in answer.get_data(as_text=True) + line
