"""The canary: a drawn face that goes the whole way of a photo from the page, as a person's would.

It asks the api for an address, uploads the photo, waits for its meme, fetches that by its own address and
deletes all of it. Whatever part of the way is broken, it finds out. on_upload knows the photo by its bytes,
so that its line can be left out of what is counted.
"""

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from cloud.storage import StoredObject

PHOTO = (Path(__file__).parent / "canary.jpg").read_bytes()
_MD5 = base64.b64encode(hashlib.md5(PHOTO, usedforsecurity=False).digest()).decode()

PATIENCE_SECONDS = 120.0
"""For how long it waits for the meme, which is for how long the page waits."""
_CALL_SECONDS = 30
_PAUSE_SECONDS = 2.0
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")


class CanaryError(Exception):
    """A step of the way failed; `step` says which, and `status` what was answered, if anything was."""

    def __init__(self, step: str, status: int | None = None) -> None:
        super().__init__(f"{step}: {status}")
        self.step = step
        self.status = status


def is_canary(photo: StoredObject) -> bool:
    return photo.md5 == _MD5


class Canary:
    """One flight at a time to the api at `api`, a URL without a path. Raises ValueError for anything else."""

    def __init__(self, api: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        if not _ORIGIN.fullmatch(api):
            raise ValueError(
                f"The api's address is {api!r}; it must be a URL such as https://api.example.com."
            )
        self._api = api
        self._patience = patience_seconds
        self._session = requests.Session()

    def fly(self) -> None:
        """Goes the whole way and deletes what it has sent. Raises CanaryError at the step that fails."""
        asked = {"content_type": "image/jpeg", "size": len(PHOTO), "options": {}}
        ticket = self._call("ask", "POST", f"{self._api}/uploads", json=asked).json()
        meme = f"{self._api}/memes/{ticket['id']}"
        try:
            upload = ticket["upload"]
            self._call("upload", upload["method"], upload["url"], headers=upload["headers"], data=PHOTO)
            shown = self._finished(meme)
            _expect("face", shown["status"] == "done" and len(shown["faces"]) == 1)
            fetched = self._call("fetch", "GET", shown["view_url"])
            _expect("meme", fetched.content.startswith(b"\xff\xd8") and fetched.content.endswith(b"\xff\xd9"))
        except BaseException:
            with suppress(CanaryError):  # the first failure is the one to tell of
                self._call("delete", "DELETE", meme)
            raise
        self._call("delete", "DELETE", meme)
        _expect("deletion", self._call("look", "GET", meme).json()["status"] == "waiting")

    def _finished(self, meme: str) -> dict[str, Any]:
        end = time.monotonic() + self._patience
        while True:
            shown: dict[str, Any] = self._call("look", "GET", meme).json()
            if shown["status"] in ("done", "failed"):
                return shown
            _expect("event", time.monotonic() < end)
            time.sleep(_PAUSE_SECONDS)

    def _call(self, step: str, method: str, url: str, **request: Any) -> requests.Response:
        """The answer, which must be a success. One "too many requests" is waited out, as by a person.

        No connection is kept: a server closes an idle one after seconds, perhaps just as it is used again.
        """
        headers = {**request.pop("headers", {}), "Connection": "close"}
        for last in (False, True):
            with _failing(step):
                answer = self._session.request(method, url, headers=headers, timeout=_CALL_SECONDS, **request)
            if last or answer.status_code != requests.codes.too_many_requests:
                break
            time.sleep(min(float(answer.headers.get("Retry-After", 1)), _CALL_SECONDS))
        _expect(step, answer.ok, answer.status_code)
        return answer


@contextmanager
def _failing(step: str) -> Iterator[None]:
    try:
        yield
    except requests.RequestException:
        raise CanaryError(step) from None  # the error's own text would hold a signed URL


def _expect(step: str, holds: bool, status: int | None = None) -> None:
    if not holds:
        raise CanaryError(step, status)
