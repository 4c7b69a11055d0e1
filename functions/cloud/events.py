"""What comes in from outside the code: the finalize event and the options that ride on an upload."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from cloudevents.http import CloudEvent

from memegen import Options, PhotoError
from memegen.errors import ErrorCode
from memegen.options import OLD_NAMES

MAX_OPTIONS_BYTES = 8 * 1024  # Cloud Storage's limit on an object's custom metadata

_OPTION_NAMES = (*(field.name for field in fields(Options)), *OLD_NAMES)
_FORMER_OPTIONS = frozenset({"watermark"})  # older uploads still carry them


@dataclass(frozen=True)
class Upload:
    """One finished upload: the object, which of its generations, and when it was finalized (aware)."""

    bucket: str
    name: str
    generation: int
    time: datetime

    @property
    def is_folder(self) -> bool:
        """Whether the name is a folder's placeholder, as consoles and sync tools make them, and no photo."""
        return self.name.endswith("/")


def upload_of(event: CloudEvent) -> Upload:
    """The upload that a `google.cloud.storage.object.v1.finalized` event tells of.

    Raises ValueError for an event that isn't one: the trigger is wired wrongly.
    """
    data = event.data
    try:
        bucket, name, generation = data["bucket"], data["name"], int(data["generation"])
        time = datetime.fromisoformat(event["time"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"The event of type {event['type']!r} isn't a Cloud Storage finalize event: "
            f"{type(error).__name__}: {error}. Its trigger is wired wrongly."
        ) from error
    if time.tzinfo is None:
        raise ValueError("The event's time has no time zone.")
    return Upload(bucket, name, generation, time)


def encode_options(options: Mapping[str, object]) -> str:
    """Options as the value of the metadata entry `options`: base64url of UTF-8 JSON, no padding."""
    text = json.dumps(options, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def options_of(metadata: Mapping[str, str]) -> Options:
    """The options in an upload's custom metadata: its entry `options` if it has one, else plain entries.

    Plain entries are named like the options; in them `\\n` written out stands for a line's end, as in a
    shell. Other entries are somebody else's and are left alone, and an option that MemeGen no longer has is
    ignored. Raises PhotoError with code bad-option.
    """
    if "options" in metadata:
        stored = _decoded(metadata["options"])
        return Options.from_mapping(
            {name: value for name, value in stored.items() if name not in _FORMER_OPTIONS}
        )
    plain: dict[str, object] = {name: metadata[name] for name in _OPTION_NAMES if name in metadata}
    if isinstance(caption := plain.get("caption"), str):
        plain["caption"] = caption.replace("\\n", "\n")
    return Options.from_mapping(plain)


def _decoded(entry: str) -> Mapping[str, object]:
    if len(entry) > MAX_OPTIONS_BYTES:
        raise PhotoError(
            ErrorCode.BAD_OPTION,
            f"The metadata entry options has {len(entry):,} characters; "
            f"at most {MAX_OPTIONS_BYTES:,} are read.",
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
