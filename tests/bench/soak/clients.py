"""Clients that send photos through the api as the page does, and wait for their memes."""

import math
import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

import requests

from infra.local.stack.stack import Stack
from tests.bench.soak.photos import SEED, Photo, photos

PATIENCE_SECONDS = 1800
TROUBLE_SECONDS = 120
"""For how long a client, like a patient person, sends again what met a server that was away or in trouble."""


@dataclass(frozen=True)
class Sent:
    """A photo that has its meme, its public id, what the api showed of it (see Client.show), and when.

    at: seconds since 1970, by this machine's clock.
    """

    id: str
    photo: Photo
    shown: dict[str, Any]
    at: float


class Client:
    """One visitor, with an address of its own before the api's limits.

    Each request has a connection of its own: the api closes idle ones, which a client finds out too late.
    """

    def __init__(self, stack: Stack, number: int) -> None:
        self._stack = stack
        self._address = {"X-Forwarded-For": f"10.0.{number // 256}.{number % 256}"}

    def send(self, photo: Photo) -> Sent:
        """Uploads one photo and waits for its meme; raises AssertionError where none comes."""
        described = {"content_type": photo.content_type, "size": len(photo.data), "options": {"seed": SEED}}
        ticket = self._ask("POST", "/uploads", json=described)
        upload = ticket["upload"]
        answer = _patiently("PUT", upload["url"], data=photo.data, headers=upload["headers"])
        # 412 where a try before has arrived and its answer was lost: a URL writes its name once.
        assert answer.status_code in (200, 412), f"the bucket answered {answer.status_code} to an upload"
        shown = self._await(ticket["id"])
        assert shown["status"] == "done", f"a sound photo ended as {shown}"
        return Sent(ticket["id"], photo, shown, time.time())

    def show(self, meme_id: str) -> dict[str, Any]:
        """What the api says of a meme, without the URLs that it signs anew for each answer."""
        shown = _without_urls(self._ask("GET", f"/memes/{meme_id}"))
        if "outputs" in shown:
            shown["outputs"] = [_without_urls(output) for output in shown["outputs"]]
        return shown

    def delete(self, meme_id: str) -> None:
        self._ask("DELETE", f"/memes/{meme_id}")

    def _await(self, meme_id: str) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE_SECONDS
        pause = 0.2
        while (shown := self.show(meme_id))["status"] not in ("done", "failed"):
            assert time.monotonic() < end, f"no end after {PATIENCE_SECONDS} s, still {shown['status']}"
            time.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(3, pause * 1.5)
        return shown

    def _ask(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        answer = _patiently(method, self._stack.api_url + path, headers=self._address, **arguments)
        assert answer.ok, f"the api answered {answer.status_code} to {method}: {answer.text}"
        body: dict[str, Any] = answer.json() if answer.content else {}
        return body


def _without_urls(described: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in described.items() if not name.endswith("_url")}


def _patiently(method: str, url: str, **arguments: Any) -> requests.Response:
    """The answer, once the server is there, isn't busy and meets no error of its own."""
    end = time.monotonic() + TROUBLE_SECONDS
    while True:
        pause = 1.0
        try:
            answer = requests.request(method, url, timeout=120, **arguments)
            if answer.status_code != 429 and answer.status_code < 500:
                return answer
            pause = float(answer.headers.get("Retry-After", pause))
        except requests.ConnectionError:
            answer = None
        if time.monotonic() > end:
            found = f"status {answer.status_code}" if answer is not None else "no connection"
            raise AssertionError(f"{method}: {found} for {TROUBLE_SECONDS} seconds")
        time.sleep(pause)


class Crowd:
    """`clients` at work at the same time, each one photo after another.

    They share out `uploads` photos, or start on new ones until `end`, a monotonic time. Memes that aren't to
    be kept are deleted through the api at once.
    """

    def __init__(
        self,
        stack: Stack,
        clients: int,
        uploads: float = math.inf,
        end: float = math.inf,
        keep: bool = True,
    ) -> None:
        self.sent: list[Sent] = []
        self._numbers = count()
        self._more: Callable[[int], bool] = lambda number: number < uploads and time.monotonic() < end
        self._keep = keep
        self._pool = ThreadPoolExecutor(clients)
        self._work: list[Future[None]] = [
            self._pool.submit(self._visit, Client(stack, number)) for number in range(clients)
        ]

    def is_at_work(self) -> bool:
        """Whether any client still is; raises what one of them met."""
        for work in self._work:
            if work.done():
                work.result()
        return not all(work.done() for work in self._work)

    def finish(self) -> list[Sent]:
        """All that was sent, once every client has ended; raises what any of them met."""
        for work in self._work:
            work.result()
        self._pool.shutdown()
        return self.sent

    def _visit(self, client: Client) -> None:
        while self._more(number := next(self._numbers)):
            sent = client.send(photos()[number % len(photos())])
            self.sent.append(sent)
            if not self._keep:
                client.delete(sent.id)
