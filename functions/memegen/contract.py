"""What the library, the api, the page and the deployment agree on, read from contract.json.

Terraform and the page read the same file, and openapi.yaml refers to its error codes. Light on purpose, like
everything that the api imports.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

CONTRACT_FILE = Path(__file__).with_name("contract.json")


@dataclass(frozen=True)
class FileType:
    """A kind of file that can be a photo.

    name: what people call it. content_types: media type → the endings of such files' names, in lower case and
        without a dot.
    """

    name: str
    content_types: Mapping[str, Sequence[str]]


_contract = json.loads(CONTRACT_FILE.read_text())
_limits = _contract["limits"]

MAX_PHOTO_BYTES: int = _limits["photo_bytes"]
MAX_PHOTO_PIXELS: int = _limits["photo_pixels"]
"""Of a photo of any type but JPEG."""
MAX_JPEG_PIXELS: int = _limits["jpeg_pixels"]
"""Of a JPEG that can be decoded at a part of its size. A progressive one can't and may have fewer."""
MEME_LONG_SIDE: int = _limits["meme_long_side"]
"""Pixels that the longer side of a meme has at most."""
MAX_CAPTION_CHARACTERS: int = _limits["caption_characters"]
MAX_SEEN_CAPTIONS: int = _limits["seen_captions"]
"""Ids of captions that the option seen may name."""
MAX_OPTIONS_BYTES: int = _limits["options_bytes"]
"""Cloud Storage's limit on an object's custom metadata."""
MAX_REQUEST_BYTES: int = _limits["request_bytes"]
"""Of a body that the api reads."""
MAX_REMIXES: int = _limits["remixes"]
"""Of one photo, by the numbers that were ever given out."""
SHARE_LIFETIME = timedelta(days=_limits["share_days"])
"""How long a link that only shows a meme works at most."""
ANIMATION_LONG_SIDES: Mapping[str, int] = {"webp": _limits["webp_long_side"], "gif": _limits["gif_long_side"]}
"""The kinds of animation, and the pixels that the longer side of one has at most."""
MAX_WEBP_BYTES: int = _limits["webp_bytes"]
"""Of an animation."""

FILE_TYPES = tuple(FileType(kind["name"], kind["content_types"]) for kind in _contract["file_types"])
CONTENT_TYPES = tuple(content_type for kind in FILE_TYPES for content_type in kind.content_types)
ENDINGS = frozenset(
    ending for kind in FILE_TYPES for endings in kind.content_types.values() for ending in endings
)

UPLOAD_URL_LIFETIME = timedelta(minutes=_contract["signed_upload"]["minutes"])
SIGNED_UPLOAD_HEADERS: tuple[str, ...] = tuple(_contract["signed_upload"]["headers"])
"""Every header that an upload URL may sign. The uploads bucket's CORS list must hold each of them."""


def alternatives(names: Sequence[str]) -> str:
    """Two names or more as a sentence lists them: "JPEG, PNG or GIF"."""
    return f"{', '.join(names[:-1])} or {names[-1]}"
