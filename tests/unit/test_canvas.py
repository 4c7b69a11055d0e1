"""Memes padded to another shape, and text of another size."""

import cv2
import numpy as np
import pytest

from memegen.caption.choose import Caption
from memegen.draw import draw_caption
from memegen.geometry import Box
from memegen.layout.canvas import on_canvas
from memegen.layout.layout import lay_out
from memegen.layout.scene import Scene
from memegen.layout.top import top_of
from memegen.options import STYLES

CAPTION = Caption("a", "One per cent battery", "And I’m the one with the tickets", "en")
SHAPES = {"square": 1.0, "portrait": 0.8, "story": 9 / 16}


def scene_of(width: int, height: int, text_scale: float = 1.0) -> Scene:
    face = Box(0.4 * width, 0.3 * height, 0.16 * height, 0.2 * height)
    eyes = (face.left + 0.3 * face.width, face.top + 30), (face.left + 0.7 * face.width, face.top + 30)
    return Scene("", "", width, height, (face,), eyes=(eyes,), text_scale=text_scale)


@pytest.mark.parametrize("canvas", SHAPES)
@pytest.mark.parametrize(("width", "height"), [(1600, 900), (900, 1600), (640, 640)])
@pytest.mark.parametrize("style", [style for style in STYLES if style != "labels"])
def test_a_meme_is_padded_to_its_shape_and_all_of_it_is_kept(
    style: str, width: int, height: int, canvas: str
) -> None:
    scene = scene_of(width, height)
    plain = lay_out(CAPTION, scene, style)
    padded = on_canvas(plain, canvas, 1600)
    # Soft patches of colour, since behind letters over a busy ground the photo is darkened.
    patches = np.random.default_rng(4).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    photo = cv2.resize(patches, (width, height), interpolation=cv2.INTER_LINEAR)
    meme = draw_caption(photo, padded)
    assert max(meme.shape) <= 1600
    assert meme.shape[1] / meme.shape[0] == pytest.approx(SHAPES[canvas], rel=0.01)
    assert padded.picture.width == plain.picture.width
    shown = padded.in_meme(scene.faces[0], width, height)
    small = plain.in_meme(scene.faces[0], width, height)
    assert shown.width == pytest.approx(small.width * padded.shrink)
    assert shown.left >= 0
    assert shown.right <= meme.shape[1]
    if padded.shrink == 1:
        left, top = (padded.width - plain.width) // 2, (padded.height - plain.height) // 2
        box = plain.picture
        before = draw_caption(photo, plain)[box.top : box.bottom, box.left : box.right]
        after = meme[top + box.top : top + box.bottom, left + box.left : left + box.right]
        assert np.array_equal(before, after)


def test_the_padding_has_the_colours_of_the_picture_beside_it() -> None:
    photo = np.zeros((600, 800, 3), np.uint8)
    photo[:300], photo[300:] = (200, 40, 40), (40, 40, 200)
    placement = on_canvas(lay_out(CAPTION, Scene("", "", 800, 600, ()), "classic"), "story", 1600)
    meme = draw_caption(photo, placement)
    assert np.abs(meme[5, 400].astype(int) - (200, 40, 40)).max() < 12
    assert np.abs(meme[-5, 400].astype(int) - (40, 40, 200)).max() < 12


def test_the_original_canvas_changes_nothing() -> None:
    plain = lay_out(CAPTION, scene_of(800, 600), "bar")
    assert on_canvas(plain, "original", 1600) is plain


@pytest.mark.parametrize("style", STYLES)
def test_text_is_smaller_and_larger_on_demand(style: str) -> None:
    if style == "labels":
        return
    small, medium, large = (
        lay_out(CAPTION, scene_of(1200, 900, scale), style).size for scale in (0.75, 1.0, 1.3)
    )
    assert small < medium <= large
    assert style in ("subtitle", "zoom") or medium < large


def test_the_strip_for_a_bubble_stays_as_it_is_and_ends_where_the_padding_begins() -> None:
    rng = np.random.default_rng(11)
    photo = np.clip(rng.normal(170, 8, (1000, 900, 1)), 0, 255).astype(np.uint8).repeat(3, axis=2)
    face = Box(40, 140, 820, 820)
    scene = Scene("", "", 900, 1000, (face,), photo_top=top_of(photo, [face]))
    plain = lay_out(CAPTION, scene, "bubble")
    placement = on_canvas(plain, "square", 4000)
    meme = draw_caption(photo, placement)
    start = (placement.width - plain.width) // 2
    assert plain.top is not None
    assert plain.picture.top > 0
    assert start > 20
    assert np.array_equal(meme[:, start : start + plain.width], draw_caption(photo, plain))
    padding = np.concatenate([meme[:, :start], meme[:, start + plain.width :]], axis=1)
    assert np.abs(padding.astype(int) - 170).max() < 8  # no grain
