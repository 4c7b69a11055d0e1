"""The README's table of commands, and what CI does with them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
# It serves until it is stopped, so CI can't wait for its end. tests/local/test_stack.py starts and stops it.
ENDLESS = "make run"
# CI runs them in the checkout, after what a new user does.
LATER = ["make test-all"]
# Its tests are a part of those that `make test` runs.
PART = "make test-fast"


def table() -> list[str]:
    """The commands in the README's table, from top to bottom."""
    return re.findall(r"^\| `(make [^`]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)


def ci() -> tuple[list[str], list[str]]:
    """The make commands that CI runs in the new user's clone, and those after it, in the checkout."""
    script = (ROOT / ".ci" / "run").read_text()
    inside, after = script.split("(\n", 1)[1].split("\n)\n", 1)
    return tuple([line.strip() for line in part.splitlines() if "make " in line] for part in (inside, after))


def test_ci_runs_the_readmes_commands_word_for_word_in_a_clone_of_its_own():
    new_user, later = ci()
    assert new_user == ["make meme PHOTO=web/sample.jpg", "make test"]
    assert [command for command in table() if command not in (ENDLESS, PART, *LATER)] == new_user
    assert set(LATER) <= set(later)
    assert set(table()) == {ENDLESS, PART, *LATER, *new_user}


def test_ci_clones_before_it_sets_anything_up():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    clone = next(number for number, line in enumerate(lines) if line.startswith("git clone"))
    first_make = next(number for number, line in enumerate(lines) if line.strip().startswith("make "))
    assert clone < first_make
    assert not any(".venv" in line for line in lines)


def test_the_photo_of_the_readme_lies_in_the_repository():
    photos = [command.partition("PHOTO=")[2] for command in table() if "PHOTO=" in command]
    assert photos == ["web/sample.jpg"]
    assert (ROOT / photos[0]).is_file()
