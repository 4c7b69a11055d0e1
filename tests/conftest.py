"""Fixtures that several folders of tests share."""

import os
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from google.cloud import storage

from infra.local.stack.stack import Ports, Stack
from tests.support.buckets import Cloud

TRAINING = Path(__file__).parent / "training"
TRAINING_PACKAGES = ("torch", "optuna", "imblearn", "matplotlib", "tensorflow", "ai_edge_litert")


def missing_training_packages() -> list[str]:
    return [name for name in TRAINING_PACKAGES if find_spec(name) is None]


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the tests of training out where its packages, which are large, are not installed."""
    return True if collection_path == TRAINING and missing_training_packages() else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if missing := missing_training_packages():
        terminalreporter.write_line(
            f"Left out: the tests in tests/training, which need {', '.join(missing)}. "
            "Run them with: make test-all"
        )


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
