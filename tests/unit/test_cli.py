"""The command, run as a person runs it."""

import io
import json
import os
import pty
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import fields
from pathlib import Path

import pytest
from PIL import Image

from memegen import Options
from memegen.caption.choose import caption_by_id
from memegen.cli import main as cli
from memegen.options import STYLE_CHOICES

COMMAND = Path(sys.executable).with_name("memegen")


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command within this process, which spares its start."""
    out, err = io.StringIO(), io.StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        try:
            status = cli.main(list(arguments))
        except SystemExit as ended:  # argparse's way
            status = int(str(ended.code))
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the photo me.jpg, 320 by 240."""
    Image.new("RGB", (640, 480), (90, 120, 160)).save(tmp_path / "me.jpg")
    return tmp_path


def size_of(path: Path) -> tuple[str | None, tuple[int, int]]:
    image = Image.open(io.BytesIO(path.read_bytes()))
    return image.format, image.size


def test_a_photo_becomes_a_meme(folder: Path) -> None:
    for command in ([COMMAND], [sys.executable, "-m", "memegen"]):
        done = subprocess.run(
            [*command, "me.jpg", "-o", "meme.jpg", "--style", "classic"],
            check=False, capture_output=True, text=True, cwd=folder, timeout=600,
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "memegen: wrote meme.jpg\n")
        assert size_of(folder / "meme.jpg") == ("JPEG", (640, 480))
        (folder / "meme.jpg").unlink()


def test_json_prints_the_report_and_nothing_else(folder: Path) -> None:
    chosen = []
    for flag, variant in (("--variant", "0"), ("--variant", "1"), ("--turn", "1")):
        done = run(
            "me.jpg", "-o", "m.jpg", "--json", "--language", "en-GB", "--expression", "happiness",
            "--seed", "7", flag, variant, "--style", "classic", folder=folder,
        )  # fmt: skip
        assert done.returncode == 0
        report = json.loads(done.stdout)
        assert report["status"] == "done"
        assert report["expression"] == "happiness"
        assert report["meme"]["bytes"] == (folder / "m.jpg").stat().st_size
        chosen.append(report["caption"]["id"])
    assert chosen[0] != chosen[1] == chosen[2]
    assert all(caption_by_id(name).suits["happiness"] == 1 for name in chosen)


def test_an_own_caption_s_backslash_n_is_a_newline(folder: Path) -> None:
    done = run("me.jpg", "-o", "m.jpg", "--json", "--caption", r"Vorn\nहिन्दी", folder=folder)
    assert json.loads(done.stdout)["caption"] == {"id": "own", "text": "Vorn\nहिन्दी", "language": "en"}


def test_without_a_name_the_meme_lies_beside_its_photo_and_replaces_nothing(folder: Path) -> None:
    (folder / "photos").mkdir()
    (folder / "me.jpg").rename(folder / "photos" / "me.jpg")
    assert run("photos/me.jpg", "--style", "classic", folder=folder).returncode == 0
    meme = folder / "photos" / "me.meme.jpg"
    assert size_of(meme) == ("JPEG", (640, 480))
    meme.write_text("kept")
    again = run("photos/me.jpg", folder=folder)
    assert again.returncode == 2
    assert "me.meme.jpg exists already" in again.stderr
    assert meme.read_text() == "kept"
    named = ("-o", "photos/me.meme.jpg", "--style", "classic")
    assert run("photos/me.jpg", *named, folder=folder).returncode == 0
    assert size_of(meme) == ("JPEG", (640, 480))


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
def test_a_bad_photo_is_reported_in_a_sentence_and_in_json(
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
        ("--variant", "often", "whole number"),
        ("--style", "cubist", "classic"),
        ("--language", "?", "en or hi-IN"),
        ("--caption", " ", "empty"),
        ("--caption", "x" * 301, "300"),
    ],
)
def test_a_bad_option_is_reported(folder: Path, option: str, value: str, expected: str) -> None:
    done = run("me.jpg", "-o", "m.jpg", f"{option}={value}", "--json", folder=folder)
    assert done.returncode == 2
    assert expected in done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "bad-option"
    assert not (folder / "m.jpg").exists()


def test_an_option_by_its_old_and_its_new_name_is_refused(folder: Path) -> None:
    done = run("me.jpg", "-o", "m.jpg", "--turn", "1", "--variant", "1", folder=folder)
    assert done.returncode == 2
    assert "Give only variant" in done.stderr
    assert "--turn" not in run("--help", folder=folder).stdout


def test_a_missing_photo_is_reported(folder: Path) -> None:
    missing = run("nobody.jpg", folder=folder)
    assert missing.returncode == 2
    assert missing.stderr == "memegen: can't read the photo nobody.jpg: no such file or directory.\n"


def test_a_film_named_like_a_photo_is_not_read_whole(folder: Path) -> None:
    with (folder / "film.jpg").open("wb") as film:
        film.truncate(2**40)  # a terabyte of nothing
    done = run("film.jpg", folder=folder)
    assert done.returncode == 2
    assert "larger than 20 MiB" in done.stderr


def piped(*arguments: str, folder: Path, photo: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [COMMAND, *arguments], check=False, capture_output=True, input=photo, cwd=folder, timeout=600
    )


def test_standard_input_and_output(folder: Path) -> None:
    photo = (folder / "me.jpg").read_bytes()
    assert run("me.jpg", "-o", "m.jpg", folder=folder).returncode == 0
    expected = (folder / "m.jpg").read_bytes()
    for arguments in (("-",), ("-", "-o", "-"), ("me.jpg", "-o", "-")):
        done = piped(*arguments, folder=folder, photo=photo)
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, b"")
    done = piped("-", "-o", "n.jpg", "--json", folder=folder, photo=photo)
    assert (folder / "n.jpg").read_bytes() == expected
    width, height = size_of(folder / "m.jpg")[1]
    assert json.loads(done.stdout)["meme"] == {"width": width, "height": height, "bytes": len(expected)}
    assert sorted(path.name for path in folder.iterdir()) == ["m.jpg", "me.jpg", "n.jpg"]


def test_what_can_t_go_through_a_pipe_is_refused(folder: Path) -> None:
    done = piped("-", folder=folder, photo=b"no photo")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"memegen: This file is not an image")
    done = piped("me.jpg", "-o", "-", "--json", folder=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"can't both go to standard output" in done.stderr


def test_a_pipe_that_its_reader_closed_is_reported(folder: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        done = subprocess.run(
            [COMMAND, "me.jpg", "-o", "-"],
            check=False, stdout=pipe, stderr=subprocess.PIPE, text=True, cwd=folder, timeout=600,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "memegen: can't write the meme to standard output: broken pipe.\n"


def test_no_meme_goes_to_a_terminal(folder: Path) -> None:
    screen, terminal = pty.openpty()
    done = subprocess.run(
        [COMMAND, "me.jpg", "-o", "-"],
        check=False, stdout=terminal, stderr=subprocess.PIPE, text=True, cwd=folder, timeout=600,
    )  # fmt: skip
    os.close(terminal)
    assert done.returncode == 2
    assert "can't be shown in a terminal" in done.stderr
    assert read_all(screen) == b""
    os.close(screen)


def read_all(screen: int) -> bytes:
    """What was written to a terminal whose other end is closed."""
    parts = []
    try:
        while part := os.read(screen, 4096):
            parts.append(part)
    except OSError:  # how Linux says that the other end is closed
        pass
    return b"".join(parts)


def test_a_meme_that_can_t_be_written_is_reported(folder: Path) -> None:
    done = run("me.jpg", "-o", "no/such/folder/m.jpg", folder=folder)
    assert done.returncode == 1
    assert done.stderr.startswith("memegen: can't write the meme to no/such/folder/m.jpg: ")
    assert done.stderr.count("\n") == 1


def test_help_names_every_option(folder: Path) -> None:
    shown = run("--help", folder=folder)
    assert shown.returncode == 0
    for option in ("-o", "-d", "--json", "--styles", "--languages"):
        assert option in shown.stdout
    for field in fields(Options):
        assert f"--{field.name.replace('_', '-')} " in shown.stdout


def test_the_lists_of_styles_and_languages(folder: Path) -> None:
    assert run("--styles", folder=folder).stdout.split() == list(STYLE_CHOICES)
    packs = (Path(cli.__file__).parents[1] / "caption" / "packs").glob("*.json")
    shown = run("--languages", folder=folder).stdout.split()
    assert shown == sorted(path.stem for path in packs)
    assert "en" in shown


def test_a_photo_may_be_named_captions(folder: Path) -> None:
    (folder / "me.jpg").rename(folder / "captions")
    assert run("captions", "--style", "classic", folder=folder).returncode == 0
    assert size_of(folder / "captions.meme.jpg") == ("JPEG", (640, 480))


@pytest.mark.parametrize(
    ("ending", "kind"), [("png", "PNG"), ("webp", "WEBP"), ("GIF", "GIF"), ("jpeg", "JPEG")]
)
def test_the_name_of_the_meme_says_what_kind_of_file_it_is(folder: Path, ending: str, kind: str) -> None:
    assert run("me.jpg", "-o", f"m.{ending}", folder=folder).returncode == 0
    with Image.open(folder / f"m.{ending}") as image:
        assert image.format == kind
        assert image.size[0] >= 480


def test_a_name_with_another_ending_is_refused(folder: Path) -> None:
    done = run("me.jpg", "-o", "meme.tiff", folder=folder)
    assert done.returncode == 2
    assert ".jpg, .png, .webp or .gif" in done.stderr
    assert not (folder / "meme.tiff").exists()
