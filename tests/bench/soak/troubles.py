"""Storage in trouble for good: after how long on_upload gives a delivery back for another try."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from google.api_core.client_options import ClientOptions
from google.cloud import storage

from cloud.events import Upload
from cloud.processing import Processor
from cloud.storage import Bucket
from infra.local.config.addresses import Ports
from infra.local.stack.stack import Stack
from tests.support.trouble import Trouble

KINDS = ("503", "429", "reset", "hang")


def run(state: Path) -> dict[str, float]:
    """Seconds until processing raises, by the kind of trouble, under the limits as they are deployed."""
    with Stack(state, Ports.free()) as stack, ThreadPoolExecutor(len(KINDS)) as pool:
        return dict(zip(KINDS, pool.map(lambda kind: _seconds_until_raised(stack, kind), KINDS), strict=True))


def _seconds_until_raised(stack: Stack, kind: str) -> float:
    trouble = Trouble(stack.ports.storage)
    trouble.fail_for_good(kind)
    with trouble.running() as url:
        client = storage.Client.from_service_account_json(
            stack.account_file("on-upload"), client_options=ClientOptions(api_endpoint=url)
        )
        processor = Processor(Bucket(client, stack.uploads_bucket), Bucket(client, stack.memes_bucket))
        begun = time.monotonic()
        try:
            outcome = processor.process(Upload(stack.uploads_bucket, kind, 1, datetime.now(UTC)))
        except Exception:
            return time.monotonic() - begun
    raise AssertionError(f"storage that meets {kind} for good let an upload end as {outcome}")
