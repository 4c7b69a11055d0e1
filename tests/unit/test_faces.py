"""The face finder and the crop, on a portrait in the public domain and on drawn faces."""

import math

import cv2
import numpy as np
import pytest
import skimage.data

from memegen.face.crop import _level, _warp_square, crop_face, square_crop
from memegen.face.detect import Face, confirmed, find_faces
from memegen.geometry import Box
from tests.support.costly.jpeg import crowd
from tests.support.drawing import DRAWN, draw_portrait

# Read off the picture by eye: the pupils and the mouth's corners of the astronaut Eileen Collins.
ASTRONAUT_EYES = ((203, 101), (245, 102))
ASTRONAUT_MOUTH = ((203, 144), (240, 142))


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return skimage.data.astronaut()


def turned(picture: np.ndarray, degrees: float) -> np.ndarray:
    """The picture turned clockwise about its face, on a canvas of its own size."""
    matrix = cv2.getRotationMatrix2D((224, 118), -degrees, 1.0)
    return cv2.warpAffine(picture, matrix, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)


def test_finds_the_astronaut_and_her_eyes_and_mouth(astronaut):
    (face,) = find_faces(astronaut)
    expected = [*ASTRONAUT_EYES, *ASTRONAUT_MOUTH]
    assert np.abs(face.landmarks[[0, 1, 3, 4]] - expected).max() <= 5
    assert face.score > 0.9


@pytest.mark.parametrize("expression", DRAWN)
def test_finds_a_drawn_face_in_its_place(expression):
    (face,) = find_faces(draw_portrait(256, expression))
    middle = (face.box.left + face.box.width / 2, face.box.top + face.box.height / 2)
    assert math.dist(middle, (128, 133)) < 15


def test_finds_no_face_where_there_is_none():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (240, 320, 3)).astype(np.uint8)
    for picture in (noise, np.zeros((240, 320, 3), np.uint8), skimage.data.coffee(), skimage.data.rocket()):
        assert find_faces(picture) == []


def test_finds_a_small_face_in_a_big_picture(astronaut):
    canvas = np.full((1200, 1600, 3), 128, np.uint8)
    small = cv2.resize(astronaut, (256, 256), interpolation=cv2.INTER_AREA)  # its face is 45 px wide
    canvas[800:1056, 1200:1456] = small
    (face,) = find_faces(canvas)
    assert math.dist(face.landmarks[0], (1200 + 203 / 2, 800 + 101 / 2)) < 5


@pytest.mark.parametrize("name", ["hubble_deep_field", "stereo_motorcycle", "gravel", "grass", "brick"])
def test_galaxies_a_headlamp_and_gravel_are_no_faces(name):
    """Found as small faces with scores of .6 to .79, they are looked at again."""
    picture = getattr(skimage.data, name)()
    picture = np.asarray(picture[0] if isinstance(picture, tuple) else picture)
    picture = picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)
    for part in (picture, picture[: picture.shape[0] // 2], picture[:, picture.shape[1] // 3 :]):
        assert find_faces(np.ascontiguousarray(part)) == []


@pytest.mark.parametrize("height", [0.04, 0.06, 0.1, 0.18])
def test_finds_small_faces_on_busy_ground(astronaut, height):
    """Her face, 88 of the portrait's pixels high, at this share of the picture's height on gravel."""
    side = round(320 * height * 1000 / 88)
    portrait = cv2.resize(astronaut[0:320, 64:384], (side, side), interpolation=cv2.INTER_AREA)
    ground = cv2.resize(skimage.data.gravel(), (1500, 1000), interpolation=cv2.INTER_AREA)
    for left, top in ((20, 20), (1480 - side, 30), ((1500 - side) // 2, (1000 - side) // 2)):
        picture = np.repeat(ground[:, :, None], 3, axis=2)
        picture[top : top + side, left : left + side] = portrait
        middles = [
            (face.box.left + face.box.width / 2, face.box.top + face.box.height / 2)
            for face in find_faces(picture)
        ]
        assert any(left < x < left + side and top < y < top + side for x, y in middles)


def test_finds_a_crowd_of_hundreds_whose_scores_are_all_low():
    """Few of them are looked at from near."""
    cell = 35
    faces = find_faces(crowd(45, cell))
    middles = {
        (int((face.box.left + face.box.width / 2) // cell), int((face.box.top + face.box.height / 2) // cell))
        for face in faces
    }
    assert len(middles) > 0.9 * 45 * 45


def test_of_hundreds_of_doubtful_boxes_on_gravel_none_is_a_face():
    """Whatever the finder says, most are none when they are seen from near."""
    ground = np.repeat(skimage.data.gravel()[:, :, None], 3, axis=2)
    boxes = [Box(float(x), float(y), 12.0, 16.0) for y in range(0, 480, 20) for x in range(0, 480, 20)]
    doubtful = [Face(box, np.zeros((5, 2), np.float32), 0.7) for box in boxes]
    assert confirmed(ground, doubtful) == []


@pytest.mark.parametrize("quarter_turns", [1, 3])
def test_reads_a_photo_that_lies_on_its_side_as_if_upright(astronaut, quarter_turns):
    upright = crop_face(astronaut, find_faces(astronaut)[0]).astype(float)
    lying = np.ascontiguousarray(np.rot90(astronaut, quarter_turns))
    crop = crop_face(lying, find_faces(lying)[0]).astype(float)
    assert np.abs(crop - upright).mean() < 12
    assert np.abs(np.rot90(crop, -quarter_turns) - upright).mean() > 30


@pytest.mark.parametrize("degrees", [-45, -30, -15, 15, 30, 45])
def test_turns_a_tilted_face_level(astronaut, degrees):
    upright = crop_face(astronaut, find_faces(astronaut)[0]).astype(float)
    tilted = turned(astronaut, degrees)
    crop = crop_face(tilted, find_faces(tilted)[0]).astype(float)
    assert np.corrcoef(crop.ravel(), upright.ravel())[0, 1] > 0.85


def test_lists_the_largest_face_first(astronaut):
    half = cv2.resize(astronaut, (256, 256), interpolation=cv2.INTER_AREA)
    canvas = np.full((512, 800, 3), 128, np.uint8)
    canvas[100:356, 0:256] = half
    canvas[:, 288:] = astronaut
    large, small = find_faces(canvas)
    assert large.box.left > 288 > small.box.left


def test_crops_the_square_around_the_box_exactly():
    # A picture whose grey is its x: a level crop of a box's square is a ramp from its left to its right.
    picture = np.repeat(np.arange(200, dtype=np.uint8)[None, :, None], 200, axis=0).repeat(3, axis=2)
    eyes = np.array([[90, 80], [110, 80], [100, 90], [92, 105], [108, 105]], np.float32)
    face = Face(Box(left=60, top=52, width=80, height=96), eyes, 1.0)
    crop = crop_face(picture, face)
    # The square is 96 wide, centred on x = 100, and so is the crop.
    assert crop.shape == (96, 96)
    assert np.abs(crop[48].astype(float) - (52 + np.arange(96))).max() <= 1
    # A network of 48 pixels sees the mean of each two: of x = 52 and 53 first.
    assert np.abs(square_crop(crop, 48)[24].astype(float) - (52.5 + 2 * np.arange(48))).max() <= 1


def test_crop_over_the_edge_repeats_the_edge():
    picture = np.full((100, 100, 3), 50, np.uint8)
    picture[:, :10] = 200
    eyes = np.array([[0, 40], [20, 40], [10, 50], [2, 60], [18, 60]], np.float32)
    crop = crop_face(picture, Face(Box(left=-30, top=10, width=80, height=80), eyes, 1.0))
    assert (crop[:, :40] == 200).all()  # what lies left of the picture is its left edge
    assert (crop[:, -20:] == 50).all()


@pytest.mark.parametrize("size", [48, 96])
@pytest.mark.parametrize("shape", [(48, 48), (88, 88), (88, 88, 3), (30, 22, 3), (22, 64), (200, 100)])
def test_square_crop_takes_any_size_grey_or_colour(shape, size):
    crop = square_crop(np.full(shape, 77, np.uint8), size)
    assert crop.shape == (size, size)
    assert (crop == 77).all()


@pytest.mark.parametrize("size", [48, 96])
def test_square_crop_leaves_a_finished_crop_alone(size):
    crop = np.random.default_rng(1).integers(0, 256, (size, size)).astype(np.uint8)
    assert (square_crop(crop, size) == crop).all()


def test_square_crop_averages_what_is_larger_and_interpolates_what_is_smaller():
    crop = np.random.default_rng(2).integers(0, 256, (96, 96)).astype(np.uint8)
    means = crop.reshape(48, 2, 48, 2).mean(axis=(1, 3))
    assert np.abs(square_crop(crop, 48) - means).max() <= 0.5
    # The middles of the new pixels lie a quarter of an old one beside those of the old ones.
    ramp = np.repeat(4 * np.arange(48, dtype=np.uint8)[None], 48, axis=0)
    between = np.clip(4 * ((np.arange(96) + 0.5) / 2 - 0.5), 0, 4 * 47)
    assert np.abs(square_crop(ramp, 96)[50] - between).max() <= 0.5


def test_a_network_of_48_pixels_sees_what_crop_face_gave_when_every_network_had_48(astronaut):
    """Then a face was warped to 96 pixels in colour, and made grey and shrunk to 48 at once."""
    for degrees in (0, 30):
        picture = turned(astronaut, degrees)
        (face,) = find_faces(picture)
        warped = _warp_square(picture, _level(picture, face), 96)
        then = cv2.resize(cv2.cvtColor(warped, cv2.COLOR_RGB2GRAY), (48, 48), interpolation=cv2.INTER_AREA)
        assert np.array_equal(square_crop(crop_face(picture, face), 48), then)


def feature_heights(crop: np.ndarray) -> tuple[float, float] | None:
    """Eye and mouth height of a crop as parts of its side, by the finder; None where it sees no face."""
    framed = cv2.copyMakeBorder(
        cv2.resize(square_crop(crop, 48), (144, 144)), 72, 72, 72, 72, cv2.BORDER_REPLICATE
    )
    faces = find_faces(np.repeat(framed[:, :, None], 3, axis=2))
    if not faces:
        return None
    heights = (faces[0].landmarks[:, 1] - 72) / 144
    return float(heights[:2].mean()), float(heights[3:].mean())


@pytest.mark.slow
def test_served_crops_show_the_face_as_fer2013_does(data):
    """Median eye and mouth heights of crops from JAFFE's whole portraits, within .03 of FER2013's."""
    portraits = sorted((data / "jaffe").glob("*.tiff"))[::3]
    served = []
    for file in portraits:
        picture = cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)
        served += [
            heights
            for face in find_faces(picture)[:1]
            if (heights := feature_heights(crop_face(picture, face)))
        ]
    published = []
    for file in sorted((data / "fer2013" / "private_test").glob("*/*.png"))[::12]:
        heights = feature_heights(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE))
        if heights is not None:
            published.append(heights)
    assert len(served) > 60
    assert len(published) > 200
    difference = np.median(served, axis=0) - np.median(published, axis=0)
    assert np.abs(difference).max() <= 0.03, difference
