"""The local stack starts the gateway and the two functions, and stops them.

with Stack(Path(".local")) as stack:
    print(stack.site_url)
"""

import fcntl
import json
import logging
import sys
import threading
import time
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import IO, NoReturn

import urllib3

from infra.local.config import project
from infra.local.config.addresses import PURPOSES, Addresses, Ports
from infra.local.config.delivery import LOCAL, Rules, cloud_rules
from infra.local.stack.processes import Process, StackError
from infra.local.storage.accounts import make_key_files

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[3]
DEFAULT_PORTS = Ports()
MOST_RESTARTS = 5
RESTARTS_WITHIN_SECONDS = 60
SWEEP_SECONDS = 540
"""The time limit that the function `sweep` is deployed with."""


class Stack:
    """The whole application on this machine.

    The folder `state` keeps objects, undelivered events, accounts and logs. It is made if it is missing, and
    only one stack at a time may use it. Given `max_instances`, events are delivered by Google Cloud's rules,
    as to a function of so many instances. Entering raises StackError if a port is taken or a process does not
    become ready; then nothing is left running.
    """

    def __init__(self, state: Path, ports: Ports = DEFAULT_PORTS, max_instances: int | None = None):
        self.state = state.resolve()
        self.ports = ports
        self.uploads_bucket = project.UPLOADS
        self.memes_bucket = project.MEMES
        addresses = Addresses(ports)
        self.site_url = addresses.site
        self.api_url = addresses.api
        self.on_upload_url = addresses.on_upload
        self.storage_url = addresses.storage
        self.uploads_url = addresses.uploads
        self.memes_url = addresses.memes
        self.processes = [
            gateway(self.state, ports, cloud_rules(max_instances) if max_instances else LOCAL),
            function("api", self.state, ports),
            function("on_upload", self.state, ports, threads=max_instances),
        ]
        self._sweep_url = addresses.sweep
        self._lock: IO[str] | None = None

    def account_file(self, account: str) -> Path:
        """The key file of one of the project's accounts, such as `developer`."""
        return self.state / "accounts" / f"{account}.json"

    def start(self) -> None:
        self._hold_state()
        try:
            _check_ports(self.ports)
            make_key_files(self.state / "accounts", f"{self.storage_url}/token")
            for process in self.processes:
                process.start()
            for process in self.processes:
                process.wait_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait_stopped()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def sweep(self) -> dict[str, int]:
        """Runs the function `sweep` once, as Cloud Scheduler has it run, and returns its answer.

        Raises StackError if it fails. Its process runs only meanwhile, as an instance in the cloud does.
        """
        process = function("sweep", self.state, self.ports)
        try:
            process.start()
            process.wait_ready()
            answer = urllib3.request("POST", self._sweep_url, timeout=SWEEP_SECONDS, retries=False)
            if answer.status != HTTPStatus.OK:
                raise StackError(f"The sweep answered {answer.status}. {process.explain()}")
            found: dict[str, int] = answer.json()
            return found
        finally:
            process.terminate()
            process.wait_stopped()

    def watch(self, sweep_every: float = 600) -> NoReturn:
        """Starts every process again that ends by itself, and logs a warning each time.

        Every `sweep_every` seconds it runs a sweep beside that, unless the one before still runs, and logs a
        warning if it failed or found something. Raises StackError if one process ends more than MOST_RESTARTS
        times a minute.
        """
        ends: dict[str, list[float]] = {process.name: [] for process in self.processes}
        sweeping = threading.Thread()
        swept = time.monotonic()
        while True:
            if time.monotonic() - swept >= sweep_every and not sweeping.is_alive():
                sweeping = threading.Thread(target=self._sweep_and_tell, daemon=True)
                sweeping.start()
                swept = time.monotonic()
            for process in self.processes:
                if process.exit_status() is None:
                    continue
                now = time.monotonic()
                recent = [end for end in ends[process.name] if now - end < RESTARTS_WITHIN_SECONDS]
                ends[process.name] = [*recent, now]
                if len(recent) >= MOST_RESTARTS:
                    raise StackError(f"{process.name} keeps stopping. {process.explain()}")
                log.warning("%s stopped by itself and is started again. %s", process.name, process.explain())
                process.wait_stopped()  # gunicorn's worker may outlive its master for a moment
                process.start()
            time.sleep(0.5)

    def _sweep_and_tell(self) -> None:
        try:
            found = self.sweep()
        except (StackError, urllib3.exceptions.HTTPError) as error:
            log.warning("The sweep failed. %s", error)
        else:
            if found["found"]:
                log.warning("The sweep found uploads without a report: %s", json.dumps(found))

    def _hold_state(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        lock = (self.state / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise StackError(
                f"Another local stack uses {self.state}. "
                "Stop it, or give this one a folder of its own with --state."
            ) from None
        self._lock = lock

    def __enter__(self) -> "Stack":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def gateway(state: Path, ports: Ports, rules: Rules = LOCAL) -> Process:
    settings = [json.dumps(asdict(ports)), json.dumps(asdict(rules))]
    command = [sys.executable, "-m", "infra.local.storage.gateway", str(state), *settings]
    health = f"{Addresses(ports).storage}/health"
    return Process("gateway", command, health, state / "logs" / "gateway.log")


def function(target: str, state: Path, ports: Ports, threads: int | None = None) -> Process:
    """One of functions/main.py's functions, `api`, `on_upload` or `sweep`, under functions-framework.

    `threads` are how many requests it serves at once; functions-framework has four a processor.
    """
    addresses = Addresses(ports)
    accounts = state / "accounts"
    account = target.replace("_", "-")
    environment = {
        "UPLOADS_BUCKET": project.UPLOADS,
        "MEMES_BUCKET": project.MEMES,
        "STORAGE_ENDPOINT": addresses.storage,
        "UPLOADS_URL": addresses.uploads,
        "MEMES_URL": addresses.memes,
        "PAGE_ORIGINS": addresses.site,
        "GOOGLE_APPLICATION_CREDENTIALS": str(accounts / f"{account}.json"),
        "GOOGLE_CLOUD_PROJECT": project.PROJECT,
        "FUNCTION_TARGET": target,
        # Without this google-auth would look for a metadata server, which no laptop has.
        "NO_GCE_CHECK": "true",
    }
    if threads is not None:
        environment["THREADS"] = str(threads)
    if target == "api":
        # The role allows IAM's signBlob, which the local cloud lacks. The function gets a key instead.
        if "iam.serviceAccounts.signBlob" not in project.ACCOUNTS[account].get("signing", ()):
            raise StackError(
                f"{account} may not sign as signing: infra/local/config/permissions.json lacks the role."
            )
        environment["PAGE_URL"] = f"{addresses.site}/"
        environment["SIGNING_ACCOUNT"] = project.email("signing")
        environment["SIGNING_KEY_FILE"] = str(accounts / "signing.json")
    command = [
        str(Path(sys.executable).parent / "functions-framework"),
        "--source",
        str(ROOT / "functions" / "main.py"),
        "--target",
        target,
        "--signature-type",
        "cloudevent" if target == "on_upload" else "http",
        "--host",
        "127.0.0.1",
        "--port",
        str(getattr(ports, target)),
    ]
    health = f"{addresses.api}/health" if target == "api" else getattr(addresses, target)
    return Process(target, command, health, state / "logs" / f"{target}.log", environment)


def _check_ports(ports: Ports) -> None:
    if len(set(asdict(ports).values())) < len(asdict(ports)):
        raise StackError(f"Each part needs a port of its own, but these were chosen: {asdict(ports)}.")
    taken = ports.taken()
    if taken:
        lines = [f"Port {getattr(ports, name)}, meant for {PURPOSES[name]}, is taken." for name in taken]
        flags = " ".join(f"--{name.replace('_', '-')}-port PORT" for name in taken)
        lines.append(
            f"Stop the other program, or choose another port: .venv/bin/python -m infra.local {flags}"
        )
        raise StackError("\n".join(lines))
