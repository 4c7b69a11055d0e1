"""A storage API in trouble: what stands before the real one, and fails as a test plans it."""

import http.client
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAILURES = ("503", "429", "reset", "lost", "cut", "hang")
"""What a request can meet: a status; a connection reset before it has had an effect, after it (its answer is
lost) or amid the answer's body; no answer at all."""


class Trouble:
    """Passes requests on to `target`, a port on this machine, but for those that are to fail."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.requests: list[str] = []
        """The methods and paths, percent-encoded and without queries, in the order of their arrival."""
        self._next: deque[str | None] = deque()
        self._for_good: str | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()

    def plan(self, *failures: str | None) -> None:
        """What the next requests meet, in their order; None passes one on, as do all after these."""
        with self._lock:
            self._next = deque(failures)
            self.requests = []

    def fail_for_good(self, failure: str) -> None:
        with self._lock:
            self._for_good = failure

    @contextmanager
    def running(self) -> Iterator[str]:
        """The base URL of the API in trouble."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            self._over.set()
            server.shutdown()
            server.server_close()
            thread.join()

    def failure_of(self, request: str) -> str | None:
        with self._lock:
            self.requests.append(request)
            return self._for_good or (self._next.popleft() if self._next else None)

    def wait_over(self) -> None:
        self._over.wait()


def _handler(trouble: Trouble) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            failure = trouble.failure_of(f"{self.command} {self.path.partition('?')[0]}")
            if failure == "hang":
                trouble.wait_over()
            if failure in ("hang", "reset"):
                return self.reset()
            if failure in ("503", "429"):
                return self.send(int(failure), [], b"")
            status, headers, data = self.passed_on(body)
            if failure == "lost":
                return self.reset()
            if failure == "cut":
                self.send(status, headers, data, data[: len(data) // 2])
                return self.reset()
            self.send(status, headers, data)

        def passed_on(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", trouble.target)
            try:
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            finally:
                connection.close()

        def send(
            self, status: int, headers: list[tuple[str, str]], data: bytes, sent: bytes | None = None
        ) -> None:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(OSError):  # the client may have given up
                self.wfile.write(data if sent is None else sent)

        def reset(self) -> None:
            # With no time to linger, closing sends RST.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def do_DELETE(self) -> None:
            self.answer()

    return Handler
