"""The GPUs of this machine, as NVIDIA's management library (NVML) describes them, and shares of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, NamedTuple

import torch

from gst.errors import GstError
from gst.words import size


class Gpu(NamedTuple):
    """A GPU; `driver` is NVIDIA's version, `cuda` the newest CUDA that it can serve, memory is in bytes."""

    name: str
    driver: str
    cuda: str
    memory: int
    free: int


class GpuUse(NamedTuple):
    """A whole GPU, whoever uses it; None is what it does not tell."""

    busy: float | None = None  # share of its last moments, 1 being all of them
    memory: int | None = None  # bytes in use
    power: float | None = None  # watts


def gpus() -> tuple[Gpu, ...]:
    """All GPUs of this machine, whether or not this process may use them; none where NVML is missing."""
    with _nvml() as nvml:
        if nvml is None:
            return ()
        count = nvml.nvmlDeviceGetCount()
        return tuple(_gpu(nvml, nvml.nvmlDeviceGetHandleByIndex(index)) for index in range(count))


def problem() -> str | None:
    """Why NVML does not answer, where there may be a GPU; None where it does, and without a driver."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except ImportError as error:
        return str(error)
    except (pynvml.NVMLError_LibraryNotFound, pynvml.NVMLError_DriverNotLoaded):
        return None
    except pynvml.NVMLError as error:
        return str(error)
    pynvml.nvmlShutdown()
    return None


def gpu_of(device: torch.device) -> Gpu | None:
    """The GPU that torch calls by that name; None where NVML is missing or knows no such GPU.

    It goes by its serial number: CUDA_VISIBLE_DEVICES hides GPUs from torch, and counts the others anew.
    """
    with _nvml() as nvml:
        handle = _handle(nvml, device)
        if handle is not None:
            with suppress(nvml.NVMLError):
                return _gpu(nvml, handle)
    return None


@contextmanager
def watched(device: torch.device) -> Iterator[Callable[[], GpuUse]]:
    """A function that tells how busy the GPU is that torch calls by that name; of a CPU there is nothing."""
    if device.type != "cuda":
        yield GpuUse
        return
    with _nvml() as nvml:
        handle = _handle(nvml, device)
        yield GpuUse if handle is None else partial(_use, nvml, handle)


@contextmanager
def memory_share(device: torch.device, share: float) -> Iterator[None]:
    """Limits this process to that share of the GPU's memory, 1 being all of it.

    Raises GstError where a run needs more in this context, with what it had and what to set.
    """
    share = min(1.0, share)
    torch.cuda.set_per_process_memory_fraction(share, device)
    torch.cuda.reset_peak_memory_stats(device)
    try:
        yield
    except torch.OutOfMemoryError as error:
        whole = torch.cuda.get_device_properties(device).total_memory
        granted, peak = size(int(share * whole)), size(torch.cuda.max_memory_allocated(device))
        free, _ = torch.cuda.mem_get_info(device)
        more = "give it more (--gpus-per-run), " if share < 1 else ""
        raise GstError(
            f"out of GPU memory: the run has {share:g} of the GPU, which is {granted}; "
            f"it had taken {peak} at most, and {size(free)} are free on the GPU now: {more}"
            "make training.batch_size smaller, or end what else is on the GPU"
        ) from error


@contextmanager
def _nvml() -> Iterator[Any]:
    """The library, ready to be asked; None where it is missing, as without NVIDIA's driver."""
    try:
        import pynvml
    except ImportError:
        yield None
        return
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        yield None
        return
    try:
        yield pynvml
    finally:
        pynvml.nvmlShutdown()


def _handle(nvml: Any, device: torch.device) -> Any:
    """What NVML calls that GPU, by its serial number; None where it knows none, such as a part of a GPU."""
    if nvml is None:
        return None
    try:
        serial = getattr(torch.cuda.get_device_properties(device), "uuid", None)  # older torch has none
        return None if serial is None else nvml.nvmlDeviceGetHandleByUUID(f"GPU-{serial}")
    except (nvml.NVMLError, RuntimeError):  # the latter of a GPU that is lost
        return None


def _use(nvml: Any, handle: Any) -> GpuUse:
    def told(ask: Callable[[Any], Any]) -> Any:
        try:
            return ask(handle)
        except nvml.NVMLError:  # some cards do not know their power, say
            return None

    rates = told(nvml.nvmlDeviceGetUtilizationRates)  # in percent
    memory = told(nvml.nvmlDeviceGetMemoryInfo)
    power = told(nvml.nvmlDeviceGetPowerUsage)  # in milliwatts
    return GpuUse(
        None if rates is None else rates.gpu / 100,
        None if memory is None else int(memory.used),
        None if power is None else power / 1000,
    )


def _gpu(nvml: Any, handle: Any) -> Gpu:
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    cuda = nvml.nvmlSystemGetCudaDriverVersion()  # 12080 is 12.8
    return Gpu(
        name=_text(nvml.nvmlDeviceGetName(handle)),
        driver=_text(nvml.nvmlSystemGetDriverVersion()),
        cuda=f"{cuda // 1000}.{cuda % 1000 // 10}",
        memory=int(memory.total),
        free=int(memory.free),
    )


def _text(value: str | bytes) -> str:
    """Older versions of the library answer in bytes."""
    return value.decode() if isinstance(value, bytes) else value
