"""Mutants → verdicts: each is put in place in a process of its own, in which the tests that reach it run.

The tests are imported and collected once. For a change within a function, or of a constant, a forked process
puts that in place and runs its tests, so that it costs tenths of a second. What else stands outside functions
is run when a module is imported, so there a process imports all anew.
"""

import os
import resource
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from math import ceil
from pathlib import Path

import pytest

from tests.bench.mutants.mutations import Mutant
from tests.bench.mutants.placing import Finder, put_in_place
from tests.bench.mutants.reach import OPTIONS, Reach

_MEMORY = 8 * 2**30  # bytes of addresses: a mutant may ask for more than there is
_IMPORT_SECONDS = 3.0
_PATIENCE = 3600.0  # seconds until a mutant that waits for ever is given up, on a machine however busy
_SURVIVED, _KILLED, _NOT_PLACED = 0, 1, 3


def judge(
    tests: list[str], reach: Reach, mutants: list[Mutant], told: Callable[[Mutant, bool], None]
) -> None:
    """Tell of each mutant, in this order, whether a test notices it."""
    for mutant, first in _in_place(tests, reach, mutants):
        code = first
        # A constant may have been used while the modules were imported, so a second look is taken at these.
        if code == _NOT_PLACED or (mutant.function is None and code == _SURVIVED):
            chosen = reach.of(mutant)
            seconds = _IMPORT_SECONDS + sum(reach.seconds[name] for name in chosen)
            code = forked(partial(_run_anew, mutant, chosen), seconds)
        told(mutant, code != _SURVIVED)


def _in_place(tests: list[str], reach: Reach, mutants: list[Mutant]) -> Iterator[tuple[Mutant, int]]:
    """Each mutant with its verdict, as a process tells that has all tests collected."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        plugin = _Judging(mutants, reach, theirs)
        _end_with(lambda: int(pytest.main([*OPTIONS, *tests], plugins=[plugin])))
    theirs.close()
    with ours:
        for mutant in mutants:
            code = ours.recv(1)
            if not code:
                raise RuntimeError(
                    f"Tests can't be collected. Run them, and mend that first: {' '.join(tests)}"
                )
            yield mutant, code[0]
            ours.send(b".")
    os.waitpid(child, 0)


class _Judging:
    """In place of running the collected tests: for each mutant a process that has it, and runs some.

    The verdict goes to the other end, which answers once it is ready for the next.
    """

    def __init__(self, mutants: list[Mutant], reach: Reach, other_end: socket.socket) -> None:
        self._mutants, self._reach, self._other_end = mutants, reach, other_end

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        for mutant in self._mutants:
            names = self._reach.of(mutant)
            code = _SURVIVED
            if names:
                seconds = sum(self._reach.seconds[name] for name in names)
                code = forked(partial(_run, mutant, [items[name] for name in names]), seconds)
            self._other_end.send(bytes([code & 0xFF]))
            if not self._other_end.recv(1):
                break
        return True


def _run(mutant: Mutant, items: list[pytest.Item]) -> int:
    try:
        put_in_place(mutant)
    except (ValueError, LookupError):
        return _NOT_PLACED
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if item.session.testsfailed:
            return _KILLED
    return _SURVIVED


def _run_anew(mutant: Mutant, tests: list[str]) -> int:
    if not tests:
        return _SURVIVED
    files = {name.partition("::")[0] for name in tests}
    sys.meta_path.insert(0, Finder(mutant))
    order = {name: number for number, name in enumerate(tests)}

    class Choosing:
        @pytest.hookimpl(trylast=True)
        def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
            chosen = [item for item in items if item.nodeid in order]
            items[:] = sorted(chosen, key=lambda item: order[item.nodeid])

    return _SURVIVED if pytest.main([*OPTIONS, *files], plugins=[Choosing()]) == 0 else _KILLED


def forked(work: Callable[[], int], seconds: float) -> int:
    """What `work` gives in a process of its own, or another number than 0 when it ends in another way.

    It's killed, with what it started, when it takes far more than these seconds of the processor.
    """
    child = os.fork()
    if child == 0:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (ceil(2 + 5 * seconds),) * 2)
        _end_with(work)
    handle = os.pidfd_open(child)
    try:
        select.select([handle], [], [], _PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    finally:
        os.close(handle)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _end_with(work: Callable[[], int]) -> None:
    """Run `work` in silence and end the process."""
    code = _KILLED
    try:
        with Path(os.devnull).open("r+b") as nowhere:
            for descriptor in (1, 2):
                os.dup2(nowhere.fileno(), descriptor)
        code = work()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)
