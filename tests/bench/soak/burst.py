"""Photos that are put into the bucket all at once, with nothing in trouble: how long each waits."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.local.config.addresses import Ports
from infra.local.stack.stack import Stack
from tests.bench.soak.killing import MAX_INSTANCES
from tests.bench.soak.photos import photos
from tests.support.buckets import Cloud

_SENT_AT_ONCE = 8


def run(state: Path, uploads: int) -> list[float]:
    """Seconds from the end of each upload to its report, sorted, by the cloud's rules for MAX_INSTANCES."""
    with Stack(state, Ports.free(), MAX_INSTANCES) as stack, ThreadPoolExecutor(_SENT_AT_ONCE) as pool:
        cloud = Cloud.of(stack)
        sent = list(pool.map(lambda number: _upload(cloud, number), range(uploads)))
        cloud.settle()
        reports = {blob.name: int(blob.generation) for blob in cloud.memes.list_blobs()}
    # Generations of the local cloud are microseconds since 1970.
    return sorted((reports[f"{number}.json"] - generation) / 1e6 for number, generation in enumerate(sent))


def _upload(cloud: Cloud, number: int) -> int:
    return cloud.upload(str(number), photos()[number % len(photos())].data)
