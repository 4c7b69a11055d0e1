"""Work on a GPU that is recorded once and then replayed (a CUDA graph).

A small network has a few hundred kernels, and to launch them one by one takes several times as long as they
run.
"""

from collections.abc import Callable

import torch


class Replayed:
    """A recorded function, which takes no arguments and works on tensors that keep their place on the GPU.

    generator: the one that the function draws from, beside the default one. The function runs three times
    before it is recorded, so the caller must restore what it changed. Each call overwrites the tensor that
    the call before returned.
    """

    def __init__(self, work: Callable[[], torch.Tensor], generator: torch.Generator) -> None:
        # The first runs allocate memory and load libraries, which must not happen while the work is recorded.
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                work()
        torch.cuda.current_stream().wait_stream(side)
        self._graph = torch.cuda.CUDAGraph()
        self._graph.register_generator_state(generator)
        with torch.cuda.graph(self._graph):
            self._returned = work()

    def __call__(self) -> torch.Tensor:
        self._graph.replay()
        return self._returned
