"""Many uploads under fire: on_upload is killed, the stack restarted, the disk filled; nothing may be lost."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.cloud import storage

from infra.local.config.addresses import Ports
from infra.local.stack.processes import Process, StackError
from infra.local.stack.stack import Stack
from tests.bench.soak.clients import Crowd, Sent
from tests.bench.soak.photos import SEED
from tests.support.buckets import Cloud
from tests.support.processes import children

MAX_INSTANCES = 4
"""As many as two cores can stand for: in the cloud each instance has a processor of its own."""
DISK_MIB = 512
FULL_SECONDS = 20
SWEEP_EVERY_SECONDS = 600
_FULL = re.compile(r" ERROR \S+ (?:OSError|OperationalError|events can't be kept)\b")
"""What the gateway logs of a write for which there is no room."""


@dataclass(frozen=True)
class Outcome:
    """Photos sent; what went wrong with them, of which nothing may; and what it took.

    seconds: from the end of an upload to its report, sorted. repeats: deliveries that failed, and refused
    those among them for which no instance was free. full: requests that found the disk full.
    """

    uploads: int
    lost: list[str]
    doubled: list[str]
    wrong: list[str]
    left_over: list[str]
    seconds: list[float]
    events: "Events"

    @property
    def holds(self) -> bool:
        """Whether every photo has its one meme and report."""
        return not (self.lost or self.doubled or self.wrong or self.left_over)


@dataclass
class Events:
    """What was done to the stack, and what its gateway's log, which a start empties, has told of it."""

    workers_killed: int = 0
    processes_killed: int = 0
    restarts: int = 0
    sweeps: int = 0
    healed: int = 0
    repeats: int = 0
    refused: int = 0
    full: int = 0

    def read(self, stack: Stack) -> None:
        text = (stack.state / "logs" / "gateway.log").read_text(errors="replace")
        self.repeats += text.count(", again in")
        self.refused += text.count("found no free instance")
        self.full += len(_FULL.findall(text))


def run(folder: Path, uploads: int, clients: int, every: float) -> Outcome:
    """`uploads` photos by `clients`, by the cloud's rules for MAX_INSTANCES.

    About `every` seconds after it was ready, on_upload is killed: in turn its worker process alone, which
    gunicorn then replaces, and all of it, which is then started again. After a third of the photos the disk
    is full for a while, after two thirds the whole stack is stopped and started. Sweeps run as in the cloud.
    How far it is goes to standard error. Raises what a client met as soon as it met it.
    """
    with small_disk(folder) as state, Stack(state, Ports.free(), MAX_INSTANCES) as stack:
        crowd = Crowd(stack, clients, uploads=uploads)
        events = Events()
        filled = False
        begun = swept = time.monotonic()
        # At random, since what was broken off comes again after ten seconds and their multiples.
        chance = random.Random(SEED)
        while not _ended_within(crowd, every * chance.uniform(0.5, 1.5)):
            seconds = time.monotonic() - begun
            print(f"{seconds:5.0f} s: {len(crowd.sent):,} of {uploads:,} memes", file=sys.stderr, flush=True)
            if time.monotonic() - swept >= SWEEP_EVERY_SECONDS:
                swept = time.monotonic()
                events.sweeps += 1
                events.healed += stack.sweep()["healed"]
            elif not filled and len(crowd.sent) >= uploads / 3:
                filled = True
                with full_disk(state):
                    time.sleep(FULL_SECONDS)
            elif not events.restarts and len(crowd.sent) >= 2 * uploads / 3:
                events.restarts += 1
                stack.stop()
                events.read(stack)
                stack.start()
            else:
                _kill(stack, events)
        sent = crowd.finish()
        cloud = Cloud.of(stack)
        cloud.settle()
        events.read(stack)
        return _checked(cloud, sent, uploads, events)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of DISK_MIB in memory, at a folder of its own. Raises StackError if it isn't allowed.

    The logs lie beside it: on a full disk they would lack what it did.
    """
    logs, folder = folder / "logs", folder / "disk"
    logs.mkdir()
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(folder)]
    if (tried := subprocess.run(mount, capture_output=True, text=True, check=False)).returncode != 0:
        raise StackError(
            f"The soak fills a small disk, which it may not mount here: {tried.stderr.strip()} "
            "Run it in a name space of its own: unshare --map-root-user --mount make soak"
        )
    try:
        (folder / "logs").symlink_to(logs)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """Fills the file system of `folder` to its last block."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (2**20, 2**12):
            with suppress(OSError):  # which is the aim
                while file.write(bytes(size)):
                    pass
        yield
    ballast.unlink()


def _ended_within(crowd: Crowd, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while crowd.is_at_work() and time.monotonic() < end:
        time.sleep(0.1)
    return not crowd.is_at_work()


def _kill(stack: Stack, events: Events) -> None:
    on_upload = next(process for process in stack.processes if process.name == "on_upload")
    if events.workers_killed > events.processes_killed:
        _kill_process(on_upload)
        events.processes_killed += 1
    else:
        _kill_worker(on_upload)
        on_upload.wait_ready()
        events.workers_killed += 1


def _kill_worker(on_upload: Process) -> None:
    for worker in children(on_upload.pid):
        os.kill(worker, signal.SIGKILL)


def _kill_process(on_upload: Process) -> None:
    os.killpg(on_upload.pid, signal.SIGKILL)
    on_upload.wait_stopped()
    on_upload.start()
    on_upload.wait_ready()


def _checked(cloud: Cloud, sent: list[Sent], uploads: int, events: Events) -> Outcome:
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
        if _came_again(report, content, by_name[name]):
            doubled.append(name)
        if not _belongs(meme, content, by_name[name], photo):
            wrong.append(name)
        seconds.append(_written(report) - _written(photo))
    missing = ["never uploaded"] * (uploads - len(photos))
    return Outcome(
        uploads=len(photos),
        lost=lost + missing,
        doubled=doubled,
        wrong=wrong,
        left_over=sorted(results),
        seconds=sorted(seconds),
        events=events,
    )


def _came_again(report: storage.Blob, content: dict[str, Any], sent: Sent) -> bool:
    """Whether another report, or the same one anew, took the place of the one that the client was shown."""
    shown = {key: value for key, value in sent.shown.items() if key != "id"}
    found = {key: value for key, value in content.items() if key != "source"}
    return found != shown or _written(report) > sent.at


def _written(blob: storage.Blob) -> float:
    """Seconds since 1970: generations of the local cloud are its clock's microseconds."""
    return int(blob.generation) / 1e6


def _belongs(meme: storage.Blob, report: dict[str, Any], sent: Sent, photo: storage.Blob) -> bool:
    """Whether the meme is, byte by byte, the library's, and the report tells of it and of the photo."""
    return (
        meme.md5_hash == sent.photo.meme_md5
        and report["meme"]["generation"] == int(meme.generation)
        and report["source"]["generation"] == int(photo.generation)
    )
