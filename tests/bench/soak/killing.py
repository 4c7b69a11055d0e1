"""Many uploads while on_upload is killed again and again: nothing may be lost or made twice."""

import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.cloud import storage

from infra.local.config.addresses import Ports
from infra.local.stack.processes import Process
from infra.local.stack.stack import Stack
from tests.bench.soak.clients import Crowd, Sent
from tests.support.buckets import Cloud
from tests.support.processes import children


@dataclass(frozen=True)
class Outcome:
    """Photos sent; what went wrong with them, of which nothing may; and what it took.

    seconds: from the end of an upload to its report, sorted. repeats: deliveries that a kill broke off.
    """

    uploads: int
    lost: list[str]
    doubled: list[str]
    wrong: list[str]
    left_over: list[str]
    seconds: list[float]
    workers_killed: int
    processes_killed: int
    repeats: int

    @property
    def holds(self) -> bool:
        """Whether every photo has its one meme and report."""
        return not (self.lost or self.doubled or self.wrong or self.left_over)


def run(state: Path, uploads: int, clients: int, every: float) -> Outcome:
    """`uploads` photos by `clients`, while every `every` seconds on_upload is killed: in turn its worker
    process alone, which gunicorn then replaces, and all of it, which is then started again."""
    with Stack(state, Ports.free()) as stack:
        on_upload = next(process for process in stack.processes if process.name == "on_upload")
        crowd = Crowd(stack, clients, uploads=uploads)
        kills = {"worker": 0, "process": 0}
        while not _ended_within(crowd, every):
            if kills["worker"] > kills["process"]:
                _kill_process(on_upload)
                kills["process"] += 1
            else:
                _kill_worker(on_upload)
                kills["worker"] += 1
        sent = crowd.finish()
        client = storage.Client.from_service_account_json(
            stack.account_file("developer"), client_options={"api_endpoint": stack.storage_url}
        )
        cloud = Cloud(stack, client.bucket(stack.uploads_bucket), client.bucket(stack.memes_bucket))
        cloud.settle()
        repeats = (stack.state / "logs" / "gateway.log").read_text().count("not taken")
        return _checked(cloud, sent, uploads, kills, repeats)


def _ended_within(crowd: Crowd, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while crowd.is_at_work() and time.monotonic() < end:
        time.sleep(0.1)
    return not crowd.is_at_work()


def _kill_worker(on_upload: Process) -> None:
    for worker in children(on_upload.pid):
        os.kill(worker, signal.SIGKILL)


def _kill_process(on_upload: Process) -> None:
    os.killpg(on_upload.pid, signal.SIGKILL)
    on_upload.wait_stopped()
    on_upload.start()
    on_upload.wait_ready()


def _checked(cloud: Cloud, sent: list[Sent], uploads: int, kills: dict[str, int], repeats: int) -> Outcome:
    photos = {blob.name: blob for blob in cloud.uploads.list_blobs()}
    results = {blob.name: blob for blob in cloud.memes.list_blobs()}
    by_name = {f"web/{one.id.removesuffix('-0')}/0": one for one in sent}
    lost, doubled, wrong, seconds = [], [], [], []
    for name, photo in photos.items():
        report, meme = results.pop(f"{name}.json", None), results.pop(f"{name}.meme.jpg", None)
        if report is None or meme is None or name not in by_name:
            lost.append(name)
            continue
        content = json.loads(report.download_as_bytes())
        first_shown = {key: value for key, value in by_name[name].shown.items() if key != "id"}
        if {key: value for key, value in content.items() if key != "source"} != first_shown:
            doubled.append(name)  # a second report took the place of the one that the client was shown
        if not _belongs(meme, content, by_name[name], photo):
            wrong.append(name)
        # Generations of the local cloud are microseconds since 1970.
        seconds.append((int(report.generation) - int(photo.generation)) / 1e6)
    missing = ["never uploaded"] * (uploads - len(photos))
    return Outcome(
        uploads=len(photos),
        lost=lost + missing,
        doubled=doubled,
        wrong=wrong,
        left_over=sorted(results),
        seconds=sorted(seconds),
        workers_killed=kills["worker"],
        processes_killed=kills["process"],
        repeats=repeats,
    )


def _belongs(meme: storage.Blob, report: dict[str, Any], sent: Sent, photo: storage.Blob) -> bool:
    """Whether the meme is, byte by byte, the library's, and the report tells of it and of the photo."""
    return (
        meme.md5_hash == sent.photo.meme_md5
        and report["meme"]["generation"] == int(meme.generation)
        and report["source"]["generation"] == int(photo.generation)
    )
