"""`python -m infra.local` runs the whole application on this machine until Ctrl-C."""

import argparse
import logging
import signal
import sys
from dataclasses import fields
from pathlib import Path
from typing import NoReturn

from infra.local.config.addresses import PURPOSES, Ports
from infra.local.stack.processes import StackError
from infra.local.stack.stack import ROOT, Stack


def main() -> int:
    arguments = _parser().parse_args()
    logging.basicConfig(format="%(message)s")  # to standard error, warnings and errors
    ports = Ports(**{field.name: getattr(arguments, f"{field.name}_port") for field in fields(Ports)})
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        with Stack(arguments.state, ports, arguments.max_instances) as stack:
            print(_table(stack), flush=True)
            stack.watch(arguments.sweep_every)
    except KeyboardInterrupt:
        print("\nStopped; no process is left behind.")
        return 0
    except StackError as error:
        print(error, file=sys.stderr)
        return 1


def _interrupt(*_: object) -> NoReturn:
    # One signal is enough. A second Ctrl-C must not interrupt the stop that the first one has begun.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.local", description="Runs MemeGen with its whole cloud on this machine."
    )
    parser.add_argument(
        "--state",
        type=Path,
        default=ROOT / ".local",
        metavar="FOLDER",
        help="where objects, accounts and logs are kept over a restart (default: .local)",
    )
    parser.add_argument(
        "--sweep-every",
        type=float,
        default=600,
        metavar="SECONDS",
        help="how often uploads without a report are looked for (default: %(default)s)",
    )
    parser.add_argument(
        "--max-instances",
        type=_count,
        metavar="N",
        help="deliver events as Google Cloud does to a function of N instances: late when it is busy",
    )
    for field in fields(Ports):
        parser.add_argument(
            f"--{field.name.replace('_', '-')}-port",
            type=int,
            default=field.default,
            metavar="PORT",
            help=f"port of {PURPOSES[field.name]} (default: %(default)s)",
        )
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of instances; it must be 1 or more")
    return int(text)


def _table(stack: Stack) -> str:
    rows = [
        ("page", stack.site_url),
        ("api", stack.api_url),
        ("on_upload", stack.on_upload_url),
        ("storage API", stack.storage_url),
        (f"bucket {stack.uploads_bucket}", stack.uploads_url),
        (f"bucket {stack.memes_bucket}", stack.memes_url),
        ("developer's key", str(stack.account_file("developer"))),
        ("logs", str(stack.state / "logs")),
    ]
    width = max(len(what) for what, _ in rows)
    lines = [f"  {what:<{width}}  {where}" for what, where in rows]
    return "\n".join(
        ["MemeGen runs on this machine:", *lines, f"Open {stack.site_url}. Ctrl-C stops all of it."]
    )


if __name__ == "__main__":
    sys.exit(main())
