"""The results database: sweeps, runs, who trains them, and what they yielded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from html import escape
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import URL, Column, Connection, Engine, Executable, select, text
from sqlalchemy.exc import DBAPIError

from gst.archive import Form, Manifest, archives
from gst.archive.manifest import schema_revisions
from gst.config import RunSpec, SweepSpec
from gst.config.design import Design
from gst.config.measure import Measurements
from gst.errors import InputError, StoreError
from gst.records import Connectivity, ExampleFile, Flatness, Normality, Provenance
from gst.store import annotate, details, looks, queries, register, sweeps
from gst.store.annotate import Note
from gst.store.archived import archive, archived
from gst.store.bounds import Answer, Limits
from gst.store.checkpoint import Checkpoint
from gst.store.claim import asked_of, claim
from gst.store.connect import connect, connect_asking, is_sqlite, opened, parsed, sqlite_path, writing
from gst.store.details import RunDetails
from gst.store.direct import Direct
from gst.store.filesystem import is_there
from gst.store.health import refuse_damage
from gst.store.looks import Look
from gst.store.migrate import (
    VERSION_TABLE,
    found_version,
    prepare_writing,
    refuse_network,
    refuse_other_versions,
    upgrade,
)
from gst.store.password import masked
from gst.store.progress import Progress, progress
from gst.store.queries import Rows
from gst.store.recorder import Recorder, add_measurements
from gst.store.remove import Members, Removal, removal, remove
from gst.store.schema import example_files, examples, kept_states, runs, sweep_runs
from gst.store.sources import states_needed
from gst.store.transfer import Conflicts, Merged, export, merge
from gst.store.versions import Version, resolved, versions

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


_VERSION = text(f"SELECT version_num FROM {VERSION_TABLE}")
ASKERS = 4
"""Number of strangers' questions that are answered at a time."""
ASKER_SECONDS = 2.0
"""How long another waits for its turn."""


P = ParamSpec("P")
T = TypeVar("T")


class Store:
    """An open results database. Threads may share one; each process opens its own."""

    def __init__(self, url: URL, *, readonly: bool) -> None:
        self.readonly = readonly
        self._url = url
        self._engine = connect(url, readonly=readonly)
        self._askers = threading.BoundedSemaphore(ASKERS)

    @classmethod
    def open(cls, url: str, *, create: bool = False, readonly: bool = False) -> Store:
        """The store at that URL or path; one opened read-only cannot write, whatever it is asked.

        `create` makes a missing or empty database a store. Raises StoreError for one that is missing,
        not a store, or of an older or newer schema, and leaves it as it is.
        """
        target = parsed(url)
        if is_sqlite(target):
            there = is_there(sqlite_path(target))
            if not readonly:
                refuse_network(target)
            if not there:
                if not create:
                    raise StoreError(
                        f"{masked(str(sqlite_path(target)))}: there is no such store; "
                        "`gst sweep FILE` makes one, and `gst import --shipped` one with runs that come "
                        "with gst; or name another with --db or GST_DB_URL"
                    )
                upgrade(url)
            elif create:
                refuse_damage(target)
        found = found_version(target)
        if found is None and create:
            found = upgrade(url).after
        refuse_other_versions(found, target)
        if not readonly:
            prepare_writing(target)
        return cls(target, readonly=readonly)

    def _repr_html_(self) -> str:
        """Its sweeps as a table, for a notebook."""
        rows = "".join(
            f"<tr><td>{escape(it.name)}<td>{it.completed} of {it.runs}<td>{escape(it.title)}"
            for it in self.sweeps()
        )
        head = "<tr><th>sweep<th>completed runs<th>title"
        return f"<p><code>{escape(self.url)}</code></p><table>{head}{rows}</table>"

    @property
    def url(self) -> str:
        """Where the store is, without the password."""
        return masked(self._url)

    def is_as_it_was(self) -> bool:
        """Whether it still has this gst's schema, as when it was opened, and can be asked."""
        try:
            with self._engine.connect() as connection:
                return connection.execute(_VERSION).scalars().all() == [schema_revisions()[-1]]
        except DBAPIError:
            return False

    def close(self) -> None:
        """Close all connections; a closed store opens new ones when it is used again."""
        self._reader.dispose()
        self._engine.dispose()  # last, because only a connection that can write tidies up after SQLite

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def register(self, sweep: SweepSpec) -> int:
        """The id of the sweep, once all its runs are in the store; those that are there are shared.

        Of a sweep with a design only those of the first look are entered; `decide` enters the others.
        A version that is there, with these configurations and this design, gets the seeds that it lacks, and
        keeps those that it has.
        """
        return self._write(register.register, register.prepare(sweep))

    def registered(self, sweep: SweepSpec) -> int | None:
        """The id of the version that has this sweep's configurations and design, if there is one."""
        return self._read(register.version_of, register.prepare(sweep))

    def sweep_id(self, name: str) -> int:
        """The version that this name or address means; see gst.store.versions. Raises UnknownNameError."""
        return self._read(resolved, name)

    def version(self, name: str) -> Version:
        """The same, with what the store says of it."""
        (found,) = self.sweeps(sweep_id=self.sweep_id(name))
        return found

    def sweeps(self, **of: object) -> list[Version]:
        """All versions of sweeps, or those with these values (`name`), the newest first."""
        return self._read(versions, **of)

    def progress(self, sweep_id: int, seeds: Collection[int] | None = None) -> Progress:
        """How far that sweep has come, or its runs with those seeds."""
        return self._read(progress, sweep_id, seeds)

    def take_over(self, sweep_id: int) -> int:
        """The epoch of a new driver of that sweep; older drivers can claim nothing any more."""
        return self._write(sweeps.take_over, sweep_id)

    def remaining(self, sweep_id: int, *, ready: bool = False) -> list[str]:
        """The keys of the sweep's runs that have not ended, well or not, in file order.

        Those that are `ready` need no run that has not completed.
        """
        return self._read(sweeps.remaining, sweep_id, ready=ready)

    def decide(self, sweep_id: int, driver_epoch: int) -> Look | None:
        """Decide at the sweep's next look, and enter the runs of the one after it where the sweep goes on.

        None: the sweep has no design, has stopped, or a run that the look is about has not ended. Raises
        Fenced where a newer driver has taken the sweep over.
        """
        return self._write(looks.decide, sweep_id, driver_epoch)

    def design(self, sweep_id: int) -> Design | None:
        """The design of that sweep, or None where it has a number of seeds."""
        return self._read(looks.design_of, sweep_id)

    def looks(self, sweep_id: int) -> tuple[Look, ...]:
        """What that sweep decided so far, look by look."""
        return self._read(looks.looks_of, sweep_id)

    def interrupt(self, sweep_id: int, driver_epoch: int) -> int:
        """Mark what still runs under that driver, which ends, as interrupted; how many runs."""
        return self._write(sweeps.interrupt, sweep_id, driver_epoch)

    def retry(
        self,
        *,
        sweep_id: int | None = None,
        keys: Iterable[str] | None = None,
        statuses: Sequence[str] = ("failed",),
    ) -> list[str]:
        """Make failed runs pending again, those of a sweep, of these keys, or all; their keys, sorted.

        `statuses` may name cancelled and diverged too.
        """
        return self._write(sweeps.retry, sweep_id, None if keys is None else list(keys), statuses)

    def cancel(self, keys: Iterable[str]) -> list[str]:
        """Cancel the runs that have not ended; the keys of those, sorted.

        No driver trains them until they are retried. Whoever trains one now is refused at its next write.
        """
        return self._write(sweeps.cancel, list(keys))

    def removal(self, members: Members) -> Removal:
        """What `remove` would remove. Raises InputError as that does."""
        return self._read(removal, members)

    def remove(self, members: Members) -> Removal:
        """Remove runs and versions of sweeps; what went. Runs that have a place elsewhere stay.

        Raises InputError, and removes nothing, for a sweep in training or one that has decided on its runs.
        Files of the runs, such as checkpoints, are the caller's to remove.
        """
        return self._write(remove, members)

    def tag(self, keys: Iterable[str], *, add: Collection[str] = (), remove: Collection[str] = ()) -> None:
        """Add tags to runs and remove others; tags that a run has already are no mistake.

        Raises UnknownNameError for a tag to remove that none of the runs has, InputError for one that
        is not a single word.
        """
        self._write(annotate.tag, list(keys), add, remove)

    def tags(self, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The tags of each of the runs, sorted."""
        return self._read(annotate.tags, list(keys))

    def note(self, text: str, *, keys: Iterable[str] = (), sweep_id: int | None = None) -> None:
        """Keep a note about each of these runs, or about that sweep."""
        self._write(annotate.add_note, text, keys=list(keys), sweep_id=sweep_id)

    def notes(self, sweep_id: int) -> tuple[Note, ...]:
        """The notes about that sweep, oldest first; those about a run are among its details."""
        return self._read(annotate.notes_of_sweep, sweep_id)

    def archived(self) -> frozenset[int]:
        """The ids of the versions that are archived: hidden from lists until somebody asks for them."""
        return self._read(archived)

    def archive(self, sweep_id: int, *, undo: bool = False) -> bool:
        """Archive that version, or undo that; whether it changed anything. A note about it says so."""
        return self._write(archive, sweep_id, undo=undo)

    def add_measurements(
        self,
        key: str,
        found: Sequence[Flatness | Normality | Connectivity],
        files: Sequence[ExampleFile] = (),
    ) -> None:
        """Store measurements of a completed run, in the place of earlier ones made when and as these were.

        The `files` of single examples are there already.

        Raises InputError for a run that is not there or not completed.
        """
        self._write(add_measurements, key, found, files)

    def claim(
        self,
        key: str,
        *,
        sweep_id: int,
        driver_epoch: int,
        provenance: Provenance,
        max_stall: int = 5,
        died: str | None = None,
    ) -> Recorder | None:
        """The right to train that run, or None where there is nothing to train.

        None: the run has ended, another sweep is training it right now, or it has stalled, which means
        that its last `max_stall` attempts vanished without getting further, and it is failed now.
        Rows after the last checkpoint are deleted, and attempts before this one can write no more.
        `died` says what ended the last one, if its process died and the caller knows why.
        Raises Fenced where a newer driver has taken the sweep over.
        """
        claimed = self._write(
            claim,
            key,
            sweep_id=sweep_id,
            driver_epoch=driver_epoch,
            provenance=provenance,
            max_stall=max_stall,
            died=died,
        )
        return None if claimed is None else Recorder(self._writer, self._direct, key, claimed)

    def checkpoints(self) -> frozenset[str]:
        """The checkpoints that runs may continue from, those that stay for good, and files of examples."""
        final = (runs.c.status == "completed") & (runs.c.checkpoint_epoch == runs.c.last_epoch)
        kept = runs.c.checkpoint.is_not(None) & (runs.c.status.not_in(("completed", "diverged")) | final)
        stay = (select(column) for column in (kept_states.c.checkpoint, example_files.c.name))
        names = select(runs.c.checkpoint).where(kept).union_all(*stay)
        return frozenset(name for (name,) in self._read(_rows, names))

    def asked(self, key: str) -> Measurements:
        """The measurements that sweeps ask of the run's network as it stands."""
        ((run_id,),) = self._read(_rows, select(runs.c.run_id).where(runs.c.key == key))
        return self._read(asked_of, run_id)

    def kept_states(self, key: str) -> tuple[Checkpoint, ...]:
        """The states that the run has left for good while it trained, by epoch."""
        names = (kept_states.c[it] for it in ("checkpoint", "epoch", "sha256", "artifacts"))
        query = select(*names).join(runs).where(runs.c.key == key).order_by(kept_states.c.epoch)
        return tuple(Checkpoint(*row) for row in self._read(_rows, query))

    def states_needed(self, key: str) -> frozenset[int]:
        """The epochs at whose end other runs need that run's state."""
        return self._read(states_needed, key)

    def example_files(self, key: str | None = None, sweep_id: int | None = None) -> tuple[ExampleFile, ...]:
        """The files of single training examples by epoch, of that run, of that sweep's runs, or of all."""
        query = select(*(example_files.c[it] for it in ExampleFile._fields)).order_by(example_files.c.epoch)
        if key is not None:
            query = query.join(runs).where(runs.c.key == key)
        if sweep_id is not None:
            members = select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id == sweep_id)
            query = query.where(example_files.c.run_id.in_(members))
        return tuple(ExampleFile(*row) for row in self._read(_rows, query))

    def left_out(self, key: str) -> tuple[int, ...] | None:
        """The images that the run leaves out of its training; None for none, and before its first epoch."""
        return self._of_examples(key, examples.c.left_out)

    def el2n(self, key: str) -> tuple[float, ...] | None:
        """The EL2N score of each image that the run trains on, by rising index; None where it has none."""
        return self._of_examples(key, examples.c.el2n)

    def _of_examples(self, key: str, column: Column[Any]) -> tuple[Any, ...] | None:
        found = self._read(_rows, select(column).join(runs).where(runs.c.key == key))
        return tuple(found[0][0]) if found and found[0][0] is not None else None

    def artifacts(self) -> str | None:
        """The place of the checkpoint that was saved last, if any was: a folder or a URL without password."""
        known = select(runs.c.artifacts).where(runs.c.artifacts.is_not(None))
        return next(
            (it for (it,) in self._read(_rows, known.order_by(runs.c.heartbeat.desc()).limit(1))), None
        )

    def resolve(self, prefix: str) -> str:
        """The key of the only run whose key starts so.

        Raises InputError where there is none, or where there are several.
        """
        return self._read(details.resolve, prefix)

    def spec(self, key: str, sweep_id: int | None = None) -> RunSpec:
        """The run's configuration and seed, with the measurements that this sweep asks of its network."""
        return self._read(details.spec, key, sweep_id)

    def run(self, key: str) -> RunDetails:
        """Everything about that run."""
        return self._read(details.details, key)

    def export(
        self,
        path: Path,
        *,
        sweep_id: int | None = None,
        form: Form = "parquet",
        ended: bool = False,
        replace: bool = False,
    ) -> Manifest:
        """Write an archive of the whole store, or of one sweep with its runs, as they are at this moment.

        With `ended` runs without a result are in it as if nobody had begun them. Raises InputError where
        something is at that path already, unless a zip file is to `replace` another.
        """
        with opened(self._url, readonly=True, hurry=False) as engine:
            return export(engine, path, sweep_id, form, ended=ended, replace=replace)

    def merge(self, *paths: Path, conflicts: Conflicts = "refuse") -> Merged:
        """Take in the archives at these paths, or all those that `gst train` left there, in one transaction.

        What is here stays, but for runs without a result of which the archive has one: those take its
        rows, and their attempts are counted on. A run that ended here and there with different results
        is a conflict. Raises InputError, and changes nothing, for one, and for archives that are damaged.
        """
        self._refuse_readonly()
        with opened(self._url, hurry=False) as engine:
            return merge(writing(engine), chain.from_iterable(map(archives, paths)), conflicts)

    def query(self, query: str, **params: object) -> Rows:
        """The answer to a query of db/queries, given by name, or to one SQL statement.

        Nothing can be written so. Parameters stand as `:name` in the SQL.
        """
        return queries.ask(self._reader, query, params)

    def numbers(self, query: str, **params: object) -> NDArray[np.float64]:
        """The same of a query whose columns are numbers, [rows, columns]; NaN where there is none."""
        return queries.ask_numbers(self._reader, query, params)

    def answer(
        self,
        query: str,
        params: Mapping[str, object],
        limits: Limits,
        gone: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """The answer to a stranger's question, within limits; stopped when the asker has `gone`.

        Raises InputError for one that takes too long, and where ASKERS others wait for an answer already.
        """
        if not self._askers.acquire(timeout=ASKER_SECONDS):
            raise InputError(f"{ASKERS} other questions are being answered: ask again when one has ended")
        try:
            return queries.ask_bounded(self._asking, query, params, limits, gone)
        finally:
            self._askers.release()

    def select(self, query: Executable) -> Sequence[Any]:
        """The rows of a query on the tables of the schema; nothing can be written so."""
        return queries.chosen(self._reader, query)

    def frame(self, query: str, **params: object) -> pd.DataFrame:
        """The answer to the query as a data frame."""
        import pandas as pd  # here, because whoever writes needs none, and it takes a while to import

        columns, rows = self.query(query, **params)
        return pd.DataFrame(rows, columns=list(columns))

    def _read(
        self, ask: Callable[Concatenate[Connection, P], T], *arguments: P.args, **options: P.kwargs
    ) -> T:
        """What that function finds on a connection."""
        with self._engine.connect() as connection:
            return ask(connection, *arguments, **options)

    def _write(
        self, change: Callable[Concatenate[Connection, P], T], *arguments: P.args, **options: P.kwargs
    ) -> T:
        """What that function does in a transaction."""
        with self._writer.begin() as connection:
            return change(connection, *arguments, **options)

    @cached_property
    def _reader(self) -> Engine:
        return self._engine if self.readonly else connect(self._url, readonly=True)

    @cached_property
    def _asking(self) -> Engine:
        return connect_asking(self._url)

    @cached_property
    def _writer(self) -> Engine:
        self._refuse_readonly()
        return writing(self._engine)

    @cached_property
    def _direct(self) -> Direct:
        return Direct(self._writer)

    def _refuse_readonly(self) -> None:
        if self.readonly:
            raise InputError(f"{self.url}: the store was opened read-only")


def _rows(connection: Connection, query: Executable) -> Sequence[Any]:
    return connection.execute(query).all()
