"""A run's share of a GPU's memory, with a GPU of the tests' making and with a real one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from gst.errors import GstError
from gst.launch.gpu import memory_share

DEVICE = torch.device("cuda")


@pytest.fixture
def gpu(monkeypatch):
    """A GPU of 80 GB; the limits that it is given."""
    limits = []
    fakes = {
        "set_per_process_memory_fraction": lambda share, device: limits.append((share, device)),
        "reset_peak_memory_stats": lambda device: None,
        "get_device_properties": lambda device: SimpleNamespace(total_memory=80 * 10**9),
        "max_memory_allocated": lambda device: 19 * 10**9,
        "mem_get_info": lambda device: (40 * 10**9, 80 * 10**9),
    }
    for name, fake in fakes.items():
        monkeypatch.setattr(torch.cuda, name, fake)
    return limits


@pytest.mark.parametrize(
    ("given", "share", "granted", "more"),
    [(0.25, 0.25, "20.0 GB", "give it more (--gpus-per-run), "), (2, 1, "80.0 GB", "")],
    ids=["a quarter", "more than one"],
)
def test_a_share_is_a_limit_and_what_exceeds_it_is_told(gpu, given, share, granted, more):
    refused = pytest.raises(GstError)
    with refused as error, memory_share(DEVICE, given):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
    assert gpu == [(share, DEVICE)]
    assert str(error.value) == (
        f"out of GPU memory: the run has {share:g} of the GPU, which is {granted}; it had taken 19.0 GB at "
        f"most, and 40.0 GB are free on the GPU now: {more}make training.batch_size smaller, or end what "
        "else is on the GPU"
    )


def test_other_errors_and_whole_gpus_pass(gpu):
    with pytest.raises(RuntimeError, match="device-side assert"), memory_share(DEVICE, 2):
        raise RuntimeError("device-side assert")
    assert gpu == [(1.0, DEVICE)]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_real_gpu_keeps_to_the_share():
    whole = torch.cuda.get_device_properties(DEVICE).total_memory
    with pytest.raises(GstError, match=r"the run has 0\.1 of the GPU"), memory_share(DEVICE, 0.1):
        torch.empty(whole // 5, dtype=torch.uint8, device=DEVICE)
    with memory_share(DEVICE, 1):
        torch.empty(2**20, dtype=torch.uint8, device=DEVICE)
