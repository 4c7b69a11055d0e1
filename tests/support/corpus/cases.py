"""A case of bad input: the bytes and options that go in, and what must come out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

# The codes of all errors that a photo's bytes can cause.
ANY_CODE = frozenset(
    {"not-an-image", "unsupported-format", "too-many-bytes", "too-many-pixels", "damaged-image"}
)


@dataclass(frozen=True)
class Picture:
    """A picture that must be shown. A part that is None isn't known beforehand.

    size: width and height of the decoded photo. pixels: (height, width, 3) uint8 sRGB, from which each level
    of the photo may differ by `within`; where: (height, width) bool, the pixels for which that holds.
    """

    size: tuple[int, int] | None = None
    pixels: np.ndarray | None = None
    within: int = 0
    where: np.ndarray | None = None

    @classmethod
    def exactly(cls, pixels: np.ndarray) -> "Picture":
        return cls((pixels.shape[1], pixels.shape[0]), pixels)


@dataclass(frozen=True)
class Case:
    """data and options go in. What comes out is a photo error with one of `codes`, or a meme: of a photo that
    shows `picture`, with `caption` on it if that isn't None. Without a picture it must be an error."""

    data: bytes
    codes: frozenset[str] = frozenset()
    picture: Picture | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    caption: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came out: an error's code; or else the photo's pixels (where they can be seen), the caption, and
    the meme's width and height by its report and by its file. crash: what no input may cause, such as an
    exception of another type or the end of the process."""

    code: str | None = None
    pixels: np.ndarray | None = None
    caption: str | None = None
    reported: tuple[int, int] | None = None
    drawn: tuple[int, int] | None = None
    crash: str | None = None


def complaint(case: Case, outcome: Outcome) -> str | None:
    """What is wrong with the outcome, or None if it's as the case states."""
    if outcome.crash is not None:
        return outcome.crash
    if outcome.code is not None:
        return None if outcome.code in case.codes else f"ended as {outcome.code}, not as {_expected(case)}"
    if case.picture is None:
        return f"became a meme, not {_expected(case)}"
    if outcome.reported != outcome.drawn:
        return f"its report says {outcome.reported} and its file is {outcome.drawn}"
    if case.caption not in (None, outcome.caption):
        return f"its caption is {outcome.caption!a}, not {case.caption!a}"
    return None if outcome.pixels is None else _difference(case.picture, outcome.pixels)


def _expected(case: Case) -> str:
    return " or ".join(sorted(case.codes) + (["a meme"] if case.picture else []))


def _difference(expected: Picture, pixels: np.ndarray) -> str | None:
    height, width = pixels.shape[:2]
    if expected.size not in (None, (width, height)):
        return f"its photo is {width} × {height}, not {expected.size}"
    if expected.pixels is None:
        return None
    levels = np.abs(pixels.astype(int) - expected.pixels).max(axis=2)
    off = levels > expected.within
    if expected.where is not None:
        off &= expected.where
    if not off.any():
        return None
    return f"{off.sum()} of its pixels are wrong, by up to {levels[off].max()}"
