import io
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from functions_framework.execution_id import (
    ExecutionContext,
    LoggingHandlerAddExecutionId,
    execution_context_var,
)
from google.api_core.exceptions import Forbidden

from cloud.logs import describe_error, fingerprint, log, trace_of

REPORTED = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_line_is_one_json_object(capsys):
    log("INFO", "upload done", "projects/p/traces/t", generation=7, stages_ms={"read": 1.5})
    assert capsys.readouterr().out.endswith("}\n")
    log("INFO", "first\nsecond")
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"severity": "INFO", "message": "first\nsecond"}


def test_a_trace_is_named_in_the_project():
    assert trace_of(TRACEPARENT, "p") == "projects/p/traces/4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    ("header", "project"), [(None, "p"), ("", "p"), ("00-zz-00-01", "p"), (TRACEPARENT, None)]
)
def test_no_trace_where_none_is_known(header, project):
    assert trace_of(header, project) is None


def test_a_fingerprint_tells_names_apart_and_shows_none():
    assert fingerprint("a/me.jpg") != fingerprint("a/you.jpg")
    assert len(fingerprint("a/me.jpg")) == 12
    assert "me" not in fingerprint("a/me.jpg")


def test_an_error_is_described_by_kind_status_and_place_without_its_message():
    try:
        try:
            raise Forbidden("no access to web/secret/0")
        except Forbidden as error:
            raise ValueError("web/secret/0") from error
    except ValueError as error:
        described = describe_error(error)
    assert described["error"] == "ValueError from Forbidden"
    cause, effect = described["stack_trace"].split(
        "\n\nThe above exception was the direct cause of the following exception:\n\n"
    )
    for trace, kind in ((cause, "Forbidden"), (effect, "ValueError")):
        first, place, *_, last = trace.splitlines()
        assert first == "Traceback (most recent call last):"
        assert re.fullmatch(r'  File ".+test_logs\.py", line [0-9]+, in test_an_error_\w+', place)
        assert last == kind
    assert "access to" not in json.dumps(describe_error(Forbidden("no access to web/secret/0")))
    assert describe_error(Forbidden("no"))["status"] == 403


def logged(capsys) -> dict:
    [line] = capsys.readouterr().out.splitlines()
    return json.loads(line)


def test_an_error_is_reported_with_its_stack(capsys):
    log("ERROR", "api request failed", **describe_error(ValueError("secret")))
    entry = logged(capsys)
    assert entry["@type"] == REPORTED
    assert entry["stack_trace"].startswith("Traceback (most recent call last):\n")
    assert "context" not in entry


def test_an_error_without_a_stack_is_reported_with_its_place(capsys):
    log("ERROR", "upload gave-up")
    entry = logged(capsys)
    assert entry["@type"] == REPORTED
    place = entry["context"]["reportLocation"]
    assert place["filePath"] == __file__
    assert place["functionName"] == "test_an_error_without_a_stack_is_reported_with_its_place"
    assert "upload gave-up" in Path(__file__).read_text().splitlines()[place["lineNumber"] - 1]


@pytest.mark.parametrize("severity", ["INFO", "WARNING"])
def test_what_is_no_error_is_not_reported(capsys, severity):
    log(severity, "upload done")
    assert logged(capsys) == {"severity": severity, "message": "upload done"}


def test_the_platforms_execution_ids_add_no_line(monkeypatch):
    """With LOG_EXECUTION_ID the framework puts this in place of stdout, and makes an entry of each write."""
    written = io.StringIO()
    monkeypatch.setattr("sys.stdout", LoggingHandlerAddExecutionId(written))
    request = execution_context_var.set(ExecutionContext("abc"))
    log("INFO", "hello", generation=7)
    log("INFO", "again")
    execution_context_var.reset(request)
    label = {"logging.googleapis.com/labels": {"execution_id": "abc"}}
    assert [json.loads(line) for line in written.getvalue().splitlines()] == [
        {"severity": "INFO", "message": "hello", "generation": 7, **label},
        {"severity": "INFO", "message": "again", **label},
    ]


def test_a_line_is_written_in_one_piece(monkeypatch):
    """Or the lines of two threads run into each other where output is not buffered."""
    pieces = []
    monkeypatch.setattr("sys.stdout", SimpleNamespace(write=pieces.append, flush=lambda: None))
    log("INFO", "hello")
    assert [piece for piece in pieces if piece] == ['{"severity": "INFO", "message": "hello"}\n']
