"""The options that an upload carries in its object metadata."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import fields

from memegen import Options, PhotoError
from memegen.contract import MAX_OPTIONS_BYTES
from memegen.errors import ErrorCode
from memegen.options import OLD_NAMES, with_line_ends

_OPTION_NAMES = (*(field.name for field in fields(Options)), *OLD_NAMES)
_FORMER_OPTIONS = frozenset({"watermark"})  # older uploads still carry them


def encode_options(options: Mapping[str, object]) -> str:
    """Options as the value of the metadata entry `options`: base64url of UTF-8 JSON, no padding."""
    text = json.dumps(options, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def options_of(metadata: Mapping[str, str]) -> Options:
    """The options in an upload's custom metadata: its entry `options` if it has one, else plain entries.

    Plain entries are named like the options. In a plain caption the two characters `\\n` stand for the end of
    a line, as in a shell, and `\\\\n` for itself. Entries of other names belong to other programs and are
    left alone, and an option that MemeGen no longer has is ignored. Raises PhotoError with code bad-option.
    """
    if "options" in metadata:
        stored = _decoded(metadata["options"])
        return Options.from_mapping(
            {name: value for name, value in stored.items() if name not in _FORMER_OPTIONS}
        )
    plain: dict[str, object] = {name: metadata[name] for name in _OPTION_NAMES if name in metadata}
    if isinstance(caption := plain.get("caption"), str):
        plain["caption"] = with_line_ends(caption)
    return Options.from_mapping(plain)


def _decoded(entry: str) -> Mapping[str, object]:
    if len(entry) > MAX_OPTIONS_BYTES:
        raise PhotoError(
            ErrorCode.BAD_OPTION,
            f"The metadata entry options has {len(entry):,} characters; "
            f"the limit is {MAX_OPTIONS_BYTES:,}. Shorten the caption.",
        )
    try:
        padded = entry + "=" * (-len(entry) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise PhotoError(
            ErrorCode.BAD_OPTION,
            "The metadata entry options can't be read; "
            "it must be a JSON object in UTF-8, written as URL-safe base64.",
        )
    return values
