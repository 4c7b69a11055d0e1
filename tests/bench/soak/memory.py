"""Photo after photo through one on_upload process: whether its memory stays flat."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from infra.local.config.addresses import Ports
from infra.local.stack.stack import Stack
from tests.bench.soak.clients import Crowd
from tests.support.processes import children, peak_kib, resident_kib

CLIENTS = 4
MOST_CHANGE = 0.05


@dataclass(frozen=True)
class Memory:
    """How many photos in how many seconds, and the process's resident memory in MiB, by medians."""

    photos: int
    seconds: float
    second_quarter: float
    last_quarter: float
    peak: float

    @property
    def change(self) -> float:
        """The last quarter's memory over the second's, less 1."""
        return self.last_quarter / self.second_quarter - 1

    @property
    def holds(self) -> bool:
        return self.change < MOST_CHANGE


def run(state: Path, seconds: float) -> Memory:
    """Sends photos for so long, each deleted once it has its meme. Quarters are told by the photos' number.

    Raises AssertionError if the process ends meanwhile or makes fewer than eight photos.
    """
    with Stack(state, Ports.free()) as stack:
        on_upload = next(process for process in stack.processes if process.name == "on_upload")
        [worker] = children(on_upload.pid)
        begun = time.monotonic()
        crowd = Crowd(stack, CLIENTS, end=begun + seconds, keep=False)
        samples = []
        while crowd.is_at_work():
            resident = resident_kib(worker)
            assert resident is not None, "on_upload's process has ended amid its work"
            samples.append((len(crowd.sent), resident / 1024))
            time.sleep(0.25)
        took = time.monotonic() - begun
        photos = len(crowd.finish())
        assert photos >= 8, f"{photos} photos have no quarters"
        peak = peak_kib(worker)
        assert peak is not None
    quarters: list[list[float]] = [[], [], [], []]
    for sent, resident in samples:
        quarters[min(3, 4 * sent // photos)].append(resident)
    return Memory(photos, took, statistics.median(quarters[1]), statistics.median(quarters[3]), peak / 1024)
