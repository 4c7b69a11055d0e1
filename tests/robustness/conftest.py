"""Storage without functions, whose events nobody handles: the tests process uploads themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from google.cloud import storage

from cloud.events import Upload
from cloud.storage import Bucket
from infra.local.config.addresses import Ports
from infra.local.config.project import MEMES, UPLOADS
from tests.local.storage import Receiver, Storage
from tests.support.buckets import Cloud

SEED = 7


@dataclass(frozen=True)
class Bare(Cloud):
    """Storage alone; `uploads` and `memes` as the developer sees them."""

    def upload_of(self, name: str, generation: int, time: datetime | None = None) -> Upload:
        return Upload(UPLOADS, name, generation, time or datetime.now(UTC))

    def buckets(self, url: str | None = None) -> tuple[Bucket, Bucket]:
        """Both buckets as on_upload sees them, at the storage API or at the URL of what stands before it."""
        client = self.on_upload_client(url)
        return Bucket(client, UPLOADS), Bucket(client, MEMES)

    def on_upload_client(self, url: str | None = None) -> storage.Client:
        key = self.stack.state / "accounts" / "on-upload.json"
        endpoint = {"api_endpoint": url or self.stack.urls.storage}
        return storage.Client.from_service_account_json(key, client_options=endpoint)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    ports = Ports.free()
    with (
        Receiver(ports.on_upload).running(),
        Storage(tmp_path_factory.mktemp("bare"), ports).running() as running,
    ):
        yield Bare(running, running.bucket(UPLOADS), running.bucket(MEMES))


def assert_whole(cloud: Cloud, name: str, generation: int, jpeg: bytes) -> None:
    """One meme and one report stand for `name`, both of that generation of it, and the meme is `jpeg`."""
    assert cloud.names(name) == sorted(
        [
            f"{cloud.memes.name}/{name}.json",
            f"{cloud.memes.name}/{name}.meme.jpg",
            f"{cloud.uploads.name}/{name}",
        ]
    )
    report, meme = cloud.report(f"{name}.json"), cloud.memes.get_blob(f"{name}.meme.jpg")
    assert report["status"] == "done"
    assert report["source"] == {"bucket": cloud.uploads.name, "name": name, "generation": generation}
    assert report["meme"]["generation"] == meme.generation
    assert meme.metadata == {"source-generation": str(generation)}
    told = cloud.memes.get_blob(f"{name}.json").metadata
    assert told == {"source-generation": str(generation), "status": "done"}
    assert meme.download_as_bytes() == jpeg
