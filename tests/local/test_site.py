"""The page's files as the site serves them."""

import json
from http.client import HTTPConnection

import pytest
import requests

from infra.local.stack.stack import ROOT
from infra.local.storage.site import config_js, index_html
from tests.local.storage import Storage

URLS = ("http://localhost:8081", "http://localhost:8084", "http://localhost:8085")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src http://localhost:8081 http://localhost:8084 http://localhost:8085; "
    "base-uri 'none'; form-action 'none'"
)


def test_config_names_the_addresses_the_languages_and_the_contract():
    lines = config_js(*URLS).splitlines()
    assert lines[:4] == [
        'export const api = "http://localhost:8081";',
        'export const uploads = "http://localhost:8084";',
        'export const memes = "http://localhost:8085";',
        'export const languages = ["en","es","hi","ja","te"];',
    ]
    contract = "\n".join(lines[4:]).removeprefix("export const contract = ").removesuffix(";")
    assert json.loads(contract) == json.loads((ROOT / "functions" / "memegen" / "contract.json").read_text())


def test_policy_in_the_repository_is_the_local_stacks_default():
    source = (ROOT / "web" / "index.html").read_text()
    assert index_html(source, *URLS) == source
    assert f'content="{POLICY}"' in source


def test_policy_is_put_in_and_nothing_else_changes():
    source = '<a>\n<meta http-equiv="Content-Security-Policy" content="x">\n<meta name="b" content="c">'
    assert index_html(source, *URLS) == source.replace('"x"', f'"{POLICY}"')


@pytest.mark.parametrize("count", [0, 2])
def test_page_without_exactly_one_policy_is_refused(count: int):
    with pytest.raises(ValueError, match=f"has {count} "):
        index_html('<meta http-equiv="Content-Security-Policy" content="x">' * count, *URLS)


def test_files_come_with_their_type_and_are_asked_for_again(cloud: Storage):
    expected = {
        "/": "text/html; charset=utf-8",
        "/index.html": "text/html; charset=utf-8",
        "/config.js": "text/javascript; charset=utf-8",
        "/style.css": "text/css; charset=utf-8",
        "/favicon.svg": "image/svg+xml",
    }
    for path, content_type in expected.items():
        answer = requests.get(cloud.urls.site + path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, content_type)
        assert answer.headers["Cache-Control"] == "no-cache"


def test_page_names_this_stacks_addresses(cloud: Storage):
    urls = cloud.urls
    config = requests.get(f"{urls.site}/config.js").text
    assert config.splitlines()[:3] == [
        f'export const api = "{urls.api}";',
        f'export const uploads = "{urls.uploads}";',
        f'export const memes = "{urls.memes}";',
    ]
    assert f"connect-src {urls.api} {urls.uploads} {urls.memes};" in requests.get(urls.site).text


@pytest.mark.parametrize(
    "path",
    [
        "/none.js",
        "/../pyproject.toml",
        "/%2e%2e/pyproject.toml",
        "/..%2fpyproject.toml",
        "/a%00",
        "/.",
        "//etc/passwd",
    ],
)
def test_nothing_but_the_sites_files_is_served(cloud: Storage, path: str):
    assert (ROOT / "pyproject.toml").exists()
    connection = HTTPConnection("localhost", cloud.ports.site)
    connection.request("GET", path)  # as it is: requests would resolve the dots
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (404, b"There is no such file on this site.\n")
    connection.close()


def test_site_is_only_read(cloud: Storage):
    assert requests.post(cloud.urls.site, data=b"x").status_code == 405
    head = requests.head(f"{cloud.urls.site}/config.js")
    assert (head.status_code, head.content) == (200, b"")
