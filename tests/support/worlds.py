"""Stores made from numbers: what shipped sweeps would come to if each arm had the means that a table says.

Arms, configurations and seeds are those of the sweep file, so that nothing deviates from the published
experiment; means and standard deviations over the runs of an arm are exactly those of the table.

    fill_world(path, {"fig2_vgg11": [{"*": {"test_accuracy": (85.2, 0.1)}, "Prune*": {"stability": 99.8}}]})
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from level_worlds import level_yields
from numpy.typing import NDArray
from stores import SCRATCH, Run, flatness_of, normality_of, records_of

from gst.config import RunConfig, RunSpec, load_sweep, run_key
from gst.paths import project_folder
from gst.records import EpochRecords, Flatness, Normality, PerturbationLoss, rows
from gst.store import Store
from gst.store.connect import connect, parsed, writing
from gst.store.schema import YIELDED, runs
from gst.store.utc_time import Present

Numbers = float | tuple[float, float] | tuple[float, float, float]
"""A quantity over the runs of an arm: its mean; its standard deviation, none if not given; its correlation
with the quantity of the arm that has a 1 there, none if not given."""
Arms = dict[str, dict[str, Numbers]]
"""Numbers by quantity, in the units of published.yaml, by pattern of arms; later patterns come first."""
Sweeps = Mapping[str, Sequence[Arms]]
"""The tables of each sweep; later ones change earlier ones."""


class World(NamedTuple):
    """What a paper's sweeps come to in its own words, and the opposite, as changes to that; by sweep.

    There are several opposites where claims have none in common: x rises with y, y with z, and x with z.
    `unknown` has the reason for each claim, by figure and sentence, that the paper's numbers leave undecided.
    """

    paper: Mapping[str, Arms]
    opposites: tuple[Mapping[str, Arms], ...]
    unknown: Mapping[tuple[str, str], str] = {}

    def tables(self, opposite: int | None = None) -> Sweeps:
        """The tables of the paper's world, or of that opposite one."""
        changes = {} if opposite is None else self.opposites[opposite]
        return {sweep: [arms, changes.get(sweep, {})] for sweep, arms in self.paper.items()}


def fill_world(path: Path, sweeps: Sweeps) -> None:
    """Add completed runs of these shipped sweeps to the store; one of several sweeps is as in the first."""
    with Store.open(str(path)) as store:
        specs = [load_sweep(project_folder("sweeps") / f"{name}.yaml") for name in sweeps]
        for spec in specs:
            store.register(spec)
    engine = connect(parsed(str(path)))
    insert = {table.name: sa.insert(table) for table in YIELDED}
    with writing(engine).begin() as connection:
        for spec, tables in zip(specs, sweeps.values(), strict=True):
            waiting = {row.key: row.run_id for row in connection.execute(_PENDING)}
            for arm, config, seeds in spec.configs:
                values = values_of(arm, len(seeds), tables)
                for place, seed in enumerate(seeds):
                    run_id = waiting.pop(run_key(RunSpec(config, seed)), None)
                    if run_id is None:
                        continue
                    of_run = {quantity: float(it[place]) for quantity, it in values.items()}
                    of_levels = "test_error" in of_run
                    made = level_yields(config, of_run) if of_levels else yields(arm, seed, config, of_run)
                    found = list(made)
                    for records in found:
                        for table, its in rows(records, run_id=run_id):
                            connection.execute(insert[table], its)
                    connection.execute(_COMPLETE, {"the_run": run_id, "the_epoch": found[-1].epoch.epoch})
    engine.dispose()


_PENDING = sa.select(runs.c.key, runs.c.run_id).where(runs.c.status == "pending")
_COMPLETE = (
    sa.update(runs)
    .where(runs.c.run_id == sa.bindparam("the_run"))
    .values(
        status="completed", attempt=1, last_epoch=sa.bindparam("the_epoch"),
        furthest_epoch=sa.bindparam("the_epoch"), seconds=1.0, started=Present(),
        heartbeat=Present(), ended=Present(),
    )
)  # fmt: skip


def values_of(arm: str, n: int, tables: Sequence[Arms]) -> dict[str, NDArray[np.float64]]:
    """Each quantity of the n runs of an arm."""
    numbers: dict[str, Numbers] = {}
    for table in tables:
        for pattern, its in table.items():
            if fnmatchcase(arm, pattern):
                numbers |= its
    common = pattern_of(n, arm)
    return {quantity: _values(it, common, f"{arm} {quantity}") for quantity, it in numbers.items()}


def _values(numbers: Numbers, common: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    mean, sd, r = (*(numbers if isinstance(numbers, tuple) else (numbers,)), 0.0, 0.0)[:3]
    own = pattern_of(len(common), name, beside=common)
    values: NDArray[np.float64] = mean + sd * (r * common + sqrt(1 - r * r) * own)
    return values


def pattern_of(n: int, name: str, *, beside: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """n numbers of mean 0 and standard deviation 1, uncorrelated with those `beside`, drawn by the name."""
    drawn: NDArray[np.float64] = np.random.default_rng(zlib.crc32(name.encode())).normal(size=n)
    drawn -= drawn.mean()
    if beside is not None:
        drawn -= beside * (drawn @ beside) / (beside @ beside)
    drawn /= drawn.std(ddof=1)
    return drawn


def yields(arm: str, seed: int, config: RunConfig, it: Mapping[str, float]) -> Iterator[EpochRecords]:
    """The epochs of a run with these numbers; of one that prunes or perturbs the second has the event."""
    final = it["test_accuracy"] / 100
    previous, before = 0.1, 0.8
    events = []
    if config.pruning.kind not in ("none", "extended"):
        after = before * it["stability"] / 100 if "stability" in it else before - it.get("mean_drop", 0) / 100
        events = [(1, before, after)]
        previous = after + it.get("last_event_drop_from_previous_epoch", 0) / 100
    if getattr(config.pruning, "scratch", False):
        events, previous = [(SCRATCH, before, before)], 0.1
    ending = final - it["final_removal_drop"] / 100 if "final_removal_drop" in it else None
    accuracies = [(1.0, previous), (1.0, 0.1), (final + it.get("generalization_gap", 0) / 100, final)]
    run = Run(arm, seed, accuracies, events, ending=ending, measured=[*flatness(it), *normality(it)])
    return (records_of(run, epoch) for epoch in range(len(accuracies)))


def flatness(it: Mapping[str, float]) -> Iterator[Flatness]:
    """A measurement at the last epoch, where any of its quantities has a number."""
    if "hessian_trace" in it:
        leading = it["hessian_eigenvalue"]
        yield flatness_of(
            2,
            [leading] * 10,
            hessian_trace=it["hessian_trace"],
            significant_trace=it["hessian_trace"],
            gradient_trace=it["gradient_covariance_trace"],
            tic=it["tic"],
            epsilon=it["epsilon"],
            losses=tuple(
                PerturbationLoss(rank, 0.1, rise / 100)
                for rank, rise in enumerate(ordered(it["loss_rise_by_rank"], 10))
            ),
        )


def normality(it: Mapping[str, float]) -> Iterator[Normality]:
    """Eight layers before and after training, where they have a growth of the distance from normal."""
    if "normality_distance_growth" in it:
        for place, rank in enumerate(ordered(it["normality_distance_by_depth"], 8)):
            distance = 0.2 + (rank - 3.5) / 100
            yield normality_of(SCRATCH, f"norm{place}", ks=0.2 - it["normality_distance_growth"])
            yield normality_of(2, f"norm{place}", ks=distance)


def ordered(tau: float, n: int) -> list[int]:
    """The numbers below n in an order whose Kendall's tau with a rising one is as near to `tau` as can be."""
    inversions = round((1 - max(-1.0, min(1.0, tau))) * n * (n - 1) / 4)
    rest, found = list(range(n)), []
    while rest:  # what is taken from place k comes before k smaller ones
        k = min(inversions, len(rest) - 1)
        found.append(rest.pop(k))
        inversions -= k
    return found
