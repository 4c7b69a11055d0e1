"""THIRD_PARTY.md names the libraries that the deployed wheels carry."""

import re
from importlib import metadata
from pathlib import Path

import pytest

DOCUMENT = (Path(__file__).parents[2] / "THIRD_PARTY.md").read_text()
# Libraries by the names of their files, and how the table calls them where that differs.
NAMES = {
    "avcodec": "FFmpeg",
    "avformat": "FFmpeg",
    "avutil": "FFmpeg",
    "swresample": "FFmpeg",
    "swscale": "FFmpeg",
    "crypto": "OpenSSL",
    "ssl": "OpenSSL",
    "openblas": "OpenBLAS",
    "png": "libpng",
    "jpeg": "libjpeg-turbo",
    "openjp": "OpenJPEG",
    "freetype": "FreeType",
    "harfbuzz": "HarfBuzz",
    "lcms": "Little CMS",
    "brotlicommon": "Brotli",
    "brotlidec": "Brotli",
    "zstd": "Zstandard",
    "webpdemux": "libwebp",
    "webpmux": "libwebp",
}


def carried(package: str) -> set[str]:
    """The libraries in a wheel's folder of libraries, without \"lib\", version and hash."""
    files = [Path(str(file)) for file in metadata.files(package) or []]
    inside = [file.name for file in files if file.parent.name.endswith(".libs")]
    return {re.match(r"lib([A-Za-z]+)", name)[1] for name in inside}


@pytest.mark.parametrize("package", ["opencv-python-headless", "pillow", "pi-heif", "numpy"])
def test_every_library_that_a_deployed_wheel_carries_is_named(package: str):
    section = DOCUMENT.partition("### What the wheels carry inside")[2].partition("\n## ")[0]
    rows = re.search(rf"^\| {package} .*?(?=^\| \w|\Z)", section, re.MULTILINE | re.DOTALL)
    assert rows is not None
    libraries = carried(package)
    assert len(libraries) >= 2
    missing = [name for name in libraries if NAMES.get(name, name).lower() not in rows[0].lower()]
    assert missing == []
