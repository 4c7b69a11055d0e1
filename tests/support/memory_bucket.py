"""A bucket in memory, for forced races: it has Cloud Storage's generations and preconditions."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cloud.storage import NotFound, PreconditionFailed, StoredObject


class MemoryBucket:
    """`before["verb name"]` is run once, just before that: a rival acts there."""

    def __init__(self, name: str = "memes") -> None:
        self.name = name
        self.objects: dict[str, tuple[StoredObject, bytes]] = {}
        self.before: dict[str, Callable[[], object]] = {}
        self.generation = 100

    def _interrupted(self, verb: str) -> None:
        if rival := self.before.pop(verb, None):
            rival()

    def put(
        self, name: str, data: bytes, metadata: dict[str, str] | None = None, encoding: str | None = None
    ):
        """An upload, whatever stands there; returns its generation."""
        self.generation += 1
        md5 = base64.b64encode(hashlib.md5(data).digest()).decode()
        stored = StoredObject(
            name,
            self.generation,
            len(data),
            "image/jpeg",
            md5,
            metadata or {},
            encoding,
            created=datetime.now(UTC),
        )
        self.objects[name] = stored, data
        return self.generation

    def find(self, name):
        self._interrupted(f"find {name}")
        return self.objects[name][0] if name in self.objects else None

    def fetch(self, name):
        return self.objects[name][1] if name in self.objects else None

    def read(self, found, limit):
        self._interrupted(f"read {found.name}")
        there = self.objects.get(found.name)
        if there is None or there[0].generation != found.generation:
            raise NotFound("no such generation")
        return there[1][: limit + 1]

    def write(self, name, data, content_type, metadata, replaces):
        self._interrupted(f"write {name}")
        self._check(name, replaces)
        self.generation += 1
        md5 = base64.b64encode(hashlib.md5(data).digest()).decode()
        stored = StoredObject(
            name, self.generation, len(data), content_type, md5, metadata, created=datetime.now(UTC)
        )
        self.objects[name] = stored, data
        return stored

    def copy(self, source, name, metadata, replaces=0, custom_time=None):
        self._interrupted(f"copy {name}")
        if source.name not in self.objects:
            raise NotFound("no such source")
        self._check(name, replaces)
        self.put(name, self.objects[source.name][1], metadata)

    def names(self, prefix):
        self._interrupted("names")
        return sorted(name for name in self.objects if name.startswith(prefix))

    def delete(self, name, generation=None):
        self._interrupted(f"delete {name}")
        if name in self.objects:
            self._check(name, self.find(name).generation if generation is None else generation)
            del self.objects[name]

    def _check(self, name: str, generation: int) -> None:
        there = self.objects.get(name)
        if generation != (there[0].generation if there else 0):
            raise PreconditionFailed("conditionNotMet")

    def source(self, name: str) -> int:
        return int(self.objects[name][0].metadata["source-generation"])

    def report(self, name: str = "me.jpg.json") -> dict[str, Any]:
        return json.loads(self.objects[name][1])
