"""The source archive: the same bytes anywhere, another name for any change, and it serves by itself."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import cv2
import numpy
import pytest
import requests

from infra.local.config.addresses import Addresses, Ports
from infra.local.stack.processes import Process
from infra.local.stack.stack import ROOT, Stack, function
from infra.tools.package import StrayFileError, archive, sources
from tests.support.buckets import Cloud, deliver_event

SITE_PACKAGES = Path(numpy.__file__).parents[1]


def copy_sources(target: Path, reverse: bool) -> None:
    """What `make package` reads, its files made in one order or in the other."""
    parts = [*(ROOT / "functions").rglob("*"), ROOT / "requirements.txt"]
    parts += [
        ROOT / "infra" / "__init__.py",
        ROOT / "infra" / "tools" / "__init__.py",
        ROOT / "infra" / "tools" / "package.py",
    ]
    files = [part for part in parts if part.is_file() and "__pycache__" not in part.parts]
    for file in sorted(files, reverse=reverse):
        copied = target / file.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copied)


def package(root: Path, umask: int = 0o022, **environment: str) -> dict[str, str]:
    """Makes the archive as the Makefile does; what functions.json then says."""
    subprocess.run(
        [sys._base_executable, "-m", "infra.tools.package"],
        cwd=root,
        env={"PATH": os.environ["PATH"], **environment},
        umask=umask,
        check=True,
        capture_output=True,
    )
    return json.loads((root / "build" / "functions.json").read_text())


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two copies of the sources that differ in all but their bytes."""
    one = tmp_path_factory.mktemp("one")
    other = tmp_path_factory.mktemp("other") / "at a longer päth"
    copy_sources(one, reverse=False)
    copy_sources(other, reverse=True)
    for number, file in enumerate(sorted((other / "functions").rglob("*.*"))):
        if file.is_file():
            file.chmod(0o755 if number % 2 else 0o600)
            os.utime(file, (1_000_000_000 + number, 1_000_000_000 + number))
    (other / "functions" / "__pycache__").mkdir()
    (other / "functions" / "__pycache__" / "main.cpython-311.pyc").write_bytes(b"compiled")
    (other / "functions" / "memegen" / ".DS_Store").write_bytes(b"a file manager's")
    (other / "functions" / ".cache").mkdir()
    (other / "functions" / ".cache" / "x.py").write_text("")
    return one, other


def test_same_sources_make_the_same_bytes_anywhere(copies: tuple[Path, Path]):
    one, other = copies
    made = package(one, LC_ALL="C", TZ="Pacific/Auckland", PYTHONHASHSEED="1")
    again = package(other, umask=0o077, LC_ALL="C.UTF-8", TZ="America/New_York", PYTHONHASHSEED="2")
    assert made == again
    first, second = ((root / "build" / made["file"]).read_bytes() for root in copies)
    assert first == second
    sha256 = hashlib.sha256(first).hexdigest()
    assert made == {"file": f"functions-{sha256[:16]}.zip", "sha256": sha256}


def test_one_byte_more_makes_another_name_and_the_old_archive_stays(copies: tuple[Path, Path]):
    root, _ = copies
    before = package(root)
    for file in (root / "functions" / "cloud" / "names.py", root / "requirements.txt"):
        content = file.read_bytes()
        file.write_bytes(content + b"\n")
        after = package(root)
        assert after["file"] != before["file"]
        assert (root / "build" / after["file"]).exists()
        file.write_bytes(content)
        assert package(root) == before
    assert (root / "build" / before["file"]).exists()


def test_what_git_does_not_track_is_not_packed(tmp_path: Path):
    copy_sources(tmp_path, reverse=False)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for arguments in (["init", "-q"], ["add", "functions"], ["commit", "-qm", "All"]):
        subprocess.run([*git, *arguments], cwd=tmp_path, check=True)
    before = package(tmp_path)
    for name in ("signing.json", "main.py.orig", "cloud/new.py", ".env"):
        (tmp_path / "functions" / name).write_text('{"private_key": "secret"}')
    assert package(tmp_path) == before
    subprocess.run([*git, "add", "functions/cloud/new.py"], cwd=tmp_path, check=True)
    assert package(tmp_path) != before
    assert set(sources(tmp_path)) - set(sources(ROOT)) == {"cloud/new.py"}


def test_without_git_a_file_of_a_strange_kind_is_refused(tmp_path: Path):
    copy_sources(tmp_path, reverse=False)
    assert set(sources(tmp_path)) == set(sources(ROOT))
    (tmp_path / "functions" / "main.py.orig").write_text("older")
    with pytest.raises(StrayFileError, match=r"functions/ holds main\.py\.orig, which is no part of it"):
        sources(tmp_path)


def test_archive_holds_what_git_tracks_of_functions_but_the_command():
    command = ["git", "ls-files", "-z", "functions"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    kept = {name.removeprefix("functions/") for name in listed.stdout.split("\0") if (ROOT / name).is_file()}
    command_files = {name for name in kept if name.startswith("memegen/cli/")} | {"memegen/__main__.py"}
    assert {"memegen/cli/main.py", "memegen/__main__.py"} <= command_files <= kept
    assert set(sources(ROOT)) == kept - command_files | {"requirements.txt"}
    assert {"main.py", "memegen/models/ensemble.json", "memegen/lib/libfribidi.so.0"} <= kept


def test_entries_are_plain_files_with_fixed_times_and_modes(tmp_path: Path):
    path = tmp_path / "a.zip"
    path.write_bytes(archive({"b/é.txt": b"2", "a.py": b"1", "B.py": b"3"}))
    with ZipFile(path) as packed:
        entries = packed.infolist()
        assert [(entry.filename, packed.read(entry)) for entry in entries] == [
            ("B.py", b"3"),
            ("a.py", b"1"),
            ("b/é.txt", b"2"),
        ]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {stat.S_IFREG | 0o644}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive as the platform unpacks it."""
    folder = tmp_path_factory.mktemp("archive")
    path = folder / "functions.zip"
    path.write_bytes(archive(sources(ROOT)))
    with ZipFile(path) as packed:
        packed.extractall(folder / "source")
    (folder / "empty").mkdir()
    return folder


def bare_python(folder: Path) -> list[str]:
    """Python that knows the installed packages and nothing of this checkout: `.pth` files, by which it is
    installed editable, don't count on PYTHONPATH, and -S leaves out the interpreter's own packages."""
    clean = ["/usr/bin/env", f"--chdir={folder / 'empty'}", f"PYTHONPATH={SITE_PACKAGES}"]
    return [*clean, sys._base_executable, "-S"]


@contextmanager
def served(target: str, stack: Stack, unpacked: Path) -> Iterator[str]:
    """One of the archive's functions beside the stack's own; its address."""
    process: Process = function(target, stack.state, stack.ports)
    ports = Ports.free()
    source = str(unpacked / "source" / "main.py")
    options = process.command[process.command.index("--source") :]
    options[options.index("--source") + 1] = source
    options[options.index("--port") + 1] = str(ports.site)
    url = Addresses(ports).site
    archived = replace(
        process,
        command=[*bare_python(unpacked), "-m", "functions_framework", *options],
        health_url=f"{url}/health",
        log=unpacked / f"{target}.log",
    )
    archived.start()
    try:
        archived.wait_ready()
        yield url
    finally:
        archived.terminate()
        archived.wait_stopped()


def test_without_the_archive_there_is_no_memegen(unpacked: Path):
    command = [*bare_python(unpacked), "-c", "import flask, memegen"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'memegen'"


def test_unpacked_archive_serves_the_api(stack: Stack, unpacked: Path):
    with served("api", stack, unpacked) as url:
        answer = requests.get(f"{url}/health", timeout=60)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        body = {"content_type": "image/jpeg", "size": 5}
        signed = requests.post(f"{url}/uploads", json=body, timeout=60)
        assert signed.status_code == 201
        assert signed.json()["upload"]["url"].startswith(f"{stack.uploads_url}/web/")


def test_unpacked_archive_makes_memes(stack: Stack, cloud: Cloud, unpacked: Path):
    name = "archive/photo.png"
    drawn = cv2.imencode(".png", numpy.full((90, 160, 3), 200, numpy.uint8))[1].tobytes()
    generation = cloud.upload(name, drawn, {"caption": "శుభోదయం"})
    cloud.report(f"{name}.json")
    cloud.settle()
    by_the_stack = cloud.memes.blob(f"{name}.meme.jpg").download_as_bytes()
    for output in (f"{name}.meme.jpg", f"{name}.json"):
        cloud.memes.blob(output).delete()
    with served("on_upload", stack, unpacked) as url:
        assert deliver_event(url, cloud.uploads.name, name, generation).status_code == 200
    assert cloud.report(f"{name}.json", generation)["status"] == "done"
    assert cloud.memes.blob(f"{name}.meme.jpg").download_as_bytes() == by_the_stack
