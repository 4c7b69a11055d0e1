"""Faces drawn by the tests, plain enough for a tiny network and real enough for the face finder."""

import numpy as np
import numpy.typing as npt

DRAWN = ("happiness", "sadness", "surprise")


def draw_face(size: int, expression: str, rng: np.random.Generator | None = None) -> npt.NDArray[np.uint8]:
    """A grey face, (size, size) uint8, that fills its frame as the face crops do: eyes at .39 of the height,
    mouth at about .78; a smile, a frown or an open mouth. With `rng`, every face differs a little."""
    vary = rng.uniform if rng is not None else lambda low, high: (low + high) / 2
    down, across = np.mgrid[0:size, 0:size].astype(np.float64) / size
    across = across + vary(-0.03, 0.03)
    down = down + vary(-0.03, 0.03)
    skin = vary(120, 180) * np.exp(-(((across - 0.5) / 0.42) ** 4) - ((down - 0.5) / 0.5) ** 4)
    dark = np.zeros_like(skin)
    tall = 0.003 if expression != "surprise" else 0.008
    for eye in (0.3, 0.7):
        dark += vary(90, 130) * np.exp(-((across - eye) ** 2) / 0.006 - (down - 0.39) ** 2 / tall)
    if expression == "surprise":
        dark += 110 * np.exp(-((across - 0.5) ** 2) / 0.01 - (down - 0.78) ** 2 / 0.014)
    else:
        bend = 1.2 if expression == "happiness" else -1.2
        line = down - 0.78 + bend * (across - 0.5) ** 2 - bend * 0.03
        dark += 100 * np.exp(-(line**2) / 0.0015 - ((across - 0.5) / 0.22) ** 4)
    noise = rng.normal(0, 4, skin.shape) if rng is not None else 0
    return np.clip(60 + skin - dark + noise, 0, 255).astype(np.uint8)


def draw_portrait(
    size: int, expression: str, rng: np.random.Generator | None = None
) -> npt.NDArray[np.uint8]:
    """A drawn face in the middle of a darker frame twice its size, (size, size, 3) uint8 RGB."""
    frame = np.full((size, size), 70, np.uint8)
    quarter = size // 4
    frame[quarter : quarter + size // 2, quarter : quarter + size // 2] = draw_face(
        size // 2, expression, rng
    )
    return np.repeat(frame[:, :, None], 3, axis=2)
