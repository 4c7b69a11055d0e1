"""From starting a function's process to its first answer, on one processor as deployed, with none of its
files in the page cache."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from infra.local.config.project import MEMES, PROJECT, UPLOADS, email
from tests.bench.benchmarks.package import Deployed

ROUNDS = 7
_TIMEOUT_SECONDS = 120
_CREDENTIALS = {"type": "authorized_user", "client_id": "-", "client_secret": "-", "refresh_token": "-"}
_HELLO = """
import functions_framework
from google.cloud import storage

client = storage.Client()


@functions_framework.http
def hello(request):
    return "hello"
"""


@dataclass(frozen=True)
class Start:
    """Milliseconds of a start: by the clock, and of the processor's time until the process was ended."""

    clock: float
    processor: float


def cold_starts(deployed: Deployed) -> dict[str, list[Start]]:
    """The starts of `hello`, `api` and `on_upload`, in turn, ROUNDS times each.

    hello makes the same storage client and says hello. api answers /health; on_upload answers the event of a
    folder's placeholder, once its models are loaded and checked.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        # Deployed, no process reads a private key: the metadata server gives tokens, and IAM signs.
        credentials = folder / "credentials.json"
        credentials.write_text(json.dumps(_CREDENTIALS))
        (folder / "main.py").write_text(_HELLO)
        sources = {"hello": folder, "api": deployed.functions, "on_upload": deployed.functions}
        starts: dict[str, list[Start]] = {target: [] for target in sources}
        os.sync()  # what isn't on the disk yet can't be dropped
        for _ in range(ROUNDS):
            for target, source in sources.items():
                _drop_from_cache([deployed.packages, source, Path(os.__file__).parent])
                starts[target].append(_start(target, source / "main.py", deployed.packages, credentials))
    return starts


def _drop_from_cache(folders: list[Path]) -> None:
    for path in _files(folders):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def _files(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())


def _start(target: str, main: Path, packages: Path, credentials: Path) -> Start:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(packages),
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "FUNCTION_TARGET": target,
        "FUNCTION_SOURCE": str(main),
        "FUNCTION_SIGNATURE_TYPE": "cloudevent" if target == "on_upload" else "http",
        "UPLOADS_BUCKET": UPLOADS,
        "MEMES_BUCKET": MEMES,
        "PAGE_URL": "http://localhost/",
        "SIGNING_ACCOUNT": email("signing"),
        "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "NO_GCE_CHECK": "true",
    }
    python = getattr(sys, "_base_executable", sys.executable)  # without the packages of this environment
    begun = time.perf_counter()
    process = subprocess.Popen(
        ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0))), python, "-m", "functions_framework"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        while not _answers(target, port):
            if process.poll() is not None or time.perf_counter() - begun > _TIMEOUT_SECONDS:
                raise RuntimeError(f"{target} did not start; its own message is above")
            time.sleep(0.002)
        clock = time.perf_counter() - begun
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.terminate()
    _, status, used = os.wait4(process.pid, 0)  # its worker process, which it waits for, included
    process.returncode = os.waitstatus_to_exitcode(status)
    return Start(1000 * clock, 1000 * (used.ru_utime + used.ru_stime))


def _answers(target: str, port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port)):
            pass
    except ConnectionRefusedError:
        return False
    url = f"http://127.0.0.1:{port}"
    if target == "on_upload":
        headers = {
            "ce-id": "cold",
            "ce-source": f"//storage.googleapis.com/projects/_/buckets/{UPLOADS}",
            "ce-specversion": "1.0",
            "ce-type": "google.cloud.storage.object.v1.finalized",
            "ce-time": "2026-01-01T00:00:00Z",
            "Content-Type": "application/json",
        }
        event = json.dumps({"bucket": UPLOADS, "name": "folder/", "generation": "1"})
        answer = requests.post(url, event, headers=headers, timeout=_TIMEOUT_SECONDS)
    else:
        answer = requests.get(f"{url}/health", timeout=_TIMEOUT_SECONDS)
    answer.raise_for_status()
    return True
