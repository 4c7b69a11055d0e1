"""openapi.yaml against the code. The tests that call the api check that it describes every answer."""

import re
from dataclasses import fields

import jsonschema
import pytest

from memegen import Options, PhotoError
from memegen.contract import (
    CONTENT_TYPES,
    MAX_CAPTION_CHARACTERS,
    MAX_PHOTO_BYTES,
    MAX_REQUEST_BYTES,
    MAX_SEEN_CAPTIONS,
    SIGNED_UPLOAD_HEADERS,
)
from memegen.errors import ErrorCode
from memegen.options import (
    ANIMATIONS,
    AUTO,
    CANVASES,
    EXPRESSIONS,
    MAX_FACE,
    MOVING_STYLES,
    STYLE_CHOICES,
    TEXT_SIZES,
)
from tests.support import openapi

OPENAPI = openapi.load()
SCHEMAS = OPENAPI["components"]["schemas"]
UPLOAD = OPENAPI["paths"]["/uploads"]["post"]


def test_uploads_are_described_as_they_are_taken():
    asked = UPLOAD["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert asked["content_type"]["enum"] == list(CONTENT_TYPES)
    assert asked["size"]["maximum"] == MAX_PHOTO_BYTES
    answered = UPLOAD["responses"]["201"]["content"]["application/json"]["schema"]["properties"]
    headers = answered["upload"]["properties"]["headers"]["properties"]
    assert list(headers) == list(SIGNED_UPLOAD_HEADERS)
    assert headers["x-goog-content-length-range"]["const"] == f"1,{MAX_PHOTO_BYTES}"
    assert UPLOAD["requestBody"]["description"] == f"At most {MAX_REQUEST_BYTES // 1024} KiB."


def test_options_are_described_by_name():
    assert list(SCHEMAS["Options"]["properties"]) == [
        *(field.name for field in fields(Options)),
        "turn",
    ]
    assert SCHEMAS["Expression"]["enum"] == list(EXPRESSIONS)
    assert SCHEMAS["Options"]["properties"]["caption"]["maxLength"] == MAX_CAPTION_CHARACTERS
    assert SCHEMAS["Options"]["properties"]["seen"]["maxItems"] == MAX_SEEN_CAPTIONS
    pattern = SCHEMAS["Options"]["properties"]["style"]["pattern"]
    assert all(re.fullmatch(pattern, style) for style in STYLE_CHOICES)
    described = SCHEMAS["Options"]["properties"]
    assert described["canvas"]["enum"] == [*CANVASES, None]
    assert described["text_size"]["enum"] == [*TEXT_SIZES, None]
    assert described["face"]["maximum"] == MAX_FACE
    assert described["animate"]["enum"] == [*ANIMATIONS, None]
    assert SCHEMAS["Options"]["then"]["properties"]["style"]["enum"] == [AUTO, *MOVING_STYLES, None]


@pytest.mark.parametrize(
    ("options", "right"),
    [
        ({}, True),
        ({"language": "zh-Hant-TW", "expression": "fear", "caption": "a\nb", "style": "classic"}, True),
        ({"seed": 2**63 - 1, "variant": 999_999}, True),
        ({"seed": "7", "variant": "3", "caption": None}, True),
        ({"turn": 3}, True),
        ({"turn": "3", "variant": None}, False),
        ({"seed": 2**63}, False),
        ({"seed": -1}, False),
        ({"variant": 1_000_000}, False),
        ({"turn": 1_000_000}, False),
        ({"variant": 1.5}, False),
        ({"variant": True}, False),
        ({"language": ""}, False),
        ({"expression": "bored"}, False),
        ({"caption": "x" * 301}, False),
        ({"caption": " \n"}, False),
        ({"style": "Speech bubble"}, False),
        ({"caption": "x\ufe0f"}, True),
        ({"style": "bubble"}, True),
        ({"watermark": "by me"}, False),
        ({"size": 7}, False),
        ({"caption_id": "en-reaction-001", "caption": None}, True),
        ({"caption_id": "a b"}, False),
        ({"seen": ["fear-01"] * 40}, True),
        ({"seen": ["fear-01"] * 41}, False),
        ({"seen": [7]}, False),
        ({"seen": "fear-01,fear-02"}, True),
        ({"seen": ""}, True),
        ({"seen": "fear-01,"}, False),
        ({"seen": None}, True),
        ({"animate": "webp"}, True),
        ({"animate": "gif", "style": "zoom"}, True),
        ({"animate": "gif", "style": None}, True),
        ({"animate": "gif", "style": "bar"}, False),
        ({"animate": None, "style": "bar"}, True),
        ({"animate": "mp4"}, False),
    ],
)
def test_options_are_described_as_they_are_checked(options, right):
    schema = {"$ref": "#/components/schemas/Options", "components": OPENAPI["components"]}
    assert jsonschema.Draft202012Validator(schema).is_valid(options) is right
    try:
        Options.from_mapping(options)
    except PhotoError:
        assert not right
    else:
        assert right


def test_a_failed_report_has_one_of_the_codes_of_the_document():
    codes = SCHEMAS["Failed"]["properties"]["error"]["properties"]["code"]["enum"]
    assert codes == [code.value for code in ErrorCode]
    assert PhotoError(ErrorCode.BAD_OPTION, "…").code == "bad-option"
    with pytest.raises(ValueError, match="bad-opton"):
        PhotoError("bad-opton", "…")
