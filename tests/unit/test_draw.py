"""The drawn caption, judged by its pixels."""

import itertools

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageDraw

from memegen.caption.choose import Caption
from memegen.draw import draw_caption
from memegen.geometry import Box, pixels_around
from memegen.layout.ground import is_page
from memegen.layout.layout import place_caption
from memegen.layout.placement import Placement
from memegen.options import STYLES
from memegen.text import fonts, measure
from memegen.text.fitting import ink_of

CAPTION = Caption("a", "The cake is in the oven", "So is the plastic spoon", "en")

BACKGROUNDS = {
    "black": np.zeros((600, 800, 3), np.uint8),
    "white": np.full((600, 800, 3), 255, np.uint8),
    "busy": np.random.default_rng(2).integers(0, 256, (600, 800, 3), dtype=np.uint8),
}


def letters_of(placement: Placement) -> np.ndarray:
    """Where the letters are full, found by drawing them alone, white on black: (height, width) bool."""
    mask = Image.new("L", (placement.width, placement.height))
    for line in placement.lines:
        for run in measure.runs(line.text, placement.size, placement.style.text.family):
            place, font = (line.left + round(run.left), line.baseline), fonts.load(run.font, placement.size)
            ImageDraw.Draw(mask).text(place, run.text, 255, font, anchor="ls", direction=run.direction)
    return np.asarray(mask) == 255


def luminance(pixels: np.ndarray) -> np.ndarray:
    """Relative luminance of sRGB pixels, 0 to 1 (WCAG 2.2)."""
    share = pixels / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    """The mask and all within `by` pixels of it, to the four sides and corners."""
    padded = np.pad(mask, by)
    height, width = mask.shape
    return np.any(
        [padded[y : y + height, x : x + width] for y in range(2 * by + 1) for x in range(2 * by + 1)], axis=0
    )


def contrast(light: np.ndarray, dark: np.ndarray) -> float:
    """The contrast ratio of the darkest light pixel and the lightest dark one, 1 to 21 (WCAG 2.2)."""
    return float((luminance(light).min() + 0.05) / (luminance(dark).max() + 0.05))


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("face", [None, Box(300, 200, 150, 200), Box(10, 10, 780, 580)], ids=str)
@pytest.mark.parametrize("style", STYLES)
def test_letters_contrast_with_what_is_around_them_on_any_picture(
    style: str, face: Box | None, background: str
) -> None:
    placement = place_caption(CAPTION, 800, 600, [face] if face else [], style)
    meme = draw_caption(BACKGROUNDS[background], placement)
    letters = letters_of(placement)
    assert letters.sum() > 3000
    # Beyond the letters' soft edge of a pixel or two, and well inside the outline, all is outline or paper.
    ring = grown(letters, 3) & ~grown(letters, 2)
    is_light = placement.style.letters > placement.style.around
    light, dark = (meme[letters], meme[ring]) if is_light else (meme[ring], meme[letters])
    inside = np.percentile(luminance(meme[ring]), [5, 95])
    assert contrast(light, dark) >= 4.5
    assert inside[1] - inside[0] < 0.01  # the picture does not show through


UNTOUCHED = [style for style in STYLES if style not in ("subtitle", "zoom")]
GRID = list(itertools.product((-0.1, 0.05, 0.4, 0.75), (-0.1, 0.05, 0.4, 0.75), (0.15, 0.35, 0.6)))


@pytest.mark.parametrize("style", UNTOUCHED)
@pytest.mark.parametrize(("width", "height"), [(800, 600), (450, 600)])
def test_a_face_anywhere_in_the_frame_keeps_its_pixels(width: int, height: int, style: str) -> None:
    rng = np.random.default_rng(7)
    before = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    long_side = 4000  # so far that no picture shrinks for its bars
    for across, down, size in GRID:
        side = size * height
        face = Box(across * width, down * height, 0.8 * side, side)
        placement = place_caption(CAPTION, width, height, [face], style, long_side)
        picture = placement.picture
        assert (picture.width, picture.height) == (width, height)
        after = draw_caption(before, placement)[picture.top : picture.bottom, picture.left : picture.right]
        rows = slice(max(0, int(face.top)), max(0, int(face.top + face.height) + 1))
        columns = slice(max(0, int(face.left)), max(0, int(face.left + face.width) + 1))
        assert np.array_equal(after[rows, columns], before[rows, columns]), (across, down, size)


@pytest.mark.parametrize("style", STYLES)
def test_a_part_of_invisible_characters_alone_is_no_error(style: str) -> None:
    placement = place_caption(Caption("own", "\u200f\u200d", "Words", "en"), 800, 600, [], style)
    alone = place_caption(Caption("own", "", "Words", "en"), 800, 600, [], style)
    assert draw_caption(BACKGROUNDS["white"], placement).min() < 100
    assert placement.lines[-1].text == alone.lines[-1].text


def test_a_bubble_is_white_in_a_dark_border_with_a_tail() -> None:
    face = Box(100, 200, 200, 260)
    placement = place_caption(CAPTION, 800, 600, [face], "bubble")
    (bubble,) = placement.bubbles
    assert bubble.tail is not None
    green = np.full((600, 800, 3), (0, 160, 0), np.uint8)
    meme = draw_caption(green, placement)
    box = bubble.box
    middle = (box.top + box.bottom) // 2
    assert (meme[middle, box.right - 1] == 17).all()
    assert (meme[box.top, (box.left + box.right) // 2] == 17).all()
    assert (meme[box.top + 2 * bubble.border, (box.left + box.right) // 2] == 255).all()
    assert (meme[box.top, box.left] == (0, 160, 0)).all()  # outside the round corner
    # Half-way down the tail, from its base to its tip, it is paper without a border across.
    one, other, tip = (np.array(point) for point in bubble.tail)
    base = (one + other) / 2
    for share in (-0.1, 0.0, 0.2, 0.4):
        x, y = (base + share * (tip - base)).round().astype(int)
        assert (meme[y, x] == 255).all(), share
    changed = (meme != green).any(axis=2)
    assert changed[int(tip[1]) - 3 : int(tip[1]) + 4, int(tip[0]) - 3 : int(tip[0]) + 4].any()


def test_a_bubbles_corners_are_true_arcs() -> None:
    """Its area is that of its box without what four quarters of a circle leave of four squares."""
    placement = place_caption(CAPTION, 800, 600, [], "bubble")
    (bubble,) = placement.bubbles
    green = np.full((600, 800, 3), (0, 160, 0), np.uint8)
    meme = draw_caption(green, placement)
    box, radius = bubble.box, bubble.radius
    corner = meme[box.top : box.top + radius, box.left : box.left + radius].astype(float)
    covered = np.abs(corner - green[0, 0]).max(axis=2) / np.abs(corner - green[0, 0]).max(axis=2).max()
    across, down = np.meshgrid(np.arange(radius) + 0.5, np.arange(radius) + 0.5)
    away = np.hypot(radius - across, radius - down)
    assert (covered[away > radius + 1] == 0).all()
    assert (covered[away < radius - 1] > 0.2).all()
    rim = [np.argmax(row > 0.25) for row in covered[: radius // 2]]
    wanted = [radius - np.sqrt(radius**2 - (radius - y - 0.5) ** 2) for y in range(radius // 2)]
    assert np.abs(np.array(rim) - wanted).max() <= 1.5


@pytest.mark.parametrize(("grey", "is_light"), [(245, True), (120, False)])
def test_a_bubble_has_a_soft_shadow_on_white_alone(grey: int, is_light: bool) -> None:
    placement = place_caption(CAPTION, 800, 600, [], "bubble")
    (bubble,) = placement.bubbles
    plain = np.full((600, 800, 3), grey, np.uint8)
    meme = draw_caption(plain, placement)
    box, middle = bubble.box, 400
    below, above = meme[box.bottom + 1, middle, 0], meme[box.top - 2, middle, 0]
    if is_light:
        assert 0.75 * grey <= below < above <= grey  # a quarter darker at most, and it lies lower
    else:
        assert below == above == grey
    reach = bubble.reach
    changed = np.argwhere((meme != plain).any(axis=2))
    assert (changed >= (reach.top, reach.left)).all()
    assert (changed < (reach.bottom, reach.right)).all()


def test_no_shadow_falls_on_a_face() -> None:
    white = np.full((600, 800, 3), 250, np.uint8)
    for across, down, size in GRID:
        face = Box(across * 800, down * 600, 0.8 * size * 600, size * 600)
        placement = place_caption(CAPTION, 800, 600, [face], "bubble", 4000)
        picture = placement.picture
        meme = draw_caption(white, placement)[picture.top : picture.bottom, picture.left : picture.right]
        seen = pixels_around(face, 0).within(800, 600)
        assert (meme[seen.top : seen.bottom, seen.left : seen.right] == 250).all(), (across, down, size)


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_only_the_lines_own_rectangles_change(background: str) -> None:
    before = BACKGROUNDS[background]
    placement = place_caption(CAPTION, 800, 600, [Box(300, 200, 150, 200)])
    touched = np.zeros((600, 800), bool)
    for line in placement.lines:
        ink = measure.ink(line.text, placement.size, placement.outline, placement.style.text.family)
        touched[
            line.baseline + ink.top : line.baseline + ink.bottom, line.left + ink.left : line.left + ink.right
        ] = True
    after = draw_caption(before, placement)
    assert np.array_equal(after[~touched], before[~touched])
    assert not np.array_equal(after[touched], before[touched])
    assert np.array_equal(after[200:400, 300:450], before[200:400, 300:450])


def test_the_photo_itself_is_not_drawn_on() -> None:
    photo = BACKGROUNDS["white"].copy()
    draw_caption(photo, place_caption(CAPTION, 800, 600, []))
    assert (photo == 255).all()


def test_the_outline_is_as_wide_as_the_placement_says() -> None:
    placement = place_caption(CAPTION, 800, 600, [])
    on_white = draw_caption(BACKGROUNDS["white"], placement)[..., 0] < 128
    letters = draw_caption(np.zeros((600, 800, 3), np.uint8), placement)[..., 0] > 127
    # From the top of the first row of letters upwards.
    first = int(np.nonzero(letters.any(axis=1))[0][0])
    column = int(np.nonzero(letters[first])[0][0])
    above = on_white[:first, column]
    assert abs(int(above.sum()) - placement.outline) <= 1


@pytest.mark.parametrize(("busy_lines", "is_dark"), [(1, False), (2, True), (3, True)])
def test_lines_near_each_other_have_dark_ground_together_where_half_of_them_need_it(
    busy_lines: int, is_dark: bool
) -> None:
    text = Caption("own", "", "The first line here\nthe second line here\nthe third line here", "en")
    placement = place_caption(text, 800, 600, [])
    inks = [ink_of(line, placement.size, placement.style.text) for line in placement.lines]
    assert len(inks) == 3
    ground = np.full((600, 800, 3), 200, np.uint8)
    end = (inks[busy_lines - 1].bottom + inks[busy_lines].top) // 2 if busy_lines < 3 else 600
    ground[: end - placement.size // 2] = BACKGROUNDS["busy"][: end - placement.size // 2]
    meme = draw_caption(ground, placement)
    left, right = min(ink.left for ink in inks), max(ink.right for ink in inks)
    gaps = [meme[one.bottom : other.top, left:right] for one, other in itertools.pairwise(inks)]
    assert all((gap.max() < 100) == is_dark for gap in gaps)


def test_a_picture_with_bars_keeps_its_pixels() -> None:
    before = BACKGROUNDS["busy"]
    placement = place_caption(CAPTION, 800, 600, [Box(10, 10, 780, 580)])
    picture = placement.picture
    assert (picture.width, picture.height) == (800, 600)
    after = draw_caption(before, placement)
    assert after.shape == (placement.height, placement.width, 3)
    assert np.array_equal(after[picture.top : picture.bottom], before)
    bars = np.concatenate([after[: picture.top], after[picture.bottom :]])
    assert (bars == 255).all(axis=2).sum() > 3000  # white letters
    assert (bars == 0).all(axis=2).mean() > 0.5  # on black


def test_a_picture_shrinks_for_its_bars_within_the_long_side() -> None:
    before = np.full((1600, 1200, 3), (200, 30, 40), np.uint8)
    placement = place_caption(CAPTION, 1200, 1600, [Box(10, 10, 1180, 1580)])
    after = draw_caption(before, placement)
    picture = placement.picture
    assert max(after.shape) <= 1600
    assert picture.height < 1600
    assert (after[picture.top : picture.bottom, picture.left : picture.right] == (200, 30, 40)).all()


@pytest.mark.parametrize(
    "text", ["ПРИВЕТ ΑΒΓ", "नमस्ते दुनिया", "É, Ç; Ğ! ẞ", "నమస్తే", "こんにちは世界", "שלום", "سلام", "🎉🐈"]
)
def test_every_script_that_is_shipped_is_drawn(text: str) -> None:
    placement = place_caption(Caption("own", "", text, "en"), 800, 600, [])
    assert letters_of(placement).sum() > 1000


def dilated(mask: np.ndarray, by: int) -> np.ndarray:
    """As grown, for large masks."""
    return cv2.dilate(mask.astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8)) > 0


def text_page(size: int, ink: int, paper: int) -> np.ndarray:
    """A picture of 1,200 × 900 pixels that is full of text."""
    page = Image.new("RGB", (1200, 900), (paper,) * 3)
    font = fonts.load("NotoSans-Bold.ttf", size)
    words = "nobody read the second page of this report before it was signed twice " * 9
    for line, top in enumerate(range(0, 900, round(1.4 * size))):
        ImageDraw.Draw(page).text((-40 * (line % 5), top), words[:150], (ink,) * 3, font)
    return np.asarray(page)


PAGES = {
    f"{size} px, {ink} on {paper}": text_page(size, ink, paper)
    for size in (14, 26, 45, 60, 80)
    for ink, paper in ((20, 250), (240, 15), (90, 210))
}


@pytest.mark.parametrize("name", PAGES)
def test_what_is_behind_letters_over_text_is_dark_and_even(name: str) -> None:
    """Between the letters of each line, past their outline, no light or edge of the page is left."""
    placement = place_caption(CAPTION, 1200, 900, [], "classic")
    meme = draw_caption(PAGES[name], placement)
    drawn = dilated(letters_of(placement), placement.outline + 1)
    for line in placement.lines:
        box = ink_of(line, placement.size, placement.style.text).grown(-2)
        ground = meme[box.top : box.bottom, box.left : box.right].mean(axis=2)
        ground = ground[~drawn[box.top : box.bottom, box.left : box.right]]
        assert ground.size > 100
        assert ground.max() <= 80
        assert ground.std() < 12


def test_a_page_of_text_is_told_from_a_photo() -> None:
    assert all(is_page(page) for page in PAGES.values())
    photos = [skimage.data.astronaut(), skimage.data.rocket(), skimage.data.coffee(), skimage.data.chelsea()]
    assert not any(is_page(np.asarray(photo)) for photo in photos)


def test_letters_over_a_photo_are_not_backed() -> None:
    photo = np.asarray(skimage.data.astronaut())
    placement = place_caption(CAPTION, 512, 512, [], "classic")
    meme = draw_caption(photo, placement)
    far = ~dilated(letters_of(placement), placement.outline + 3)
    assert (meme[far] == photo[far]).all()


def test_a_photo_is_not_seen_through_an_emoji() -> None:
    """The middle of an egg, between its strokes, is white like the letters, and the strokes are black."""
    placement = place_caption(Caption("own", "", "🥚", "en"), 600, 600, [], "classic")
    red = np.zeros((600, 600, 3), np.uint8) + np.array([255, 0, 0], np.uint8)
    meme = draw_caption(red, placement)
    (line,) = placement.lines
    box = ink_of(line, placement.size, placement.style.text)
    egg = meme[box.top : box.bottom, box.left : box.right]
    middle = egg[
        int(0.45 * box.height) : int(0.55 * box.height), int(0.45 * box.width) : int(0.55 * box.width)
    ]
    assert (middle == 255).all()
    assert (egg.max(axis=2) < 30).mean() > 0.05
