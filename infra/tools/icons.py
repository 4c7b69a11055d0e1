"""`python -m infra.tools.icons` draws the icons of the installed page into web/icons.

They show the face of web/favicon.svg. A maskable icon fills its whole square, since a phone cuts it to a
shape of its own, and keeps the face in the middle: https://www.w3.org/TR/appmanifest/#icon-masks.
"""

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parents[2] / "web" / "icons"
YELLOW, INK, WHITE = "#ffd23f", "#1d1b16", "#ffffff"

_UNITS = 64  # the side of favicon.svg's view box
_FINER = 8  # pixels that are drawn for one, since ImageDraw smooths no edge


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, icon in icons().items():
        icon.save(FOLDER / name, optimize=True)


def icons() -> dict[str, Image.Image]:
    """File name → icon. An iPhone shows no transparency, so its icon fills the square too."""
    return {
        "192.png": _rounded(192),
        "512.png": _rounded(512),
        "maskable-512.png": _filled(512, face=0.9),
        "apple-180.png": _filled(180, face=1.15),
    }


def _rounded(side: int) -> Image.Image:
    """On a square with round corners and a border, transparent around it."""
    icon = Image.new("RGBA", (side * _FINER,) * 2, (0, 0, 0, 0))
    unit = side * _FINER / _UNITS
    ImageDraw.Draw(icon).rounded_rectangle(
        (unit, unit, 63 * unit, 63 * unit), radius=16 * unit, fill=YELLOW, outline=INK, width=round(4 * unit)
    )
    _draw_face(icon, scale=1)
    return _in_few_colours(icon.resize((side, side), Image.Resampling.BOX))


def _filled(side: int, face: float) -> Image.Image:
    """On the whole square. face: how large the face is beside that of the rounded icon."""
    icon = Image.new("RGB", (side * _FINER,) * 2, YELLOW)
    _draw_face(icon, face)
    return _in_few_colours(icon.resize((side, side), Image.Resampling.BOX))


def _draw_face(icon: Image.Image, scale: float) -> None:
    """Two lines of a caption, and between them eyes and a laughing mouth."""
    unit = icon.width / _UNITS * scale
    shift = icon.width * (1 - scale) / 2
    draw = ImageDraw.Draw(icon)

    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        return left * unit + shift, top * unit + shift, right * unit + shift, bottom * unit + shift

    draw.rounded_rectangle(box(12, 12, 52, 18), radius=3 * unit, fill=INK)
    draw.rounded_rectangle(box(17, 49, 47, 55), radius=3 * unit, fill=INK)
    for x in (23, 41):
        draw.ellipse(box(x - 4, 24, x + 4, 32), fill=INK)
    draw.chord(box(18, 23.5, 46, 47.5), start=0, end=180, fill=WHITE, outline=INK, width=round(3 * unit))


def _in_few_colours(icon: Image.Image) -> Image.Image:
    """Flat areas and smooth edges need no more than a palette, which makes the file a third as large."""
    return icon.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
