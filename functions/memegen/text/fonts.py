"""The shipped fonts, and which of them sets a character.

A line may need several fonts: each of its characters takes the first font of the family that has it.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from memegen.errors import ErrorCode, PhotoError
from memegen.text.coverage import covered
from memegen.text.linebreak import graphemes
from memegen.text.shaping import needs_shaping, shaping_available

FOLDER = Path(__file__).parents[1] / "fonts"
EMOJI = "NotoEmoji-Bold.ttf"
_OTHER_SCRIPTS = (
    "Mukta-ExtraBold.ttf",
    "NotoSansTelugu-Bold.ttf",
    "NotoSansHebrew-Bold.ttf",
    "NotoSansArabic-Bold.ttf",
    EMOJI,
    "NotoSansJP-Bold.otf",
    "DejaVuSans-Bold.ttf",
)

Family = tuple[str, ...]
"""Font files, the first choice first. All families have the same characters."""

# Anton is the free font nearest to Impact, in which memes are usually set. Noto Sans, as black and narrow as
# it goes, sets what Anton lacks: Greek and Cyrillic.
POSTER: Family = ("Anton-Regular.ttf", "NotoSans-CondensedBlack.ttf", *_OTHER_SCRIPTS)
PLAIN: Family = ("NotoSans-Bold.ttf", *_OTHER_SCRIPTS, "Anton-Regular.ttf")

# How much further than usual two letters are apart, in ems, so that their outlines leave the white of each by
# itself. None of these fonts sets a script whose letters join.
TRACKING = {POSTER[0]: 0.03, POSTER[1]: 0.03}

_EMOJI_SELECTOR = "\ufe0f"


@lru_cache(maxsize=64)
def load(font: str, size: int) -> ImageFont.FreeTypeFont:
    """The font at `size` pixels an em.

    One object serves all threads, because Pillow holds the interpreter's lock through every call into
    FreeType and a font keeps no state between calls.
    """
    return ImageFont.truetype(FOLDER / font, size)


def with_fonts(clusters: Sequence[str], family: Family) -> list[tuple[str, str]]:
    """Each grapheme cluster of a text with the font that sets it.

    Spaces and punctuation take the font of the cluster before them, unless that is the emoji font, whose
    space is as wide as an emoji.
    """
    found: list[tuple[str, str]] = []
    for cluster in clusters:
        last = found[-1][1] if found else None
        needed = _needed(cluster)
        goes_on = not needed or unicodedata.category(cluster[0])[0] == "P"
        if last and last != EMOJI and goes_on and needed <= covered(last):
            found.append((cluster, last))
        else:
            found.append((cluster, _font_of(cluster, family)))
    return found


def check_covered(name: str, text: str) -> None:
    """Check that the shipped fonts can set a person's own text.

    Raises PhotoError with code bad-option, which names the option `name` and the first five characters that
    no font has: in the sentence with their codes, and each by itself, or by its code where it can't be seen.
    """
    missing = sorted(uncovered(text))[:5]
    if missing:
        shown = ", ".join(map(_named, missing))
        raise PhotoError(
            ErrorCode.BAD_OPTION,
            f"The {name} has characters that MemeGen can't draw: {shown}. Write it without them.",
            [cluster if _can_be_seen(cluster) else _codes(cluster) for cluster in missing],
        )


def _named(cluster: str) -> str:
    """A character as a sentence shows it: itself, where it can be seen, and its code."""
    return f"{cluster} ({_codes(cluster)})" if _can_be_seen(cluster) else _codes(cluster)


def _codes(cluster: str) -> str:
    return " ".join(f"U+{ord(character):04X}" for character in cluster)


def _can_be_seen(cluster: str) -> bool:
    return cluster.isprintable() and not cluster.isspace()


def uncovered(text: str) -> set[str]:
    """The characters of the text that no shipped font can set, alone or with the marks that they carry."""
    missing: set[str] = set()
    for cluster in graphemes(text):
        needed = _needed(cluster)
        if not any(needed <= covered(font) for font in POSTER):
            alone = {chr(code) for code in needed if not any(code in covered(font) for font in POSTER)}
            missing |= alone or {cluster}
        elif not shaping_available():
            missing |= {chr(code) for code in needed if needs_shaping(code)}
    return missing


def _font_of(cluster: str, family: Family) -> str:
    needed = _needed(cluster)
    order = (EMOJI, *family) if _EMOJI_SELECTOR in cluster else family
    return next((font for font in order if needed <= covered(font)), family[0])


def _needed(cluster: str) -> set[int]:
    return {ord(character) for character in cluster if _is_visible(character)}


def _is_visible(character: str) -> bool:
    """Whether a font must have the character, as it need not for spaces, joiners and variation selectors."""
    is_format = unicodedata.category(character) == "Cf"
    return not (character.isspace() or is_format or "\ufe00" <= character <= "\ufe0f")
