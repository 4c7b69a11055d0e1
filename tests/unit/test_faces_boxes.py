"""What is made of a detector's rows: which may be faces, where they lie, and when another look is taken."""

import math

import numpy as np
import pytest

from memegen.face.detect import Face, confirmed, detect, find_faces
from memegen.geometry import Box

Row = tuple[float, ...]


def row(left: float, top: float, width: float, height: float, score: float = 0.9) -> Row:
    """A box, five landmarks at 1, 2 … 10, and a score: as YuNet gives them."""
    return (left, top, width, height, *range(1, 11), score)


class Detector:
    """Answers with given rows, and with none after these; keeps the pictures that it was asked about."""

    def __init__(self, *answers: list[Row]) -> None:
        self.answers, self.seen = list(answers), list[np.ndarray]()

    def setInputSize(self, size: tuple[int, int]) -> None:  # noqa: N802
        self.size = size

    def detect(self, picture: np.ndarray) -> tuple[int, np.ndarray | None]:
        assert self.size == picture.shape[1::-1]
        self.seen.append(picture)
        rows = self.answers.pop(0) if self.answers else []
        return 1, np.array(rows, np.float32) if rows else None


@pytest.fixture
def rows(monkeypatch):
    """The detector answers with these rows, a list a call."""

    def answer(*answers: list[Row]) -> Detector:
        detector = Detector(*answers)
        monkeypatch.setattr("memegen.face.detect._detector", lambda _long_side: detector)
        return detector

    return answer


def picture(width: int, height: int) -> np.ndarray:
    return np.zeros((height, width, 3), np.uint8)


MAY_BE = {
    "within": row(10, 10, 20, 20),
    "half a pixel": row(10, 10, 0.5, 0.5),
    "twice the picture": row(-100, -150, 400, 400),
    "its middle on the left edge": row(-10, 10, 20, 20),
    "its middle on the right edge": row(190, 10, 20, 20),
    "its middle on the upper edge": row(10, -10, 20, 20),
    "its middle on the lower edge": row(10, 90, 20, 20),
}
IS_NONE = {
    "no number": row(math.nan, 10, 20, 20),
    "a landmark without end": (10, 10, 20, 20, *[math.inf] * 10, 0.9),
    "no width": row(10, 10, 0, 20),
    "no height": row(10, 10, 20, 0),
    "more than twice the picture's long side wide": row(-100, 10, 401, 20),
    "more than twice the picture's long side high": row(10, -190, 20, 401),
    "its middle left of it": row(-11, 10, 20, 20),
    "its middle right of it": row(191, 10, 20, 20),
    "its middle above it": row(10, -11, 20, 20),
    "its middle below it": row(10, 91, 20, 20),
}


@pytest.mark.parametrize("name", [*MAY_BE, *IS_NONE])
def test_a_box_may_be_a_face_whose_middle_is_in_the_picture_and_that_is_not_huge(rows, name):
    rows([(MAY_BE | IS_NONE)[name], row(1, 2, 3, 4)])
    found = detect(picture(200, 100), 320)
    assert len(found) == (2 if name in MAY_BE else 1)
    assert found[-1].box == Box(1.0, 2.0, 3.0, 4.0)
    assert found[-1].landmarks.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]]
    assert found[-1].score == pytest.approx(0.9)


def test_faces_lie_in_the_pixels_of_the_picture_not_of_its_small_copy(rows):
    """1,280 × 720 at 320 is 320 × 180: a quarter of each side."""
    detector = rows([row(10, 20, 30, 40)])
    (face,) = detect(picture(1280, 720), 320)
    assert detector.seen[0].shape == (180, 320, 3)
    assert face.box == Box(40.0, 80.0, 120.0, 160.0)
    assert face.landmarks.tolist() == [[4, 8], [12, 16], [20, 24], [28, 32], [36, 40]]


def test_sides_that_are_rounded_stretch_each_by_its_own_factor(rows):
    """1,600 × 250 at 320 is 320 × 50: factors of 5. At 1,600 × 252 the height is rounded, 50.4 to 50."""
    rows([row(10, 20, 30, 40)])
    (face,) = detect(picture(1600, 252), 320)
    assert face.box == Box(50.0, pytest.approx(20 * 5.04), 150.0, pytest.approx(40 * 5.04))


@pytest.mark.parametrize(
    ("size", "asked"),
    [
        ((320, 240), (320, 240)),
        ((200, 100), (200, 100)),
        ((300, 20), (300, 64)),
        ((20, 300), (64, 300)),
        ((63, 63), (64, 64)),
        ((64, 64), (64, 64)),
        ((1, 5000), (64, 320)),
        ((5000, 1), (320, 64)),
    ],
)
def test_a_short_side_is_padded_with_black_behind_it(rows, size, asked):
    """The colours are asked for as blue, green and red, and no picture is enlarged."""
    detector = rows()
    detect(np.full((size[1], size[0], 3), (30, 20, 10), np.uint8), 320)
    (seen,) = detector.seen
    assert seen.shape == (asked[1], asked[0], 3)
    height, width = min(size[1], asked[1]), min(size[0], asked[0])
    if size[0] > 320 or size[1] > 320:
        width, height = (1, 320) if size[0] < size[1] else (320, 1)
    assert (seen[:height, :width] == (10, 20, 30)).all()
    assert seen[height:].max(initial=0) == seen[:, width:].max(initial=0) == 0


def test_a_large_face_or_one_of_a_high_score_is_not_looked_at_again(rows):
    """A fifth of the picture's short side, here 20 pixels of 100, is large; .85 is high."""
    detector = rows()
    sure = [face(height=20.0, score=0.6), face(height=5.0, score=0.85)]
    assert confirmed(picture(300, 100), sure) == sure
    assert confirmed(picture(100, 300), sure) == sure
    assert detector.seen == []


def face(height: float = 10.0, score: float = 0.7, left: float = 100.0, top: float = 60.0) -> Face:
    return Face(Box(left, top, 12.0, height), np.zeros((5, 2), np.float32), score)


def test_from_near_a_square_of_two_face_heights_about_its_middle_is_seen(rows):
    """A face of 20 × 30 whose middle is at (110, 75): 80 to 140 across and 45 to 105 down, 61 pixels.
    Red tells how far to the right a pixel lay, and green how far down."""
    ramp = np.zeros((200, 250, 3), np.uint8)
    ramp[..., 0] = np.arange(250)
    ramp[..., 1] = np.arange(200)[:, None]
    detector = rows([row(130, 130, 60, 60)])
    doubtful = Face(Box(100.0, 60.0, 20.0, 30.0), np.zeros((5, 2), np.float32), 0.7)
    assert confirmed(ramp, [doubtful]) == [doubtful]
    (seen,) = detector.seen
    assert seen.shape == (320, 320, 3)
    blue, green, red = (seen[..., channel].astype(int) for channel in range(3))
    assert (blue.max(), red.min(), red.max(), green.min(), green.max()) == (0, 80, 140, 45, 105)


def test_from_near_at_an_edge_the_part_within_the_picture_is_seen(rows):
    """A face of 12 × 10 in the lower right corner of 200 × 200, whose middle is at (196, 193): of 25 × 25
    pixels there are 16 × 19, enlarged to a long side of 320."""
    detector = rows()
    assert confirmed(picture(200, 200), [face(left=190.0, top=188.0)]) == []
    (seen,) = detector.seen
    assert seen.shape == (320, 269, 3)


@pytest.mark.parametrize(
    ("found", "is_face"),
    [
        ([row(140, 140, 40, 40, 0.81)], True),
        ([row(140, 140, 40, 40, 0.79)], False),
        ([row(0, 0, 20, 20, 0.99), row(140, 140, 40, 40, 0.81)], True),
        ([row(220, 140, 36, 40)], True),  # its middle is 78 to the right of that of 320 × 320: less than 80
        ([row(222, 140, 36, 40)], False),
        ([row(64, 140, 36, 40)], True),
        ([row(62, 140, 36, 40)], False),
        ([row(140, 220, 40, 36)], True),
        ([row(140, 222, 40, 36)], False),
        ([row(140, 64, 40, 36)], True),
        ([row(140, 62, 40, 36)], False),
        ([], False),
    ],
)
def test_from_near_a_face_has_a_high_score_and_its_middle_in_the_middle_half(rows, found, is_face):
    rows(found)
    doubtful = face()
    assert confirmed(picture(300, 200), [doubtful]) == ([doubtful] if is_face else [])


@pytest.mark.parametrize(("faces", "kept"), [(75, 75), (76, 176), (150, 250)])
def test_of_many_150_are_looked_at_and_the_rest_are_what_most_of_these_are(rows, faces, kept):
    detector = rows(*[[row(140, 140, 40, 40)]] * faces)
    doubtful = [face(left=float(n)) for n in range(250)]
    found = confirmed(picture(400, 200), doubtful)
    assert len(detector.seen) == 150
    assert len(found) == kept
    assert found[:faces] == doubtful[:faces]


def test_the_second_look_is_at_960_pixels_and_only_where_the_first_finds_none(rows):
    detector = rows([], [row(30, 60, 300, 300)])
    (found,) = find_faces(picture(1920, 1600))
    assert [seen.shape for seen in detector.seen] == [(267, 320, 3), (800, 960, 3)]
    assert found.box == Box(60.0, 120.0, 600.0, 600.0)
    detector = rows([row(10, 10, 100, 100)])
    assert len(find_faces(picture(1920, 1600))) == 1
    assert len(detector.seen) == 1


@pytest.mark.parametrize(("side", "looks"), [(320, 1), (321, 2)])
def test_what_was_seen_whole_is_not_looked_at_again(rows, side, looks):
    """Beside it come two looks at the picture on either side."""
    detector = rows()
    assert find_faces(picture(side, 200)) == []
    assert len(detector.seen) == looks + 2


def test_the_picture_is_tried_on_its_sides_where_no_score_is_high(rows):
    """320 × 240 turned clockwise is 240 × 320: what was at (x, y) is at (240 - y, x)."""
    low, high = row(100, 100, 80, 80, 0.7), row(20, 50, 60, 90, 0.95)
    detector = rows([low], [high], [])
    (found,) = find_faces(picture(320, 240))
    assert [seen.shape for seen in detector.seen] == [(240, 320, 3), (320, 240, 3), (320, 240, 3)]
    assert found.box == Box(50.0, 160.0, 90.0, 60.0)
    assert found.landmarks.tolist() == [[2, 239], [4, 237], [6, 235], [8, 233], [10, 231]]
    assert found.score == pytest.approx(0.95)


def test_turned_the_other_way_it_is_placed_the_other_way(rows):
    """Counterclockwise what was at (x, y) is at (y, 320 - x)."""
    rows([], [row(20, 50, 60, 90, 0.7)], [row(20, 50, 60, 90, 0.95)])
    (found,) = find_faces(picture(320, 240))
    assert found.box == Box(180.0, 20.0, 90.0, 60.0)
    assert found.landmarks.tolist() == [[318, 1], [316, 3], [314, 5], [312, 7], [310, 9]]


@pytest.mark.parametrize(("upright", "looks"), [(0.86, 1), (0.84, 3)])
def test_an_upright_face_of_a_high_score_needs_no_turn(rows, upright, looks):
    detector = rows([row(100, 100, 80, 80, upright)], [row(1, 1, 80, 80, 0.8)], [row(1, 1, 80, 80, 0.8)])
    (found,) = find_faces(picture(320, 240))
    assert found.box == Box(100.0, 100.0, 80.0, 80.0)
    assert len(detector.seen) == looks


def test_a_photo_on_its_side_is_turned_small_and_its_faces_are_placed_in_the_large_one(rows):
    rows([], [], [row(20, 50, 60, 90, 0.95)])
    (found,) = find_faces(picture(1280, 960))
    assert found.box == Box(200.0, 640.0, 360.0, 240.0)
    assert found.landmarks[0].tolist() == [8, 956]


def test_the_largest_area_comes_first(rows):
    rows([row(10, 10, 90, 30), row(100, 100, 50, 60), row(10, 100, 20, 100)])
    assert [found.box.width for found in find_faces(picture(320, 240))] == [50, 90, 20]
