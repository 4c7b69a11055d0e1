"""`python -m infra.tools.redrive` gives failed uploads another try after the cause of the failure was fixed.

Each upload is rewritten onto itself. That makes a new generation with the same bytes and metadata, for which
Cloud Storage sends a new finalize event. The new report then replaces the old one.
https://cloud.google.com/storage/docs/pubsub-notifications#events
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from google.api_core.exceptions import GoogleAPIError, NotFound, PreconditionFailed
from google.auth.exceptions import GoogleAuthError
from google.cloud import storage
from google.cloud.storage.retry import DEFAULT_RETRY

from cloud.results import STATUS
from infra.tools.client import storage_client

SENT = "sent again"
GONE = "gone"
REPLACED = "replaced meanwhile"

_READ_AT_ONCE = 16


def gave_up(memes: storage.Bucket) -> Iterator[str]:
    """The names of the uploads whose report says `gave-up`.

    Lists the whole bucket, and reads the reports but for those whose metadata say that they are done.
    """
    reports = (blob for blob in memes.list_blobs() if blob.name.endswith(".json") and not _is_done(blob))
    with ThreadPoolExecutor(_READ_AT_ONCE) as pool:
        for name in pool.map(_given_up, reports):
            if name is not None:
                yield name


def redrive(uploads: storage.Bucket, name: str) -> str:
    """Rewrites one upload. Returns SENT, GONE, or REPLACED if a newer upload has an event of its own."""
    try:
        blob = uploads.get_blob(name)
        if blob is None:
            return GONE
        # A rewrite that names an attribute drops all others, so the object's own attributes are sent too.
        blob.rewrite(blob, if_generation_match=blob.generation, retry=DEFAULT_RETRY)
    except NotFound:
        return GONE
    except PreconditionFailed:
        return REPLACED
    return SENT


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    given = parser.parse_args(arguments)
    client = storage_client(given.storage)
    sent = 0
    try:
        names: Iterable[str] = (
            given.names.read_text().splitlines() if given.names else gave_up(client.bucket(given.memes))
        )
        for name in names:
            outcome = redrive(client.bucket(given.uploads), name)
            sent += outcome == SENT
            print(f"{outcome}: {name}", flush=True)
    except (GoogleAPIError, GoogleAuthError, OSError) as error:
        print(f"Stopped after {sent} uploads; start again for the others. {error}", file=sys.stderr)
        return 1
    print(f"Uploads sent again: {sent}.")
    return 0


def _is_done(report: storage.Blob) -> bool:
    return (report.metadata or {}).get(STATUS) == "done"


def _given_up(report: storage.Blob) -> str | None:
    """The upload's name, if this report says that it was given up."""
    try:
        content = json.loads(report.download_as_bytes())
    except (NotFound, ValueError, RecursionError):  # deleted since it was listed, or no JSON that can be read
        return None
    match content:
        case {"status": "failed", "error": {"code": "gave-up"}, "source": {"name": str(name)}}:
            return name
    return None  # another report, or somebody's own file


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.tools.redrive",
        description="Gives uploads another try: those whose report says gave-up, or the named ones. It has "
        "the application default credentials: those of gcloud, or GOOGLE_APPLICATION_CREDENTIALS.",
    )
    parser.add_argument("--uploads", required=True, metavar="BUCKET", help="the uploads bucket")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--memes", metavar="BUCKET", help="the memes bucket, whose reports are read")
    which.add_argument("--names", type=Path, metavar="FILE", help="the uploads' names, one a line")
    parser.add_argument("--storage", metavar="URL", help="the storage API's address (default: Google's)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
