"""Free ports: no two processes get the same ones, and a server can listen at them."""

import gc
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, fields

import pytest

from infra.local.config.addresses import Ports

ASK = """
import secrets, sys
from dataclasses import astuple
from infra.local.config.addresses import Ports

secrets.SystemRandom.sample = lambda _, ports, count: list(ports)[:count]
ports = Ports.free()
print(*astuple(ports), flush=True)
sys.stdin.read()
"""


@contextmanager
def asking() -> Iterator[set[int]]:
    """The ports that a process of its own gets; it keeps them to the end. All try the same ones first."""
    child = subprocess.Popen(
        [sys.executable, "-c", ASK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield {int(port) for port in child.stdout.readline().split()}
    finally:
        child.communicate()


def test_processes_that_ask_at_once_get_different_ports():
    with ExitStack() as running:
        given = [running.enter_context(asking()) for _ in range(3)]
    each = len(fields(Ports))
    assert [len(ports) for ports in given] == [each, each, each]
    assert len(set().union(*given)) == 3 * each


def test_a_reserved_port_is_free_for_the_server_that_it_is_meant_for():
    ports = Ports.free()
    assert ports.taken() == []
    with socket.create_server(("127.0.0.1", ports.api)):
        assert ports.taken() == ["api"]
    assert ports.taken() == []


def test_ports_are_free_again_when_nothing_refers_to_them():
    ports = Ports.free()
    numbers = astuple(ports)
    del ports
    gc.collect()
    for number in numbers:
        with socket.socket() as plain:
            plain.bind(("127.0.0.1", number))


def test_too_few_free_ports_are_an_error(monkeypatch: pytest.MonkeyPatch):
    ports = Ports.free()
    monkeypatch.setattr(secrets.SystemRandom, "sample", lambda *_: list(astuple(ports)))
    with pytest.raises(OSError, match="only 0 are free"):
        Ports.free()
