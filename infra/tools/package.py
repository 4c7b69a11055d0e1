"""`python -m infra.tools.package` makes the functions' source archive: the same bytes for the same sources.

The archive has main.py, requirements.txt and the packages at its root, as Cloud Functions' Python buildpack
expects them: https://cloud.google.com/functions/docs/writing#directory-structure-python. Its name contains
its hash, so that Terraform deploys again only if a source has changed. `functions.json` beside it names the
newest archive; older ones stay. Only the standard library is needed.
"""

import hashlib
import io
import json
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
_COMMAND = ("memegen/cli/", "memegen/__main__.py")  # for a shell: no function needs it
_KINDS: tuple[str, ...] = (".py", ".json", ".yaml", ".html", ".css", ".txt", ".md", ".jpg")
_KINDS += (".tflite", ".onnx", ".ttf", ".otf", ".woff2", ".0")
_UNIX = 3
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # a ZIP file can hold no earlier time


class StrayFileError(Exception):
    """A file among the sources that doesn't look like one; the message names it and says what to do."""


def main() -> int:
    try:
        made = write_archive(archive(sources(ROOT)), BUILD)
    except (OSError, StrayFileError) as error:
        print(f"The archive could not be made: {error}", file=sys.stderr)
        return 1
    sha256 = hashlib.sha256(made.read_bytes()).hexdigest()
    print(f"{made.relative_to(ROOT)}: {made.stat().st_size:,} bytes, SHA-256 {sha256}")
    return 0


def sources(root: Path) -> dict[str, bytes]:
    """Name in the archive → content: requirements.txt and what git tracks of functions/, less the command.

    A file that git doesn't track is left out, so no key that lies about is ever deployed; one that git tracks
    is taken as it lies there, committed or not. Outside a git checkout, as in an unpacked download, there
    is no list. Then every file counts that isn't hidden, and one of a kind that the repository lacks is an
    error. Raises OSError for a file that can't be read and StrayFileError for a stray one.
    """
    folder = root / "functions"
    names = _tracked(folder)
    if names is None:
        names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        names = {name for name in names if not _is_hidden(name)}
        if strays := sorted(name for name in names if not name.endswith(_KINDS)):
            raise StrayFileError(
                f"functions/ holds {', '.join(strays)}, which is no part of it as far as can be told without "
                "git. Take it away, or package in a git checkout."
            )
    paths = {name: folder / name for name in names if not name.startswith(_COMMAND)}
    paths["requirements.txt"] = root / "requirements.txt"
    return {name: path.read_bytes() for name, path in paths.items()}


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP file with nothing in it but these names and contents.

    It is not compressed, since other releases of zlib and its replacements would give other bytes.
    """
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as target:
        for name in sorted(files):
            entry = ZipInfo(name, _FIRST_DAY)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            target.writestr(entry, files[name])
    return packed.getvalue()


def write_archive(content: bytes, folder: Path) -> Path:
    """Writes `functions-<the hash's first 16 digits>.zip` and `functions.json`, which names it."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / f"functions-{sha256[:16]}.zip"
    folder.mkdir(exist_ok=True)
    path.write_bytes(content)
    (folder / "functions.json").write_text(json.dumps({"file": path.name, "sha256": sha256}) + "\n")
    return path


def _tracked(folder: Path) -> set[str] | None:
    """The files below `folder` that git tracks; None without git or outside a checkout."""
    command = ["git", "ls-files", "-z", "--", "."]
    try:
        listed = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603
    except FileNotFoundError:
        return None
    names = {name for name in listed.stdout.decode().split("\0") if name and (folder / name).is_file()}
    return names if listed.returncode == 0 and names else None


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in name.split("/"))


if __name__ == "__main__":
    sys.exit(main())
