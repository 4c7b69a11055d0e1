"""Foreign bytes are decoded by Pillow and pi-heif alone: OpenCV sees pixels, never a file's bytes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from memegen.photo.decode import read_photo
from memegen.photo.encode import write_jpeg
from tests.support.photo_files import fields, saved

FUNCTIONS = Path(__file__).parents[2] / "functions"
SOURCES = {path: ast.parse(path.read_text()) for path in sorted(FUNCTIONS.rglob("*.py"))}

# All of OpenCV that the functions may use: on pixels, but for FaceDetectorYN, which reads the shipped model.
PIXELS = {
    "addWeighted",
    "add",
    "blur",
    "circle",
    "copyMakeBorder",
    "cvtColor",
    "dilate",
    "erode",
    "fillPoly",
    "flip",
}
PIXELS |= {
    "getStructuringElement",
    "multiply",
    "resize",
    "rotate",
    "transform",
    "transpose",
    "warpAffine",
    "convertScaleAbs",
    "distanceTransform",
    "merge",
    "findContours",
    "drawContours",
    "magnitude",
    "Sobel",
    "subtract",
    "GaussianBlur",
    "setNumThreads",
}
SHIPPED = {"FaceDetectorYN"}
CONSTANT = re.compile("[A-Z][A-Z0-9_]+")

# What in OpenCV decodes pictures or films.
DECODES = re.compile("im(read|decode|count).*|VideoCapture|ImageCollection|Animation")


def used_of(module: str) -> Iterator[tuple[Path, str]]:
    """Each attribute of `module` that the functions name, with the file."""
    for path, tree in SOURCES.items():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == module
            ):
                yield path, node.attr


def test_the_functions_use_of_opencv_what_works_on_pixels():
    used = {name for _, name in used_of("cv2") if not CONSTANT.fullmatch(name)}
    assert "resize" in used
    assert used <= PIXELS | SHIPPED
    assert not any(DECODES.fullmatch(name) for name in used)


def test_nothing_gets_at_opencv_in_another_way():
    for path, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                assert not any(
                    each.name.startswith("cv2.") or (each.name == "cv2" and each.asname)
                    for each in node.names
                )
            elif isinstance(node, ast.ImportFrom):
                assert (node.module or "").partition(".")[0] != "cv2", path
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                given = [each.id for each in node.args if isinstance(each, ast.Name)]
                assert not (node.func.id in ("getattr", "vars") and "cv2" in given), path
                assert node.func.id not in ("eval", "exec", "__import__"), path


def test_the_pattern_knows_opencvs_decoders():
    found = {name for name in dir(cv2) if DECODES.fullmatch(name)}
    assert found >= {"imdecode", "imread", "imdecodemulti", "imreadmulti", "imcount", "VideoCapture"}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF", "BMP", "TIFF"])
def test_every_format_is_read_without_opencvs_decoders(form: str, monkeypatch: pytest.MonkeyPatch):
    data = saved(fields(), form)

    def refuse(*_arguments: object, **_more: object) -> None:
        raise AssertionError("OpenCV was given a file's bytes")

    for name in [name for name in dir(cv2) if DECODES.fullmatch(name)]:
        monkeypatch.setattr(cv2, name, refuse)
    pixels = read_photo(data)
    assert pixels.shape == (48, 80, 3)
    assert write_jpeg(pixels)[:3] == b"\xff\xd8\xff"


def test_pillow_is_asked_for_the_known_formats_alone() -> None:
    """Image.open tries each of Pillow's forty, many of them hardly ever used: each reader names its own."""
    called = {
        ast.unparse(node.func)
        for tree in SOURCES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assert not {name for name in called if name.endswith(("Image.open", "Image.preinit", "Image.init"))}
    readers = {name for name in called if name.endswith("ImageFile")}
    assert readers == {"JpegImageFile", "PngImageFile", "GifImageFile", "BmpImageFile", "TiffImageFile"}
