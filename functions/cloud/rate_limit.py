"""How many requests a client may send to the api, kept in the memory of one process.

With a domain, Cloud Armor counts before the load balancer instead and this is off: see
infra/terraform/memegen/functions.tf.
"""

import ipaddress
import threading
import time
from collections.abc import Callable

_WINDOW_SECONDS = 60.0


class RequestLimit:
    """Lets a client send `per_minute` requests at once, and from then on as many a minute, evenly spread.

    The generic cell rate algorithm (ATM Forum, Traffic Management Specification 4.0, section 4.4.2): of each
    client one time is kept, that at which all it has sent will have been paid for. Threads may share it.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._paid_at: dict[str, float] = {}  # the client that was heard of last is last
        self._lock = threading.Lock()

    @classmethod
    def of(cls, per_minute: int | None) -> "RequestLimit | None":
        """A limit as it is set, or None where there is none."""
        return cls(per_minute) if per_minute else None

    def wait(self, client: str) -> float:
        """0 for a request that may go on, which is then counted; else the seconds until the next one may."""
        with self._lock:
            now = self._clock()
            self._forget_the_paid(now)
            paid_at = max(self._paid_at.get(client, now), now) + _WINDOW_SECONDS / self.per_minute
            wait = paid_at - now - _WINDOW_SECONDS
            # Sums of floats are off by far less than a millisecond.
            if wait > 1e-3:
                return wait
            self._paid_at.pop(client, None)
            self._paid_at[client] = paid_at
            return 0.0

    def __len__(self) -> int:
        """The clients that are remembered: none for longer than a minute after its last counted request."""
        return len(self._paid_at)

    def _forget_the_paid(self, now: float) -> None:
        while self._paid_at:
            client, paid_at = next(iter(self._paid_at.items()))
            if paid_at > now:
                return
            del self._paid_at[client]


def client_of(forwarded_for: str | None, peer: str | None) -> str:
    """Who sent a request: an IPv4 address, or the /64 network of an IPv6 one, which one household has whole.

    Cloud Run's front end, called directly, sets X-Forwarded-For to the address that it was called from or
    adds that at the end: either way it's the last entry, and what stands before it the client may have
    written itself. Without a front end, as on one machine, it's the connection's other end.
    """
    for text in ((forwarded_for or "").rpartition(",")[2].strip(), peer or ""):
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if isinstance(address, ipaddress.IPv6Address):
            if address.ipv4_mapped is None:
                return str(ipaddress.ip_network((int(address), 64), strict=False))
            address = address.ipv4_mapped
        return str(address)
    return "unknown"
