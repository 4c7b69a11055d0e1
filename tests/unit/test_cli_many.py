"""The command with many photos and folders."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from memegen.cli import main as cli
from memegen.cli.batch import Job, plan
from tests.support.photo_files import BLUE, GREEN, GREY, RED

# Each photo has a colour of its own, so that each meme tells whose it is.
COLOURS = {"red": RED, "green": GREEN, "blue": BLUE, "grey": GREY}


def put(path: Path, colour: str = "red") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    form = {".png": "PNG", ".webp": "WEBP"}.get(path.suffix, "JPEG")
    Image.new("RGB", (96, 72), COLOURS[colour]).save(path, form)
    return path


def colour_of(meme: Path) -> str:
    pixels = np.asarray(Image.open(meme)).astype(int)
    return max(COLOURS, key=lambda name: int((np.abs(pixels - COLOURS[name]).max(axis=2) < 12).sum()))


def memes(folder: Path) -> dict[str, str]:
    """The memes below a folder: name → the photo's colour."""
    return {str(path.relative_to(folder)): colour_of(path) for path in sorted(folder.rglob("*.meme.jpg"))}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    try:
        status = cli.main(list(arguments))
    except SystemExit as ended:  # argparse's way
        status = int(str(ended.code))
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_many_photos_go_into_a_folder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here / "photos" / "a.jpg", "red")
    put(here / "photos" / "b.png", "green")
    put(here / "c.webp", "blue")
    done = run("photos/a.jpg", "photos/b.png", "c.webp", "-d", "new/memes", capsys=capsys)
    assert done == (0, "", "memegen: wrote 3 memes.\n")
    assert memes(here / "new" / "memes") == {"a.meme.jpg": "red", "b.meme.jpg": "green", "c.meme.jpg": "blue"}
    assert memes(here / "photos") == {}


def test_no_caption_comes_twice_in_one_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [put(here / f"{number}.png", list(COLOURS)[number % 2]).name for number in range(20)]
    out = run(*names, "--json", "--seen", "en-no-face-085,no-face-57", capsys=capsys)[1]
    chosen = {json.loads(line)["caption"]["id"] for line in out.splitlines()}
    assert len(chosen) == 20
    assert not chosen & {"en-no-face-085", "no-face-57"}


def test_one_caption_may_be_asked_for_all(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [put(here / name).name for name in ("a.png", "b.png")]
    out = run(*names, "--json", "--caption-id", "fear-01", capsys=capsys)[1]
    assert [json.loads(line)["caption"]["id"] for line in out.splitlines()] == ["fear-01", "fear-01"]
    assert run("a.png", "-d", "new", "--caption-id", "fear-999", capsys=capsys)[0] == 1


def test_without_a_folder_they_lie_by_their_photos(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here / "x" / "me.jpg", "red")
    put(here / "y" / "me.jpg", "green")
    assert run("x/me.jpg", "y", capsys=capsys) == (0, "", "memegen: wrote 2 memes.\n")
    assert memes(here) == {"x/me.meme.jpg": "red", "y/me.meme.jpg": "green"}


def test_a_bad_file_does_not_end_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here / "a.jpg")
    (here / "b.jpg").write_text("not a photo")
    (here / "c.jpg").write_bytes(put(here / "whole.png").read_bytes()[:100])
    put(here / "e.jpg", "green")
    status, out, err = run("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "-d", "m", capsys=capsys)
    assert (status, out) == (1, "")
    lines = err.splitlines()
    assert lines[0].startswith("memegen: b.jpg: This file is not an image")
    assert lines[1].startswith("memegen: c.jpg: The PNG file is damaged")
    assert lines[2] == "memegen: can't read the photo d.jpg: no such file or directory."
    assert lines[3:] == ["memegen: wrote 2 memes, failed on 3."]
    assert memes(here / "m") == {"a.meme.jpg": "red", "e.meme.jpg": "green"}


def tree(here: Path) -> Path:
    """A folder with four photos and much that is none."""
    root = here / "photos"
    put(root / "a.JPG", "red")
    put(root / "2020" / "may" / "a.png", "green")
    put(root / "2020" / "no-suffix", "blue")
    put(root / "z" / "misnamed.txt", "grey")
    put(root / ".hidden.jpg")
    put(root / ".trash" / "old.jpg")
    put(root / "z" / "me.meme.jpg")
    (root / "notes.txt").write_text("BMW and other words")
    (root / "z" / "loop").symlink_to(root)
    os.mkfifo(root / "pipe.jpg")
    return root


def test_a_folder_is_walked_for_photos(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(here)
    assert run("photos", "-d", "m", capsys=capsys) == (0, "", "memegen: wrote 4 memes.\n")
    assert memes(here / "m") == {
        "2020/may/a.meme.jpg": "green",
        "2020/no-suffix.meme.jpg": "blue",
        "a.meme.jpg": "red",
        "z/misnamed.meme.jpg": "grey",
    }


@pytest.mark.parametrize("where", [("photos",), ("photos", "-d", "photos/memes"), ("photos/", "-d", ".")])
def test_a_second_run_makes_nothing_anew(
    here: Path, capsys: pytest.CaptureFixture[str], where: tuple[str, ...]
) -> None:
    tree(here)
    assert run(*where, capsys=capsys)[0] == 0
    before = {path: path.read_bytes() for path in here.rglob("*.jpg") if path.is_file()}
    assert run(*where, capsys=capsys) == (0, "", "memegen: wrote 0 memes, left 4 that were there already.\n")
    assert {path: path.read_bytes() for path in here.rglob("*.jpg") if path.is_file()} == before
    put(here / "photos" / "new.jpg", "blue")
    assert run(*where, capsys=capsys)[2] == "memegen: wrote 1 meme, left 4 that were there already.\n"


def test_equal_names_are_numbered(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here / "x" / "me-2.jpg", "grey")
    put(here / "x" / "me.jpg", "red")
    put(here / "x" / "me.png", "green")
    put(here / "y" / "me.jpg", "blue")
    assert run("x", "y/me.jpg", "-d", "m", capsys=capsys)[0] == 0
    assert memes(here / "m") == {
        "me-2.meme.jpg": "grey",
        "me-3.meme.jpg": "green",
        "me-4.meme.jpg": "blue",
        "me.meme.jpg": "red",
    }


def test_a_photo_that_is_named_twice_is_made_once(here: Path) -> None:
    photo = put(here / "photos" / "a.jpg")
    paths = [Path("photos"), photo, Path("photos/../photos/a.jpg")]
    assert plan(paths, Path("m"), ".meme.jpg") == ([Job(Path("photos/a.jpg"), Path("m/a.meme.jpg"))], [])


def test_no_photo_is_ever_replaced(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Even where a photo has the very name that another's meme would get."""
    put(here / "me.png", "red")
    kept = put(here / "me.meme.jpg", "green").read_bytes()
    done = run("me.png", "me.meme.jpg", capsys=capsys)
    assert done == (0, "", "memegen: wrote 0 memes, left 1 that was there already.\n")
    assert (here / "me.meme.jpg").read_bytes() == kept


def test_a_folder_without_a_photo_is_reported(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "empty").mkdir()
    put(here / "a.jpg")
    assert run("empty", "a.jpg", capsys=capsys) == (
        1,
        "",
        "memegen: there is no photo in the folder empty.\nmemegen: wrote 1 meme, failed on 1.\n",
    )


def test_a_folder_that_can_t_be_written_is_reported(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here / "a.jpg")
    (here / "file").write_text("kept")
    status, _, err = run("a.jpg", "-d", "file", capsys=capsys)
    assert status == 1
    assert err.startswith("memegen: can't write the meme to file/a.meme.jpg: ")
    assert (here / "file").read_text() == "kept"


def test_json_is_a_line_a_photo(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here / "a.jpg")
    (here / "b.jpg").write_bytes(b"%PDF-1.7")
    put(here / "c.jpg", "green")
    put(here / "c.meme.jpg")
    status, out, _ = run("a.jpg", "b.jpg", "c.jpg", "missing.jpg", "--json", "--seed", "7", capsys=capsys)
    assert status == 1
    done, failed, left, missing = map(json.loads, out.splitlines())
    assert (done["photo_file"], done["meme_file"], done["status"]) == ("a.jpg", "a.meme.jpg", "done")
    assert done["meme"]["bytes"] == (here / "a.meme.jpg").stat().st_size
    assert (failed["status"], failed["error"]["code"]) == ("failed", "unsupported-format")
    assert left == {"photo_file": "c.jpg", "meme_file": "c.meme.jpg", "status": "left"}
    assert missing["error"]["code"] == "unreadable"


def test_options_hold_for_every_photo(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(here / "a.jpg")
    put(here / "b.jpg", "green")
    out = run("a.jpg", "b.jpg", "--json", "--caption", "one\\ntwo", capsys=capsys)[1]
    assert [json.loads(line)["caption"]["text"] for line in out.splitlines()] == ["one\ntwo"] * 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "name a photo"),
        (("a.jpg", "b.jpg", "-o", "m.jpg"), "-o names one meme"),
        (("photos", "-o", "m.jpg"), "-o names one meme"),
        (("a.jpg", "-"), "goes alone"),
        (("-", "-d", "m"), "goes alone"),
        (("a.jpg", "b.jpg", "--expression", "joy"), "happiness"),
    ],
)
def test_options_that_exclude_each_other_are_reported_before_a_meme_is_made(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], expected: str
) -> None:
    put(here / "a.jpg")
    put(here / "b.jpg")
    put(here / "photos" / "c.jpg")
    status, out, err = run(*arguments, capsys=capsys)
    assert (status, out) == (2, "")
    assert expected in err
    assert memes(here) == {}


def test_a_terminal_sees_a_bar_and_keeps_what_matters(here: Path) -> None:
    for name in ("a.jpg", "c.jpg"):
        put(here / name)
    (here / "b.jpg").write_text("not a photo")
    screen, terminal = pty.openpty()
    command = [Path(sys.executable).with_name("memegen"), "a.jpg", "b.jpg", "c.jpg"]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=terminal, timeout=600)
    os.close(terminal)
    shown = os.read(screen, 65536).decode()
    os.close(screen)
    assert (done.returncode, done.stdout) == (1, b"")
    assert f"\r[{'-' * 30}] 0 of 3" in shown
    assert f"\r[{'#' * 20}{'-' * 10}] 2 of 3" in shown
    # What is left on the screen: each line from its last carriage return on, less what clears it.
    left = [line.rsplit("\r", 1)[-1].removeprefix("\x1b[K") for line in shown.split("\r\n")]
    assert left[0].startswith("memegen: b.jpg: This file is not an image")
    assert left[1:] == ["memegen: wrote 2 memes, failed on 1.", ""]
