"""What the tests of commands share."""

import pytest

from infra.local.stack import Stack


@pytest.fixture
def as_developer(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's key file as the application default credentials."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(stack.account_file("developer")))
