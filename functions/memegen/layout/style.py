"""How a style of meme looks: its text, its colours, and what it does in bars."""

from dataclasses import dataclass

from memegen.text import fonts
from memegen.text.text_style import TextStyle

Colour = tuple[int, int, int]
"""sRGB, each from 0 to 255."""

BLACK: Colour = (0, 0, 0)
INK: Colour = (17, 17, 17)
WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True)
class Style:
    """text: how the text is set.
    letters, around, paper: the colours of the letters, of the outline around them, and of bars and bubbles.
    in_bar: the usual font size in a bar, as a part of the bar's width; text that fits gets somewhat larger.
    bar_below: whether a caption in bars has its bottom part below the picture. Otherwise all of it is above.
    """

    text: TextStyle
    letters: Colour
    around: Colour
    paper: Colour
    in_bar: float
    bar_below: bool = False


# Text on paper has no outline, because the paper is around it.
ON_PAPER = Style(
    TextStyle(fonts.PLAIN, outline=0.0, leading=0.18, capitals=False, pitch=1.2),
    letters=INK,
    around=WHITE,
    paper=WHITE,
    in_bar=0.06,
)
"""Dark text as it is written, on white paper."""

ON_PICTURE = Style(
    TextStyle(fonts.POSTER, outline=0.065, leading=0.14, capitals=True),
    letters=WHITE,
    around=BLACK,
    paper=BLACK,
    in_bar=0.085,
    bar_below=True,
)
"""White capitals with a black outline, for text on the picture itself."""
