"""Which tests go over which lines, and how long each takes: a mutant meets those alone that may notice it."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import pytest
from coverage import Coverage

from tests.bench.mutants.mutations import Mutant

OPTIONS = ["-q", "-x", "--tb=no", "-m", "not slow", "-p", "no:cacheprovider", "-W", "ignore"]
_MOST_SECONDS = 3.0  # of tests for each mutant, by the processor time that they take without one


@dataclass(frozen=True)
class Reach:
    """seconds: of processor time, by test. tests: by module and line, the tests that went over it."""

    seconds: dict[str, float]
    tests: dict[str, dict[str, list[str]]]

    def of(self, mutant: Mutant) -> list[str]:
        """The tests that may notice a mutant, as many as there is time for: those that go over its lines, or
        over its module where it's outside of functions."""
        lines = self.tests[mutant.module]
        over = lines.values() if mutant.function is None else (lines.get(str(n), []) for n in mutant.lines)
        names = {name for tests in over for name in tests}
        chosen = self._in_turn(names)
        spent = accumulate(self.seconds[name] for name in chosen)
        return [name for name, seconds in zip(chosen, spent, strict=True) if seconds <= _MOST_SECONDS]

    def _in_turn(self, names: set[str]) -> list[str]:
        """The fastest case of each test function, then the second of each, and so on: these differ most."""
        turns: Counter[str] = Counter()
        order = []
        for name in sorted(names, key=self.seconds.__getitem__):
            function = name.partition("[")[0]
            order.append((turns[function], self.seconds[name], name))
            turns[function] += 1
        return [name for _, _, name in sorted(order)]


def measure(tests: list[str], files: dict[str, Path]) -> Reach:
    """Run the tests over these modules' files. Raises RuntimeError if one fails."""
    plugin = _Measuring(files)
    status = pytest.main([*OPTIONS, *tests], plugins=[plugin])
    if status != 0:
        raise RuntimeError(f"Tests fail without a mutant. Run them, and mend that first: {' '.join(tests)}")
    return Reach(plugin.seconds, plugin.tests())


class _Measuring:
    """Notes each test's time, and which lines of some files it goes over."""

    def __init__(self, files: dict[str, Path]) -> None:
        self.seconds: dict[str, float] = {}
        self._files = {module: str(file.resolve()) for module, file in files.items()}
        self._coverage = Coverage(data_file=None, config_file=False, include=list(self._files.values()))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        begun = time.process_time()
        self._coverage.start()
        self._coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._coverage.stop()
            self.seconds[item.nodeid] = time.process_time() - begun

    def tests(self) -> dict[str, dict[str, list[str]]]:
        data = self._coverage.get_data()
        found = {module: data.contexts_by_lineno(file) for module, file in self._files.items()}
        return {
            module: {str(line): [name for name in names if name] for line, names in lines.items()}
            for module, lines in found.items()
        }
