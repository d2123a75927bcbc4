"""Taking archives into a store that may have some of what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Engine, bindparam, delete, select, update

from gst.archive import Archive, Row, canonical, fingerprint
from gst.config import RunSpec
from gst.store.alive import ALIVE
from gst.store.bulk import chunks, insert_missing
from gst.store.register import insert_configs
from gst.store.schema import (
    MEASUREMENTS,
    YIELDED,
    attempts,
    configs,
    datasets,
    example_files,
    kept_states,
    looks,
    runs,
    sweep_runs,
    sweeps,
    system_samples,
)
from gst.store.sources import enter_sources, needs
from gst.store.sweeps import close_attempts, lock
from gst.store.transfer.difference import first_difference, measured_apart, stored_fingerprints
from gst.store.transfer.incoming import Incoming, Values
from gst.store.transfer.members import add_members, new_versions
from gst.store.transfer.merged import Conflicts, Merged
from gst.store.transfer.outgoing import RESULTS, named, streamed
from gst.store.transfer.tables import Layout, archived, layout, own_id
from gst.store.transfer.target import Name, Target
from gst.words import short

OWN = (sweeps, configs, datasets, runs, sweep_runs, looks, attempts, system_samples, *YIELDED)
"""Tables whose rows come with sweeps and runs; rows of all others are added to those that are here."""


def merge(engine: Engine, archives: Iterable[Archive], conflicts: Conflicts) -> Merged:
    """Take all of them in, in one transaction. Raises InputError, and changes nothing, if one cannot be."""
    incoming = map(Incoming, archives)
    same: dict[Name, int] = {}  # versions that are here by another digest
    first = next(incoming)  # the only one where it is large: checked before anybody has to wait for us
    merged = Merged()
    with engine.begin() as connection:
        for each in chain((first,), incoming):
            _Merge(Target(connection, each, same), each, merged, conflicts).run()
        if conflicts == "refuse":
            merged.refuse_conflicts()
    return merged


class _Merge:
    """One archive, in a transaction."""

    def __init__(self, target: Target, incoming: Incoming, merged: Merged, conflicts: Conflicts) -> None:
        self._target = target
        self._connection = target.connection
        self._incoming = incoming
        self._merged = merged
        self._conflicts = conflicts
        self._here: dict[str, Values] = {}  # rows of runs before, by key
        self._measured: set[str] = set()  # keys of runs here that the archive has measured in other ways

    def run(self) -> None:
        """Do it."""
        self._add_sweeps()
        self._add_configs()
        self._lock_runs()
        new = [key for key in self._incoming.runs if key not in self._here]
        replaced = self._to_replace()
        self._add_datasets()  # after the lock: who claims a run takes them in this order, too
        self._add_runs(new)
        self._add_sources()
        self._replace_runs(replaced)
        self._add_results({*new, *replaced})
        self._add_measurements()
        add_members(self._target, self._incoming)
        for table in archived():
            if table not in OWN:
                self._add_annotations(layout(table))

    def _add_sweeps(self) -> None:
        """Enter those that are new; whoever registers or drives one of all waits from here on."""
        new = new_versions(self._target, self._incoming)
        with self._target.fitting(sweeps):
            insert_missing(self._connection, sweeps, [new[name] for name in sorted(new)])
        ids = self._target.load(sweeps)
        mine = [ids[row["name"], row["digest"]] for row in self._incoming.sweeps]
        lock(self._connection, sweeps.c.sweep_id.in_(mine))
        self._merged.sweeps += len(new)

    def _add_configs(self) -> None:
        """The columns follow from the configuration, so what the archive says of them is not needed."""
        insert_configs(self._connection, self._incoming.configs, self._incoming.config_texts)
        self._target.load(configs, list(self._incoming.configs))

    def _add_datasets(self) -> None:
        rows = sorted(self._incoming.datasets, key=lambda row: (row["name"], row["content_hash"]))
        with self._target.fitting(datasets):
            insert_missing(self._connection, datasets, rows)
        self._target.load(datasets)

    def _lock_runs(self) -> None:
        """Whoever trains one of these runs cannot write, and nobody can claim one, until we are done."""
        for part in chunks(sorted(self._incoming.runs)):
            query = select(runs, ALIVE.label("alive")).where(runs.c.key.in_(part)).order_by(runs.c.key)
            query = query.with_for_update(key_share=True)  # other sweeps may make them their own
            self._here |= {row["key"]: dict(row) for row in self._connection.execute(query).mappings()}

    def _to_replace(self) -> list[str]:
        """The keys of runs here in whose place the archive's come."""
        chosen, compared = [], []
        for key, here in self._here.items():
            theirs = self._incoming.runs[key]
            if here["status"] in RESULTS and theirs["status"] in RESULTS:
                compared.append(key)
            elif not _better(theirs, here):
                self._merged.met(key, "kept")
            elif here["alive"]:
                self._merged.met(key, "busy")
            else:
                self._merged.met(key, "filled")
                chosen.append(key)
        return chosen + self._compare(compared)

    def _compare(self, keys: Sequence[str]) -> list[str]:
        """The keys of those with other results here, where they are to be replaced."""
        replaced = []
        run_ids = {self._here[key]["run_id"]: key for key in keys}
        mine = stored_fingerprints(self._connection, run_ids)
        trained_alike = {key for key in keys if self._trained_alike(key, mine[key])}
        apart = {key for key in trained_alike if mine[key] != self._incoming.results[key].fingerprints}
        measured = measured_apart(
            self._connection, {run_id: key for run_id, key in run_ids.items() if key in apart}, self._incoming
        )
        for key in keys:
            here, theirs = self._here[key]["status"], self._incoming.runs[key]["status"]
            what = measured[key].other if key in apart else None
            if key in trained_alike and what is None:
                more = key in apart and measured[key].more
                self._measured |= {key} if more else set()
                self._merged.met(key, "measured" if more else "same")
                continue
            if here != theirs:
                what = f"its status is {here} here, and {theirs} in {self._incoming.archive.path}"
            elif what is None:
                what = first_difference(self._connection, self._here[key]["run_id"], key, self._incoming)
            self._merged.conflicts.append(f"run {short(key)}: {what}")
            self._merged.met(key, "replaced" if self._conflicts == "take" else "kept")
            if self._conflicts == "take":
                replaced.append(key)
        return replaced

    def _trained_alike(self, key: str, fingerprints: Sequence[int]) -> bool:
        """Whether the run ended alike here and in the archive, with the same rows but for measurements."""
        if self._here[key]["status"] != self._incoming.runs[key]["status"]:
            return False
        both = zip(YIELDED, fingerprints, self._incoming.results[key].fingerprints, strict=True)
        return all(one == other for table, one, other in both if table not in MEASUREMENTS)

    def _add_runs(self, keys: Sequence[str]) -> None:
        rows = [tuple(_settled(self._incoming.runs[key]).values()) for key in sorted(keys)]
        self._target.insert(layout(runs), rows)
        self._target.load(runs, list(self._incoming.runs))
        for key in keys:
            self._merged.met(key, "new")

    def _add_sources(self) -> None:
        """They follow from configurations."""
        specs = {
            key: RunSpec(self._incoming.configs[row["config_hash"]], row["seed"])
            for key, row in self._incoming.runs.items()
        }
        enter_sources(self._connection, {key: needs(spec) for key, spec in specs.items()})

    def _replace_runs(self, keys: Sequence[str]) -> None:
        """Delete what those runs yielded, and make their rows the archive's; attempts go on counting."""
        of = layout(runs)
        kept = ("key", "config_id", "seed", "created")
        changed = [it.column.name for it in of.fields if it.column.name not in kept]
        values = []
        for key in keys:
            here, theirs = self._here[key], _settled(self._incoming.runs[key])
            theirs["attempt"] += here["attempt"]
            theirs["seconds"] += here["seconds"]
            (row,) = self._target.sql(of, [tuple(theirs.values())])
            elsewhere = {"artifacts": None}  # or nowhere: the archive does not say
            values.append({name: row[name] for name in changed} | elsewhere | {"the_run": here["run_id"]})
            if here["status"] == "running":  # and whoever trained it died some time ago
                of_run = attempts.c.run_id == here["run_id"]
                close_attempts(self._connection, of_run, outcome="lost", ended=here["heartbeat"])
        for part in chunks([self._here[key]["run_id"] for key in keys]):
            for table in (*YIELDED, kept_states, example_files):
                self._connection.execute(delete(table).where(table.c.run_id.in_(part)))
        if values:
            with self._target.fitting(runs):
                self._connection.execute(update(runs).where(runs.c.run_id == bindparam("the_run")), values)

    def _add_results(self, keys: set[str]) -> None:
        """The attempts, with their samples, and the yield of those runs."""
        for of in (layout(attempts), layout(system_samples)):
            for rows in self._of_runs(of, keys):
                self._target.insert(of, [self._attempt(row, of) for row in rows])
        for table in reversed(YIELDED):
            for rows in self._of_runs(layout(table), keys):
                self._target.insert(layout(table), rows)

    def _add_measurements(self) -> None:
        """Those of runs with the same results that are not here."""
        for table in reversed(MEASUREMENTS):
            for rows in self._of_runs(layout(table), self._measured):
                self._target.insert_missing(layout(table), rows)

    def _of_runs(self, of: Layout, keys: set[str]) -> Iterator[list[Row]]:
        place = of.position("run_key")
        for rows in self._incoming.rows(of.table) if keys else ():
            yield [row for row in rows if row[place] in keys]

    def _attempt(self, row: Row, of: Layout) -> Row:
        """The row with its attempt counted after those here; an open attempt is lost: it ended elsewhere."""
        values = of.named(row)
        key = values["run_key"]
        if key in self._here:
            values["attempt"] += self._here[key]["attempt"]
        if of.table is attempts and values["ended"] is None:
            ended = self._incoming.runs[key]["heartbeat"] or values["started"]
            seconds = max(0.0, (ended - values["started"]).total_seconds())
            values |= {"outcome": "lost", "ended": ended, "seconds": seconds}
        return tuple(values.values())

    def _add_annotations(self, of: Layout) -> None:
        """Rows that are not here: by their key, or by all they say where their only key is a number."""
        before = self._target.count(of.table)
        known = self._known(of) if own_id(of.table) is not None else set()
        for rows in self._incoming.rows(of.table):
            self._target.insert_missing(
                of, [row for row in rows if not known or _number(of, row) not in known]
            )
        self._merged.annotations += self._target.count(of.table) - before

    def _known(self, of: Layout) -> set[int]:
        source, columns = named(of)
        found = streamed(self._connection, select(*columns).select_from(source))
        return {_number(of, row) for rows in found for row in rows}


def _better(theirs: Values, here: Values) -> bool:
    """Whether the archive has a result of a run that has none here, or anything of one never tried here."""
    if here["status"] in RESULTS:
        return False
    untried = here["status"] == "pending" and here["attempt"] == 0
    return theirs["status"] in RESULTS or (untried and theirs["attempt"] > 0)


def _settled(theirs: Values) -> dict[str, Any]:
    """The run of the archive; one that was running there runs nowhere any more."""
    row = dict(theirs)
    if row["status"] == "running":
        row |= {"status": "interrupted", "ended": row["heartbeat"]}
    return row


def _number(of: Layout, row: Row) -> int:
    return fingerprint([canonical(value, column.kind) for value, column in zip(row, of.columns, strict=True)])
