"""The looks of a sweep with a group-sequential design: each decides once, and enters what comes next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, column, func, insert, select, table

from gst.config import RunSpec, config_from_json
from gst.config.design import Design, stored_design
from gst.store.claim import refuse_superseded
from gst.store.register import enter, member
from gst.store.schema import ENDED, configs, looks, runs, sweep_runs, sweeps
from gst.store.sweeps import lock
from gst.store.utc_time import present


class Look(NamedTuple):
    """A decision: a row of `looks`. Estimate and interval are of the mean difference, in fractions of 1.

    They are None where there was nothing to test; the interval alone where no alpha was spent.
    """

    look: int
    seeds: int
    pairs: int
    estimate: float | None
    low: float | None
    high: float | None
    p: float | None
    level: float
    decision: str
    decided: datetime


def design_of(connection: Connection, sweep_id: int) -> Design | None:
    """The sweep's design, if it has one."""
    found = connection.execute(select(sweeps.c.design).where(sweeps.c.sweep_id == sweep_id)).scalar()
    return None if found is None else stored_design(found)


def looks_of(connection: Connection, sweep_id: int) -> tuple[Look, ...]:
    """What the sweep decided so far, look by look."""
    columns = [looks.c[name] for name in Look._fields]
    query = select(*columns).where(looks.c.sweep_id == sweep_id).order_by(looks.c.look)
    return tuple(Look(*row) for row in connection.execute(query))


def decide(connection: Connection, sweep_id: int, driver_epoch: int) -> Look | None:
    """See Store.decide."""
    lock(connection, sweeps.c.sweep_id == sweep_id)
    refuse_superseded(connection, sweep_id, driver_epoch)
    design, before = design_of(connection, sweep_id), looks_of(connection, sweep_id)
    if design is None or (before and before[-1].decision != "continue"):
        return None
    differences = _differences(connection, sweep_id, design, design.looks[len(before)])
    if differences is None:
        return None
    look = decided(design, [it.pairs for it in before], differences, present(connection))
    connection.execute(insert(looks).values(sweep_id=sweep_id, **look._asdict()))
    if look.decision == "continue":
        _enter_next(connection, sweep_id, design, look)
    return look


def decided(design: Design, before: Sequence[int], differences: Sequence[float], moment: datetime) -> Look:
    """The look that comes after those with so many pairs, given the paired differences of all its seeds.

    Alpha is spent by the planned share of the seeds, whatever number of pairs is there.
    """
    # Here, because of all that use a store only a driver needs scipy.
    from gst.stats.sequential import FEWEST_PAIRS, FUTILE, interim, nominal_levels, predictive_power

    at, pairs = len(before), len(differences)
    seen = [count if count >= FEWEST_PAIRS else 0 for count in (*before, pairs)]
    planned = [*seen, *design.looks[at + 1 :]]
    levels = nominal_levels(planned, design.fractions, alpha=design.alpha, spending=design.spends)
    found = interim(differences, float(levels[at]))
    last = at + 1 == len(design.looks)
    decision = "last" if last else "continue"
    if found is not None:
        if design.width is not None:
            decision = "width" if found.width <= design.width / 100 else decision
        elif found.crossed:
            decision = "reject"
        elif design.futility and not last:
            power = predictive_power(found.p, pairs / design.looks[-1], float(levels[-1]))
            decision = "futility" if power < FUTILE else decision
    return Look(
        look=at + 1,
        seeds=design.looks[at],
        pairs=pairs,
        estimate=None if found is None else found.estimate,
        low=None if found is None or math.isinf(found.low) else found.low,
        high=None if found is None or math.isinf(found.high) else found.high,
        p=None if found is None else found.p,
        level=float(levels[at]),
        decision=decision,
        decided=moment,
    )


def _differences(connection: Connection, sweep_id: int, design: Design, count: int) -> list[float] | None:
    """The paired differences of the first so many seeds, or None while a run of theirs has not ended.

    A seed is left out whose run failed, diverged or was cancelled in one of the arms.
    """
    summary = table("run_summary", column("run_id"), column(design.question.of))
    query = (
        select(sweep_runs.c.arm, runs.c.seed, runs.c.status, summary.c[design.question.of])
        .join(runs, runs.c.run_id == sweep_runs.c.run_id)
        .join(summary, summary.c.run_id == runs.c.run_id)
        .where(
            sweep_runs.c.sweep_id == sweep_id,
            sweep_runs.c.arm.in_(design.question.difference),
            runs.c.seed.in_(design.seeds[:count]),
        )
    )
    values: dict[tuple[str, int], float] = {}
    for arm, seed, status, value in connection.execute(query):
        if status not in ENDED:
            return None
        if status == "completed" and value is not None:
            values[arm, seed] = value
    first, second = design.question.difference
    pairs = ((values.get((first, seed)), values.get((second, seed))) for seed in design.seeds[:count])
    return [one - two for one, two in pairs if one is not None and two is not None]


def _enter_next(connection: Connection, sweep_id: int, design: Design, look: Look) -> None:
    """Enter the runs of the look after this one, where the file with all its seeds has them."""
    place = func.min(sweep_runs.c.position)
    of_config = (configs.c.config_id, configs.c.hash, configs.c.config)
    columns = (sweep_runs.c.arm, sweep_runs.c.measure, *of_config)
    query = (
        select(*columns)
        .join(runs, runs.c.run_id == sweep_runs.c.run_id)
        .join(configs, configs.c.config_id == runs.c.config_id)
        .where(sweep_runs.c.sweep_id == sweep_id)
        .group_by(*columns)
        .order_by(place)
    )
    members, config_ids = [], {}
    # Some runs of an arm may have the key of a former gst, and with it another row of the configuration.
    of_arms: dict[str, Any] = {}
    for row in connection.execute(query):
        of_arms.setdefault(row.arm, row)
    for number, row in enumerate(of_arms.values()):
        arm, measure, config_id, digest, text = row
        config = config_from_json(text)
        config_ids[digest] = config_id
        for seed in design.seeds_of(look.look + 1):
            position = number * len(design.seeds) + seed - design.start
            members.append(member(RunSpec(config, seed), digest, arm, position, measure))
    enter(connection, sweep_id, members, config_ids, look.decided)
