"""The styles whose punch line is the face: subtitle, labels and zoom."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from memegen.caption.choose import Caption
from memegen.draw import draw_caption
from memegen.geometry import Box
from memegen.layout.layout import animate, lay_out
from memegen.layout.placement import Placement
from memegen.layout.scene import NotPossibleError, Scene
from memegen.layout.styles.subtitle import STYLE
from memegen.layout.top import Top
from memegen.text.fitting import Line, ink_of

LINE = Caption("a", "", "[stares in unread emails]", "en")
BEATS = Caption("a", "The quote said 40", "The invoice says 400\nIt is per hour", "en")
TITLE = Caption("a", "When the bill arrives", "…", "en")
WORDS = {
    "en": ("When the bill arrives", ["forgot their wallet", "is paying", "already left"]),
    "es": ("Cuando llega la cuenta", ["olvidó la cartera", "paga otra vez", "ya se fue"]),
    "hi": ("जब बिल आता है", ["बटुआ भूल आए", "पैसे दे रहे हैं", "पहले ही निकल लिए"]),
    "ja": ("お会計の時間です", ["財布を忘れた", "今日も払う", "もう帰った"]),
    "te": ("బిల్లు వచ్చినప్పుడు", ["పర్సు మర్చిపోయారు", "డబ్బు కడుతున్నారు", "ముందే వెళ్లారు"]),
}


def eyes_of(face: Box[float]) -> tuple[tuple[float, float], tuple[float, float]]:
    level = face.top + 0.4 * face.height
    return (face.left + 0.3 * face.width, level), (face.left + 0.7 * face.width, level)


def scene_of(width: int, height: int, *faces: Box[float], labels: tuple[str, ...] = ()) -> Scene:
    eyes = tuple(map(eyes_of, faces))
    return Scene("", "", width, height, faces, eyes=eyes, speakers=len(faces), labels=labels)


def inks(placement: Placement) -> list[Box[int]]:
    return [ink_of(line, text.size, text.style.text) for text in placement.texts for line in text.lines]


def is_inside(inner: Box, outer: Box) -> bool:
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
    )


GRID = list(itertools.product((0.02, 0.3, 0.75), (0.02, 0.3, 0.6), (0.12, 0.35, 0.7, 0.95)))


# Subtitle


@pytest.mark.parametrize(("width", "height"), [(1600, 900), (900, 1200), (1000, 1000), (1600, 400)])
def test_a_still_never_cuts_a_head(width: int, height: int) -> None:
    """A head is a face with .45 of its height above it and .2 below, as far as the photo shows it."""
    for across, down, size in GRID:
        side = size * min(width, height)
        face = Box(across * width, down * height, 0.8 * side, side)
        placement = lay_out(LINE, scene_of(width, height, face), "subtitle")
        source = placement.panels[0].source
        head = Box.from_edges(
            face.left - 0.3 * face.width,
            face.top - 0.45 * face.height,
            face.right + 0.3 * face.width,
            face.bottom + 0.2 * face.height,
        )
        seen = Box.from_edges(
            max(0, head.left), max(0, head.top), min(width, head.right), min(height, head.bottom)
        )
        assert is_inside(seen, source.grown(1)), (across, down, size)
        shown = placement.in_meme(face, width, height)
        bottom = min(shown.bottom, placement.picture.bottom)
        visible = Box(int(shown.left), int(shown.top), int(shown.width), int(bottom - shown.top))
        assert not any(ink.overlaps(visible) for ink in inks(placement))
        assert 0.6 <= placement.width / placement.height <= 2.0 or width / height > 2


def test_a_still_is_wide_with_yellow_letters_on_a_dark_band_below_the_photo() -> None:
    face = Box(500, 250, 160, 200)
    placement = lay_out(LINE, scene_of(1200, 900, face), "subtitle")
    assert placement.picture.width / placement.picture.height == pytest.approx(1.9, abs=0.01)
    meme = draw_caption(np.full((900, 1200, 3), 200, np.uint8), placement)
    assert placement.picture.top == 0
    assert (meme[placement.picture.bottom + 2] == 0).all()
    assert (meme == (255, 236, 120)).all(axis=2).sum() > 1000
    assert placement.lines[0].text == "[stares in unread emails]"


@pytest.mark.parametrize("colour", [(230, 200, 120), (60, 40, 90)])
def test_a_still_has_darker_corners_in_its_own_colours_unless_it_is_dark(
    colour: tuple[int, int, int],
) -> None:
    placement = lay_out(LINE, scene_of(1200, 900, Box(500, 250, 160, 200)), "subtitle")
    picture = placement.picture
    meme = draw_caption(np.full((900, 1200, 3), colour, np.uint8), placement).astype(float)
    middle, corner = meme[picture.height // 2, picture.width // 2], meme[2, 2]
    assert middle == pytest.approx(np.array(colour), abs=1)
    light = 0.85 if sum(colour) > 300 else 1.0  # 1 - .3 (.5² + .5²)
    assert corner == pytest.approx(light * np.array(colour), abs=2)
    # Where the photo meets the black there is a thin dark grey line, even if the photo is as dark as it.
    assert (meme[picture.bottom - 1] == 42).all()
    assert (meme[picture.bottom - 6] != 42).any()


@pytest.mark.parametrize(("width", "height"), [(1600, 800), (1200, 900), (900, 900), (900, 1200)])
@pytest.mark.parametrize(
    ("text", "lines"), [("[thinks about soup]", 1), ("[a quick call on Friday at nine to five]", 2)]
)
def test_a_stills_letters_and_bands_are_as_large_in_every_frame(
    width: int, height: int, text: str, lines: int
) -> None:
    caption = replace(LINE, bottom=text)
    face = Box(0.3 * width, 0.22 * height, 0.55 * min(width, height), 0.65 * height)
    placement = lay_out(caption, scene_of(width, height, face), "subtitle")
    across, picture = placement.width, placement.picture
    assert len(placement.lines) == lines
    capital = ink_of(Line("H", 0, 0), placement.size, placement.style.text)
    # Capitals are .714 of the size, which is .9 to 1 of .062 of the width.
    assert 0.0395 * across <= capital.height <= 0.046 * across
    assert placement.height - picture.bottom == pytest.approx({1: 0.135, 2: 0.21}[lines] * across, rel=0.03)
    ink = inks(placement)
    assert max(box.right for box in ink) - min(box.left for box in ink) <= 0.85 * across
    above, below = ink[0].top - picture.bottom, placement.height - ink[-1].bottom
    assert abs(above - below) <= 1
    assert above >= 0.025 * across
    assert picture.top == 0  # no empty band above


def test_a_subtitle_that_fits_one_line_at_nine_tenths_of_its_size_has_one() -> None:
    scene = scene_of(1000, 800, Box(300, 220, 300, 380))
    word = "n"
    # As long as fits .85 of 1,000 pixels at .92 of the size, which is .062 of them.
    while ink_of(Line(word + "n", 0, 0), 57, STYLE.text).width <= 850:
        word += "n"
    half = len(word) // 2
    caption = replace(LINE, bottom=f"{word[:half]} {word[half + 1 :]}")
    placement = lay_out(caption, scene, "subtitle")
    assert placement.width == 1000
    assert len(placement.lines) == 1
    assert 0.9 * 62 <= placement.size < 62


def test_a_still_leaves_a_scans_border_out() -> None:
    scene = scene_of(600, 800, Box(150, 250, 300, 400))
    source = lay_out(LINE, replace(scene, photo_top=Top(24, (30,))), "subtitle").panels[0].source
    assert source.top == 24
    for frame in animate(LINE, replace(scene, photo_top=Top(24, (30,)), long_side=480), "subtitle"):
        assert frame.placement.panels[0].source.top >= 24


def test_a_head_has_air_above_it_and_below_it_where_the_photo_has_it() -> None:
    face = Box(300, 420, 400, 500)
    scene = scene_of(1000, 1400, face)
    source = lay_out(LINE, replace(scene, photo_top=Top(0, (180,))), "subtitle").panels[0].source
    assert source.top <= 180 - 0.029 * source.width
    assert source.bottom >= 920 + 0.2 * 500 + 0.029 * source.width


@pytest.mark.parametrize(
    ("focus", "top"), [((450.0, 300.0), 0), ((450.0, 800.0), 490), ((450.0, 1590.0), 979)]
)
def test_without_a_face_a_still_is_cut_around_what_is_to_be_seen(
    focus: tuple[float, float], top: int
) -> None:
    scene = replace(scene_of(900, 1600), faces=(), eyes=(), focus=focus)
    source = lay_out(LINE, scene, "subtitle").panels[0].source
    assert (source.width, source.height) == (900, 621)  # 1.45 times as wide as high
    assert source.top == pytest.approx(top, abs=1)
    whole = replace(scene_of(1500, 1000), faces=(), eyes=(), focus=focus)
    assert lay_out(LINE, whole, "subtitle").panels[0].source == Box(0, 0, 1500, 1000)


def test_two_parts_of_a_subtitle_have_a_line_each_unless_both_fit_one() -> None:
    scene = scene_of(1200, 900, Box(500, 250, 160, 200))
    short = lay_out(Caption("a", "Behold", "a thing", "en"), scene, "subtitle")
    assert [line.text for line in short.lines] == ["Behold… a thing"]
    long = lay_out(
        Caption("a", "Nobody asked for this", "so I made it my wallpaper", "en"), scene, "subtitle"
    )
    assert [line.text for line in long.lines] == ["Nobody asked for this…", "so I made it my wallpaper"]


def test_where_a_head_is_too_high_for_the_frame_black_is_at_its_sides() -> None:
    placement = lay_out(LINE, scene_of(500, 1000, Box(50, 280, 400, 640)), "subtitle")
    picture = placement.picture
    assert picture.left > 0
    assert placement.width / picture.height == pytest.approx(0.8, abs=0.01)
    assert inks(placement)[0].top >= picture.bottom  # in the lower band, since the face is that low


# Labels


def row(count: int, width: int = 1200, height: int = 800) -> list[Box[float]]:
    step = width / count
    tall = min(0.3 * height, 0.7 * step)
    return [Box(step * (n + 0.5) - 0.4 * tall, 0.4 * height, 0.8 * tall, tall) for n in range(count)]


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("count", [2, 3, 4, 6, 10])
def test_labels_are_under_their_faces_and_touch_nothing(count: int, language: str) -> None:
    title, words = WORDS[language]
    faces = row(count)
    labels = tuple(words[number % 3] for number in range(count))
    scene = scene_of(1200, 800, *faces, labels=labels)
    placement = lay_out(replace(TITLE, top=title, language=language), scene, "labels")
    shown = [placement.in_meme(face, 1200, 800) for face in faces]
    below_the_title = Box.from_edges(0, placement.picture.top, placement.width, placement.height)
    assert len(placement.labels) >= (count if count < 10 else 8)
    for text in placement.labels:
        boxes = [ink_of(line, text.size, text.style.text) for line in text.lines]
        middle = sum(box.left + box.right for box in boxes) / 2 / len(boxes)
        nearest = min(shown, key=lambda face: abs(face.left + face.width / 2 - middle))
        assert abs(nearest.left + nearest.width / 2 - middle) < 0.5 * nearest.width
        assert all(is_inside(box, below_the_title) for box in boxes)
        assert text.size * 400 / placement.width >= 11
    for ink in inks(placement):
        assert not any(
            ink.left < face.right
            and face.left < ink.right
            and ink.top < face.bottom
            and face.top < ink.bottom
            for face in shown
        )
    for one, other in itertools.combinations(placement.labels, 2):
        for first, second in itertools.product(one.lines, other.lines):
            assert not ink_of(first, one.size, one.style.text).overlaps(
                ink_of(second, other.size, other.style.text)
            )


def test_labels_of_a_row_stand_on_one_baseline_in_the_titles_font_and_are_smaller() -> None:
    labels = ("no ease", "typing", "“HIGH”")  # letters that reach up and down, and that do not
    placement = lay_out(TITLE, scene_of(1200, 800, *row(3), labels=labels), "labels")
    assert len({line.baseline for text in placement.labels for line in text.lines}) == 1
    assert {text.style.text for text in placement.labels} == {placement.style.text}
    assert all(text.size < placement.size for text in placement.labels)
    # Above the heads, which have room there, each on paper of its own, equally high.
    assert len({(box.top, box.height) for box in (bubble.box for bubble in placement.bubbles)}) == 1
    top = min(placement.in_meme(face, 1200, 800).top for face in row(3))
    for text, bubble in zip(placement.labels, placement.bubbles, strict=True):
        assert bubble.tail is None
        assert bubble.box.bottom < top
        assert all(is_inside(ink_of(line, text.size, text.style.text), bubble.box) for line in text.lines)


def test_labels_are_large_and_near_the_hair_and_leave_a_margin_at_the_sides() -> None:
    """Hair reaches a quarter of a face's height above it."""
    faces = [Box(200, 350, 240, 300), Box(760, 350, 240, 300)]
    labels = ("resigned at 8:59", "heard their name")
    placement = lay_out(TITLE, scene_of(1200, 900, *faces, labels=labels), "labels")
    assert [len(text.lines) for text in placement.labels] == [2, 2]
    assert all(0.05 * 1200 <= text.size < placement.size for text in placement.labels)
    for bubble, face in zip(placement.bubbles, faces, strict=True):
        hair = placement.in_meme(face, 1200, 900).top - 0.25 * face.height
        assert 0.02 * 1200 <= hair - bubble.box.bottom <= 0.03 * 1200
        assert abs(bubble.box.left + bubble.box.width / 2 - face.left - face.width / 2) <= 1
        assert bubble.box.width <= 0.85 * 560
    # Two people near the edges: the margin is .04 of the width.
    faces = [Box(60, 350, 240, 300), Box(900, 350, 240, 300)]
    placement = lay_out(TITLE, scene_of(1200, 900, *faces, labels=("guessed everything",) * 2), "labels")
    assert min(bubble.box.left for bubble in placement.bubbles) >= 0.04 * 1200
    assert max(bubble.box.right for bubble in placement.bubbles) <= 0.96 * 1200


def test_a_label_is_above_its_own_head_where_heads_are_at_different_heights() -> None:
    """Each a fortieth of the width above hair that reaches a quarter of a face's height above it."""
    faces = [Box(160, 330, 160, 200), Box(680, 420, 160, 200)]
    labels = ("wants a lawyer", "knows who did it")
    placement = lay_out(TITLE, scene_of(1000, 800, *faces, labels=labels), "labels")
    for bubble, face in zip(placement.bubbles, faces, strict=True):
        gap = placement.in_meme(face, 1000, 800).top - 50 - bubble.box.bottom
        assert 0.02 * 1000 <= gap <= 0.03 * 1000


def test_labels_of_one_line_stand_in_the_middle_of_those_of_two() -> None:
    faces = [Box(step + 80, 20, 240, 380) for step in (0, 400, 800)]  # no room above them
    labels = ("“where’s my passport?”", "typing", "in charge of the snacks")
    placement = lay_out(TITLE, scene_of(1200, 500, *faces, labels=labels), "labels")
    long, short, _ = placement.labels
    assert [len(text.lines) for text in placement.labels] == [2, 1, 2]
    first, last = (line.baseline for line in long.lines)
    assert abs(short.lines[0].baseline - (first + last) / 2) <= 1
    assert not placement.leaders


def test_labels_on_a_strip_do_not_touch_where_faces_are_at_different_heights() -> None:
    faces = [Box(90, 250, 120, 150), Box(690, 60, 120, 150), Box(990, 300, 120, 150)]
    labels = ("two hours in line", "heard something snap", "hat just left")
    placement = lay_out(TITLE, scene_of(1200, 500, *faces, labels=labels), "labels")
    assert len(placement.labels) == 3
    boxes = [
        (number, ink_of(line, text.size, text.style.text))
        for number, text in enumerate(placement.labels)
        for line in text.lines
    ]
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        assert one == other or not first.overlaps(second)


def test_labels_stay_in_the_picture_where_faces_are_above_it() -> None:
    """A detector's boxes may reach beyond the picture."""
    faces = [Box(60, -420, 100, 130), Box(300, -420, 100, 130), Box(0, 700, 480, 800)]
    scene = scene_of(480, 1600, *faces, labels=("is paying", "already left", "late"))
    placement = lay_out(TITLE, scene, "labels")
    whole = Box(0, 0, placement.width, placement.height)
    assert len(placement.labels) >= 2
    assert all(is_inside(bubble.box, whole) for bubble in placement.bubbles)
    assert all(is_inside(ink, whole) for ink in inks(placement))


def test_no_word_of_a_label_is_broken() -> None:
    labels = tuple(["extraordinarily unprepared"] * 6)
    try:
        placement = lay_out(TITLE, scene_of(1200, 800, *row(6), labels=labels), "labels")
    except NotPossibleError as error:
        assert error.why == "no-room"
    else:
        for text in placement.labels:
            found = " ".join(line.text for line in text.lines)
            assert found == "extraordinarily unprepared"


@pytest.mark.parametrize(
    ("scene", "why"),
    [
        (scene_of(800, 600, Box(300, 200, 160, 200), labels=("alone",)), "few-faces"),
        (scene_of(800, 600, Box(0, 0, 800, 300), Box(0, 300, 800, 300), labels=("one", "two")), "no-room"),
    ],
)
def test_labels_need_two_faces_and_room(scene: Scene, why: str) -> None:
    with pytest.raises(NotPossibleError) as caught:
        lay_out(TITLE, scene, "labels")
    assert caught.value.why == why


# Zoom


@pytest.mark.parametrize(("width", "height"), [(1600, 1200), (1200, 1600), (1000, 1000)])
def test_three_panels_close_in_on_the_eyes_and_leave_them_free(width: int, height: int) -> None:
    for across, down, size in itertools.product((0.05, 0.4, 0.7), (0.1, 0.4, 0.6), (0.15, 0.25, 0.35)):
        side = size * min(width, height)
        face = Box(across * width, down * height, 0.8 * side, side)
        placement = lay_out(BEATS, scene_of(width, height, face), "zoom")
        assert len(placement.panels) == 3
        widths = [panel.source.width for panel in placement.panels]
        assert widths[0] > 1.3 * widths[1] > 1.3 * 1.3 * widths[2] / 1.0001
        assert widths[2] >= 90
        for panel in placement.panels:
            scale = panel.target.width / panel.source.width
            assert panel.target.height / panel.source.height == pytest.approx(scale, rel=0.03)
            for eye in eyes_of(face):
                x = panel.target.left + (eye[0] - panel.source.left) * scale
                y = panel.target.top + (eye[1] - panel.source.top) * scale
                reach = 0.25 * 0.4 * face.width * scale
                eye_box = Box.from_edges(int(x - reach), int(y - reach), int(x + reach), int(y + reach))
                assert is_inside(eye_box, panel.target.grown(int(reach)))
                assert not any(ink.overlaps(eye_box) for ink in inks(placement))
        assert max(placement.width, placement.height) <= 1600
        assert all(is_inside(ink, Box(0, 0, placement.width, placement.height)) for ink in inks(placement))


@pytest.mark.parametrize("size", [0.15, 0.25, 0.35, 0.4, 0.45])
def test_a_zoom_is_not_high_and_its_text_is_below_the_chin_and_low_in_the_last_panel(size: float) -> None:
    """A face with 1.2 times its height as a head, and text of a tenth of the width below it, fit a panel of
    16:9 up to .35 of its width."""
    face = Box(500 - 400 * size, 300, 800 * size, 1000 * size)
    placement = lay_out(BEATS, scene_of(1000, 1000, face), "zoom")
    assert placement.height <= 1.75 * placement.width
    *before, last = placement.panels
    assert len(before) == (2 if size <= 0.35 else 1)
    punch = placement.texts[-1]
    assert [line.text for line in punch.lines] == ["IT IS PER HOUR"]
    assert punch.size == pytest.approx(1.2 * placement.size, abs=1)
    for panel in before:
        scale = panel.target.width / panel.source.width
        chin = panel.target.top + (face.bottom - panel.source.top) * scale
        lines = [ink for ink in inks(placement) if panel.target.top <= ink.top < panel.target.bottom]
        assert lines
        assert min(ink.top for ink in lines) >= chin + 0.03 * placement.width - 1
    eyes = (face.top + 0.4 * face.height - last.source.top) / last.source.height
    assert eyes == pytest.approx(0.38 if size <= 0.35 else 0.45, abs=0.01)
    assert inks(placement)[-1].top > last.target.top + 0.7 * last.target.height
    assert last.is_noir


@pytest.mark.parametrize("beats", [("Ha", "ha", "ha"), ("One slice was left", "I counted to ten", "it left")])
def test_the_beats_of_a_zoom_are_of_one_size_that_short_ones_do_not_blow_up(
    beats: tuple[str, str, str],
) -> None:
    face = Box(400, 300, 200, 250)
    caption = Caption("a", beats[0], "\n".join(beats[1:]), "en")
    placement = lay_out(caption, scene_of(1000, 1000, face), "zoom")
    assert placement.size == round(0.085 * placement.width)
    assert len(inks(placement)) == 3


def test_a_zooms_panels_get_darker_behind_their_text_and_nowhere_over_eyes() -> None:
    face = Box(400, 300, 200, 250)
    placement = lay_out(BEATS, scene_of(1000, 1000, face), "zoom")
    photo = np.full((1000, 1000, 3), 200, np.uint8)
    photo[:, :500] = 20
    bare = replace(placement, panels=tuple(replace(panel, shade=None) for panel in placement.panels))
    rows, plain = (draw_caption(photo, each)[:, -3:].mean(axis=(1, 2)) for each in (placement, bare))
    for panel, ink in zip(placement.panels, inks(placement), strict=True):
        scale = panel.target.width / panel.source.width
        # An eye is two fifths of the way between both high, to each side of its middle.
        lids = face.top + (0.4 + 0.4 * 0.4 * face.width / face.height) * face.height
        eyes = panel.target.top + int((lids - panel.source.top) * scale)
        assert np.array_equal(rows[panel.target.top : eyes], plain[panel.target.top : eyes])
        light = rows[eyes : panel.target.bottom] / plain[eyes : panel.target.bottom]
        assert (np.diff(light) <= 0.02).all()  # never lighter again
        assert (np.diff(light) >= -0.03).all()  # and no edge
        middle = (ink.top + ink.bottom) // 2 - eyes
        assert light[middle] < 0.5
        assert light[-1] == pytest.approx(0.3, abs=0.02)


def test_where_the_eyes_have_too_few_pixels_there_are_two_panels() -> None:
    placement = lay_out(BEATS, scene_of(800, 600, Box(300, 200, 60, 75)), "zoom")
    assert len(placement.panels) == 2
    assert placement.panels[-1].source.width >= 90
    assert [line.text for text in placement.texts for line in text.lines] == [
        "THE QUOTE SAID 40",
        "THE INVOICE SAYS 400",
        "IT IS PER HOUR",
    ]


@pytest.mark.parametrize(
    ("face", "why"),
    [(Box(100, 50, 500, 530), "face-too-large"), (Box(300, 200, 24, 30), "few-pixels")],
)
def test_zoom_needs_a_face_that_is_neither_too_large_nor_too_small(face: Box[float], why: str) -> None:
    with pytest.raises(NotPossibleError) as caught:
        lay_out(BEATS, scene_of(800, 600, face), "zoom")
    assert caught.value.why == why


def test_zoom_needs_a_face() -> None:
    with pytest.raises(NotPossibleError) as caught:
        lay_out(BEATS, scene_of(800, 600), "zoom")
    assert caught.value.why == "no-face"


def test_no_text_is_over_a_mouth() -> None:
    """The mouth's middle is .77 of the face's height below its top."""
    for shape in [(512, 512), (1600, 900), (900, 1200)]:
        width, height = shape
        face = Box(0.37 * width, 0.33 * height, 0.26 * min(shape), 0.33 * min(shape))
        placement = lay_out(BEATS, scene_of(*shape, face), "zoom")
        x, y = face.left + face.width / 2, face.top + 0.77 * face.height
        for panel in placement.panels:
            scale = panel.target.width / panel.source.width
            down = panel.target.top + (y - panel.source.top) * scale
            if not panel.target.top <= down < panel.target.bottom:
                continue
            at = panel.target.left + (x - panel.source.left) * scale
            mouth = Box(at - 0.2 * face.width * scale, down - 2, 0.4 * face.width * scale, 4)
            assert not any(ink.overlaps(mouth) for ink in inks(placement)), (shape, panel)


def test_the_last_panel_is_grey() -> None:
    placement = lay_out(BEATS, scene_of(800, 600, Box(300, 200, 160, 200)), "zoom")
    rng = np.random.default_rng(3)
    meme = draw_caption(rng.integers(0, 256, (600, 800, 3), dtype=np.uint8), placement)
    first, _, last = (panel.target for panel in placement.panels)
    colours = np.ptp(meme.astype(int), axis=2)
    assert colours[last.top : last.bottom].max() == 0
    assert colours[first.top : first.bottom].max() > 100
