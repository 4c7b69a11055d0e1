"""Signed URLs: what an upload must look like to be let in, and for how long a meme may be fetched.

https://cloud.google.com/storage/docs/access-control/signed-urls (version 4)
"""

from dataclasses import dataclass
from typing import Any

import google.auth
from google.auth.transport.requests import Request
from google.cloud import storage
from google.oauth2 import service_account

from cloud.settings import Settings, SettingsError
from memegen.contract import MAX_PHOTO_BYTES, SIGNED_UPLOAD_HEADERS, UPLOAD_URL_LIFETIME

_CONTENT_TYPE, _LENGTH_RANGE, _GENERATION_MATCH, _OPTIONS = SIGNED_UPLOAD_HEADERS


@dataclass(frozen=True)
class SignedUpload:
    """A PUT that Cloud Storage lets in: `headers` must be sent as they stand, or the signature fails."""

    url: str
    headers: dict[str, str]


def upload_headers(content_type: str, options: str | None) -> dict[str, str]:
    """The headers of an upload that is not empty, not too long and never replaces another object.

    options: an encoded metadata entry, see `option_codec.encode_options`, or None.
    """
    headers = {
        _CONTENT_TYPE: content_type,
        _LENGTH_RANGE: f"1,{MAX_PHOTO_BYTES}",
        _GENERATION_MATCH: "0",
    }
    return headers if options is None else {**headers, _OPTIONS: options}


class Signer:
    """Signs URLs on the buckets' own hosts as the signing account.

    With a key file (on one machine) it signs by itself; without one it asks IAM's signBlob, for which
    the process's account needs the role serviceAccountTokenCreator on the signing account.
    """

    def __init__(self, settings: Settings, client: storage.Client) -> None:
        self._uploads = client.bucket(settings.uploads_bucket)
        self._memes = client.bucket(settings.memes_bucket)
        self._settings = settings
        self._credentials = _signing_credentials(settings)

    def upload(self, name: str, content_type: str, options: str | None) -> SignedUpload:
        """A PUT of a new object into the uploads bucket."""
        headers = upload_headers(content_type, options)
        # The library adds the host to the dictionary that it's given.
        url = self._sign(self._uploads.blob(name), self._settings.uploads_url, "PUT", headers=dict(headers))
        return SignedUpload(url, headers)

    def view(self, name: str) -> str:
        """A GET from the memes bucket."""
        return self._sign(self._memes.blob(name), self._settings.memes_url, "GET")

    def download(self, name: str) -> str:
        """A GET from the memes bucket that a browser saves as meme.jpg, or with the ending that it has."""
        ending = name.rpartition(".")[2]
        return self._sign(
            self._memes.blob(name),
            self._settings.memes_url,
            "GET",
            response_disposition=f'attachment; filename="meme.{ending}"',
        )

    def _sign(self, blob: storage.Blob, host_url: str, method: str, **policy: Any) -> str:
        return blob.generate_signed_url(
            version="v4",
            expiration=UPLOAD_URL_LIFETIME,
            method=method,
            bucket_bound_hostname=host_url,
            **policy,
            **self._identity(),
        )

    def _identity(self) -> dict[str, Any]:
        if self._settings.signing_key_file is not None:
            return {"credentials": self._credentials}
        if not self._credentials.valid:
            self._credentials.refresh(Request())
        return {
            "service_account_email": self._settings.signing_account,
            "access_token": self._credentials.token,
        }


def _signing_credentials(settings: Settings) -> Any:
    """The signing account's own credentials from its key file, or else the process's, which may ask IAM."""
    if settings.signing_key_file is None:
        credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
        return credentials
    credentials = service_account.Credentials.from_service_account_file(settings.signing_key_file)
    if credentials.service_account_email != settings.signing_account:
        raise SettingsError(
            f"SIGNING_KEY_FILE holds the key of {credentials.service_account_email}, "
            f"but SIGNING_ACCOUNT is {settings.signing_account}; they must be the same account."
        )
    return credentials
