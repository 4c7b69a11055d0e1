"""What a signed URL or an id that got into wrong hands can do, and what it can't, on the running stack."""

import gzip
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import requests

from cloud.names import MemeId

FOREIGN = {"Origin": "http://evil.example"}
PHOTO_ID = "AAECAwQFBgcICQoLDA0ODw"  # of the right form, and given out to nobody


@pytest.fixture
def begun(ask, photo):
    """An upload that may begin, with the api's answer."""
    return ask("POST", "/uploads", json={"content_type": "image/jpeg", "size": len(photo)}).json()


@pytest.fixture
def done(begun, photo, finished):
    """A finished meme, as the api shows it."""
    assert put(begun, photo) == 200
    return finished(begun["id"])


def put(begun: dict, data: bytes, **headers: str) -> int:
    upload = begun["upload"]
    answer = requests.put(upload["url"], data=data, headers={**upload["headers"], **headers}, timeout=60)
    return answer.status_code


def moved(url: str, name: str) -> str:
    """A signed URL with another object's name in it."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def names(cloud, meme_id: str) -> list[str]:
    return cloud.names(MemeId.parse(meme_id).prefix)


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "POST", "PATCH"])
def test_an_upload_url_does_nothing_but_its_put(begun, photo, cloud, method):
    assert put(begun, photo) == 200
    upload = begun["upload"]
    answer = requests.request(method, upload["url"], headers=upload["headers"], timeout=60)
    assert answer.status_code in (403, 405)
    assert photo not in answer.content
    assert cloud.uploads.blob(MemeId.parse(begun["id"]).upload_name).download_as_bytes() == photo


@pytest.mark.parametrize(
    "header",
    [
        {"x-goog-acl": "public-read"},
        {"x-goog-copy-source": "/memegen-memes/x"},
        {"x-goog-meta-caption": "another's"},
        {"x-goog-if-generation-match": "1"},
        {"Host": "storage.googleapis.com"},
    ],
    ids=lambda header: next(iter(header)),
)
def test_an_upload_url_takes_no_header_of_cloud_storage_more_and_none_changed(begun, photo, cloud, header):
    assert put(begun, photo, **header) == 403
    assert names(cloud, begun["id"]) == []


# Cloud Storage takes these unsigned too: only headers that are signed, and all of x-goog-, are bound.
UNSIGNED = {
    "Cache-Control": "public, max-age=31536000",
    "Content-Disposition": 'attachment; filename="evil.html"',
    "Content-Language": "tlh",
}


def test_headers_that_pass_unsigned_change_nothing(ask, begun, photo, cloud, finished):
    """They stay at the photo, which nobody is served: no meme has one of them, nor has a remix's."""
    assert put(begun, photo, **UNSIGNED) == 200
    stored = cloud.uploads.get_blob(MemeId.parse(begun["id"]).upload_name)
    assert (stored.cache_control, stored.content_language) == (UNSIGNED["Cache-Control"], "tlh")
    remix = ask("POST", f"/memes/{begun['id']}/remix", json={}).json()["id"]
    for shown in (finished(begun["id"]), finished(remix)):
        assert shown["status"] == "done"
        meme = requests.get(shown["view_url"], timeout=60)
        assert meme.headers["Content-Type"] == "image/jpeg"
        assert meme.headers["Cache-Control"] == "private, max-age=0"
        assert not {"Content-Disposition", "Content-Language", "Content-Encoding"} & set(meme.headers)


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "not packed"])
def test_a_photo_that_is_said_to_be_packed_is_unpacked_where_it_is(
    ask, begun, photo, cloud, finished, packed
):
    data = gzip.compress(photo) if packed else photo
    assert put(begun, data, **{"Content-Encoding": "gzip"}) == 200
    remix = ask("POST", f"/memes/{begun['id']}/remix", json={"options": {"variant": 0}}).json()["id"]
    shown = [finished(begun["id"]), finished(remix)]
    assert [each["status"] for each in shown] == ["done", "done"]
    first, second = (requests.get(each["view_url"], timeout=60).content for each in shown)
    assert first == second
    assert cloud.uploads.get_blob(MemeId.parse(remix).upload_name).content_encoding == "gzip"


def test_a_gzip_bomb_in_an_upload_url_ends_as_too_long(begun, finished):
    assert put(begun, gzip.compress(bytes(2**28)), **{"Content-Encoding": "gzip"}) == 200
    assert finished(begun["id"])["error"]["code"] == "too-many-bytes"


@pytest.mark.parametrize(
    "query", ["&uploads", "&acl", "&generation=1", "&upload_id=x", "&X-Goog-Expires=9999"]
)
def test_an_upload_url_takes_no_parameter_more(begun, photo, cloud, query):
    begun["upload"]["url"] += query
    assert put(begun, photo) in (400, 403)
    assert names(cloud, begun["id"]) == []


def test_an_upload_url_writes_nowhere_else(begun, photo, cloud, stack):
    url = begun["upload"]["url"]
    begun["upload"]["url"] = moved(url, "holiday/me.jpg")
    assert put(begun, photo) == 403
    begun["upload"]["url"] = moved(url, MemeId.parse(begun["id"]).prefix + "1")
    assert put(begun, photo) == 403
    begun["upload"]["url"] = url.replace(stack.uploads_url, stack.memes_url)
    assert put(begun, photo) == 403
    assert cloud.uploads.get_blob("holiday/me.jpg") is None
    assert names(cloud, begun["id"]) == []


def test_the_first_upload_with_a_stolen_url_is_not_overwritten(begun, photo, cloud):
    """So its owner learns of it: the own PUT gets 412."""
    assert put(begun, b"a thief's photo") == 200
    assert put(begun, photo) == 412
    name = MemeId.parse(begun["id"]).upload_name
    assert cloud.uploads.blob(name).download_as_bytes() == b"a thief's photo"


def test_a_stolen_upload_url_works_again_once_the_photo_is_deleted(ask, done, begun, photo, cloud):
    """What the rest of its ten minutes leaves open, and security.md says so."""
    assert ask("DELETE", f"/memes/{done['id']}").status_code == 204
    assert put(begun, photo) == 200
    cloud.report(f"{MemeId.parse(done['id']).upload_name}.json")
    cloud.settle()
    assert ask("DELETE", f"/memes/{done['id']}").status_code == 204
    assert names(cloud, done["id"]) == []


@pytest.mark.parametrize("kind", ["view_url", "download_url"])
def test_a_view_url_shows_one_meme_and_nothing_else(done, cloud, stack, kind):
    url, meme_id = done[kind], MemeId.parse(done["id"])
    assert requests.get(url, timeout=60).status_code == 200
    for other in (f"{meme_id.upload_name}.json", f"{meme_id.prefix}1.meme.jpg", "me.jpg.meme.jpg", ""):
        assert requests.get(moved(url, other), timeout=60).status_code == 403
    assert requests.get(url.replace(stack.memes_url, stack.uploads_url), timeout=60).status_code == 403
    for method in ("PUT", "DELETE", "POST"):
        assert requests.request(method, url, data=b"x", timeout=60).status_code in (403, 405)
    assert len(names(cloud, done["id"])) == 3


def test_a_view_url_shows_nothing_once_the_meme_is_deleted(ask, done):
    assert ask("DELETE", f"/memes/{done['id']}").status_code == 204
    assert requests.get(done["view_url"], timeout=60).status_code == 404


def test_a_view_url_is_good_for_ten_minutes(done, stack, signer, monkeypatch):
    name = f"{MemeId.parse(done['id']).upload_name}.meme.jpg"
    for minutes, status in ((11, 400), (9, 200)):
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        monkeypatch.setattr("google.cloud.storage._signing._NOW", lambda tz, at=at: at)
        assert requests.get(signer.view(name), timeout=60).status_code == status


def test_an_id_never_leads_to_the_photo_itself(done, stack):
    assert stack.uploads_url not in str(done)
    for kind in ("view_url", "download_url"):
        parts = urlsplit(done[kind])
        assert f"{parts.scheme}://{parts.netloc}" == stack.memes_url
        assert parts.path.endswith("/0.meme.jpg")


def test_anyone_with_an_id_may_see_remix_and_delete(ask, done, finished, cloud):
    """An id is all that the api asks for: it's a password, and security.md says so."""
    remix = ask("POST", f"/memes/{done['id']}/remix", json={}).json()["id"]
    assert finished(remix)["status"] == "done"
    assert ask("DELETE", f"/memes/{remix}").status_code == 204
    assert names(cloud, done["id"]) == []


def test_ids_come_from_the_systems_random_numbers(monkeypatch):
    asked = []

    def token_bytes(count: int) -> bytes:
        asked.append(count)
        return bytes(range(count))

    monkeypatch.setattr(secrets, "token_bytes", token_bytes)
    assert str(MemeId.new()) == f"{PHOTO_ID}-0"
    assert asked == [16]


def test_an_id_that_was_given_out_looks_like_one_that_was_not(ask, begun):
    given, other = (ask("GET", f"/memes/{each}") for each in (begun["id"], f"{PHOTO_ID}-0"))
    assert given.text.replace(begun["id"], f"{PHOTO_ID}-0") == other.text
    assert {**given.headers, "Date": ""} == {**other.headers, "Date": ""}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/memes"),
        ("GET", "/memes/"),
        ("GET", "/uploads"),
        ("GET", "/memes/*"),
        ("GET", "/memes?prefix=web"),
    ],
)
def test_nothing_lists_ids(ask, method, path):
    answer = ask(method, path)
    assert answer.status_code in (404, 405)
    assert set(answer.json()) == {"type", "title", "status", "code", "detail"}


DIRECT = [
    PHOTO_ID,
    f"{PHOTO_ID}/0",
    f"{PHOTO_ID}-0",
    f"x/web/{PHOTO_ID}/0",
    f"web/{PHOTO_ID}",
    f"WEB/{PHOTO_ID}/0",
]


def test_no_id_reaches_a_direct_upload(ask, cloud, photo):
    for name in DIRECT:
        cloud.upload(name, photo)
    for name in DIRECT:
        cloud.report(f"{name}.json")
    cloud.settle()
    spelled = [f"/memes/{name.replace('/', '%2F')}" for name in DIRECT] + [
        f"/memes/{name}-0" for name in DIRECT
    ]
    for path in [
        *spelled,
        f"/memes/..%2F{PHOTO_ID}-0",
        f"/memes/{PHOTO_ID}%2F0-0",
        f"/memes/{PHOTO_ID}-0%00",
    ]:
        answer = ask("GET", path)
        assert answer.json().get("status") in (404, "waiting"), path
        assert ask("DELETE", path).status_code in (204, 404), path
    assert ask("POST", f"/memes/{PHOTO_ID}-0/remix").status_code == 410
    for name in DIRECT:
        assert cloud.uploads.get_blob(name) is not None, name
        assert cloud.memes.get_blob(f"{name}.meme.jpg") is not None, name


def test_a_foreign_page_may_send_what_needs_no_preflight_and_read_nothing(ask):
    """Without cookies or other standing rights, such a request can do no more than anyone's."""
    body = '{"content_type": "image/jpeg", "size": 1}'
    answer = ask("POST", "/uploads", data=body, headers={**FOREIGN, "Content-Type": "text/plain"})
    assert answer.status_code == 201
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    preflight = ask(
        "OPTIONS", f"/memes/{PHOTO_ID}-0", headers={**FOREIGN, "Access-Control-Request-Method": "DELETE"}
    )
    assert "Access-Control-Allow-Origin" not in preflight.headers


@pytest.mark.parametrize("host", ["", "evil.example/path", "evil example", 'x"><script>', "localhost:99999"])
def test_a_host_that_is_none_is_refused(ask, begun, photo, cloud, host):
    body = {"content_type": "image/jpeg", "size": 1}
    assert ask("POST", "/uploads", json=body, headers={"Host": host}).status_code == 400
    assert put(begun, photo) == 200
    assert ask("POST", f"/memes/{begun['id']}/remix", headers={"Host": host}).status_code == 400
    assert cloud.uploads.get_blob(f"{MemeId.parse(begun['id']).prefix}1") is None


def test_another_host_comes_back_to_its_own_sender_alone(ask, begun, photo, finished):
    body = {"content_type": "image/jpeg", "size": 1}
    answer = ask("POST", "/uploads", json=body, headers={"Host": "evil.example"})
    assert answer.json()["meme_url"].startswith("http://evil.example/memes/")
    assert put(begun, photo) == 200
    remix = ask("POST", f"/memes/{begun['id']}/remix", headers={"Host": "evil.example"}).json()["id"]
    assert "evil.example" not in str(finished(remix))


@pytest.mark.parametrize(
    ("header", "scheme"),
    [("https", "https"), ("http", "http"), ("javascript", "http"), ("https, http", "http")],
)
def test_a_clients_header_cannot_put_another_scheme_into_an_answer(ask, header, scheme):
    body = {"content_type": "image/jpeg", "size": 1}
    answer = ask("POST", "/uploads", json=body, headers={"X-Forwarded-Proto": header})
    assert answer.json()["meme_url"].startswith(f"{scheme}://localhost:")
