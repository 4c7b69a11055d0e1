"""Pictures as files: JPEG, PNG, WebP, GIF and animations; and how small photos are enlarged."""

import io

import numpy as np
import pytest
from PIL import Image

from memegen.photo.animation import write_animation
from memegen.photo.encode import write_as, write_jpeg
from memegen.photo.enlarge import enlarge

NOISE = np.random.default_rng(6).integers(0, 256, (300, 400, 3), np.uint8)
SMOOTH = np.asarray(Image.fromarray(NOISE[:6, :8]).resize((400, 300), Image.Resampling.BICUBIC))


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_a_jpeg_is_baseline_has_half_the_colours_resolution_and_tells_nothing_else() -> None:
    image = opened(write_jpeg(SMOOTH))
    assert (image.format, image.size, image.mode) == ("JPEG", (400, 300), "RGB")
    assert [component[1:3] for component in image.layer] == [(2, 2), (1, 1), (1, 1)]  # 4:2:0
    assert "progressive" not in image.info
    assert not image.getexif()
    assert "icc_profile" not in image.info
    assert np.abs(np.asarray(image).astype(int) - SMOOTH).mean() < 2


def test_a_png_loses_nothing() -> None:
    image = opened(write_as(NOISE, "png"))
    assert (image.format, image.info) == ("PNG", {})
    assert np.array_equal(np.asarray(image), NOISE)


def test_a_webp_is_lossy_and_close() -> None:
    data = write_as(SMOOTH, "webp")
    image = opened(data)
    assert image.format == "WEBP"
    assert np.abs(np.asarray(image.convert("RGB")).astype(int) - SMOOTH).mean() < 3
    assert len(data) < len(write_as(SMOOTH, "png")) / 4


def test_a_gif_has_256_colours_and_spreads_what_it_lacks() -> None:
    image = opened(write_as(SMOOTH, "gif"))
    assert image.format == "GIF"
    shown = np.asarray(image.convert("RGB")).astype(int)
    assert 128 < len(np.unique(shown.reshape(-1, 3), axis=0)) <= 256
    assert np.abs(shown - SMOOTH).mean() < 12
    # By dithering the average of each block is nearer than any of the 256 colours.
    blocks = (shown - SMOOTH).reshape(30, 10, 40, 10, 3).mean(axis=(1, 3))
    assert np.abs(blocks).mean() < 2.5


PLAIN = [np.full((60, 80, 3), colour, np.uint8) for colour in ((200, 30, 40), (30, 160, 60), (40, 60, 190))]


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_an_animation_shows_its_frames_for_their_times_and_begins_again(kind: str) -> None:
    image = Image.open(io.BytesIO(write_animation(PLAIN, [100, 250, 400], kind)))
    assert (image.format, image.n_frames, image.size) == (kind.upper(), 3, (80, 60))
    for number, (frame, milliseconds) in enumerate(zip(PLAIN, (100, 250, 400), strict=True)):
        image.seek(number)
        image.load()
        assert image.info["duration"] == milliseconds
        assert np.abs(np.asarray(image.convert("RGB")).astype(int) - frame).max() <= 6
    assert image.info["loop"] == 0  # without end


def test_frames_of_a_gif_share_one_palette_that_has_the_colours_of_all() -> None:
    """Colours that don't change would flicker otherwise. Of eight frames every second is asked for them."""
    frames = [np.full((20, 30, 3), (70 * (n // 2), 30, 255 - 70 * (n // 2)), np.uint8) for n in range(8)]
    for n, frame in enumerate(frames):
        frame[5, n] = 0
    data = write_animation(frames, [100] * 8, "gif")
    image = Image.open(io.BytesIO(data))
    assert image.n_frames == 8
    for number, frame in enumerate(frames):
        image.seek(number)
        shown = np.asarray(image.convert("RGB")).astype(int)
        assert np.abs(shown - frame).max() <= 4


def test_a_webp_past_its_bytes_loses_detail_first_and_pixels_last(monkeypatch) -> None:
    frames = [NOISE, NOISE[::-1].copy()]
    free = write_animation(frames, [100, 100], "webp")
    for share, size in ((0.5, (400, 300)), (0.05, None)):
        monkeypatch.setattr("memegen.photo.animation.MAX_WEBP_BYTES", int(share * len(free)))
        data = write_animation(frames, [100, 100], "webp")
        assert len(data) <= share * len(free)
        image = Image.open(io.BytesIO(data))
        assert image.n_frames == 2
        if size:
            assert image.size == size
        else:
            assert image.width < 400
            assert image.width / image.height == pytest.approx(4 / 3, abs=0.03)


def test_a_webp_takes_the_first_quality_at_which_it_is_small_enough(monkeypatch) -> None:
    """80, 60, 40, 20 and 5, as Pillow writes them itself."""
    images = [Image.fromarray(frame[:90, :120]) for frame in (NOISE, NOISE[::-1])]
    by_quality = {}
    for quality in (80, 60, 40, 20, 5):
        out = io.BytesIO()
        images[0].save(out, "WEBP", save_all=True, append_images=images[1:], duration=100, loop=0,
                       quality=quality, method=3)  # fmt: skip
        by_quality[quality] = out.getvalue()
    for data in by_quality.values():
        monkeypatch.setattr("memegen.photo.animation.MAX_WEBP_BYTES", len(data))
        assert write_animation([np.asarray(image) for image in images], [100, 100], "webp") == data


def test_what_stays_in_a_gif_does_not_flicker_beside_what_changes() -> None:
    ramp = np.zeros((40, 64, 3), np.uint8)
    ramp[:20, :, 0], ramp[:20, :, 1] = np.arange(64) * 4, np.arange(20)[:, None] * 12
    frames = []
    for part in range(3):
        frame = ramp.copy()
        frame[20:, :, part] = np.arange(64) * 4
        frame[20:, :, (part + 1) % 3] = np.arange(20)[:, None] * 12
        frames.append(frame)
    image = Image.open(io.BytesIO(write_animation(frames, [100] * 3, "gif")))
    shown = []
    for number in range(3):
        image.seek(number)
        shown.append(np.asarray(image.convert("RGB"))[:20])
    assert np.array_equal(shown[0], shown[1])
    assert np.array_equal(shown[0], shown[2])


def test_a_jpeg_has_quality_88() -> None:
    """T.81's tables (K.1) by libjpeg's scale of 24 %: 16 and 99 become 4 and 24."""
    table = opened(write_jpeg(SMOOTH)).quantization[0]
    assert (table[0], table[63]) == (4, 24)


@pytest.mark.parametrize(
    ("size", "enlarged"),
    [
        ((240, 300), (480, 600)),
        ((300, 240), (600, 480)),
        ((480, 700), (480, 700)),
        ((479, 700), (480, 701)),
        ((64, 64), (480, 480)),
        ((63, 64), (63, 64)),
        ((64, 63), (64, 63)),
        ((100, 1000), (160, 1600)),
        ((1000, 100), (1600, 160)),
        ((1, 1), (1, 1)),
    ],
)
def test_a_small_photo_gets_a_short_side_of_480_and_a_long_one_of_1600_at_most(size, enlarged) -> None:
    assert enlarge(np.zeros((size[1], size[0], 3), np.uint8)).shape == (enlarged[1], enlarged[0], 3)


def test_an_enlarged_photo_is_smooth_and_keeps_its_edges() -> None:
    step = np.zeros((100, 100, 3), np.uint8)
    step[:, 50:] = 200
    row = enlarge(step)[240, :, 0].astype(int)
    assert (row[:225] <= 3).all()
    assert (row[255:] >= 197).all()
    assert 60 < row[239:241].mean() < 140
    assert row.max() > 203  # Lanczos sharpens an edge; bilinear doesn't
