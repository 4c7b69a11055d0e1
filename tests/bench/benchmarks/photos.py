"""Photos to measure with: a portrait in the public domain, enlarged, with a camera's noise.

`python -m tests.bench.benchmarks.photos FOLDER` writes all of them into a folder, in a process of its own,
because making a photo takes more memory than its meme.
"""

import io
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import skimage.data
from PIL import Image

from memegen.face.detect import Pixels

# Megapixels → width and height of a 4:3 photo.
SIZES = {0.3: (640, 480), 2: (1632, 1224), 12: (4000, 3000), 24: (5656, 4242), 48: (8000, 6000)}
LARGEST = 48

# The most costly forms of each format that fit into 20 MiB; BMP of more colours would not.
FORMS = (
    "JPEG",
    "JPEG, progressive",
    "JPEG, progressive, CMYK",
    "PNG",
    "PNG, transparent",
    "WebP",
    "WebP, transparent",
    "GIF, transparent",
    "HEIC",
    "HEIC, transparent",
    "AVIF",
    "AVIF, transparent",
    "BMP",
    "TIFF",
    "TIFF, transparent",
)


def write_all(folder: Path) -> None:
    """Writes `jpeg_file` of every size and `form_file` of every form."""
    subprocess.run([sys.executable, "-m", "tests.bench.benchmarks.photos", str(folder)], check=True)


def jpeg_file(folder: Path, megapixels: float) -> Path:
    return folder / f"{megapixels}.jpg"


def form_file(folder: Path, form: str) -> Path:
    return folder / form.replace(", ", "-")


def jpeg_of(megapixels: float) -> bytes:
    """A JPEG of the astronaut Eileen Collins (NASA, as scikit-image ships it) in that many megapixels."""
    width, height = SIZES[megapixels]
    large = _enlarged(width, height, cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).normal(0, 3, (512, 512, 3))
    tiled = np.tile(noise, (height // 512 + 1, width // 512 + 1, 1))[:height, :width]
    grainy = np.clip(large + tiled, 0, 255).astype(np.uint8)
    return saved(Image.fromarray(grainy), "JPEG", quality=88)


def crowd(faces: int) -> Pixels:
    """(1200, 1600, 3) uint8: that many times, up to ten, the astronaut's head on grey.

    So small that the finder is never sure that a head stands upright, and looks at each again, turned.
    """
    head = skimage.data.astronaut()[:300, 75:375]
    canvas = np.full((1200, 1600, 3), 127, np.uint8)
    for place in range(faces):
        down, across = divmod(place, 5)
        canvas[10 + 320 * down :, 10 + 320 * across :][:300, :300] = head
    return canvas


def in_form(form: str, picture: Image.Image) -> bytes:
    """The picture as a file of one of FORMS."""
    name, _, traits = form.partition(", ")
    if traits == "transparent" and name != "GIF":
        alpha = np.full((picture.height, picture.width), 255, np.uint8)
        alpha[: picture.height // 8] = 128
        picture = picture.copy()
        picture.putalpha(Image.fromarray(alpha))
    if form == "JPEG, progressive, CMYK":
        return saved(picture.convert("CMYK"), "JPEG", quality=70, progressive=True)
    if name == "GIF":
        return saved(picture.quantize(64, method=Image.Quantize.FASTOCTREE), "GIF", transparency=3)
    if name == "HEIC":
        out = io.BytesIO()
        pillow_heif.from_pillow(picture).save(out, quality=40, enc_params={"preset": "ultrafast"})
        return out.getvalue()
    if name == "BMP":
        picture = picture.convert("1")
    how: dict[str, dict[str, object]] = {
        "JPEG": {"quality": 80, "subsampling": 0, "progressive": "progressive" in traits},
        "PNG": {"compress_level": 1},
        "WebP": {"quality": 70, "method": 0},
        "AVIF": {"quality": 50, "speed": 10},
        "BMP": {},
        "TIFF": {"compression": "tiff_adobe_deflate"},
    }
    return saved(picture, name, **how[name])


def _enlarged(width: int, height: int, way: int) -> Pixels:
    wide = cv2.copyMakeBorder(skimage.data.astronaut(), 0, 0, 85, 86, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(wide, (width, height), interpolation=way), np.uint8)


def saved(picture: Image.Image, form: str, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **how)
    return out.getvalue()


def _write(folder: Path) -> None:
    for megapixels in SIZES:
        jpeg_file(folder, megapixels).write_bytes(jpeg_of(megapixels))
    # Without noise and in 8 levels a channel, so that files of every form stay below 20 MiB.
    plain = Image.fromarray(_enlarged(*SIZES[LARGEST], cv2.INTER_NEAREST) & 0xE0)
    for form in FORMS:
        form_file(folder, form).write_bytes(in_form(form, plain))


if __name__ == "__main__":
    _write(Path(sys.argv[1]))
