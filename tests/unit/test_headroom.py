"""Empty headroom: which rows are plain, that nothing else is ever left out of a meme, and that a bar is more
of a plain light wall."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from memegen.caption.choose import Caption
from memegen.draw import draw_caption
from memegen.geometry import Box
from memegen.layout.ground import plain_rows
from memegen.layout.layout import lay_out
from memegen.layout.scene import Scene
from memegen.layout.top import Top, top_of
from memegen.text.fitting import ink_of

CAPTION = Caption("a", "", "When the pool is warm", "en")
WIDTH, HEIGHT, HAIR = 1000, 800, 320  # pixels: the photo's, and the row at which its hair begins
FACE = Box(400.0, 420.0, 160.0, 200.0)


def photo_with_hair(ground: np.ndarray) -> np.ndarray:
    photo = np.array(np.broadcast_to(ground, (HEIGHT, WIDTH, 3)), np.uint8)
    photo[HAIR:, 380:580] = (60, 40, 30)
    return photo


EVEN = photo_with_hair(np.array((200, 215, 230)))
GRADIENT = photo_with_hair(np.linspace(250, 120, HEIGHT)[:, None, None])
GRAINY = photo_with_hair(np.random.default_rng(3).normal(190, 3, (HEIGHT, WIDTH, 3)))


@pytest.mark.parametrize("photo", [EVEN, GRADIENT, GRAINY], ids=["even", "gradient", "grainy"])
def test_plain_rows_end_where_the_hair_begins(photo: np.ndarray) -> None:
    assert HAIR - 20 <= plain_rows(photo, [FACE]) <= HAIR


def test_birds_letters_and_textures_are_not_plain() -> None:
    bird, letters = EVEN.copy(), EVEN.copy()
    bird[100:103, 700:704] = (150, 150, 150)
    cv2.putText(letters, "news", (20, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (185, 195, 205), 2)
    grass = photo_with_hair(np.random.default_rng(3).normal(120, 40, (HEIGHT, WIDTH, 3)).clip(0, 255))
    assert plain_rows(bird, [FACE]) <= 100
    assert plain_rows(letters, [FACE]) <= 90
    assert plain_rows(grass, [FACE]) == 0


def test_an_even_picture_is_plain_to_its_highest_face() -> None:
    even = np.full((300, 400, 3), 7, np.uint8)
    assert plain_rows(even, [Box(50.0, 200.0, 60.0, 80.0), Box(250.0, 120.0, 60.0, 80.0)]) == 120
    assert plain_rows(even, [Box(50.0, -5.0, 60.0, 80.0)]) == 0
    assert plain_rows(even, []) == 0


def scene(plain: int, *faces: Box[float]) -> Scene:
    return Scene("", "", WIDTH, HEIGHT, faces, plain_rows=plain)


def test_a_border_goes_though_it_is_not_plain() -> None:
    bordered = replace(scene(0, FACE), photo_top=Top(border=12, heads=(HAIR,)))
    placement = lay_out(CAPTION, bordered, "bar")
    assert placement.picture.height == round(placement.picture.width * (HEIGHT - 12) / WIDTH)


@pytest.mark.parametrize(
    ("plain", "left_out"),
    [
        (320, 270),  # .05 of the width, 50 px, stay above the hair
        (50, 0),
        (0, 0),
        (800, 330),  # hair that looks like the ground: it may begin at 420 - .45 x 200
    ],
)
def test_a_bar_leaves_out_plain_rows_above_the_hair_and_nothing_else(plain: int, left_out: int) -> None:
    before = np.random.default_rng(5).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    placement = lay_out(CAPTION, scene(plain, FACE), "bar")
    after = draw_caption(before, placement)
    assert np.array_equal(after[placement.picture.top :], before[left_out:])
    shown = placement.in_meme(FACE, WIDTH, HEIGHT)
    assert (shown.left, shown.top) == (400, placement.picture.top + 420 - left_out)


def test_the_highest_head_counts_and_without_a_face_all_stays() -> None:
    high = Box(100.0, 250.0, 80.0, 100.0)
    assert lay_out(CAPTION, scene(800, FACE, high), "bar").panels[0].source.top == 205  # 250 - .45 x 100
    assert lay_out(CAPTION, scene(800), "bar").picture.height == HEIGHT


def test_headroom_is_left_out_of_a_group_with_labels_too() -> None:
    people = tuple(Box(left, 420.0, 160.0, 200.0) for left in (150.0, 650.0))
    group = Scene("", "", WIDTH, HEIGHT, people, plain_rows=320, labels=("the plan", "the budget"))
    placement = lay_out(CAPTION, group, "labels")
    assert placement.panels[0].source == Box(0, 270, 1000, 530)


@pytest.mark.parametrize(("plain", "is_cut"), [(320, True), (130, False)])
def test_a_classic_meme_has_no_empty_rows_between_its_text_and_the_hair(plain: int, is_cut: bool) -> None:
    before = np.random.default_rng(5).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    before[:plain] = 220
    two = Caption("a", "I said", "put it on my card", "en")
    placement = lay_out(two, scene(plain, FACE), "classic")
    after = draw_caption(before, placement)
    first, *_, last = [ink_of(line, placement.size, placement.style.text) for line in placement.lines]
    left_out = HEIGHT - placement.height
    assert np.array_equal(
        after[first.bottom : last.top], before[left_out + first.bottom : left_out + last.top]
    )
    assert placement.in_meme(FACE, WIDTH, HEIGHT).top == FACE.top - left_out
    assert HEIGHT - 0.06 * HEIGHT < left_out + last.bottom <= HEIGHT  # at the bottom as before
    if is_cut:
        assert plain - left_out - first.bottom == 50  # .05 of the width, from the text to the hair
    else:
        assert left_out == 0


def in_a_bar(wall: np.ndarray, hair: int = HAIR) -> tuple[np.ndarray, np.ndarray, int, int]:
    """A portrait before a wall of these greys, with hair from this row on, its meme, where the photo begins
    in it and how many of its rows are left out."""
    photo = photo_with_hair(np.round(wall)[..., None])
    photo[hair:HAIR] = photo[HAIR]
    placement = lay_out(
        CAPTION, replace(scene(plain_rows(photo, [FACE]), FACE), photo_top=top_of(photo, [FACE])), "bar"
    )
    return photo, draw_caption(photo, placement), placement.picture.top, HEIGHT - placement.picture.height


@pytest.mark.parametrize("wall", [np.linspace(185, 240, WIDTH), np.full(WIDTH, 158)], ids=["shaded", "even"])
def test_a_bar_over_a_plain_light_wall_is_more_of_that_wall(wall: np.ndarray) -> None:
    photo, meme, top, left_out = in_a_bar(wall)
    assert top > 50
    for margin in (slice(0, 70), slice(WIDTH - 70, WIDTH)):  # beside the letters
        shades = meme[: top + 20, margin].astype(float).mean(axis=2)
        assert np.abs(shades - wall[margin]).max() <= 3  # it has neither a seam nor a shade of its own
    assert (meme[:top] < 40).any()
    assert np.array_equal(meme[top:], photo[left_out:])


@pytest.mark.parametrize(
    "wall",
    [
        np.full(WIDTH, 157),  # relative luminance .337: dark letters, .0056, have a contrast of 6.96 to 1
        np.linspace(150, 190, WIDTH),  # most of it is light enough, but not all
        np.random.default_rng(4).normal(190, 14, (HEIGHT, WIDTH)).clip(0, 255),
    ],
    ids=["even", "in part", "grainy"],
)
def test_a_bar_is_paper_over_a_wall_on_which_its_letters_would_be_hard_to_read(wall: np.ndarray) -> None:
    photo, meme, top, left_out = in_a_bar(wall)
    assert (meme[:top, :70] == 255).all()
    assert (meme[top - 1] == 255).all()
    assert np.array_equal(meme[top:], photo[left_out:])


@pytest.mark.parametrize(("hair", "is_wall"), [(8, False), (30, True)])
def test_a_bar_is_paper_over_hair_that_is_cropped(hair: int, is_wall: bool) -> None:
    _, meme, top, _ = in_a_bar(np.full(WIDTH, 200), hair)
    assert (meme[:top, :70] == (200 if is_wall else 255)).all()


def test_a_bar_is_below_a_head_that_the_photo_cuts_at_its_top() -> None:
    cut = Box(300.0, 60.0, 320.0, 400.0)  # hair would reach 132 pixels above it
    placement = lay_out(CAPTION, scene(0, cut), "bar")
    assert placement.picture.top == 0
    assert all(ink_of(line, placement.size, placement.style.text).top > HEIGHT for line in placement.lines)
    with_hair, without_chin = cut.moved(0, 80), Box(300.0, 60.0, 640.0, 900.0)
    for face in (with_hair, without_chin):
        above = lay_out(CAPTION, scene(0, face), "bar")
        assert above.picture.bottom == above.height
