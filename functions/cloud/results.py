"""What stands in the memes bucket for one upload, under the rule that the newest upload of a name wins.

The outputs are the meme, an animation where one was asked for, and the report. They carry the generation of
the photo they were made from. Every write reads that, compares, and names the generation it replaces; when
another writer was faster it reads again. The report is written last, so that all that a report of status done
names is there. Then outputs of older photos that the report does not name are removed; with a failed report
no other output is left.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from cloud.events import Upload
from cloud.names import meme_names, report_name
from cloud.storage import Bucket, PreconditionFailed, StoredObject
from memegen.errors import failed_report

SOURCE_GENERATION = "source-generation"
STATUS = "status"
"""A report's metadata also say how it ended, for the messages of infra/terraform/memegen/completed.js."""


class Results:
    """The outputs of one upload."""

    def __init__(self, memes: Bucket, upload: Upload) -> None:
        self._memes = memes
        self._upload = upload
        self._names = meme_names(upload.name)
        self._report_name = report_name(upload.name)
        self._has_earlier = False  # whether something stood where this upload's outputs are written

    def are_settled(self) -> bool:
        """Whether this upload needs no more work: it has its report, or a newer one of its name has some."""
        report = self._memes.find(self._report_name)
        if report is not None and _source(report) >= self._upload.generation:
            self._remove_older_than(report)  # its writer may have ended before it had tidied up
            return True
        meme = self._memes.find(self._names["image/jpeg"])
        return meme is not None and _source(meme) > self._upload.generation

    def publish(self, jpeg: bytes, animation: bytes | None, report: dict[str, Any]) -> bool:
        """Writes the meme and the animation, then the report (without `source`, the outputs' names and the
        meme's generation, added here).

        report: its `outputs` describe the meme and then the animation where there is one. False when the name
        has a report as new as this or newer, or a newer meme.
        """
        contents = [jpeg] if animation is None else [jpeg, animation]
        written: list[StoredObject] = []
        for data, described in zip(contents, report["outputs"], strict=True):
            kind = described["type"]
            output = self._write(self._names[kind], data, kind, self._upload.generation, {})
            if output is None:
                self._tidy()
                return False
            written.append(output)
        meme = {"name": written[0].name, "generation": written[0].generation, **report["meme"]}
        outputs = [
            {"name": output.name, **described}
            for output, described in zip(written, report["outputs"], strict=True)
        ]
        if not self._write_report({**report, "meme": meme, "outputs": outputs}):
            self._tidy()
            return False
        if self._has_earlier:  # else there is no animation of an older photo: the meme is written before it
            named = [output.name for output in written]
            self._remove(name for name in self._names.values() if name not in named)
        return True

    def fail(self, code: str, message: str, characters: Sequence[str] = ()) -> bool:
        """Writes a failed report and removes older outputs of that name. False as in `publish`."""
        written = self._write_report(failed_report(code, message, characters))
        if written:
            self._remove(self._names.values())
        return written

    def take_back(self) -> None:
        """Removes this upload's own outputs."""
        self._remove([self._report_name, *self._names.values()])

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
                self._has_earlier = True
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

    def _tidy(self) -> None:
        """Removes what this writer has written beside the report of a newer photo."""
        if report := self._memes.find(self._report_name):
            self._remove_older_than(report)

    def _remove_older_than(self, report: StoredObject) -> None:
        self._remove(self._names.values(), newest=_source(report) - 1)

    def _remove(self, names: Iterable[str], newest: int | None = None) -> None:
        """Deletes the objects, except those that come from a newer upload than `newest`, or than this one."""
        newest = self._upload.generation if newest is None else newest
        for name in names:
            while (found := self._memes.find(name)) and _source(found) <= newest:
                try:
                    self._memes.delete(name, found.generation)
                    break
                except PreconditionFailed:
                    continue


def _source(found: StoredObject) -> int:
    """The generation of the photo that an object was made from; 0 for an object that isn't ours."""
    value = found.metadata.get(SOURCE_GENERATION, "")
    return int(value) if re.fullmatch("[0-9]{1,19}", value) else 0
