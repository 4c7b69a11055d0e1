"""What a batch of training pictures becomes."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

import torch

from training.data.augment import augment, cut_out, moved, recompressed, relit, resampled

SIZE = 48


@pytest.fixture
def pictures() -> torch.Tensor:
    """Two smooth pictures with an edge, as a face has."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    waves = 128 + 60 * np.sin(rows / 7) * np.cos(columns / 5)
    second = np.where(columns > rows, waves / 2, 255 - waves)
    return torch.from_numpy(np.stack([waves, second]).round().astype(np.float32))


def mirrored(pictures: torch.Tensor) -> torch.Tensor:
    return pictures.flip(2)


def placed(pictures: torch.Tensor, mirror=False, turn=0.0, scale=1.0, shift=(0.0, 0.0)) -> torch.Tensor:
    """All pictures moved alike."""
    count = len(pictures)
    return moved(
        pictures,
        torch.full((count,), mirror),
        torch.full((count,), turn),
        torch.full((count,), scale),
        torch.tensor([shift] * count),
    )


def test_a_picture_moved_by_nothing_stays(pictures):
    assert placed(pictures).numpy() == pytest.approx(pictures.numpy(), abs=1e-2)


def test_a_mirrored_picture_is_its_mirror_image(pictures):
    assert placed(pictures, mirror=True).numpy() == pytest.approx(mirrored(pictures).numpy(), abs=1e-2)


def test_a_shift_goes_right_and_down_and_repeats_the_edge(pictures):
    found = placed(pictures, shift=(6 / SIZE, 3 / SIZE)).numpy()
    assert found[:, 3:, 6:] == pytest.approx(pictures.numpy()[:, :-3, :-6], abs=1e-2)
    assert found[:, 3:, 0] == pytest.approx(pictures.numpy()[:, :-3, 0], abs=1e-2)


@pytest.mark.parametrize(("turn", "scale"), [(10.0, 1.0), (0.0, 1.15), (-7.0, 0.9)])
def test_turns_and_scales_are_opencv_s(pictures, turn, scale):
    middle = (SIZE - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), turn, scale)
    expected = [
        cv2.warpAffine(picture, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for picture in pictures.numpy()
    ]
    found = placed(pictures, turn=np.deg2rad(turn), scale=scale).numpy()
    # OpenCV rounds places to a thirty-second of a pixel.
    assert np.abs(found - np.stack(expected)).mean() < 0.3


@pytest.mark.parametrize("quality", [30, 60, 94])
def test_recompression_is_jpeg_s(pictures, quality):
    found = recompressed(pictures, torch.full((2,), float(quality))).numpy()
    for picture, after in zip(pictures.numpy().astype(np.uint8), found, strict=True):
        _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        expected = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE).astype(np.float32)
        # OpenCV's library transforms in whole numbers, so that a step falls the other way here and there.
        assert np.abs(after - expected).mean() < 0.5
        assert np.abs(picture - expected).mean() > 2 * np.abs(after - expected).mean()


def test_each_picture_is_resampled_by_its_own_size(pictures):
    found = resampled(pictures, torch.tensor([20, SIZE])).numpy()
    small = cv2.resize(pictures[0].numpy(), (20, 20), interpolation=cv2.INTER_AREA)
    assert found[0] == pytest.approx(
        cv2.resize(small, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR), abs=1e-2
    )
    assert found[1] == pytest.approx(pictures[1].numpy(), abs=1e-2)


def test_light_is_added_and_contrast_grows_about_the_mean():
    pictures = torch.full((2, 8, 8), 100.0)
    pictures[1, :, :4] = 140.0
    found = relit(pictures, torch.tensor([1.5, 1.5]), torch.tensor([20.0, 0.0]))
    assert found[0].unique().tolist() == [120.0]
    # About the mean of 120: 90 and 150.
    assert found[1].unique().tolist() == [90.0, 150.0]
    assert relit(pictures, torch.ones(2), torch.full((2,), 200.0)).unique().tolist() == [255.0]


def test_a_square_is_cut_out_where_its_corner_says():
    found = cut_out(torch.zeros(2, 8, 8), torch.tensor([[1, 2], [5, 0]]), 3, torch.tensor([9.0, 7.0]))
    expected = torch.zeros(2, 8, 8)
    expected[0, 1:4, 2:5] = 9
    expected[1, 5:8, 0:3] = 7
    assert torch.equal(found, expected)


def test_the_same_seed_gives_the_same_batch_and_another_another(pictures, settings):
    def batch(seed: int) -> torch.Tensor:
        return augment(pictures, settings.augmentation, torch.Generator().manual_seed(seed))

    assert torch.equal(batch(1), batch(1))
    assert not torch.equal(batch(1), batch(2))
    assert batch(1).min() >= 0
    assert batch(1).max() <= 255


def test_at_strength_0_a_picture_is_only_mirrored(pictures, settings):
    still = replace(settings.augmentation, strength=0.0, resample_chance=0.0, jpeg_chance=0.0)
    many = pictures[:1].repeat(200, 1, 1)
    found = augment(many, still, torch.Generator().manual_seed(3)).numpy()
    same = np.abs(found - many.numpy()).max(axis=(1, 2)) < 0.01
    flipped = np.abs(found - mirrored(many).numpy()).max(axis=(1, 2)) < 0.01
    assert (same | flipped).all()
    # 200 throws of a coin: fewer than 70 or more than 130 come once in 25,000 times.
    assert 70 <= flipped.sum() <= 130


def test_chances_and_bounds_are_the_settings(pictures, settings):
    off = {"turn_degrees": 0.0, "scale": 0.0, "contrast": 0.0, "light": 0.0, "resample_chance": 0.0}
    off |= {"jpeg_chance": 0.0, "cutout_chance": 0.0, "shift": 0.0}
    chosen = replace(settings.augmentation, strength=0.5, **off)
    flat = torch.full((1000, SIZE, SIZE), 100.0)
    seed = torch.Generator().manual_seed(5)
    lit = augment(flat, replace(chosen, light=0.2), seed)[:, 0, 0] - 100
    # Half the strength: up to .1 of 255 either way, evenly.
    assert lit.abs().max() == pytest.approx(25.5, abs=0.3)
    assert lit.mean() == pytest.approx(0, abs=25.5 / 3**0.5 / 1000**0.5 * 4)
    cut = augment(flat, replace(chosen, cutout_chance=0.4), seed)
    # 200 of 1,000 expected; the grey of one in 256 is that of the picture.
    assert 150 < int((cut != 100).any(dim=(1, 2)).sum()) < 250
    for name in ("glasses_chance", "hand_chance", "dark_chance"):
        hidden = augment(flat, replace(chosen, **{name: 0.2}), seed)
        assert 150 < int(((hidden - 100).abs() > 1e-3).any(dim=2).any(dim=1).sum()) < 250, name
