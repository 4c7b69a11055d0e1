"""What Linux tells of the stack's processes."""

import os
import re
from pathlib import Path


def children(pid: int) -> list[int]:
    """The processes that `pid` has started and that still run, such as gunicorn's worker."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _field(int(folder.name), "PPid") == pid:
            found.append(int(folder.name))
    return found


def resident_kib(pid: int) -> int | None:
    """The memory that `pid` holds now, or None once it has ended."""
    return _field(pid, "VmRSS")


def peak_kib(pid: int) -> int | None:
    """The most memory that `pid` has held, or None once it has ended."""
    return _field(pid, "VmHWM")


def processor_seconds(pid: int) -> float:
    """The processor time that `pid` has taken, in steps of a hundredth. Raises OSError once it has ended."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _field(pid: int, name: str) -> int | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    match = re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)
    return int(match[1]) if match else None
