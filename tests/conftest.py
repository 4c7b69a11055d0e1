"""Fixtures that several folders of tests share."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import storage

from infra.local.stack.stack import Ports, Stack
from tests.support.buckets import Cloud


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole application on free ports, with a state folder of its own."""
    with Stack(tmp_path_factory.mktemp("stack"), Ports.free()) as running:
        yield running


@pytest.fixture(scope="session")
def developer(stack: Stack) -> storage.Client:
    """The real client library, as whoever uploads directly uses it."""
    return storage.Client.from_service_account_json(
        stack.account_file("developer"), client_options={"api_endpoint": stack.storage_url}
    )


@pytest.fixture(scope="session")
def cloud(stack: Stack, developer: storage.Client) -> Cloud:
    return Cloud(stack, developer.bucket(stack.uploads_bucket), developer.bucket(stack.memes_bucket))


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published data sets, unpacked. They are in no repository: a test that needs them is skipped where
    neither MEMEGEN_DATA nor a folder `shared/data` beside the project holds their archives."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    archives = sorted(Path(os.environ.get("MEMEGEN_DATA", beside)).glob("*.zip"))
    if not archives:
        pytest.skip("no data-set archives here; name their folder with MEMEGEN_DATA")
    folder = tmp_path_factory.mktemp("data")
    for archive in archives:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
    return folder
