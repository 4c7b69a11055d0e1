"""Storage alone on free ports, with a receiver in place of on_upload."""

from collections.abc import Iterator

import pytest

from infra.local.config.addresses import Ports
from tests.local.storage import Receiver, Storage


@pytest.fixture(scope="session")
def ports() -> Ports:
    return Ports.free()


@pytest.fixture(scope="session")
def receiver(ports: Ports) -> Iterator[Receiver]:
    with Receiver(ports.on_upload).running() as running:
        yield running


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory, ports: Ports, receiver: Receiver) -> Iterator[Storage]:
    with Storage(tmp_path_factory.mktemp("storage"), ports).running() as running:
        yield running
