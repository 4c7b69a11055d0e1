"""The kill switch: a budget's message past the budget takes the right to call the api from everybody.

Cloud Run's API is stood in for by a server that keeps a policy as the real one does, with its etag.
"""

import base64
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from cloudevents.http import CloudEvent

from cloud.kill_switch import PUBLISHED, Service, Spending, spending_of
from infra.local.stack.stack import Stack, function

SERVICE = "projects/memegen-local/locations/europe-west1/services/memegen-api"
EVERYBODY = {"role": "roles/run.invoker", "members": ["allUsers", "user:ann@example.com"]}
ADMIN = {"role": "roles/run.admin", "members": ["serviceAccount:stop@example.com"]}


@dataclass
class CloudRun:
    """The policy of one service. A write with another etag than the policy's is refused with 409."""

    policy: dict[str, Any]
    url: str = ""
    writes: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        name, _, verb = path.partition("?")[0].rpartition(":")
        if name != f"/v2/{SERVICE}":
            return 404, {}
        if (method, verb) == ("GET", "getIamPolicy"):
            return 200, self.policy
        if (method, verb) != ("POST", "setIamPolicy"):
            return 405, {}
        wanted = json.loads(body)["policy"]
        if wanted["etag"] != self.policy["etag"]:
            return 409, {}
        self.writes.append(wanted)
        self.policy = {**wanted, "etag": uuid.uuid4().hex}
        return 200, self.policy


@contextmanager
def cloud_run(*bindings: dict[str, Any]) -> Iterator[CloudRun]:
    service = CloudRun({"version": 1, "etag": "first", "bindings": list(bindings)})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.tokens.append(self.headers.get("Authorization", ""))
            status, answer = service.answer(self.command, self.path, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def message(**told: object) -> dict[str, Any]:
    """The body of the event of a budget's message, as Google documents both."""
    content = {
        "budgetDisplayName": "memegen in memes-4711",
        "costAmount": 20.01,
        "costIntervalStart": "2026-11-01T08:00:00Z",
        "budgetAmount": 20.0,
        "budgetAmountType": "SPECIFIED_AMOUNT",
        "currencyCode": "USD",
        **told,
    }
    data = base64.b64encode(json.dumps(content).encode()).decode()
    attributes = {"billingAccountId": "012345-6789AB-CDEF01", "budgetId": "1", "schemaVersion": "1.0"}
    return {"subscription": "s", "message": {"data": data, "attributes": attributes, "messageId": "1"}}


def event(body: object, kind: str = PUBLISHED) -> CloudEvent:
    return CloudEvent({"type": kind, "source": "//pubsub.googleapis.com/projects/p/topics/t"}, body)


@pytest.mark.parametrize(("cost", "is_over"), [(0, False), (19.99, False), (20, True), (3000, True)])
def test_a_budget_is_over_once_all_of_it_is_spent(cost: float, is_over: bool):
    assert spending_of(event(message(costAmount=cost))) == Spending(cost, 20)
    assert Spending(cost, 20).is_over is is_over


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"message": {}},
        {"message": {"data": "no base64"}},
        {"message": {"data": base64.b64encode(b"no JSON").decode()}},
        {"message": {"data": base64.b64encode(b"[" * 100_000).decode()}},
        message(costAmount="much"),
        message(budgetAmount=0),
    ],
)
def test_what_is_no_budgets_message_is_refused(body: object):
    with pytest.raises(ValueError, match=r"wired wrongly|must be more than 0"):
        spending_of(event(body))


def test_an_event_of_another_type_is_refused():
    with pytest.raises(ValueError, match="storage"):
        spending_of(event(message(), "google.cloud.storage.object.v1.finalized"))


def test_closing_takes_the_right_to_call_from_everybody_and_no_other_right():
    with cloud_run(EVERYBODY, ADMIN) as service:
        closing = Service(requests.Session(), SERVICE, service.url)
        assert closing.close() is True
        assert service.writes == [{"version": 1, "etag": "first", "bindings": [ADMIN]}]
        assert closing.close() is False
        assert len(service.writes) == 1


def test_a_policy_that_was_changed_meanwhile_is_not_overwritten():
    with cloud_run(EVERYBODY, ADMIN) as service:

        class Overtaken(requests.Session):
            def post(self, *arguments: Any, **named: Any) -> requests.Response:
                service.policy = {**service.policy, "etag": "second"}
                return super().post(*arguments, **named)

        with pytest.raises(requests.HTTPError):
            Service(Overtaken(), SERVICE, service.url).close()
        assert service.policy["bindings"] == [EVERYBODY, ADMIN]
        assert Service(requests.Session(), SERVICE, service.url).close() is True


@contextmanager
def running_stop(stack: Stack, folder: Path, service: CloudRun) -> Iterator[tuple[str, Path]]:
    """The function's process, its address and its log. It takes the port that sweep has while that runs."""
    plain = function("on_upload", stack.state, stack.ports)
    port, taken = str(stack.ports.sweep), str(stack.ports.on_upload)
    command = [port if word == taken else "stop" if word == "on_upload" else word for word in plain.command]
    more = {"FUNCTION_TARGET": "stop", "API_SERVICE": SERVICE, "RUN_ENDPOINT": service.url}
    url = f"http://localhost:{port}"
    process = replace(
        plain,
        command=command,
        environment={**plain.environment, **more},
        log=folder / "stop.log",
        health_url=url,
    )
    process.start()
    try:
        process.wait_ready()
        yield url, process.log
    finally:
        process.terminate()
        process.wait_stopped()


def deliver(url: str, body: object) -> int:
    headers = {
        "ce-id": uuid.uuid4().hex,
        "ce-specversion": "1.0",
        "ce-type": PUBLISHED,
        "ce-source": "//pubsub.googleapis.com/projects/p/topics/memegen-budget",
        "ce-time": "2026-11-30T12:00:00Z",
    }
    return requests.post(url, json=body, headers=headers, timeout=60).status_code


def test_messages_past_the_budget_close_the_api_once_and_others_do_nothing(stack: Stack, tmp_path: Path):
    """The deployed entry point, with an account's own token, against the API's stand-in."""
    with cloud_run(EVERYBODY, ADMIN) as service, running_stop(stack, tmp_path, service) as (url, log):
        assert deliver(url, message(costAmount=19.5)) < 300
        assert service.writes == []
        assert deliver(url, message(costAmount=20.5)) < 300
        assert service.policy["bindings"] == [ADMIN]
        assert deliver(url, message(costAmount=25.5)) < 300
        assert len(service.writes) == 1
        assert all(token.startswith("Bearer ") for token in service.tokens)
        assert deliver(url, {"message": {"data": "no budget"}}) == 500
        lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert [line["message"] for line in lines] == [
        "api stopped",
        "budget's message not followed, to be tried again",
    ]
    assert (lines[0]["severity"], lines[0]["cost"], lines[0]["budget"]) == ("WARNING", 20.5, 20.0)
