"""gunicorn's worker: a thread is given only to a request that is here.

gunicorn's own threaded worker reads headers and bodies in its threads and waits for them without end, so as
many slow clients as it has threads stop it. Here its event loop collects each request, within a time and a
size. What is late, too long or malformed is answered as that, and then its connection is closed.
"""

import re
import selectors
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn import util  # type: ignore[import-untyped]
from gunicorn.http.body import ChunkedReader  # type: ignore[import-untyped]
from gunicorn.http.errors import (  # type: ignore[import-untyped]
    ExpectationFailed,
    LimitRequestHeaders,
    ParseException,
)
from gunicorn.http.message import Request  # type: ignore[import-untyped]
from gunicorn.http.unreader import IterUnreader  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped]

from cloud import stopping
from cloud.inputs import Body, BodyError
from cloud.problems import Problem, request_timeout, with_common_headers
from cloud.rate_limit import client_of
from memegen.contract import MAX_REQUEST_BYTES

REQUEST_SECONDS = 5.0
"""Within which a whole request must be here, from its connection or from the end of the answer before it."""
MAX_HEAD_BYTES = 32 * 1024
MOST_ARRIVING = 256
"""Requests that are waited for at once; one more ends the oldest."""
MOST_BODIES_A_CLIENT = 4
"""Bodies of one client that are waited for at once, where clients are known apart; one more ends one."""
_ANSWER_SECONDS = 5.0
# A socket that is closed with bytes unread is reset, and the client may lose the answer. So a little is read.
_LINGER_SECONDS = 1.0
_LINGER_BYTES = 64 * 1024

_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r]*)?")
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True)
class Limits:
    """What is waited for: the api's limits unless others are given.

    body_bytes: of a body; a chunked one may have twice as many with its framing. per_pause: REQUEST_SECONDS
        are then the longest pause and not the longest request, for bodies that take long on an honest line.
    """

    body_bytes: int = MAX_REQUEST_BYTES
    per_pause: bool = False

    @property
    def chunked_bytes(self) -> int:
        return 2 * self.body_bytes


API_LIMITS = Limits()


class ArrivingRequest:
    """One request as its bytes come.

    request: gunicorn's request once the headers are here, and `client` whose it is. error: why they can't be
    read. body_error: why the body is not whole. has_ended: whether the client sends no more.
    """

    def __init__(self, config: Any, peer: Any, limits: Limits = API_LIMITS) -> None:
        self._limits = limits
        self.deadline = time.monotonic() + REQUEST_SECONDS
        self.request: Any = None
        self.error: Exception | None = None
        self.body_error: BodyError | None = None
        self.has_ended = False
        self.client: str | None = None
        self._config = config
        self._peer = peer
        self._bytes = bytearray()  # the headers', then the body's
        self._length: int | None = None  # of a body that is not chunked
        self._next_chunk = 0
        self._chunked_length = 0

    @property
    def has_begun(self) -> bool:
        return self.request is not None or len(self._bytes) > 0

    @property
    def is_whole(self) -> bool:
        return self.error is None and self.body_error is None

    def add(self, data: bytes) -> bool:
        """Takes what came, nothing if the client sends no more; whether the request can be answered now."""
        if not data:
            self.has_ended = True
            self.body_error = BodyError.BROKEN
            return True
        searched = len(self._bytes) if self.request is None else 0
        self._bytes += data
        if self.request is None and not self._read_head(max(0, searched - 3)):
            return self.error is not None
        return self._body_is_here()

    def takes_continue(self) -> bool:
        """Whether the client waits for leave to send its body; true once."""
        expected: bool = self.request is not None and self.request._expected_100_continue
        if expected:
            self.request._expected_100_continue = False
        return expected

    def finished(self) -> Any:
        """The request as gunicorn serves it, with its body in memory. Raises its error, if it has one."""
        if self.error is not None:
            raise self.error
        data, has_more = b"", False
        if self.body_error is None and self._length is not None:
            # gunicorn's reader would copy all that is left for each kilobyte that it takes.
            data, has_more = bytes(self._bytes[: self._length]), len(self._bytes) > self._length
        elif self.body_error is None:
            unreader = self.request.unreader
            unreader.unread(bytes(self._bytes))
            try:
                data = self.request.body.read(self._limits.body_bytes + 1)
            except (ParseException, OSError):  # gunicorn's errors of a chunked body are one or the other
                self.body_error = BodyError.BROKEN
            has_more = bool(unreader.buf.getvalue())
        if self.body_error is not None or has_more:
            self.request.force_close()  # where the next one begins is not known, or it has come too soon
        self.request.body = Body(data, self.body_error)
        self.request._expected_100_continue = False
        return self.request

    def _read_head(self, start: int) -> bool:
        end = self._bytes.find(b"\r\n\r\n", start)
        if end < 0 and len(self._bytes) <= MAX_HEAD_BYTES:
            return False
        try:
            if not 0 <= end <= MAX_HEAD_BYTES:
                raise LimitRequestHeaders("headers too long")
            head = bytes(self._bytes[: end + 4])
            self.request = Request(self._config, IterUnreader([head]), self._peer)
        except Exception as error:  # whatever it is, it must not end the event loop
            self.error = error
            return False
        del self._bytes[: end + 4]
        forwarded_for = [value for name, value in self.request.headers if name == "X-FORWARDED-FOR"]
        self.client = client_of(",".join(forwarded_for), self._peer[0])
        reader = self.request.body.reader
        self._length = None if isinstance(reader, ChunkedReader) else reader.length
        return True

    def _body_is_here(self) -> bool:
        if self._length is None:
            return self._chunks_are_here()
        if self._length > self._limits.body_bytes:
            self.body_error = BodyError.TOO_LONG
        return self.body_error is not None or len(self._bytes) >= self._length

    def _chunks_are_here(self) -> bool:
        """Whether the last chunk is here (RFC 9112, section 7.1), or what comes is too long or malformed."""
        while (end := self._bytes.find(b"\r\n", self._next_chunk)) >= 0:
            line = _CHUNK_LINE.fullmatch(self._bytes, self._next_chunk, end)
            if line is None:
                return True  # gunicorn will find it malformed too
            size = int(line[1], 16)
            if size == 0:
                if self._bytes.find(b"\r\n\r\n", end) >= 0:  # the end of the trailers, which may be none
                    return True
                break
            if self._chunked_length + size > self._limits.body_bytes:
                self.body_error = BodyError.TOO_LONG
                return True
            after = end + 2 + size + 2
            if after > len(self._bytes):
                break
            self._next_chunk = after
            self._chunked_length += size
        if len(self._bytes) > self._limits.chunked_bytes:
            self.body_error = BodyError.TOO_LONG
        return self.body_error is not None


class RequestWorker(stopping.StoppingWorker):
    """gunicorn's threaded worker, whose event loop waits for requests in its threads' stead."""

    tells_clients_apart = False
    limits = API_LIMITS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Both in the order of their deadlines, since each kind has one term.
        self._arriving: dict[TConn, ArrivingRequest] = {}
        self._lingering: dict[TConn, tuple[float, int]] = {}

    def accept(self, listener: socket.socket) -> None:
        try:
            client, peer = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self._await_request(TConn(self.cfg, client, peer, listener.getsockname()))

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """A kept connection's next request begins."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await_request(conn)

    def _await_request(self, conn: TConn) -> None:
        if len(self._arriving) >= MOST_ARRIVING:
            self._end_wait(next(iter(self._arriving)))
        conn.sock.setblocking(False)
        self._arriving[conn] = ArrivingRequest(self.cfg, conn.client, self.limits)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._receive, conn))

    def _receive(self, conn: TConn, _: socket.socket) -> None:
        arriving = self._arriving.get(conn)
        if arriving is None:
            return  # ended by another connection's event of the same moment
        try:
            data = conn.sock.recv(min(self.limits.body_bytes + 1, _LINGER_BYTES))
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if arriving.add(data):
            self._hand_on(conn)
            return
        if self.limits.per_pause:
            arriving.deadline = time.monotonic() + REQUEST_SECONDS
            self._arriving[conn] = self._arriving.pop(conn)
        if arriving.takes_continue():
            with suppress(OSError):  # its end will be read
                conn.sock.send(_CONTINUE)
        if self.tells_clients_apart and arriving.request is not None:
            self._end_oldest_of(arriving.client)

    def _end_oldest_of(self, client: str | None) -> None:
        waiting = [conn for conn, each in self._arriving.items() if each.client == client]
        if len(waiting) > MOST_BODIES_A_CLIENT:
            self._end_wait(waiting[0])

    def _hand_on(self, conn: TConn) -> None:
        """To a thread, which answers; or closed, where there is nothing to answer."""
        arriving = self._arriving.pop(conn)
        self.poller.unregister(conn.sock)
        if arriving.request is None and arriving.error is None:
            self._close(conn)
            return
        conn.parser = arriving
        self.enqueue_req(conn)

    def _end_wait(self, conn: TConn) -> None:
        arriving = self._arriving[conn]
        if arriving.request is not None:
            arriving.body_error = BodyError.LATE
        elif arriving.has_begun:
            self._send_problem(conn.sock, request_timeout())
        self._hand_on(conn)

    def murder_pending(self) -> None:
        """gunicorn's word: ends what has waited too long, about once a second."""
        now = time.monotonic()
        for conn in [conn for conn, arriving in self._arriving.items() if arriving.deadline <= now]:
            self._end_wait(conn)
        for conn in [conn for conn, (until, _) in self._lingering.items() if until <= now]:
            self._end_linger(conn)

    def close_idle(self) -> None:
        super().close_idle()
        for conn in [conn for conn, arriving in self._arriving.items() if not arriving.has_begun]:
            self._end_wait(conn)

    def handle(self, conn: TConn) -> bool:
        """Answers the request that has arrived, in a thread; whether its connection stays open."""
        request = None
        try:
            conn.sock.settimeout(_ANSWER_SECONDS)
            request = conn.parser.finished()
            kept: bool = self.handle_request(request, conn)
            return kept
        except (OSError, StopIteration):
            return False  # the client went before it had its answer
        except Exception as error:
            self.handle_error(request, conn.sock, conn.client, error)
            return False

    def handle_error(self, request: Any, client: socket.socket, peer: Any, error: Exception) -> None:
        """What can't be read as HTTP is its sender's error: it is answered, and no line is logged."""
        if isinstance(error, ParseException):
            self._send_problem(client, _malformed(error))
        else:
            super().handle_error(request, client, peer, error)

    def finish_request(self, conn: TConn, done: Any) -> None:
        arrived: ArrivingRequest = conn.parser
        if arrived.is_whole or arrived.has_ended or not self.alive:
            super().finish_request(conn, done)
            return
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
        except OSError:
            self._close(conn)
            return
        self._lingering[conn] = (time.monotonic() + _LINGER_SECONDS, _LINGER_BYTES)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._discard, conn))

    def _discard(self, conn: TConn, _: socket.socket) -> None:
        if conn not in self._lingering:
            return
        until, left = self._lingering[conn]
        try:
            left -= len(conn.sock.recv(left)) or left
        except BlockingIOError:
            return
        except OSError:
            left = 0
        self._lingering[conn] = (until, left)
        if left <= 0:
            self._end_linger(conn)

    def _end_linger(self, conn: TConn) -> None:
        del self._lingering[conn]
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def _send_problem(self, client: socket.socket, problem: Problem) -> None:
        response = with_common_headers(problem.response())
        response.headers.extend({"Connection": "close", "Date": util.http_date()})
        head = "".join(f"{name}: {value}\r\n" for name, value in response.headers)
        with suppress(OSError):
            client.sendall(f"HTTP/1.1 {response.status}\r\n{head}\r\n".encode("latin-1") + response.data)


def _malformed(error: ParseException) -> Problem:
    status = HTTPStatus.BAD_REQUEST
    if isinstance(error, LimitRequestHeaders):
        status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    elif isinstance(error, ExpectationFailed):
        status = HTTPStatus.EXPECTATION_FAILED
    return Problem(status, "bad-request", "This is no well-formed HTTP request. Send it by an HTTP client.")


def use(tells_clients_apart: bool = False, limits: Limits = API_LIMITS) -> None:
    """Makes RequestWorker what gunicorn starts where no kind of worker is named, as by functions-framework.

    tells_clients_apart: whether the addresses in X-Forwarded-For are clients', see `rate_limit.client_of`.
    """
    RequestWorker.tells_clients_apart = tells_clients_apart
    RequestWorker.limits = limits
    stopping.use(RequestWorker)
