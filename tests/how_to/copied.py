"""A copy of the code in which a test follows a page of docs/how-to."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def copy_code(to: Path, *folders: str) -> None:
    """Copy these folders of the repository."""
    for folder in folders:
        shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("__pycache__"))


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments on the copy's code."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(copy / "functions"), str(copy)])}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
