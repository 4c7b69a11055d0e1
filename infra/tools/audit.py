"""`python -m infra.tools.audit`: whether a fault is known of a package that the functions are deployed with.

pip-audit looks each package of requirements.txt up in PyPI's advisory database. Where it can't, it leaves the
package out and still ends well; here that counts as not checked. Nothing else is needed beside `.venv-audit`.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COMMAND = [str(ROOT / ".venv-audit" / "bin" / "pip-audit"), "--disable-pip", "--require-hashes"]
COMMAND += ["--requirement", str(ROOT / "requirements.txt"), "--format", "json", "--progress-spinner", "off"]

CLEAN, FAULTY, UNCHECKED = 0, 1, 2


def main(command: Sequence[str] = COMMAND) -> int:
    """Prints the verdict. 0: nothing is known of any package, 1: faults are, 2: not all were looked up."""
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 fixed above
    try:
        status, text = verdict(json.loads(ended.stdout))
    except ValueError:
        why = (ended.stderr.strip().splitlines() or ["pip-audit said nothing."])[-1]
        status, text = UNCHECKED, f"Not checked: pip-audit could not do its work. {why}"
    print(text, file=sys.stderr if status else sys.stdout)
    return status


def verdict(report: Mapping[str, Any]) -> tuple[int, str]:
    """The exit status and the sentences for pip-audit's JSON report."""
    packages = report["dependencies"]
    faults = [
        f"{package['name']} {package['version']}: {fault['id']}, mended in "
        f"{', '.join(fault['fix_versions']) or 'no release yet'}"
        for package in packages
        for fault in package.get("vulns", ())
    ]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    lines = []
    if faults:
        lines += [
            "Known faults:",
            *faults,
            "Raise the pins in requirements.in, then run: make lock UPGRADE=--upgrade",
        ]
    if skipped:
        lines.append(
            f"Not checked: {len(skipped)} of {len(packages)} packages could not be looked up in PyPI's "
            f"advisory database ({_some(skipped)}). Run make audit where PyPI's JSON API can be reached."
        )
    if not lines:
        lines.append(f"No fault is known of these {len(packages)} packages.")
    return FAULTY if faults else UNCHECKED if skipped else CLEAN, "\n".join(lines)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


if __name__ == "__main__":
    sys.exit(main())
