"""The library in a process of its own, which a case may kill without ending the run."""

import io
import multiprocessing
import os
import re
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType

from PIL import Image

from memegen import Options, PhotoError, make_meme
from memegen.photo.decode import read_photo
from tests.support.corpus.cases import Case, Outcome

PATIENCE_SECONDS = 300  # past it a case hangs; far more than any takes on a machine that is busy otherwise


class Library:
    """Makes the memes of cases one after another.

    peak_mib: the most memory that the process has held. said: what it has written on either output.
    """

    def __init__(self) -> None:
        self.peak_mib = 0
        self._output = tempfile.NamedTemporaryFile(prefix="memegen-corpus-")  # noqa: SIM115 - closed by __exit__
        self._start()

    def outcome(self, case: Case) -> Outcome:
        try:
            self._ask.send((case.data, dict(case.options)))
            if not self._ask.poll(PATIENCE_SECONDS):
                self._process.kill()
                raise EOFError
            outcome, self.peak_mib = self._ask.recv()
        except (EOFError, BrokenPipeError):
            self._process.join()
            code = self._process.exitcode
            self._start()
            return Outcome(crash=f"the process ended with {code}, a signal's number being negative")
        return outcome

    @property
    def said(self) -> str:
        return Path(self._output.name).read_text(errors="replace")

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")  # the parent's memory isn't its own
        self._ask, asked = context.Pipe()
        self._process = context.Process(target=_serve, args=(asked, self._output.name), daemon=True)
        self._process.start()
        asked.close()

    def __enter__(self) -> "Library":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join()
        self._output.close()


def _serve(asked: Connection, output: str) -> None:
    file = os.open(output, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    while True:
        data, options = asked.recv()
        outcome = _made(data, options)
        asked.send((outcome, _peak_mib()))


def _peak_mib() -> int:
    """The most memory that this process has held: getrusage's figure would begin at its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)[1]) // 1024


def _made(data: bytes, values: dict[str, object]) -> Outcome:
    try:
        meme = make_meme(data, Options.from_mapping(values))
        drawn = Image.open(io.BytesIO(meme.jpeg))
        drawn.load()
        size = meme.report["meme"]
        return Outcome(
            pixels=read_photo(data),
            caption=meme.report["caption"]["text"],
            reported=(size["width"], size["height"]),
            drawn=drawn.size,
        )
    except PhotoError as error:
        return Outcome(code=error.code)
    except BaseException as error:  # whatever it is, it's no answer to a photo
        return Outcome(crash=f"{type(error).__name__}: {error}")
