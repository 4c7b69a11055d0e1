"""Which style suits a photo: the rules of the table."""

from collections import Counter

import pytest

from memegen.layout.auto import RULES, Facts, styles_for
from memegen.options import STYLES

PORTRAIT = Facts(1, 1, 0.3, 200, has_room=True, is_wide=True, own_text=False)
CLOSE_UP = Facts(1, 1, 0.8, 500, has_room=False, is_wide=True, own_text=False)
PAIR = Facts(2, 2, 0.3, 200, has_room=True, is_wide=True, own_text=False)
TEN = Facts(10, 9, 0.1, 100, has_room=True, is_wide=True, own_text=False)
NOBODY = Facts(0, 0, 0.0, 0, has_room=True, is_wide=True, own_text=False)
HIDDEN = Facts(2, 1, 0.3, 200, has_room=True, is_wide=True, own_text=False)
OWN = Facts(2, 2, 0.3, 200, has_room=True, is_wide=True, own_text=True)


def chosen(facts: Facts) -> Counter[str]:
    return Counter(styles_for(facts, seed)[0] for seed in range(2000))


def test_every_style_has_one_rule() -> None:
    assert sorted(rule.style for rule in RULES) == sorted(STYLES)


@pytest.mark.parametrize(
    ("facts", "styles"),
    [
        (PORTRAIT, {"classic", "bar", "bubble", "subtitle", "zoom"}),
        (CLOSE_UP, {"bar", "bubble", "subtitle"}),
        (PAIR, {"classic", "bar", "subtitle", "labels"}),
        (TEN, {"classic", "bar", "subtitle", "labels"}),
        (NOBODY, {"classic", "bar", "subtitle"}),
        (HIDDEN, {"classic", "bar", "subtitle"}),
        (OWN, {"classic", "bar", "bubble", "subtitle"}),
    ],
)
def test_each_style_that_suits_has_a_share_of_5_to_50_per_cent(facts: Facts, styles: set[str]) -> None:
    counts = chosen(facts)
    assert set(counts) == styles
    assert set(styles_for(facts, 1)) == styles
    assert min(counts.values()) >= 0.05 * 2000
    assert max(counts.values()) <= 0.5 * 2000


def test_the_seed_decides() -> None:
    assert styles_for(PAIR, 7) == styles_for(PAIR, 7)
    assert len({tuple(styles_for(PAIR, seed)) for seed in range(50)}) > 2
