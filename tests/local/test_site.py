"""The page's files as the site serves them."""

import gzip
import json
import re
import shutil
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests
from PIL import Image

from infra.local.stack.stack import ROOT
from infra.local.storage.site import config_js, index_html, service_worker_js
from tests.local.storage import Storage

URLS = ("http://localhost:8081", "http://localhost:8084", "http://localhost:8085")
SITE = "http://localhost:8080"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self' http://localhost:8081 http://localhost:8084 http://localhost:8085; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"
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
    assert index_html(source, *URLS, SITE) == source
    assert f'content="{POLICY}"' in source


def test_policy_is_put_in_and_nothing_else_changes():
    source = '<a>\n<meta http-equiv="Content-Security-Policy" content="x">\n<meta name="b" content="c">'
    assert index_html(source, *URLS, SITE) == source.replace('"x"', f'"{POLICY}"')


def test_a_link_to_the_page_shows_a_picture_of_its_own_site():
    source = (ROOT / "web" / "index.html").read_text()
    address = re.compile(r'<meta property="og:image" content="([^"]+)">')
    elsewhere = index_html(source, *URLS, "https://memes.example.com")
    assert address.findall(elsewhere) == ["https://memes.example.com/samples/preview.jpg"]
    with Image.open(ROOT / "web" / "samples" / "preview.jpg") as picture:
        size = dict(re.findall(r'og:image:(width|height)" content="(\d+)"', source))
        assert (str(picture.width), str(picture.height)) == (size["width"], size["height"])


@pytest.mark.parametrize("count", [0, 2])
def test_page_without_exactly_one_policy_is_refused(count: int):
    with pytest.raises(ValueError, match=f"has {count} "):
        index_html('<meta http-equiv="Content-Security-Policy" content="x">' * count, *URLS, SITE)


ASKED, A_DAY = "no-cache", "public, max-age=86400"


@pytest.mark.parametrize(
    ("path", "content_type", "cache_control"),
    [
        ("/", "text/html; charset=utf-8", ASKED),
        ("/index.html", "text/html; charset=utf-8", ASKED),
        ("/config.js", "text/javascript; charset=utf-8", ASKED),
        ("/sw.js", "text/javascript; charset=utf-8", ASKED),
        ("/style.css", "text/css; charset=utf-8", ASKED),
        ("/manifest.webmanifest", "application/manifest+json", ASKED),
        ("/favicon.svg", "image/svg+xml", A_DAY),
        ("/icons/192.png", "image/png", A_DAY),
        ("/robots.txt", "text/plain; charset=utf-8", A_DAY),
    ],
)
def test_a_file_has_its_type_and_lasts_or_is_asked_for_again(
    cloud: Storage, path: str, content_type: str, cache_control: str
):
    answer = requests.get(cloud.urls.site + path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, content_type)
    assert answer.headers["Cache-Control"] == cache_control
    again = requests.get(cloud.urls.site + path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == cache_control
    other = requests.get(cloud.urls.site + path, headers={"If-None-Match": '"another"'})
    assert (other.status_code, other.content) == (200, answer.content)


def test_text_is_compressed_for_who_can_unpack_it(cloud: Storage):
    def get(path: str, accepted: str) -> requests.Response:
        return requests.get(cloud.urls.site + path, headers={"Accept-Encoding": accepted}, stream=True)

    for path in ("/app.js", "/style.css", "/", "/config.js"):
        plain, packed = get(path, "identity"), get(path, "br, gzip")
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
        assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
        sent = packed.raw.read()
        assert len(sent) == int(packed.headers["Content-Length"]) < 0.6 * len(plain.content)
        assert gzip.decompress(sent) == plain.content
        unchanged = requests.get(
            cloud.urls.site + path,
            headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]},
        )
        assert unchanged.status_code == 304
    for path in ("/sample.jpg", "/icons/512.png", "/favicon.svg"):  # packed already, or too short
        assert "Content-Encoding" not in get(path, "gzip").headers
    assert "Content-Encoding" not in get("/app.js", "gzip;q=0").headers


def web_with(folder: Path, **files: str) -> Path:
    """A copy of the page with some of its files changed."""
    web = folder / f"web{len(list(folder.iterdir()))}"
    shutil.copytree(ROOT / "web", web)
    for name, text in files.items():
        (web / name.replace("__", ".")).write_text(text)
    return web


def test_the_service_worker_keeps_the_pages_own_files_and_no_others():
    version, files, *rest = service_worker_js(ROOT / "web", *URLS, SITE).splitlines(keepends=True)
    assert "".join(rest) == (ROOT / "web" / "sw.js").read_text()
    assert re.fullmatch(r'const version = "[0-9a-f]{16}";\n', version)
    kept = json.loads(files.removeprefix("const files = ").removesuffix(";\n"))
    web = ROOT / "web"
    code = {path.relative_to(web).as_posix() for path in web.rglob("*") if path.suffix in (".js", ".css")}
    assert set(kept) >= code - {"sw.js"} | {"index.html", "config.js"}
    assert not [name for name in kept if name in ("sw.js", "robots.txt") or name.endswith((".png", ".jpg"))]


def test_the_service_worker_changes_with_any_file_that_it_keeps(tmp_path: Path):
    def version(web: Path, urls: tuple[str, str, str] = URLS) -> str:
        return service_worker_js(web, *urls, SITE).splitlines()[0]

    versions = [
        version(ROOT / "web"),
        version(ROOT / "web", ("https://api.example", *URLS[1:])),
        version(web_with(tmp_path, app__js="")),
        version(web_with(tmp_path, style__css="")),
        version(web_with(tmp_path, new__js="")),
    ]
    assert len(set(versions)) == len(versions)
    assert version(web_with(tmp_path, robots__txt="")) == version(web_with(tmp_path)) == versions[0]


def test_page_names_this_stacks_addresses(cloud: Storage):
    urls = cloud.urls
    config = requests.get(f"{urls.site}/config.js").text
    assert config.splitlines()[:3] == [
        f'export const api = "{urls.api}";',
        f'export const uploads = "{urls.uploads}";',
        f'export const memes = "{urls.memes}";',
    ]
    assert f"connect-src 'self' {urls.api} {urls.uploads} {urls.memes};" in requests.get(urls.site).text


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
