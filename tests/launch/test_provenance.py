"""Where and with what a trial ran."""

from __future__ import annotations

import os
import platform
import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch

from gst.launch import provenance as module
from gst.launch.gpu import gpus
from gst.launch.provenance import peak_memory, provenance

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def test_on_the_cpu(monkeypatch):
    found = provenance(CPU)
    assert (found.pid, found.device, found.python) == (os.getpid(), "cpu", platform.python_version())
    assert found.torch == torch.__version__
    assert found.deterministic
    assert (found.gpu, found.gpu_driver, found.cuda) == (None, None, None)


class NoAnswer(Exception):
    pass


class FakeNvml(ModuleType):
    """A machine with two cards, of which torch sees the second; versions and names as NVML spells them."""

    NVMLError = NoAnswer

    def __init__(self, broken: tuple[str, ...] = ()) -> None:
        super().__init__("pynvml")
        self.broken = broken
        self.open = 0

    def answer(self, name, value):
        if name in self.broken:
            raise NoAnswer(name)
        return value

    def nvmlInit(self):  # noqa: N802
        self.answer("init", None)
        self.open += 1

    def nvmlShutdown(self):  # noqa: N802
        self.open -= 1

    def nvmlDeviceGetCount(self):  # noqa: N802
        assert self.open
        return 2

    def nvmlDeviceGetHandleByIndex(self, index):  # noqa: N802
        return ("first", "second")[index]

    def nvmlDeviceGetHandleByUUID(self, serial):  # noqa: N802
        assert self.open
        return self.answer("serial", {"GPU-22": "second"}[serial])

    def nvmlDeviceGetName(self, handle):  # noqa: N802
        return {"first": "Old Card", "second": b"New Card"}[handle]

    def nvmlSystemGetDriverVersion(self):  # noqa: N802
        return "570.86.15"

    def nvmlSystemGetCudaDriverVersion(self):  # noqa: N802
        return 12080

    def nvmlDeviceGetMemoryInfo(self, handle):  # noqa: N802
        return SimpleNamespace(total=80 * 2**30, free=79 * 2**30)


@pytest.fixture
def cuda(monkeypatch):
    """A torch that was built with CUDA 13.2 and sees a card, though there is none."""
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "A Card")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: SimpleNamespace(uuid="22"))
    monkeypatch.setattr(torch.version, "cuda", "13.2")


def install(monkeypatch, nvml):
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    return nvml


def test_on_a_gpu_nvml_tells_the_card_its_driver_and_cuda(cuda, monkeypatch):
    nvml = install(monkeypatch, FakeNvml())
    found = provenance(CUDA)
    assert (found.device, found.gpu, found.cuda) == ("cuda", "New Card", "13.2")
    assert found.gpu_driver == "570.86.15, CUDA 12.8"
    assert not found.deterministic
    assert nvml.open == 0


@pytest.mark.parametrize(
    "nvml", [None, FakeNvml(("init",)), FakeNvml(("serial",))], ids=["no", "off", "part"]
)
def test_without_an_answer_of_nvml_torch_and_the_kernel_are_asked(cuda, monkeypatch, tmp_path, nvml):
    install(monkeypatch, nvml)  # None makes the import fail
    monkeypatch.setattr(module, "DRIVER", tmp_path / "version")
    assert provenance(CUDA).gpu_driver is None
    (tmp_path / "version").write_text(
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n"
        "GCC version:  gcc version 12.2.0\n"
    )
    found = provenance(CUDA)
    assert (found.device, found.gpu, found.gpu_driver, found.cuda) == ("cuda", "A Card", "550.54.15", "13.2")
    assert nvml is None or nvml.open == 0


def test_all_cards_of_the_machine(monkeypatch):
    install(monkeypatch, FakeNvml())
    first, second = gpus()
    assert (first.name, second.name, first.driver, first.cuda) == (
        "Old Card",
        "New Card",
        "570.86.15",
        "12.8",
    )
    assert (second.memory, second.free) == (80 * 2**30, 79 * 2**30)
    install(monkeypatch, None)
    assert gpus() == ()


def test_the_library_that_is_installed_answers_or_says_that_there_is_no_driver():
    """The real one, whatever this machine has: it must not raise, and find a card where torch does."""
    assert bool(gpus()) >= torch.cuda.is_available()


def test_peak_memory_is_in_bytes():
    before = peak_memory(CPU)
    held = torch.ones(50_000_000 // 4 + before // 4)  # more than ever before
    assert before + 20_000_000 < peak_memory(CPU) < 10 * (before + held.nbytes)
