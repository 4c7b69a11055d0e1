"""The event that Cloud Storage sends for a finished upload."""

from dataclasses import dataclass
from datetime import datetime

from cloudevents.http import CloudEvent

FINALIZED = "google.cloud.storage.object.v1.finalized"
MAX_EVENT_BYTES = 256 * 1024
"""Of an event's body. It holds the object's metadata, of which there are 8 KiB, before JSON escapes them."""


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
    if event["type"] != FINALIZED:
        raise ValueError(
            f"The event is of type {event['type']!r}; only {FINALIZED} is expected. "
            "Its trigger is wired wrongly."
        )
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
