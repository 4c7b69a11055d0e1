"""on_upload is asked to stop, as before the platform removes an instance: its photos are finished."""

import http.client
import os
import signal
import socket
import time
from pathlib import Path

import pytest
import requests
from google.cloud import storage

from infra.local.config.addresses import Addresses, Ports
from infra.local.config.project import MEMES, UPLOADS
from infra.local.stack.stack import function
from memegen import Options, make_meme
from tests.bench.soak.photos import photos
from tests.local.storage import PATIENCE, Storage
from tests.local.test_stack import local, read_until
from tests.robustness.conftest import SEED, assert_whole
from tests.robustness.hooked import Hooked, hooked
from tests.support.buckets import Cloud, wait

PHOTO = photos()[1].data
MEME = make_meme(PHOTO, Options(seed=SEED)).jpeg
STAGES = ("after-decoding", "before-report")


def test_at_sigterm_photos_in_work_are_finished_and_no_other_is_taken(tmp_path: Path):
    with hooked(tmp_path) as cloud:
        generations = {}
        for stage in STAGES:
            cloud.hold_at(stage)
            generations[stage] = cloud.upload(f"stopping/{stage}", PHOTO, {"seed": str(SEED)})
            cloud.wait_held(stage)
        os.kill(cloud.on_upload.pid, signal.SIGTERM)
        wait(lambda: takes_nothing_more(cloud))
        late = cloud.upload("stopping/late", PHOTO, {"seed": str(SEED)})
        for stage in STAGES:
            cloud.release(stage)
        assert wait(lambda: cloud.on_upload.exit_status() is not None)
        assert cloud.on_upload.exit_status() == 0
        for stage, generation in generations.items():
            assert_whole(cloud, f"stopping/{stage}", generation, MEME)
            assert [line["message"] for line in cloud.log_lines(generation)] == ["upload done"]
        assert cloud.memes.get_blob("stopping/late.json") is None
        # The next instance makes what came too late.
        cloud.on_upload.start()
        cloud.on_upload.wait_ready()
        cloud.settle()
        assert_whole(cloud, "stopping/late", late, MEME)


@pytest.mark.parametrize("target", ["api", "on_upload"])
def test_at_sigterm_connections_that_nobody_uses_hold_up_no_process(tmp_path: Path, target: str):
    """The platform kills it after ten seconds. One connection is kept after an answer, one is new."""
    ports = Ports.free()
    with Storage(tmp_path, ports).running():
        process = function(target, tmp_path, ports)
        process.start()
        try:
            process.wait_ready()
            kept = http.client.HTTPConnection("127.0.0.1", getattr(ports, target), timeout=PATIENCE)
            kept.request("GET", "/health")
            kept.getresponse().read()
            with socket.create_connection(("127.0.0.1", getattr(ports, target))):
                os.kill(process.pid, signal.SIGTERM)
                begun = time.monotonic()
                assert wait(lambda: process.exit_status() is not None)
            assert time.monotonic() - begun < 10
            kept.close()
        finally:
            process.terminate()
            process.wait_stopped()


def takes_nothing_more(cloud: Hooked) -> bool:
    try:
        requests.get(cloud.on_upload.health_url, timeout=10)
    except (requests.ConnectionError, requests.Timeout):
        return True
    return False


def test_photos_in_work_when_the_stack_is_stopped_are_finished_when_it_runs_again(tmp_path: Path):
    ports = Ports.free()
    with local(tmp_path, ports) as child:
        read_until(child, "Ctrl-C")
        cloud = seen_from_outside(tmp_path, ports)
        sent = {f"stopped/{n}": cloud.upload(f"stopped/{n}", PHOTO, {"seed": str(SEED)}) for n in range(6)}
        child.send_signal(signal.SIGTERM)
        _, err = child.communicate(timeout=PATIENCE)
        assert (child.returncode, err) == (0, "")
    with local(tmp_path, ports) as child:
        read_until(child, "Ctrl-C")
        cloud = seen_from_outside(tmp_path, ports)
        cloud.settle()
        for name, generation in sent.items():
            assert_whole(cloud, name, generation, MEME)


def test_once_a_taken_port_is_free_again_the_stack_runs(tmp_path: Path):
    ports = Ports.free()
    # As the stack, and unlike a plain bind, it takes a port on which an earlier test's connection just ended.
    with socket.create_server(("127.0.0.1", ports.on_upload)), local(tmp_path, ports) as child:
        _, err = child.communicate(timeout=PATIENCE)
        assert child.returncode == 1
        assert f"Port {ports.on_upload}, meant for the on_upload function, is taken." in err
    with local(tmp_path, ports) as child:
        assert Addresses(ports).on_upload in read_until(child, "Ctrl-C")
        cloud = seen_from_outside(tmp_path, ports)
        generation = cloud.upload("port", PHOTO, {"seed": str(SEED)})
        cloud.settle()
        assert_whole(cloud, "port", generation, MEME)


def seen_from_outside(state: Path, ports: Ports) -> Cloud:
    running = Storage(state, ports)
    client: storage.Client = running.client()
    return Cloud(running, client.bucket(UPLOADS), client.bucket(MEMES))
