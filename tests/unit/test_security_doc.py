"""docs/security.md and docs/reliability.md: every claim has its tests, and each named test is there."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DOCS = TESTS.parent / "docs"
SECURITY = (DOCS / "security.md").read_text()
NAMED = re.compile(r"`([a-z_/]+\.py)::(test_\w+)`")


def claims() -> list[tuple[str, str]]:
    """Claim and named tests: each row of each table that has these two columns."""
    rows = []
    for table in re.findall(r"^\| claim \| test \|\n\|---\|---\|\n((?:\|.*\n)+)", SECURITY, re.MULTILINE):
        rows += [tuple(line.strip("| ").split(" | ")) for line in table.splitlines()]
    return rows


def test_every_claim_names_a_test():
    assert len(claims()) > 40
    for claim, tests in claims():
        assert re.fullmatch(rf"{NAMED.pattern}(, {NAMED.pattern})*", tests), claim


@pytest.mark.parametrize("page", ["security.md", "reliability.md"])
def test_every_named_test_is_there(page):
    named = NAMED.findall((DOCS / page).read_text())
    assert named
    for file, name in named:
        tree = ast.parse((TESTS / file).read_text())
        assert name in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)], (
            f"{file}::{name}"
        )


def test_every_test_named_for_security_is_in_it():
    for path in sorted(TESTS.rglob("test_security_*.py")):
        file = path.relative_to(TESTS).as_posix()
        assert path == Path(__file__) or f"`{file}::" in SECURITY, file
