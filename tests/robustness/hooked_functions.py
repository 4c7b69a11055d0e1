"""functions/main.py for tests: its on_upload ends or waits at a stage that a file names.

The environment's HOOKS is a folder. A file in it named like one of STAGES is taken by the first delivery that
comes to that stage: one that holds "kill" has the process kill itself; one that holds "hold" has the delivery
wait as long as a file of that name with the ending .held stands there.
"""

import os
import signal
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import memegen.meme
from cloud.processing import Processor
from cloud.storage import Bucket

STAGES = ("before-reading", "after-decoding", "before-report", "before-last-look")


def pass_stage(stage: str) -> None:
    hook = Path(os.environ["HOOKS"]) / stage
    held = hook.with_suffix(".held")
    try:
        hook.rename(held)
        order = held.read_text()
    except FileNotFoundError:
        return  # no hook, or another delivery has taken it, or it was released at once
    if order == "kill":
        held.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    while held.exists():
        time.sleep(0.02)


def _before(stage: str, function: Callable[..., Any], applies: Callable[..., bool] = lambda *_: True) -> Any:
    @wraps(function)
    def hooked(*arguments: Any, **named: Any) -> Any:
        if applies(*arguments):
            pass_stage(stage)
        return function(*arguments, **named)

    return hooked


def _after(stage: str, function: Callable[..., Any]) -> Any:
    @wraps(function)
    def hooked(*arguments: Any, **named: Any) -> Any:
        result = function(*arguments, **named)
        pass_stage(stage)
        return result

    return hooked


if "HOOKS" in os.environ:
    Bucket.read = _before("before-reading", Bucket.read)
    memegen.meme.read_photo = _after("after-decoding", memegen.meme.read_photo)
    Bucket.write = _before("before-report", Bucket.write, lambda _, name, *__: name.endswith(".json"))
    Processor._concluded = _before("before-last-look", Processor._concluded)

    from main import on_upload  # noqa: F401 - functions/main.py, which the tests put on the path
