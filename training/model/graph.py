"""A GPU's work recorded once and replayed: to launch a small network's few hundred kernels one by one takes
several times as long as they run."""

from collections.abc import Callable

import torch


class Replayed:
    """A function without arguments that works on the GPU on tensors which stay where they are.

    It is run three times before it is recorded, so that what it changes must be put back then. `generator` is
    the one that it draws from, beside the default one. What it returns is overwritten by the next call.
    """

    def __init__(self, work: Callable[[], torch.Tensor], generator: torch.Generator) -> None:
        # Memory is laid out and libraries are loaded first, off the stream that is recorded.
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
