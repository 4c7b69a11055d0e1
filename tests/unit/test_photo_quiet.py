"""No photo makes a line on standard output or error; our own lines and a crash's trace still come."""

import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np

from tests.support.photo_files import fields, saved
from tests.support.tiff_files import (
    DEFLATE,
    G3,
    G4,
    G31D,
    JPEG,
    LZMA,
    LZW,
    OLD_JPEG,
    PACKBITS,
    RGB,
    YCBCR,
    ZSTD,
    tiff_file,
)

NOISE = np.random.default_rng(1).integers(0, 256, 60_000, np.uint8).tobytes()
JPEG_STRIP = saved(fields(64, 48), "JPEG")

LOUD = {
    **{
        f"fax {code}": tiff_file(64, 20_000, [NOISE], bits=1, compression=code)
        for code in (G31D, G3, G4)
    },
    **{
        f"broken {code}": tiff_file(64, 4000, [NOISE[:20]] * 4000, compression=code, rows=1)
        for code in (LZW, DEFLATE, PACKBITS, LZMA, ZSTD)
    },
    "wrong sums": tiff_file(64, 9, [zlib.compress(bytes(64))[:-4] + b"oo"] * 9, compression=DEFLATE, rows=1),
    "short strips": tiff_file(64, 500, [zlib.compress(bytes(9))] * 500, compression=DEFLATE, rows=1),
    "JPEG of another size": tiff_file(
        80, 96, [JPEG_STRIP] * 2, samples=3, compression=JPEG, photometric=YCBCR, rows=48
    ),
    "JPEG that is cut off": tiff_file(
        64, 96, [JPEG_STRIP[:400]] * 2, samples=3, compression=JPEG, photometric=RGB, rows=48
    ),
    "JPEG that is none": tiff_file(64, 4000, [NOISE[:60]] * 400, compression=JPEG, rows=10),
    "old JPEG": tiff_file(64, 96, [NOISE[:600]] * 2, samples=3, compression=OLD_JPEG, photometric=YCBCR),
    "65,000 samples": tiff_file(8, 8, [NOISE], tags={277: [65_000]}),
    "tags of other types": tiff_file(8, 8, [NOISE], compression=LZW, tags={278: [1, 2], 339: [9, 9]}),
    "EXIF that is cut off": saved(fields(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01"),
}  # fmt: skip

READER = """
import faulthandler, os, sys
from memegen import PhotoError
from memegen.photo.decode import read_photo
faulthandler.enable()
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        try:
            read_photo(file.read())
        except PhotoError:
            pass
print("our own line", file=sys.stderr)
os.abort()
"""


def test_no_photo_makes_a_line_and_our_own_and_a_crash_s_still_come(tmp_path: Path) -> None:
    for name, data in LOUD.items():
        (tmp_path / name).write_bytes(data)
    paths = [str(tmp_path / name) for name in LOUD]
    done = subprocess.run([sys.executable, "-c", READER, *paths], capture_output=True, text=True, check=False)
    assert done.stdout == ""
    first, second, *_ = done.stderr.splitlines()
    assert first == "our own line"
    assert second == "Fatal Python error: Aborted"


def test_the_files_are_loud_in_a_process_that_does_not_silence_the_decoders(tmp_path: Path) -> None:
    for name, data in LOUD.items():
        (tmp_path / name).write_bytes(data)
    paths = [str(tmp_path / name) for name in LOUD]
    script = """
import contextlib, sys
from PIL import Image
for path in sys.argv[1:]:
    with contextlib.suppress(Exception):
        Image.open(path).load()
"""
    done = subprocess.run([sys.executable, "-c", script, *paths], capture_output=True, text=True, check=False)
    said = done.stderr.splitlines()
    assert len(said) > 20_000
    for part in ("Fax", "ZIP", "JPEGLib", "not yet in table", "More samples"):
        assert any(part in line for line in said), part
