"""The api's answers over buckets in memory, where a rival can act at any moment."""

import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Request, Response
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from werkzeug.test import EnvironBuilder

from cloud.api import Api
from cloud.names import MemeId
from cloud.option_codec import options_of
from cloud.rate_limit import RequestLimit
from cloud.settings import Settings
from cloud.shares import Shares
from cloud.signing import Signer
from memegen import Options, make_meme
from tests.functions.conftest import check_described
from tests.support.memory_bucket import MemoryBucket
from tests.support.photo_files import fields, saved

PHOTO = "AAECAwQFBgcICQoLDA0ODw"
ACCOUNT = "signing@project.iam.gserviceaccount.com"
PAGE = "https://page.example"
HOST = "http://localhost"
COMMON = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": "Origin"}


@pytest.fixture
def uploads() -> MemoryBucket:
    return MemoryBucket("photos")


@pytest.fixture
def memes() -> MemoryBucket:
    return MemoryBucket("memes")


@pytest.fixture(scope="module")
def signer(key_file) -> Signer:
    settings = Settings(
        "api",
        "photos",
        "memes",
        "https://photos.example",
        "https://memes.example",
        signing_account=ACCOUNT,
        signing_key_file=key_file(ACCOUNT),
    )
    return Signer(settings, storage.Client(project="p", credentials=AnonymousCredentials()))


@pytest.fixture
def ask(uploads, memes, signer):
    """The answer to a request, held against openapi.yaml."""

    def request(method: str, path: str, limits: tuple = (None, None), host: str = HOST, **how) -> Response:
        api = Api(uploads, memes, Shares(memes), signer, (PAGE,), f"{PAGE}/", *limits)
        answer = api.answer(Request(EnvironBuilder(path, host, method=method, **how).get_environ()))
        if method not in ("OPTIONS", "HEAD"):
            check_described(method, path, Answer(answer))
        assert COMMON.items() <= dict(answer.headers).items()
        return answer

    return request


class Answer:
    """A Flask answer as requests would give it."""

    def __init__(self, answer: Response) -> None:
        self.status_code, self.headers, self.content = answer.status_code, answer.headers, answer.data
        self.json = lambda: answer.json


def code(answer: Response) -> tuple[int, str]:
    assert answer.json["status"] == answer.status_code
    assert answer.json["detail"]
    return answer.status_code, answer.json["code"]


DONE = {
    "status": "done",
    "source": {"bucket": "photos", "name": f"web/{PHOTO}/0", "generation": 1},
    "meme": {"name": "x", "generation": 1, "width": 4, "height": 3, "bytes": 2},
}


def put_report(memes: MemoryBucket, report: object, n: int = 0) -> None:
    data = report if isinstance(report, bytes) else json.dumps(report, ensure_ascii=False).encode()
    memes.put(f"web/{PHOTO}/{n}.json", data)


def test_it_is_healthy(ask):
    assert ask("GET", "/health").json == {"status": "ok"}
    assert ask("HEAD", "/health").status_code == 200


@pytest.mark.parametrize("options", [None, {"caption": "ha", "seed": None, "turn": 3}])
def test_an_upload_is_described_whole(ask, options):
    fields = {"content_type": "image/jpg", "size": 5} | ({"options": options} if options else {})
    answer = ask("POST", "/uploads", json=fields)
    assert answer.status_code == 201
    begun = answer.json
    meme_id = MemeId.parse(begun["id"])
    assert meme_id.n == 0
    assert begun["meme_url"] == f"{HOST}/memes/{begun['id']}"
    assert begun["upload"]["method"] == "PUT"
    assert begun["upload"]["url"].startswith(f"https://photos.example/web/{meme_id.photo}/0?")
    headers = begun["upload"]["headers"]
    assert headers["Content-Type"] == "image/jpeg"
    entry = headers.get("x-goog-meta-options")
    if options is None:
        assert entry is None
    else:
        assert options_of({"options": entry}) == Options(caption="ha", variant=3)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"content_type": "image/jpeg", "size": 5, "more": 1}, (400, "bad-request")),
        ({"content_type": "text/plain", "size": 5}, (415, "unsupported-format")),
        ({"content_type": "image/jpeg", "size": 2**30}, (413, "too-many-bytes")),
        ({"content_type": "image/jpeg", "size": 5, "options": {"seed": "x"}}, (400, "bad-option")),
    ],
)
def test_a_wrong_request_for_an_upload_is_refused(ask, body, expected):
    assert code(ask("POST", "/uploads", json=body)) == expected


def test_before_its_report_a_meme_is_waited_for_or_in_work(ask, uploads):
    assert ask("GET", f"/memes/{PHOTO}-0").json == {"id": f"{PHOTO}-0", "status": "waiting"}
    uploads.put(f"web/{PHOTO}/0", b"photo")
    assert ask("GET", f"/memes/{PHOTO}-0").json == {"id": f"{PHOTO}-0", "status": "working"}
    assert ask("GET", f"/memes/{PHOTO}-1").json == {"id": f"{PHOTO}-1", "status": "waiting"}


def shown_report() -> dict:
    """What a real report holds, made by the library."""
    made = make_meme(saved(fields(), "PNG"), Options(caption="అమ్మ", seed=1)).report
    outputs = [{"name": f"web/{PHOTO}/2.meme.jpg", **output} for output in made["outputs"]]
    return {**DONE, **made, "meme": {**DONE["meme"], **made["meme"]}, "outputs": outputs}


def test_a_meme_that_is_done_is_shown_with_urls_and_without_its_source(ask, memes):
    report = shown_report()
    put_report(memes, report, n=2)
    answer = ask("GET", f"/memes/{PHOTO}-2")
    shown = answer.json
    assert "అమ్మ".encode() in answer.data  # as it is written, in UTF-8
    [output] = shown["outputs"]
    assert (output.pop("view_url"), output.pop("download_url")) == (shown["view_url"], shown["download_url"])
    for name, disposition in (("view_url", None), ("download_url", ['attachment; filename="meme.jpg"'])):
        parts = urlsplit(shown.pop(name))
        assert (
            f"{parts.scheme}://{parts.netloc}{parts.path}" == f"https://memes.example/web/{PHOTO}/2.meme.jpg"
        )
        assert parse_qs(parts.query).get("response-content-disposition") == disposition
    del report["source"]
    assert shown == {"id": f"{PHOTO}-2", **report}


OUTPUTS = [
    {"name": "x", "type": kind, "width": 4, "height": 3, "bytes": 2}
    for kind in ("image/jpeg", "image/gif", "image/webp")
]


@pytest.mark.parametrize("outputs", [OUTPUTS[:2], OUTPUTS[::2], OUTPUTS[:1], None])
def test_each_output_has_the_urls_of_its_own_object_and_no_other_name(ask, memes, outputs):
    """Whatever a report calls them: their names come from the id."""
    unknown = {**OUTPUTS[0], "type": "image/tiff"}
    named = {} if outputs is None else {"outputs": [*outputs, unknown]}
    report = {name: value for name, value in shown_report().items() if name != "outputs"}
    put_report(memes, report | named)
    shown = ask("GET", f"/memes/{PHOTO}-0").json
    endings = {"image/gif": "gif", "image/jpeg": "jpg", "image/webp": "webp"}
    paths = {
        output["type"]: {urlsplit(output[kind]).path for kind in ("view_url", "download_url")}
        for output in shown.get("outputs", [])
    }
    assert paths == {
        output["type"]: {f"/web/{PHOTO}/0.meme.{endings[output['type']]}"} for output in outputs or []
    }
    assert ("outputs" in shown) == bool(outputs)


def test_a_meme_that_failed_is_shown_without_urls(ask, memes):
    error = {"code": "damaged-image", "message": "It is cut off."}
    put_report(memes, {"status": "failed", "error": error, "source": DONE["source"]})
    assert ask("GET", f"/memes/{PHOTO}-0").json == {"id": f"{PHOTO}-0", "status": "failed", "error": error}


@pytest.mark.parametrize(
    "report",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b"null",
        {"status": "done"},
        {"source": {}},
        {"source": {}, "status": "x"},
    ],
    ids=range(9),
)
def test_somebody_elses_file_is_no_report(ask, memes, report):
    put_report(memes, report)
    assert ask("GET", f"/memes/{PHOTO}-0").json["status"] == "waiting"


# Remixes


def remix(ask, n: int = 0, **fields) -> Response:
    return ask("POST", f"/memes/{PHOTO}-{n}/remix", json=fields)


def own(uploads: MemoryBucket, n: int) -> Options:
    return options_of(uploads.find(f"web/{PHOTO}/{n}").metadata)


def test_remixes_take_the_photo_its_seed_and_the_next_variant(ask, uploads):
    uploads.put(f"web/{PHOTO}/0", b"photo", {"seed": "7", "variant": "3", "style": "bar"})
    for n in (1, 2):
        answer = remix(ask, n=n - 1)
        assert answer.status_code == 201
        assert answer.json == {"id": f"{PHOTO}-{n}", "meme_url": f"{HOST}/memes/{PHOTO}-{n}"}
        assert uploads.fetch(f"web/{PHOTO}/{n}") == b"photo"
        assert own(uploads, n) == Options(seed=7, variant=3 + n)


def test_a_remix_s_own_options_come_first(ask, uploads):
    uploads.put(f"web/{PHOTO}/0", b"photo", {"seed": "7", "variant": "3"})
    remix(ask, options={"variant": 9, "caption": "ha"})
    assert own(uploads, 1) == Options(seed=7, variant=9, caption="ha")
    remix(ask, options={"seed": 5})
    assert own(uploads, 2) == Options(seed=5, variant=5)


def test_after_the_last_variant_follows_the_first(ask, uploads):
    """openapi.yaml: a variant is 0 to 999,999."""
    uploads.put(f"web/{PHOTO}/0", b"photo", {"seed": "7", "variant": "999999"})
    remix(ask)
    assert own(uploads, 1) == Options(seed=7, variant=0)


def test_without_a_seed_of_its_own_the_photo_s_default_is_taken(ask, uploads):
    """So that the remix is the photo's next variant. The default is by the contract, in test_names.py."""
    generation = uploads.put(f"web/{PHOTO}/0", b"photo")
    digest = hashlib.sha256(f"photos\nweb/{PHOTO}/0\n{generation}".encode()).hexdigest()
    remix(ask)
    assert own(uploads, 1).seed == int(digest[:16], 16) // 2


def test_a_photo_with_wrong_options_is_remixed_as_one_without(ask, uploads):
    uploads.put(f"web/{PHOTO}/0", b"photo", {"options": "!"})
    assert remix(ask).status_code == 201
    assert own(uploads, 1).variant == 1


def test_what_was_never_uploaded_cannot_be_remixed(ask):
    assert code(remix(ask)) == (410, "photo-gone")


def test_a_photo_that_goes_meanwhile_cannot_be_remixed(ask, uploads):
    uploads.put(f"web/{PHOTO}/0", b"photo")
    uploads.before[f"copy web/{PHOTO}/1"] = lambda: uploads.delete(f"web/{PHOTO}/0")
    assert code(remix(ask)) == (410, "photo-gone")
    assert uploads.objects == {}


def test_a_number_that_another_remix_takes_meanwhile_is_passed_over(ask, uploads):
    uploads.put(f"web/{PHOTO}/0", b"photo", {"seed": "7"})
    uploads.before[f"copy web/{PHOTO}/1"] = lambda: uploads.put(f"web/{PHOTO}/1", b"rival")
    assert remix(ask).json["id"] == f"{PHOTO}-2"
    assert uploads.fetch(f"web/{PHOTO}/1") == b"rival"
    assert own(uploads, 2) == Options(seed=7, variant=2)


@pytest.mark.parametrize(
    ("bucket", "name", "expected"),
    [
        ("uploads", "41", 42),
        ("memes", "41.json", 42),
        ("memes", "41.meme.jpg", 42),
        ("uploads", "99", 100),
        ("uploads", "100", None),
        ("memes", "999999.json", None),
        ("uploads", "41x", 1),
        ("uploads", "x41", 1),
        ("uploads", "٣", 1),
        ("uploads", "1234567890", 1),
        ("uploads", "more/41", 1),
    ],
)
def test_a_remix_gets_the_number_after_the_highest_ever_used_up_to_100(
    ask, uploads, memes, bucket, name, expected
):
    uploads.put(f"web/{PHOTO}/0", b"photo")
    {"uploads": uploads, "memes": memes}[bucket].put(f"web/{PHOTO}/{name}", b"")
    answer = remix(ask)
    if expected is None:
        assert code(answer) == (429, "too-many-remixes")
        assert "100" in answer.json["detail"]
    else:
        assert answer.json["id"] == f"{PHOTO}-{expected}"


@pytest.mark.parametrize("fields", [{"more": 1}, {"options": {"seed": "x"}}, {"options": []}])
def test_a_wrong_request_for_a_remix_makes_none(ask, uploads, fields):
    uploads.put(f"web/{PHOTO}/0", b"photo")
    assert remix(ask, **fields).status_code == 400
    assert len(uploads.objects) == 1


# Deleting


def test_a_deletion_leaves_nothing_and_no_other_photo_misses_anything(ask, uploads, memes):
    other = "web/AAECAwQFBgcICQoLDA0ODg/0"
    for bucket, names in ((uploads, ["0", "1"]), (memes, ["0.json", "0.meme.jpg", "1.json"])):
        for name in names:
            bucket.put(f"web/{PHOTO}/{name}", b"")
        bucket.put(other, b"")
    answer = ask("DELETE", f"/memes/{PHOTO}-1")
    assert (answer.status_code, answer.data) == (204, b"")
    assert list(uploads.objects) == list(memes.objects) == [other]


def test_the_photo_goes_before_its_memes(ask, uploads, memes):
    """on_upload takes back what it writes once its photo is gone. The other way round a report would stay."""
    uploads.put(f"web/{PHOTO}/0", b"photo")
    memes.before["names"] = lambda: left.append(list(uploads.objects))
    left: list[list[str]] = []
    ask("DELETE", f"/memes/{PHOTO}-0")
    assert left == [[]]


def test_what_comes_while_the_rest_is_deleted_is_deleted_too(ask, uploads):
    uploads.put(f"web/{PHOTO}/0", b"photo")
    uploads.before[f"delete web/{PHOTO}/0"] = lambda: uploads.put(f"web/{PHOTO}/1", b"remix")
    ask("DELETE", f"/memes/{PHOTO}-0")
    assert uploads.objects == {}


# Links that only show a meme

TOKEN = MemeId(PHOTO, 0).token
CAPTION, ONE_LINE = "Tom & Jerry\nnation", "Tom &amp; Jerry / nation"


def put_meme(memes: MemoryBucket, n: int = 0) -> None:
    caption = {"id": "own", "text": CAPTION, "language": "en", "mood": None}
    put_report(memes, {**DONE, "caption": caption, "alt_text": "Two friends."}, n)
    memes.put(f"web/{PHOTO}/{n}.meme.jpg", b"jpeg %d" % n)


def share(ask, n: int = 0) -> Response:
    return ask("POST", f"/memes/{PHOTO}-{n}/share", host="https://api.example")


def gone(ask, path: str, **headers: str) -> str:
    """The page of a link that shows nothing, in the language of the reader."""
    answer = ask("GET", path, headers=headers)
    assert answer.status_code == 404
    assert answer.content_type == "text/html; charset=utf-8"
    assert f'href="{PAGE}/"' in answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_link_shows_the_copy_in_the_readers_language(ask, memes, language):
    put_meme(memes, 3)
    shared = share(ask, 3)
    token = MemeId(PHOTO, 3).token
    assert (shared.status_code, shared.json) == (201, {"share_url": f"https://api.example/s/{token}"})
    assert memes.objects[f"shared/{token}.jpg"][1] == b"jpeg 3"
    page = ask("GET", f"/s/{token}", host="https://api.example", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.get_data(as_text=True)
    assert page.get_data(as_text=True).count(ONE_LINE) >= 1
    assert f'content="https://api.example/s/{token}.jpg"' in page.get_data(as_text=True)
    assert f'href="{PAGE}/"' in page.get_data(as_text=True)
    picture = ask("GET", f"/s/{token}.jpg")
    assert (picture.status_code, picture.content_type, picture.data) == (200, "image/jpeg", b"jpeg 3")
    assert picture.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("path", [f"/s/{TOKEN}", f"/s/{TOKEN}.jpg"])
def test_a_link_that_shows_nothing_says_so_in_the_readers_language(ask, path):
    for language in ("en", "es"):
        assert f'<html lang="{language}"' in gone(ask, path, **{"Accept-Language": language})


def test_only_what_is_finished_is_shared(ask, memes):
    assert code(share(ask)) == (404, "not-found")
    memes.put(f"web/{PHOTO}/0.meme.jpg", b"jpeg")
    assert code(share(ask)) == (404, "not-found")  # without a report
    put_meme(memes)
    del memes.objects[f"web/{PHOTO}/0.meme.jpg"]
    assert code(share(ask)) == (404, "not-found")  # without a meme
    assert "shared/" not in "".join(memes.objects)


def test_a_revoked_link_shows_nothing_and_others_stay(ask, memes):
    for n in (0, 1):
        put_meme(memes, n)
        share(ask, n)
    answer = ask("DELETE", f"/memes/{PHOTO}-0/share")
    assert (answer.status_code, answer.data) == (204, b"")
    gone(ask, f"/s/{TOKEN}")
    assert ask("GET", f"/s/{MemeId(PHOTO, 1).token}").status_code == 200
    assert f"web/{PHOTO}/0.meme.jpg" in memes.objects


def test_a_deletion_takes_the_copies_of_the_meme_and_of_every_remix(ask, memes):
    for n in (0, 1, 12):
        put_meme(memes, n)
        share(ask, n)
    ask("DELETE", f"/memes/{PHOTO}-12")
    assert memes.objects == {}


def test_of_a_meme_the_report_goes_first_and_the_picture_last(ask, memes):
    """Without a report no copy is made any more, and a deletion that broke off finds the copy by the meme."""
    put_meme(memes, 1)
    share(ask, 1)
    names = [f"web/{PHOTO}/1.json", f"shared/{MemeId(PHOTO, 1).token}.jpg", f"web/{PHOTO}/1.meme.jpg"]
    left: list[list[str]] = []
    for name in names:
        memes.before[f"delete {name}"] = lambda: left.append(
            [each for each in names if each in memes.objects]
        )
    ask("DELETE", f"/memes/{PHOTO}-0")
    assert left == [names, names[1:], names[2:]]


# Routes, methods and origins


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/memes",
        "/memes/",
        "//health",
        "/health/",
        "/memes//remix",
        f"/memes//{PHOTO}-0",
        "/robots.txt",
        "/a\nb",
    ],
)
def test_another_address_is_not_found(ask, path):
    assert code(ask("GET", path)) == (404, "not-found")
    assert ask("OPTIONS", path).status_code == 404


@pytest.mark.parametrize("text", ["x", PHOTO, f"{PHOTO}-01", f"{PHOTO}-1000000", "..%2f0"])
@pytest.mark.parametrize(("method", "tail"), [("GET", ""), ("DELETE", ""), ("POST", "/remix")])
def test_what_is_no_id_is_not_found(ask, method, tail, text):
    assert code(ask(method, f"/memes/{text}{tail}")) == (404, "not-found")


METHODS = {
    "/health": ("GET, HEAD, OPTIONS", "POST"),
    "/uploads": ("OPTIONS, POST", "GET"),
    f"/memes/{PHOTO}-0": ("DELETE, GET, HEAD, OPTIONS", "PUT"),
    f"/memes/{PHOTO}-0/remix": ("OPTIONS, POST", "DELETE"),
    f"/memes/{PHOTO}-0/share": ("DELETE, OPTIONS, POST", "GET"),
    f"/s/{TOKEN}": ("GET, HEAD, OPTIONS", "POST"),
    f"/s/{TOKEN}.jpg": ("GET, HEAD, OPTIONS", "POST"),
}


@pytest.mark.parametrize("path", METHODS)
def test_an_address_tells_its_methods(ask, path):
    allowed, wrong = METHODS[path]
    refusal = ask(wrong, path)
    assert code(refusal) == (405, "method-not-allowed")
    assert refusal.headers["Allow"] == allowed
    assert wrong in refusal.json["detail"]
    preflight = ask("OPTIONS", path)
    assert preflight.status_code == 204
    assert preflight.headers["Allow"] == preflight.headers["Access-Control-Allow-Methods"] == allowed
    assert preflight.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert preflight.headers["Access-Control-Max-Age"] == "3600"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(PAGE, PAGE), ("https://evil.example", None), (f"{PAGE}.evil.example", None), (None, None)],
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/health"), ("GET", "/nowhere"), ("OPTIONS", "/uploads")]
)
def test_the_page_s_origin_alone_may_read_an_answer(ask, method, path, origin, allowed):
    answer = ask(method, path, headers={"Origin": origin} if origin else {})
    assert answer.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "http://api.example:8080"),
        ({"X-Forwarded-Proto": "https"}, "https://api.example:8080"),
        ({"X-Forwarded-Proto": "javascript"}, "http://api.example:8080"),
    ],
)
def test_an_answer_names_the_address_that_was_asked(ask, uploads, headers, expected):
    uploads.put(f"web/{PHOTO}/0", b"photo")
    how = {"host": "http://api.example:8080", "headers": headers}
    begun = ask("POST", "/uploads", json={"content_type": "image/png", "size": 1}, **how).json
    assert begun["meme_url"] == f"{expected}/memes/{begun['id']}"
    made = ask("POST", f"/memes/{PHOTO}-0/remix", **how).json
    assert made["meme_url"] == f"{expected}/memes/{made['id']}"


@pytest.mark.parametrize("path", ["/uploads", f"/memes/{PHOTO}-0/remix"])
def test_a_request_without_a_host_is_refused(ask, uploads, path):
    uploads.put(f"web/{PHOTO}/0", b"photo")
    answer = ask("POST", path, json={}, headers={"Host": "a b"})
    assert code(answer) == (400, "bad-request")
    assert "Host" in answer.json["detail"]
    assert len(uploads.objects) == 1


# Limits


def limited(per_minute: int) -> RequestLimit:
    return RequestLimit(per_minute, clock=lambda: 0.0)


def test_one_request_too_many_is_told_when_to_come_back(ask):
    """Of two a minute the third may come after 30 s; of seven the eighth after 60/7, so 9 whole ones."""
    for per_minute, wait in ((2, "30"), (7, "9")):
        limit = limited(per_minute)
        for _ in range(per_minute):
            assert ask("GET", "/health", (limit, None)).status_code == 200
        refusal = ask("GET", "/health", (limit, None))
        assert code(refusal) == (429, "too-many-requests")
        assert refusal.headers["Retry-After"] == wait
        assert f"{wait} s" in refusal.json["detail"]
        assert f"{per_minute} requests a minute" in refusal.json["detail"]


def test_each_client_is_counted_by_what_the_front_end_says_of_it(ask):
    limit = limited(1)
    first = {"headers": {"X-Forwarded-For": "192.0.2.9, 192.0.2.1"}}
    assert ask("GET", "/health", (limit, None), **first).status_code == 200
    assert ask("GET", "/health", (limit, None), headers={"X-Forwarded-For": "192.0.2.2"}).status_code == 200
    assert ask("GET", "/health", (limit, None), headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 429
    alone = {"environ_base": {"REMOTE_ADDR": "192.0.2.3"}}
    assert ask("GET", "/health", (limit, None), **alone).status_code == 200
    assert ask("GET", "/health", (limit, None), **alone).status_code == 429


def test_what_is_not_found_is_counted_and_a_preflight_is_not(ask):
    limit = limited(1)
    for _ in range(3):
        assert ask("OPTIONS", "/uploads", (limit, None)).status_code == 204
    assert ask("GET", "/nowhere", (limit, None)).status_code == 404
    assert ask("GET", "/nowhere", (limit, None)).status_code == 429


def test_uploads_have_a_limit_of_their_own(ask):
    limits = (limited(9), limited(1))
    fields = {"content_type": "image/png", "size": 1}
    assert ask("POST", "/uploads", limits, json=fields).status_code == 201
    refusal = ask("POST", "/uploads", limits, json=fields)
    assert code(refusal) == (429, "too-many-requests")
    assert "1 photos" in refusal.json["detail"]
    assert ask("GET", "/health", limits).status_code == 200


def test_an_error_of_ours_is_logged_and_answered(ask, uploads, capsys):
    uploads.before[f"find web/{PHOTO}/0"] = lambda: 1 / 0
    assert code(ask("GET", f"/memes/{PHOTO}-0", headers={"Origin": PAGE})) == (500, "internal")
    [line] = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert (entry["severity"], entry["method"], entry["error"]) == ("ERROR", "GET", "ZeroDivisionError")
    assert PHOTO not in line
