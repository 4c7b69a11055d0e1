"""Links that only show a meme: each leads to a copy under a name that doesn't tell the meme's id.

Whoever has an id may delete the meme, so it goes into no link. The copy's name holds a hash of it instead,
and its metadata what a page says of the picture. A copy ends when its owner revokes it or deletes the meme,
with the meme's own time, and at the latest after SHARE_LIFETIME (infra/terraform/memegen/buckets.tf).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cloud.names import MemeId, is_token, meme_name, report_name, shared_name
from cloud.storage import Bucket, NotFound, PreconditionFailed, StoredObject
from memegen.contract import MAX_PHOTO_BYTES, SHARE_LIFETIME


@dataclass(frozen=True)
class SharedMeme:
    """What a link's page says of its picture.

    caption: in one line. language: BCP 47 tag of caption and alt_text. width, height: pixels.
    """

    caption: str
    language: str
    alt_text: str
    width: int
    height: int

    @classmethod
    def of_report(cls, report: Mapping[str, Any]) -> "SharedMeme | None":
        """What a report says of its meme, or None if it's no report of a finished one."""
        try:
            caption, meme = report["caption"], report["meme"]
            return cls(
                caption=" / ".join(_one_line(part) for part in caption["text"].split("\n")),
                language=str(caption["language"]),
                alt_text=_one_line(report["alt_text"]),
                width=int(meme["width"]),
                height=int(meme["height"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    @classmethod
    def of_metadata(cls, metadata: Mapping[str, str]) -> "SharedMeme | None":
        """What `metadata` wrote, or None for the metadata of another program's object."""
        try:
            return cls(
                caption=metadata["caption"],
                language=metadata["language"],
                alt_text=metadata["alt-text"],
                width=int(metadata["width"]),
                height=int(metadata["height"]),
            )
        except (KeyError, ValueError):
            return None

    @property
    def metadata(self) -> dict[str, str]:
        """As the copy's custom metadata: no line ends, since a bucket may serve the values as headers."""
        return {
            "caption": self.caption,
            "language": self.language,
            "alt-text": self.alt_text,
            "width": str(self.width),
            "height": str(self.height),
        }


class Shares:
    """The shared copies in the memes bucket. `clock` is for tests."""

    def __init__(self, memes: Bucket, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._memes = memes
        self._clock = clock

    def make(self, meme_id: MemeId, report: Mapping[str, Any]) -> bool:
        """Makes the meme's shared copy unless it has one. False if there is no finished meme (any more)."""
        shared = SharedMeme.of_report(report)
        meme = self._memes.find(meme_name(meme_id.upload_name))
        if shared is None or meme is None:
            return False
        name = shared_name(meme_id.token)
        found = self._memes.find(name)
        if found is None or not self._is_current(found):
            try:
                self._memes.copy(
                    meme,
                    name,
                    shared.metadata,
                    replaces=found.generation if found else 0,
                    custom_time=meme.created,
                )
            except PreconditionFailed:
                pass  # another request made it at the same time
            except NotFound:
                return False
        # A deletion removes the report before it removes the copy, so one of the two sees the other.
        if self._memes.find(report_name(meme_id.upload_name)) is None:
            self._memes.delete(name)
            return False
        return True

    def revoke(self, meme_id: MemeId) -> None:
        """Removes the meme's shared copy, if it has one."""
        self._memes.delete(shared_name(meme_id.token))

    def find(self, token: str) -> SharedMeme | None:
        """What is shared under a token, or None where nothing is, or not any more."""
        found = self._found(token)
        return SharedMeme.of_metadata(found.metadata) if found else None

    def picture(self, token: str) -> bytes | None:
        """The JPEG that is shared under a token, or None as in `find`."""
        found = self._found(token)
        try:
            return self._memes.read(found, limit=MAX_PHOTO_BYTES) if found else None
        except NotFound:
            return None

    def _found(self, token: str) -> StoredObject | None:
        found = self._memes.find(shared_name(token)) if is_token(token) else None
        return found if found and self._is_current(found) else None

    def _is_current(self, found: StoredObject) -> bool:
        """Whether the link still works. Cloud Storage may take a day more to delete what is past its time."""
        return self._clock() < found.created + SHARE_LIFETIME


def _one_line(text: str) -> str:
    return " ".join(text.split())
