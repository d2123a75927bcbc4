"""What an attempt uses of its machine, sampled by a thread of its own while it trains."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Self

import torch

from gst.launch.gpu import watched
from gst.records import SystemSample

SECONDS = 1.0
"""The period of a sample at first."""

MOST = 128
"""Number of samples at which each two become one, and later periods last twice as long: a long attempt has
between half as many and these."""

JOIN_SECONDS = 5.0
"""How long the end of an attempt waits for a GPU that does not answer."""

STATM = Path("/proc/self/statm")


class Sampling:
    """Samples for as long as the context lasts; an attempt of less than half a period has none.

    They ask nobody but the kernel and the GPU's driver, so that a store which is away leaves no gap.
    """

    def __init__(self, device: torch.device, seconds: float | None = None, most: int = MOST) -> None:
        self._device = device
        self._seconds = SECONDS if seconds is None else seconds
        self._most = most
        self._samples: tuple[SystemSample, ...] = ()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="gst-sampling", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join(JOIN_SECONDS)

    def samples(self) -> tuple[SystemSample, ...]:
        """Those so far, oldest first; each starts where the one before it stops."""
        return self._samples

    def _loop(self) -> None:
        with watched(self._device) as gpu:
            began = stop = time.monotonic()
            spent = time.process_time()
            over = False
            while not over:
                over = self._over.wait(self._seconds)
                start, before = stop, spent
                stop, spent = time.monotonic(), time.process_time()
                if stop - start < self._seconds / 2:
                    return
                cpus = (spent - before) / (stop - start)
                self._keep(SystemSample(start - began, stop - began, cpus, resident_memory(), *gpu()))

    def _keep(self, sample: SystemSample) -> None:
        self._samples += (sample,)
        if len(self._samples) >= self._most:
            self._samples = halved(self._samples)
            self._seconds *= 2


def resident_memory(statm: Path = STATM) -> int | None:
    """Bytes of this process that are in memory; None where there is no Linux to tell."""
    try:
        pages = int(statm.read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def halved(samples: tuple[SystemSample, ...]) -> tuple[SystemSample, ...]:
    """Each two neighbours as one: time-weighted means, and of memory the larger; a last one alone stays."""
    pairs = zip(samples[::2], samples[1::2], strict=False)
    return (*(_joined(one, two) for one, two in pairs), *samples[len(samples) // 2 * 2 :])


def _joined(one: SystemSample, two: SystemSample) -> SystemSample:
    share = (one.stop - one.start) / (two.stop - one.start)

    def mean(first: float | None, second: float | None) -> float | None:
        if first is None or second is None:
            return first if second is None else second
        return share * first + (1 - share) * second

    def most(first: int | None, second: int | None) -> int | None:
        return max((it for it in (first, second) if it is not None), default=None)

    return SystemSample(
        one.start,
        two.stop,
        share * one.cpu_use + (1 - share) * two.cpu_use,
        most(one.memory, two.memory),
        mean(one.gpu_use, two.gpu_use),
        most(one.gpu_memory, two.gpu_memory),
        mean(one.gpu_power, two.gpu_power),
    )
