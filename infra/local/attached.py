"""Becomes the command it is given, after asking Linux to end it when its parent dies.

So no process is left behind even where the stack is killed and cannot stop its children itself.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    # A shell starts a background job with SIGINT ignored, and Go's runtime would keep to that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # The stack lets nothing interrupt it while it starts a process, which inherits that.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() == parent:  # else it died before that took hold
        os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
