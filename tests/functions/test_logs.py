import json
from types import SimpleNamespace

import pytest
from google.api_core.exceptions import Forbidden

from cloud.logs import fault, fingerprint, log, trace_of

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_line_is_one_json_object(capsys):
    log("ERROR", "upload gave-up", "projects/p/traces/t", generation=7, stages_ms={"read": 1.5})
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


def test_a_fault_tells_kind_status_and_place_but_no_message():
    try:
        try:
            raise Forbidden("no access to web/secret/0")
        except Forbidden as error:
            raise ValueError("web/secret/0") from error
    except ValueError as error:
        told = fault(error)
    assert told["error"] == "ValueError from Forbidden"
    assert "test_logs.py" in told["at"][0]
    assert "web/secret/0" not in fault(Forbidden("no access to web/secret/0"))["error"]
    assert fault(Forbidden("no"))["status"] == 403


def test_a_line_is_written_in_one_piece(monkeypatch):
    """Or the lines of two threads run into each other where output is not buffered."""
    pieces = []
    monkeypatch.setattr("sys.stdout", SimpleNamespace(write=pieces.append, flush=lambda: None))
    log("INFO", "hello")
    assert [piece for piece in pieces if piece] == ['{"severity": "INFO", "message": "hello"}\n']
