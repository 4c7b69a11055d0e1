"""How the running functions take requests: cut off, malformed, slow, too long, many."""

import contextlib
import http.client
import json
import select
import socket
import struct
from urllib.parse import urlsplit

import pytest
import requests
from gunicorn.config import Config

from cloud.inputs import BodyError
from cloud.server import API_LIMITS, MAX_HEAD_BYTES, MOST_ARRIVING, ArrivingRequest
from memegen.contract import MAX_REQUEST_BYTES
from tests.support.buckets import deliver_event

POST = b"POST /uploads HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
HALF_HEAD = POST + b"Content-Le"
HALF_BODY = POST + b'Content-Length: 40\r\n\r\n{"content_type"'
HALF_CHUNK = CHUNKED + b'28\r\n{"content_type"'


@pytest.fixture
def connect(stack):
    """Opens connections to the running api, each with the first bytes of a request sent."""
    with contextlib.ExitStack() as open_connections:

        def one(sent: bytes) -> socket.socket:
            address = urlsplit(stack.api_url)
            connection = socket.create_connection((address.hostname, address.port), timeout=60)
            open_connections.enter_context(connection)
            connection.sendall(sent)
            return connection

        yield one


@pytest.fixture
def quiet(stack):
    """Asserts that the api has logged nothing in the meantime, neither a line nor a trace."""
    file = stack.state / "logs" / "api.log"
    before = file.read_text()
    yield
    assert requests.get(f"{stack.api_url}/health", timeout=60).status_code == 200
    assert file.read_text() == before


def answer_of(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer after which the api closes the connection."""
    data = b""
    while part := connection.recv(65536):
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


def problem_of(connection: socket.socket) -> tuple[int, str]:
    """Status and code of such an answer, which must be a problem like all others."""
    status, headers, body = answer_of(connection)
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Vary"] == "Origin"
    assert headers["Connection"] == "close"
    problem = json.loads(body)
    assert problem["status"] == status
    return status, problem["code"]


BROKEN_BODIES = {
    "content cut off": HALF_BODY,
    "no content": POST + b"Content-Length: 40\r\n\r\n",
    "chunk cut off": HALF_CHUNK,
    "no chunk": CHUNKED,
    "no last chunk": CHUNKED + b"2\r\n{}\r\n",
    "chunk's size cut off": CHUNKED + b"2",
    "size not hexadecimal": CHUNKED + b"two\r\n{}\r\n0\r\n\r\n",
    "size negative": CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "size with a sign": CHUNKED + b"+2\r\n{}\r\n0\r\n\r\n",
    "size empty": CHUNKED + b"\r\n{}\r\n0\r\n\r\n",
    "chunk longer than its size": CHUNKED + b"1\r\n{}\r\n0\r\n\r\n",
    "chunk not ended": CHUNKED + b"2\r\n{}0\r\n\r\n",
    "carriage return in an extension": CHUNKED + b"2;a\rb\r\n{}\r\n0\r\n\r\n",
    "trailer without a name": CHUNKED + b"2\r\n{}\r\n0\r\n: x\r\n\r\n",
    "trailer with a folded line": CHUNKED + b"2\r\n{}\r\n0\r\nA: x\r\n y\r\n\r\n",
}


@pytest.mark.parametrize("kind", BROKEN_BODIES)
@pytest.mark.parametrize(
    "path", [b"/uploads", b"/memes/AAECAwQFBgcICQoLDA0ODw-0/remix"], ids=["upload", "remix"]
)
def test_a_broken_body_is_its_senders_error(connect, quiet, kind, path):
    connection = connect(BROKEN_BODIES[kind].replace(b"/uploads", path))
    connection.shutdown(socket.SHUT_WR)
    assert problem_of(connection) == (400, "bad-request")


@pytest.mark.parametrize("kind", BROKEN_BODIES)
def test_a_broken_body_that_nobody_reads_is_no_error_at_all(connect, quiet, kind):
    connection = connect(BROKEN_BODIES[kind].replace(b"POST /uploads", b"GET /health"))
    connection.shutdown(socket.SHUT_WR)
    status, headers, body = answer_of(connection)
    assert (status, json.loads(body)) == (200, {"status": "ok"})
    assert headers["Connection"] == "close"


MALFORMED = {
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
    "no path": b"GET\r\n\r\n",
    "a method in small letters": b"get /health HTTP/1.1\r\n\r\n",
    "another version": b"GET /health HTTP/9.9\r\n\r\n",
    "a header without a colon": POST + b"Nothing\r\n\r\n",
    "a header's name with a space": POST + b"A b: c\r\n\r\n",
    "a folded header": POST + b"A: b\r\n c\r\n\r\n",
    "NUL in a header": POST + b"A: b\0c\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a negative length": POST + b"Content-Length: -2\r\n\r\n{}",
    "a length in words": POST + b"Content-Length: two\r\n\r\n{}",
    "length and chunks": POST
    + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunks twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "an unknown coding": POST + b"Transfer-Encoding: morse\r\n\r\n{}",
    "chunks in HTTP/1.0": CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n",
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_no_http_is_refused_as_a_problem(connect, quiet, kind):
    assert problem_of(connect(MALFORMED[kind])) == (400, "bad-request")


def test_headers_without_end_are_refused(connect, quiet):
    assert problem_of(connect(POST + b"A: " + b"b" * MAX_HEAD_BYTES)) == (431, "bad-request")


def test_an_expectation_that_is_not_known_is_refused(connect, quiet):
    assert problem_of(connect(POST + b"Expect: applause\r\n\r\n")) == (417, "bad-request")


@pytest.mark.parametrize("sent", [b"", HALF_HEAD, HALF_BODY, HALF_CHUNK, b"GET /health HTTP/1.1\r\n\r\n"])
def test_a_connection_that_is_reset_is_no_error_of_ours(connect, quiet, sent):
    connection = connect(sent)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize(
    "sent", [b"", HALF_HEAD, HALF_BODY, HALF_CHUNK], ids=["none", "head", "body", "chunk"]
)
@pytest.mark.parametrize("count", [8, 32, 200])
def test_others_are_answered_while_requests_are_half_sent(connect, stack, sent, count):
    """However many threads there are: the answers come before any of the half-sent requests has ended.

    Tried up to three times, for a machine so busy that the half-sent ones' time is over before all are open.
    """
    for _ in range(3):
        slow = [connect(sent) for _ in range(count)]
        assert requests.get(f"{stack.api_url}/health", timeout=60).status_code == 200
        body = {"content_type": "image/jpeg", "size": 1}
        assert requests.post(f"{stack.api_url}/uploads", json=body, timeout=60).status_code == 201
        ended = select.select(slow, [], [], 0)[0]
        for connection in slow:
            connection.close()
        if not ended:
            return
    pytest.fail(f"{len(ended)} of {count} half-sent requests had ended before another one was answered")


def test_of_too_many_half_sent_requests_the_oldest_end(connect, stack):
    """As many as are too many, and before the time of any is over."""
    slow = [connect(HALF_BODY) for _ in range(MOST_ARRIVING + 20)]
    for ended in slow[:20]:
        assert problem_of(ended) == (408, "request-timeout")
    assert requests.get(f"{stack.api_url}/health", timeout=60).status_code == 200
    assert select.select(slow[21:], [], [], 0)[0] == []  # the request for /health ended one more


@pytest.mark.parametrize("sent", [HALF_HEAD, HALF_BODY, HALF_CHUNK], ids=["head", "body", "chunk"])
def test_a_request_that_drips_ends_at_its_deadline(connect, quiet, sent):
    """Each byte comes in time; all of them together do not."""
    connection = connect(sent)
    dripped = 0
    while not select.select([connection], [], [], 0.5)[0]:
        connection.sendall(b"x")
        dripped += 1
    assert dripped >= 6
    assert problem_of(connection) == (408, "request-timeout")


def test_a_connection_without_a_request_is_closed(connect, quiet):
    assert connect(b"").recv(1) == b""


def test_a_body_that_is_announced_too_long_is_refused_unread(connect, quiet):
    connection = connect(POST + b"Content-Length: 1000000000\r\n\r\n")
    assert problem_of(connection) == (413, "too-many-bytes")


@pytest.mark.parametrize("size", [MAX_REQUEST_BYTES + 1, 60_000])
@pytest.mark.parametrize("form", ["announced", "chunked"])
def test_a_client_that_sent_a_little_too_much_gets_the_answer(connect, quiet, form, size):
    """Not a reset connection, though what is past the limit was not waited for."""
    head = POST + b"Content-Length: %d\r\n\r\n" % size if form == "announced" else CHUNKED + b"%X\r\n" % size
    assert problem_of(connect(head + b" " * size)) == (413, "too-many-bytes")


ENDLESS = {
    "announced": (POST + b"Content-Length: 1000000000\r\n\r\n", b" " * 65536),
    "chunks": (CHUNKED, b"1000\r\n" + b" " * 4096 + b"\r\n"),
    "small chunks": (CHUNKED, b"1\r\n \r\n" * 1000),
    "one chunk": (CHUNKED + b"FFFFFFFF\r\n", b" " * 65536),
    "an extension": (CHUNKED + b"1;", b"a" * 65536),
    "trailers": (CHUNKED + b"0\r\n", b"A: b\r\n" * 1000),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_of_a_body_without_end_little_is_read(connect, quiet, kind):
    """The rest stays in the system's buffers, some megabytes, until the connection is closed."""
    head, piece = ENDLESS[kind]
    connection = connect(head)
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < 100 * 2**20:
            sent += connection.send(piece)
    assert sent < 50 * 2**20


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_body_is_too_long_at_its_first_byte_past_the_limit(kind):
    head, piece = ENDLESS[kind]
    arriving = ArrivingRequest(Config(), ("127.0.0.1", 1))
    taken = 0
    assert arriving.add(head) is (kind in ("announced", "one chunk"))
    while arriving.body_error is None:
        arriving.add(piece[taken % len(piece) :][:1])
        taken += 1
    assert arriving.body_error is BodyError.TOO_LONG
    assert taken <= API_LIMITS.chunked_bytes + 1
    if kind == "chunks":
        assert taken <= MAX_REQUEST_BYTES + 100


WHOLE = {
    "content": POST + b"Content-Length: 10\r\n\r\n0123456789",
    "chunks": CHUNKED + b'3\r\n012\r\n6;a="b"\r\n345678\r\n1 \r\n9\r\n0\r\n\r\n'.replace(b"1 \r", b"01\r"),
    "trailers": CHUNKED + b"A\r\n0123456789\r\n0\r\nA: b\r\nC: d\r\n\r\n",
    "ends of lines": CHUNKED + b"a\r\n0123456789\r\n000\r\n\r\n",
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_request_is_whole_at_its_last_byte_however_it_is_cut(kind):
    data = WHOLE[kind]
    for size in range(1, len(data) + 1):
        arriving = ArrivingRequest(Config(), ("127.0.0.1", 1))
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        assert [arriving.add(piece) for piece in pieces] == [False] * (len(pieces) - 1) + [True]
        assert arriving.finished().body.read() == b"0123456789"
        assert arriving.is_whole
        assert not arriving.request.should_close()


def test_the_longest_body_is_taken(stack):
    body = b'{"content_type": "image/jpeg", "size": 1}'.ljust(MAX_REQUEST_BYTES)
    assert requests.post(f"{stack.api_url}/uploads", data=body, timeout=60).status_code == 201
    pieces = iter([body[:5000], body[5000:5001], body[5001:]])
    assert requests.post(f"{stack.api_url}/uploads", data=pieces, timeout=60).status_code == 201


def test_a_connection_is_kept_for_further_requests(stack):
    connection = http.client.HTTPConnection(urlsplit(stack.api_url).netloc, timeout=60)
    connection.connect()
    connection.auto_open = 0
    for _ in range(3):
        connection.request("POST", "/uploads", b"{}")
        answer = connection.getresponse()
        assert (answer.status, json.load(answer)["code"]) == (400, "bad-request")
    connection.close()


def test_a_request_that_comes_before_the_answer_to_the_one_before_it_is_left_to_be_sent_again(connect):
    status, headers, _ = answer_of(connect(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2))
    assert (status, headers["Connection"]) == (200, "close")


def test_a_client_that_asks_for_leave_to_send_its_body_gets_it(connect):
    connection = connect(POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(b"{}")
    assert connection.recv(65536).startswith(b"HTTP/1.1 400 BAD REQUEST\r\n")


def test_a_client_that_asks_for_leave_to_send_too_much_is_refused_at_once(connect):
    connection = connect(POST + b"Content-Length: 99999\r\nExpect: 100-continue\r\n\r\n")
    assert problem_of(connection) == (413, "too-many-bytes")


def test_half_sent_events_stop_no_other(stack, cloud):
    """More than on_upload has threads."""
    address = urlsplit(stack.on_upload_url)
    with contextlib.ExitStack() as open_connections:
        for _ in range(40):
            connection = socket.create_connection((address.hostname, address.port), timeout=60)
            open_connections.enter_context(connection)
            connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{")
        answer = deliver_event(stack.on_upload_url, cloud.uploads.name, "a folder/", 1)
    assert answer.status_code in (200, 204)
