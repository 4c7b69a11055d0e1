"""CORS lists as Cloud Storage applies them, and at the running gateway as a browser asks."""

import requests

from infra.local.config.project import MEMES, UPLOADS
from infra.local.storage.cors import answer_headers, preflight_headers
from tests.local.storage import Storage

PAGE = "https://page.example"
CORS = [
    {
        "origin": ["https://other.example"],
        "method": ["PUT"],
        "responseHeader": ["X-Other"],
        "maxAgeSeconds": 1,
    },
    {
        "origin": [PAGE],
        "method": ["GET", "PUT"],
        "responseHeader": ["Content-Type", "x-goog-a"],
        "maxAgeSeconds": 60,
    },
]


def test_preflight_of_an_allowed_request():
    assert preflight_headers(CORS, PAGE, "PUT", "content-type, X-Goog-A") == {
        "Access-Control-Allow-Origin": PAGE,
        "Access-Control-Allow-Methods": "GET,PUT",
        "Access-Control-Allow-Headers": "Content-Type,x-goog-a",
        "Access-Control-Max-Age": "60",
        "Vary": "Origin",
    }


def test_preflight_of_anything_else_gets_no_headers():
    assert preflight_headers(CORS, "https://page.example.evil", "PUT", "") == {}
    assert preflight_headers(CORS, "http://page.example", "PUT", "") == {}
    assert preflight_headers(CORS, PAGE, "DELETE", "") == {}
    assert preflight_headers(CORS, PAGE, "PUT", "content-type,x-goog-b") == {}
    assert preflight_headers(CORS, PAGE, "PUT", "x-other") == {}


def test_answer_names_the_origin_and_the_headers_it_may_read():
    assert answer_headers(CORS, PAGE, "GET") == {
        "Access-Control-Allow-Origin": PAGE,
        "Access-Control-Expose-Headers": "Content-Type,x-goog-a",
        "Vary": "Origin",
    }
    assert answer_headers(CORS, PAGE, "DELETE") == {}
    assert answer_headers(CORS, None, "GET") == {}


def cors_of(response: requests.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("Access-Control-")}


def preflight(url: str, origin: str, method: str, headers: str = "") -> requests.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    return requests.options(url, headers=asked)


def test_page_may_put_into_uploads(cloud: Storage):
    wanted = "content-type,x-goog-content-length-range,x-goog-if-generation-match,x-goog-meta-options"
    answer = preflight(f"{cloud.urls.uploads}/web/x/0?X-Goog-Algorithm=a", cloud.urls.site, "PUT", wanted)
    assert answer.status_code == 200
    allowed = cors_of(answer)
    assert allowed["Access-Control-Allow-Origin"] == cloud.urls.site
    assert allowed["Access-Control-Allow-Methods"] == "PUT"
    assert allowed["Access-Control-Allow-Headers"].lower() == wanted


def test_page_may_get_from_memes_only(cloud: Storage):
    site = cloud.urls.site
    assert (
        cors_of(preflight(f"{cloud.urls.memes}/x", site, "GET"))["Access-Control-Allow-Methods"] == "GET,HEAD"
    )
    assert cors_of(preflight(f"{cloud.urls.memes}/x", site, "PUT")) == {}
    assert cors_of(preflight(f"{cloud.urls.uploads}/x", site, "GET")) == {}


def test_other_pages_may_nothing(cloud: Storage):
    other = f"http://127.0.0.1:{cloud.ports.site}"
    assert cors_of(preflight(f"{cloud.urls.uploads}/x", other, "PUT")) == {}
    cloud.bucket(MEMES).blob("cors").upload_from_string(b"1")
    answer = requests.get(cloud.signed_url(MEMES, "cors"), headers={"Origin": other})
    assert (answer.status_code, cors_of(answer)) == (200, {})


def test_success_carries_cors_headers_and_a_refusal_none(cloud: Storage):
    origin = {"Origin": cloud.urls.site}
    url = cloud.signed_url(UPLOADS, "cors", method="PUT")
    assert (
        cors_of(requests.put(url, data=b"1", headers=origin))["Access-Control-Allow-Origin"]
        == cloud.urls.site
    )
    refused = requests.put(url, data=b"1", headers=origin)
    assert (refused.status_code, cors_of(refused)) == (403, {})
