"""The choice among a pack's entries by all probabilities of a reading, on cases worked by hand."""

from dataclasses import dataclass, field

import pytest

from memegen.caption.suits import in_tiers, score, seeded_order


@dataclass(frozen=True)
class Entry:
    id: str
    suits: dict[str, float] = field(hash=False)


RAGE = Entry("rage", {"anger": 1.0})
MILK = Entry("milk", {"anger": 0.7, "disgust": 1.0})
PARTY = Entry("party", {"happiness": 1.0})
READ = {"anger": 0.5, "disgust": 0.3, "happiness": 0.2}


def test_the_score_is_the_sum_of_the_products() -> None:
    assert score(MILK.suits, READ) == pytest.approx(0.7 * 0.5 + 0.3)
    assert score(PARTY.suits, READ) == pytest.approx(0.2)
    assert score({}, READ) == 0


def test_entries_nearly_as_good_as_the_best_come_first_and_bad_ones_never() -> None:
    """milk scores .65, rage .5, which is less than .8 · .65 = .52, and party .2, less than half of .65."""
    assert in_tiers([RAGE, MILK, PARTY], READ) == [[MILK], [RAGE]]
    # Here milk scores .7 · .6 + .2 = .62 and rage .6.
    assert in_tiers([RAGE, MILK, PARTY], {"anger": 0.6, "disgust": 0.2}) == [[RAGE, MILK]]


def test_nothing_suits_without_entries_or_without_a_reading() -> None:
    assert in_tiers([], READ) == []
    assert in_tiers([RAGE, PARTY], {}) == []


def test_the_order_is_the_seeds_and_a_new_entry_leaves_it_as_it_is() -> None:
    entries = [Entry(f"entry-{number}", {}) for number in range(20)]
    first, other = seeded_order(entries, 1), seeded_order(entries, 2)
    assert first != other
    assert first == seeded_order(entries[::-1], 1)
    assert [each for each in first if each != entries[3]] == seeded_order(entries[:3] + entries[4:], 1)
