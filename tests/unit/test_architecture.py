"""The rules of docs/architecture.md: who may import whom."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs import-linter in a process of its own: it sets up logging anew, which silences other loggers."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_imports_keep_the_rules_of_the_architecture():
    linted = lint_imports(ROOT)
    assert linted.returncode == 0, linted.stdout


def test_an_import_that_points_back_up_breaks_the_rules(tmp_path: Path):
    """The same linter on two modules of a package in which the lower one imports the upper one."""
    package = tmp_path / "rooms"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "upper.py").write_text("")
    (package / "lower.py").write_text("import rooms.upper\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_package = "rooms"\n'
        '[[tool.importlinter.contracts]]\nname = "down"\ntype = "layers"\n'
        'layers = ["rooms.upper", "rooms.lower"]\n'
    )
    linted = lint_imports(tmp_path)
    assert linted.returncode != 0
    assert "rooms.lower is not allowed to import rooms.upper" in linted.stdout


def test_the_rules_cover_every_package_of_the_project():
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    top_level = {name.partition(".")[0] for name in tables["setuptools"]["packages"]}
    assert set(tables["importlinter"]["root_packages"]) == top_level
