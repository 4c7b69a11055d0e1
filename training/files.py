"""Arrays that are computed once in a run and read from a file after that."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from training.arrays import Float32s


def computed_once(file: Path, compute: Callable[[], Float32s]) -> Float32s:
    """The array in the file. If there is no such file, it is computed and written first.

    The file appears whole or not at all, so processes that share a run's folder may ask at the same time.
    """
    if not file.exists():
        part = file.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as opened:
            np.save(opened, compute())
        part.replace(file)
    array: Float32s = np.load(file).astype(np.float32)
    return array
