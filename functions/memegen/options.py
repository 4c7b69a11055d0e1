"""What a person can ask of a meme, checked. Light on purpose: the api checks options with it too."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from unicodedata import category

from memegen.contract import ANIMATION_LONG_SIDES, MAX_CAPTION_CHARACTERS, MAX_SEEN_CAPTIONS
from memegen.errors import ErrorCode, PhotoError

EXPRESSIONS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
AUTO = "auto"
"""The style that MemeGen chooses by the photo."""
DEFAULT_STYLE = AUTO
CANVASES = ("original", "square", "portrait", "story")
TEXT_SIZES = ("small", "medium", "large")
ANIMATIONS = tuple(ANIMATION_LONG_SIDES)
MAX_FACE = 9
MAX_SEED = 2**63 - 1
MAX_VARIANT = 999_999

# Every module in this folder is a style. They are only listed here: importing one would load the fonts.
_STYLES_FOLDER = Path(__file__).parent / "layout" / "styles"
STYLES = tuple(
    sorted(
        (file.stem for file in _STYLES_FOLDER.glob("[!_]*.py")),
        key=lambda name: (name != "classic", name),
    )
)
"""The styles' names: the classic one first, then by the alphabet."""
STYLE_CHOICES = (AUTO, *STYLES)
"""What can be asked for as a style, the default one first."""
MOVING_STYLES = ("subtitle", "zoom")
"""The styles that can be animated."""

# What an option was called before: stored metadata and scripts still say so.
OLD_NAMES = {"turn": "variant"}

_CAPTION_ID = re.compile(r"[A-Za-z0-9-]{1,40}")

# A BCP 47 language tag as far as a caption pack can need one: "en", "hi-IN", "zh-Hant-TW".
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")

# Characters with nothing to see: Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), then the
# blank ones beside it: Braille's without dots, the place of an object, Khitan's filler, the null notehead.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\u2800\ufffc\U00016fe4\U0001d159]"
)


@dataclass(frozen=True)
class Options:
    """The options of one meme; every field has a default.

    language: BCP 47 tag of the caption's language.
    expression: one of EXPRESSIONS, to force it instead of reading it; None reads it.
    caption: own text, 1 to 300 characters, the first newline splits top and bottom; None chooses one.
    style: one of STYLE_CHOICES.
    seed: 0 to 2**63 - 1; the same photo, options and seed give the same meme. None: the caller's default.
    variant: 0 to 999,999; which caption of the seed's permutation of the pack.
    caption_id: the id of a pack's caption, to keep that one; None chooses one. An own text goes before it.
    seen: at most 40 ids of captions that were shown already and are left out while others fit.
    face: 0 to 9, the face that the meme is about, the largest being 0; None: all that belong together.
    canvas: one of CANVASES, the shape to which the meme is padded.
    text_size: one of TEXT_SIZES.
    animate: one of ANIMATIONS, for an animation beside the JPEG; None: none. The style is then one of
        MOVING_STYLES or the one that MemeGen chooses among them.

    Raises PhotoError with code bad-option for a value outside these.
    """

    language: str = "en"
    expression: str | None = None
    caption: str | None = None
    style: str = DEFAULT_STYLE
    seed: int | None = None
    variant: int = 0
    caption_id: str | None = None
    seen: tuple[str, ...] = ()
    face: int | None = None
    canvas: str = "original"
    text_size: str = "medium"
    animate: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.language, str) or not _LANGUAGE_TAG.fullmatch(self.language):
            raise _bad("language", self.language, "a language tag such as en or hi-IN")
        if self.expression is not None and self.expression not in EXPRESSIONS:
            raise _bad("expression", self.expression, f"one of {', '.join(EXPRESSIONS)}")
        _check_choice("style", self.style, STYLE_CHOICES)
        _check_choice("canvas", self.canvas, CANVASES)
        _check_choice("text_size", self.text_size, TEXT_SIZES)
        if self.animate is not None:
            _check_choice("animate", self.animate, ANIMATIONS)
            _check_moves(self.style)
        _check_integer("face", self.face if self.face is not None else 0, MAX_FACE)
        _check_integer("seed", self.seed if self.seed is not None else 0, MAX_SEED)
        _check_integer("variant", self.variant, MAX_VARIANT)
        _check_text("caption", self.caption, MAX_CAPTION_CHARACTERS)
        if self.caption_id is not None and not _is_caption_id(self.caption_id):
            raise _bad(
                "caption_id", self.caption_id, "a caption's id from a meme's report, such as happiness-04"
            )
        if (
            not isinstance(self.seen, tuple)
            or len(self.seen) > MAX_SEEN_CAPTIONS
            or not all(map(_is_caption_id, self.seen))
        ):
            raise _bad(
                "seen",
                self.seen,
                f"at most {MAX_SEEN_CAPTIONS} captions' ids, as a list or with commas between them",
            )

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> "Options":
        """Options from names and values as they come from JSON, object metadata or a command line.

        Whole numbers may be given as text ("7") and ids with commas between them ("a-1,b-2"), since object
        metadata holds only text. Old names are read.
        Raises PhotoError with code bad-option for an unknown name, a bad value or an option given twice.
        """
        values = with_current_names(values)
        known = [field.name for field in fields(cls)]
        for name in values:
            if name not in known:
                raise PhotoError(
                    ErrorCode.BAD_OPTION,
                    f"There is no option {_shown(name)}. The options are {', '.join(known)}.",
                )
        given = {name: value for name, value in values.items() if value is not None}
        for name in ("seed", "variant", "face"):
            value = given.get(name)
            if isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value):
                given[name] = int(value)
        seen = given.get("seen")
        if isinstance(seen, str):
            given["seen"] = tuple(seen.split(",")) if seen else ()
        elif isinstance(seen, list):
            given["seen"] = tuple(seen)
        return cls(**given)  # type: ignore[arg-type]  # __post_init__ checks every value


def with_line_ends(caption: str) -> str:
    """A caption from one line of text, in which the characters \\n stand for the end of a line.

    Two backslashes and an n stand for a backslash and an n.
    """
    return re.sub(r"\\\\n|\\n", lambda found: "\n" if len(found[0]) == 2 else "\\n", caption)


def with_current_names(values: Mapping[str, object]) -> dict[str, object]:
    """Options by their current names.

    Raises PhotoError with code bad-option when an option is given by its old name and by its current one.
    """
    for old, current in OLD_NAMES.items():
        if old in values and current in values:
            raise PhotoError(
                ErrorCode.BAD_OPTION, f"The option {old} is the old name of {current}. Give only {current}."
            )
    return {OLD_NAMES.get(name, name): value for name, value in values.items()}


def _check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    if value not in choices:
        raise _bad(name, value, f"one of {', '.join(choices)}")


def _check_moves(style: str) -> None:
    if style not in (AUTO, *MOVING_STYLES):
        raise PhotoError(
            ErrorCode.BAD_OPTION,
            f"The style {style} can't be animated. Take one of {', '.join((AUTO, *MOVING_STYLES))}, or leave "
            "the option animate out.",
        )


def _check_integer(name: str, value: object, largest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= largest:
        raise _bad(name, value, f"a whole number from 0 to {largest:,}")


def _check_text(name: str, text: object, most: int) -> None:
    if text is None:
        return
    if not isinstance(text, str):
        raise _bad(name, text, "text")
    if len(text) > most:
        raise PhotoError(
            ErrorCode.BAD_OPTION, f"The {name} has {len(text):,} characters; the limit is {most}. Shorten it."
        )
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise PhotoError(
            ErrorCode.BAD_OPTION,
            f"The {name} has a broken character, half of a pair. Write it again.",
        )
    controls = [f"U+{ord(character):04X}" for character in text if _is_control(character)]
    if controls:
        raise PhotoError(
            ErrorCode.BAD_OPTION,
            f"The {name} has the control character {controls[0]}. Leave that out.",
        )
    if all(_is_invisible(character) for character in text):
        raise PhotoError(
            ErrorCode.BAD_OPTION, f"The {name} is empty. Write some text, or leave the option out."
        )


def _is_caption_id(value: object) -> bool:
    return isinstance(value, str) and _CAPTION_ID.fullmatch(value) is not None


def _is_control(character: str) -> bool:
    return category(character) == "Cc" and not character.isspace()


def _is_invisible(character: str) -> bool:
    is_format = category(character) == "Cf"
    return character.isspace() or is_format or _INVISIBLE.fullmatch(character) is not None


def _bad(name: str, found: object, expected: str) -> PhotoError:
    return PhotoError(ErrorCode.BAD_OPTION, f"The option {name} is {_shown(found)}; it must be {expected}.")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
