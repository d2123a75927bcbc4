"""What Ray Tune adds to a run: the same runs through Ray, one at a time, and in one plain process.

    python tests/benchmarks/bench_trial_overhead.py [RUNS] [ROUNDS]

Runs of two epochs on a few digits, so that what is around the training shows. Ray gets one CPU: it
too has one run at a time. All processes share one core, where the system allows that (Linux): a core that
is free for Ray's own would hide what they cost, as there is none where all cores train.
A sweep of few runs and one of many tell the cost of a sweep (a worker that
starts and imports torch) from that of a run. The two engines take turns, so that a slow moment of the
machine hits both; medians over the rounds are printed.
"""

# ruff: noqa: T201, E402

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from gst.launch.environment import LOCAL, prepare

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # inherited by all that is started
prepare(LOCAL)
import torch
from judged import judge, machine
from ray import __version__ as ray_version

from gst.config.execution import Resources
from gst.launch import preflight, ray, tune
from gst.launch.drive import Engine, drive
from gst.launch.trial import Assignment, run_all
from gst.store import Store

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from stores import run_config, sweep_of

FEW = 4


class Cost(NamedTuple):
    """Seconds of a sweep before its first run, and of each run."""

    sweep: float
    run: float


def seconds(engine: Engine, runs: int, folder: Path) -> float:
    """How long the engine takes for a new sweep of so many runs."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        url = f"sqlite:///{Path(place) / 'gst.db'}"
        with Store.open(url, create=True) as store:
            sweep_id = store.register(sweep_of({"arm": run_config(epochs=2)}, range(runs)))
            assignment = Assignment(url, sweep_id, 0, folder, folder, 1, 0, 30.0)
            began = time.perf_counter()
            problems = drive(store, assignment, engine)
            taken = time.perf_counter() - began
            assert not problems, problems
            assert store.progress(sweep_id).counts["completed"] == runs
    return taken


def cost(few: float, many: float, runs: int) -> Cost:
    """What a sweep and what a run costs, from a sweep of FEW runs and one of so many."""
    each = (many - few) / (runs - FEW)
    return Cost(few - FEW * each, each)


def main(runs: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(dir=".") as place:
        folder = Path(place).absolute()
        seconds(run_all, FEW, folder)  # imports, and the first touch of everything
        needs = preflight.Needs(Resources(), "", folder, folder, ())
        began = time.perf_counter()
        with (
            ray.cluster(LOCAL, cpus=1) as machines,
            preflight.admission(machines, needs, joinable=False) as admitted,
        ):
            started = time.perf_counter() - began
            engines: dict[str, Engine] = {
                "one plain process": run_all,
                "Ray Tune, one CPU": tune.engine(admitted),
            }
            taken: dict[tuple[str, int], list[float]] = {}
            for _ in range(rounds):
                for count in (FEW, runs):
                    for name, engine in engines.items():
                        taken.setdefault((name, count), []).append(seconds(engine, count, folder))
    print(f"{machine()}, torch {torch.__version__}, Ray {ray_version}")
    print(f"median of n = {rounds} rounds; ray.init {started:.1f} s (once)")
    print(f"{'seconds':20} {f'{FEW} runs':>10} {f'{runs} runs':>10} {'a sweep':>10} {'a run':>10}")
    costs = {}
    for name in engines:
        few, many = (statistics.median(taken[name, count]) for count in (FEW, runs))
        costs[name] = cost(few, many, runs)
        print(f"{name:20} {few:10.2f} {many:10.2f} {costs[name].sweep:10.2f} {costs[name].run:10.3f}")
    plain, through_ray = costs.values()
    print(f"{'Ray Tune adds':42} {through_ray.sweep - plain.sweep:10.2f} {through_ray.run - plain.run:10.3f}")
    judge("A tiny run through Ray, one core", "s", through_ray.run, "gst without Ray", plain.run, rounds)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [64, 3][len(given) :]))
