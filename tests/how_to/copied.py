"""A copy of the repository in which a page of docs/how-to is followed, and what has changed in it."""

import os
import re
import shutil
import subprocess
import sys
from filecmp import cmp
from pathlib import Path

ROOT = Path(__file__).parents[2]
_IGNORED = ("__pycache__",)


class Copy:
    """The named folders of the repository, copied into an empty folder."""

    def __init__(self, place: Path, *folders: str) -> None:
        self.place = place
        self.folders = folders
        for folder in folders:
            shutil.copytree(ROOT / folder, place / folder, ignore=shutil.ignore_patterns(*_IGNORED))

    def changed(self) -> set[str]:
        """The files that are new or other than in the repository."""
        files = [path for folder in self.folders for path in (self.place / folder).rglob("*")]
        names = {path.relative_to(self.place) for path in files if path.is_file()}
        return {
            str(name)
            for name in names
            if not any(part in _IGNORED for part in name.parts)
            and not ((ROOT / name).exists() and cmp(ROOT / name, self.place / name, shallow=False))
        }

    def run(self, *arguments: str, status: int = 0) -> str:
        """What Python prints with these arguments. It finds the copied packages before the installed ones.

        status: the exit status that is expected. Where it is not 0, what Python prints as an error.
        """
        path = os.pathsep.join([str(self.place / "functions"), str(self.place)])
        environment = {**os.environ, "PYTHONPATH": path}
        command = [sys.executable, *arguments]
        finished = subprocess.run(
            command, cwd=self.place, env=environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert finished.returncode == status, finished.stdout + finished.stderr
        return finished.stdout if status == 0 else finished.stderr

    def insert(self, name: str, below: str, line: str) -> None:
        """Write a line into a file, below the last line that begins with `below`, indented as that one is."""
        lines = (self.place / name).read_text(encoding="utf-8").splitlines(keepends=True)
        at = max(index for index, each in enumerate(lines) if each.lstrip().startswith(below))
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines.insert(at + 1, f"{indent}{line}\n")
        (self.place / name).write_text("".join(lines), encoding="utf-8")


def code_blocks(page: str, language: str) -> list[str]:
    """The page's code blocks in a language, in order and without their indentation in the list."""
    text = (ROOT / "docs" / "how-to" / page).read_text(encoding="utf-8")
    found = re.findall(rf"^   ```{language}\n(.*?)^   ```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r"^   ", "", block, flags=re.MULTILINE) for block in found]
