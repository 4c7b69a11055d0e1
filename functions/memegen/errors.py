"""The faults of a photo and its options: what a person can mend by sending something else."""

from typing import Any


def failed_report(code: str, message: str) -> dict[str, Any]:
    """The report in place of a meme that can't be made, as JSON values."""
    return {"status": "failed", "error": {"code": code, "message": message}}


class PhotoError(Exception):
    """A photo or an option that can't become a meme, through a fault of its own.

    `code` is for machines, one of: not-an-image, unsupported-format, too-many-bytes,
    too-many-pixels, damaged-image, bad-option. `str(error)` is one or two sentences for a person:
    what was found, what was expected and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
