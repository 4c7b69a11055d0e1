"""The page as an app: what a browser asks of it, no network, a new deployment, photos that other apps share.

Chromium's own switch --app opens a window as an installed page has it. The system's POST of a shared photo is
made by a form on a blank page, whose origin is withheld as the system's is.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.local.stack.stack import ROOT
from tests.browser.visitor import ARTIFACTS, WAIT_MS, jpeg

FORM = '<form method="post" action="{url}" enctype="multipart/form-data"><input name="photo" type="file">'
FORM += "<button>Send</button></form>"
REFERRER = '<meta name="referrer" content="{policy}">'
KEPT = """async () => {
    const kept = {};
    for (const name of await caches.keys()) {
        const requests = await (await caches.open(name)).keys();
        kept[name] = requests.map(({ url }) => new URL(url).pathname.slice(1));
    }
    return kept;
}"""
IS_REGISTERED = "async () => Boolean(await navigator.serviceWorker.getRegistration())"
IS_ACTIVE = """async () => {
    const { active } = await navigator.serviceWorker.ready;
    while (active.state !== "activated") {
        await new Promise((seen) => active.addEventListener("statechange", seen, { once: true }));
    }
    return Boolean(navigator.serviceWorker.controller);
}"""


@pytest.fixture
def app(chromium: Browser, stack: Any, tmp_path: Path) -> Iterator[Page]:
    """The installed page's own window."""
    context = chromium.browser_type.launch_persistent_context(
        tmp_path,
        executable_path=shutil.which("chromium"),
        args=["--no-sandbox", "--disable-gpu", f"--app={stack.site_url}/index.html"],
    )
    [page] = context.pages
    page.wait_for_function(IS_ACTIVE)
    yield page
    context.close()


def share_photo(page: Page, url: str, photo: bytes = b"", policy: str = "no-referrer") -> None:
    """Sends a form with a photo from the document that is open."""
    page.set_content(REFERRER.format(policy=policy) + FORM.format(url=f"{url}/receive"))
    page.locator("input").set_input_files(
        {"name": "mé.jpg", "mimeType": "image/jpeg", "buffer": photo or jpeg()}
    )
    page.get_by_role("button", name="Send").click()
    page.wait_for_load_state()


def requests_of(page: Page) -> list[tuple[str, str]]:
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    return asked


def test_browsers_find_nothing_that_keeps_it_from_being_installed(app, stack):
    devtools = app.context.new_cdp_session(app)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["url"] == f"{stack.site_url}/manifest.webmanifest"
    assert manifest["errors"] == []
    assert devtools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []


def test_a_first_visit_keeps_nothing_and_a_meme_keeps_the_page(visitor):
    page = visitor.page
    page.wait_for_load_state("networkidle")
    assert page.evaluate(IS_REGISTERED) is False
    assert page.evaluate(KEPT) == {}
    page.evaluate("caches.open('shell-of-an-older-deployment')")
    visitor.make_meme()
    assert page.evaluate(IS_ACTIVE)
    page.wait_for_function("async () => (await caches.keys()).length === 1")
    [(name, files)] = page.evaluate(KEPT).items()
    assert name.startswith("shell-")
    own = {path.relative_to(ROOT / "web").as_posix() for path in (ROOT / "web").rglob("*") if path.is_file()}
    assert set(files) <= own | {"config.js"}
    assert {"index.html", "config.js", "app.js", "style.css", "words/te.js"} <= set(files)


def test_without_a_network_the_page_opens_and_says_so(visitor, context):
    visitor.make_meme()
    page = visitor.page
    assert page.evaluate(IS_ACTIVE)
    context.set_offline(True)
    page.goto(f"{visitor.stack.site_url}/index.html")
    visitor.sees_start()
    page.get_by_label("Language of this page").select_option("ja")
    expect(page.locator("#start-heading")).to_have_text("写真を入れると、ミームが出てくる")
    visitor.console.clear()


def test_a_photo_that_another_app_shares_waits_for_a_tap(app, stack):
    asked = requests_of(app)
    photo = jpeg(640, 480)
    app.goto("about:blank")
    share_photo(app, stack.site_url, photo)
    dialog = app.get_by_role("dialog", name="Make a meme of this photo?")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("img", name="Your photo")).to_have_js_property("naturalWidth", 640)
    ARTIFACTS.mkdir(exist_ok=True)
    app.screenshot(path=ARTIFACTS / "received.png")
    assert app.url == f"{stack.site_url}/index.html"
    assert all(name.startswith("shell-") for name in app.evaluate(KEPT))
    assert [url for _, url in asked if not url.startswith((stack.site_url, "blob:"))] == []

    dialog.get_by_role("button", name="Make a meme").click()
    expect(app.locator("#meme")).to_be_visible(timeout=WAIT_MS)
    assert len([url for method, url in asked if method == "PUT" and url.startswith(stack.uploads_url)]) == 1


@pytest.mark.parametrize("way", ["button", "Escape"])
def test_a_shared_photo_that_is_not_wanted_is_gone(app, stack, way):
    asked = requests_of(app)
    app.goto("about:blank")
    share_photo(app, stack.site_url)
    dialog = app.get_by_role("dialog")
    expect(dialog).to_be_visible()
    if way == "button":
        dialog.get_by_role("button", name="Don’t use it").click()
    else:
        app.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    app.reload()
    expect(app.locator("#start")).to_be_visible()
    expect(app.get_by_role("dialog")).to_have_count(0)
    assert [url for _, url in asked if not url.startswith((stack.site_url, "blob:"))] == []


@pytest.mark.parametrize("policy", ["strict-origin-when-cross-origin", "unsafe-url", "origin"])
def test_another_sites_form_shares_nothing_with_the_installed_page(app, stack, policy):
    foreign_form(app, stack, policy)
    expect(app.locator("#start")).to_be_visible()
    sees_nothing(app, stack)


@pytest.mark.parametrize("policy", ["no-referrer", "strict-origin-when-cross-origin"])
def test_another_sites_form_shares_nothing_with_the_page_in_a_tab(visitor, policy):
    """Not even where it withholds its origin."""
    visitor.make_meme()
    assert visitor.page.evaluate(IS_ACTIVE)
    foreign_form(visitor.page, visitor.stack, policy)
    visitor.sees_start()
    sees_nothing(visitor.page, visitor.stack)


def foreign_form(page: Page, stack: Any, policy: str) -> None:
    page.route("http://evil.example/", lambda route: route.fulfill(body="<p>", content_type="text/html"))
    page.goto("http://evil.example/")
    share_photo(page, stack.site_url, policy=policy)


def sees_nothing(page: Page, stack: Any) -> None:
    expect(page).to_have_url(f"{stack.site_url}/index.html")
    page.wait_for_function("async () => (await caches.keys()).every((name) => name.startsWith('shell-'))")
    expect(page.get_by_role("dialog")).to_have_count(0)
