"""The ports at which the parts of the local cloud listen, and their addresses.

In Google Cloud each part has a host of its own. Here each has a port of its own, so that browsers see
different origins and ask for CORS, and a signed URL is valid at one address only.
"""

import secrets
import socket
import weakref
from dataclasses import dataclass, fields
from itertools import islice


@dataclass(frozen=True)
class Ports:
    """The ports on 127.0.0.1."""

    site: int = 8080
    api: int = 8081
    on_upload: int = 8082
    storage: int = 8083
    uploads: int = 8084
    memes: int = 8085
    sweep: int = 8086

    @classmethod
    def free(cls) -> "Ports":
        """Ports that nothing holds, below those that systems give to outgoing connections.

        They stay reserved as long as the result is in use: a second process that asks gets others, and only a
        server that was given one of them listens at it. Raises OSError if too few are free.
        """
        wanted = len(fields(cls))
        candidates = secrets.SystemRandom().sample(range(20_000, 32_000), 100 * wanted)
        held = list(islice(filter(None, map(_reserve, candidates)), wanted))
        if len(held) < wanted:
            _close(held)
            raise OSError(f"Of {len(candidates)} ports on this machine only {len(held)} are free.")
        ports = cls(*[each.getsockname()[1] for each in held])
        weakref.finalize(ports, _close, held)
        return ports

    def taken(self) -> list[str]:
        """The names of those fields whose port another program holds."""
        return [field.name for field in fields(self) if not _is_free(getattr(self, field.name))]


PURPOSES = {
    "site": "the page",
    "api": "the api function",
    "on_upload": "the on_upload function",
    "storage": "the storage API",
    "uploads": "the uploads bucket",
    "memes": "the memes bucket",
    "sweep": "the sweep function, while it runs",
}


class Addresses:
    """Base URLs without a trailing slash, one for each of the ports' names."""

    def __init__(self, ports: Ports):
        self.site = f"http://localhost:{ports.site}"
        self.api = f"http://localhost:{ports.api}"
        self.on_upload = f"http://localhost:{ports.on_upload}"
        self.storage = f"http://localhost:{ports.storage}"
        self.uploads = f"http://localhost:{ports.uploads}"
        self.memes = f"http://localhost:{ports.memes}"
        self.sweep = f"http://localhost:{ports.sweep}"


def _reserve(port: int) -> socket.socket | None:
    """A socket that holds the port and lets a server listen at it, or None if something else holds the port.

    Linux lets one socket alone bind without SO_REUSEADDR. Once that one has the option, a server that has it
    too, as gunicorn's and Python's do, may bind and listen beside it.
    """
    holder = socket.socket()
    try:
        holder.bind(("127.0.0.1", port))
    except OSError:
        holder.close()
        return None
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return holder


def _close(sockets: list[socket.socket]) -> None:
    for each in sockets:
        each.close()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
