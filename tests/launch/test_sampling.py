"""What attempts use of their machines: samples of this process, of a GPU, and how few remain of many."""

from __future__ import annotations

import math
import statistics
import sys
import threading
import time
from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch
from tiny_sweep import spec_of

from gst.launch import attempt, sampling
from gst.launch.offline import Offline, train_all
from gst.launch.sampling import Sampling, halved, resident_memory
from gst.launch.trial import run_trial
from gst.records import SystemSample
from gst.store import Store
from gst.store.samples import attempt_samples

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
PATIENCE = 60


def eventually(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


def test_samples_follow_one_another_and_tell_cpus_and_memory():
    before = time.process_time()
    with Sampling(CPU, 0.05) as taken:
        end = time.monotonic() + PATIENCE
        while len(taken.samples()) < 3 and time.monotonic() < end:
            math.factorial(3000)  # keeps a CPU busy
    spent, found = time.process_time() - before, taken.samples()
    told = sum(it.cpu_use * (it.stop - it.start) for it in found)
    assert 0 < told <= spent
    assert spent - told < 0.1  # of half a period at the end, of which nothing is told
    assert found[0].start == 0
    assert all(one.stop == two.start for one, two in pairwise(found))
    assert all(it.stop - it.start > 0.02 for it in found)
    assert all(2**20 < it.memory < 2**40 for it in found)
    assert all(it[4:] == (None, None, None) for it in found)


def test_an_idle_process_keeps_no_cpu_busy():
    with Sampling(CPU, 0.2) as taken:
        eventually(lambda: taken.samples())
    assert min(it.cpu_use for it in taken.samples()) < 0.5


def test_a_quick_attempt_has_none_and_the_rest_of_a_period_counts_from_its_half_on():
    with Sampling(CPU, 60) as quick:
        pass
    assert quick.samples() == ()
    with Sampling(CPU, 0.4) as longer:
        time.sleep(0.3)
    first = longer.samples()[0]
    assert first.start == 0
    assert first.stop >= 0.2


def test_a_long_attempt_has_few_of_longer_and_longer_periods():
    with Sampling(CPU, 0.001, most=8) as taken:
        counts = set()
        began = time.monotonic()
        while time.monotonic() - began < 0.5:
            counts.add(len(taken.samples()))
            time.sleep(0.0005)
    found = taken.samples()
    assert max(counts) < 8
    assert 4 <= len(found) < 8
    assert found[0].start == 0
    assert all(one.stop == two.start for one, two in pairwise(found))
    assert found[-1].stop > 0.25
    assert found[0].stop > 0.02


def test_two_become_one_by_their_time():
    one = SystemSample(0.0, 1.0, 2.0, 100, 0.5, 1000, 300.0)
    two = SystemSample(1.0, 4.0, 1.0, 80, 0.9, 4000, 100.0)
    last = SystemSample(4.0, 5.0, 3.0)
    assert halved((one, two, last)) == (SystemSample(0.0, 4.0, 1.25, 100, 0.8, 4000, 150.0), last)
    assert halved((one, last)) == (SystemSample(0.0, 5.0, 0.2 * 2 + 0.8 * 3, 100, 0.5, 1000, 300.0),)
    assert halved(()) == ()


def test_halving_changes_neither_cpu_time_nor_energy():
    kept = tuple(SystemSample(n**1.5, (n + 1) ** 1.5, n % 3, 5, 0.1, 6, 10.0 * n) for n in range(64))
    few = halved(halved(halved(kept)))
    assert len(few) == 8
    for column in ("cpu_use", "gpu_power"):
        sums = [sum(getattr(it, column) * (it.stop - it.start) for it in some) for some in (kept, few)]
        assert sums[0] == pytest.approx(sums[1])


def test_the_memory_is_the_one_that_the_kernel_tells(tmp_path):
    (tmp_path / "statm").write_text("9000 2500 600 1 0 7000 0\n")
    assert resident_memory(tmp_path / "statm") == 2500 * 4096 or sys.platform != "linux"
    assert resident_memory(tmp_path / "elsewhere") is None


def test_a_sample_takes_little_time():
    taken = Sampling(CPU, 60)
    times = []
    for number in range(100):
        began = time.perf_counter()
        taken._keep(SystemSample(number, number + 1, 1.0, resident_memory()))
        times.append(time.perf_counter() - began)
    assert statistics.median(times) < 0.005


class NVMLError(Exception):
    """As pynvml has it."""


def nvml(refuses):
    """NVIDIA's library with one GPU, as pynvml has it; and how often it is open."""
    open_now = []

    def told(name, value):
        def answer(handle):
            assert handle == "GPU-1234"
            if name in refuses:
                raise NVMLError("Not Supported")
            return value

        return answer

    gib = 2**30
    library = SimpleNamespace(
        NVMLError=NVMLError,
        nvmlInit=lambda: open_now.append(None),
        nvmlShutdown=open_now.pop,
        nvmlDeviceGetHandleByUUID=told("handle", "GPU-1234"),
        nvmlDeviceGetUtilizationRates=told("rates", SimpleNamespace(gpu=87, memory=30)),
        nvmlDeviceGetMemoryInfo=told("memory", SimpleNamespace(total=80 * gib, free=60 * gib, used=20 * gib)),
        nvmlDeviceGetPowerUsage=told("power", 412_500),
    )
    return library, open_now


@pytest.fixture
def with_gpu(monkeypatch):
    """Samples of an attempt on a GPU, where the library refuses to tell these things."""
    properties = SimpleNamespace(uuid="1234")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: properties)

    def sampled(*refuses):
        library, open_now = nvml(refuses)
        monkeypatch.setitem(sys.modules, "pynvml", library)
        with Sampling(CUDA, 0.02) as taken:
            eventually(lambda: len(taken.samples()) >= 2)
            assert len(open_now) == 1  # asked again and again, it is opened once
        assert not open_now
        return {it[4:] for it in taken.samples()}

    return sampled


def test_a_gpu_tells_how_busy_it_is(with_gpu):
    assert with_gpu() == {(0.87, 20 * 2**30, 412.5)}


@pytest.mark.parametrize(
    ("refused", "left"),
    [
        ("rates", (None, 20 * 2**30, 412.5)),
        ("memory", (0.87, None, 412.5)),
        ("power", (0.87, 20 * 2**30, None)),
        ("handle", (None, None, None)),
    ],
)
def test_what_a_gpu_does_not_tell_is_missing(with_gpu, refused, left):
    assert with_gpu(refused) == {left}


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_real_gpu_tells_what_it_can():
    taken_memory = torch.empty(2**28, dtype=torch.uint8, device=CUDA)
    with Sampling(CUDA, 0.5) as taken:
        eventually(lambda: taken.samples())
    _, _, _, _, busy, memory, power = taken.samples()[0]
    assert 0 <= busy <= 1
    assert memory >= taken_memory.numel()
    assert power is None or 10 < power < 2000


def test_without_the_library_of_gpus_there_are_no_values_and_no_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with Sampling(CUDA, 0.02) as taken:
        eventually(lambda: taken.samples())
    assert taken.samples()[0][4:] == (None, None, None)


@pytest.fixture
def slow_epochs(monkeypatch):
    """Epochs that wait for two samples each; quick ones."""
    monkeypatch.setattr(sampling, "SECONDS", 0.02)
    real, made = attempt.train, []
    init = Sampling.__init__

    def noted(self, *arguments):
        init(self, *arguments)
        made.append(self)

    def train(state):
        for records in real(state):
            wanted = len(made[-1].samples()) + 2
            eventually(lambda wanted=wanted: len(made[-1].samples()) >= wanted)
            yield records

    monkeypatch.setattr(Sampling, "__init__", noted)
    monkeypatch.setattr(attempt, "train", train)
    return made


def test_a_run_leaves_its_samples_in_the_store(registered, slow_epochs):
    key = registered.keys[0]
    run_trial(key, registered.assignment)
    found = attempt_samples(registered.store, key)
    assert found == {1: slow_epochs[-1].samples()}
    assert len(found[1]) >= 6
    assert not [thread for thread in threading.enumerate() if thread.name == "gst-sampling"]


@pytest.mark.slow
def test_a_run_without_a_store_brings_them_along(slow_epochs, tmp_path):
    offline = Offline(spec_of(seeds="1"), tmp_path / "out", tmp_path / "data", CPU)
    assert train_all(offline, lambda ended: None) == []
    with Store.open(str(tmp_path / "imported.db"), create=True) as store:
        store.merge(offline.folder)
        keys = [key for (key,) in store.query("SELECT key FROM runs ORDER BY run_id").rows]
        found = {it for key in keys for it in attempt_samples(store, key)[1]}
    assert found == {it for made in slow_epochs for it in made.samples()}
    assert len(found) >= 12
