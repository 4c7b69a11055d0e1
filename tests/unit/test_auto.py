"""Which style suits a photo: the rules of the table."""

from collections import Counter
from dataclasses import replace

import pytest

from memegen.geometry import Box
from memegen.layout.auto import RULES, Facts, has_room, styles_for
from memegen.options import STYLES

PORTRAIT = Facts(1, 1, True, 0.3, 200, has_room=True, is_page=False, is_wide=True, own_text=False)
CLOSE_UP = replace(PORTRAIT, face_share=0.8, face_pixels=500, has_room=False)
PAIR = replace(PORTRAIT, group=2, readable=2, agrees=False)
TEN = replace(PAIR, group=10, readable=9, face_share=0.1, face_pixels=100)
NOBODY = replace(PORTRAIT, group=0, readable=0, face_share=0.0, face_pixels=0)
PAGE = replace(NOBODY, is_page=True)
HIDDEN = replace(PORTRAIT, group=2)
OWN = replace(PAIR, own_text=True)


def chosen(facts: Facts) -> Counter[str]:
    return Counter(styles_for(facts, seed, 7)[0] for seed in range(2000))


def test_every_style_has_one_rule() -> None:
    assert sorted(rule.style for rule in RULES) == sorted(STYLES)


@pytest.mark.parametrize(
    ("facts", "styles"),
    [
        (PORTRAIT, {"classic", "bar", "bubble", "subtitle", "zoom"}),
        (CLOSE_UP, {"bar", "bubble", "subtitle"}),
        (replace(CLOSE_UP, face_share=0.95), {"bar", "subtitle"}),
        (replace(CLOSE_UP, is_top_plain=False), {"bar", "subtitle"}),
        (replace(CLOSE_UP, face_share=0.95, is_wide=False), {"bar", "bubble"}),
        (PAIR, {"classic", "bar", "labels"}),
        (replace(PAIR, agrees=True), {"classic", "bar", "subtitle", "labels"}),
        (replace(TEN, group=5, readable=5), {"classic", "bar", "labels"}),
        (replace(TEN, group=6, readable=6), {"classic", "bar"}),
        (NOBODY, {"bar", "subtitle"}),
        (replace(NOBODY, own_text=True), {"classic", "bar", "subtitle"}),
        (replace(PORTRAIT, face_share=0.4), {"classic", "bar", "bubble", "subtitle"}),
        (HIDDEN, {"classic", "bar", "subtitle"}),
        (replace(TEN, readable=7, agrees=True), {"classic", "bar", "subtitle"}),  # three have no label
        (OWN, {"classic", "bar", "bubble", "subtitle"}),
    ],
)
def test_each_style_that_suits_has_a_share_of_5_to_50_per_cent(facts: Facts, styles: set[str]) -> None:
    counts = chosen(facts)
    assert set(counts) == styles
    assert set(styles_for(facts, 1, 7)) == styles
    assert min(counts.values()) >= 0.05 * 2000
    # Of two, each has about a half.
    assert max(counts.values()) <= (0.5 if len(styles) > 2 else 0.53) * 2000


def test_nothing_is_written_on_a_page_of_text() -> None:
    assert set(chosen(PAGE)) == {"bar", "subtitle"}


def test_the_seed_and_the_photo_decide() -> None:
    assert styles_for(PAIR, 7, 3) == styles_for(PAIR, 7, 3)
    assert len({tuple(styles_for(PAIR, seed, 3)) for seed in range(50)}) > 2


@pytest.mark.parametrize("facts", [PORTRAIT, CLOSE_UP, PAIR, OWN])
def test_a_hundred_photos_with_one_seed_get_every_style_and_none_half_of_them(facts: Facts) -> None:
    counts = Counter(styles_for(facts, 5, photo)[0] for photo in range(100))
    assert set(counts) == set(styles_for(facts, 5, 0))
    assert max(counts.values()) <= 50


def test_one_person_with_room_above_most_often_says_it() -> None:
    assert chosen(PORTRAIT).most_common(1)[0][0] == "bubble"


@pytest.mark.parametrize("facts", [PORTRAIT, CLOSE_UP, replace(PAIR, agrees=True)])
def test_a_film_still_is_the_rarest_where_others_suit(facts: Facts) -> None:
    counts = chosen(facts)
    assert min(counts, key=lambda style: counts[style]) == "subtitle"


def test_room_for_text_is_a_part_of_the_width_too() -> None:
    """Hair takes .37 of the face's height, so that 146 pixels are above it, 15 of which are margin."""
    face = Box(300.0, 220.0, 160.0, 200.0)
    assert has_room(900, 600, [face, Box(600.0, 300.0, 160.0, 200.0)])
    assert not has_room(1200, 600, [face, Box(600.0, 300.0, 160.0, 200.0)])
