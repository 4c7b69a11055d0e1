"""How text is set: its fonts, its outline, the gap between its lines, and its case."""

import re
from dataclasses import dataclass

from memegen.text import fonts


@dataclass(frozen=True)
class TextStyle:
    """family: the fonts.
    outline: how wide the outline is, as a part of the font size, or 0 for no outline.
    leading: the gap between the ink of two lines, at least, as a part of the font size.
    capitals: whether the text is set in capitals.
    pitch: how far two baselines are apart at least, as a part of the font size. Small letters need it: lines
        without letters that reach below the baseline would else stand closer than others.
    """

    family: fonts.Family
    outline: float
    leading: float
    capitals: bool
    pitch: float = 0.0

    def outline_at(self, size: int) -> int:
        """The outline's width in pixels for a font of `size` pixels an em."""
        return max(1, round(size * self.outline)) if self.outline else 0


def apply_case(text: str, style: TextStyle, language: str) -> str:
    """The text, in capitals where the style has them, by the rules of its language: a Turkish i becomes İ.

    A text with ı or ğ is Turkish or Azerbaijani whatever the language is said to be: nobody else has them.
    """
    if not style.capitals:
        return text
    if language.lower().split("-")[0] in ("tr", "az") or not _DOTLESS.isdisjoint(text):
        text = text.replace("i", "İ")  # in Turkish and Azerbaijani the i keeps its dot
    kept = iter(_MICRO.findall(text))
    changed = (part.translate(_WITHOUT_ACCENT).upper() for part in _MICRO.split(text))
    return "".join(part + next(kept, "") for part in changed)


# "Micro" and its unit, such as 5 µm, keep their case, because a capital would be another letter or unit. A mu
# in a Greek word is a letter like the others.
_MICRO = re.compile(r"µ[a-zA-Z]{0,2}\b|(?<![Ͱ-Ͽἀ-῿])μ(?![Ͱ-Ͽἀ-῿])[a-zA-Z]{0,2}\b")


_DOTLESS = frozenset("ıİğĞ")

# Greek capitals have no accents, so ά becomes Α.
_WITHOUT_ACCENT = str.maketrans("άέήίόύώΐΰΆΈΉΊΌΎΏ", "αεηιουωϊϋΑΕΗΙΟΥΩ")
