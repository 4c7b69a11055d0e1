"""openapi.yaml as a test reads it."""

import json
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parents[2] / "functions" / "openapi.yaml"


def load() -> dict[str, Any]:
    """The document, with what it takes from other files by `$ref` put in its place."""
    document: dict[str, Any] = _resolved(yaml.safe_load(FILE.read_text()))
    return document


def _resolved(part: Any) -> Any:
    if isinstance(part, list):
        return [_resolved(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    file, _, path = str(part.get("$ref", "")).partition("#")
    if not file:
        return {name: _resolved(inner) for name, inner in part.items()}
    found = json.loads((FILE.parent / file).read_text())
    for name in path.strip("/").split("/"):
        found = found[name]
    return found
