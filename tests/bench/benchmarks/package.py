"""The functions as deployed: requirements.txt's packages and the archive's files, in a folder."""

import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from infra.tools.package import ROOT, sources


@dataclass(frozen=True)
class Deployed:
    """packages: the folder that pip installed into. functions: the archive, unpacked, Python compiled."""

    packages: Path
    functions: Path


def deploy(folder: Path) -> Deployed:
    """Installs and unpacks as Cloud Functions' build does. Raises CalledProcessError when pip can't."""
    deployed = Deployed(folder / "packages", folder / "functions")
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--target", str(deployed.packages)]
    subprocess.run([*pip, "-r", str(ROOT / "requirements.txt")], check=True)
    for name, content in sources(ROOT).items():
        path = deployed.functions / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(deployed.functions)], check=True)
    return deployed


def sizes(deployed: Deployed) -> dict[str, int]:
    """Bytes by name, largest first: each package with its compiled Python, and the functions as "MemeGen"."""
    found = {
        package.name: sum(_size(Path(package.locate_file(file))) for file in package.files or ())
        for package in distributions(path=[str(deployed.packages)])
    }
    found["MemeGen"] = sum(_size(path) for path in deployed.functions.rglob("*"))
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
