"""What sweep does every ten minutes: it finds uploads that have no report and processes them itself.

An upload whose event was lost, or whose event can't reach on_upload, would else wait until it is deleted.
The sweep takes the same steps as on_upload, with the upload's own generation and time, and rewrites no photo.
It asks no other service for help, so whatever is wrong between Cloud Storage and on_upload, it still works.

What it remembers stands in one small object of the memes bucket: until when every upload is settled, so that
each upload is looked at about once, and how often it has tried those that are not. A try is counted before it
begins. So a photo that ends the process each time is tried three times and no more, and since those with the
fewest tries come first, it holds up no other photo.
"""

import json
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from cloud.events import Upload
from cloud.logs import describe_error, fingerprint, log
from cloud.names import SWEEP_STATE
from cloud.processing import GIVE_UP_AFTER, Processor
from cloud.results import Results
from cloud.storage import Bucket

# How old an upload without a report must be for its first, second and third try. A fault that is mended
# within hours leaves tries for afterwards.
TRY_AFTER = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
RUN_SECONDS = 420
"""No photo is begun later in a run. The function's time limit is longer by what one photo may take."""

_READ_AT_ONCE = 8
_START = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Sweep:
    """One run in numbers.

    looked_at: uploads whose report was looked for. found: those without one that were due. healed: those of
    them that have one now, or whose photo is gone. failing: those that met an error. left: those for which no
    time was left. waiting: uploads without a report that were tried and wait for their next try or their end.
    """

    looked_at: int
    found: int
    healed: int
    failing: int
    left: int
    waiting: int


@dataclass
class _State:
    """settled_until: no upload from before this time lacks a report. tries: of those since, by their key."""

    settled_until: datetime = _START
    tries: dict[str, int] = field(default_factory=dict)


class Sweeper:
    """Finds uploads without a report and has them processed. `run_seconds` and `clock` are for tests."""

    def __init__(
        self,
        processor: Processor,
        run_seconds: float = RUN_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._processor = processor
        self._uploads: Bucket = processor.uploads
        self._memes: Bucket = processor.memes
        self._run_seconds = run_seconds
        self._clock = clock

    def sweep(self, trace: str | None = None) -> Sweep:
        """One run; logs one line and returns it in numbers.

        Raises PreconditionFailed if another sweep runs at the same time, and what the cloud's failures raise
        while uploads are listed. A photo that meets an error ends no run.
        """
        end = time.monotonic() + self._run_seconds
        now = self._clock()
        memory = _Memory(self._memes)
        state = memory.state
        old = self._old_uploads(state.settled_until, now)
        unreported = self._without_report(old)
        due = [upload for upload in unreported if _is_due(upload, state.tries.get(_key(upload), 0), now)]
        due.sort(key=lambda upload: (state.tries.get(_key(upload), 0), upload.time))
        healed: set[Upload] = set()
        failing = tried = 0
        for upload in due:
            if time.monotonic() > end:
                break
            tried += 1
            state.tries[_key(upload)] = state.tries.get(_key(upload), 0) + 1
            memory.write()
            try:
                self._processor.process(upload, trace)
                healed.add(upload)
            except Exception as error:
                failing += 1
                log("ERROR", "upload not processed, to be swept again", trace, **describe_error(error))
        still_open = [upload for upload in unreported if upload not in healed]
        state.tries = {key: state.tries[key] for key in map(_key, still_open) if key in state.tries}
        state.settled_until = min([upload.time for upload in still_open], default=now - TRY_AFTER[0])
        memory.write()
        run = Sweep(
            looked_at=len(old),
            found=len(due),
            healed=len(healed),
            failing=failing,
            left=len(due) - tried,
            waiting=len(unreported) - len(due),
        )
        log("WARNING" if run.found else "INFO", "sweep done", trace, **asdict(run))
        return run

    def _old_uploads(self, settled_until: datetime, now: datetime) -> list[Upload]:
        """Uploads that are ten minutes old and not known to be settled. The bucket is read page by page."""
        listed = (
            Upload(self._uploads.name, name, generation, created)
            for name, generation, created in self._uploads.listed()
        )
        newest = now - TRY_AFTER[0]
        return [
            each for each in listed if settled_until <= each.time <= newest and self._processor.takes(each)
        ]

    def _without_report(self, uploads: Iterable[Upload]) -> list[Upload]:
        def lacks(upload: Upload) -> Upload | None:
            return None if Results(self._memes, upload).are_settled() else upload

        with ThreadPoolExecutor(_READ_AT_ONCE) as pool:
            return [upload for upload in pool.map(lacks, uploads) if upload is not None]


class _Memory:
    """The object that holds the state. What can't be read counts as empty: then all uploads are looked at."""

    def __init__(self, memes: Bucket) -> None:
        self._memes = memes
        found = memes.find(SWEEP_STATE)
        self._generation = found.generation if found else 0
        self._written = memes.fetch(SWEEP_STATE) if found else None
        self.state = _parsed(self._written)

    def write(self) -> None:
        """Writes the state if it has changed; raises PreconditionFailed if another sweep has written."""
        content = {"settled_until": self.state.settled_until.isoformat(), "tries": self.state.tries}
        data = json.dumps(content).encode()
        if data != self._written:
            stored = self._memes.write(SWEEP_STATE, data, "application/json", {}, replaces=self._generation)
            self._generation, self._written = stored.generation, data


def _parsed(data: bytes | None) -> _State:
    try:
        content = json.loads(data or b"null")
        tries = {str(key): int(n) for key, n in content["tries"].items()}
        until = datetime.fromisoformat(content["settled_until"])
        return _State(until if until.tzinfo else _START, tries)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return _State()


def _is_due(upload: Upload, tries: int, now: datetime) -> bool:
    """Whether it's time for the upload's next try, or for its end: then only its report is written."""
    age = now - upload.time
    return age > GIVE_UP_AFTER or (tries < len(TRY_AFTER) and age >= TRY_AFTER[tries])


def _key(upload: Upload) -> str:
    return f"{fingerprint(upload.name)}-{upload.generation}"
