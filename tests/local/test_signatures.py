"""V4 signatures against a vector made apart from any of our code, at a fixed clock.

The canonical request was written out by hand from Google's rules; then, with a key of `openssl genrsa 2048`:

    openssl dgst -sha256 canonical-request            # the hash that ends the string to sign
    openssl dgst -sha256 -sign key.pem string-to-sign | xxd -p
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from infra.local.storage.errors import StorageError
from infra.local.storage.signatures import SignedRequest, canonical_request, string_to_sign, verify

ACCOUNT = "signing@memegen-local.iam.gserviceaccount.com"
HOST = "localhost:8084"
SIGNED_AT = datetime(2026, 11, 25, 20, 0, 0, tzinfo=UTC)
SIGNED_HEADERS = [
    "content-type",
    "host",
    "x-goog-content-length-range",
    "x-goog-if-generation-match",
    "x-goog-meta-options",
]

CANONICAL_REQUEST = """\
PUT
/web/photo%20%C3%BC~1/0
X-Goog-Algorithm=GOOG4-RSA-SHA256\
&X-Goog-Credential=signing%40memegen-local.iam.gserviceaccount.com%2F20261125%2Fauto%2Fstorage%2Fgoog4_request\
&X-Goog-Date=20261125T200000Z\
&X-Goog-Expires=600\
&X-Goog-SignedHeaders=content-type%3Bhost%3Bx-goog-content-length-range%3Bx-goog-if-generation-match\
%3Bx-goog-meta-options
content-type:image/jpeg
host:localhost:8084
x-goog-content-length-range:1,20971520
x-goog-if-generation-match:0
x-goog-meta-options:eyJzZWVkIjo3fQ

content-type;host;x-goog-content-length-range;x-goog-if-generation-match;x-goog-meta-options
UNSIGNED-PAYLOAD"""

STRING_TO_SIGN = """\
GOOG4-RSA-SHA256
20261125T200000Z
20261125/auto/storage/goog4_request
1f888faebdab1cc0a7c66216356fc9d2bf6e9c5dd3287cf063d8da6732115448"""

SIGNATURE = (
    "35c43e6f719350762d28e9841b9fda6a3406fffe0c1446df0a49658cdfee5551c03e97e82112a45f86efdba3d60c1c0d"
    "416175001407323d816cb2d1ffd4279828ad67612a39f7e801517181a63f05e44a3db067e7b0084f865d2cbfac052902"
    "6ee52b9564a4edd551ebacdce8bd60551c40b3b11420ce20601f6347a29439a60feb002a7654ad788a07948705c0d994"
    "3a27670e8c1f2401b0f6e9e10b50168a675d4a4024aa45aa8073d2013282f4431a36160505cb53de335dc92715dd31fa"
    "f45825c6ff2d7debe2ab35de11a73f80247396a8e94deafac56a29ceebe132f846c44b98b33ffcc17addf6ce730062cb"
    "8de4ed9bebb2b2a1e28c0482e500fe54"
)

PUBLIC_KEY = load_pem_public_key(b"""-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlSqRWlvGUCNVdmE5zoSQ
83ddCZZidC2Ss+Cle6eboC0FsF849bktiyb7OYFIdIRF859x7vNFQ8fOoLk94U9j
Esyv+qo+c9VtjonWLoFpezm210jHBc8dPt/ffueQy2zETVnRa35ed5UVH2/ZlX3p
t80Y1zMuObk4LfHZM22X5/vk8nspv9cmxKP1tZO9IbBL87FvBFo6iZBEd+/X9fqc
fvAKeD/aVlrbiz+d6tX2dcvJgMDIiWyNLFL/WYuqix7FaxS5lQO9haEIkv7KRr9d
cwA+o8bRq/lJwfAMgnisrHd7+fqzgbz4n6WDS55AHskEnMJEBRlBWWO8wZE/xiMw
ewIDAQAB
-----END PUBLIC KEY-----
""")

REQUEST = SignedRequest(
    method="PUT",
    path="/web/photo%20%C3%BC~1/0",
    query=(
        ("X-Goog-Signature", SIGNATURE),
        ("X-Goog-SignedHeaders", ";".join(SIGNED_HEADERS)),
        ("X-Goog-Expires", "600"),
        ("X-Goog-Date", "20261125T200000Z"),
        ("X-Goog-Credential", f"{ACCOUNT}/20261125/auto/storage/goog4_request"),
        ("X-Goog-Algorithm", "GOOG4-RSA-SHA256"),
    ),
    headers={
        "accept": "*/*",
        "content-length": "5",
        "content-type": "image/jpeg",
        "host": HOST,
        "x-goog-content-length-range": "1,20971520",
        "x-goog-if-generation-match": "0",
        "x-goog-meta-options": "eyJzZWVkIjo3fQ",
    },
)


def check(request: SignedRequest, host: str = HOST, now: datetime = SIGNED_AT) -> str:
    return verify(request, host, {ACCOUNT: PUBLIC_KEY}.get, now)


def with_parameter(name: str, value: str | None) -> SignedRequest:
    query = [(key, old if key != name else value) for key, old in REQUEST.query]
    return replace(REQUEST, query=tuple((key, old) for key, old in query if old is not None))


def with_header(name: str, value: str | None) -> SignedRequest:
    headers = {**REQUEST.headers, name: value}
    return replace(REQUEST, headers={key: old for key, old in headers.items() if old is not None})


def test_canonical_request_is_the_one_written_by_hand():
    assert canonical_request(REQUEST, SIGNED_HEADERS) == CANONICAL_REQUEST


def test_string_to_sign_is_the_one_written_by_hand():
    scope = "20261125/auto/storage/goog4_request"
    assert string_to_sign("20261125T200000Z", scope, CANONICAL_REQUEST) == STRING_TO_SIGN


def test_signature_made_by_openssl_is_accepted():
    assert check(REQUEST) == ACCOUNT


def test_it_holds_to_its_last_second():
    assert check(REQUEST, now=SIGNED_AT + timedelta(seconds=599)) == ACCOUNT


def test_paths_escaped_in_another_way_are_the_same_path():
    assert check(replace(REQUEST, path="/web/%70hoto%20%c3%bc%7E1/0")) == ACCOUNT


def test_spaces_in_and_around_a_header_value_count_once():
    headers = {"host": " a ", "x-goog-meta-k": "  one   two\t three "}
    request = SignedRequest("GET", "/x", (), headers)
    assert canonical_request(request, ["host", "x-goog-meta-k"]).split("\n")[3:5] == [
        "host:a",
        "x-goog-meta-k:one two three",
    ]


def test_query_is_sorted_and_escaped_but_for_unreserved_characters():
    query = (("b", "2"), ("a", "x/y z~-_."), ("a", "")), ("X-Goog-Signature", "00")
    request = SignedRequest("GET", "/x", (*query[0], query[1]), {"host": "a"})
    assert canonical_request(request, ["host"]).split("\n")[2] == "a=&a=x%2Fy%20z~-_.&b=2"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (replace(REQUEST, method="GET"), "SignatureDoesNotMatch"),
        (replace(REQUEST, path="/web/photo%20%C3%BC~1/1"), "SignatureDoesNotMatch"),
        (replace(REQUEST, query=(*REQUEST.query, ("generation", "1"))), "SignatureDoesNotMatch"),
        (with_parameter("X-Goog-Expires", "601"), "SignatureDoesNotMatch"),
        (with_parameter("X-Goog-Signature", SIGNATURE[:-1] + "5"), "SignatureDoesNotMatch"),
        (with_parameter("X-Goog-Signature", "no hex"), "SignatureDoesNotMatch"),
        (with_header("content-type", "image/png"), "SignatureDoesNotMatch"),
        (with_header("content-type", None), "SignatureDoesNotMatch"),
        (with_header("x-goog-content-length-range", "1,99999999"), "SignatureDoesNotMatch"),
        (with_header("x-goog-if-generation-match", None), "SignatureDoesNotMatch"),
        (with_header("host", "127.0.0.1:8084"), "SignatureDoesNotMatch"),
        (with_header("x-goog-meta-more", "1"), "AccessDenied"),
        (with_parameter("X-Goog-Credential", "x@y/20261125/auto/storage/goog4_request"), "InvalidSecurity"),
        (with_parameter("X-Goog-Credential", f"{ACCOUNT}/20261125/auto/s3/goog4_request"), "InvalidArgument"),
        (
            with_parameter("X-Goog-Credential", f"{ACCOUNT}/20261124/auto/storage/goog4_request"),
            "InvalidArgument",
        ),
        (with_parameter("X-Goog-Algorithm", "GOOG4-HMAC-SHA256"), "InvalidArgument"),
        (with_parameter("X-Goog-Date", "2026-11-25"), "InvalidArgument"),
        (with_parameter("X-Goog-Expires", "0"), "InvalidArgument"),
        (with_parameter("X-Goog-Expires", "604801"), "InvalidArgument"),
        (with_parameter("X-Goog-Expires", "-1"), "InvalidArgument"),
        (with_parameter("X-Goog-Expires", None), "InvalidArgument"),
        (replace(REQUEST, query=(*REQUEST.query, ("X-Goog-Expires", "600"))), "InvalidArgument"),
        (with_parameter("X-Goog-SignedHeaders", "content-type"), "InvalidArgument"),
        (with_parameter("X-Goog-SignedHeaders", "host;content-type"), "InvalidArgument"),
        (with_parameter("X-Goog-SignedHeaders", "host"), "AccessDenied"),
    ],
)
def test_altered_request_is_refused(request_: SignedRequest, code: str):
    with pytest.raises(StorageError) as refused:
        check(request_)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("seconds", "code"), [(600, "ExpiredToken"), (86400, "ExpiredToken"), (-901, "RequestTimeTooSkewed")]
)
def test_request_outside_its_time_is_refused(seconds: int, code: str):
    with pytest.raises(StorageError) as refused:
        check(REQUEST, now=SIGNED_AT + timedelta(seconds=seconds))
    assert refused.value.code == code


def test_clock_a_little_behind_the_signer_is_borne():
    assert check(REQUEST, now=SIGNED_AT - timedelta(minutes=14)) == ACCOUNT


def test_url_for_one_host_is_refused_at_another():
    with pytest.raises(StorageError) as refused:
        check(REQUEST, host="localhost:8085")
    assert refused.value.code == "SignatureDoesNotMatch"


def test_refusal_shows_what_should_have_been_signed():
    with pytest.raises(StorageError) as refused:
        check(with_header("content-type", "image/png"))
    assert refused.value.details["CanonicalRequest"] == CANONICAL_REQUEST.replace("image/jpeg", "image/png")
