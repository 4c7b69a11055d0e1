"""The command, run as a person runs it."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

COMMAND = Path(sys.executable).with_name("memegen")


def run(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments], check=False, capture_output=True, text=True, cwd=folder, timeout=60
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the photo me.jpg, 320 by 240."""
    Image.new("RGB", (320, 240), (90, 120, 160)).save(tmp_path / "me.jpg")
    return tmp_path


def size_of(path: Path) -> tuple[str | None, tuple[int, int]]:
    image = Image.open(io.BytesIO(path.read_bytes()))
    return image.format, image.size


def test_a_photo_becomes_a_meme(folder: Path) -> None:
    done = run("me.jpg", "-o", "meme.jpg", folder=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert "wrote meme.jpg" in done.stderr
    assert size_of(folder / "meme.jpg") == ("JPEG", (320, 240))


def test_json_prints_the_report_and_nothing_else(folder: Path) -> None:
    done = run(
        "me.jpg", "-o", "m.jpg", "--json", "--language", "en-GB", "--expression", "happiness", "--seed", "7",
        "--turn", "1", "--style", "classic", folder=folder,
    )  # fmt: skip
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert report["status"] == "done"
    assert report["expression"] == "happiness"
    assert report["caption"]["id"] == "happiness-24"  # the second of seed 7
    assert report["meme"]["bytes"] == (folder / "m.jpg").stat().st_size


def test_an_own_caption_s_backslash_n_is_a_newline(folder: Path) -> None:
    done = run("me.jpg", "-o", "m.jpg", "--json", "--caption", r"Vorn\nहिन्दी", folder=folder)
    assert json.loads(done.stdout)["caption"] == {"id": "own", "text": "Vorn\nहिन्दी", "language": "en"}


def test_without_a_name_the_meme_lies_beside_its_photo_and_replaces_nothing(folder: Path) -> None:
    (folder / "photos").mkdir()
    (folder / "me.jpg").rename(folder / "photos" / "me.jpg")
    assert run("photos/me.jpg", folder=folder).returncode == 0
    meme = folder / "photos" / "me.meme.jpg"
    assert size_of(meme) == ("JPEG", (320, 240))
    meme.write_text("kept")
    again = run("photos/me.jpg", folder=folder)
    assert again.returncode == 2
    assert "me.meme.jpg is there already" in again.stderr
    assert meme.read_text() == "kept"
    assert run("photos/me.jpg", "-o", "photos/me.meme.jpg", folder=folder).returncode == 0
    assert size_of(meme) == ("JPEG", (320, 240))


def test_the_meme_never_replaces_its_photo(folder: Path) -> None:
    before = (folder / "me.jpg").read_bytes()
    (folder / "same.jpg").symlink_to("me.jpg")
    for name in ("me.jpg", "./me.jpg", "same.jpg"):
        done = run("me.jpg", "-o", name, folder=folder)
        assert done.returncode == 2
        assert "would replace the photo" in done.stderr
    assert (folder / "me.jpg").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.jpg", b"", "not-an-image"),
        ("notes.jpg", b"just some text", "not-an-image"),
        ("paper.jpg", b"%PDF-1.7\n", "unsupported-format"),
        ("cut.jpg", None, "damaged-image"),
    ],
)
def test_a_bad_photo_is_told_in_a_sentence_and_in_a_report(
    folder: Path, name: str, content: bytes | None, code: str
) -> None:
    cut = (folder / "me.jpg").read_bytes()[:-300]
    (folder / name).write_bytes(cut if content is None else content)
    plain = run(name, "-o", "m.jpg", folder=folder)
    assert (plain.returncode, plain.stdout) == (2, "")
    assert plain.stderr.startswith("memegen: ")
    assert plain.stderr.count("\n") == 1
    with_report = run(name, "-o", "m.jpg", "--json", folder=folder)
    report = json.loads(with_report.stdout)
    assert report == {"status": "failed", "error": {"code": code, "message": plain.stderr[9:-1]}}
    assert with_report.returncode == 2
    assert not (folder / "m.jpg").exists()


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--expression", "joy", "happiness"),
        ("--seed", "-1", "whole number"),
        ("--turn", "often", "whole number"),
        ("--style", "cubist", "classic"),
        ("--language", "?", "en or hi-IN"),
        ("--caption", " ", "empty"),
        ("--caption", "x" * 301, "300"),
    ],
)
def test_a_bad_option_is_told(folder: Path, option: str, value: str, expected: str) -> None:
    done = run("me.jpg", "-o", "m.jpg", f"{option}={value}", "--json", folder=folder)
    assert done.returncode == 2
    assert expected in done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "bad-option"
    assert not (folder / "m.jpg").exists()


def test_a_missing_photo_and_a_folder_are_told(folder: Path) -> None:
    missing = run("nobody.jpg", folder=folder)
    assert missing.returncode == 2
    assert missing.stderr == "memegen: can't read the photo nobody.jpg: no such file or directory.\n"
    directory = run(".", folder=folder)
    assert directory.returncode == 2
    assert "is a directory" in directory.stderr


def test_a_meme_that_can_t_be_written_is_told(folder: Path) -> None:
    done = run("me.jpg", "-o", "no/such/folder/m.jpg", folder=folder)
    assert done.returncode == 1
    assert done.stderr.startswith("memegen: can't write the meme to no/such/folder/m.jpg: ")
    assert done.stderr.count("\n") == 1


def test_help_names_every_option(folder: Path) -> None:
    shown = run("--help", folder=folder)
    assert shown.returncode == 0
    for option in ("-o", "--json", "--language", "--expression", "--caption", "--style", "--seed", "--turn"):
        assert option in shown.stdout


def test_the_module_runs_as_the_command_does(folder: Path) -> None:
    command = [sys.executable, "-m", "memegen.cli", "me.jpg", "-o", "m.jpg"]
    done = subprocess.run(
        command, check=False, capture_output=True, cwd=folder, env=dict(os.environ), timeout=60
    )
    assert done.returncode == 0
    assert size_of(folder / "m.jpg")[0] == "JPEG"
