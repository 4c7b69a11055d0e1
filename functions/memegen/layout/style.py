"""How a style of meme looks: its text, its greys, and the size of its text in a bar."""

from dataclasses import dataclass

from memegen.text.text_style import TextStyle


@dataclass(frozen=True)
class Style:
    """letters, around, paper: greys from 0, black, to 255, white, of the letters, of the outline around them,
    and of bars and bubbles. in_bar: the largest font size in a bar, a part of the bar's width."""

    text: TextStyle
    letters: int
    around: int
    paper: int
    in_bar: float
