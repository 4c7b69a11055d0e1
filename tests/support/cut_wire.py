"""A stack whose wire from storage to on_upload is cut: no event of an upload arrives, until it is mended."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.local.config.addresses import Ports
from infra.local.stack.processes import Process
from infra.local.stack.stack import Stack
from tests.support.buckets import Cloud


@dataclass(frozen=True)
class CutWire:
    """The running stack, and its buckets seen from outside."""

    stack: Stack
    cloud: Cloud

    def lose_an_hour(self) -> None:
        """Drops the events that are to be delivered, and makes all uploads an hour older."""
        earlier = datetime.now(UTC) - timedelta(hours=1)
        created = earlier.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        with closing(sqlite3.connect(self.stack.state / "objects.sqlite")) as database, database:
            database.execute("delete from events")
            database.execute(
                "update objects set created = ? where bucket = ?", (created, self.stack.uploads_bucket)
            )

    def mend(self) -> None:
        """Starts on_upload, which is sent the events of all later uploads."""
        on_upload = _on_upload(self.stack)
        on_upload.start()
        on_upload.wait_ready()


@contextmanager
def cut_wire(state: Path) -> Iterator[CutWire]:
    """A stack with its state in the folder `state`, whose on_upload is away, as if its trigger were gone."""
    with Stack(state, Ports.free()) as stack:
        on_upload = _on_upload(stack)
        on_upload.terminate()
        on_upload.wait_stopped()
        yield CutWire(stack, Cloud.of(stack))


def _on_upload(stack: Stack) -> Process:
    return next(process for process in stack.processes if process.name == "on_upload")
