"""`python -m infra.local`: start, stop, taken ports, restarts.

Processes are found by the state folder that their command or environment names.
"""

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import requests
from google.cloud import storage
from PIL import Image

from infra.local.config.addresses import Addresses, Ports
from infra.local.config.delivery import LOCAL, Rules, cloud_rules
from infra.local.config.project import MEMES, UPLOADS
from infra.local.stack.processes import Process, StackError
from infra.local.stack.stack import Stack
from tests.local.storage import PATIENCE
from tests.support.people import draw_people


def flags(ports: Ports) -> list[str]:
    return [
        word
        for name, port in asdict(ports).items()
        for word in (f"--{name.replace('_', '-')}-port", str(port))
    ]


@contextmanager
def local(state: Path, ports: Ports) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "infra.local", "--state", str(state), *flags(ports)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        child.kill()
        child.communicate()
        for pid in processes_of(state):  # where the test has failed
            os.kill(pid, signal.SIGKILL)


def read_until(child: subprocess.Popen[str], text: str) -> str:
    lines = ""
    for line in child.stdout:
        lines += line
        if text in line:
            return lines
    pytest.fail(f"it ended without {text!r}: {lines}{child.stderr.read()}")


def processes_of(state: Path) -> dict[int, str]:
    """Live processes of this stack: those whose command or environment names its state folder."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            command = (folder / "cmdline").read_bytes()
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue  # it ended while we looked, or is not ours to read
        if command and str(state).encode() in command + environment:
            found[int(folder.name)] = command.replace(b"\0", b" ").decode()
    return found


def wait_until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_and_stops_with_no_process_left(tmp_path: Path, stop: signal.Signals):
    ports = Ports.free()
    urls = Addresses(ports)
    with local(tmp_path, ports) as child:
        table = read_until(child, "Ctrl-C")
        for url in (urls.site, urls.api, urls.on_upload, urls.storage, urls.uploads, urls.memes):
            assert re.search(rf"{url}$", table, re.MULTILINE)
        assert requests.get(f"{urls.api}/health").json() == {"status": "ok"}
        assert requests.get(urls.site).status_code == 200
        commands = " ".join(processes_of(tmp_path).values())
        for part in ("infra.local.storage.gateway", "--target api", "--target on_upload"):
            assert part in commands
        child.send_signal(stop)
        out, err = child.communicate(timeout=PATIENCE)
        assert (child.returncode, out.strip(), err) == (0, "Stopped; no process is left behind.", "")
        assert processes_of(tmp_path) == {}


def test_functions_run_under_gunicorn(stack: Stack):
    for url in (stack.api_url, stack.on_upload_url):
        assert requests.get(url).headers["Server"] == "gunicorn"


def test_killed_hard_it_leaves_no_process(tmp_path: Path):
    with local(tmp_path, Ports.free()) as child:
        read_until(child, "Ctrl-C")
        running = processes_of(tmp_path)
        assert len(running) > 3
        for pid, command in running.items():
            if "infra.local.stack.attached" not in command and pid != child.pid:
                os.kill(pid, signal.SIGSTOP)  # as locked up as a process can be
        child.kill()
        assert wait_until(lambda: not processes_of(tmp_path)), processes_of(tmp_path)


def test_stopped_while_starting_it_leaves_no_process(tmp_path: Path):
    with local(tmp_path, Ports.free()) as child:
        assert wait_until(lambda: "infra.local.storage.gateway" in " ".join(processes_of(tmp_path).values()))
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=PATIENCE)
        assert child.returncode == 0
        assert processes_of(tmp_path) == {}


def test_taken_ports_are_reported_before_anything_starts(tmp_path: Path):
    ports = Ports.free()
    with (
        socket.create_server(("127.0.0.1", ports.memes)),
        socket.create_server(("", ports.api)),
        local(tmp_path, ports) as child,
    ):
        _, err = child.communicate(timeout=PATIENCE)
    assert child.returncode == 1
    assert err.splitlines() == [
        f"Port {ports.api}, meant for the api function, is taken.",
        f"Port {ports.memes}, meant for the memes bucket, is taken.",
        "Stop the other program, or choose another port: "
        ".venv/bin/python -m infra.local --api-port PORT --memes-port PORT",
    ]
    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize(("max_instances", "rules"), [(None, LOCAL), (3, cloud_rules(3))])
def test_asked_to_it_delivers_by_the_clouds_rules(tmp_path: Path, max_instances: int | None, rules: Rules):
    gateway, _, on_upload = Stack(tmp_path, Ports(), max_instances).processes
    assert Rules(**json.loads(gateway.command[-1])) == rules
    assert on_upload.environment.get("THREADS") == (str(max_instances) if max_instances else None)


@pytest.mark.parametrize("number", ["0", "-1", "many", "1.5"])
def test_a_number_of_instances_that_is_none_is_refused(tmp_path: Path, number: str):
    command = [sys.executable, "-m", "infra.local", "--state", str(tmp_path), "--max-instances", number]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert refused.returncode == 2
    assert "it must be 1 or more" in refused.stderr


def test_one_port_for_two_parts_is_refused(tmp_path: Path):
    ports = Ports.free()
    with pytest.raises(StackError, match="port of its own"):
        Stack(tmp_path, replace(ports, site=ports.api)).start()


def test_state_folder_serves_one_stack_at_a_time(stack: Stack):
    with pytest.raises(StackError, match=re.escape(str(stack.state))):
        Stack(stack.state, Ports.free()).start()


def test_process_that_dies_at_start_is_named_with_its_log(tmp_path: Path):
    script = "import sys; print('settings are wrong'); sys.exit(3)"
    process = Process("on_upload", [sys.executable, "-c", script], "http://localhost:1", tmp_path / "log")
    process.start()
    with pytest.raises(StackError) as raised:
        process.wait_ready()
    assert "on_upload stopped while starting. Exit status 3" in str(raised.value)
    assert str(raised.value).endswith("settings are wrong")


def test_process_that_dies_is_started_again(tmp_path: Path):
    ports = Ports.free()
    with local(tmp_path, ports) as child:
        read_until(child, "Ctrl-C")
        api = first_of_group(tmp_path, "--target api")
        os.kill(api, signal.SIGKILL)
        assert "api stopped by itself and is started again. Exit status -9" in child.stderr.readline()
        assert wait_until(lambda: healthy(Addresses(ports).api))
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=PATIENCE)
        assert processes_of(tmp_path) == {}


def test_a_gateway_killed_and_back_loses_no_upload(tmp_path: Path):
    """The upload before, which may still be in work, and the one right after it become memes."""
    ports = Ports.free()
    photo = drawn_photo()
    with local(tmp_path, ports) as child:
        read_until(child, "Ctrl-C")
        client = storage.Client.from_service_account_json(
            tmp_path / "accounts" / "developer.json",
            client_options={"api_endpoint": Addresses(ports).storage},
        )
        uploads, memes = client.bucket(UPLOADS), client.bucket(MEMES)
        uploads.blob("before").upload_from_string(photo)
        gateway = first_of_group(tmp_path, "infra.local.storage.gateway")
        os.kill(gateway, signal.SIGKILL)
        reported = child.stderr.readline()
        assert "gateway stopped by itself and is started again. Exit status -9" in reported
        uploads.blob("after").upload_from_string(photo)
        for name in ("before", "after"):
            assert wait_until(lambda name=name: memes.get_blob(f"{name}.json") is not None)
            assert json.loads(memes.blob(f"{name}.json").download_as_bytes())["status"] == "done"


def drawn_photo() -> bytes:
    out = io.BytesIO()
    Image.fromarray(draw_people(["happiness"], (640, 480), 1)).save(out, "JPEG")
    return out.getvalue()


def first_of_group(state: Path, command: str) -> int:
    """The stack's process that was started by this command.

    gunicorn may have given itself another name, but the watcher in its group names the command in any case.
    """
    [group] = {os.getpgid(pid) for pid, found in processes_of(state).items() if command in found}
    return group


def healthy(url: str) -> bool:
    try:
        return requests.get(f"{url}/health", timeout=PATIENCE).status_code == 200
    except requests.ConnectionError:
        return False


def test_objects_survive_a_restart(tmp_path: Path):
    def bucket(stack: Stack) -> storage.Bucket:
        key = stack.account_file("developer")
        client = storage.Client.from_service_account_json(
            key, client_options={"api_endpoint": stack.storage_url}
        )
        return client.bucket(stack.memes_bucket)

    with Stack(tmp_path, Ports.free()) as stack:
        blob = bucket(stack).blob("kept/ü")
        blob.metadata = {"k": "v"}
        blob.upload_from_string(b"still here", content_type="image/png")
    with Stack(tmp_path, Ports.free()) as stack:
        found = bucket(stack).get_blob("kept/ü")
        assert (found.generation, found.metadata, found.content_type) == (
            blob.generation,
            {"k": "v"},
            "image/png",
        )
        assert found.download_as_bytes() == b"still here"
