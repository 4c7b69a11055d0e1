"""The contract of names: a page upload's id, and what the outputs of an upload are called."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass

MAX_NAME_BYTES = 1024  # Cloud Storage's limit on an object name, in UTF-8

# How the names of the page's uploads begin.
PAGE_PREFIX = "web/"

# The sweep's memory in the memes bucket. No upload's output is called so: those end in .meme.jpg or .json.
SWEEP_STATE = "sweep.state"

# 16 random bytes are 22 characters of URL-safe base64, the last of which carries two bits only.
_PUBLIC_ID = re.compile(r"([A-Za-z0-9_-]{21}[AQgw])-(0|[1-9][0-9]{0,5})")

_HASHED = re.compile(r"sha256-[0-9a-f]{64}")


@dataclass(frozen=True)
class MemeId:
    """A page upload: `photo` is its 128 random bits, `n` is 0 for the photo and 1, 2, … for its remixes.

    `str(meme_id)` is the public id. A person who knows it may see and delete the meme, so it's never logged.
    """

    photo: str
    n: int

    @classmethod
    def new(cls) -> "MemeId":
        return cls(base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode(), 0)

    @classmethod
    def parse(cls, text: str) -> "MemeId | None":
        """The id written as `text`, or None for anything else, such as a direct upload's name."""
        match = _PUBLIC_ID.fullmatch(text)
        return cls(match[1], int(match[2])) if match else None

    def __str__(self) -> str:
        return f"{self.photo}-{self.n}"

    @property
    def prefix(self) -> str:
        """What the names of the photo, its remixes and all their outputs start with."""
        return f"{PAGE_PREFIX}{self.photo}/"

    @property
    def upload_name(self) -> str:
        return f"{self.prefix}{self.n}"


def meme_name(upload_name: str) -> str:
    return f"{_stem(upload_name)}.meme.jpg"


def report_name(upload_name: str) -> str:
    return f"{_stem(upload_name)}.json"


def _stem(upload_name: str) -> str:
    """The upload's name, or a hash of it where either output's name would be too long: both keep one stem.

    A name that looks like such a hash is hashed too, so that no two uploads share an output.
    """
    data = upload_name.encode()
    if len(data) + len(".meme.jpg") <= MAX_NAME_BYTES and not _HASHED.fullmatch(upload_name):
        return upload_name
    return f"sha256-{hashlib.sha256(data).hexdigest()}"


def default_seed(bucket: str, name: str, generation: int) -> int:
    """The caption's seed of an upload that names none: 63 bits, the same at every delivery of its event."""
    digest = hashlib.sha256(f"{bucket}\n{name}\n{generation}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
