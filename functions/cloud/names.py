"""The contract of names: a page upload's id, and what its outputs and its shared copy are called."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass

from memegen.contract import ANIMATION_LONG_SIDES

MAX_NAME_BYTES = 1024  # Cloud Storage's limit on an object name, in UTF-8

# How the names of the page's uploads begin.
PAGE_PREFIX = "web/"

# The sweep's memory in the memes bucket. No upload's output is called so: their endings are others.
SWEEP_STATE = "sweep.state"

_MEME_ENDINGS = {"image/jpeg": ".meme.jpg"} | {
    f"image/{kind}": f".meme.{kind}" for kind in ANIMATION_LONG_SIDES
}

# 16 random bytes are 22 characters of URL-safe base64, the last of which carries two bits only.
_PUBLIC_ID = re.compile(r"([A-Za-z0-9_-]{21}[AQgw])-(0|[1-9][0-9]{0,5})")

# 16 bytes of a hash, written as an id's random ones are.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")

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
        return cls(_written(secrets.token_bytes(16)), 0)

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

    @property
    def token(self) -> str:
        """What stands for the id in a link that only shows the meme: half of its SHA-256, 128 bits.

        It doesn't lead back to the id, whose random bits are as many.
        """
        return _written(hashlib.sha256(str(self).encode()).digest()[:16])


def meme_names(upload_name: str) -> dict[str, str]:
    """Media type → the name of the output of that type: the meme's first, then the animations'."""
    return {media_type: _stem(upload_name) + ending for media_type, ending in _MEME_ENDINGS.items()}


def meme_name(upload_name: str) -> str:
    return meme_names(upload_name)["image/jpeg"]


def report_name(upload_name: str) -> str:
    return f"{_stem(upload_name)}.json"


def is_token(text: str) -> bool:
    """Whether a text has the form of a `MemeId.token`."""
    return _TOKEN.fullmatch(text) is not None


def shared_name(token: str) -> str:
    """What the shared copy of a meme is called.

    No upload's output is called so: those end in .meme.jpg or .json, and a token holds no dot.
    """
    return f"shared/{token}.jpg"


def _stem(upload_name: str) -> str:
    """The upload's name, or a hash of it where an output's name would be too long: all keep one stem.

    A name that looks like such a hash is hashed too, so that no two uploads share an output.
    """
    data = upload_name.encode()
    longest = max(map(len, _MEME_ENDINGS.values()))
    if len(data) + longest <= MAX_NAME_BYTES and not _HASHED.fullmatch(upload_name):
        return upload_name
    return f"sha256-{hashlib.sha256(data).hexdigest()}"


def default_seed(bucket: str, name: str, generation: int) -> int:
    """The caption's seed of an upload that names none: 63 bits, the same at every delivery of its event."""
    digest = hashlib.sha256(f"{bucket}\n{name}\n{generation}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _written(data: bytes) -> str:
    """Bytes as URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
