"""Write the newest schema, with rows in every table, as plain SQL beside this file; README.md says when.

    PYTHONPATH=tests/support python tests/schemas/dump.py

writes <revision>.sqlite.sql and, where GST_TEST_POSTGRES_URL names a server, <revision>.postgres.sql.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import tempfile
import uuid
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from designs import designed, noisy, to_the_stop
from level_stores import Level, Levels, examples_of, fill_levels, level_config, level_of_run
from stores import (
    PROVENANCE,
    SCRATCH,
    Run,
    by_arm,
    claimed,
    config_of,
    fill,
    flatness_of,
    normality_of,
    play,
    records_of,
    samples_of,
    saved,
    sweep_of,
)

from gst.archive.manifest import schema_revisions
from gst.archive.packed import packed
from gst.config import RunConfig, RunSpec, run_key
from gst.config.run import embedded
from gst.records import Answers, Connectivity, ExampleFile, Probe
from gst.store import Store
from gst.store.connect import parsed

HERE = Path(__file__).parent
GPU = replace(PROVENANCE, host="node7", pid=4242, device="cuda", gpu="NVIDIA H200", gpu_driver="570.86.15",
              cuda="12.8", git_dirty=True)  # fmt: skip
TRACEBACK = """Traceback (most recent call last):
  File "gst/training/train.py", line 93, in train
    loss = criterion(network(images), labels)
RuntimeError: it's 3 > 2; {":x": "naïve — ✓"} \\ 100%
"""
RUNS = [
    Run("No Pruning", 0, [(0.5, 0.25), (0.75, 0.5), (1.0, 0.625)]),
    Run("No Pruning", 1, [(0.5, 0.25), (0.75, 0.5), (1.0, 0.5)]),
    Run("PruneL", 0, [0.25, 0.5, 0.75], events=[(0, 0.25, 0.125), (1, 0.5, 0.25, 2)]),
    Run("PruneL", 1, [0.25, 0.5], events=[(0, 0.25, 0.0625)], status="interrupted"),
    Run("scratch", 0, [0.25, 0.5, 0.625], events=[(SCRATCH, 0.125, 0.0625, 3)]),
    Run("scratch", 1, [0.25], status="running"),
    Run("wild", 0, [0.125], status="diverged"),
    Run("wild", 1, status="pending"),
    Run("wild", 2, status="pending"),
]


LEVELS = [
    Levels(
        "IMP", seed, [Level(0.5, 0.5, noisy=1.5, groups=(0.25, 0.75)), Level(test, 0.625, groups=(0.5, 2.0))]
    )
    for seed, test in enumerate((0.625, 0.75))
]


def fill_every_table(store: Store) -> None:
    """Runs in every state in one sweep, and a second sweep that shares some and has one that was retried.

    Levels are those of a third sweep, and of the run that was retried; a fourth has a design and two looks.
    """
    fill(store, RUNS, name="digits")
    fill_levels(
        store, LEVELS, {"IMP": level_config(levels=1, label_noise=0.25, validation=0.125)}, name="levels"
    )
    arms = {arm: config_of(number, runs) for number, (arm, runs) in enumerate(by_arm(RUNS).items())}
    shared, other = arms["No Pruning"], config_of(7, RUNS[2:3])
    sweep_id = store.register(sweep_of({"unpruned": shared, "other": other}, (0, 1), name="again"))
    driver = store.take_over(sweep_id)
    claimed(store, RunSpec(other, 0), sweep_id, driver, provenance=GPU).fail(TRACEBACK, "last line\nbut one")
    store.retry(sweep_id=sweep_id)
    lost = claimed(store, RunSpec(other, 0), sweep_id, driver, provenance=GPU)
    lost.write(records_of(RUNS[2], 0), checkpoint=saved(0, "other/2-0.pt"))
    again = claimed(store, RunSpec(other, 0), sweep_id, driver, provenance=GPU)
    for epoch in (1, 2):
        probes = (Probe(epoch, "pruned", 0.25, 1.5, 360),)
        measured = {"flatness": (flatness_of(epoch),), "normality": (normality_of(epoch),)}
        if epoch == 1:
            measured |= {"answers": (Answers(1, 4, packed([0, 1, 1, 9])),)}
            measured |= {"examples": (examples_of(),), **level_of_run(epoch)}
        state = saved(epoch, f"other/3-{epoch}.pt")
        found = replace(records_of(RUNS[2], epoch), probes=probes, **measured)
        files = [ExampleFile(1, 0, 360, "other/examples-1.parquet", "ab" * 32, 1800, "/artifacts")]
        again.write(found, state, kept=epoch == 1, files=files if epoch == 1 else ())
    again.samples = samples_of
    again.finish(peak_memory=2**33)
    play(claimed(store, RunSpec(other, 1), sweep_id, driver), Run("other", 1, [0.25], status="failed"))
    cancelled = run_key(RunSpec(arms["wild"], 1))
    store.cancel([cancelled])
    store.tag([cancelled, run_key(RunSpec(other, 0))], add=["paper", "rerun:1"])
    store.note("it's 3 > 2; :x naïve — ✓", keys=[cancelled])
    store.note("two\nlines", sweep_id=sweep_id)
    line = [Connectivity(2, "{}", it, it / 2, cancelled, 0.5, 0.75, 0.625, 0.5) for it in range(3)]
    store.add_measurements(run_key(RunSpec(other, 0)), line)
    begun = {"from": {"arm": embedded(shared), "epoch": 1, "order": 1}}
    branch = RunConfig.model_validate(shared.model_dump() | begun)
    store.register(sweep_of({"trunk": shared, "branch": branch}, (0, 1), name="branches"))
    to_the_stop(store, designed(), noisy(0.05))


def sqlite_dump() -> str:
    """A filled SQLite store as SQL."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gst.db"
        with Store.open(str(path), create=True) as store:
            fill_every_table(store)
        with closing(sqlite3.connect(path)) as connection:
            return "\n".join(connection.iterdump()) + "\n"


def postgres_dump(server: str) -> str:
    """A filled Postgres store as SQL, without the settings that depend on pg_dump's version."""
    name = f"gst_dump_{uuid.uuid4().hex}"
    engine = sa.create_engine(parsed(server), isolation_level="AUTOCOMMIT")
    url = parsed(server).set(database=name)
    try:
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        with Store.open(url.render_as_string(hide_password=False), create=True) as store:
            fill_every_table(store)
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        command = ["pg_dump", "--inserts", "--no-owner", "--no-privileges", "--dbname", plain]
        dump = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        engine.dispose()
    dump = re.sub(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\\w+ .*)\n", "", dump, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", dump).strip() + "\n"


def main() -> None:
    """Write the dumps of the newest revision."""
    revision = schema_revisions()[-1]
    (HERE / f"{revision}.sqlite.sql").write_text(sqlite_dump(), encoding="utf-8")
    server = os.environ.get("GST_TEST_POSTGRES_URL")
    if server:
        (HERE / f"{revision}.postgres.sql").write_text(postgres_dump(server), encoding="utf-8")


if __name__ == "__main__":
    main()
