"""TIFF whose strips and tiles are JPEGs (TIFF Technical Note 2): what each asks of its decoder."""

import struct

import numpy as np
import pytest

from memegen import PhotoError
from memegen.photo.decode import read_photo
from memegen.photo.jpeg import find_frame
from tests.support.photo_files import BLUE, GREEN, GREY, RED, assert_middles, fields, saved
from tests.support.tiff_files import JPEG, RGB, YCBCR, tiff_file


def jpeg(width: int, height: int, said: tuple[int, int] | None = None, **how: object) -> bytes:
    """A JPEG of the fields, that may say another size."""
    data = bytearray(saved(fields(width, height), "JPEG", **{"quality": 95, **how}))
    at = next(at for at in (data.find(b"\xff\xc0"), data.find(b"\xff\xc2")) if at >= 0)
    if said:
        data[at + 5 : at + 9] = struct.pack(">HH", said[1], said[0])
    return bytes(data)


def tiff(size: tuple[int, int], *parts: bytes, **how: object) -> bytes:
    return tiff_file(*size, parts, **{"samples": 3, "compression": JPEG, "photometric": YCBCR, **how})  # type: ignore[arg-type]


def refusal(data: bytes) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    return str(caught.value.code)


@pytest.mark.parametrize("how", [{}, {"progressive": True}])
def test_strips_and_tiles_of_jpeg_are_read(how: dict) -> None:
    whole = tiff((80, 48), jpeg(80, 48, **how))
    assert_middles(read_photo(whole), [RED, GREEN, BLUE, GREY], within=5)
    tiles = tiff((80, 48), *[jpeg(48, 48, **how)] * 2, tile=(48, 48))
    assert np.abs(read_photo(tiles)[6:18, 6:18].astype(int) - RED).max() <= 6


def test_a_last_strip_that_is_not_cut_down_is_read() -> None:
    """48 rows in strips of 32: the last JPEG has 32 rows too, of which 16 count."""
    data = tiff((80, 48), *[jpeg(80, 32)] * 2, rows=32)
    assert read_photo(data).shape == (48, 80, 3)


@pytest.mark.parametrize("said", [(80, 65_500), (80, 113), (145, 48), (65_500, 65_500)])
@pytest.mark.parametrize("how", [{}, {"progressive": True}])
def test_a_jpeg_that_is_larger_than_its_strip_is_not_decoded(said: tuple[int, int], how: dict) -> None:
    assert refusal(tiff((80, 48), jpeg(80, 48, said, **how))) == "damaged-image"


def test_a_progressive_jpeg_s_coefficients_count_in_a_tiff_too() -> None:
    """8,000 × 8,000: 256 MB of picture and 3 or 6 bytes of coefficients a pixel: 448 or 640 MB of 566."""
    full = jpeg(80, 48, (8000, 8000), progressive=True, subsampling="4:4:4")
    assert refusal(tiff((8000, 8000), full)) == "too-many-pixels"


def test_a_frame_is_found_among_other_segments_and_within_its_bytes_alone() -> None:
    data = jpeg(80, 48)
    found = find_frame(b"before" + data + jpeg(8, 8), 6, 6 + len(data))
    assert found is not None
    assert (found[0].size, found[1]) == ((80, 48), True)
    at = data.index(b"\xff\xda") + 4
    assert find_frame(data[:at] + b"\1" + data[at + 1 :], 0, len(data)) == (found[0], False)
    assert find_frame(data, 0, data.index(b"\xff\xda")) is None
    assert find_frame(b"nothing", 0, 7) is None


def test_segments_before_a_frame_are_counted_in_a_tiff_too() -> None:
    data = jpeg(80, 48)
    assert (
        refusal(tiff((80, 48), data[:2] + b"\xff\xe0\0\2" * 5001 + data[2:], photometric=RGB))
        == "damaged-image"
    )
