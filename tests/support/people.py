"""People drawn in flat colours, each with an expression that one sees at once and a face that YuNet finds."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]

# Skin, hair, shirt, wall.
PALETTES: tuple[tuple[Colour, Colour, Colour, Colour], ...] = (
    ((236, 188, 150), (70, 45, 30), (60, 110, 160), (214, 226, 232)),
    ((150, 98, 66), (28, 22, 22), (190, 80, 60), (240, 228, 200)),
    ((244, 206, 176), (200, 150, 70), (90, 140, 90), (225, 215, 235)),
    ((200, 150, 110), (30, 25, 25), (120, 80, 140), (210, 230, 215)),
)
# How far down the inner and the outer ends of the brows are; how far open the eyes; the mouth.
LOOKS = {
    "anger": (16, -8, 0.7, "line"),
    "disgust": (10, 0, 0.5, "crooked"),
    "fear": (-18, 4, 1.3, "teeth"),
    "happiness": (0, -4, 0.5, "smile"),
    "neutral": (0, 0, 1.0, "line"),
    "sadness": (-14, 8, 0.8, "frown"),
    "surprise": (-18, -18, 1.4, "round"),
}
LIP, THROAT, INK = (150, 50, 50), (90, 25, 30), (35, 25, 25)
_FINE = 2  # drawn so many times larger and shrunk, for smooth edges


def draw_people(
    expressions: list[str], size: tuple[int, int] = (512, 512), first_palette: int = 0
) -> npt.NDArray[np.uint8]:
    """A picture, (height, width, 3) uint8 RGB, of people side by side, each in colours of their own.

    size: its width and height. A head is half as high as the picture, and lower where many stand in it.
    """
    width, height = size
    image = Image.new("RGB", (width * _FINE, height * _FINE), PALETTES[first_palette % len(PALETTES)][3])
    each = width / len(expressions)
    scale = min(each / 420, height / 570)
    for number, expression in enumerate(expressions):
        middle = (each * (number + 0.5), height - 245 * scale)
        _Pen(image, middle, scale).person(expression, first_palette + number)
    small = image.resize(size, Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(1))
    return np.asarray(small)


class _Pen:
    """Draws in units of a 260th of a head, from a point between the eyes and the nose."""

    def __init__(self, image: Image.Image, middle: tuple[float, float], scale: float) -> None:
        self._draw = ImageDraw.Draw(image)
        self._middle = middle
        self._scale = scale

    def person(self, expression: str, palette: int) -> None:
        skin, hair, shirt, _ = PALETTES[palette % len(PALETTES)]
        shade = _darker(skin, 0.85)
        self._oval(0, -30, 118, 140, hair)
        self._block(-180, 150, 180, 500, 90, shirt)
        self._block(-38, 90, 38, 190, 0, shade)
        for side in (-1, 1):
            self._oval(side * 100, 5, 16, 28, shade)
        self._oval(0, 0, 100, 130, skin)
        self._draw.pieslice(self._box(0, -22, 112, 122), 180, 360, fill=hair)
        self._oval(0, -8, 96, 86, skin)
        self._line([(0, -5), (-9, 32), (6, 34)], _darker(skin, 0.55), 4)
        inner, outer, openness, mouth = LOOKS[expression]
        for side in (-1, 1):
            self._eye(side * 42, 13 * openness)
            self._line([(side * 20, inner - 44), (side * 66, outer - 46)], _darker(hair, 0.7), 9)
        self._mouth(mouth)

    def _eye(self, x: float, height: float) -> None:
        self._oval(x, -12, 21, height, (255, 255, 255))
        self._oval(x, -12, 10, min(height, 11), INK)
        self._oval(x + 3, -15, 3, 3, (255, 255, 255))
        self._draw.arc(self._box(x, -13, 22, height + 1), 190, 350, fill=INK, width=self._wide(3))

    def _mouth(self, shape: str) -> None:
        match shape:
            case "smile":
                self._draw.chord(self._box(0, 55, 48, 36), 5, 175, fill=LIP)
                self._draw.chord(self._box(0, 55, 40, 18), 5, 175, fill=(255, 255, 255))
            case "frown":
                self._draw.arc(self._box(0, 96, 40, 28), 195, 345, fill=LIP, width=self._wide(9))
            case "teeth":
                self._block(-40, 62, 40, 90, 12, LIP)
                self._block(-32, 68, 32, 78, 0, (255, 255, 255))
            case "round":
                self._oval(0, 80, 22, 30, THROAT)
            case "crooked":
                self._line([(-38, 82), (-14, 66), (10, 78), (36, 64)], LIP, 9)
            case "line":
                self._line([(-36, 74), (36, 74)], LIP, 9)

    def _point(self, x: float, y: float) -> tuple[float, float]:
        left, top = self._middle
        return (left + x * self._scale) * _FINE, (top + y * self._scale) * _FINE

    def _box(self, x: float, y: float, across: float, down: float) -> list[float]:
        return [*self._point(x - across, y - down), *self._point(x + across, y + down)]

    def _wide(self, units: float) -> int:
        return max(1, round(units * self._scale * _FINE))

    def _oval(self, x: float, y: float, across: float, down: float, colour: Colour) -> None:
        self._draw.ellipse(self._box(x, y, across, down), fill=colour)

    def _block(
        self, left: float, top: float, right: float, bottom: float, round_by: float, colour: Colour
    ) -> None:
        corners = [*self._point(left, top), *self._point(right, bottom)]
        self._draw.rounded_rectangle(corners, round_by * self._scale * _FINE, fill=colour)

    def _line(self, points: list[tuple[float, float]], colour: Colour, width: float) -> None:
        path = [self._point(*point) for point in points]
        self._draw.line(path, fill=colour, width=self._wide(width), joint="curve")


def _darker(colour: Colour, share: float) -> Colour:
    red, green, blue = (int(level * share) for level in colour)
    return red, green, blue
