"""Starts a watcher process, and then becomes the command that it is given.

The watcher stays in the command's process group. It kills the whole group when the stack ends, even if the
stack is killed itself. It does not ask the processes to end: gunicorn's worker can lock up on a signal that
arrives while it accepts a connection, and a dying stack may close connections at that very moment.
"""

import os
import signal
import sys
from typing import NoReturn


def main(command: list[str]) -> NoReturn:
    """Standard input is a socket whose other end only the stack holds. The command gets an empty input."""
    # A shell starts a background job with SIGINT ignored, and a child process inherits that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # The stack blocks these signals while it starts a process, and the process inherits the block.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    between = os.fork()
    if between == 0:
        if os.fork() == 0:
            _kill_group_when_stack_ends()
        os._exit(0)
    os.waitpid(between, 0)  # so that the watcher is no child of the command, which may count its children
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.execv(command[0], command)  # noqa: S606


def _kill_group_when_stack_ends() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
