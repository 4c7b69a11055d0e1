"""What a photo shows at its top."""

import cv2
import numpy as np
import pytest

from memegen.geometry import Box
from memegen.layout.ground import focus_of
from memegen.layout.top import Top, top_of

FACE = Box(180.0, 260.0, 140.0, 180.0)


def portrait(hair: int, wall: int = 210, head: int = 40) -> np.ndarray:
    """A head whose hair begins at that row, before a plain wall: (600, 500, 3)."""
    photo = np.full((600, 500, 3), wall, np.uint8)
    cv2.ellipse(photo, (250, hair + 180), (110, 180), 0, 0, 360, (head,) * 3, cv2.FILLED)
    return photo


@pytest.mark.parametrize("hair", [60, 150, 220])
@pytest.mark.parametrize(("wall", "head"), [(210, 40), (40, 190)])
def test_a_head_begins_where_its_hair_does(hair: int, wall: int, head: int) -> None:
    top = top_of(portrait(hair, wall, head), [FACE])
    assert top is not None
    assert top.border == 0
    assert top.heads[0] == pytest.approx(hair, abs=6)  # 1 % of the photo's height


def test_hair_as_light_as_the_wall_begins_where_hair_usually_does() -> None:
    top = top_of(np.full((600, 500, 3), 210, np.uint8), [FACE])
    assert top == Top(0, (round(260 - 0.33 * 180),))


@pytest.mark.parametrize("border", [4, 15])
def test_a_border_is_told_from_the_photo_below_it(border: int) -> None:
    photo = portrait(150)
    photo[:border] = 120
    top = top_of(photo, [FACE])
    assert top is not None
    assert border <= top.border <= border + 4
    assert top.heads[0] == pytest.approx(150, abs=6)


def test_a_border_ends_above_a_face() -> None:
    photo = portrait(150)
    photo[:15] = 120
    top = top_of(photo, [Box(180.0, 7.0, 140.0, 180.0)])
    assert top is not None
    assert top.border == 7
    assert top.heads == (7,)


def test_what_is_higher_up_than_a_head_is_at_its_side_stays_the_grounds() -> None:
    photo = portrait(150)
    photo[100:, :60] = 30  # a curtain that does not reach the top
    top = top_of(photo, [FACE])
    assert top is not None
    assert top.heads[0] == pytest.approx(150, abs=6)


def test_stripes_and_a_head_at_the_very_top_are_not_plain() -> None:
    stripes = portrait(150)
    stripes[:, ::20] = stripes[:, 1::20] = stripes[:, 2::20] = 60
    assert top_of(stripes, [FACE]) is None
    assert top_of(portrait(-20), [FACE]) is None


@pytest.mark.parametrize(("x", "y"), [(100, 80), (400, 500), (250, 300)])
def test_a_picture_has_its_focus_where_its_edges_are(x: int, y: int) -> None:
    picture = np.full((600, 500, 3), 128, np.uint8)
    noise = np.random.default_rng(5).integers(0, 256, (80, 80, 1), np.uint8)
    picture[y - 40 : y + 40, x - 40 : x + 40] = noise
    assert focus_of(picture) == pytest.approx((x, y), abs=12)
    assert focus_of(np.full((600, 500, 3), 128, np.uint8)) == pytest.approx((250, 300), abs=1)
