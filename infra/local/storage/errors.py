"""The error type of the gateway, and the form that it has in each of Cloud Storage's two APIs.

Codes and statuses: https://cloud.google.com/storage/docs/xml-api/reference-status and
https://cloud.google.com/storage/docs/json_api/v1/status-codes.
"""

import json
from collections.abc import Mapping
from xml.sax.saxutils import escape

from werkzeug import Response

_STATUS_AND_REASON = {
    "AccessDenied": (403, "forbidden"),
    "AuthenticationRequired": (401, "authError"),
    "BadDigest": (400, "invalid"),
    "EntityTooLarge": (400, "invalid"),
    "EntityTooSmall": (400, "invalid"),
    "ExpiredToken": (400, "invalid"),
    "IncompleteBody": (400, "invalid"),
    "InternalError": (500, "backendError"),
    "InvalidArgument": (400, "invalid"),
    "InvalidRange": (416, "requestedRangeNotSatisfiable"),
    "InvalidSecurity": (403, "forbidden"),
    "InvalidURI": (400, "invalid"),
    "KeyTooLong": (400, "invalid"),
    "MetadataTooLarge": (400, "invalid"),
    "MethodNotAllowed": (405, "methodNotAllowed"),
    "NoSuchBucket": (404, "notFound"),
    "NoSuchKey": (404, "notFound"),
    "NotModified": (304, "notModified"),
    "NotFound": (404, "notFound"),
    "PreconditionFailed": (412, "conditionNotMet"),
    "RequestTimeTooSkewed": (403, "forbidden"),
    "ServiceUnavailable": (503, "backendError"),
    "SignatureDoesNotMatch": (403, "forbidden"),
}


class StorageError(Exception):
    """A request that Cloud Storage would refuse.

    `code` is the XML API's error name, `message` a sentence, `details` further XML elements.
    """

    def __init__(self, code: str, message: str, details: Mapping[str, str] | None = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = dict(details or {})
        self.status, self.reason = _STATUS_AND_REASON[code]


def as_xml(error: StorageError) -> Response:
    if error.status == 304:
        return Response(status=304)
    elements = {"Code": error.code, "Message": error.message, **error.details}
    # A canonical request holds what the caller sent. XML 1.0 allows only these three control characters.
    inner = "".join(f"<{tag}>{escape(_printable(text))}</{tag}>" for tag, text in elements.items())
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error>{inner}</Error>"
    return Response(body, error.status, content_type="application/xml; charset=UTF-8")


def as_json(error: StorageError) -> Response:
    if error.status == 304:
        return Response(status=304)
    entry = {"message": error.message, "domain": "global", "reason": error.reason}
    body = {"error": {"code": error.status, "message": error.message, "errors": [entry]}}
    return Response(json.dumps(body), error.status, content_type="application/json; charset=UTF-8")


def _printable(text: str) -> str:
    return "".join(character if character >= " " or character in "\t\n\r" else "�" for character in text)
