"""Structured log lines: one JSON object a line on stdout, as Cloud Logging reads them.

No line carries a photo, a caption, a signed URL, an object's name or an id; `fingerprint` tells uploads
apart. A line of severity ERROR is also one that Error Reporting takes in and groups, by the stack's frames
or, where there is no stack, by the message and the place that logged it:
https://cloud.google.com/error-reporting/docs/formatting-error-messages
"""

import hashlib
import json
import logging
import re
import sys
import traceback
from typing import TextIO

# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")

_REPORTED_ERROR = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"


class _CloudFormatter(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, object] = record.__dict__["fields"]
        entry: dict[str, object] = {"severity": record.levelname, "message": record.getMessage(), **fields}
        if record.levelno >= logging.ERROR:
            entry["@type"] = _REPORTED_ERROR
            if "stack_trace" not in fields:
                place = {
                    "filePath": record.pathname,
                    "lineNumber": record.lineno,
                    "functionName": record.funcName,
                }
                entry["context"] = {"reportLocation": place}
        if trace := record.__dict__["trace"]:
            entry["logging.googleapis.com/trace"] = trace
        return json.dumps(entry)


class _StdoutHandler(logging.StreamHandler[TextIO]):
    """Writes to what sys.stdout is now, since the functions' framework may replace it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(_CloudFormatter())

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stdout


_logger = logging.getLogger("memegen")
_logger.setLevel(logging.INFO)
_logger.propagate = False  # a handler of the framework would write the line a second time
_logger.addHandler(_StdoutHandler())


def log(severity: str, message: str, trace: str | None = None, **fields: object) -> None:
    """Log one line. severity: INFO, WARNING or ERROR. trace: a resource name made by `trace_of`."""
    level = logging.getLevelNamesMapping()[severity]
    _logger.log(level, "%s", message, extra={"fields": fields, "trace": trace}, stacklevel=2)


def trace_of(traceparent: str | None, project: str | None) -> str | None:
    """The trace that a request belongs to, by its header `traceparent`, or None."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    return f"projects/{project}/traces/{match[1]}" if match and project else None


def fingerprint(name: str) -> str:
    """12 hexadecimal digits that stand for an object's name in logs."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def describe_error(error: BaseException) -> dict[str, object]:
    """An exception as fields of a log line: its types, an HTTP status if it has one, and where it arose.

    Its message is left out, and so are its causes' messages, since they may hold names.
    """
    chain = [error]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    status = getattr(error, "code", None)
    return {
        "error": " from ".join(type(each).__name__ for each in chain),
        "status": int(status) if isinstance(status, int) else None,
        "stack_trace": _stack_trace(chain),
    }


def _stack_trace(chain: list[BaseException]) -> str:
    """What Python prints of an exception and its causes, less their messages."""
    traces = [
        "".join(
            [
                "Traceback (most recent call last):\n",
                *traceback.format_tb(each.__traceback__),
                type(each).__name__,
            ]
        )
        for each in reversed(chain)
    ]
    return "\n\nThe above exception was the direct cause of the following exception:\n\n".join(traces)
