"""What the functions' tests share: drawn photos, accounts, and the running api."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.cloud import storage
from PIL import Image

from cloud.settings import Settings
from cloud.signing import Signer
from tests.support import openapi
from tests.support.buckets import wait

OPENAPI = openapi.load()


def encode(picture: Image.Image, format: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG of 320 × 240 pixels in which there is no face."""
    across = np.linspace(0, 255, 320, dtype=np.uint8)
    return encode(Image.fromarray(np.stack([np.tile(across, (240, 1))] * 3, axis=-1)))


@pytest.fixture(scope="session")
def signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def key_file(signing_key, tmp_path_factory) -> Callable[[str], Path]:
    """Writes a service account's key file."""

    def write(email: str) -> Path:
        file = tmp_path_factory.mktemp("accounts") / "key.json"
        pem = signing_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        content = {
            "type": "service_account",
            "project_id": "project",
            "client_email": email,
            "private_key": pem.decode(),
            "token_uri": "http://localhost/token",
        }
        file.write_text(json.dumps(content))
        return file

    return write


@pytest.fixture(scope="session")
def ask(stack) -> Callable[..., requests.Response]:
    """Asks the running api; every answer must be one that openapi.yaml describes."""

    def request(method: str, path: str, **arguments: Any) -> requests.Response:
        answer = requests.request(method, stack.api_url + path, timeout=60, **arguments)
        if method not in ("OPTIONS", "HEAD"):
            check_described(method, path, answer)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Vary"] == "Origin"
        return answer

    return request


def check_described(method: str, path: str, answer: requests.Response) -> None:
    """Holds an answer against openapi.yaml: its address, status, media type and body."""
    template = next((known for known in OPENAPI["paths"] if _matches(known, path)), None)
    if template is None:
        name = {404: "NotFound", 429: "TooManyRequests"}[answer.status_code]
        described = {"$ref": f"#/components/responses/{name}"}
    else:
        operations = OPENAPI["paths"][template]
        # An answer to a method that an address hasn't is described with those that it has.
        known = [operations[name] for name in operations if name in ("get", "post", "delete")]
        operation = operations.get(method.lower(), known[0])
        described = operation["responses"][str(answer.status_code)]
    if "$ref" in described:
        described = OPENAPI["components"]["responses"][described["$ref"].rsplit("/", 1)[-1]]
    if "content" not in described:
        assert answer.content == b""
        return
    [(media_type, content)] = described["content"].items()
    assert answer.headers["Content-Type"] == media_type
    if "json" not in media_type:
        return
    schema = {**content["schema"], "components": OPENAPI["components"]}
    jsonschema.validate(answer.json(), schema, jsonschema.Draft202012Validator)


def _matches(template: str, path: str) -> bool:
    pattern = template.replace(".", r"\.").replace("{id}", "[^/]+").replace("{token}", "[^/.]+")
    return re.fullmatch(pattern, path) is not None


@pytest.fixture(scope="session")
def finished(ask) -> Callable[[str], dict[str, Any]]:
    """What the api shows of a meme once it's done or failed."""

    def until(meme_id: str) -> dict[str, Any]:
        def shown() -> dict[str, Any] | None:
            body = ask("GET", f"/memes/{meme_id}").json()
            return body if body["status"] in ("done", "failed") else None

        return wait(shown)

    return until


@pytest.fixture
def signer(stack) -> Signer:
    """Signs as the running api does, and lets a test choose the time."""
    settings = Settings(
        function="api",
        uploads_bucket=stack.uploads_bucket,
        memes_bucket=stack.memes_bucket,
        uploads_url=stack.uploads_url,
        memes_url=stack.memes_url,
        signing_account="signing@memegen-local.iam.gserviceaccount.com",
        signing_key_file=stack.account_file("signing"),
    )
    return Signer(settings, storage.Client.from_service_account_json(stack.account_file("api")))
