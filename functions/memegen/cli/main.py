"""The command line: memegen PHOTO [-o MEME], or memegen PHOTOS AND FOLDERS [-d FOLDER]."""

import argparse
import json
import sys
from collections import Counter
from dataclasses import fields
from pathlib import Path

from memegen import Options, PhotoError, make_meme
from memegen.caption.choose import languages
from memegen.cli import batch
from memegen.contract import MAX_PHOTO_BYTES
from memegen.errors import failed_report
from memegen.options import (
    ANIMATIONS,
    CANVASES,
    EXPRESSIONS,
    MOVING_STYLES,
    OLD_NAMES,
    STYLE_CHOICES,
    TEXT_SIZES,
    with_line_ends,
)
from memegen.photo.encode import write_as

_PIPE = Path("-")
# What a meme's name ends in → the kind of file.
_KINDS = {".jpg": "jpeg", ".jpeg": "jpeg", ".jpe": "jpeg", ".png": "png", ".webp": "webp", ".gif": "gif"}
_BAR_WIDTH = 30
_CLEAR = "\r\x1b[K"

_EPILOG = """\
One photo: the status is 2 if the photo or an option is wrong, 1 if the meme can't be written.

Several photos, a folder or -d: each meme goes beside its photo or, with -d, into that folder, which
keeps the subfolders of a given folder. Equal names get numbers. A file that exists is left as it is. A bad
photo is reported and the others are made; the status is then 1. It is 2 for a wrong option. No caption
comes twice in 40 memes while others fit.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns the exit status, as the help says."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.styles or given.languages:
        print("\n".join(STYLE_CHOICES if given.styles else languages()))
        return 0
    if not given.photos:
        parser.error("name a photo, several, a folder, or - for standard input")
    several = len(given.photos) > 1 or given.folder is not None or given.photos[0].is_dir()
    if several and given.output is not None:
        parser.error("-o names one meme. Name a folder for several with -d")
    if several and _PIPE in given.photos:
        parser.error("- reads one photo and goes alone, without -d")
    try:
        return _many(given) if several else _one(given)
    except _RefusalError as refusal:
        return _print_line(str(refusal), refusal.status)
    except KeyboardInterrupt:
        return _print_line("stopped.", 130)


class _RefusalError(Exception):
    """The end of the command: a sentence for a person and the exit status."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def _one(given: argparse.Namespace) -> int:
    source: Path = given.photos[0]
    photo = _read(source)
    try:
        options = _options(given)
        target = _target(source, given, options)
        meme = make_meme(photo, options)
    except PhotoError as error:
        if given.json:
            _print_json(failed_report(error.code, str(error), error.characters))
        raise _RefusalError(2, str(error)) from error
    kind = _KINDS.get(target.suffix.lower(), "jpeg")
    _write(meme.animation or (meme.jpeg if kind == "jpeg" else write_as(meme.pixels, kind)), target)
    if given.json:
        _print_json(meme.report)
    return 0 if target == _PIPE else _print_line(f"wrote {target}", 0)


def _read(source: Path) -> bytes:
    try:
        return sys.stdin.buffer.read(MAX_PHOTO_BYTES + 1) if source == _PIPE else batch.read_file(source)
    except OSError as error:
        raise _RefusalError(2, f"can't read the photo {source}: {batch.reason(error)}.") from error


def _target(source: Path, given: argparse.Namespace, options: Options) -> Path:
    """Where the meme goes, which is never over its photo and, unless named, over nothing."""
    beside = source if source == _PIPE else source.with_name(source.stem + batch.meme_ending(options))
    target: Path = given.output or beside
    if given.output and target != _PIPE and target.suffix.lower() not in _KINDS:
        raise _RefusalError(
            2,
            f"{target} does not end as a picture's name does that can be written. Let it end in .jpg, .png, "
            ".webp or .gif.",
        )
    if options.animate and target not in (_PIPE, beside) and target.suffix.lower() != f".{options.animate}":
        raise _RefusalError(
            2, f"{target} can't hold a {options.animate} animation. Let it end in .{options.animate}."
        )
    if target == _PIPE:
        if given.json:
            raise _RefusalError(2, "meme and report can't both go to standard output. Name the meme with -o.")
        if sys.stdout.isatty():
            raise _RefusalError(
                2,
                "a meme is not text, so it can't be shown in a terminal. Name a file with -o, or use > or |.",
            )
    elif target.exists():
        if given.output is None:
            raise _RefusalError(
                2, f"{target} exists already. To replace it, name it with -o, or name another file."
            )
        if source != _PIPE and target.samefile(source):
            raise _RefusalError(2, f"the meme would replace the photo {source}. Name another file with -o.")
    return target


def _write(data: bytes, target: Path) -> None:
    try:
        if target == _PIPE:
            with open(sys.stdout.fileno(), "wb", closefd=False) as out:
                out.write(data)
        else:
            target.write_bytes(data)
    except OSError as error:
        where = "standard output" if target == _PIPE else target
        raise _RefusalError(1, f"can't write the meme to {where}: {batch.reason(error)}.") from error


def _many(given: argparse.Namespace) -> int:
    try:
        options = _options(given)
    except PhotoError as error:
        raise _RefusalError(2, str(error)) from error
    jobs, unusable = batch.plan(given.photos, given.folder, batch.meme_ending(options))
    for sentence in unusable:
        _print_line(sentence)
    counts = Counter(failed=len(unusable))
    shows_bar = sys.stderr.isatty()
    for done, job in enumerate(jobs):
        if shows_bar:
            print(_bar(done, len(jobs)), end="", file=sys.stderr, flush=True)
        outcome = batch.make(job, options)
        options = batch.with_seen(options, outcome)
        counts[outcome.status] += 1
        if shows_bar:
            print(_CLEAR, end="", file=sys.stderr)
        if outcome.error:
            _print_line(outcome.error)
        if given.json:
            files = {"photo_file": str(job.photo), "meme_file": str(job.meme)}
            print(json.dumps({**files, **outcome.report}, ensure_ascii=False), flush=True)
    return _print_line(_summary(counts), 1 if counts["failed"] else 0)


def _summary(counts: Counter[str]) -> str:
    done = counts["done"]
    parts = [f"wrote {done} meme{'' if done == 1 else 's'}"]
    if counts["left"]:
        parts.append(f"left {counts['left']} that {'was' if counts['left'] == 1 else 'were'} there already")
    if counts["failed"]:
        parts.append(f"failed on {counts['failed']}")
    return ", ".join(parts) + "."


def _bar(done: int, total: int) -> str:
    filled = _BAR_WIDTH * done // total
    return f"\r[{'#' * filled}{'-' * (_BAR_WIDTH - filled)}] {done} of {total}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="memegen",
        description="Make a meme of a photo: a caption that fits the face's expression.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "photos",
        nargs="*",
        type=Path,
        metavar="PHOTO",
        help="JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP or TIFF; a folder of them; - is standard input",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="MEME",
        help="the .jpg, .png, .webp or .gif to write (default: PHOTO's name with .meme.jpg); - is standard "
        "output",
    )
    parser.add_argument(
        "-d", "--directory", dest="folder", type=Path, metavar="FOLDER", help="the folder for many memes"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the report as JSON; of many photos, a line each"
    )
    parser.add_argument("--language", metavar="TAG", help="the caption's language, such as en")
    parser.add_argument(
        "--expression",
        metavar="NAME",
        help=f"use this expression and don't read it: {', '.join(EXPRESSIONS)}",
    )
    parser.add_argument(
        "--caption",
        metavar="TEXT",
        help=r"your own caption; \n separates the top from the bottom, \\n is itself",
    )
    parser.add_argument("--style", metavar="NAME", help=f"one of: {', '.join(STYLE_CHOICES)}")
    parser.add_argument("--face", metavar="N", help="whom it is about: 0 is the largest face, 1 the next …")
    parser.add_argument("--canvas", metavar="NAME", help=f"its shape, by padding: {', '.join(CANVASES)}")
    parser.add_argument("--text_size", "--text-size", metavar="NAME", help=f"one of: {', '.join(TEXT_SIZES)}")
    parser.add_argument(
        "--animate",
        metavar="KIND",
        help=f"write an animation instead of a JPEG: {' or '.join(ANIMATIONS)}; the style is then one of "
        f"{', '.join(MOVING_STYLES)}",
    )
    parser.add_argument("--seed", metavar="N", help="another seed gives other captions in another order")
    parser.add_argument(
        "--variant", metavar="K", help="another caption: 0, 1, 2 …; none repeats until all were used"
    )
    parser.add_argument("--caption-id", metavar="ID", help="the caption with this id, from a report")
    parser.add_argument(
        "--seen", metavar="IDS", help="captions not to repeat: at most 40 ids with commas between them"
    )
    parser.add_argument("--turn", help=argparse.SUPPRESS)  # the old name of --variant
    parser.add_argument("--styles", action="store_true", help="list the styles")
    parser.add_argument("--languages", action="store_true", help="list the captions' languages")
    return parser


def _options(given: argparse.Namespace) -> Options:
    names = [*(field.name for field in fields(Options)), *OLD_NAMES]
    values = {name: value for name in names if (value := getattr(given, name)) is not None}
    if given.caption is not None:
        values["caption"] = with_line_ends(given.caption)  # a shell passes \n as two characters
    return Options.from_mapping(values)


def _print_line(sentence: str, status: int = 1) -> int:
    print(f"memegen: {sentence}", file=sys.stderr)
    return status


def _print_json(report: dict[str, object]) -> None:
    print(json.dumps(report, ensure_ascii=False, indent=2))
