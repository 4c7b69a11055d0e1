"""By which rules events are delivered: quickly, or as in Google Cloud."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """How events are delivered.

    at_once: deliveries at the same time, which is how many instances there are. first, longest: seconds
    until the first repetition of a failed delivery, which are doubled each time, and their bound.
    queue_seconds: how long an event that is due waits for one of them to be free before that counts as a
    failed delivery, and an event for a process that starts; None for as long as it takes, and not at all.
    """

    at_once: int = 4
    first: float = 1
    longest: float = 60
    queue_seconds: float | None = None

    def pause(self, attempts: int) -> float:
        """Seconds until the next delivery, after so many that failed."""
        return min(self.longest, self.first * 2.0 ** min(attempts - 1, 30))


LOCAL = Rules()
"""Quick, for a person who waits at the same machine."""


def cloud_rules(max_instances: int) -> Rules:
    """Those of Google Cloud, for a function that takes one event at a time.

    A request waits ten seconds for an instance and is then answered 429:
    https://cloud.google.com/run/docs/about-instance-autoscaling. Eventarc's subscription repeats what failed
    after 10 seconds, up to 600: https://cloud.google.com/eventarc/docs/retry-events. Pub/Sub may also begin
    slowly, which is left out here: then fewer are refused.
    """
    return Rules(at_once=max_instances, first=10, longest=600, queue_seconds=10)
