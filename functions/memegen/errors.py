"""Errors of a photo or its options: what people can fix by sending something else."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    """Why there is no meme, for machines. The values stand in contract.json, and so in openapi.yaml."""

    NOT_AN_IMAGE = "not-an-image"
    UNSUPPORTED_FORMAT = "unsupported-format"
    TOO_MANY_BYTES = "too-many-bytes"
    TOO_MANY_PIXELS = "too-many-pixels"
    DAMAGED_IMAGE = "damaged-image"
    BAD_OPTION = "bad-option"
    GAVE_UP = "gave-up"
    """The only one that is not the upload's error: our side failed for so long that the event expired."""


class PhotoError(Exception):
    """A photo or an option that can't become a meme.

    `str(error)` is one or two sentences for people: what was found, what was expected and what to do.
    `characters` are those of a person's own text that can't be drawn, where that is the error.
    """

    def __init__(self, code: ErrorCode, message: str, characters: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = ErrorCode(code)
        self.characters = tuple(characters)


def failed_report(code: str, message: str, characters: Sequence[str] = ()) -> dict[str, Any]:
    """The report in place of a meme that can't be made, as JSON values."""
    error: dict[str, Any] = {"code": code, "message": message}
    if characters:
        error["characters"] = list(characters)
    return {"status": "failed", "error": error}
