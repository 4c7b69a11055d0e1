"""`python -m infra.tools.audit` checks whether a deployed package has a known vulnerability.

pip-audit looks up each package of requirements.txt in PyPI's advisory database. If it can't look one up, it
leaves the package out and still reports success; here such a package counts as not checked. Nothing but
`.venv-audit` is needed.
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

CLEAN, VULNERABLE, UNCHECKED = 0, 1, 2


def main(command: Sequence[str] = COMMAND) -> int:
    """Prints the verdict. Returns 0: no vulnerability is known, 1: some are, 2: not all were checked."""
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
    vulnerabilities = [
        f"{package['name']} {package['version']}: {each['id']}, fixed in "
        f"{', '.join(each['fix_versions']) or 'no release yet'}"
        for package in packages
        for each in package.get("vulns", ())
    ]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    lines = []
    if vulnerabilities:
        lines += [
            "Known vulnerabilities:",
            *vulnerabilities,
            "Raise the pins in requirements.in, then run: make lock UPGRADE=--upgrade",
        ]
    if skipped:
        lines.append(
            f"Not checked: {len(skipped)} of {len(packages)} packages could not be looked up in PyPI's "
            f"advisory database ({_some(skipped)}). Run make audit where PyPI's JSON API can be reached."
        )
    if not lines:
        lines.append(f"No vulnerability is known in these {len(packages)} packages.")
    return VULNERABLE if vulnerabilities else UNCHECKED if skipped else CLEAN, "\n".join(lines)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


if __name__ == "__main__":
    sys.exit(main())
