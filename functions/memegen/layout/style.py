"""How a style of meme looks: its text, its greys, and what it does in bars."""

from dataclasses import dataclass

from memegen.text import fonts
from memegen.text.text_style import TextStyle


@dataclass(frozen=True)
class Style:
    """text: how the text is set.
    letters, around, paper: the greys, from 0 (black) to 255 (white), of the letters, of the outline around
    them, and of bars and bubbles.
    in_bar: the largest font size in a bar, as a part of the bar's width.
    bar_below: whether a caption in bars has its bottom part below the picture. Otherwise all of it is above.
    """

    text: TextStyle
    letters: int
    around: int
    paper: int
    in_bar: float
    bar_below: bool = False


# Text on paper has no outline, because the paper is around it.
ON_PAPER = Style(
    TextStyle(fonts.PLAIN, outline=0.0, leading=0.22, capitals=False),
    letters=17,
    around=255,
    paper=255,
    in_bar=0.06,
)
"""Dark text as it is written, on white paper."""
