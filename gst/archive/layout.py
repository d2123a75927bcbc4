"""The columns of the tables that training fills, for machines that know no database.

Those of records follow from gst.records. A test compares all of them with the tables of the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints

from gst.archive.column import Column, Kind
from gst.records import LAYOUTS, TABLES, Loss

_COLUMNS = {
    "sweeps": "name text, digest text, title text, claim text, text text, figures json,"
    " driver_epoch integer, registered time, design json?, options text?",
    "configs": "hash text, config text, dataset text, train_per_class integer?, augment boolean,"
    " label_noise float, model text, epochs integer, batch_size integer, optimizer text, lr float,"
    " weight_decay float, precision text, kind text, score text?, target text?, layers text?,"
    " scratch boolean, prune_start integer?, prune_end integer?, retrain_period integer?,"
    " iterative_rate float?, total_fraction float?, train_batches integer?, scale float,"
    " width float, validation float, levels integer?, rewind text?, rewind_epoch integer?,"
    " el2n_networks integer?, el2n_epochs integer?, branch_epoch integer?",
    "datasets": "name text, train integer, test integer, classes integer, content_hash text, source text",
    "runs": "key text, config_hash text, seed integer, status text, reason text?, attempt integer,"
    " stall integer, last_epoch integer?, furthest_epoch integer?, checkpoint text?,"
    " checkpoint_epoch integer?, seconds float, created time, started time?, heartbeat time?,"
    " ended time?, sweep_name text?, sweep_digest text?, driver_epoch integer?,"
    " checkpoint_sha256 text?, earlier_checkpoint text?, earlier_epoch integer?, earlier_sha256 text?,"
    " el2n_epoch integer?",
    "sweep_runs": "sweep_name text, sweep_digest text, run_key text, arm text, position integer,"
    " measure text?",
    "attempts": "run_key text, attempt integer, sweep_name text, sweep_digest text, driver_epoch integer,"
    " first_epoch integer, dataset_name text?, dataset_content_hash text?, host text, pid integer,"
    " device text, gpu text?, gpu_driver text?, cuda text?, torch text, python text, gst text,"
    " git_commit text?, git_dirty boolean?, precision text, deterministic boolean, started time,"
    " ended time?, outcome text?, traceback text?, log_tail text?, peak_memory integer?, seconds float?,"
    " cpus float?, gpus float?, fallback text?, numerics integer?",
    "system_samples": "run_key text, attempt integer, sample integer, start float, stop float,"
    " cpu_use float, memory integer?, gpu_use float?, gpu_memory integer?, gpu_power float?",
}


def columns_told(text: str) -> tuple[Column, ...]:
    """The columns that a text such as `key text, seed integer?` tells; those with a ? may be empty."""
    return tuple(_column(*it.split()) for it in text.split(","))


def _column(name: str, kind: str) -> Column:
    assert kind.removesuffix("?") in get_args(Kind), kind
    return Column(name, cast(Kind, kind.removesuffix("?")), nullable=kind.endswith("?"))


def _of_record(kind: type) -> tuple[Column, ...]:
    """The columns of a kind of record: its run, the name of what it is part of, and its own fields."""
    whole = next((it for it, layout in LAYOUTS.items() if kind in layout.parts.values()), None)
    name = () if whole is None else _fields(whole, LAYOUTS[whole].name)
    return (Column("run_key", "text", False), *name, *_fields(kind, LAYOUTS[kind].columns))


def _fields(kind: type, names: Iterable[str]) -> tuple[Column, ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(_field(name, hints[name]) for name in names)


_KINDS: Mapping[Any, Kind] = {int: "integer", float: "float", str: "text", bool: "boolean"}


def _field(name: str, hint: Any) -> Column:
    """A field as a column: lists are JSON, and a loss may be missing."""
    types = [it for it in get_args(hint) if it is not NoneType] if isinstance(hint, UnionType) else [hint]
    nullable = hint is Loss or isinstance(hint, UnionType)
    (one,) = types
    if hint is Loss:
        return Column(name, "float", nullable)
    kind: Kind = "json" if get_origin(one) is tuple else "text" if get_origin(one) is Literal else _KINDS[one]
    return Column(name, kind, nullable)


UNTRIED: Mapping[str, object] = {"status": "pending", "attempt": 0, "stall": 0, "seconds": 0.0}
"""Columns of a run that nobody has begun; all others but those that name it are empty."""

TRAINED: Mapping[str, tuple[Column, ...]] = {
    **{name: columns_told(text) for name, text in _COLUMNS.items()},
    **{table: _of_record(kind) for kind, table in TABLES.items()},
}
"""By table, the columns of archives; ids of one database are replaced by what a row is called everywhere."""
