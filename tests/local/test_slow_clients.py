"""Clients that send slowly, or half a request: they hold no thread of the gateway's."""

import contextlib
import socket
import time
from urllib.parse import urlsplit

import requests

from cloud.server import REQUEST_SECONDS
from infra.local.config.project import UPLOADS
from infra.local.storage.gateway import GatewayWorker
from tests.local.storage import Storage
from tests.local.test_signed_urls import HEADERS, put_url


def head_of_put(cloud: Storage, name: str, size: int) -> tuple[tuple[str, int], bytes]:
    """The gateway's address and a PUT's beginning, up to its body."""
    url = urlsplit(put_url(cloud, name))
    headers = {"Host": url.netloc, "Content-Length": str(size), "Connection": "close", **HEADERS}
    lines = [f"PUT {url.path}?{url.query} HTTP/1.1", *(f"{key}: {value}" for key, value in headers.items())]
    return (str(url.hostname), int(url.port or 80)), "\r\n".join([*lines, "", ""]).encode()


def test_half_sent_requests_stop_nobody_and_end(cloud: Storage):
    """More than the gateway has threads."""
    address, head = head_of_put(cloud, "half", 10)
    with contextlib.ExitStack() as stack:
        half_sent = [stack.enter_context(socket.create_connection(address, 60)) for _ in range(80)]
        for number, connection in enumerate(half_sent):
            connection.sendall(head + b"12" if number % 2 else head[:40])
        assert requests.get(f"{cloud.urls.storage}/health", timeout=60).status_code == 200
        assert b"IncompleteBody" in b"".join(iter(lambda: half_sent[1].recv(65536), b""))
        assert half_sent[0].recv(65536).startswith(b"HTTP/1.1 408 ")
    assert cloud.bucket(UPLOADS).get_blob("half") is None


def test_an_upload_may_take_long_as_long_as_it_goes_on(cloud: Storage):
    """The api's requests may not: they are short."""
    assert GatewayWorker.limits.per_pause
    address, head = head_of_put(cloud, "slow", 10)
    with socket.create_connection(address, 60) as connection:
        connection.sendall(head)
        for byte in b"0123456789":
            time.sleep(REQUEST_SECONDS / 8)
            connection.sendall(bytes([byte]))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert cloud.bucket(UPLOADS).blob("slow").download_as_bytes() == b"0123456789"
