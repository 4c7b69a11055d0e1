"""What hides a part of a face: glasses and a hand, drawn over a batch of crops, and too little light.

The glasses have angular lenses; those that `model_export.corruptions` tries the readers with are round.
"""

import torch

# Where the eyes of a crop lie, in parts of its size.
_EYES_ACROSS, _EYES_DOWN = (0.3, 0.7), 0.39


def with_glasses(
    pictures: torch.Tensor,
    lens: torch.Tensor,
    rim: torch.Tensor,
    grey: torch.Tensor,
    tint: torch.Tensor,
    down: torch.Tensor,
) -> torch.Tensor:
    """Pictures (n, size, size), 0 to 255, each with glasses on.

    lens: (n, 2), half the width and height of a lens, in parts of the size. rim: (n,), its thickness in parts
    of the lens. grey: (n,) of the rim, the bridge and the temples. tint: (n,), 0 for clear glass to 1 for
    glass in the rim's grey. down: (n,), how much lower than usual the glasses sit, in parts of the size.
    """
    size = pictures.shape[-1]
    place = (torch.arange(size, device=pictures.device) + 0.5) / size
    below = (place - _EYES_DOWN - down[:, None])[:, :, None] / lens[:, 1, None, None]
    beside = [(place - eye)[None, None, :] / lens[:, 0, None, None] for eye in _EYES_ACROSS]
    # How far from a lens's middle, where 1 is its edge: the larger of both directions makes it a rectangle.
    far = torch.stack([torch.maximum(below.abs(), across.abs()) for across in beside]).amin(0)
    glass = far <= 1 - rim[:, None, None]
    frame = (far <= 1) & ~glass
    outside = torch.stack([across.abs() for across in beside]).amin(0) > 1
    bar = outside & ((below * lens[:, 1, None, None]).abs() <= 0.5 / size)
    grey, tint = grey[:, None, None], tint[:, None, None]
    seen = torch.where(glass, pictures * (1 - tint) + grey * tint, pictures)
    return torch.where(frame | bar, grey, seen)


def with_hand(
    pictures: torch.Tensor, centre: torch.Tensor, axes: torch.Tensor, grey: torch.Tensor
) -> torch.Tensor:
    """Pictures (n, size, size), each with an ellipse of skin over it, as a hand before the face is.

    centre: (n, 2), down and across; axes: (n, 2), half the height and width; both in parts of the size. grey:
    (n,), the skin's, which is a quarter darker at the ellipse's edge.
    """
    size = pictures.shape[-1]
    place = (torch.arange(size, device=pictures.device) + 0.5) / size
    down = ((place - centre[:, :1]) / axes[:, :1])[:, :, None]
    across = ((place - centre[:, 1:]) / axes[:, 1:])[:, None, :]
    far = down**2 + across**2
    return torch.where(far <= 1, grey[:, None, None] * (1 - 0.25 * far), pictures)


def darkened(pictures: torch.Tensor, gamma: torch.Tensor) -> torch.Tensor:
    """Pictures (n, size, size), 0 to 255, to the power of `gamma` (n,): over 1 darkens all but white."""
    return 255 * (pictures / 255) ** gamma[:, None, None]
