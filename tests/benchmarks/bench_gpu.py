"""How near training comes to a GPU's limit: one run alone, and many that share it.

    python tests/benchmarks/bench_gpu.py [--seconds 420] [--json FILE]
    python tests/benchmarks/bench_gpu.py --quick        # all of it once and tiny, without a GPU too

VGG11 of Figure 2 and two ResNets of Figure 4, with 30% of the filters removed that their sweeps prune,
train in batches of 128 on random images of 32x32 that lie on the GPU:

    graph     an epoch of gst.training as it is: on a GPU its steps are replays of one CUDA graph
    eager     the same, each step taken kernel by kernel
    compile   the same, and the network through torch.compile
    loader    the usual loop: a DataLoader with workers, and a number read at every step

`limit` is the rate over that of a large matrix product of the same precision in the same run, `runs/h` whole
runs of the sweep on CIFAR-10 with a test after each epoch, counted by its operations at the same rate. For
one run the median of its epochs counts, for several what they do together in a common span of time. `tuned`
lets cuDNN try its algorithms. What there is no time for is named at the end. On a GPU all of it has run
but `compile` and several runs of ResNet20 or in bf16: those have not been seen to run anywhere.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import platform
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import torch
from gpu_runs import LAYOUTS, NETWORKS, PRECISIONS, Run, Setting, Size, config_of, random_images
from torch.utils.flop_counter import FlopCounterMode

from gst.launch.gpu import gpu_of
from gst.training.optim import precision

QUICK = Size("cuda" if torch.cuda.is_available() else "cpu", 4, 3, 1 / 16, 0.05, 0.1, (1, 2), 256, "eager", 1)
EPOCH = 50_000 + 10_000 / 3  # CIFAR-10's training images, and its test images, which need no backward pass


class Measured(NamedTuple):
    rate: float  # images per second, of all runs together
    memory: int = 0  # bytes at the most


def alone(setting: Setting, size: Size) -> Measured:
    forget(size)
    run = Run(setting, size, random_images(size))
    seconds = statistics.median(run.seconds(size.alone))
    return Measured(len(run.state.dataset.train.labels) / seconds, peak_memory(size))


def by_streams(setting: Setting, size: Size) -> Measured:
    """Runs of one process, each in a thread and a stream of its own."""
    forget(size)
    on_gpu, data = size.device == "cuda", random_images(size)
    streams = [torch.cuda.Stream() if on_gpu else None for _ in range(setting.runs)]
    runs, rates = [], []
    for stream in streams:
        with torch.cuda.stream(stream) if stream else nullcontext():
            runs.append(Run(setting, size, data))

    def train(run: Run, stream: torch.cuda.Stream | None) -> None:
        with torch.cuda.stream(stream) if stream else nullcontext():
            rates.append(run.rate(size.together))

    threads = [threading.Thread(target=train, args=pair) for pair in zip(runs, streams, strict=True)]
    with precision(setting.precision, torch.device(size.device)):  # or the first to end would end it for all
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return Measured(sum(rates), peak_memory(size))


class Processes:
    """Processes that train beside each other, one run each; they start once."""

    def __init__(self, size: Size) -> None:
        context = multiprocessing.get_context("spawn")
        pipes = [context.Pipe() for _ in range(max(size.runs))]
        self.ends = [here for here, _ in pipes]
        self.all = [context.Process(target=worker, args=(there, size), daemon=True) for _, there in pipes]
        for process in self.all:
            process.start()

    def stop(self) -> None:
        for process in self.all:
            process.terminate()
            process.join()

    def __call__(self, setting: Setting, _: Size) -> Measured:
        for message in (setting, "go"):  # nobody goes before all are ready
            for end in self.ends[: setting.runs]:
                end.send(message)
            found = [end.recv() for end in self.ends[: setting.runs]]
        return Measured(sum(it.rate for it in found), sum(it.memory for it in found))


def worker(end: Connection, size: Size) -> None:
    """Get a run ready, say so, and train it when told to; again and again."""
    torch.set_num_threads(1)
    data = random_images(size)
    while True:
        run = Run(end.recv(), size, data)
        end.send("ready")
        end.recv()
        end.send(Measured(run.rate(size.together), peak_memory(size)))
        del run
        forget(size)


def peak_memory(size: Size) -> int:
    """Bytes that were in use at the most since all was forgotten."""
    return torch.cuda.max_memory_allocated() if size.device == "cuda" else 0


def forget(size: Size) -> None:
    """Give back what earlier runs had."""
    gc.collect()
    if size.device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def matrix_rate(kind: str, size: Size) -> float:
    """Operations per second of a large matrix product on random numbers."""
    dtype = torch.bfloat16 if kind == "bf16" else torch.float32
    one, other = (torch.randn(size.square, size.square, device=size.device, dtype=dtype) for _ in range(2))
    seconds = []
    with precision("tf32" if kind == "tf32" else "fp32", one.device):
        for _ in range(5):
            began = time.perf_counter()
            for _ in range(4):
                product = one @ other
            product[0, 0].item()
            seconds.append((time.perf_counter() - began) / 4)
    return 2 * size.square**3 / statistics.median(seconds)


@cache
def operations(network: str, size: Size) -> int:
    """Floating-point operations for one image: forward and backward pass."""
    size = size._replace(device="cpu", batch=2, steps=1)
    run = Run(Setting(network, "fp32", "nchw", "eager"), size, random_images(size))
    with FlopCounterMode(display=False) as counted:
        run.epoch(1)
    return counted.get_total_flops() // size.batch


def check(network: str, size: Size) -> None:
    """Say whether a graph trains as gst.training does."""
    runs = (
        Run(Setting(network, "fp32", "nchw", mode), size, random_images(size)) for mode in ("eager", "graph")
    )
    eager, graph = (run.epoch(1) for run in runs)
    told = "the same" if abs(graph / eager - 1) < 0.02 else "NOT THE SAME"
    print(f"{network}: loss of the second epoch {eager:.4f}, as a graph {graph:.4f}: {told}", flush=True)


class Table:
    """Lines that are printed as they come, and kept; after `seconds` nothing new is begun."""

    def __init__(self, machine: str, size: Size, seconds: float, file: Path | None) -> None:
        self.machine, self.size, self.file = machine, size, file
        self.end = time.perf_counter() + seconds
        self.limits = {kind: matrix_rate(kind, size) for kind in PRECISIONS}
        self.rows: list[dict[str, Any]] = []
        self.left_out: list[str] = []
        limits = ", ".join(f"{kind} {rate / 1e12:.1f}" for kind, rate in self.limits.items())
        print(f"matrix product of {size.square} rows, TFLOP/s: {limits}")
        print(f"{'':57} {'images/s':>10} {'TFLOP/s':>8} {'limit':>6} {'GiB':>6} {'runs/h':>8}", flush=True)

    def measure(self, setting: Setting, how: Callable[[Setting, Size], Measured]) -> None:
        """One line more, if there is time."""
        if time.perf_counter() > self.end:
            self.left_out.append(" ".join(str(setting).split()))
            return
        try:
            found = how(setting, self.size)
        except (RuntimeError, EOFError, OSError) as error:
            print(f"{setting} failed: {type(error).__name__} {str(error).strip()[:200]}", flush=True)
            return
        rate = found.rate * operations(setting.network, self.size)
        epochs = config_of(setting.network, setting.precision, self.size).training.epochs
        row = {
            "images_per_second": found.rate,
            "tflops": rate / 1e12,
            "share_of_limit": rate / self.limits[setting.precision],
            "peak_gib": found.memory / 2**30,
            "runs_per_hour": 3600 * found.rate / (epochs * EPOCH),
        }
        self.rows.append(setting._asdict() | row)
        images, tflops, share, memory, runs = row.values()
        print(f"{setting} {images:10,.0f} {tflops:8.2f} {share:6.1%} {memory:6.2f} {runs:8.1f}", flush=True)
        if self.file:
            content = {"machine": self.machine, "limits": self.limits, "rows": self.rows}
            self.file.write_text(json.dumps(content, indent=1) + "\n")


def singles() -> Iterator[Setting]:
    """One run alone."""
    for network in NETWORKS:
        for kind in PRECISIONS:
            for layout in LAYOUTS:
                for mode in ("eager", "graph"):
                    yield Setting(network, kind, layout, mode)
        yield Setting(network, "tf32", "nchw", "loader")
        yield Setting(network, "bf16", "channels_last", "graph", tuned=True)


def shared(network: str, size: Size) -> Iterator[Setting]:
    """Runs that share the GPU: as gst trains them today, and as fast as it goes."""
    for kind, layout, mode in (
        ("tf32", "nchw", "eager"),
        ("tf32", "channels_last", "graph"),
        ("bf16", "channels_last", "graph"),
    ):
        for runs in size.runs:
            yield Setting(network, kind, layout, mode, runs)


def main(given: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    size = QUICK if given.quick else Size()
    machine = machine_of(size)
    print(machine, flush=True)
    for network in NETWORKS:
        check(network, size)
    table = Table(machine, size, given.seconds, given.json)
    for setting in singles():
        table.measure(setting, alone)
    share(table, "vgg11")
    for network in NETWORKS:  # to compile takes long
        table.measure(Setting(network, "bf16", "channels_last", "compile"), alone)
    share(table, "resnet20")
    print("no time for: " + ("; ".join(table.left_out) or "nothing, all was measured"))


def share(table: Table, network: str) -> None:
    processes = Processes(table.size)
    for setting in shared(network, table.size):
        table.measure(setting._replace(by="processes"), processes)
        table.measure(setting._replace(by="streams"), by_streams)
    processes.stop()


def machine_of(size: Size) -> str:
    software = f"{os.cpu_count()} cores, Python {platform.python_version()}, torch {torch.__version__}"
    if size.device == "cpu":
        return f"{platform.platform()}, {software}"
    gpu = gpu_of(torch.device("cuda"))
    driver = f", driver {gpu.driver}" if gpu else ""
    return f"{torch.cuda.get_device_name()}{driver}, cuDNN {torch.backends.cudnn.version()}, {software}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=420, help="nothing is begun after them")
    parser.add_argument("--json", type=Path, help="a file for all numbers")
    parser.add_argument("--quick", action="store_true", help="all of it once and tiny, without a GPU too")
    arguments = parser.parse_args()
    if arguments.quick or torch.cuda.is_available():
        main(arguments)
    else:
        print("there is no GPU here; --quick does all of it once, tiny, on the CPU")
