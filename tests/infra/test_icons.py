"""The icons of the installed page: drawn by the tool, and what the manifest and phones ask of them."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from infra.tools import icons

WEB = Path(__file__).parents[2] / "web"
MANIFEST = json.loads((WEB / "manifest.webmanifest").read_text())
YELLOW = (0xFF, 0xD2, 0x3F)


def pixels(name: str) -> np.ndarray:
    return np.asarray(Image.open(WEB / "icons" / name).convert("RGBA")).astype(int)


@pytest.mark.parametrize("name", ["192.png", "512.png", "maskable-512.png", "apple-180.png"])
def test_the_icons_are_those_that_the_tool_draws(name: str):
    drawn = np.asarray(icons.icons()[name].convert("RGBA")).astype(int)
    assert np.abs(pixels(name) - drawn).max() == 0


def test_the_manifest_names_icons_that_there_are_in_their_sizes():
    bitmaps = [icon for icon in MANIFEST["icons"] if icon["type"] == "image/png"]
    assert {icon["sizes"] for icon in bitmaps} >= {"192x192", "512x512"}  # what Chrome asks for
    for icon in bitmaps:
        with Image.open(WEB / icon["src"]) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]
            assert image.format == "PNG"


def test_a_maskable_icon_fills_its_square_and_keeps_the_face_in_the_safe_zone():
    """A circle of 40 per cent of the side around the middle: https://www.w3.org/TR/appmanifest/#icon-masks."""
    [icon] = [icon for icon in MANIFEST["icons"] if icon.get("purpose") == "maskable"]
    image = pixels(Path(icon["src"]).name)
    assert image[..., 3].min() == 255
    rows, columns = np.nonzero((np.abs(image[..., :3] - YELLOW) > 12).any(axis=-1))
    furthest = max(math.hypot(x - 255.5, y - 255.5) for x, y in zip(columns, rows, strict=True))
    assert 0.3 * 512 < furthest <= 0.4 * 512


def test_an_iphones_icon_has_no_transparency():
    image = pixels("apple-180.png")
    assert image.shape == (180, 180, 4)
    assert image[..., 3].min() == 255


def test_other_icons_are_round_at_their_corners():
    image = pixels("512.png")
    assert image[0, 0, 3] == image[511, 511, 3] == 0
    assert image[256, 256, 3] == 255
