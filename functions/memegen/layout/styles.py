"""The styles a meme can have. Their names are options.STYLES, and a test compares the two."""

from memegen.layout.style import Style
from memegen.text import fonts
from memegen.text.text_style import TextStyle

_WHITE, _BLACK, _INK = 255, 0, 17

_POSTER = TextStyle(fonts.POSTER, outline=0.065, leading=0.1, capitals=True)
# Text on paper has no outline: the paper is around it.
_PAPER = Style(
    TextStyle(fonts.PLAIN, outline=0.0, leading=0.22, capitals=False), _INK, _WHITE, _WHITE, in_bar=0.06
)
STYLES = {
    "classic": Style(_POSTER, _WHITE, _BLACK, _BLACK, in_bar=0.085),
    "bar": _PAPER,
    "bubble": _PAPER,
}
