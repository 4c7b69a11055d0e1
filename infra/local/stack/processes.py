"""One child process of the stack: its start, health, log and end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import urllib3

START_SECONDS = 60
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOP_SECONDS = 5
LOG_LINES = 25


class StackError(Exception):
    """The local stack cannot start or go on; the message says why and what to do."""


@dataclass
class Process:
    """A command with `environment` over this process's own, its output in `log`,
    which begins anew at each start.

    It is ready once `health_url` answers, with any status below 500.
    """

    name: str
    command: list[str]
    health_url: str
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    _child: subprocess.Popen[bytes] | None = None
    _watched: socket.socket | None = None  # its other end is the watcher's, see attached.py

    def start(self) -> None:
        attached = [sys.executable, "-m", "infra.local.stack.attached", *self.command]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # A stop that came between the child's birth and its being known here would leave it behind.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            self._watched, watcher = socket.socketpair()
            with self.log.open("wb") as log, watcher:
                self._child = subprocess.Popen(
                    attached,
                    stdin=watcher.fileno(),
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
                    start_new_session=True,  # Ctrl-C reaches the stack alone, which then ends each group
                )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def wait_ready(self) -> None:
        """Raises StackError if the process ends first or is not ready in time."""
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.exit_status() is not None:
                raise StackError(f"{self.name} stopped while starting. {self.explain()}")
            if time.monotonic() > end:
                raise StackError(
                    f"{self.name} did not answer within {START_SECONDS} seconds. {self.explain()}"
                )
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        """Of the process that was started last: gunicorn's master, where it is a function."""
        if self._child is None:
            raise ValueError(f"{self.name} has not been started")
        return self._child.pid

    def exit_status(self) -> int | None:
        """None while it runs; a signal's number negative."""
        return self._child.poll() if self._child else None

    def explain(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        return f"Exit status {self.exit_status()}; the end of its log {self.log}:\n" + "\n".join(lines)

    def terminate(self) -> None:
        # Not SIGTERM, on which gunicorn waits for every connection that a browser keeps open; and to the
        # group's first process alone, as gunicorn's worker can lock up on a second signal from its master.
        if self._child is not None:
            self._child.send_signal(signal.SIGINT)

    def wait_stopped(self) -> None:
        """Waits for the end after `terminate`, and kills what is left of the process's group."""
        if self._child is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):  # where the whole group has ended
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        if self._watched is not None:
            self._watched.recv(1)  # returns once the watcher has ended too
            self._watched.close()
            self._watched = None

    def _answers(self) -> bool:
        try:
            return urllib3.request("GET", self.health_url, timeout=2, retries=False).status < 500
        except urllib3.exceptions.HTTPError:
            return False
