"""HEIC that is put together on a canvas: its own bytes tell how large that is, whatever its extent says."""

import pytest

from memegen import PhotoError
from memegen.photo.boxes import read_items
from memegen.photo.decode import read_photo
from tests.support.costly.heif import heic_grid, on_canvas


def test_a_picture_laid_on_a_canvas_is_read() -> None:
    pixels = read_photo(on_canvas(b"iovl", (600, 700), (600, 700)))
    assert pixels.shape == (700, 600, 3)
    assert abs(pixels[100, 100].astype(int) - (120, 30, 99)).max() <= 4  # the tile's colour


@pytest.mark.parametrize("kind", [b"iovl", b"grid"])
def test_a_canvas_counts_as_large_as_it_is(kind: bytes) -> None:
    data = on_canvas(kind, (20_000, 15_000), (100, 100))
    items = read_items(data)
    assert items.size == (20_000, 15_000)
    assert items.work() == (1, 20_000 * 15_000)
    with pytest.raises(PhotoError) as caught:
        read_photo(data)
    assert caught.value.code == "too-many-pixels"


def test_a_phone_s_grid_counts_as_before() -> None:
    items = read_items(heic_grid((1000, 700), 256))
    assert items.size == (1000, 700)
    assert items.work() == (12, 12 * 256 * 256)
