"""Glasses, hands and darkness, worked out by hand on small pictures."""

import pytest

pytest.importorskip("torch", reason="training packages are not installed: make setup-training")

import torch

from training.data.occluders import darkened, with_glasses, with_hand

SIZE = 100


def worn(tint: float) -> torch.Tensor:
    """White pictures of 100 pixels with glasses: lenses 30 wide and 20 high, and rims of 3 and 2 pixels."""
    return with_glasses(
        torch.full((1, SIZE, SIZE), 255.0),
        lens=torch.tensor([[0.15, 0.1]]),
        rim=torch.tensor([0.2]),
        grey=torch.tensor([20.0]),
        tint=torch.tensor([tint]),
        down=torch.tensor([0.0]),
    )[0]


def test_clear_glasses_are_rims_around_the_eyes_a_bridge_and_temples():
    seen = worn(0.0)
    for eye in (30, 70):
        assert seen[39, eye] == 255  # through the glass
        assert seen[39 - 10, eye] == 20  # the upper rim, whose edge is ten pixels above the eye
        assert seen[39, eye - 15] == 20
        assert seen[39 - 12, eye] == 255  # above the glasses
    assert seen[38:40, 50].min() == 20  # the bridge
    assert seen[38:40, 5].min() == 20  # a temple
    assert (seen[60:] == 255).all()


def test_dark_glasses_hide_the_eyes():
    assert worn(1.0)[39, 30] == 20
    assert worn(0.5)[39, 70] == pytest.approx((255 + 20) / 2)


def test_glasses_sit_lower_by_the_given_part():
    lower = with_glasses(
        torch.full((1, SIZE, SIZE), 255.0),
        lens=torch.tensor([[0.15, 0.1]]),
        rim=torch.tensor([0.2]),
        grey=torch.tensor([20.0]),
        tint=torch.tensor([0.0]),
        down=torch.tensor([0.05]),
    )[0]
    assert torch.equal(lower[5:], worn(0.0)[:-5])


def test_a_hand_is_an_ellipse_that_is_darker_at_its_edge():
    seen = with_hand(
        torch.zeros(1, SIZE, SIZE),
        centre=torch.tensor([[0.605, 0.505]]),
        axes=torch.tensor([[0.3, 0.2]]),
        grey=torch.tensor([160.0]),
    )[0]
    assert seen[60, 50] == pytest.approx(160)
    assert seen[60, 65] == pytest.approx(160 * (1 - 0.25 * (15 / 20) ** 2))
    assert seen[60, 71] == 0
    assert seen[89, 50] > 0
    assert seen[91, 50] == 0


def test_a_gamma_darkens_each_picture_by_its_own_power():
    found = darkened(torch.full((2, 1, 1), 127.5), torch.tensor([1.0, 2.0]))
    assert found.flatten().tolist() == pytest.approx([127.5, 63.75])
