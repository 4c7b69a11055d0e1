"""The smoke test against the running stack, whole and with one thing wrong at a time."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from infra.local.config.addresses import Addresses, Ports
from infra.local.stack.stack import ROOT, Stack
from infra.local.storage.site import config_js, index_html
from infra.tools import smoke


def flags(stack: Stack, **changed: str) -> list[str]:
    values = {
        "api": stack.api_url,
        "page": stack.site_url,
        "uploads": stack.uploads_bucket,
        "memes": stack.memes_bucket,
        "storage": stack.storage_url,
        **changed,
    }
    return [word for name, value in values.items() for word in (f"--{name}", value)]


def lines(output: str) -> dict[str, str]:
    """Each way with what the smoke test says of it."""
    found = re.findall(r"^(ok|FAILED|not tried) +(api|page|direct upload)(.*)$", output, re.MULTILINE)
    return {way: outcome + rest for outcome, way, rest in found}


@pytest.mark.usefixtures("as_developer")
def test_three_ways_into_the_stack_are_open(stack: Stack, cloud, capsys: pytest.CaptureFixture[str]):
    before = cloud.names("web/")
    assert smoke.main(flags(stack)) == 0
    told = lines(capsys.readouterr().out)
    assert list(told) == ["api", "page", "direct upload"]
    assert {outcome[:2] for outcome in told.values()} == {"ok"}
    assert cloud.names("web/") == before
    assert [name for name in cloud.names("smoke/") if name.startswith(cloud.uploads.name)] == []


def test_what_is_not_named_is_said_to_be_left_out(stack: Stack, capsys: pytest.CaptureFixture[str]):
    assert smoke.main(["--api", f"{stack.api_url}/"]) == 0
    told = lines(capsys.readouterr().out)
    assert told["api"].startswith("ok")
    assert told["page"] == "not tried; for it name PAGE=…"
    assert told["direct upload"] == "not tried; for it name UPLOADS=… MEMES=…"


def test_one_bucket_alone_is_refused(stack: Stack):
    with pytest.raises(SystemExit) as ended:
        smoke.main(["--api", stack.api_url, "--uploads", stack.uploads_bucket])
    assert ended.value.code == 2


def test_api_that_is_not_there(capsys: pytest.CaptureFixture[str]):
    ports = Ports.free()
    nowhere = Addresses(ports).api
    assert smoke.main(["--api", nowhere]) == 1
    assert (
        lines(capsys.readouterr().out)["api"] == f"FAILED: GET at {nowhere} got no answer: ConnectionError."
    )


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A site of the folder's files at an origin that the stack does not know."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}/index.html"
        finally:
            server.shutdown()
            thread.join()


def site(folder: Path, config: tuple[str, str, str], policy: tuple[str, str, str]) -> Path:
    (folder / "config.js").write_text(config_js(*config))
    source = (ROOT / "web" / "index.html").read_text()
    (folder / "index.html").write_text(index_html(source, *policy, "https://page.example"))
    return folder


def told_of_page(stack: Stack, page: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert smoke.main(["--api", stack.api_url, "--page", page]) == 1
    told = lines(capsys.readouterr().out)
    assert told["api"].startswith("ok")
    return told["page"]


def test_page_of_another_deployment(stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    others = ("https://api.example", "https://photos.example", "https://memes.example")
    with served(site(tmp_path, others, others)) as page:
        told = told_of_page(stack, page, capsys)
    assert told == f"FAILED: config.js names the api 'https://api.example', not '{stack.api_url}'."


def test_page_whose_policy_forbids_it_to_connect(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    urls = (stack.api_url, stack.uploads_url, stack.memes_url)
    with served(site(tmp_path, urls, (stack.api_url, stack.uploads_url, "https://memes.example"))) as page:
        told = told_of_page(stack, page, capsys)
    assert told == f"FAILED: The page's policy doesn't let it connect to {' '.join(urls)}."


def test_page_at_an_origin_that_the_api_does_not_know(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    urls = (stack.api_url, stack.uploads_url, stack.memes_url)
    with served(site(tmp_path, urls, urls)) as page:
        told = told_of_page(stack, page, capsys)
        origin = page.removesuffix("/index.html")
    assert told == (
        f"FAILED: GET at {stack.api_url} may be read by the origin none, not by the page's, {origin}."
    )


@contextmanager
def answering(headers: dict[str, str]) -> Iterator[str]:
    """A host that answers every preflight with these headers."""

    class Handler(BaseHTTPRequestHandler):
        def do_OPTIONS(self) -> None:
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}/secret?X-Goog-Signature=secret"
        finally:
            server.shutdown()
            thread.join()


ALLOWING = {
    "Access-Control-Allow-Origin": "https://page.example",
    "Access-Control-Allow-Methods": "GET, PUT",
    "Access-Control-Allow-Headers": "content-type, x-goog-meta-options",
}


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"Access-Control-Allow-Origin": "https://other.example"}, "by the origin https://other.example"),
        ({"Access-Control-Allow-Methods": "GET"}, "does not allow the method"),
        ({"Access-Control-Allow-Headers": "content-type"}, "does not allow the headers x-goog-meta-options"),
    ],
)
def test_preflight_that_a_browser_would_stop_at(changed: dict[str, str], missing: str):
    headers = {"Content-Type": "image/jpeg", "x-goog-meta-options": "e30"}
    with answering({**ALLOWING, **changed}) as url, pytest.raises(smoke.SmokeError, match=missing) as told:
        smoke.Caller("https://page.example").call("PUT", url, 200, headers=headers, data=b"1")
    assert "secret" not in str(told.value)


def test_direct_upload_without_the_right_to(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(stack.account_file("on-upload")))
    assert smoke.main(flags(stack)) == 1
    told = lines(capsys.readouterr().out)
    assert [told["api"][:2], told["page"][:2]] == ["ok", "ok"]
    assert told["direct upload"].startswith("FAILED: 403 ")


def test_direct_upload_without_credentials(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    assert smoke.main(flags(stack)) == 1
    assert "none.json was not found" in lines(capsys.readouterr().out)["direct upload"]


@pytest.mark.usefixtures("as_developer")
def test_photo_that_fails_is_reported_with_its_code(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(smoke, "_draw_photo", lambda: b"no picture")
    assert smoke.main(flags(stack)) == 1
    told = lines(capsys.readouterr().out)
    assert list(told) == ["api", "page", "direct upload"]
    for line in told.values():
        assert line.startswith("FAILED: The photo failed: not-an-image: ")


def test_waiting_ends():
    with pytest.raises(smoke.SmokeError, match=r"There is no report after 0 seconds\."):
        smoke._wait(lambda: None, "There is no report", patience=0)
