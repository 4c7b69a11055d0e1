"""One child process of the stack: how it starts, when it is ready, and how it ends."""

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
    """The local stack cannot start or go on. The message says why, and what to do."""


@dataclass
class Process:
    """A command that runs with this process's environment and the variables of `environment`.

    Its output goes to `log`, which is emptied at each start. The process is ready when `health_url` answers
    with any status below 500.
    """

    name: str
    command: list[str]
    health_url: str
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    _child: subprocess.Popen[bytes] | None = None
    _watched: socket.socket | None = None  # the watcher holds its other end, see attached.py

    def start(self) -> None:
        attached = [sys.executable, "-m", "infra.local.stack.attached", *self.command]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # A signal after the child's start, but before it is known here, would leave the child behind.
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
        """The id of the process that was started last; for a function this is gunicorn's master."""
        if self._child is None:
            raise ValueError(f"{self.name} has not been started")
        return self._child.pid

    def exit_status(self) -> int | None:
        """None while the process runs; the negative number of the signal if one ended it."""
        return self._child.poll() if self._child else None

    def explain(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        return f"Exit status {self.exit_status()}; the end of its log {self.log}:\n" + "\n".join(lines)

    def terminate(self) -> None:
        # On SIGTERM gunicorn would wait for every connection that a browser keeps open. Only the group's
        # first process gets the signal, since gunicorn's worker can lock up on a second one from its master.
        if self._child is not None:
            self._child.send_signal(signal.SIGINT)

    def wait_stopped(self) -> None:
        """Waits until the process has ended after `terminate`, and kills what is left of its group."""
        if self._child is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):  # the whole group has ended already
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        if self._watched is not None:
            self._watched.recv(1)  # returns once the watcher has ended too
            self._watched.close()
            self._watched = None
        _wait_group_ended(self._child.pid)

    def _answers(self) -> bool:
        try:
            return urllib3.request("GET", self.health_url, timeout=2, retries=False).status < 500
        except urllib3.exceptions.HTTPError:
            return False


def _wait_group_ended(group: int) -> None:
    """A killed process may hold its port for a moment more, and the next start would find it taken."""
    end = time.monotonic() + STOP_SECONDS
    with suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < end:
            os.killpg(group, 0)
            time.sleep(0.01)
