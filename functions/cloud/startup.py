"""A process's start, made short: imported before whatever else loads much, ended by `finished`.

What is made while a process starts stays until its end, so the garbage collector would walk through ever
more of it for nothing: a seventh of the start's processor time. And OpenBLAS, of which numpy and OpenCV each
bring their own, starts a thread for each further processor that it sees, which nothing here needs.
"""

import gc
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
gc.disable()


def finished() -> None:
    """Sets what is loaded by now apart from the garbage collector, and that to work."""
    gc.freeze()
    gc.enable()
