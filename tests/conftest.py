"""Fixtures that several folders of tests share."""

from collections.abc import Iterator

import pytest

from infra.local.stack import Ports, Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole application on free ports, with a state folder of its own."""
    with Stack(tmp_path_factory.mktemp("stack"), Ports.free()) as running:
        yield running
