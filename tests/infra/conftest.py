"""What the tests of commands and of the Terraform configuration share."""

from pathlib import Path
from typing import Any

import pytest

from infra.local.stack.stack import Stack
from tests.support.provider import offline


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--alone", action="store_true", help="plant each mistake of test_mistakes.py alone")


@pytest.fixture
def as_developer(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's key file as the application default credentials."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(stack.account_file("developer")))


@pytest.fixture(scope="session")
def terraform_ready() -> None:
    """Skips what needs Terraform where it, or its stand-in providers, are missing."""
    if (lacking := offline.missing()) is not None:
        pytest.skip(lacking)


@pytest.fixture
def configuration(tmp_path: Path, terraform_ready: None) -> Path:
    """A copy of the configuration that a test may change."""
    return offline.copy_configuration(tmp_path)


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory, terraform_ready: None) -> dict[str, Any]:
    """The plan of a deployment of which only the project is said."""
    return offline.plan(offline.copy_configuration(tmp_path_factory.mktemp("plan")))


@pytest.fixture(scope="session")
def everything() -> dict[str, Any]:
    """The module's variables for a deployment with all that is optional."""
    return {
        "region": "us-east4",
        "name": "memes2",
        "uploaders": ["user:ann@example.com"],
        "readers": ["group:friends@example.com"],
        "report_topic": True,
        "notify_email": "ann@example.com",
        "billing_account": "012345-6789AB-CDEF01",
        "monthly_budget": 20,
        "domain": "memes.example.com",
        "domain_live": True,
        "requests_per_minute": 120,
        "kill_switch": True,
        "canary": True,
        "include_prefixes": ["photos/", "in/"],
        "exclude_prefixes": ["in/raw/"],
    }


@pytest.fixture(scope="session")
def full_plan(
    tmp_path_factory: pytest.TempPathFactory, terraform_ready: None, everything: dict[str, Any]
) -> dict[str, Any]:
    """The plan of a deployment with all that is optional, in another region and under another name."""
    folder = offline.copy_configuration(tmp_path_factory.mktemp("full-plan"))
    return offline.plan(folder, **everything, labels={"team": "memes"})
