"""Storage with an on_upload whose stages tests can stop at (see hooked_functions.py)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from infra.local.config.addresses import Ports
from infra.local.config.project import MEMES, UPLOADS
from infra.local.stack.processes import Process
from infra.local.stack.stack import ROOT, function
from tests.local.storage import Storage
from tests.support.buckets import Cloud, wait


@dataclass(frozen=True)
class Hooked(Cloud):
    """`stack` is storage alone, `on_upload` the function's process, `hooks` the folder that it looks into."""

    on_upload: Process
    hooks: Path

    def kill_at(self, stage: str) -> None:
        (self.hooks / stage).write_text("kill")

    def hold_at(self, stage: str) -> None:
        (self.hooks / stage).write_text("hold")

    def wait_held(self, stage: str) -> None:
        wait((self.hooks / f"{stage}.held").exists)

    def release(self, stage: str) -> None:
        (self.hooks / f"{stage}.held").unlink()

    def is_taken(self, stage: str) -> bool:
        return not (self.hooks / stage).exists()


@contextmanager
def hooked(state: Path) -> Iterator[Hooked]:
    ports = Ports.free()
    hooks = state / "hooks"
    hooks.mkdir()
    with Storage(state, ports).running() as running:
        plain = function("on_upload", state, ports)
        main = str(ROOT / "functions" / "main.py")
        source = str(Path(__file__).with_name("hooked_functions.py"))
        environment = {**plain.environment, "HOOKS": str(hooks), "PYTHONPATH": str(ROOT / "functions")}
        command = [source if word == main else word for word in plain.command]
        on_upload = replace(plain, command=command, environment=environment)
        on_upload.start()
        try:
            on_upload.wait_ready()
            yield Hooked(running, running.bucket(UPLOADS), running.bucket(MEMES), on_upload, hooks)
        finally:
            on_upload.terminate()
            on_upload.wait_stopped()
