"""The looks a meme can have: letters, colours and where its text stands, a value a style."""

from dataclasses import dataclass

from memegen.text import fonts

_WHITE, _BLACK, _INK = 255, 0, 17


@dataclass(frozen=True)
class Style:
    """family: its fonts. letters, around, paper: greys from 0, black, to 255, white, of the letters, of the
    outline around them, of bars and bubbles. outline: the outline's width, 0 for none; leading: the gap
    between two lines' ink; both are parts of the font size. in_bar: the largest size in a bar, a part of the
    bar's width. capitals: whether the text is set in capitals."""

    family: fonts.Family
    letters: int
    around: int
    paper: int
    outline: float
    leading: float
    in_bar: float
    capitals: bool

    def outline_at(self, size: int) -> int:
        """The outline's width in pixels for a font of `size` pixels an em."""
        return max(1, round(size * self.outline)) if self.outline else 0


# The names are options.STYLES. Where text stands on paper there is no outline: the paper is around it.
_PAPER = Style(fonts.PLAIN, _INK, _WHITE, _WHITE, outline=0.0, leading=0.22, in_bar=0.06, capitals=False)
STYLES = {
    "classic": Style(
        fonts.POSTER, _WHITE, _BLACK, _BLACK, outline=0.065, leading=0.1, in_bar=0.085, capitals=True
    ),
    "bar": _PAPER,
    "bubble": _PAPER,
}


def written(text: str, style: Style, language: str) -> str:
    """The text as the style writes it: in capitals, by the rules of its language, or as it is."""
    if not style.capitals:
        return text
    if language.lower().split("-")[0] in ("tr", "az"):
        text = text.replace("i", "İ")  # their dotted i keeps its dot
    return text.translate(_PLAIN_GREEK).upper()


# Greek capitals have no accents: ά becomes Α.
_PLAIN_GREEK = str.maketrans("άέήίόύώΐΰΆΈΉΊΌΎΏ", "αεηιουωϊϋΑΕΗΙΟΥΩ")
