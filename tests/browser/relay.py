"""A line to a server that can be cut: Chromium's own offline mode lets an upload that is under way run on."""

import socket
import threading
from contextlib import suppress
from types import TracebackType


class Relay:
    """Passes connections on from a free port of its own to another one on this machine."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._flows = threading.Event()
        self._flows.set()

    def __enter__(self) -> "Relay":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept, which close alone doesn't
        self._listener.close()
        self.restore()
        self.cut()

    def hold(self) -> None:
        """Passes nothing on and takes no new connection until it is restored."""
        self._flows.clear()

    def cut(self) -> None:
        """Breaks every connection off."""
        while self._ends:
            end = self._ends.pop()
            with suppress(OSError):  # its other side may have closed it already
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def restore(self) -> None:
        self._flows.set()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._flows.is_set():
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._target))
            self._ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):  # cut
            while data := source.recv(65536):
                self._flows.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
