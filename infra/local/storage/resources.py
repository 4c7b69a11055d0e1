"""What an object is, apart from how it is stored: its resource, preconditions, digests, and rules for names.

The rules: https://cloud.google.com/storage/docs/objects (names), .../docs/metadata (what can be set, 8 KiB of
custom metadata) and .../docs/request-preconditions.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from infra.local.storage.blobs import Blob
from infra.local.storage.errors import StorageError

WRITABLE = (
    "cacheControl",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "contentType",
    "customTime",
    "metadata",
)
"""The attributes of an object resource that a client can set."""

LONGEST_NAME = 1024
MOST_METADATA = 8 * 1024


@dataclass(frozen=True)
class StoredObject:
    """An object at one moment. `created` and `updated` are RFC 3339 in UTC, `attributes` of WRITABLE."""

    bucket: str
    name: str
    generation: int
    metageneration: int
    created: str
    updated: str
    content: Blob
    attributes: Mapping[str, Any]

    @property
    def etag(self) -> str:
        return base64.b64encode(f"{self.generation}/{self.metageneration}".encode()).decode()

    @property
    def content_type(self) -> str:
        return str(self.attributes.get("contentType") or "application/octet-stream")

    @property
    def metadata(self) -> Mapping[str, str]:
        return self.attributes.get("metadata") or {}

    def resource(self, api_url: str) -> dict[str, Any]:
        """The JSON API's object resource, also the data of a finalize event."""
        path = f"storage/v1/b/{self.bucket}/o/{quote(self.name, safe='')}"
        return {
            "kind": "storage#object",
            "id": f"{self.bucket}/{self.name}/{self.generation}",
            "selfLink": f"{api_url}/{path}",
            "mediaLink": f"{api_url}/download/{path}?generation={self.generation}&alt=media",
            "name": self.name,
            "bucket": self.bucket,
            "generation": str(self.generation),
            "metageneration": str(self.metageneration),
            "storageClass": "STANDARD",
            "size": str(self.content.size),
            "md5Hash": self.content.md5,
            "crc32c": self.content.crc32c,
            "etag": self.etag,
            "timeCreated": self.created,
            "updated": self.updated,
            "timeStorageClassUpdated": self.created,
            **self.attributes,
            "contentType": self.content_type,
        }


@dataclass(frozen=True)
class Preconditions:
    """Conditions on the object that is there now. The generation 0 means that there is none."""

    generation: int | None = None
    not_generation: int | None = None
    metageneration: int | None = None
    not_metageneration: int | None = None

    def check(self, current: StoredObject | None, reading: bool = False) -> None:
        generation = current.generation if current else 0
        metageneration = current.metageneration if current else 0
        if (self.generation is not None and self.generation != generation) or (
            self.metageneration is not None and self.metageneration != metageneration
        ):
            raise StorageError(
                "PreconditionFailed", "At least one of the pre-conditions you specified did not hold."
            )
        if (self.not_generation is not None and self.not_generation == generation) or (
            self.not_metageneration is not None and self.not_metageneration == metageneration
        ):
            raise StorageError(
                "NotModified" if reading else "PreconditionFailed",
                "At least one of the pre-conditions you specified did not hold.",
            )


ALWAYS = Preconditions()


@dataclass(frozen=True)
class Digests:
    """The digests that the client gave for the content, in base64; None for one that it did not give."""

    md5: str | None = None
    crc32c: str | None = None

    def check(self, content: Blob) -> None:
        if self.md5 not in (None, content.md5) or self.crc32c not in (None, content.crc32c):
            raise StorageError(
                "BadDigest", "The MD5 or CRC32C you specified did not match what we received; send it again."
            )


UNKNOWN = Digests()


def check_name(name: str) -> None:
    """Raises StorageError if Cloud Storage does not allow this name for an object."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        raise StorageError("InvalidArgument", "An object name must be valid Unicode.") from None
    if size > LONGEST_NAME:
        raise StorageError(
            "KeyTooLong", f"The object name has {size} bytes in UTF-8; at most {LONGEST_NAME} are allowed."
        )
    if not name or name in (".", "..") or name.startswith(".well-known/acme-challenge/"):
        raise StorageError("InvalidArgument", f"{name!r} is no allowed object name.")
    if "\r" in name or "\n" in name:
        raise StorageError(
            "InvalidArgument", "An object name must not hold a carriage return or a line feed."
        )


def only_writable(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: attributes[key] for key in WRITABLE if key in attributes}


def writable(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that a client can set, checked; raises StorageError."""
    kept = {key: value for key, value in only_writable(attributes).items() if value is not None}
    metadata = kept.get("metadata", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise StorageError("InvalidArgument", "Custom metadata must be an object of strings.")
    if not all(isinstance(value, str) for key, value in kept.items() if key != "metadata"):
        raise StorageError("InvalidArgument", f"Each of {', '.join(WRITABLE[:-1])} must be a string.")
    size = sum(len(part.encode(errors="replace")) for entry in metadata.items() for part in entry)
    if size > MOST_METADATA:
        raise StorageError(
            "MetadataTooLarge", f"The custom metadata has {size} bytes; at most {MOST_METADATA} are allowed."
        )
    return kept


def merge_patch(old: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """JSON merge patch (RFC 7396)."""
    merged = dict(old)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = merge_patch(merged.get(key) or {}, value)
        else:
            merged[key] = value
    return merged


def timestamp(microseconds: int) -> str:
    """Microseconds since 1970 as RFC 3339 in UTC, with milliseconds."""
    moment = datetime.fromtimestamp(microseconds // 1_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{microseconds % 1_000_000 // 1000:03d}Z"
