"""The command line: memegen PHOTO [-o MEME]."""

import argparse
import json
import sys
from pathlib import Path

from memegen import Options, PhotoError, make_meme
from memegen.options import EXPRESSIONS, STYLES


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns the exit status: 2 for a wrong photo or option, 1 for an unwritable meme."""
    given = _parser().parse_args(arguments)
    try:
        photo = given.photo.read_bytes()
    except OSError as error:
        return _fail(2, f"can't read the photo {given.photo}: {_reason(error)}.")
    meme_path = given.output or given.photo.with_name(f"{given.photo.stem}.meme.jpg")
    if meme_path.exists():
        if given.output is None:
            return _fail(2, f"{meme_path} is there already. Name it with -o to replace it, or name another.")
        if meme_path.samefile(given.photo):
            return _fail(2, f"the meme would replace the photo {given.photo}. Name another file with -o.")
    try:
        meme = make_meme(photo, _options(given))
    except PhotoError as error:
        if given.json:
            _print_json({"status": "failed", "error": {"code": error.code, "message": str(error)}})
        return _fail(2, str(error))
    try:
        meme_path.write_bytes(meme.jpeg)
    except OSError as error:
        return _fail(1, f"can't write the meme to {meme_path}: {_reason(error)}.")
    if given.json:
        _print_json(meme.report)
    print(f"memegen: wrote {meme_path}", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="memegen", description="Make a meme of a photo: a caption that fits the face's expression."
    )
    parser.add_argument(
        "photo", type=Path, metavar="PHOTO", help="JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP or TIFF"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="MEME",
        help="the JPEG to write (default: PHOTO's name with .meme.jpg)",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--language", metavar="TAG", help="the caption's language, such as en")
    parser.add_argument("--expression", metavar="NAME", help=f"don't read it, take: {', '.join(EXPRESSIONS)}")
    parser.add_argument(
        "--caption", metavar="TEXT", help=r"your own caption; \n parts the top from the bottom"
    )
    parser.add_argument("--style", metavar="NAME", help=f"one of: {', '.join(STYLES)}")
    parser.add_argument("--seed", metavar="N", help="another seed gives other captions in another order")
    parser.add_argument(
        "--turn", metavar="K", help="the next caption: 0, 1, 2 …; none repeats until all were used"
    )
    return parser


def _options(given: argparse.Namespace) -> Options:
    names = ("language", "expression", "caption", "style", "seed", "turn")
    values = {name: getattr(given, name) for name in names}
    if given.caption is not None:
        values["caption"] = given.caption.replace("\\n", "\n")  # a shell passes \n as two characters
    return Options.from_mapping(values)


def _reason(error: OSError) -> str:
    return error.strerror.lower() if error.strerror else str(error)


def _fail(status: int, sentence: str) -> int:
    print(f"memegen: {sentence}", file=sys.stderr)
    return status


def _print_json(report: dict[str, object]) -> None:
    print(json.dumps(report, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    sys.exit(main())
