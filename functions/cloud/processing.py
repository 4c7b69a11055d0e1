"""What on_upload does with one finished upload."""

import time
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cloud.canary import is_canary
from cloud.events import Upload
from cloud.logs import fingerprint, log
from cloud.names import default_seed
from cloud.option_codec import options_of
from cloud.results import Results
from cloud.selection import EVERYTHING, Selection
from cloud.storage import Bucket, NotFound, StoredObject
from memegen import Options, PhotoError
from memegen.contract import MAX_PHOTO_BYTES
from memegen.errors import ErrorCode
from memegen.face.expressions import model_version
from memegen.meme import make_meme
from memegen.text.shaping import shaping_available

# The event system delivers for 24 hours; a photo that kills the process must end before that.
GIVE_UP_AFTER = timedelta(hours=20)
_GAVE_UP = (
    ErrorCode.GAVE_UP,
    "This photo could not be processed within 20 hours, and no mistake of yours is known. "
    "Upload it again. If that fails too, save it as a new JPEG first.",
)


@dataclass(frozen=True)
class Processor:
    """Makes the meme and the report of an upload.

    Making one raises memegen.face.expressions.ModelError when a shipped model can't serve.
    """

    uploads: Bucket
    memes: Bucket
    selection: Selection = EVERYTHING

    def __post_init__(self) -> None:
        model_version()  # loads and checks the models, which would else wait for the first face
        if not shaping_available():
            log("WARNING", "text can't be shaped, for want of libfribidi: only simple scripts are drawn")

    def process(self, upload: Upload, trace: str | None = None) -> str:
        """Processes one upload, logs one line and returns its outcome.

        done or failed: it has its report, and failed is the photo's own error. gave-up: it's too old.
        ignored: no photo, or not selected. settled: another delivery or a newer upload has the results. gone:
        replaced before its turn. taken-back: deleted, before its turn or meanwhile, so nothing is left of it.
        All of these are final. Raises whatever else goes wrong, for the event system to try again.
        """
        begun = time.perf_counter()
        outcome, details = self._process(upload)
        log(
            "ERROR" if outcome == "gave-up" else "INFO",
            f"upload {outcome}",
            trace,
            upload=fingerprint(upload.name),
            generation=upload.generation,
            total_ms=_since(begun),
            **details,
        )
        return outcome

    def takes(self, upload: Upload) -> bool:
        """Whether it is a photo of this bucket, and one of those that become memes."""
        chosen = self.selection.takes(upload.name)
        return chosen and not upload.is_folder and upload.bucket == self.uploads.name

    def _process(self, upload: Upload) -> tuple[str, dict[str, object]]:
        if not self.takes(upload):
            return "ignored", {}
        results = Results(self.memes, upload)
        if results.are_settled():
            return self._concluded(upload, results, "settled"), {}
        if datetime.now(UTC) - upload.time > GIVE_UP_AFTER:
            written = results.fail(*_GAVE_UP)
            return self._concluded(upload, results, "gave-up" if written else "settled"), {}
        photo = self.uploads.find(upload.name)
        if photo is None or photo.generation != upload.generation:
            return self._concluded(upload, results, "gone"), {}
        begun = time.perf_counter()
        try:
            data = self.uploads.read(photo, limit=MAX_PHOTO_BYTES)
        except NotFound:
            return self._concluded(upload, results, "gone"), {}
        fetch_ms = _since(begun)
        outcome, details = self._make(upload, results, data, photo)
        known = {"canary": True} if is_canary(photo) else {}
        return outcome, {"bytes": len(data), "fetch_ms": fetch_ms, **details, **known}

    def _make(
        self, upload: Upload, results: Results, data: bytes, photo: StoredObject
    ) -> tuple[str, dict[str, object]]:
        try:
            options = _seeded(options_of(photo.metadata), upload)
            meme = make_meme(unpacked(data, photo.content_encoding), options)
        except PhotoError as error:
            written = results.fail(error.code, str(error), error.characters)
            return self._concluded(upload, results, "failed" if written else "settled"), {"code": error.code}
        begun = time.perf_counter()
        written = results.publish(meme.jpeg, meme.animation, meme.report)
        stages = {**meme.report["timings_ms"], "store": _since(begun)}
        return self._concluded(upload, results, "done" if written else "settled"), {"stages_ms": stages}

    def _concluded(self, upload: Upload, results: Results, outcome: str) -> str:
        """The last look: a person who deletes a photo leaves nothing of it, even while it's being processed.

        Also where this delivery wrote nothing: one before it may have ended between its writing and its look.
        """
        if self.uploads.find(upload.name) is None:
            results.take_back()
            return "taken-back"
        return outcome


def unpacked(data: bytes, content_encoding: str | None) -> bytes:
    """The photo's own bytes, of an object stored with `Content-Encoding: gzip` (RFC 1952; its first member).

    At most MAX_PHOTO_BYTES and one more: so much shows that the photo is too long. An uploader may write
    into that header what they like, so bytes that don't begin as gzip's do are the photo as they are.
    Raises PhotoError with code damaged-image.
    """
    is_gzip = (content_encoding or "").strip().lower() in ("gzip", "x-gzip") and data.startswith(b"\x1f\x8b")
    if not is_gzip or len(data) > MAX_PHOTO_BYTES:
        return data
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        photo = unpacker.decompress(data, MAX_PHOTO_BYTES + 1)
    except zlib.error:
        photo = b""
    if not unpacker.eof and len(photo) <= MAX_PHOTO_BYTES:
        raise PhotoError(
            ErrorCode.DAMAGED_IMAGE,
            "The file is packed with gzip and can't be unpacked: it is damaged or cut off. "
            "Upload the photo itself, unpacked.",
        )
    return photo


def _seeded(options: Options, upload: Upload) -> Options:
    if options.seed is not None:
        return options
    return replace(options, seed=default_seed(upload.bucket, upload.name, upload.generation))


def _since(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 1)
