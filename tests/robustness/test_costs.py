"""The costliest files, a part of the matrix of `make fuzz`: the bounds are the product's own."""

from pathlib import Path

import pytest

from tests.bench.fuzz.bounds import BOUNDS
from tests.bench.fuzz.costs import MOST_MIB, MOST_SECONDS
from tests.support.costly.fresh import cost_of
from tests.support.costly.kinds import kinds
from tests.support.costly.shapes import MOST_BYTES

# Name → whether it becomes a meme.
CHOSEN = {
    "JPEG of 200 megapixels": True,
    "JPEG progressive, 4:2:0, 175 megapixels": True,
    "JPEG progressive, CMYK, 66 megapixels": True,
    "JPEG progressive, 4:4:4, 200 megapixels": False,
    "JPEG of three scans, 200 megapixels": False,
    "JPEG of 98 scans, 50 megapixels": True,
    "JPEG of empty segments": False,
    "JPEG of EXIF in 4,000 pieces": True,
    "JPEG of 2,000 faces": True,
    "PNG of 1 bit, 1 × 65,000,000": False,
    "PNG 1 × 20,000,000, 8 bits of colour type 6": True,
    "PNG of colour and alpha, 65,000,000 × 1": False,
    "PNG of 16 bits of grey with a transparent one, square": True,
    "PNG of 16 bits of colour and alpha, square, interlaced": True,
    "PNG of unknown chunks": False,
    "APNG of empty frames, square": True,
    "APNG of empty frames, 1 × 6,000,000": True,
    "WebP, lossless with alpha, square": True,
    "WebP of tiny empty frames": True,
    "GIF of one comment": True,
    "GIF of tiny empty frames": True,
    "BMP of unpacked runs": True,
    "BMP of unpacked runs, 4 bits": True,
    "BMP of long runs, 65,000,000 × 1": True,
    "TIFF of colour and alpha, square, all rows a strip": True,
    "TIFF of 16 bits of colour in planes, square": True,
    "TIFF, fax 3, 64 × 1,000,000, 1,000,000 rows a strip": True,
    "TIFF of strips over each other": False,
    "TIFF of a progressive JPEG taller than its strip": False,
    "TIFF of a progressive JPEG, 8,000 × 8,000": True,
    "TIFF of JPEG in 90,000 tiles of 16": False,
    "TIFF of 3,000 tags of all the file": True,
    "HEIC of tiles, square": True,
    "HEIC of tiles of 64": False,
    "HEIC of tiles of 10 bits, 4:4:4, that says 8 and 4:2:0": False,
    "HEIC whose alpha has 196 megapixels": False,
    "HEIC on a canvas of 400 megapixels that says 100 × 100": False,
    "AVIF, square, 4:4:4": True,
    "AVIF with alpha, square": True,
    "AVIF that says 100 × 100": False,
}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", CHOSEN)
def test_a_costly_file_stays_within_the_bounds(name: str, tmp_path: Path) -> None:
    data = kinds()[name]()
    assert len(data) <= MOST_BYTES
    photo = tmp_path / "photo"
    photo.write_bytes(data)
    cost = cost_of(photo)
    assert cost.outcome.startswith("meme") == CHOSEN[name], cost.outcome
    assert cost.mib <= MOST_MIB
    assert cost.seconds <= MOST_SECONDS
    assert cost.said == ""


def test_every_bound_has_files_that_are_made() -> None:
    assert {name for names in BOUNDS.values() for name in names} <= set(kinds())
