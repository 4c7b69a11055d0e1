"""Checks V4 signed URLs as Google specifies them.

Sources: https://cloud.google.com/storage/docs/authentication/canonical-requests,
https://cloud.google.com/storage/docs/authentication/signatures and
https://cloud.google.com/storage/docs/access-control/signed-urls.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote_to_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from infra.local.storage.errors import StorageError

ALGORITHM = "GOOG4-RSA-SHA256"
PAYLOAD = "UNSIGNED-PAYLOAD"
LONGEST_SECONDS = 604_800
CLOCK_SKEW = timedelta(minutes=15)
PARAMETERS = (
    "X-Goog-Algorithm",
    "X-Goog-Credential",
    "X-Goog-Date",
    "X-Goog-Expires",
    "X-Goog-SignedHeaders",
    "X-Goog-Signature",
)


@dataclass(frozen=True)
class SignedRequest:
    """What a signature covers.

    path: percent-encoded, as it was sent. query: decoded pairs in any order. headers: lower-case names; the
    values of a repeated header are joined by commas.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]


def canonical_request(request: SignedRequest, signed_headers: Iterable[str]) -> str:
    """The request in the form that is hashed and signed. `signed_headers` are lower-case names, sorted."""
    names = list(signed_headers)
    pairs = sorted(
        (quote(name, safe=""), quote(value, safe=""))
        for name, value in request.query
        if name != "X-Goog-Signature"
    )
    return "\n".join(
        (
            request.method,
            quote(unquote_to_bytes(request.path), safe="/"),
            "&".join(f"{name}={value}" for name, value in pairs),
            "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in names),
            ";".join(names),
            PAYLOAD,
        )
    )


def string_to_sign(date: str, scope: str, canonical: str) -> str:
    return "\n".join((ALGORITHM, date, scope, hashlib.sha256(canonical.encode()).hexdigest()))


def verify(
    request: SignedRequest,
    host: str,
    public_key: Callable[[str], RSAPublicKey | None],
    now: datetime,
) -> str:
    """The e-mail address of the account that signed `request` for `host` (name and port).

    `public_key` returns an account's key, and `now` has a time zone. Raises StorageError with the code that
    Cloud Storage would give.
    """
    parameters = _parameters(request)
    signer, scope = _credential(parameters)
    _check_time(parameters, scope, now)
    names = _signed_headers(request, parameters)
    canonical = canonical_request(request, names)
    to_sign = string_to_sign(parameters["X-Goog-Date"], scope, canonical)
    key = public_key(signer)
    if key is None:
        raise StorageError("InvalidSecurity", f"The signing account {signer} is not known to this project.")
    try:
        if request.headers["host"] != host:
            raise InvalidSignature
        key.verify(bytes.fromhex(parameters["X-Goog-Signature"]), to_sign.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        raise StorageError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your signing key and what you signed.",
            {"StringToSign": to_sign, "CanonicalRequest": canonical},
        ) from None
    return signer


def is_signed(query: Iterable[tuple[str, str]]) -> bool:
    return any(name in PARAMETERS for name, _ in query)


def _parameters(request: SignedRequest) -> dict[str, str]:
    given = [(name, value) for name, value in request.query if name in PARAMETERS]
    parameters = dict(given)
    missing = [name for name in PARAMETERS if name not in parameters]
    if missing or len(given) != len(parameters):
        raise StorageError(
            "InvalidArgument",
            f"A signed URL has each of {', '.join(PARAMETERS)} once. Missing: {missing or 'none'}.",
        )
    if parameters["X-Goog-Algorithm"] != ALGORITHM:
        raise StorageError(
            "InvalidArgument",
            f"X-Goog-Algorithm is {parameters['X-Goog-Algorithm']!r}; expected {ALGORITHM}.",
        )
    return parameters


def _credential(parameters: Mapping[str, str]) -> tuple[str, str]:
    """Account and credential scope out of `ACCOUNT/DATE/LOCATION/storage/goog4_request`."""
    found = re.fullmatch(r"([^/]+)/(\d{8}/[^/]+/storage/goog4_request)", parameters["X-Goog-Credential"])
    if found is None:
        raise StorageError(
            "InvalidArgument",
            "X-Goog-Credential is not of the form ACCOUNT/YYYYMMDD/LOCATION/storage/goog4_request.",
        )
    return found[1], found[2]


def _check_time(parameters: Mapping[str, str], scope: str, now: datetime) -> None:
    date, expires = parameters["X-Goog-Date"], parameters["X-Goog-Expires"]
    try:
        start = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise StorageError(
            "InvalidArgument", f"X-Goog-Date is {date!r}; expected YYYYMMDDTHHMMSSZ."
        ) from None
    if scope[:8] != date[:8]:
        raise StorageError(
            "InvalidArgument", f"The credential scope's date {scope[:8]} is not X-Goog-Date's {date[:8]}."
        )
    if not re.fullmatch(r"\d{1,9}", expires) or not 1 <= int(expires) <= LONGEST_SECONDS:
        raise StorageError(
            "InvalidArgument", f"X-Goog-Expires is {expires!r}; expected 1 to {LONGEST_SECONDS} seconds."
        )
    end = start + timedelta(seconds=int(expires))
    if now >= end:
        raise StorageError(
            "ExpiredToken", f"The provided token has expired. Request signature expired at: {end:%FT%T}Z"
        )
    if start > now + CLOCK_SKEW:
        raise StorageError(
            "RequestTimeTooSkewed", f"X-Goog-Date {date} lies more than 15 minutes ahead of {now:%FT%T}Z."
        )


def _signed_headers(request: SignedRequest, parameters: Mapping[str, str]) -> list[str]:
    names = parameters["X-Goog-SignedHeaders"].split(";")
    if names != sorted({name.lower() for name in names}):
        raise StorageError(
            "InvalidArgument", "X-Goog-SignedHeaders must be lower-case names, sorted, each once."
        )
    if "host" not in names:
        raise StorageError("InvalidArgument", "The header host must be signed.")
    unsigned = sorted(name for name in request.headers if name.startswith("x-goog-") and name not in names)
    if unsigned:
        raise StorageError(
            "AccessDenied", f"These headers of the request must be signed and are not: {', '.join(unsigned)}."
        )
    absent = [name for name in names if name not in request.headers]
    if absent:
        raise StorageError(
            "SignatureDoesNotMatch", f"The URL was signed with headers it came without: {', '.join(absent)}."
        )
    return names
