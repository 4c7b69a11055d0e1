"""`python -m infra.tools.smoke` tries the three ways to send a photo to a deployment, local or in the cloud.

Each way makes a meme of a drawn photo and checks the answer. The tries through the api and as the page delete
their memes again. The meme of a direct upload stays until Cloud Storage deletes it after its term, since an
account that may upload may not delete memes.
"""

import argparse
import io
import json
import re
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.cloud import storage
from PIL import Image

from infra.tools.client import storage_client

PATIENCE_SECONDS = 120.0
"""How long a meme may take, including the cold starts of both functions."""
_PAUSE_SECONDS = 0.5
_CALL_SECONDS = 60

# A comma and a line end are the first things that a shell or a header loses.
_CAPTION = "smoke, and a comma\nthen a second line"
_SETTING = re.compile(r'^export const (\w+) = "([^"]*)";$', re.MULTILINE)

# https://fetch.spec.whatwg.org/#cors-safelisted-method
_SIMPLE_METHODS = ("GET", "HEAD", "POST")

Value = TypeVar("Value")


class SmokeError(Exception):
    """The deployment does not do what it should. The message says what was found and what was expected."""


@dataclass(frozen=True)
class Caller:
    """A client that sends HTTP requests: a program or, with an origin, a page in a browser.

    A page sends a preflight where the Fetch standard requires one, and reads only answers for its origin.
    """

    origin: str | None = None

    def call(
        self, method: str, url: str, status: HTTPStatus, headers: Mapping[str, str] | None = None, **body: Any
    ) -> requests.Response:
        """The answer, which must have that status. Raises SmokeError."""
        headers = dict(headers or {})
        if self.origin:
            if headers or "json" in body or method not in _SIMPLE_METHODS:
                self._ask_first(method, url, [*headers, *(["Content-Type"] if "json" in body else [])])
            headers["Origin"] = self.origin
        answer = self._send(method, url, headers=headers, **body)
        _expect(
            answer.status_code == status, f"{_named(method, url)} answers {_summary(answer)}, not {status}."
        )
        if self.origin:
            self._expect_shared(_named(method, url), answer)
        return answer

    def _ask_first(self, method: str, url: str, names: list[str]) -> None:
        asked = ", ".join(sorted({name.lower() for name in names}))
        headers = {"Origin": self.origin, "Access-Control-Request-Method": method}
        answer = self._send("OPTIONS", url, headers={**headers, "Access-Control-Request-Headers": asked})
        what = f"The preflight of {_named(method, url)}"
        _expect(answer.ok, f"{what} answers {_summary(answer)}.")
        self._expect_shared(what, answer)
        allowed = method in _SIMPLE_METHODS or method.lower() in _listed(answer, "Methods")
        _expect(allowed, f"{what} does not allow the method.")
        missing = {name.lower() for name in names} - _listed(answer, "Headers")
        _expect(not missing, f"{what} does not allow the headers {', '.join(sorted(missing))}.")

    def _expect_shared(self, what: str, answer: requests.Response) -> None:
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        _expect(
            allowed in (self.origin, "*"),
            f"{what} may be read by the origin {allowed or 'none'}, not by the page's, {self.origin}.",
        )

    def _send(self, method: str, url: str, **request: Any) -> requests.Response:
        try:
            return requests.request(method, url, timeout=_CALL_SECONDS, **request)
        except requests.RequestException as error:
            # The error's own message would contain a signed URL.
            raise SmokeError(f"{_named(method, url)} got no answer: {type(error).__name__}.") from None


def try_api(api: str, caller: Caller = Caller()) -> None:
    """Uploads a photo, checks its meme, makes a remix and deletes both. Raises SmokeError."""
    photo = _draw_photo()
    caller.call("GET", f"{api}/health", HTTPStatus.OK)
    asked = {"content_type": "image/jpeg", "size": len(photo), "options": {"caption": _CAPTION}}
    created = caller.call("POST", f"{api}/uploads", HTTPStatus.CREATED, json=asked).json()
    upload = created["upload"]
    caller.call(upload["method"], upload["url"], HTTPStatus.OK, headers=upload["headers"], data=photo)
    meme = _finished(caller, f"{api}/memes/{created['id']}")
    _expect_meme(meme, caller.call("GET", meme["view_url"], HTTPStatus.OK).content)
    saved = caller.call("GET", meme["download_url"], HTTPStatus.OK).headers.get("Content-Disposition", "")
    _expect(saved.startswith("attachment"), f"The download has the disposition {saved!r}, not attachment.")

    remix = caller.call("POST", f"{api}/memes/{created['id']}/remix", HTTPStatus.CREATED, json={}).json()
    _finished(caller, f"{api}/memes/{remix['id']}")
    for made in (created["id"], remix["id"]):
        caller.call("DELETE", f"{api}/memes/{made}", HTTPStatus.NO_CONTENT)
        state = caller.call("GET", f"{api}/memes/{made}", HTTPStatus.OK).json()["status"]
        _expect(state == "waiting", f"A deleted meme has the status {state!r}, not 'waiting'.")
    Caller().call("GET", meme["view_url"], HTTPStatus.NOT_FOUND)


def try_page(page: str, api: str) -> None:
    """Checks that the page's files name this deployment and that the page may do all it needs in a browser.

    Raises SmokeError.
    """
    shown = Caller().call("GET", page, HTTPStatus.OK)
    shown_as = shown.headers.get("Content-Type", "")
    _expect(shown_as.startswith("text/html"), f"The page comes as {shown_as!r}, not as text/html.")
    settings = dict(_SETTING.findall(Caller().call("GET", urljoin(page, "config.js"), HTTPStatus.OK).text))
    _expect(settings.get("api") == api, f"config.js names the api {settings.get('api')!r}, not {api!r}.")
    hosts = " ".join(settings.values())
    may_connect = f"connect-src 'self' {hosts};" in shown.text
    _expect(may_connect, f"The page's policy doesn't let it connect to {hosts}.")
    origin = urlsplit(page)
    try_api(api, Caller(f"{origin.scheme}://{origin.netloc}"))


def try_direct(uploads: storage.Bucket, memes: storage.Bucket) -> None:
    """Puts a photo into the uploads bucket and checks its meme. Raises SmokeError or the client's errors."""
    photo = uploads.blob(f"smoke/{secrets.token_hex(8)}.jpg")
    photo.metadata = {"caption": _CAPTION.replace("\n", "\\n")}
    photo.upload_from_string(_draw_photo(), content_type="image/jpeg")
    written = _wait(lambda: memes.get_blob(f"{photo.name}.json"), "There is no report on a direct upload")
    report = json.loads(written.download_as_bytes())
    _expect_done(report)
    _expect_meme(report, memes.blob(report["meme"]["name"]).download_as_bytes())
    photo.delete()


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    given = parser.parse_args(arguments)
    if bool(given.uploads) != bool(given.memes):
        parser.error("--uploads and --memes belong together: a direct upload is seen through both buckets")
    failed = [name for name, attempt, missing in _ways(given) if not _tried(name, attempt, missing)]
    return 1 if failed else 0


def _ways(given: argparse.Namespace) -> list[tuple[str, Callable[[], None] | None, str]]:
    """Name, function that tries it, and the settings that are missing if it can't be tried, for each way."""

    def direct() -> None:
        client = storage_client(given.storage)
        try_direct(client.bucket(given.uploads), client.bucket(given.memes))

    return [
        ("api", lambda: try_api(given.api), ""),
        ("page", (lambda: try_page(given.page, given.api)) if given.page else None, "PAGE=…"),
        ("direct upload", direct if given.uploads else None, "UPLOADS=… MEMES=…"),
    ]


def _tried(name: str, attempt: Callable[[], None] | None, missing: str) -> bool:
    """Whether the way works. A way that was not tried counts as one that works."""
    if attempt is None:
        print(f"not tried  {name}; for it name {missing}", flush=True)
        return True
    begun = time.monotonic()
    try:
        attempt()
    except (SmokeError, GoogleAPIError, GoogleAuthError, OSError) as error:
        print(f"FAILED     {name}: {error}", flush=True)
        return False
    print(f"ok         {name}, {time.monotonic() - begun:.1f} s", flush=True)
    return True


def _finished(caller: Caller, url: str) -> dict[str, Any]:
    def shown() -> dict[str, Any] | None:
        meme: dict[str, Any] = caller.call("GET", url, HTTPStatus.OK).json()
        return meme if meme["status"] in ("done", "failed") else None

    meme = _wait(shown, "A meme is not finished")
    _expect_done(meme)
    return meme


def _wait(look: Callable[[], Value | None], otherwise: str, patience: float = PATIENCE_SECONDS) -> Value:
    """The first result of `look` that is not None. Raises SmokeError after `patience` seconds."""
    end = time.monotonic() + patience
    while (value := look()) is None:
        _expect(time.monotonic() < end, f"{otherwise} after {patience:.0f} seconds. Are events delivered?")
        time.sleep(_PAUSE_SECONDS)
    return value


def _expect_done(report: Mapping[str, Any]) -> None:
    error = report.get("error", {})
    _expect(report["status"] == "done", f"The photo failed: {error.get('code')}: {error.get('message')}")


def _expect_meme(report: Mapping[str, Any], jpeg: bytes) -> None:
    """Compares a meme with its report."""
    with Image.open(io.BytesIO(jpeg)) as image:
        found = (image.format, image.width, image.height)
        image.load()
    expected = ("JPEG", report["meme"]["width"], report["meme"]["height"])
    _expect(found == expected, f"The meme is {found}; its report says {expected}.")
    text = report["caption"]["text"]
    _expect(text == _CAPTION, f"The meme's caption is {text!r}; {_CAPTION!r} was asked for.")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SmokeError(otherwise)


def _named(method: str, url: str) -> str:
    """Method and host of a request, without its secrets: an id or a signature."""
    host = urlsplit(url)
    return f"{method} at {host.scheme}://{host.netloc}"


def _summary(answer: requests.Response) -> str:
    try:
        code = answer.json().get("code", "")
    except (ValueError, AttributeError):  # not problem JSON, so the answer is not the api's
        found = re.search(r"<Code>(\w+)</Code>", answer.text)
        code = found[1] if found else ""
    return f"{answer.status_code} {code}".rstrip()


def _listed(answer: requests.Response, what: str) -> set[str]:
    """The entries of an Access-Control-Allow header, in lower case."""
    entries = answer.headers.get(f"Access-Control-Allow-{what}", "").split(",")
    return {entry.strip().lower() for entry in entries}


def _draw_photo() -> bytes:
    drawn = io.BytesIO()
    Image.linear_gradient("L").resize((320, 240)).save(drawn, "JPEG")
    return drawn.getvalue()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.tools.smoke",
        description="Tries the three ways in on a running deployment. A direct upload is made with the "
        "application default credentials: those of gcloud, or GOOGLE_APPLICATION_CREDENTIALS.",
    )
    parser.add_argument("--api", required=True, type=_without_slash, metavar="URL", help="the api's address")
    parser.add_argument("--page", metavar="URL", help="the page's address")
    parser.add_argument("--uploads", metavar="BUCKET", help="the uploads bucket, for a direct upload")
    parser.add_argument("--memes", metavar="BUCKET", help="the memes bucket, for a direct upload")
    parser.add_argument("--storage", metavar="URL", help="the storage API's address (default: Google's)")
    return parser


def _without_slash(url: str) -> str:
    return url.rstrip("/")


if __name__ == "__main__":
    sys.exit(main())
