"""Limits a client: how many requests, whose they are, and what the running api says to one too many."""

import contextlib
import json
import select
import socket
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import requests

from cloud.rate_limit import RequestLimit, client_of
from cloud.server import MOST_BODIES_A_CLIENT
from infra.local.config.addresses import Addresses, Ports
from infra.local.stack.stack import function
from tests.functions.conftest import check_described


class Clock:
    """A clock that stands until it's set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_so_many_at_once_and_then_one_each_time_it_is_paid_for(clock: Clock):
    limit = RequestLimit(30, clock)  # one in two seconds
    assert [limit.wait("ann") for _ in range(30)] == [0] * 30
    assert limit.wait("ann") == pytest.approx(2)
    clock.now += 1.5
    assert limit.wait("ann") == pytest.approx(0.5)
    clock.now += 0.5
    assert limit.wait("ann") == 0
    assert limit.wait("ann") == pytest.approx(2)


def test_a_refused_request_is_not_counted(clock: Clock):
    limit = RequestLimit(1, clock)
    assert limit.wait("ann") == 0
    for _ in range(100):
        assert limit.wait("ann") == pytest.approx(60)
    clock.now += 60
    assert limit.wait("ann") == 0


def test_no_more_in_any_minute_than_twice_what_a_minute_allows(clock: Clock):
    limit = RequestLimit(300, clock)
    let_in = []
    for _ in range(3 * 60 * 50):  # fifty a second for three minutes
        clock.now += 0.02
        if limit.wait("ann") == 0:
            let_in.append(clock.now)
    assert len(let_in) == pytest.approx(300 + 3 * 300, abs=1)
    fullest = max(sum(1 for time in let_in if begin <= time < begin + 60) for begin in let_in[::50])
    assert 300 < fullest <= 600


def test_each_client_has_its_own(clock: Clock):
    limit = RequestLimit(1, clock)
    assert [limit.wait(client) for client in ("ann", "bob")] == [0, 0]
    assert limit.wait("ann") > 0


def test_a_client_is_forgotten_a_minute_after_its_last_request(clock: Clock):
    limit = RequestLimit(60, clock)
    for number in range(1000):
        limit.wait(f"client {number}")
    for _ in range(60):
        limit.wait("client 0")
    assert len(limit) == 1000
    clock.now += 1
    limit.wait("ann")
    assert len(limit) == 2  # the others' single requests are paid for; client 0's sixty are not
    clock.now += 60
    limit.wait("ann")
    assert len(limit) == 1


@pytest.mark.parametrize(
    ("forwarded_for", "peer", "client"),
    [
        (None, "127.0.0.1", "127.0.0.1"),
        ("203.0.113.7", "169.254.1.1", "203.0.113.7"),
        # The client wrote the first: only the last is Google's.
        ("198.51.100.1, 203.0.113.7", "169.254.1.1", "203.0.113.7"),
        ("198.51.100.1,203.0.113.7", "169.254.1.1", "203.0.113.7"),
        ("evil, '; drop, 203.0.113.7", "169.254.1.1", "203.0.113.7"),
        ("203.0.113.7, evil", "169.254.1.1", "169.254.1.1"),
        ("", "127.0.0.1", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", None, "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", None, "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", None, "203.0.113.7"),
        (None, None, "unknown"),
        ("x", "y", "unknown"),
    ],
)
def test_whose_request_it_is(forwarded_for, peer, client):
    assert client_of(forwarded_for, peer) == client


@pytest.fixture(scope="module")
def strict_api(stack):
    """An api beside the stack's own that answers a client five requests a minute, three of them uploads."""
    process = function("api", stack.state, stack.ports)
    ports = Ports.free()
    url = Addresses(ports).api
    strict = replace(
        process,
        command=[*process.command[:-1], str(ports.api)],
        environment={
            **process.environment,
            "REQUESTS_PER_MINUTE": "5",
            "UPLOADS_PER_MINUTE": "3",
        },
        health_url=f"{url}/never",
        log=stack.state / "logs" / "strict-api.log",
    )
    strict.start()
    try:
        strict.wait_ready()
        yield url
    finally:
        strict.terminate()
        strict.wait_stopped()


@pytest.fixture
def ask_strictly(strict_api, stack):
    """Asks the strict api as the client of an address, from the page."""

    def ask(method: str, path: str, client: str, **arguments) -> requests.Response:
        headers = {"X-Forwarded-For": f"192.0.2.99, {client}", "Origin": stack.site_url}
        answer = requests.request(method, strict_api + path, headers=headers, timeout=60, **arguments)
        if method != "OPTIONS":
            check_described(method, path, answer)
        return answer

    return ask


JPEG = {"content_type": "image/jpeg", "size": 1}


def test_one_request_too_many_is_refused_and_says_when_to_come_back(ask_strictly, stack):
    ask = ask_strictly
    answers = [ask("GET", "/health", "203.0.113.7") for _ in range(7)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:5] == [200] * 5
    assert statuses[5] == 429
    refused = answers[5]
    assert refused.json()["code"] == "too-many-requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 12  # five a minute
    assert f"Wait {refused.headers['Retry-After']} s" in refused.json()["detail"]
    assert refused.headers["Access-Control-Allow-Origin"] == stack.site_url
    assert "203.0.113.7" not in json.dumps(refused.json()) + str(refused.headers)
    # Whatever else this one asks is refused too, but for preflights; others go on.
    for path in ("/health", "/robots.txt", "/favicon.ico", "/%0a", "/a%00b", "/s/x", "/s/x.jpg"):
        assert ask("GET", path, "203.0.113.7").status_code == 429
    assert ask("OPTIONS", "/uploads", "203.0.113.7").status_code == 204
    assert ask("POST", "/uploads", "203.0.113.8", json=JPEG).status_code == 201


def test_uploads_have_a_stricter_limit_than_the_rest(ask_strictly):
    answers = [ask_strictly("POST", "/uploads", "203.0.113.9", json=JPEG) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201] * 3 + [429]
    assert answers[3].json()["detail"].startswith("More than 3 photos a minute came from your network")
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 20  # three a minute
    assert ask_strictly("GET", "/health", "203.0.113.9").status_code == 200


def test_of_one_clients_half_sent_bodies_few_are_waited_for(strict_api):
    """So one client can't hold all of the requests that the platform lets into an instance."""
    head = "POST /uploads HTTP/1.1\r\nX-Forwarded-For: 192.0.2.99, {}\r\nContent-Length: 9\r\n\r\n"
    with contextlib.ExitStack() as stack:

        def half_sent(client: str) -> socket.socket:
            address = urlsplit(strict_api)
            connection = socket.create_connection((address.hostname, address.port), timeout=60)
            stack.enter_context(connection).sendall(head.format(client).encode())
            return connection

        other = half_sent("203.0.113.11")
        slow = [half_sent("203.0.113.10") for _ in range(MOST_BODIES_A_CLIENT + 1)]
        assert slow[0].recv(65536).startswith(b"HTTP/1.1 408 ")
        assert select.select([other, *slow[1:]], [], [], 0)[0] == []


def test_without_a_setting_there_is_no_limit(ask):
    assert {ask("GET", "/health").status_code for _ in range(400)} == {200}
