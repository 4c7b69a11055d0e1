"""Structured log lines: one JSON object a line on stdout, as Cloud Logging reads them.

No line carries a photo, a caption, a signed URL, an object's name or an id; `fingerprint` tells uploads
apart. A line of severity ERROR is also one that Error Reporting takes in and groups, by the stack's frames
or, where there's no stack, by the message and the place that logged it:
https://cloud.google.com/error-reporting/docs/formatting-error-messages
"""

import hashlib
import json
import re
import traceback

# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")

_REPORTED_ERROR = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"


def log(severity: str, message: str, trace: str | None = None, **fields: object) -> None:
    """One line. `severity` is one of Cloud Logging's, `trace` a resource name made by `trace_of`."""
    entry: dict[str, object] = {"severity": severity, "message": message, **fields}
    if severity == "ERROR":
        entry["@type"] = _REPORTED_ERROR
        if "stack_trace" not in fields:
            entry["context"] = {"reportLocation": _caller()}
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
    """An exception for a log line: its types, an HTTP status if it has one, and where it arose.

    Its message may hold names, and so may its causes': left out.
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


def _caller() -> dict[str, object]:
    """Where `log` was called."""
    frame = traceback.extract_stack(limit=3)[0]
    return {"filePath": frame.filename, "lineNumber": frame.lineno, "functionName": frame.name}
