"""From a photo's file to the face in it and out again: orientation, hard pictures, and what leaks."""

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageCms, PngImagePlugin

from memegen import Options, make_meme
from memegen.face.detect import find_faces
from memegen.photo.decode import read_photo
from tests.support.drawing import draw_portrait
from tests.support.people import draw_people
from tests.support.photo_files import jpeg_segments, saved

ASTRONAUT = skimage.data.astronaut()
ASTRONAUT.flags.writeable = False

# EXIF's orientation → what a camera stored of an upright scene (Exif 2.32, 4.6.4): the inverse of the turn
# that shows it upright, in NumPy's words.
STORED = {
    1: lambda scene: scene,
    2: lambda scene: scene[:, ::-1],
    3: lambda scene: scene[::-1, ::-1],
    4: lambda scene: scene[::-1],
    5: lambda scene: scene.swapaxes(0, 1),
    6: lambda scene: scene.swapaxes(0, 1)[::-1],  # shown by a quarter turn clockwise
    7: lambda scene: scene.swapaxes(0, 1)[::-1, ::-1],
    8: lambda scene: scene.swapaxes(0, 1)[:, ::-1],
}


@pytest.mark.parametrize("orientation", STORED)
def test_the_face_is_found_in_every_orientation(orientation: int) -> None:
    """The astronaut beside a grey half, so that a picture turned the wrong way has its face elsewhere."""
    scene = np.concatenate([ASTRONAUT, np.full((512, 300, 3), 128, np.uint8)], axis=1)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](scene)))
    made = make_meme(saved(stored, "JPEG", quality=95, exif=exif), Options(style="classic", seed=1))
    assert (made.report["meme"]["width"], made.report["meme"]["height"]) == (812, 512)
    (face,) = made.report["faces"]
    box = face["box"]
    middle = (box["left"] + box["width"] / 2, box["top"] + box["height"] / 2)
    # By eye: her chin to her hairline is 68 to 170, her cheeks 176 to 265.
    assert np.abs(np.array(middle) - (221, 119)).max() <= 12
    assert 80 <= box["width"] <= 110
    assert 100 <= box["height"] <= 140


def shades(picture: np.ndarray) -> np.ndarray:
    """The astronaut in black sunglasses."""
    worn = picture.copy()
    cv2.rectangle(worn, (180, 90), (266, 114), (5, 5, 5), -1)
    return worn


def mask(picture: np.ndarray) -> np.ndarray:
    """The astronaut with her nose, mouth and chin behind a blue cloth."""
    worn = picture.copy()
    cv2.ellipse(worn, (221, 148), (46, 34), 0, 0, 360, (150, 190, 220), -1)
    return worn


def tilted(picture: np.ndarray, degrees: float) -> np.ndarray:
    turn = cv2.getRotationMatrix2D((224, 118), degrees, 1.0)
    return cv2.warpAffine(picture, turn, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)


def half_covered(picture: np.ndarray) -> np.ndarray:
    covered = picture.copy()
    covered[:, 222:] = 90
    return covered


def narrowed(picture: np.ndarray) -> np.ndarray:
    """Pressed together to a third: what a turned head does to the distances in a face."""
    return cv2.resize(picture, (170, 512), interpolation=cv2.INTER_AREA)


HARD = {
    "darkened to a tenth": lambda: ASTRONAUT // 10,
    "darkened to a fortieth": lambda: ASTRONAUT // 40,
    "black": lambda: np.zeros_like(ASTRONAUT),
    "white": lambda: np.full_like(ASTRONAUT, 255),
    "overexposed": lambda: np.clip(ASTRONAUT.astype(int) * 4, 0, 255).astype(np.uint8),
    "mirrored": lambda: ASTRONAUT[:, ::-1],
    "upside down": lambda: ASTRONAUT[::-1],
    "sunglasses": lambda: shades(ASTRONAUT),
    "mask": lambda: mask(ASTRONAUT),
    "sunglasses and mask": lambda: mask(shades(ASTRONAUT)),
    "half covered": lambda: half_covered(ASTRONAUT),
    "narrowed": lambda: narrowed(ASTRONAUT),
    "cut through the face": lambda: ASTRONAUT[:, 222:],
    "cut at the eyes": lambda: ASTRONAUT[105:],
    "nothing but the face": lambda: ASTRONAUT[70:170, 176:266],
    "blurred": lambda: cv2.GaussianBlur(ASTRONAUT, (0, 0), 8),
    "noisy": lambda: np.random.default_rng(7).normal(ASTRONAUT, 60).clip(0, 255).astype(np.uint8),
    "tilted by 30": lambda: tilted(ASTRONAUT, 30),
    "tilted by -45": lambda: tilted(ASTRONAUT, -45),
    "lying": lambda: ASTRONAUT.swapaxes(0, 1)[::-1],
    "a drawn face": lambda: draw_portrait(300, "sadness"),
    "one pixel": lambda: ASTRONAUT[:1, :1],
    "a line": lambda: ASTRONAUT[100:101],
    "four lines": lambda: ASTRONAUT[100:104],
    "a column": lambda: ASTRONAUT[:, 220:221],
}


@pytest.mark.parametrize("kind", HARD)
def test_a_hard_picture_becomes_a_meme(kind: str) -> None:
    picture = np.ascontiguousarray(HARD[kind]())
    made = make_meme(saved(Image.fromarray(picture), "PNG"), Options(style="classic", seed=2))
    meme = read_photo(made.jpeg)
    assert meme.shape == (made.report["meme"]["height"], made.report["meme"]["width"], 3)
    for face in made.report["faces"]:
        assert sum(face["probabilities"].values()) == pytest.approx(1, abs=0.001)
    assert made.report["caption"]["text"]
    # The caption is on it: white letters with black outlines, whatever is beneath.
    assert (meme >= 230).all(axis=2).any()
    assert (meme <= 25).all(axis=2).any()


@pytest.mark.parametrize(
    "kind", ["darkened to a tenth", "sunglasses", "mirrored", "tilted by 30", "tilted by -45"]
)
def test_the_face_of_a_hard_picture_is_found(kind: str) -> None:
    """In its place: about her nose, where turning and mirroring leave it."""
    (face,) = find_faces(np.ascontiguousarray(HARD[kind]()))
    nose = (512 - 222, 122) if kind == "mirrored" else (222, 122)
    assert (
        np.abs(
            np.array([face.box.left + face.box.width / 2, face.box.top + face.box.height / 2]) - nose
        ).max()
        < 15
    )


def test_each_of_several_people_is_found_and_listed() -> None:
    """Four drawn people side by side, their faces by drawing in the middles of the quarters."""
    photo = draw_people(["anger", "happiness", "surprise", "sadness"], (1600, 400))
    faces = make_meme(saved(Image.fromarray(photo), "PNG"), Options(style="classic", seed=1)).report["faces"]
    boxes = sorted((face["box"] for face in faces), key=lambda box: box["left"])
    middles = [box["left"] + box["width"] / 2 for box in boxes]
    assert middles == pytest.approx([200, 600, 1000, 1400], abs=12)
    areas = [face["box"]["width"] * face["box"]["height"] for face in faces]
    assert areas == sorted(areas, reverse=True)


# What leaks

SECRET = "a place that nobody must know"


def photo_full_of_metadata(form: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET  # ImageDescription
    exif[0x0110] = SECRET  # the camera's model
    exif.get_ifd(0x8825)[29] = SECRET  # GPSDateStamp
    how: dict[str, object] = {
        "exif": exif.tobytes(),
        "icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    }
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>{SECRET}</a></x:xmpmeta>'.encode()
    if form == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET)
        text.add_itxt("XML:com.adobe.xmp", xmp.decode())
        how["pnginfo"] = text
    else:
        how["xmp"] = xmp
    if form == "JPEG":
        how["comment"] = SECRET
    return saved(Image.fromarray(ASTRONAUT), form, **how)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_nothing_but_the_picture_is_in_the_meme(form: str) -> None:
    photo = photo_full_of_metadata(form)
    assert SECRET.encode() in photo
    jpeg = make_meme(photo, Options(style="classic", seed=1)).jpeg
    assert SECRET.encode() not in jpeg
    segments = list(jpeg_segments(jpeg))
    # JFIF's header, tables, the frame and the scan: no EXIF or XMP (E1), ICC (E2), IPTC (ED), comment (FE).
    assert {marker for marker, _ in segments} == {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}
    ((_, jfif),) = [segment for segment in segments if segment[0] == 0xE0]
    assert len(jfif) == 14  # and no thumbnail in it
    assert jfif.startswith(b"JFIF\0")
    scan = jpeg[jpeg.rindex(segments[-1][1]) :]
    assert scan.index(b"\xff\xd9") == len(scan) - 2  # nothing after the end of the image
