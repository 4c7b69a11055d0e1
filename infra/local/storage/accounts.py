"""Service accounts: their key files, their permissions, and the OAuth token endpoint.

An account gets a token as RFC 7523 describes; google-auth does this with a service account's key file.
"""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from google.auth import exceptions, jwt
from werkzeug import Request, Response

from infra.local.config import project
from infra.local.config.permissions import Permissions
from infra.local.storage.errors import StorageError

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"
"""The audience that google-auth for Python always names, whatever token_uri the key file has."""
TOKEN_SECONDS = 3600


def make_key_files(folder: Path, token_uri: str) -> None:
    """Writes `<account>.json` for each account of the project. An account that has a key keeps it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for account in project.ACCOUNTS:
        path = folder / f"{account}.json"
        kept = json.loads(path.read_text()) if path.exists() else {}
        content = {
            "type": "service_account",
            "project_id": project.PROJECT,
            "private_key_id": kept.get("private_key_id") or secrets.token_hex(20),
            "private_key": kept.get("private_key") or _new_key(),
            "client_email": project.email(account),
            "token_uri": token_uri,
        }
        path.touch(mode=0o600)
        path.write_text(json.dumps(content, indent=2))


class Accounts:
    """The accounts whose key files lie in `folder`."""

    def __init__(self, folder: Path, token_uri: str, permissions: Permissions = project.ACCOUNTS):
        self._token_uri = token_uri
        self._keys = _public_keys(folder)
        self._permissions = {project.email(account): parts for account, parts in permissions.items()}
        self._tokens: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def public_key(self, email: str) -> rsa.RSAPublicKey | None:
        return self._keys.get(email)

    def may(self, email: str, permission: str, bucket: str) -> bool:
        return permission in self._permissions.get(email, {}).get(bucket, ())

    def require(self, email: str, permission: str, bucket: str) -> None:
        """Raises StorageError unless the account has the permission on the bucket."""
        if not self.may(email, permission, bucket):
            raise StorageError(
                "AccessDenied",
                f"{email} does not have {permission} access to the Google Cloud Storage bucket.",
            )

    @contextmanager
    def hiding_absence(self, email: str, bucket: str) -> Iterator[None]:
        """Turns "404, no such object" into 403 if the account may not list the bucket, as Cloud Storage does.

        So the account can't find out whether an object exists."""
        try:
            yield
        except StorageError as error:
            if error.code != "NoSuchKey" or self.may(email, "storage.objects.list", bucket):
                raise
            raise StorageError(
                "AccessDenied",
                f"{email} does not have access to the Google Cloud Storage object (or it may not exist); "
                "storage.objects.list on the bucket would tell.",
            ) from error

    def bearer(self, authorization: str) -> str:
        """The e-mail address of the account whose token this `Authorization` header carries.

        Raises StorageError (401) if the token was not given out here or is no longer valid.
        """
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            email, end = self._tokens.get(token, ("", 0.0))
        if scheme.lower() != "bearer" or time.time() >= end:
            raise StorageError(
                "AuthenticationRequired", "The request needs a valid access token of the local project."
            )
        return email

    def token(self, request: Request) -> Response:
        """The token endpoint: exchanges a signed assertion for an access token."""
        form = request.form
        if request.method != "POST" or form.get("grant_type") != GRANT_TYPE:
            return _token_error("unsupported_grant_type", f"POST a form with grant_type={GRANT_TYPE}.")
        try:
            email = self._assertion_issuer(form.get("assertion", ""))
        except (ValueError, exceptions.GoogleAuthError) as error:
            return _token_error("invalid_grant", f"Invalid JWT: {error}")
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._tokens[token] = (email, time.time() + TOKEN_SECONDS)
        answer = {"access_token": token, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}
        return Response(json.dumps(answer), content_type="application/json")

    def _assertion_issuer(self, assertion: str) -> str:
        issuer = jwt.decode(assertion, verify=False).get("iss", "")
        key = self._keys.get(issuer)
        if key is None:
            raise ValueError(f"no account {issuer!r} in this project")
        if jwt.decode_header(assertion).get("alg") != "RS256":
            raise ValueError("the assertion must be signed with RS256")
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        jwt.decode(assertion, certs=pem, audience=[self._token_uri, GOOGLE_AUDIENCE])
        return str(issuer)


def _public_keys(folder: Path) -> dict[str, rsa.RSAPublicKey]:
    keys = {}
    for path in folder.glob("*.json"):
        content = json.loads(path.read_text())
        key = load_pem_private_key(content["private_key"].encode(), password=None).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise TypeError(f"{path} holds no RSA key; delete it and start again to have a new one made")
        keys[content["client_email"]] = key
    return keys


def _new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _token_error(code: str, description: str) -> Response:
    body = json.dumps({"error": code, "error_description": description})
    return Response(body, 400, content_type="application/json")
