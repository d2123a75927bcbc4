"""In what the runs of a sweep's arms differ that should be alike: their data, software and devices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from gst.store.same_data import kept
from gst.store.schema import attempts, configs, datasets, runs, sweep_runs
from gst.words import counted, short

if TYPE_CHECKING:
    from gst.store.store import Store

Runs = dict[int, dict[str, None]]
"""The values of each run, in the order of its attempts."""

SHOWN = 4
"""Values of which a sentence tells the number of runs."""


class Mixture(NamedTuple):
    """What differs (data, torch, device, ...), and how, in a sentence without its full stop."""

    what: str
    words: str


class _Trained(NamedTuple):
    """An attempt of which epochs are kept."""

    arm: str
    run_id: int
    label: str
    asked_precision: str
    data: str | None
    torch: str
    device: str
    gpu: str | None
    precision: str
    gst: str
    numerics: int | None


class _Aspect(NamedTuple):
    """Something in which runs may differ: its value, in words for all, among runs of the same group."""

    value: Callable[[_Trained], str | None]
    told: Callable[[Runs], str]
    group: Callable[[_Trained], str] = lambda it: ""


def mixtures(store: Store, sweep_id: int) -> tuple[Mixture, ...]:
    """The differences within the sweep's arms, or else between them, one for each thing that differs.

    Only attempts of which epochs are kept count.
    """
    query = (
        select(
            *(sweep_runs.c.arm, runs.c.run_id, configs.c.dataset, configs.c.precision),
            datasets.c.content_hash,
            *(attempts.c[name] for name in ("torch", "device", "gpu", "precision", "gst", "numerics")),
        )
        .select_from(
            sweep_runs.join(runs, runs.c.run_id == sweep_runs.c.run_id)
            .join(configs, configs.c.config_id == runs.c.config_id)
            .join(attempts, attempts.c.run_id == runs.c.run_id)
            .outerjoin(datasets, datasets.c.dataset_id == attempts.c.dataset_id)
        )
        .where(sweep_runs.c.sweep_id == sweep_id, kept())
        .order_by(sweep_runs.c.position, attempts.c.attempt)
    )
    found = [_Trained._make(row) for row in store.select(query)]
    told = ((what, _words(aspect, found)) for what, aspect in _ASPECTS.items())
    return tuple(Mixture(what, words) for what, words in told if words)


def _words(aspect: _Aspect, found: Sequence[_Trained]) -> str:
    groups = sorted({aspect.group(it) for it in found})
    return "; ".join(filter(None, (_of_group(aspect, found, group) for group in groups)))


def _of_group(aspect: _Aspect, found: Sequence[_Trained], group: str) -> str:
    """How runs differ that should be alike; nothing where they do not."""
    valued = [(it, aspect.value(it)) for it in found if aspect.group(it) == group]
    if len({value for _, value in valued} - {None}) < 2:
        return ""
    arms: dict[str, Runs] = {}
    for it, value in valued:
        if value is not None:
            arms.setdefault(it.arm, {}).setdefault(it.run_id, {})[value] = None
    mixed = [arm for arm, of_runs in arms.items() if len(_different(of_runs)) > 1]
    every = {run_id: values for of_runs in arms.values() for run_id, values in of_runs.items()}
    if len(mixed) == 1:
        others = {value for it in arms.keys() - mixed for value in _different(arms[it])}
        if len(others) < 2 and others <= _different(arms[mixed[0]]):
            return f"runs differ in arm {mixed[0]!r}: {aspect.told(arms[mixed[0]])}"
    where = f"in {len(mixed)} of {len(arms)} arms" if mixed else "between arms"
    return f"runs differ {where}: {aspect.told(every)}"


def _different(of_runs: Runs) -> set[str]:
    return {value for values in of_runs.values() for value in values}


def _counts(of_runs: Runs, words: str) -> str:
    """`3 runs on data 1a2b3c, 2 on 9f8e7d, 1 on 1a2b3c then 9f8e7d`, the most frequent first."""
    counts = Counter(" then ".join(values) for values in of_runs.values()).most_common()
    (value, number), *others = counts[:SHOWN]
    preposition = words.partition(" ")[0]
    told = [f"{counted(number, 'run')} {words} {value}"]
    told += [f"{number:,} {preposition} {value}" for value, number in others]
    if more := counts[SHOWN:]:
        told.append(f"{sum(number for _, number in more):,} {preposition} {len(more)} more")
    return ", ".join(told)


def _versions(of_runs: Runs) -> str:
    """Versions of gst; of a single one the number of states of its files, most of which change no number."""
    bare = {
        run_id: dict.fromkeys(value.partition("+")[0] for value in values)
        for run_id, values in of_runs.items()
    }
    versions = _different(bare)
    if len(versions) > 1:
        return _counts(bare, "with gst")
    return f"{len(_different(of_runs))} states of the files of gst {versions.pop()}"


_ASPECTS: Mapping[str, _Aspect] = {
    "data": _Aspect(
        lambda it: it.data and short(it.data), partial(_counts, words="on data"), lambda it: it.label
    ),
    "torch": _Aspect(lambda it: it.torch, partial(_counts, words="with torch")),
    "device": _Aspect(lambda it: it.gpu or it.device.partition(":")[0], partial(_counts, words="on")),
    "precision": _Aspect(
        lambda it: it.precision, partial(_counts, words="in"), lambda it: it.asked_precision
    ),
    "gst": _Aspect(lambda it: it.gst, _versions),
    "arithmetic": _Aspect(
        lambda it: str(it.numerics or 1),
        partial(_counts, words="with gst's arithmetic of version"),
        lambda it: it.device.partition(":")[0],
    ),
}
