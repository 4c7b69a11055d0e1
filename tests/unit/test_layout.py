"""Where captions go: what must hold for every picture, face and caption."""

import itertools

import numpy as np
import pytest

from memegen.caption.choose import Caption
from memegen.geometry import Box
from memegen.layout.layout import place_caption
from memegen.layout.placement import Placement
from memegen.layout.styles import classic
from memegen.text import fonts, measure
from memegen.text.fitting import Line

SHORT = Caption("a", "One per cent battery", "And I’m the one with the tickets", "en")
ONE_PART = Caption("b", "", "My snowman is a hat now", "en")
LONG = Caption("own", "word " * 29 + "end", "letters " * 17 + "end", "en")
CAPTIONS = [SHORT, ONE_PART, LONG]
SIZES = [(800, 800), (1600, 1200), (1200, 1600), (1600, 300), (200, 150), (120, 1600), (30, 20), (1, 1)]


def ink(line: Line, placement: Placement) -> Box[int]:
    """The pixels of a line, worked out from the fonts' ink and its outline."""
    found = measure.ink(line.text, placement.size, placement.outline, placement.style.text.family)
    return Box.from_edges(
        line.left + found.left,
        line.baseline + found.top,
        line.left + found.right,
        line.baseline + found.bottom,
    )


def overlap(one: Box[int], other: Box[int]) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )


def in_the_meme(face: Box, placement: Placement, width: int) -> Box[int]:
    scale = placement.picture.width / width
    left, top = placement.picture.left + face.left * scale, placement.picture.top + face.top * scale
    return Box.from_edges(
        int(left), int(top), int(left + face.width * scale) + 1, int(top + face.height * scale) + 1
    )


def words(placement: Placement) -> str:
    return " ".join(line.text for line in placement.lines)


@pytest.mark.parametrize("caption", CAPTIONS, ids=["short", "one-part", "long"])
@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("with_face", [False, True])
def test_all_of_the_caption_is_inside_the_meme(
    caption: Caption, width: int, height: int, with_face: bool
) -> None:
    faces = [Box(width * 0.3, height * 0.25, width * 0.35, height * 0.45)] if with_face else []
    placement = place_caption(caption, width, height, faces)
    for line in placement.lines:
        box = ink(line, placement)
        assert box.left >= 0
        assert box.top >= 0
        assert box.right <= placement.width
        assert box.bottom <= placement.height
    assert words(placement) == " ".join(f"{caption.top} {caption.bottom}".upper().split())
    for one, other in itertools.combinations(placement.lines, 2):
        assert not overlap(ink(one, placement), ink(other, placement))


@pytest.mark.parametrize("caption", CAPTIONS, ids=["short", "one-part", "long"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_picture_keeps_its_proportions_and_the_meme_its_size(
    caption: Caption, width: int, height: int
) -> None:
    covering = [Box(0, 0, width, height)]
    for faces in ([], covering):
        placement = place_caption(caption, width, height, faces)
        picture = placement.picture
        assert max(placement.width, placement.height) <= 1600
        assert picture.width <= width
        assert picture.height <= height
        assert abs(picture.width * height - picture.height * width) <= 0.5 * (width + height)
        assert picture.left >= 0
        assert picture.top >= 0
        assert picture.right <= placement.width
        assert picture.bottom <= placement.height


@pytest.mark.parametrize(
    ("width", "height"), [(800, 800), (1600, 1200), (1200, 1600), (1600, 300), (500, 375)]
)
@pytest.mark.parametrize("caption", CAPTIONS, ids=["short", "one-part", "long"])
def test_no_letter_touches_a_face_anywhere_in_the_frame(caption: Caption, width: int, height: int) -> None:
    for across, down, size in itertools.product(
        (-0.1, 0.1, 0.35, 0.6, 0.9), (-0.1, 0.1, 0.5, 0.85), (0.15, 0.4, 0.8)
    ):
        face = Box(across * width, down * height, size * min(width, height) * 0.8, size * min(width, height))
        placement = place_caption(caption, width, height, [face])
        box = in_the_meme(face, placement, width)
        clipped = Box.from_edges(
            max(box.left, placement.picture.left),
            max(box.top, placement.picture.top),
            min(box.right, placement.picture.right),
            min(box.bottom, placement.picture.bottom),
        )
        if clipped.width > 0 and clipped.height > 0:
            for line in placement.lines:
                assert not overlap(ink(line, placement), clipped), (face, line)


def test_several_faces_are_all_left_free() -> None:
    faces = [
        Box(100, 350, 250, 300),
        Box(500, 200, 250, 320),
        Box(900, 480, 240, 300),
        Box(1250, 340, 230, 300),
    ]
    placement = place_caption(SHORT, 1600, 1000, faces)
    assert placement.picture == Box(0, 0, 1600, 1000)
    for line, face in itertools.product(placement.lines, faces):
        assert not overlap(ink(line, placement), in_the_meme(face, placement, 1600))


def test_the_set_up_is_at_the_top_and_the_punch_line_at_the_bottom() -> None:
    placement = place_caption(SHORT, 1000, 1000, [Box(350, 300, 300, 400)])
    boxes = {line.text: ink(line, placement) for line in placement.lines}
    upper = [box for text, box in boxes.items() if text in SHORT.top.upper()]
    lower = [box for text, box in boxes.items() if text in SHORT.bottom.upper()]
    assert len(upper) + len(lower) == len(boxes)
    assert max(box.bottom for box in upper) < 300
    assert min(box.top for box in lower) > 700


@pytest.mark.parametrize(("top", "at_top"), [(560, True), (-20, False)])
def test_both_parts_go_where_the_face_is_not(top: int, at_top: bool) -> None:
    placement = place_caption(SHORT, 900, 1200, [Box(200, top, 500, 650)])
    boxes = [ink(line, placement) for line in placement.lines]
    assert placement.picture == Box(0, 0, 900, 1200)
    if at_top:
        assert max(box.bottom for box in boxes) <= 560
    else:
        assert min(box.top for box in boxes) >= 630


def test_the_text_stands_beside_a_tall_face() -> None:
    placement = place_caption(SHORT, 1600, 900, [Box(80, 20, 640, 860)])
    assert placement.picture == Box(0, 0, 1600, 900)
    assert min(ink(line, placement).left for line in placement.lines) >= 720


def test_bars_are_added_only_when_every_place_covers_a_face() -> None:
    placement = place_caption(SHORT, 900, 1000, [Box(40, 40, 820, 920)])
    picture = placement.picture
    assert (picture.left, picture.width, picture.height) == (0, 900, 1000)
    assert picture.top > 0
    assert placement.height > picture.bottom
    for line in placement.lines:
        box = ink(line, placement)
        assert box.bottom <= picture.top or box.top >= picture.bottom
    one = place_caption(ONE_PART, 900, 1000, [Box(40, 40, 820, 920)])
    assert one.picture.top == 0  # one part needs one bar
    assert one.height > 1000


def test_few_portraits_with_free_space_get_bars() -> None:
    rng = np.random.default_rng(11)
    barred = 0
    for _ in range(200):
        width, height = (900, 1200) if rng.random() < 0.7 else (1200, 900)
        side = rng.uniform(0.2, 0.6) * min(width, height)
        left = rng.uniform(0.1, 0.9) * (width - side)
        face = Box(left, rng.uniform(0.05, 0.6) * (height - side), 0.8 * side, side)
        placement = place_caption(SHORT, width, height, [face])
        barred += (placement.width, placement.height) != (width, height)
    assert barred < 10


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("caption", CAPTIONS, ids=["short", "one-part", "long"])
def test_letters_are_readable_where_the_meme_is_400_pixels_wide(
    caption: Caption, width: int, height: int
) -> None:
    for faces in ([], [Box(0, 0, width, height)]):
        placement = place_caption(caption, width, height, faces)
        assert placement.size >= 14
        assert placement.size * 400 / placement.width >= 13.8  # capitals of 12 px, a shade of rounding off


def greedy_height(text: str, size: int, width: int) -> int:
    """How high the text is in as few lines as it takes, each word set where it still fits; own arithmetic."""
    outline, lines = classic.STYLE.text.outline_at(size), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        found = measure.ink(longer, size, outline, fonts.POSTER)
        if found.right - found.left <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    found = measure.ink(text, size, outline, fonts.POSTER)
    return (len(lines) - 1) * round(0.14 * size) + len(lines) * (found.bottom - found.top)


@pytest.mark.parametrize(("width", "height"), [(800, 800), (1000, 600), (640, 900), (1500, 700), (333, 555)])
def test_no_larger_size_would_fit(width: int, height: int) -> None:
    """Without faces a part may take the picture's width less its margins and 20 % of its height, if letters
    of 7.6 % of its side fit that, and else 34 %."""
    top, bottom = (
        "a text of nine words that are not very long",
        "and another one that has ten words and is longer",
    )
    placement = place_caption(Caption("own", top, bottom, "en"), width, height, [])
    assert placement.picture == Box(0, 0, width, height)
    room = width - 2 * round(0.05 * width)

    def highest(size: int) -> int:
        return max(greedy_height(part.upper(), size, room) for part in (top, bottom))

    largest = round(0.095 * min(width, (width * height) ** 0.5))
    slim = [size for size in range(round(0.8 * largest), largest + 1) if highest(size) <= 0.2 * height]
    if slim:
        assert highest(placement.size) <= 0.2 * height + 1
        # Up to a fifth smaller where its lines break better then.
        assert 0.8 * max(slim) - 1 <= placement.size <= max(slim) + 1
    else:
        assert highest(placement.size) <= 0.34 * height + 1
        assert placement.size == largest or highest(placement.size + 1) > 0.34 * height - 1


@pytest.mark.parametrize("caption", [SHORT, ONE_PART], ids=["short", "one-part"])
@pytest.mark.parametrize(("width", "height"), [(800, 800), (720, 480), (600, 900)])
def test_where_nobody_was_found_the_middle_stays_free(caption: Caption, width: int, height: int) -> None:
    placement = place_caption(caption, width, height, [])
    for line in placement.lines:
        box = ink(line, placement)
        rim = 0.2 * height + round(0.025 * min(width, height)) + 1  # a fifth of it beside the margin
        assert box.bottom <= rim or box.top >= height - rim


def test_lines_of_a_part_are_even() -> None:
    placement = place_caption(
        Caption("a", "", "one two three four five six seven eight nine ten", "en"), 500, 500, []
    )
    lengths = [box.width for box in (ink(line, placement) for line in placement.lines)]
    assert len(lengths) >= 2
    assert min(lengths) > 0.6 * max(lengths)


def test_a_word_is_broken_only_when_it_is_wider_than_the_picture() -> None:
    long_word = "Donaudampfschifffahrtsgesellschaft"
    whole = place_caption(Caption("own", long_word, "yes", "de"), 400, 400, [])
    assert long_word.upper() in [line.text for line in whole.lines]
    endless = place_caption(Caption("own", "a" * 300, "yes", "de"), 400, 400, [])
    pieces = [line.text for line in endless.lines if line.text != "YES"]
    assert "".join(pieces) == "A" * 300
    assert len(pieces) > 1


def test_the_outline_grows_with_the_letters() -> None:
    assert [classic.STYLE.text.outline_at(size) for size in (14, 40, 100, 180)] == [1, 3, 8, 14]


def test_the_same_input_gives_the_same_placement() -> None:
    first = place_caption(SHORT, 1234, 777, [Box(10.5, 20.25, 300, 400)])
    assert first == place_caption(SHORT, 1234, 777, [Box(10.5, 20.25, 300, 400)])
