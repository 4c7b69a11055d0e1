"""`make audit` never calls a package safe that it could not look up."""

import json
import sys

import pytest

from infra.tools.audit import main, verdict

SAFE = {"name": "flask", "version": "3.1.3", "vulns": []}
VULNERABLE = {
    "name": "pillow",
    "version": "9.0.0",
    "vulns": [
        {"id": "PYSEC-2023-175", "fix_versions": ["10.0.1"], "aliases": ["CVE-2023-4863"]},
        {"id": "PYSEC-2023-227", "fix_versions": [], "aliases": []},
    ],
}
# As pip-audit writes it where it can't reach its database, ending with status 0.
SKIPPED = {"name": "click", "skip_reason": "Dependency not found on PyPI and could not be audited: click (8)"}


@pytest.mark.parametrize(
    ("packages", "status", "said"),
    [
        ([SAFE], 0, ["No vulnerability is known in these 1 packages."]),
        (
            [SAFE, SKIPPED],
            2,
            ["Not checked: 1 of 2 packages", "(click)", "Run make audit where PyPI"],
        ),
        ([SKIPPED] * 4, 2, ["Not checked: 4 of 4 packages", "(click, click, click, …)"]),
        (
            [VULNERABLE, SAFE],
            1,
            ["pillow 9.0.0: PYSEC-2023-175, fixed in 10.0.1", "make lock UPGRADE=--upgrade"],
        ),
        ([VULNERABLE], 1, ["pillow 9.0.0: PYSEC-2023-227, fixed in no release yet"]),
        ([VULNERABLE, SKIPPED], 1, ["PYSEC-2023-175", "Not checked: 1 of 2 packages"]),
    ],
)
def test_verdict(packages, status, said):
    given, text = verdict({"dependencies": packages, "fixes": []})
    assert given == status
    for part in said:
        assert part in text


def auditor(stdout: str, stderr: str, status: int) -> list[str]:
    """A program in pip-audit's stead."""
    code = f"import sys; sys.stdout.write({stdout!r}); sys.stderr.write({stderr!r}); sys.exit({status})"
    return [sys.executable, "-c", code]


def test_pip_audits_own_status_does_not_count(capsys):
    assert main(auditor(json.dumps({"dependencies": [SKIPPED]}), "No known vulnerabilities found\n", 0)) == 2
    assert (
        main(auditor(json.dumps({"dependencies": [VULNERABLE]}), "Found 2 known vulnerabilities\n", 1)) == 1
    )
    out, err = capsys.readouterr()
    assert out == ""
    assert "Not checked" in err
    assert "PYSEC-2023-175" in err


def test_an_audit_that_breaks_off_is_reported(capsys):
    trace = "Traceback (most recent call last):\n  …\nConnectionError: no way to the database\n"
    assert main(auditor("", trace, 1)) == 2
    assert capsys.readouterr().err == (
        "Not checked: pip-audit could not do its work. ConnectionError: no way to the database\n"
    )
