"""Bad input through the library: a part of the corpus. All 5,000 cases are `make fuzz`'s."""

import numpy as np
import pytest

from tests.support.corpus.cases import Case, Outcome, Picture, complaint
from tests.support.corpus.generators import corpus
from tests.support.corpus.library import Library

MOST_MIB = 700


@pytest.mark.timeout(1200)
def test_each_case_ends_as_stated_in_bounded_memory() -> None:
    with Library() as library:
        found = {named.name: complaint(named.case, library.outcome(named.case)) for named in corpus(500)}
        peak, said = library.peak_mib, library.said
    assert {name: wrong for name, wrong in found.items() if wrong is not None} == {}
    assert peak < MOST_MIB
    assert said == ""


BLACK, WHITE = np.zeros((2, 3, 3), np.uint8), np.full((2, 3, 3), 255, np.uint8)
SHOWN = Case(b"", picture=Picture.exactly(BLACK), caption="ha")
REFUSED = Case(b"", frozenset({"damaged-image"}))


@pytest.mark.parametrize(
    ("case", "outcome", "said"),
    [
        (SHOWN, Outcome(pixels=BLACK, caption="ha"), None),
        (SHOWN, Outcome(pixels=WHITE, caption="ha"), "6 of its pixels are wrong, by up to 255"),
        (SHOWN, Outcome(pixels=BLACK[:1], caption="ha"), "3 × 1"),
        (SHOWN, Outcome(pixels=BLACK, caption="hm"), "caption"),
        (SHOWN, Outcome(pixels=BLACK, caption="ha", reported=(3, 2), drawn=(3, 3)), "its file is"),
        (SHOWN, Outcome(code="damaged-image"), "not as a meme"),
        (REFUSED, Outcome(code="damaged-image"), None),
        (REFUSED, Outcome(code="not-an-image"), "not as damaged-image"),
        (REFUSED, Outcome(pixels=BLACK), "became a meme"),
        (SHOWN, Outcome(crash="the process ended"), "the process ended"),
    ],
)
def test_an_outcome_other_than_stated_is_reported(case: Case, outcome: Outcome, said: str | None) -> None:
    reported = complaint(case, outcome)
    assert reported is None if said is None else said in (reported or "")


def test_a_process_that_dies_is_reported_and_the_next_case_goes_on() -> None:
    with Library() as library:
        crash = library.outcome(Case(b"", options={"language": Killing()})).crash
        assert crash is not None and "-9" in crash
        library.outcome(Case(b"", options={"language": Printing()}))
        assert library.said == "a line\n"
        assert library.outcome(Case(b"")).code == "not-an-image"


class Killing:
    """Kills the process in which it is unpickled."""

    def __reduce__(self):
        return exec, ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)",)


class Printing:
    """Prints in the process in which it is unpickled."""

    def __reduce__(self):
        return exec, ("import os; os.write(2, b'a line\\n')",)
