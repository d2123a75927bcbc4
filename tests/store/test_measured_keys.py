"""Stores and archives from when what is measured of a network belonged to its run's key."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from archives import drop, rewrite, rewrite_manifest, tables
from dumps import load
from stores import claimed, epoch_record, flatness_of, normality_of, run_config, sweep_of

from gst.config import RunConfig, RunSpec, config_from_json, config_json, run_key
from gst.config.measure import Measurements
from gst.records import EpochRecords
from gst.store import Store, lacking
from gst.store.connect import connect, parsed, writing
from gst.store.integrity import integrity_problems
from gst.store.migrate import upgrade
from gst.store.schema import YIELDED

MEASURE = {"flatness": {"epoch": 1, "directions": 2, "eigenpairs": 3}, "normality": {"layers": 2}}


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def older_run(text: str, seed: int) -> str:
    """The key of a run before schema 0008, written down by hand."""
    return hashed(f'{{"config":{text},"seed":{seed}}}')


def measured_text(text: str) -> str:
    content = json.loads(text) | {"measure": MEASURE}
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


@pytest.fixture
def old(blank, backend):
    """A store of schema 0007 whose runs of one configuration have measured, and asked for it; and its SQL.

    They are `key`, which is completed, and one that failed; `plain` is the configuration without.
    """
    load(blank, backend, "0007")
    engine = connect(parsed(blank))

    class Old:
        url = blank

        def sql(self, statement, **values):
            with writing(engine).begin() as connection:
                found = connection.execute(sa.text(statement), values)
                return found.all() if found.returns_rows else None

        @property
        def yielded(self):
            """The names of the tables of records that such a store has."""
            there = sa.inspect(engine).get_table_names()
            return [it.name for it in YIELDED if it.name in there]

        def twin(self, **run):
            """Enter the run as it is without what is measured, pending in a sweep of its own."""
            columns = [it["name"] for it in sa.inspect(engine).get_columns("configs")][3:]
            same = ", ".join(columns)
            self.sql(
                f"INSERT INTO configs (hash, config, {same}) SELECT CAST(:hash AS TEXT), CAST(:text AS TEXT),"
                f" {same} FROM configs WHERE config_id = :config_id",
                hash=hashed(self.plain), text=self.plain, config_id=self.config_id,
            )  # fmt: skip
            values = {"status": "pending", "attempt": 0} | run
            self.sql(
                "INSERT INTO runs (key, config_id, seed, status, attempt, stall, seconds, created) SELECT"
                " CAST(:key AS TEXT), config_id, 0, CAST(:status AS TEXT), CAST(:attempt AS INTEGER), 0, 0,"
                " (SELECT max(created) FROM runs) FROM configs WHERE hash = :hash",
                key=older_run(self.plain, 0), hash=hashed(self.plain), **values,
            )  # fmt: skip
            self.sql(
                "INSERT INTO sweep_runs (sweep_id, run_id, arm, position)"
                " SELECT (SELECT max(sweep_id) FROM sweeps), run_id, 'twin', 999 FROM runs WHERE key = :key",
                key=older_run(self.plain, 0),
            )

    made = Old()
    ((made.config_id, made.plain),) = made.sql(
        "SELECT config_id, config FROM configs WHERE config_id IN"
        " (SELECT r.config_id FROM runs r JOIN flatness f ON f.run_id = r.run_id)"
    )
    text = measured_text(made.plain)
    made.key = older_run(text, 0)
    made.sql("UPDATE configs SET config = :text, hash = :hash WHERE config_id = :config_id",
             text=text, hash=hashed(text), config_id=made.config_id)  # fmt: skip
    for seed in (0, 1):
        made.sql("UPDATE runs SET key = :key WHERE config_id = :config_id AND seed = :seed",
                 key=older_run(text, seed), config_id=made.config_id, seed=seed)  # fmt: skip
    yield made
    engine.dispose()


def test_runs_get_the_key_of_their_training_and_keep_what_they_measured(old):
    upgrade(old.url)
    with Store.open(old.url) as store:
        key = run_key(RunSpec(config_from_json(old.plain), 0))
        assert key == older_run(old.plain, 0)
        details = store.run(key)
        assert [(it["epoch"], it["settings"]) for it in details.flatness] == [
            (1, '{"directions":2,"eigenpairs":3}'),
            (2, '{"eigenpairs":3}'),  # by hand, of which the row tells so much
        ]
        assert {it["settings"] for it in details.normality} == {'{"layers":2}'}
        asked = store.query("SELECT DISTINCT measure FROM sweep_runs WHERE measure IS NOT NULL").rows
        assert [json.loads(text) for (text,) in asked] == [MEASURE]
        lacks = lacking(store, {key: Measurements.stored(text for (text,) in asked)})
        assert lacks[key].flatness == ()  # and of normality there is nothing of the untrained network
        found = store.query("SELECT DISTINCT epoch, settings FROM eigenvalues ORDER BY epoch").rows
        assert found == [(it["epoch"], it["settings"]) for it in details.flatness]
        assert list(integrity_problems(store)) == []


@pytest.mark.parametrize("gone", ["the plain one", "the measured one"])
def test_a_run_that_was_never_tried_becomes_one_with_its_twin(old, gone):
    old.twin(**({} if gone == "the plain one" else {"status": "interrupted", "attempt": 1}))
    if gone == "the measured one":
        for table in (*old.yielded, "attempts"):
            run = "SELECT run_id FROM runs WHERE key = :key"
            old.sql(f"DELETE FROM {table} WHERE run_id IN ({run})", key=old.key)
        old.sql("UPDATE runs SET status = 'pending', attempt = 0, last_epoch = NULL, checkpoint = NULL,"
                " checkpoint_epoch = NULL WHERE key = :key", key=old.key)  # fmt: skip
    old.sql("INSERT INTO run_tags (run_id, tag) SELECT run_id, 'mine' FROM runs WHERE key IN (:one, :two)",
            one=old.key, two=older_run(old.plain, 0))  # fmt: skip
    upgrade(old.url)
    with Store.open(old.url) as store:
        key = older_run(old.plain, 0)
        details = store.run(key)
        assert details.run["status"] == ("completed" if gone == "the plain one" else "interrupted")
        assert {it["arm"] for it in details.sweeps} == {"other", "twin"}
        assert "mine" in details.tags
        assert store.query("SELECT count(*) FROM runs WHERE key = :key", key=old.key).rows == [(0,)]


def test_a_run_keeps_its_key_where_its_twin_was_tried_as_well(old):
    old.twin(status="interrupted", attempt=1)
    upgrade(old.url)
    with Store.open(old.url) as store:
        assert store.run(old.key).run["status"] == "completed"
        assert len(store.run(old.key).flatness) == 2
        assert [it for it in integrity_problems(store) if old.key[:12] in it] == []
        twins = store.query("SELECT count(*) FROM runs WHERE key = :key", key=older_run(old.plain, 0)).rows
        assert twins == [(1,)]


def test_a_folder_that_is_called_like_a_measurement_is_none(old):
    text = json.dumps(json.loads(old.plain) | {"data": {"folder": "measure", "name": "folder"}})
    old.sql(
        "UPDATE configs SET config = :text WHERE config_id <> :config_id", text=text, config_id=old.config_id
    )
    upgrade(old.url)


MEASURED = RunConfig.model_validate(run_config(epochs=2).model_dump() | {"measure": MEASURE})


def filled(store: Store) -> RunSpec:
    """A completed run that has measured, and one that waits."""
    sweep_id = store.register(sweep_of({"measured": MEASURED}, (0, 1)))
    spec = RunSpec(MEASURED, 0)
    recorder = claimed(store, spec, sweep_id, store.take_over(sweep_id))
    recorder.write(EpochRecords(epoch_record(0)))
    flat = (
        flatness_of(1, settings='{"directions":2,"eigenpairs":3}'),
        flatness_of(0, settings='{"eigenpairs":3}'),
    )
    normal = (normality_of(1, settings='{"layers":2}'),)
    recorder.write(EpochRecords(epoch_record(1), flatness=flat, normality=normal))
    recorder.finish()
    return spec


def age(folder: Path) -> None:
    """Make an archive what a gst with schema 0007 would have written of the same store."""
    text = measured_text(config_json(MEASURED))
    keys = {run_key(RunSpec(MEASURED, seed)): older_run(text, seed) for seed in (0, 1)}

    def of_old_key(rows):
        for row in rows:
            for name in ("key", "run_key"):
                if name in row:
                    row[name] = keys[row[name]]
            if "config_hash" in row:
                row["config_hash"] = hashed(text)

    for path in sorted(folder.glob("*.csv")):
        rewrite(folder, path.stem, of_old_key)
    rewrite(folder, "configs", lambda rows: rows[0].update(config=text, hash=hashed(text)))
    drop(folder, "sweep_runs", "measure")
    for name in ("flatness", "normality", "eigenvalues", "perturbation_losses"):
        drop(folder, name, "settings")

    def manifest(content):
        content["schema"] = "0007"
        for name, table in content["tables"].items():
            if name == "connectivity":  # which has settings of its own
                continue
            table["columns"] = [it for it in table["columns"] if it["name"] not in ("measure", "settings")]

    rewrite_manifest(folder, manifest)


def test_an_older_archive_comes_in_as_its_store_would_be_today(tmp_path):
    here, there = f"sqlite:///{tmp_path / 'here.db'}", f"sqlite:///{tmp_path / 'there.db'}"
    with Store.open(here, create=True) as store:
        filled(store)
        store.export(tmp_path / "archive", form="csv")
    age(tmp_path / "archive")
    with Store.open(there, create=True) as store:
        store.merge(tmp_path / "archive")
        assert list(integrity_problems(store)) == []
        assert not store.merge(tmp_path / "archive").changed
    one, other = tables(here), tables(there)
    for name in one:
        assert [row[1:] for row in one[name]] == [row[1:] for row in other[name]], name


def test_a_run_that_is_here_takes_the_measurements_of_an_archive(tmp_path):
    """And no others; two that differ are a conflict."""
    with Store.open(f"sqlite:///{tmp_path / 'there.db'}", create=True) as there:
        spec = filled(there)
        there.export(tmp_path / "archive", form="csv")
    plain = MEASURED.model_copy(update={"measure": type(MEASURED.measure)()})
    with Store.open(f"sqlite:///{tmp_path / 'here.db'}", create=True) as here:
        sweep_id = here.register(sweep_of({"plain": plain}, (0,), name="plain"))
        recorder = claimed(here, RunSpec(plain, 0), sweep_id, here.take_over(sweep_id))
        for epoch in range(2):
            recorder.write(EpochRecords(epoch_record(epoch)))
        recorder.finish()
        merged = here.merge(tmp_path / "archive")
        assert merged.runs("measured") == [run_key(spec)]
        assert len(here.run(run_key(spec)).flatness) == 2
        assert len(here.run(run_key(spec)).attempts) == 1
        assert here.query("SELECT count(*) FROM eigenvalues").rows == [(6,)]
        assert here.merge(tmp_path / "archive").runs("same") == [run_key(spec)]
        rewrite(tmp_path / "archive", "flatness", lambda rows: rows[0].update(gradient_trace="7.0"))
        with pytest.raises(
            Exception, match=r"flatness, epoch 0, settings .* gradient_trace is 2\.0 here, and 7"
        ):
            here.merge(tmp_path / "archive")
