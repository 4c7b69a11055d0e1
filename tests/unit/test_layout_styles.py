"""The styles beside the classic one: what must hold for every picture and face."""

import itertools
from math import hypot

import numpy as np
import pytest

from memegen.caption.choose import Caption
from memegen.draw import draw_caption
from memegen.geometry import Box, enclosing
from memegen.layout.layout import lay_out, place_caption
from memegen.layout.placement import Placement
from memegen.layout.scene import Scene
from memegen.layout.top import Top, top_of
from memegen.options import STYLES
from memegen.text import measure
from memegen.text.fitting import Line, bounds_of, ink_of

CAPTION = Caption("a", "One per cent battery", "And I’m the one with the tickets", "en")
LONG = Caption("own", "word " * 29 + "end", "letters " * 17 + "end", "en")
SIZES = [(800, 800), (1600, 1200), (1200, 1600), (1600, 300), (200, 150), (120, 1600), (30, 20), (1, 1)]
POSITIONS = list(itertools.product((-0.1, 0.1, 0.35, 0.6, 0.9), (-0.1, 0.1, 0.5, 0.85), (0.15, 0.4, 0.8)))


def face_at(width: int, height: int, position: tuple[float, float, float]) -> Box:
    across, down, size = position
    side = size * min(width, height)
    return Box(across * width, down * height, 0.8 * side, side)


def in_the_meme(face: Box, placement: Placement, width: int) -> Box[int]:
    """What is seen of the face in the meme, without any margin."""
    picture = placement.picture
    source = placement.panels[0].source if placement.panels else Box(0, 0, width, 0)
    scale = picture.width / source.width
    left, top = (
        picture.left + (face.left - source.left) * scale,
        picture.top + (face.top - source.top) * scale,
    )
    return Box.from_edges(
        max(picture.left, int(left)),
        max(picture.top, int(top)),
        min(picture.right, int(left + face.width * scale) + 1),
        min(picture.bottom, int(top + face.height * scale) + 1),
    )


def drawn_on(placement: Placement) -> list[Box[int]]:
    """All that is drawn, outlines included."""
    found = [ink_of(line, placement.size, placement.style.text) for line in placement.lines]
    for bubble in placement.bubbles:
        found.append(bubble.box)
        found += [enclosing(bubble.tail)] if bubble.tail else []
    return found


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("caption", [CAPTION, LONG], ids=["short", "long"])
def test_all_is_inside_the_meme(caption: Caption, width: int, height: int, style: str) -> None:
    for faces in (
        [],
        [Box(width * 0.3, height * 0.25, width * 0.35, height * 0.45)],
        [Box(0, 0, width, height)],
    ):
        placement = place_caption(caption, width, height, faces, style)
        assert max(placement.width, placement.height) <= 1600
        for box in drawn_on(placement):
            assert box.left >= 0
            assert box.top >= 0
            assert box.right <= placement.width
            assert box.bottom <= placement.height
        assert placement.size * 400 / placement.width >= 13.7  # a shade of rounding off
        text = " ".join(line.text for line in placement.lines)
        assert text.lower().replace(".", "").replace("…", "") == " ".join(
            f"{caption.top} {caption.bottom}".lower().split()
        )


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("width", "height"), [(800, 800), (1600, 900), (900, 1200), (1600, 300)])
def test_nothing_touches_a_face_anywhere_in_the_frame(width: int, height: int, style: str) -> None:
    for position in POSITIONS:
        face = face_at(width, height, position)
        placement = place_caption(CAPTION, width, height, [face], style)
        box = in_the_meme(face, placement, width)
        if box.width > 0 and box.height > 0:
            assert not any(box.overlaps(other) for other in drawn_on(placement)), position


# Bar


def test_a_bar_is_above_the_picture_and_has_both_parts_as_they_are_written() -> None:
    placement = place_caption(CAPTION, 1000, 800, [], "bar")
    assert placement.picture.top > 0
    assert placement.picture == Box(0, placement.picture.top, 1000, 800)
    assert placement.height == placement.picture.bottom
    assert " ".join(line.text for line in placement.lines) == f"{CAPTION.top}. {CAPTION.bottom}"
    assert max(box.bottom for box in drawn_on(placement)) < placement.picture.top


def test_all_lines_are_equally_far_apart_and_no_line_holds_two_parts() -> None:
    placement = place_caption(LONG, 1000, 800, [], "bar")
    baselines = [line.baseline for line in placement.lines]
    assert len(baselines) > 3
    assert len({lower - upper for upper, lower in itertools.pairwise(baselines)}) == 1
    assert not any("word" in line.text and "letters" in line.text for line in placement.lines)


@pytest.mark.parametrize(
    ("top", "bottom", "lines"),
    [
        (
            "The cat chose my lap",
            "I live on this sofa now",
            ["The cat chose my lap.", "I live on this sofa now"],
        ),
        ("The printer worked", "on the first try", ["The printer worked", "on the first try"]),
        ("The toast fell", "butter first", ["The toast fell…", "butter first"]),
        ("“Read the room”", "it’s beige", ["“Read the room”", "it’s beige"]),
        ("Why is it crunchy?", "it’s soup", ["Why is it crunchy?", "It’s soup"]),
        ("“Remember me?”", "says a stranger", ["“Remember me?”", "says a stranger"]),
        ("Se fue la luz", "y el agua", ["Se fue la luz", "y el agua"]),
        ("Is it Monday?", "Again?", ["Is it Monday?", "Again?"]),
        ("They say “no rush”", "It was due on Friday", ["They say “no rush.”", "It was due on Friday"]),
        ("It is late (again)", "We are early", ["It is late (again).", "We are early"]),
        ("बिल आया", "सब चुप", ["बिल आया…", "सब चुप"]),
    ],
)
def test_two_parts_in_a_bar_have_a_mark_between_them(top: str, bottom: str, lines: list[str]) -> None:
    placement = place_caption(Caption("a", top, bottom, "en"), 1200, 800, [], "bar")
    assert [line.text for line in placement.lines] == lines


@pytest.mark.parametrize("text", ["on the one we saw on", "gypsy jogging by quay", "“HIGH”, dapply"])
def test_lines_and_margins_of_a_bar_do_not_depend_on_the_letters(text: str) -> None:
    """The baselines are where they are for letters that reach neither up nor down."""
    placed = [
        place_caption(Caption("own", part, part, "en"), 1200, 800, [], "bar")
        for part in ("on one we saw on", text)
    ]
    plain, other = (
        (placement.picture.top, [line.baseline for line in placement.lines]) for placement in placed
    )
    assert len(plain[1]) == 2
    assert other == plain


@pytest.mark.parametrize("size", [(1200, 800), (800, 800), (700, 1000), (1600, 500)])
@pytest.mark.parametrize("style", ["classic", "bar", "subtitle"])
def test_lines_leave_a_twentieth_of_the_width_free_at_both_sides(style: str, size: tuple[int, int]) -> None:
    placement = place_caption(LONG, *size, [], style)
    for line in placement.lines:
        ink = ink_of(line, placement.size, placement.style.text)
        assert ink.left >= int(0.05 * placement.width)
        assert ink.right <= placement.width - int(0.05 * placement.width)


@pytest.mark.parametrize(
    ("top", "bottom", "lines"),
    [
        (
            "",
            "When the assistant says “here’s what I found on the web”",
            ["When the assistant says", "“here’s what I found on the web”"],
        ),
        ("", "When the trainer says “last one” again", ["When the trainer says", "“last one” again"]),
        (
            "",
            "When the GPS says eleven minutes and I take it personally",
            ["When the GPS says eleven minutes", "and I take it personally"],
        ),
        (
            "",
            "When the landlord’s name lights up my phone",
            ["When the landlord’s name", "lights up my phone"],
        ),
        (
            "",
            "When they say “we were just talking about you”",
            ["When they say", "“we were just talking about you”"],
        ),
        (
            "The last coffee in the office pot",
            "you could stand a spoon in it",
            ["The last coffee in the office pot…", "you could stand a spoon in it"],
        ),
    ],
)
def test_lines_of_a_bar_end_where_a_reader_pauses_even_if_they_get_smaller_for_it(
    top: str, bottom: str, lines: list[str]
) -> None:
    placement = place_caption(Caption("a", top, bottom, "en"), 512, 512, [], "bar")
    assert [line.text for line in placement.lines] == lines
    assert placement.size >= 0.048 * 512 - 1  # a fifth less than 6 % of the width, at most


@pytest.mark.parametrize(
    ("top", "bottom", "lines"),
    [
        (
            "Sunday, six o’clock.",
            "I can hear Monday putting its shoes on",
            ["Sunday, six o’clock.", "I can hear Monday", "putting its shoes on"],
        ),
        (
            "Someone is clipping their toenails",
            "this is a train",
            ["Someone is clipping", "their toenails…", "this is a train"],
        ),
    ],
)
def test_a_long_part_beside_a_short_one_is_broken_before_both_get_small(
    top: str, bottom: str, lines: list[str]
) -> None:
    """In a line each, the longer one 16.6 em wide, they would have a size of at most .0514 of the width."""
    placement = place_caption(Caption("a", top, bottom, "en"), 1000, 1000, [], "bar")
    assert [line.text for line in placement.lines] == lines
    assert 0.056 * 1000 <= placement.size <= 0.06 * 1000  # and no larger: the bar has a line more


@pytest.mark.parametrize(
    "text", ["When “any questions?” gets a question", "My “nobody asked me” face", "Me on Monday"]
)
def test_a_bar_is_no_thin_strip(text: str) -> None:
    """Text that is wider than .85 of the width at the usual size has two lines and is no smaller for one."""
    placement = place_caption(Caption("a", "", text, "en"), 1000, 1000, [], "bar")
    usual = measure.width(text, placement.style.text.family) * 60
    assert len(placement.lines) == (2 if usual > 850 else 1)
    assert placement.size >= 60


def test_letters_in_a_bar_get_larger_until_their_lines_are_wide_or_they_are_large_enough() -> None:
    short = place_caption(Caption("a", "", "Me on Monday", "en"), 1000, 1000, [], "bar")
    assert short.size == 78
    wide = place_caption(Caption("a", "", "Me at the party by the dog", "en"), 1000, 1000, [], "bar")
    ink = drawn_on(wide)[0]
    assert len(wide.lines) == 1
    assert 60 < wide.size < 78
    assert 0.82 * 1000 < ink.width <= 0.85 * 1000


@pytest.mark.parametrize(("face_height", "size"), [(300, 78), (140, 70), (60, 60)])
def test_letters_in_a_bar_do_not_outgrow_half_of_the_largest_face(face_height: int, size: int) -> None:
    """Of a width of 1,000 pixels 60 are usual and 78 the most. No face makes letters less than usual."""
    faces = [Box(100, 400, 50, face_height), Box(500, 400, 50, face_height - 20)]
    placement = place_caption(Caption("a", "", "Me on Monday", "en"), 1000, 1000, faces, "bar")
    assert placement.size == size


def test_parts_of_a_line_each_stand_as_far_apart_as_lines() -> None:
    parts = place_caption(Caption("own", "Two short", "parts", "en"), 1000, 800, [], "bar")
    lines = place_caption(LONG, 1000, 800, [], "bar")
    one, other = parts.lines
    first, second, *_ = lines.lines
    pitch = (second.baseline - first.baseline) / lines.size
    assert abs((other.baseline - one.baseline) / parts.size - pitch) < 0.02


def test_a_persons_own_text_stays_as_it_was_written() -> None:
    placement = place_caption(Caption("own", "The printer worked", "Really", "en"), 1200, 800, [], "bar")
    assert [line.text for line in placement.lines] == ["The printer worked", "Really"]


# Bubble


def test_a_bubble_holds_its_text_with_room_around_it() -> None:
    placement = place_caption(CAPTION, 1200, 900, [Box(100, 200, 280, 350)], "bubble")
    (bubble,) = placement.bubbles
    text, box = bounds_of(placement.lines, placement.size, placement.style.text), bubble.box
    room = (text.left - box.left, text.top - box.top, box.right - text.right, box.bottom - text.bottom)
    assert min(room) >= 0.4 * placement.size
    # The corners' arcs are clear of the text: a corner of the text is within the radius of the arc's centre.
    radius, inset = bubble.radius, bubble.border
    assert hypot(max(radius - room[0], 0), max(radius - room[1], 0)) <= radius - inset


@pytest.mark.parametrize(
    ("face", "side"),
    [
        (Box(450, 420, 300, 380), "below"),  # the face is below the bubble, and so on
        (Box(370, 20, 460, 380), "below"),  # on a strip, since the body leaves no room
        (Box(60, 200, 280, 400), "left"),
        (Box(860, 200, 280, 400), "right"),
    ],
)
def test_the_tail_points_to_the_mouth_and_ends_before_the_face(face: Box, side: str) -> None:
    placement = place_caption(CAPTION, 1200, 900, [face], "bubble")
    face = face.moved(0, placement.picture.top)
    (bubble,) = placement.bubbles
    assert bubble.tail is not None
    one, other, tip = bubble.tail
    base = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
    box = bubble.box
    edge = {"below": (1, box.bottom), "left": (0, box.left), "right": (0, box.right)}[side]
    assert base[edge[0]] == edge[1]
    mouth = (face.left + face.width / 2, face.top + 0.77 * face.height)
    to_tip, to_mouth = (tip[0] - base[0], tip[1] - base[1]), (mouth[0] - base[0], mouth[1] - base[1])
    if side == "below":  # a little aside of the bubble's middle, on the mouth's side of it
        ways = (box.left + 0.4 * box.width, box.left + 0.6 * box.width)
        assert min(abs(base[0] - way) for way in ways) <= 1
        assert abs(to_mouth[0]) <= min(abs(mouth[0] - way) for way in ways) + 1
    # From the base to the tip and from the base to the mouth is one direction.
    cross = to_tip[0] * to_mouth[1] - to_tip[1] * to_mouth[0]
    assert abs(cross) < 0.01 * hypot(*to_tip) * hypot(*to_mouth)
    assert to_tip[0] * to_mouth[0] + to_tip[1] * to_mouth[1] > 0
    gap = max(
        face.left - tip[0],
        tip[0] - face.left - face.width,
        face.top - tip[1],
        tip[1] - face.top - face.height,
    )
    # A fiftieth of the side of a square of the picture's area above the hair, which is a third of the face.
    assert 0 < gap < 0.33 * face.height + 0.02 * np.sqrt(1200 * 900) + 1


def test_the_largest_face_speaks_and_the_others_stay_free() -> None:
    faces = [Box(300, 500, 150, 190), Box(700, 430, 260, 330), Box(1200, 480, 160, 200)]
    largest_first = sorted(faces, key=lambda face: -face.width)
    placement = place_caption(CAPTION, 1600, 900, largest_first, "bubble")
    (bubble,) = placement.bubbles
    assert bubble.tail is not None
    tip = bubble.tail[2]
    distances = [hypot(tip[0] - f.left - f.width / 2, tip[1] - f.top - f.height / 2) for f in faces]
    assert distances.index(min(distances)) == 1
    for face, drawn in itertools.product(faces, drawn_on(placement)):
        assert not in_the_meme(face, placement, 1600).overlaps(drawn)


def test_without_a_face_a_bubble_has_no_tail_and_stands_low_in_the_middle() -> None:
    placement = place_caption(CAPTION, 1000, 800, [], "bubble")
    (bubble,) = placement.bubbles
    assert bubble.tail is None
    box = bubble.box
    assert abs(box.left + box.right - 1000) <= 2
    assert 780 - box.bottom < 20


def test_without_room_over_the_picture_a_bubble_stands_on_a_strip_above_it() -> None:
    placement = place_caption(CAPTION, 900, 1000, [Box(40, 40, 820, 920)], "bubble")
    (bubble,) = placement.bubbles
    assert 0 < bubble.box.bottom < placement.picture.top
    assert bubble.tail is not None
    assert bubble.tail[2][1] <= placement.picture.top + 40
    assert placement.picture.width == 900


@pytest.mark.parametrize(("width", "height"), [(512, 512), (1600, 900), (900, 1200)])
def test_a_bubble_covers_no_hair_and_no_chest(width: int, height: int) -> None:
    """A head ends about a third of the face's height above it, and the chest is below it as wide as it."""
    for position in POSITIONS:
        face = face_at(width, height, position)
        placement = place_caption(CAPTION, width, height, [face], "bubble")
        figure = Box.from_edges(
            face.left, face.top - 0.33 * face.height, face.right, face.bottom + 1.5 * face.height
        )
        seen = in_the_meme(figure, placement, width)
        for bubble in placement.bubbles:
            assert not (seen.width > 0 < seen.height and bubble.box.overlaps(seen)), position
            if bubble.tail is None or bubble.box.bottom > seen.top:
                continue
            # From above, the tail ends over the hair or, where that is out of the picture, at its edge.
            assert bubble.tail[2][1] <= seen.top + 1, position


@pytest.mark.parametrize(("hair", "tail_from"), [(60, "strip"), (380, "photo")])
def test_a_tail_ends_a_little_above_the_hair_that_was_seen(hair: int, tail_from: str) -> None:
    face = Box(300, 460, 300, 400)
    placement = lay_out(CAPTION, Scene("", "", 900, 1000, (face,), photo_top=Top(0, (hair,))), "bubble")
    (bubble,) = placement.bubbles
    assert (placement.picture.top > 0) == (tail_from == "strip")
    assert bubble.tail is not None
    assert bubble.tail[2][1] == pytest.approx(placement.picture.top + hair - 0.02 * 900, abs=1.5)
    assert 0.045 * 900 < bubble.tail[2][1] - bubble.box.bottom < 0.1 * 900


@pytest.mark.parametrize(
    ("top", "bottom", "lines"),
    [
        ("The cat chose my lap", "I live on this sofa now", 2),
        ("I found a plaster in it", "I found it with my mouth", 2),
        ("I found a bandage in the pool", "I found it with my mouth", 3),
        ("I put my hand out of the window", "somebody shook it", 3),
        ("You ate the filling", "and put the cookies back together", 3),
    ],
)
@pytest.mark.parametrize("photo_top", [None, Top(0, (330,))])
def test_a_bubble_rather_has_two_lines_than_large_letters_and_three_than_small_ones(
    top: str, bottom: str, lines: int, photo_top: Top | None
) -> None:
    """Over the photo and on a strip: a line for each part where both fit at .058 of the width."""
    face = Box(250, 420, 400, 500) if photo_top else Box(40, 40, 820, 920)
    caption = Caption("a", top, bottom, "en")
    placement = lay_out(caption, Scene("", "", 900, 1000, (face,), photo_top=photo_top), "bubble")
    (bubble,) = placement.bubbles
    assert len(placement.lines) == lines
    if lines == 2:
        assert placement.lines[1].text == bottom
    capital = ink_of(Line("H", 0, 0), placement.size, placement.style.text)
    assert capital.height >= (0.041 if lines == 2 else 0.044) * 900
    assert bubble.box.width <= 0.84 * 900


def plain_wall(rng: np.random.Generator) -> np.ndarray:
    """A photo of a grainy wall that gets lighter from left to right."""
    across = np.linspace(150, 180, 900)[None, :, None]
    return np.clip(across + rng.normal(0, 6, (1000, 900, 1)), 0, 255).astype(np.uint8).repeat(3, axis=2)


@pytest.mark.parametrize("border", [0, 12])
def test_above_a_plain_wall_a_strip_goes_on_in_its_colours_and_its_grain(border: int) -> None:
    wall = plain_wall(np.random.default_rng(3))
    photo = wall.copy()
    photo[:border] = 250
    face = Box(40, 140, 820, 820)
    scene = Scene("", "", 900, 1000, (face,), photo_top=top_of(photo, [face]))
    placement = lay_out(CAPTION, scene, "bubble")
    meme = draw_caption(photo, placement).astype(float)
    top = placement.picture.top
    assert placement.bubbles[0].box.left > 40
    beside = meme[: top + 60, :40, 0]
    below = wall[60:300, :40, 0].astype(float)
    assert top > 100
    assert beside.mean() == pytest.approx(below.mean(), abs=2)
    assert beside.std(axis=0).mean() == pytest.approx(below.std(axis=0).mean(), rel=0.25)
    rows = beside.mean(axis=1)  # none of them is a seam or a border
    assert np.abs(rows - rows.mean()).max() < 5


def test_above_what_is_not_plain_a_strip_is_blurred() -> None:
    photo = plain_wall(np.random.default_rng(3))
    photo[:, ::2] = 20
    face = Box(40, 40, 820, 920)
    scene = Scene("", "", 900, 1000, (face,), photo_top=top_of(photo, [face]))
    placement = lay_out(CAPTION, scene, "bubble")
    strip = draw_caption(photo, placement).astype(float)[2, :, 0]
    assert placement.bubbles[0].box.top > 2
    assert strip.mean() == pytest.approx(photo[:, :, 0].mean(), abs=3)
    assert np.abs(np.diff(strip)).max() <= 2


@pytest.mark.parametrize("people", [2, 3])
def test_up_to_three_people_say_a_part_each_from_left_to_right(people: int) -> None:
    faces = [Box(1200, 480, 170, 210), Box(250, 500, 160, 200), Box(720, 430, 150, 190)][:people]
    caption = Caption("own", "First", "Second\nThird" if people == 3 else "Second", "en")
    scene = Scene("", "", 1600, 900, tuple(faces), speakers=people)
    placement = lay_out(caption, scene, "bubble")
    assert len(placement.bubbles) == people
    lefts = sorted(face.left for face in faces)
    for line, bubble, left in zip(placement.lines, placement.bubbles, lefts, strict=True):
        assert bubble.box.left < line.left < bubble.box.right
        assert bubble.tail is not None
        assert left - 60 < bubble.tail[2][0] < left + 230  # it points to the mouth of that face
    assert [line.text for line in placement.lines] == ["First", "Second", "Third"][:people]
    for one, other in itertools.combinations(placement.bubbles, 2):
        assert not one.box.overlaps(other.box)


def test_a_bubble_is_no_tower() -> None:
    text = Caption("own", "We had a meeting", "to plan the meeting about meetings", "en")
    for position in POSITIONS:
        for width, height in [(512, 512), (900, 1200), (1600, 900)]:
            placement = place_caption(text, width, height, [face_at(width, height, position)], "bubble")
            (bubble,) = placement.bubbles
            assert len(placement.lines) <= 4, position
            assert bubble.box.height <= 1.3 * bubble.box.width, position
