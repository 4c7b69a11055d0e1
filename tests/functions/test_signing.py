"""Signed URLs, taken apart by Google's description of version 4 and not by the signing library."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from cloud.settings import Settings, SettingsError
from cloud.signing import Signer, upload_headers
from memegen.contract import SIGNED_UPLOAD_HEADERS

ACCOUNT = "signing@project.iam.gserviceaccount.com"


@pytest.fixture
def key(signing_key):
    return signing_key


@pytest.fixture
def settings(key_file) -> Settings:
    return Settings(
        function="api",
        uploads_bucket="photos",
        memes_bucket="memes",
        uploads_url="http://localhost:8084",
        memes_url="https://memes.storage.googleapis.com",
        signing_account=ACCOUNT,
        signing_key_file=key_file(ACCOUNT),
    )


@pytest.fixture
def client() -> storage.Client:
    return storage.Client(project="project", credentials=AnonymousCredentials())


def signed_string(method: str, url: str, headers: dict[str, str]) -> bytes:
    """The string to sign, from the request alone."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    del query["X-Goog-Signature"]
    sent = {name.lower(): value for name, value in {**headers, "Host": parts.netloc}.items()}
    names = query["X-Goog-SignedHeaders"].split(";")
    request = "\n".join(
        [
            method,
            parts.path,
            "&".join(f"{quote(n, safe='~')}={quote(v, safe='~')}" for n, v in sorted(query.items())),
            *[f"{name}:{sent[name]}" for name in names],
            "",
            ";".join(names),
            "UNSIGNED-PAYLOAD",
        ]
    )
    scope = query["X-Goog-Credential"].split("/", 1)[1]
    digest = hashlib.sha256(request.encode()).hexdigest()
    return f"GOOG4-RSA-SHA256\n{query['X-Goog-Date']}\n{scope}\n{digest}".encode()


def verify(key, method: str, url: str, headers: dict[str, str]) -> None:
    signature = bytes.fromhex(parse_qs(urlsplit(url).query)["X-Goog-Signature"][0])
    key.public_key().verify(
        signature, signed_string(method, url, headers), padding.PKCS1v15(), hashes.SHA256()
    )


def test_the_policy_of_an_upload():
    assert upload_headers("image/png", None) == {
        "Content-Type": "image/png",
        "x-goog-content-length-range": "1,20971520",
        "x-goog-if-generation-match": "0",
    }
    assert upload_headers("image/png", "e30") == {
        "Content-Type": "image/png",
        "x-goog-content-length-range": "1,20971520",
        "x-goog-if-generation-match": "0",
        "x-goog-meta-options": "e30",
    }
    assert set(upload_headers("image/png", "e30")) == set(SIGNED_UPLOAD_HEADERS)


def test_an_upload_is_signed_with_its_whole_policy(key, settings, client):
    upload = Signer(settings, client).upload("web/AAAA/0", "image/png", "e30")
    parts = urlsplit(upload.url)
    query = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc, parts.path) == ("http", "localhost:8084", "/web/AAAA/0")
    assert set(query) == {
        "X-Goog-Algorithm",
        "X-Goog-Credential",
        "X-Goog-Date",
        "X-Goog-Expires",
        "X-Goog-SignedHeaders",
        "X-Goog-Signature",
    }
    assert query["X-Goog-Algorithm"] == ["GOOG4-RSA-SHA256"]
    assert query["X-Goog-Expires"] == ["600"]
    date = datetime.strptime(query["X-Goog-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert timedelta(0) <= datetime.now(UTC) - date < timedelta(minutes=1)
    assert query["X-Goog-Credential"] == [f"{ACCOUNT}/{date:%Y%m%d}/auto/storage/goog4_request"]
    assert query["X-Goog-SignedHeaders"] == [
        "content-type;host;x-goog-content-length-range;x-goog-if-generation-match;x-goog-meta-options"
    ]
    assert upload.headers == upload_headers("image/png", "e30")
    verify(key, "PUT", upload.url, upload.headers)


def test_without_options_there_is_no_header_for_them(key, settings, client):
    upload = Signer(settings, client).upload("web/AAAA/0", "image/png", None)
    assert "x-goog-meta-options" not in upload.headers
    assert parse_qs(urlsplit(upload.url).query)["X-Goog-SignedHeaders"] == [
        "content-type;host;x-goog-content-length-range;x-goog-if-generation-match"
    ]
    verify(key, "PUT", upload.url, upload.headers)


def test_a_view_and_a_download_differ_in_the_disposition_alone(key, settings, client):
    signer = Signer(settings, client)
    view, download = signer.view("web/AAAA/0.meme.jpg"), signer.download("web/AAAA/0.meme.jpg")
    for url in (view, download):
        assert url.startswith("https://memes.storage.googleapis.com/web/AAAA/0.meme.jpg?")
        query = parse_qs(urlsplit(url).query)
        assert (query["X-Goog-Expires"], query["X-Goog-SignedHeaders"]) == (["600"], ["host"])
        verify(key, "GET", url, {})
    disposition = "response-content-disposition"
    assert parse_qs(urlsplit(download).query)[disposition] == ['attachment; filename="meme.jpg"']
    assert disposition not in view


def test_a_key_of_another_account_is_refused(settings, client):
    other = Settings(**{**vars(settings), "signing_account": "api@project.iam.gserviceaccount.com"})
    with pytest.raises(SettingsError, match=f"the key of {ACCOUNT}, but SIGNING_ACCOUNT is api@"):
        Signer(other, client)


class PlatformCredentials(AnonymousCredentials):
    """Stands for the metadata server's: a token, once refreshed."""

    token = None

    @property
    def valid(self) -> bool:
        return self.token is not None

    def refresh(self, request) -> None:
        self.token = "platform-token"


def test_without_a_key_iam_signs(key, settings, client, monkeypatch):
    """What goes to IAM's signBlob, answered here with the account's key."""
    calls = []

    class Answer:
        status = 200

        def __init__(self, data: bytes) -> None:
            self.data = data

    def sign_blob(self, url, method, body, headers):
        calls.append((method, url, headers["Authorization"]))
        payload = base64.b64decode(json.loads(body)["payload"])
        signature = key.sign(payload, padding.PKCS1v15(), hashes.SHA256())
        return Answer(json.dumps({"signedBlob": base64.b64encode(signature).decode()}).encode())

    monkeypatch.setattr("google.auth.transport.requests.Request.__call__", sign_blob)
    asked = []

    def platform(scopes):
        asked.append(scopes)
        return PlatformCredentials(), "project"

    monkeypatch.setattr("google.auth.default", platform)
    signer = Signer(Settings(**{**vars(settings), "signing_key_file": None}), client)
    upload = signer.upload("web/AAAA/0", "image/jpeg", None)
    verify(key, "PUT", upload.url, upload.headers)
    assert asked == [["https://www.googleapis.com/auth/cloud-platform"]]
    credential = parse_qs(urlsplit(upload.url).query)["X-Goog-Credential"][0]
    assert credential.startswith(f"{ACCOUNT}/")
    assert calls == [
        (
            "POST",
            f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{ACCOUNT}:signBlob?alt=json",
            "Bearer platform-token",
        )
    ]
