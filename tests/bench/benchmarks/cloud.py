"""The local stack under the clock: from an upload's end to its report, from a cold start to an answer, and
how much of a processor the api's answers take."""

import time
from pathlib import Path
from typing import Any

import requests
from google.cloud import storage

from infra.local.config.addresses import Ports
from infra.local.stack.stack import Stack
from tests.bench.benchmarks.photos import jpeg_of
from tests.support.processes import children, processor_seconds

UPLOADS = 15
STARTS = 3
ANSWERS = 90
"""Of each kind: a photo can be remixed 100 times."""
TIMEOUT_SECONDS = 60


def upload_to_report(state: Path) -> list[float]:
    """Milliseconds from the answer to a direct upload until its report can be read, one upload at a time."""
    photo = jpeg_of(2)
    waits = []
    with Stack(state, Ports.free()) as stack:
        client = storage.Client.from_service_account_json(
            stack.account_file("developer"), client_options={"api_endpoint": stack.storage_url}
        )
        uploads, memes = client.bucket(stack.uploads_bucket), client.bucket(stack.memes_bucket)
        for place in range(UPLOADS + 1):
            uploads.blob(f"bench-{place}").upload_from_string(photo, content_type="image/jpeg")
            start = time.perf_counter()
            while not memes.blob(f"bench-{place}.json").exists():
                if time.perf_counter() - start > TIMEOUT_SECONDS:
                    raise TimeoutError(f"no report on upload {place} after {TIMEOUT_SECONDS} s")
                time.sleep(0.005)
            waits.append(1000 * (time.perf_counter() - start))
    return waits[1:]  # the first wakes the function up


def api_milliseconds(state: Path) -> dict[str, float]:
    """Milliseconds of processor time that the api takes for an answer, by what it is asked."""
    photo = jpeg_of(0.3)
    asked = {"content_type": "image/jpeg", "size": len(photo), "options": {}}
    with Stack(state, Ports.free()) as stack, requests.Session() as session:
        api = next(process for process in stack.processes if process.name == "api")
        [worker] = children(api.pid)

        def ask(method: str, path: str, **arguments: Any) -> Any:
            answer = session.request(method, stack.api_url + path, timeout=TIMEOUT_SECONDS, **arguments)
            answer.raise_for_status()
            return answer.json()

        def milliseconds(method: str, path: str, **arguments: Any) -> float:
            ask(method, path, **arguments)  # the first wakes what it needs
            before = processor_seconds(worker)
            for _ in range(ANSWERS):
                ask(method, path, **arguments)
            return 1000 * (processor_seconds(worker) - before) / ANSWERS

        ticket = ask("POST", "/uploads", json=asked)
        upload = ticket["upload"]
        session.put(
            upload["url"], data=photo, headers=upload["headers"], timeout=TIMEOUT_SECONDS
        ).raise_for_status()
        return {
            "health": milliseconds("GET", "/health"),
            "upload": milliseconds("POST", "/uploads", json=asked),
            "remix": milliseconds("POST", f"/memes/{ticket['id']}/remix", json={"options": {}}),
        }


def cold_start(target: str, state: Path) -> list[float]:
    """Milliseconds from starting the process of `api` or `on_upload` to its first answer."""
    starts = []
    with Stack(state, Ports.free()) as stack:
        process = next(process for process in stack.processes if process.name == target)
        url = f"{stack.api_url}/health" if target == "api" else stack.on_upload_url
        for _ in range(STARTS):
            process.terminate()
            process.wait_stopped()
            start = time.perf_counter()
            process.start()
            while not _answers(url):
                if time.perf_counter() - start > TIMEOUT_SECONDS:
                    raise TimeoutError(f"{target} gave no answer in {TIMEOUT_SECONDS} s")
                time.sleep(0.005)
            starts.append(1000 * (time.perf_counter() - start))
    return starts


def _answers(url: str) -> bool:
    try:
        requests.get(url, timeout=TIMEOUT_SECONDS)
    except requests.ConnectionError:
        return False
    return True
