"""openapi.yaml against the code. That it describes every answer is checked by whoever asks the api."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cloud.inputs import CONTENT_TYPES
from cloud.signing import MAX_UPLOAD_BYTES, SIGNED_UPLOAD_HEADERS
from memegen import Options, PhotoError
from memegen.errors import ErrorCode
from memegen.options import EXPRESSIONS, STYLES

OPENAPI = yaml.safe_load((Path(__file__).parents[2] / "functions" / "openapi.yaml").read_text())
SCHEMAS = OPENAPI["components"]["schemas"]
UPLOAD = OPENAPI["paths"]["/uploads"]["post"]


def test_uploads_are_described_as_they_are_taken():
    asked = UPLOAD["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert asked["content_type"]["enum"] == list(CONTENT_TYPES)
    assert asked["size"]["maximum"] == MAX_UPLOAD_BYTES
    answered = UPLOAD["responses"]["201"]["content"]["application/json"]["schema"]["properties"]
    assert list(answered["upload"]["properties"]["headers"]["properties"]) == list(SIGNED_UPLOAD_HEADERS)


def test_options_are_described_by_name():
    assert list(SCHEMAS["Options"]["properties"]) == [
        *(field.name for field in fields(Options)),
        "turn",
    ]
    assert SCHEMAS["Expression"]["enum"] == list(EXPRESSIONS)
    assert SCHEMAS["Options"]["properties"]["style"]["enum"] == [*STYLES, None]


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
        ({"style": "modern"}, False),
        ({"style": "bubble"}, True),
        ({"watermark": "by me"}, False),
        ({"size": 7}, False),
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


def enums(part: Any) -> Iterator[list[Any]]:
    """Every list of allowed values in a part of the document."""
    if isinstance(part, dict):
        if isinstance(part.get("enum"), list):
            yield part["enum"]
        for inner in part.values():
            yield from enums(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from enums(inner)


def test_a_failed_report_has_one_of_the_codes_of_the_document():
    (codes,) = [found for found in enums(OPENAPI) if "gave-up" in found]
    assert codes == [code.value for code in ErrorCode]
    assert PhotoError(ErrorCode.BAD_OPTION, "…").code == "bad-option"
    with pytest.raises(ValueError, match="bad-opton"):
        PhotoError("bad-opton", "…")
