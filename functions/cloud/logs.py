"""Structured log lines: one JSON object a line on stdout, as Cloud Logging reads them.

No line carries a photo, a caption, a signed URL, an object's name or an id; `fingerprint` tells uploads
apart.
"""

import hashlib
import json
import re
import traceback

# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def log(severity: str, message: str, trace: str | None = None, **fields: object) -> None:
    """One line. `severity` is one of Cloud Logging's, `trace` a resource name made by `trace_of`."""
    entry: dict[str, object] = {"severity": severity, "message": message, **fields}
    if trace:
        entry["logging.googleapis.com/trace"] = trace
    # With its end in one piece: print writes the two apart, and another thread's line may come between them.
    print(f"{json.dumps(entry)}\n", end="", flush=True)


def trace_of(traceparent: str | None, project: str | None) -> str | None:
    """The trace that a request belongs to, by its header `traceparent`, or None."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    return f"projects/{project}/traces/{match[1]}" if match and project else None


def fingerprint(name: str) -> str:
    """12 hexadecimal digits that stand for an object's name in logs."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def fault(error: BaseException) -> dict[str, object]:
    """An exception for a log line: its types and where it arose. Its message may hold names: left out."""
    kinds = [type(error).__name__]
    cause = error.__cause__
    while cause is not None:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__
    status = getattr(error, "code", None)
    return {
        "error": " from ".join(kinds),
        "status": int(status) if isinstance(status, int) else None,
        "at": traceback.format_tb(error.__traceback__),
    }
