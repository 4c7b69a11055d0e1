"""One process's threads, each with its own face finder and interpreters, give what one alone gives."""

import pytest

from tests.bench.benchmarks.threads import compare


@pytest.mark.slow
def test_forty_memes_by_four_threads_are_those_made_alone():
    assert compare(40, (320, 240)).right == 40
