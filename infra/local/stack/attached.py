"""Becomes the command it is given, after leaving a watcher in its process group that kills the group when the
stack ends, however the stack ends.

Killed, not asked to end: gunicorn's worker can lock up on a signal that comes while it takes a connection, as
one may when a dying stack closes its own.
"""

import os
import signal
import sys
from typing import NoReturn


def main(command: list[str]) -> NoReturn:
    """Standard input is a socket whose other end the stack alone holds; the command gets an empty one."""
    # A shell starts a background job with SIGINT ignored, and Go's runtime would keep to that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # The stack lets nothing interrupt it while it starts a process, which inherits that.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    between = os.fork()
    if between == 0:
        if os.fork() == 0:
            _kill_group_when_stack_ends()
        os._exit(0)
    os.waitpid(between, 0)  # so the watcher is no child of the command, which may count its children
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.execv(command[0], command)  # noqa: S606


def _kill_group_when_stack_ends() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
