"""A browser on the running local stack, and the stack's buckets."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.cloud import storage
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.visitor import DESKTOP, Visitor
from tests.support.chromium import launch as start

# What the page does by itself takes well under a second. The limit finds what never comes.
expect.set_options(timeout=30_000)

# What Chromium itself writes about a request that failed; nothing else may stand in the console.
_BROWSERS_OWN_LINES = ("Failed to load resource:", "Access to XMLHttpRequest at")


@pytest.fixture(scope="session")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Browser]]:
    """Starts Debian's Chromium, with further switches if need be."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("no chromium on this machine: install Debian's package chromium")
    fonts = tmp_path_factory.mktemp("fonts")
    with sync_playwright() as playwright:
        yield lambda *further: start(playwright, executable, fonts, *further)


@pytest.fixture(scope="session")
def chromium(launch: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=DESKTOP, accept_downloads=True)
    yield context
    context.close()


@pytest.fixture
def visitor(context: BrowserContext, stack: Any) -> Iterator[Visitor]:
    """Somebody at the start page."""
    visitor = Visitor(context.new_page(), stack)
    visitor.visit()
    yield visitor
    assert [line for line in visitor.console if not line.startswith(_BROWSERS_OWN_LINES)] == []


@pytest.fixture
def bucket(stack: Any) -> Callable[[str], Any]:
    """`bucket("uploads")`, `bucket("memes")`: the real client's, opened with the developer's account."""
    client = storage.Client.from_service_account_json(
        stack.account_file("developer"),
        project="memegen-local",
        client_options={"api_endpoint": stack.storage_url},
    )
    return lambda name: client.bucket({"uploads": stack.uploads_bucket, "memes": stack.memes_bucket}[name])
