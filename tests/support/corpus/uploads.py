"""The corpus through the running stack: direct uploads with the real client, and what becomes of them."""

import base64
import hashlib
import io
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from google.api_core.exceptions import BadRequest
from PIL import Image

from tests.support.buckets import Cloud
from tests.support.corpus.cases import Case, Outcome, complaint
from tests.support.corpus.generators import Named
from tests.support.corpus.names import names
from tests.support.corpus.sound import FORMS, VARIETY, sound

MOST_METADATA = 8 * 1024  # Cloud Storage's limit


@dataclass(frozen=True)
class Upload:
    """An upload and what must become of it: fate as in names.Name, and for a meme what its case states."""

    label: str
    name: str
    case: Case
    fate: str = "meme"
    metadata: Mapping[str, str] = field(default_factory=dict)


def uploads(corpus: Iterable[Named]) -> Iterator[Upload]:
    """Each case under a plain name, and a sound photo under each name that is none."""
    run = uuid.uuid4().hex
    for number, named in enumerate(corpus):
        metadata = {}
        if named.case.options:
            text = json.dumps(dict(named.case.options)).encode()
            metadata["options"] = base64.urlsafe_b64encode(text).rstrip(b"=").decode()
        size = sum(len(part) for entry in metadata.items() for part in entry)
        fate = "meme" if size <= MOST_METADATA else "refused"
        yield Upload(named.name, f"corpus/{run}/{number}", named.case, fate, metadata)
    for number, name in enumerate(names(f"n-{run}")):
        photo = sound(FORMS[number % len(FORMS)], number % VARIETY)
        yield Upload(f"name {name.text!a}", name.text, Case(photo.data, picture=photo.picture), name.fate)


def complaints(cloud: Cloud, several: Iterable[Upload]) -> list[str]:
    """Uploads all and tells what didn't become of them as it should. Returns when no event is left."""
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda upload: (upload, _sent(cloud, upload)), several))
    cloud.settle()
    deliveries = _deliveries(cloud)
    found = []
    for upload, generation in sent:
        wrong = _complaint(cloud, upload, generation, deliveries)
        if wrong is not None:
            found.append(f"{upload.label}: {wrong}")
    return found


def _sent(cloud: Cloud, upload: Upload) -> int | None:
    """The upload's generation, or None if Cloud Storage refused it."""
    try:
        return cloud.upload(upload.name, upload.case.data, dict(upload.metadata))
    except BadRequest:
        return None


def _complaint(
    cloud: Cloud, upload: Upload, generation: int | None, deliveries: Mapping[int, Counter[str]]
) -> str | None:
    if generation is None or upload.fate == "refused":
        became = "refused" if generation is None else "taken"
        return None if became == upload.fate else f"was {became} by the storage"
    report = cloud.memes.get_blob(f"{_stem(upload.name)}.json")
    if upload.fate == "ignored":
        outcomes = {"ignored": 1}
        wrong = "has a report" if report is not None else None
    elif report is None:
        return f"has no report; its deliveries ended as {dict(deliveries[generation])}"
    else:
        outcome = _outcome(cloud, json.loads(report.download_as_bytes()))
        outcomes = {"failed" if outcome.code else "done": 1}
        wrong = complaint(upload.case, outcome)
    if wrong is None and deliveries[generation] != outcomes:
        return f"its deliveries ended as {dict(deliveries[generation])}, not as {outcomes}"
    return wrong


def _outcome(cloud: Cloud, report: dict) -> Outcome:
    if report["status"] == "failed":
        return Outcome(code=report["error"]["code"])
    meme = Image.open(io.BytesIO(cloud.memes.blob(report["meme"]["name"]).download_as_bytes()))
    meme.load()
    size = report["meme"]
    return Outcome(
        caption=report["caption"]["text"], reported=(size["width"], size["height"]), drawn=meme.size
    )


def _deliveries(cloud: Cloud) -> Mapping[int, Counter[str]]:
    """Generation → how its deliveries ended, by on_upload's log. Raises ValueError if a worker died."""
    log = (cloud.stack.state / "logs" / "on_upload.log").read_text()
    if (workers := log.count("Booting worker")) > 1:
        raise ValueError(f"on_upload was started {workers} times: its worker died.")
    found: dict[int, Counter[str]] = {}
    for line in log.splitlines():
        if line.startswith('{"'):
            entry = json.loads(line)
            if "generation" in entry:
                outcome = entry["message"].removeprefix("upload ")
                found.setdefault(entry["generation"], Counter())[outcome] += 1
    return found


def _stem(name: str) -> str:
    """The contract's stem of an output's name."""
    data = name.encode()
    if len(data) + len(".meme.jpg") <= 1024:
        return name
    return f"sha256-{hashlib.sha256(data).hexdigest()}"
