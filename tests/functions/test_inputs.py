"""What the api reads from a request, in the test's own process."""

import io
import json

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from cloud.inputs import Body, BodyError, read_fields, read_options, read_photo_description
from cloud.problems import Problem

KNOWN = ("content_type", "size", "options")


def request(body: bytes, error: BodyError | None = None) -> Request:
    whole = b"" if error else body
    environ = EnvironBuilder(method="POST", data=whole).get_environ()
    environ["wsgi.input"] = Body(whole, error)
    return Request(environ)


def refused(act, *arguments) -> tuple[int, str, str]:
    with pytest.raises(Problem) as caught:
        act(*arguments)
    return int(caught.value.status), str(caught.value.code), caught.value.detail


def test_the_fields_of_a_json_body():
    assert read_fields(request(b'{"size": 1, "options": {"seed": 7}}'), KNOWN) == {
        "size": 1,
        "options": {"seed": 7},
    }
    assert read_fields(request(b""), KNOWN) == {}


def test_a_body_of_another_server_is_read_too():
    environ = EnvironBuilder(method="POST", data=b'{"size": 1}').get_environ()
    environ["wsgi.input"] = io.BytesIO(b'{"size": 1}')
    assert read_fields(Request(environ), KNOWN) == {"size": 1}


@pytest.mark.parametrize(("size", "taken"), [(16 * 1024, True), (16 * 1024 + 1, False)])
def test_a_body_has_16_kib_at_most(size, taken):
    body = json.dumps({"options": {"caption": ""}}).encode().ljust(size)
    if taken:
        assert read_fields(request(body), KNOWN) == {"options": {"caption": ""}}
    else:
        assert refused(read_fields, request(body), KNOWN)[:2] == (413, "too-many-bytes")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BodyError.TOO_LONG, (413, "too-many-bytes")),
        (BodyError.LATE, (408, "request-timeout")),
        (BodyError.BROKEN, (400, "bad-request")),
    ],
)
def test_a_body_that_is_not_whole_is_refused_for_what_it_lacks(error, expected):
    assert refused(read_fields, request(b'{"size": 1}', error), KNOWN)[:2] == expected


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 16_000, b"nothing"])
def test_what_is_no_json_is_refused(body):
    status, code, detail = refused(read_fields, request(body), KNOWN)
    assert (status, code) == (400, "bad-request")
    assert "JSON" in detail


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("[]", "a list"),
        ('"x"', "text"),
        ("1", "a number"),
        ("1.5", "a number"),
        ("true", "true, false or null"),
        ("null", "true, false or null"),
    ],
)
def test_a_body_or_options_that_are_no_object_are_called_what_they_are(body, said):
    assert f"body is {said}." in refused(read_fields, request(body.encode()), KNOWN)[2]
    value = json.loads(body)
    if value is not None:
        status, code, detail = refused(read_options, {"options": value})
        assert (status, code) == (400, "bad-option")
        assert f"options is {said}." in detail


@pytest.mark.parametrize(
    ("name", "shown"),
    [("colour", "'colour'"), ("x" * 60, f"'{'x' * 60}'"), ("x" * 61, f"'{'x' * 59}'…")],
)
def test_an_unknown_field_is_named_in_short_with_those_that_are_known(name, shown):
    status, code, detail = refused(read_fields, request(json.dumps({name: 1}).encode()), KNOWN)
    assert (status, code) == (400, "bad-request")
    assert f"field {shown}." in detail
    assert "content_type, size, options" in detail


def test_options_are_those_that_are_given_by_their_names_of_today():
    assert read_options({"options": {"turn": 3, "seed": None, "caption": "ha"}}) == {
        "variant": 3,
        "caption": "ha",
    }
    assert read_options({}) == read_options({"options": None}) == {}


@pytest.mark.parametrize("options", [{"seed": "many"}, {"colour": "red"}, {"turn": 1, "variant": 1}])
def test_a_wrong_option_is_refused_as_one(options):
    status, code, detail = refused(read_options, {"options": options})
    assert (status, code) == (400, "bad-option")
    assert any(name in detail for name in options)


# RFC 9110, 8.3.1: no case, and a parameter changes nothing. The others are names that browsers still send.
TYPES = {
    "image/jpeg": "image/jpeg",
    "IMAGE/JPEG": "image/jpeg",
    " image/jpeg ; charset=utf-8; q=1": "image/jpeg",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/x-ms-bmp": "image/bmp",
    "image/tif": "image/tiff",
    "image/heic": "image/heic",
    "image/avif": "image/avif",
    "image/webp": "image/webp",
    "image/gif": "image/gif",
}


@pytest.mark.parametrize("given", TYPES)
def test_a_type_is_taken_for_what_it_means(given):
    assert read_photo_description({"content_type": given, "size": 1}) == TYPES[given]


@pytest.mark.parametrize("given", ["image/svg+xml", "text/plain", "", "jpeg", "image/jpeg,image/png"])
def test_another_type_is_refused_with_those_that_are_read(given):
    status, code, detail = refused(read_photo_description, {"content_type": given, "size": 1})
    assert (status, code) == (415, "unsupported-format")
    assert repr(given) in detail
    assert "image/jpeg" in detail
    assert "image/heic" in detail


@pytest.mark.parametrize(
    "fields", [{"size": 1}, {"content_type": None, "size": 1}, {"content_type": 3, "size": 1}]
)
def test_a_type_that_is_missing_or_no_text_is_refused(fields):
    assert refused(read_photo_description, fields)[:2] == (400, "bad-request")


@pytest.mark.parametrize("size", [1, 20 * 2**20])
def test_a_photo_has_a_byte_at_least_and_20_mib_at_most(size):
    assert read_photo_description({"content_type": "image/png", "size": size}) == "image/png"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (20 * 2**20 + 1, (413, "too-many-bytes")),
        (0, (400, "bad-request")),
        (-1, (400, "bad-request")),
        (True, (400, "bad-request")),
        ("1", (400, "bad-request")),
        (1.0, (400, "bad-request")),
        (None, (400, "bad-request")),
    ],
)
def test_another_size_is_refused(size, expected):
    assert refused(read_photo_description, {"content_type": "image/png", "size": size})[:2] == expected


def test_the_limit_of_a_photo_is_named():
    assert "20 MiB" in refused(read_photo_description, {"content_type": "image/png", "size": 2**30})[2]
