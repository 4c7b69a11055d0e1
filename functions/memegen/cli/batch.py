"""Many photos → many memes: which files are photos, where each meme goes, and how one is made."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from memegen import Options, PhotoError, make_meme
from memegen.contract import ENDINGS, MAX_PHOTO_BYTES, MAX_SEEN_CAPTIONS
from memegen.errors import failed_report
from memegen.photo.formats import is_photo

MEME_STEM = ".meme"


def meme_ending(options: Options) -> str:
    """What a meme's name ends in that is called after its photo: ".meme.jpg", or an animation's ending."""
    return f"{MEME_STEM}.{options.animate or 'jpg'}"


@dataclass(frozen=True)
class Job:
    """A photo to read and the meme to write."""

    photo: Path
    meme: Path


@dataclass(frozen=True)
class Outcome:
    """What became of a job. status: "done", "failed", or "left" where the meme exists already.

    report: make_meme's, the failed one or just the status. error: what failed, a sentence for a person.
    """

    status: str
    report: dict[str, Any]
    error: str = ""


def plan(paths: Iterable[Path], folder: Path | None, ending: str) -> tuple[list[Job], list[str]]:
    """The jobs for files and folders, and a sentence for each folder that can't be read or holds no photo.

    Folders are walked in the order of names: files whose names end as photos' do, or that begin as a photo
    does; nothing hidden, no linked folder and not `folder` itself. Without `folder` a meme lies beside its
    photo; with it, in there by its file's name or, of a walked folder, by its path within that. Names that
    would meet are numbered: me.meme.jpg, me-2.meme.jpg. Memes made before (*.meme.*) are left out.
    ending: the memes'.
    """
    jobs: list[Job] = []
    errors: list[str] = []
    seen: set[Path] = set()
    taken: set[Path] = set()
    for path in paths:
        found = list(_walk(path, folder, errors)) if path.is_dir() else [(path, Path(path.name))]
        if not found:
            errors.append(f"there is no photo in the folder {path}.")
        for photo, name in found:
            if Path(photo.stem).suffix == MEME_STEM or photo.resolve() in seen:
                continue
            seen.add(photo.resolve())
            wanted = folder / name if folder else photo
            jobs.append(Job(photo, _free(wanted, ending, taken)))
    return jobs, errors


def make(job: Job, options: Options) -> Outcome:
    """Make one meme. The outcome says what is wrong with its files. A file that exists is left."""
    if job.meme.exists():
        return Outcome("left", {"status": "left"})
    try:
        meme = make_meme(read_file(job.photo), options)
    except OSError as error:
        return _failed("unreadable", f"can't read the photo {job.photo}: {reason(error)}.")
    except PhotoError as error:
        return _failed(error.code, f"{job.photo}: {error}", error.characters)
    try:
        job.meme.parent.mkdir(parents=True, exist_ok=True)
        with job.meme.open("xb") as file:
            file.write(meme.animation or meme.jpeg)
    except OSError as error:
        return _failed("unwritable", f"can't write the meme to {job.meme}: {reason(error)}.")
    return Outcome("done", meme.report)


def with_seen(options: Options, outcome: Outcome) -> Options:
    """The options for the next photo, with this one's caption among the last ones that were seen."""
    if outcome.status != "done":
        return options
    return replace(options, seen=(*options.seen, outcome.report["caption"]["id"])[-MAX_SEEN_CAPTIONS:])


def read_file(path: Path) -> bytes:
    """A photo's bytes. Of a file that is too large, only one byte more than the limit is read."""
    with path.open("rb") as file:
        return file.read(MAX_PHOTO_BYTES + 1)


def reason(error: OSError) -> str:
    """The system's reason for an error with a file, to follow a colon."""
    return error.strerror.lower() if error.strerror else str(error)


def _failed(code: str, sentence: str, characters: Sequence[str] = ()) -> Outcome:
    return Outcome("failed", failed_report(code, sentence, characters), sentence)


def _free(photo: Path, ending: str, taken: set[Path]) -> Path:
    """A name for a photo's meme that is not taken; it is added to `taken`."""
    meme = photo.with_name(photo.stem + ending)
    count = 1
    while meme in taken:
        count += 1
        meme = photo.with_name(f"{photo.stem}-{count}{ending}")
    taken.add(meme)
    return meme


def _walk(root: Path, leave_out: Path | None, errors: list[str]) -> Iterator[tuple[Path, Path]]:
    """The photos in a folder and below it, each with its path within the folder."""

    def report(error: OSError) -> None:
        errors.append(f"can't read the folder {error.filename}: {reason(error)}.")

    output = leave_out.resolve() if leave_out else None
    for place, folders, names in os.walk(root, onerror=report):
        here = Path(place)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and (here / name).resolve() != output
        )
        for name in sorted(names):
            path = here / name
            if not name.startswith(".") and path.is_file() and _seems_a_photo(path):
                yield path, path.relative_to(root)


def _seems_a_photo(path: Path) -> bool:
    if path.suffix.lower().removeprefix(".") in ENDINGS:
        return True
    try:
        with path.open("rb") as file:
            return is_photo(file.read(16))
    except OSError:
        return False
