"""A step of training on a GPU, recorded once in an epoch and then replayed as one CUDA graph.

Networks for small images keep a GPU busy for less time than it takes to launch their kernels one by one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

Step = Callable[[Tensor, Tensor], None]
"""Takes a step on images and labels, which are on the GPU; it reads nothing back from there."""

UNRECORDED = 2
"""The first steps of an epoch are taken as they are: they make what comes to be in a first step."""

_recording = threading.Lock()


def recorder(device: torch.device, optimizer: torch.optim.Optimizer) -> Recorder | None:
    """The recorder of a run that trains with that optimizer on that device, if it is a GPU."""
    return Recorder(device, optimizer) if device.type == "cuda" else None


class Recorder:
    """Records the steps of one run. One of them is kept: its memory is the next one's."""

    def __init__(self, device: torch.device, optimizer: torch.optim.Optimizer) -> None:
        self._optimizer = optimizer
        current = torch.cuda.current_stream(device)
        default = current == torch.cuda.default_stream(device)
        # the default stream cannot be recorded
        self._stream = torch.cuda.Stream(device) if default else current  # type: ignore[no-untyped-call]
        self._pool = torch.cuda.graph_pool_handle()
        self._kept: torch.cuda.CUDAGraph | None = None

    @contextmanager
    def epoch(self, step: Step) -> Iterator[Step]:
        """The step by replay, for an epoch in which nothing about it changes but images and labels."""
        current = torch.cuda.current_stream(self._stream.device)
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            yield _Replayed(step, self._record)
        current.wait_stream(self._stream)

    def _record(self, step: Callable[[], None]) -> torch.cuda.CUDAGraph:
        groups = [group for group in self._optimizer.param_groups if "capturable" in group]
        graph = torch.cuda.CUDAGraph()
        with _recording:
            for group in groups:
                group["capturable"] = True
            try:
                # other threads may train beside this one, and allocate memory meanwhile
                graph.capture_begin(pool=self._pool, capture_error_mode="thread_local")
                try:
                    step()
                finally:
                    graph.capture_end()
            finally:
                for group in groups:
                    group["capturable"] = False
        self._kept = graph
        return graph


class _Replayed:
    """Takes steps: the first ones, and those on batches of another size, as they are; others by replay."""

    def __init__(self, step: Step, record: Callable[[Callable[[], None]], torch.cuda.CUDAGraph]) -> None:
        self._step, self._record, self._taken = step, record, 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._images = self._labels = torch.empty(0)

    def __call__(self, images: Tensor, labels: Tensor) -> None:
        self._taken += 1
        other_size = self._graph is not None and images.shape != self._images.shape
        if self._taken <= UNRECORDED or other_size:
            self._step(images, labels)
            return
        if self._graph is None:
            self._images, self._labels = images.clone(), labels.clone()
            self._graph = self._record(lambda: self._step(self._images, self._labels))
        self._images.copy_(images)
        self._labels.copy_(labels)
        self._graph.replay()
