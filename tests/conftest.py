"""Fixtures that several folders of tests share."""

import os
import shutil
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from google.cloud import storage

from infra.local.config.addresses import Ports
from infra.local.stack.stack import Stack
from tests.support.buckets import Cloud, developer_of
from tests.support.provider import offline

TRAINING = Path(__file__).parent / "training"
TRAINING_PACKAGES = ("torch", "optuna", "imblearn", "tensorflow", "ai_edge_litert")
# A test with one of these starts the local stack, a browser or Terraform, which takes seconds.
SLOW_FIXTURES = {"stack", "launch", "terraform_ready"}


def missing_training_packages() -> list[str]:
    return [name for name in TRAINING_PACKAGES if find_spec(name) is None]


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the tests of training out where its packages, which are large, are not installed."""
    return True if collection_path == TRAINING and missing_training_packages() else None


def missing_fixtures() -> dict[str, str]:
    """The fixtures that this machine cannot make, each with the reason and the command that changes it."""
    reasons = {}
    if shutil.which("chromium") is None:
        reasons["launch"] = "the tests in a browser. Install Debian's package chromium, then: make test"
    if offline.missing():
        reasons["terraform_ready"] = "the tests that need Terraform. Run them with: make test-all"
    return reasons


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests out whose fixtures can't be made here."""
    missing = missing_fixtures()
    left_out = [item for item in items if missing.keys() & set(item.fixturenames)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark as slow what starts processes, before `-m "not slow"` chooses."""
    if SLOW_FIXTURES & set(item.fixturenames):
        item.add_marker(pytest.mark.slow)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if missing := missing_training_packages():
        terminalreporter.write_line(
            f"Left out: the tests in tests/training, which need {', '.join(missing)}. "
            "Run them with: make test-all"
        )
    for reason in missing_fixtures().values():
        terminalreporter.write_line(f"Left out: {reason}")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole application on free ports, with a state folder of its own."""
    with Stack(tmp_path_factory.mktemp("stack"), Ports.free()) as running:
        yield running


@pytest.fixture(scope="session")
def developer(stack: Stack) -> storage.Client:
    return developer_of(stack)


@pytest.fixture(scope="session")
def cloud(stack: Stack) -> Cloud:
    return Cloud.of(stack)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published data sets, unpacked.

    They are in no repository. A test that needs them is skipped if neither the folder that MEMEGEN_DATA names
    nor `shared/data` beside the project has their archives.
    """
    beside = Path(__file__).parents[2] / "shared" / "data"
    archives = sorted(Path(os.environ.get("MEMEGEN_DATA", beside)).glob("*.zip"))
    if not archives:
        pytest.skip("no data-set archives here; name their folder with MEMEGEN_DATA")
    folder = tmp_path_factory.mktemp("data")
    for archive in archives:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
    return folder
