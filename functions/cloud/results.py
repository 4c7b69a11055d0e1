"""What stands in the memes bucket for one upload, under the rule that the newest upload of a name wins.

The meme and the report carry the generation of the photo they were made from. Every write reads that,
compares, and names the generation it replaces; when another writer was faster it reads again. The meme is
written first and the report last, so that a report of status done means that the meme is there; with a failed
report no meme is left.
"""

import base64
import hashlib
import json
import re
from typing import Any

from cloud.events import Upload
from cloud.names import meme_name, report_name
from cloud.storage import Bucket, PreconditionFailed, StoredObject
from memegen.errors import failed_report

SOURCE_GENERATION = "source-generation"
STATUS = "status"
"""A report's metadata also say how it ended, for the messages of infra/terraform/memegen/completed.js."""


class Results:
    """The meme and the report of one upload."""

    def __init__(self, memes: Bucket, upload: Upload) -> None:
        self._memes = memes
        self._upload = upload
        self._meme_name = meme_name(upload.name)
        self._report_name = report_name(upload.name)

    def are_settled(self) -> bool:
        """Whether this upload needs no more work: it has its report, or a newer one of its name has some."""
        report = self._memes.find(self._report_name)
        meme = self._memes.find(self._meme_name)  # after the report: a done report's meme is as new as itself
        if report is not None and _source(report) >= self._upload.generation:
            if meme is not None and _source(meme) < _source(report):
                self._remove(self._meme_name)  # a failed report, whose writer ended before it had tidied up
            return True
        return meme is not None and _source(meme) > self._upload.generation

    def publish(self, jpeg: bytes, report: dict[str, Any]) -> bool:
        """Writes the meme, then its report (without `source` and the meme's name and generation, added here).

        False when the name has a report as new as this or newer, or a newer meme.
        """
        meme = self._write(self._meme_name, jpeg, "image/jpeg", self._upload.generation, {})
        if meme is None:
            return False
        described = {"name": meme.name, "generation": meme.generation, **report["meme"]}
        return self._write_report({**report, "meme": described})

    def fail(self, code: str, message: str) -> bool:
        """Writes a failed report and removes an older meme of that name. False as in `publish`."""
        written = self._write_report(failed_report(code, message))
        if written:
            self._remove(self._meme_name)
        return written

    def take_back(self) -> None:
        """Removes this upload's own results."""
        self._remove(self._report_name)
        self._remove(self._meme_name)

    def _write_report(self, report: dict[str, Any]) -> bool:
        upload = self._upload
        source = {"bucket": upload.bucket, "name": upload.name, "generation": upload.generation}
        data = json.dumps({**report, "source": source}, ensure_ascii=False, indent=1).encode()
        # Of two deliveries of one event, the first to report has spoken.
        older = upload.generation - 1
        told = {STATUS: str(report["status"])}
        return self._write(self._report_name, data, "application/json", older, told) is not None

    def _write(
        self, name: str, data: bytes, content_type: str, replaces_up_to: int, metadata: dict[str, str]
    ) -> StoredObject | None:
        """The object as it then stands; None where one stands whose photo is newer than `replaces_up_to`."""
        generation = self._upload.generation
        md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        while True:
            found = self._memes.find(name)
            if found is not None:
                if _source(found) == generation and found.md5 == md5:
                    return found  # another delivery wrote it, or this one did and its answer was lost
                if _source(found) > replaces_up_to:
                    return None
            try:
                return self._memes.write(
                    name,
                    data,
                    content_type,
                    metadata={SOURCE_GENERATION: str(generation), **metadata},
                    replaces=found.generation if found else 0,
                )
            except PreconditionFailed:
                continue

    def _remove(self, name: str) -> None:
        """Deletes the object unless it comes from a newer upload."""
        while (found := self._memes.find(name)) and _source(found) <= self._upload.generation:
            try:
                return self._memes.delete(name, found.generation)
            except PreconditionFailed:
                continue


def _source(found: StoredObject) -> int:
    """The generation of the photo that an object was made from; 0 for an object that isn't ours."""
    value = found.metadata.get(SOURCE_GENERATION, "")
    return int(value) if re.fullmatch("[0-9]{1,19}", value) else 0
