"""The rules of docs/architecture.md: who may import whom."""

import tomllib
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[2]


def test_imports_keep_the_rules_of_the_architecture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(ROOT)
    status = lint_imports(no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_an_import_that_points_back_up_breaks_the_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
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
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert lint_imports(no_cache=True) != EXIT_STATUS_SUCCESS
    assert "rooms.lower is not allowed to import rooms.upper" in capsys.readouterr().out


def test_the_rules_cover_every_package_of_the_project():
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    top_level = {name.partition(".")[0] for name in tables["setuptools"]["packages"]}
    assert set(tables["importlinter"]["root_packages"]) == top_level
