"""Links that only show a meme: what they show, to whom, until when, and that they tell no id."""

import base64
import hashlib
import io
import json
import re
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
import requests
from flask import Request
from PIL import Image
from werkzeug.test import EnvironBuilder

from cloud.api import Api
from cloud.names import MemeId
from cloud.share_page import WORDS
from cloud.shares import SharedMeme, Shares
from cloud.storage import Bucket
from memegen.caption.choose import FOLDER as PACKS

UNKNOWN = "AAECAwQFBgcICQoLDA0ODw-0"
CAPTION = 'Tom & "Jerry" <script>alert(1)</script>\n<b>bold</b> nation'
ONE_LINE = 'Tom & "Jerry" <script>alert(1)</script> / <b>bold</b> nation'


class Html(HTMLParser):
    """What a crawler reads of a page: its elements with their attributes, and its title."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.words.append(data)

    def meta(self, name: str) -> str:
        [content] = [
            given["content"]
            for tag, given in self.elements
            if tag == "meta" and name in (given.get("property"), given.get("name"), given.get("http-equiv"))
        ]
        return content

    def only(self, tag: str) -> dict[str, str]:
        [attributes] = [given for name, given in self.elements if name == tag]
        return attributes


@pytest.fixture
def meme(ask, photo, finished):
    """Makes a meme with options; what the api shows of it."""

    def make(**options):
        body = {"content_type": "image/jpeg", "size": len(photo), "options": options}
        begun = ask("POST", "/uploads", json=body).json()
        upload = begun["upload"]
        assert requests.put(upload["url"], photo, headers=upload["headers"], timeout=60).status_code == 200
        return finished(begun["id"])

    return make


@pytest.fixture
def share(ask, stack):
    """Shares a meme; the path of its link."""

    def post(meme_id: str) -> str:
        answer = ask("POST", f"/memes/{meme_id}/share")
        assert answer.status_code == 201
        return answer.json()["share_url"].removeprefix(stack.api_url)

    return post


def token_of(meme_id: str) -> str:
    """By hand: 16 bytes of the id's SHA-256 in URL-safe base64."""
    return base64.urlsafe_b64encode(hashlib.sha256(meme_id.encode()).digest()[:16]).decode().rstrip("=")


def is_gone(answer: requests.Response) -> bool:
    """Whether this is the kind page that says that nothing is shared."""
    page = Html(answer.text)
    return answer.status_code == 404 and page.words.count(WORDS["en"]["gone_heading"]) == 1


def test_a_link_shows_the_meme_to_people_and_to_link_previews(ask, stack, meme, share):
    shown = meme(caption=CAPTION, language="en")
    path = share(shown["id"])
    assert path == f"/s/{token_of(shown['id'])}"
    answer = ask("GET", path)
    assert answer.status_code == 200
    page = Html(answer.text)
    url = stack.api_url + path
    assert page.meta("og:title") == ONE_LINE
    assert page.meta("og:url") == url
    assert page.meta("og:image") == f"{url}.jpg"
    assert page.meta("og:image:alt") == page.only("img")["alt"] == shown["alt_text"]
    size = (str(shown["meme"]["width"]), str(shown["meme"]["height"]))
    assert (page.meta("og:image:width"), page.meta("og:image:height")) == size
    assert (page.only("img")["width"], page.only("img")["height"]) == size
    assert page.only("a")["href"] == f"{stack.site_url}/"
    assert "Make your own" in page.words

    picture = ask("GET", f"{path}.jpg")
    assert picture.content == requests.get(shown["view_url"], timeout=60).content
    assert picture.headers["X-Robots-Tag"] == "noindex"
    with Image.open(io.BytesIO(picture.content)) as image:
        assert (image.format, image.size) == ("JPEG", (shown["meme"]["width"], shown["meme"]["height"]))


def test_a_page_runs_nothing_and_asks_nobody_else(ask, meme, share):
    answer = ask("GET", share(meme(caption=CAPTION)["id"]))
    page = Html(answer.text)
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)[1]
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src 'self' data:; style-src 'sha256-{style_hash}'; base-uri 'none'; "
        "form-action 'none'"
    )
    assert page.meta("Content-Security-Policy") == policy
    assert answer.headers["Content-Security-Policy"] == f"{policy}; frame-ancestors 'none'"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == page.meta("robots") == "noindex"
    tags = {tag for tag, _ in page.elements}
    assert tags == {"html", "head", "meta", "title", "link", "style", "body", "main", "h1", "img", "a"}
    assert not [name for _, given in page.elements for name in given if name.startswith("on")]


def test_neither_link_nor_page_nor_copy_tells_the_id_or_leads_to_the_photo(ask, meme, share, cloud):
    shown = meme()
    meme_id = MemeId.parse(shown["id"])
    path = share(str(meme_id))
    page, picture = ask("GET", path), ask("GET", f"{path}.jpg")
    copy = cloud.memes.get_blob(f"shared/{path.removeprefix('/s/')}.jpg")
    told = [path, page.text, str(page.headers), str(picture.headers), json.dumps(copy._properties)]
    for text in told:
        assert meme_id.photo not in text
        assert cloud.uploads.name not in text
    assert meme_id.photo.encode() not in picture.content
    token = path.removeprefix("/s/")
    assert ask("GET", f"/memes/{token}-0").json()["status"] == "waiting"  # a token is no id


def test_asked_again_the_link_is_the_same_and_so_is_the_copy(share, meme, cloud):
    meme_id = meme()["id"]
    path = share(meme_id)
    name = f"shared/{path.removeprefix('/s/')}.jpg"
    before = cloud.memes.get_blob(name).generation
    assert share(meme_id) == path
    assert cloud.memes.get_blob(name).generation == before


def test_a_link_of_a_remix_shows_that_remix(ask, meme, share, finished):
    first = meme(caption="first")
    answer = ask("POST", f"/memes/{first['id']}/remix", json={"options": {"caption": "second"}})
    second = finished(answer.json()["id"])
    paths = share(first["id"]), share(second["id"])
    assert [Html(ask("GET", path).text).meta("og:title") for path in paths] == ["first", "second"]
    pictures = [ask("GET", f"{path}.jpg").content for path in paths]
    assert pictures == [requests.get(each["view_url"], timeout=60).content for each in (first, second)]


def test_a_copy_carries_the_memes_own_time(share, meme, cloud):
    """A lifecycle rule reads it: a copy ends with its meme."""
    meme_id = meme()["id"]
    path = share(meme_id)
    copy = cloud.memes.get_blob(f"shared/{path.removeprefix('/s/')}.jpg")
    original = cloud.memes.get_blob(f"{MemeId.parse(meme_id).upload_name}.meme.jpg")
    assert copy.custom_time == original.time_created
    assert original.custom_time is None


def test_a_revoked_link_shows_nothing_and_may_be_given_out_again(ask, meme, share):
    meme_id = meme()["id"]
    path = share(meme_id)
    answer = ask("DELETE", f"/memes/{meme_id}/share")
    assert (answer.status_code, answer.content) == (204, b"")
    assert is_gone(ask("GET", path))
    assert is_gone(ask("GET", f"{path}.jpg"))
    assert ask("GET", f"/memes/{meme_id}").json()["status"] == "done"
    assert ask("DELETE", f"/memes/{meme_id}/share").status_code == 204
    assert share(meme_id) == path
    assert ask("GET", path).status_code == 200


def test_deleting_the_meme_ends_the_links_of_all_its_remixes(ask, meme, share, finished, cloud):
    first, other = meme()["id"], meme()["id"]
    remix = finished(ask("POST", f"/memes/{first}/remix").json()["id"])["id"]
    gone, kept = [share(first), share(remix)], share(other)
    assert ask("DELETE", f"/memes/{remix}").status_code == 204
    for path in gone:
        assert is_gone(ask("GET", path))
        assert cloud.memes.get_blob(f"shared/{path.removeprefix('/s/')}.jpg") is None
    assert ask("GET", kept).status_code == 200


def test_a_deletion_ends_a_link_whose_meme_is_not_there_any_more(ask, meme, share, cloud):
    meme_id = meme()["id"]
    path = share(meme_id)
    for name in cloud.names(MemeId.parse(meme_id).prefix):
        bucket, _, key = name.partition("/")
        (cloud.memes if bucket == cloud.memes.name else cloud.uploads).blob(key).delete()
    assert ask("DELETE", f"/memes/{meme_id}").status_code == 204
    assert is_gone(ask("GET", path))


def test_a_deletion_that_breaks_off_can_be_finished(meme, share, ask, cloud, developer):
    """It breaks off at any of its steps; asked again, it leaves no copy."""

    class Breaking(Bucket):
        left = 0

        def delete(self, name, generation=None):
            if self.left == 0:
                raise ConnectionError
            self.left -= 1
            super().delete(name, generation)

    for steps in range(6):
        meme_id = MemeId.parse(meme()["id"])
        remix_id = MemeId(meme_id.photo, 1)
        ask("POST", f"/memes/{meme_id}/remix")
        while ask("GET", f"/memes/{remix_id}").json()["status"] != "done":
            pass
        path = share(str(remix_id))
        memes = Breaking(developer, cloud.memes.name)
        memes.left = steps
        api = _api(Bucket(developer, cloud.uploads.name), memes)
        assert _answer(api, "DELETE", f"/memes/{meme_id}").status_code == 500
        memes.left = 99
        assert _answer(api, "DELETE", f"/memes/{meme_id}").status_code == 204
        assert is_gone(ask("GET", path))


@pytest.mark.parametrize("verb", ["find", "copy"])
def test_a_meme_that_is_deleted_while_it_is_shared_leaves_no_copy(meme, cloud, developer, verb):
    shown = meme()
    meme_id = MemeId.parse(shown["id"])

    class Deleted(Bucket):
        """In which the meme is deleted after the first call of `verb`, by another request."""

        def __getattribute__(self, name):
            method = super().__getattribute__(name)
            if name != verb:
                return method

            def call(*arguments, **named):
                found = method(*arguments, **named)
                plain = [Bucket(developer, bucket.name) for bucket in (cloud.uploads, cloud.memes)]
                assert _answer(_api(*plain), "DELETE", f"/memes/{meme_id}").status_code == 204
                return found

            return call

    assert Shares(Deleted(developer, cloud.memes.name)).make(meme_id, shown) is False
    assert cloud.memes.get_blob(f"shared/{token_of(shown['id'])}.jpg") is None


def test_of_racing_requests_to_share_all_get_the_link(meme, cloud, developer):
    shown = meme()
    meme_id = MemeId.parse(shown["id"])
    memes = Bucket(developer, cloud.memes.name)

    class Late(Bucket):
        """Which has not seen the copy that another request just made."""

        def find(self, name):
            return None if name.startswith("shared/") else super().find(name)

    assert Shares(memes).make(meme_id, shown)
    assert Shares(Late(developer, cloud.memes.name)).make(meme_id, shown)


def test_a_link_works_for_seven_days_and_can_then_be_made_anew(meme, share, cloud, developer):
    shown = meme()
    token = share(shown["id"]).removeprefix("/s/")
    memes = Bucket(developer, cloud.memes.name)
    began = cloud.memes.get_blob(f"shared/{token}.jpg").time_created

    def at(moment: datetime) -> Api:
        plain = Bucket(developer, cloud.uploads.name)
        return _api(plain, memes, Shares(memes, clock=lambda: moment))

    second = timedelta(seconds=1)
    before, after = at(began + timedelta(days=7) - second), at(began + timedelta(days=7))
    for path in (f"/s/{token}", f"/s/{token}.jpg"):
        assert _answer(before, "GET", path).status_code == 200
        assert _answer(after, "GET", path).status_code == 404
    assert _answer(after, "POST", f"/memes/{shown['id']}/share").status_code == 201
    assert cloud.memes.get_blob(f"shared/{token}.jpg").time_created > began


@pytest.mark.parametrize("path", [f"/s/{token_of(UNKNOWN)}", "/s/x", f"/s/{UNKNOWN}", "/s/%00", "/s/ü"])
def test_an_unknown_link_gets_a_kind_page(ask, stack, path):
    answer = ask("GET", path)
    assert is_gone(answer)
    assert Html(answer.text).only("a")["href"] == f"{stack.site_url}/"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    if not path.endswith(".jpg"):
        assert is_gone(ask("GET", f"{path}.jpg"))


@pytest.mark.parametrize("fails", [False, True], ids=["not uploaded", "failed"])
def test_what_is_no_finished_meme_is_not_shared(ask, cloud, finished, fails):
    meme_id = MemeId.new()
    if fails:
        cloud.upload(meme_id.upload_name, b"no photo")
        assert finished(str(meme_id))["status"] == "failed"
    answer = ask("POST", f"/memes/{meme_id}/share")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert cloud.memes.get_blob(f"shared/{token_of(str(meme_id))}.jpg") is None


@pytest.mark.parametrize(
    "report",
    [
        {},
        {"caption": "text", "meme": {"width": 1, "height": 1}, "alt_text": ""},
        {"caption": {"text": "a", "language": "en"}, "meme": {"width": "wide", "height": 1}, "alt_text": ""},
        {"caption": {"text": 7, "language": "en"}, "meme": {"width": 1, "height": 1}, "alt_text": ""},
        {"caption": {"text": "a", "language": "en"}, "meme": {"width": 1, "height": 1}, "alt_text": None},
    ],
)
def test_somebody_elses_report_is_none_to_share(ask, cloud, report):
    meme_id = MemeId.new()
    data = json.dumps({"source": {}, "status": "done", **report})
    cloud.memes.blob(f"{meme_id.upload_name}.json").upload_from_string(data)
    cloud.memes.blob(f"{meme_id.upload_name}.meme.jpg").upload_from_string(b"a picture")
    assert ask("POST", f"/memes/{meme_id}/share").status_code == 404


@pytest.mark.parametrize("metadata", [None, {"caption": "a", "language": "en", "alt-text": "", "width": "w"}])
def test_somebody_elses_object_under_a_tokens_name_has_no_page(ask, cloud, metadata):
    token = token_of(str(MemeId.new()))
    blob = cloud.memes.blob(f"shared/{token}.jpg")
    blob.metadata = metadata
    blob.upload_from_string(b"a picture")
    assert is_gone(ask("GET", f"/s/{token}"))


def test_the_longest_caption_in_the_widest_letters_fits_into_the_copys_metadata(ask, meme, share):
    caption = "😀" * 300
    page = Html(ask("GET", share(meme(caption=caption)["id"])).text)
    assert page.meta("og:title") == caption


def test_a_caption_of_many_lines_is_one_in_the_metadata():
    report = {
        "caption": {"text": "a  b\r\nc\td", "language": "en"},
        "alt_text": "One.\nTwo.",
        "meme": {"width": 2, "height": 3},
    }
    shared = SharedMeme.of_report(report)
    assert shared == SharedMeme("a b / c d", "en", "One. Two.", 2, 3)
    assert SharedMeme.of_metadata(shared.metadata) == shared


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        (None, "en"),
        ("ja", "ja"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("fr-FR,hi;q=0.5", "hi"),
        ("fr", "en"),
        ("*", "en"),
        (";;=q,\xff", "en"),
    ],
)
def test_the_page_speaks_the_readers_language(ask, asked, language):
    headers = {} if asked is None else {"Accept-Language": asked.encode("latin-1")}
    page = Html(ask("GET", "/s/x", headers=headers).text)
    assert page.only("html")["lang"] == language
    assert WORDS[language]["make"] in page.words


def test_the_picture_is_described_in_its_captions_language(ask, meme, share):
    path = share(meme(language="te", caption="నవ్వు")["id"])
    page = Html(ask("GET", path, headers={"Accept-Language": "es"}).text)
    assert (page.only("html")["lang"], page.only("img")["lang"]) == ("es", "te")


def test_the_pages_have_words_in_every_language_of_the_captions():
    assert set(WORDS) == {pack.stem for pack in PACKS.glob("*.json")}
    assert next(iter(WORDS)) == "en"
    assert all(WORDS[language].keys() == WORDS["en"].keys() for language in WORDS)
    assert all(text for words in WORDS.values() for text in words.values())


def test_an_operator_finds_the_meme_behind_a_link_as_the_runbook_says(ask, meme, share, cloud):
    meme_id = meme(caption="somebody else's")["id"]
    path = share(meme_id)
    copy = cloud.memes.get_blob(f"shared/{path.removeprefix('/s/')}.jpg")
    found = [blob.name for blob in cloud.memes.list_blobs(prefix="web/") if blob.md5_hash == copy.md5_hash]
    [(photo, number)] = [re.fullmatch(r"web/(.+)/(.+)\.meme\.jpg", name).groups() for name in found]
    assert f"{photo}-{number}" == meme_id
    assert ask("DELETE", f"/memes/{photo}-{number}").status_code == 204
    assert is_gone(ask("GET", path))


def test_other_programs_take_no_copy_for_theirs(meme, share, cloud, stack):
    """Neither an event, nor the sweep, nor the tool that repeats uploads that were given up."""
    from infra.tools import redrive  # noqa: PLC0415

    path = share(meme()["id"])
    name = f"shared/{path.removeprefix('/s/')}.jpg"
    generation = cloud.memes.get_blob(name).generation
    assert list(redrive.gave_up(cloud.memes)) == []
    stack.sweep()
    cloud.settle()
    assert cloud.memes.get_blob(name).generation == generation
    assert cloud.memes.get_blob(f"{name}.json") is None


def _api(uploads: Bucket, memes: Bucket, shares: Shares | None = None) -> Api:
    return Api(uploads, memes, shares or Shares(memes), None, (), page_url="http://localhost:1/")


def _answer(api: Api, method: str, path: str):
    return api.answer(Request(EnvironBuilder(path=path, method=method).get_environ()))
