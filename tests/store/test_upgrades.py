"""Stores of every older schema come to the newest one whole."""

import json
import re

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from definitions import definitions
from dumps import SCHEMAS, load
from sqlalchemy import text

from gst.archive.manifest import schema_revisions
from gst.config import RunConfig, config_json
from gst.config.columns import config_columns
from gst.store import Store
from gst.store.connect import connect, is_sqlite, parsed, sqlite_path, writing
from gst.store.migrate import migrations, upgrade
from gst.store.queries import named_queries

DUMPED = sorted({path.name[:4] for path in SCHEMAS.glob("*.sql")})
SINCE = dict.fromkeys(("levels", "level_summary", "optimal_sparsity", "group_losses"), "0004") | {
    "barrier": "0012"
}
"""Queries about what only a later schema has."""
OLDER = [revision for revision in DUMPED if revision != schema_revisions()[-1]]


def everything(url):
    """All rows of all tables and views, by their columns."""
    engine = connect(parsed(url), readonly=True)
    try:
        with engine.connect() as connection:
            kinds = "'table', 'view'" if is_sqlite(parsed(url)) else "'BASE TABLE', 'VIEW'"
            names = (
                f"SELECT name FROM sqlite_master WHERE type IN ({kinds})"
                if is_sqlite(parsed(url))
                else "SELECT table_name FROM information_schema.tables "
                f"WHERE table_schema = 'public' AND table_type IN ({kinds})"
            )
            found = {}
            for (name,) in connection.exec_driver_sql(names).all():
                rows = connection.exec_driver_sql(f"SELECT * FROM {name}")
                columns = list(rows.keys())
                found[name] = [dict(zip(columns, row, strict=True)) for row in rows]
    finally:
        engine.dispose()
    del found["alembic_version"]
    return found


def kept(before, after):
    """The rows of after in the columns of before, in an order that does not depend on the database's."""

    def in_order(rows, columns):
        return sorted(repr([row[name] for name in columns]) for row in rows)

    return {name: (in_order(rows, rows[0]), in_order(after[name], rows[0])) for name, rows in before.items()}


def test_every_released_schema_is_here_for_both_databases():
    assert set(DUMPED) <= set(schema_revisions())
    assert set(schema_revisions()[:-1]) <= set(DUMPED), "tests/schemas/README.md says how to make a dump"
    for revision in DUMPED:
        for backend in ("sqlite", "postgres"):
            assert (SCHEMAS / f"{revision}.{backend}.sql").is_file()


@pytest.mark.parametrize("revision", DUMPED)
def test_a_dump_is_what_the_migrations_make_and_has_rows_in_every_table(
    blank, url, backend, revision, monkeypatch
):
    if backend == "sqlite":
        blank = blank.replace("gst.db", "dumped.db")
        migrated = blank.replace("dumped.db", "migrated.db")
        sqlite_path(parsed(migrated)).touch()
    else:
        migrated = url
        with psycopg.connect(parsed(url).set(drivername="postgresql").render_as_string(False)) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    load(blank, backend, revision)
    monkeypatch.setenv("GST_DB_URL", migrated)
    command.upgrade(Config(migrations() / "alembic.ini"), revision)
    found = []
    for address in (blank, migrated):
        engine = connect(parsed(address))
        with engine.connect() as connection:
            found.append(definitions(connection))
        engine.dispose()
    assert found[0] == found[1]
    assert all(everything(blank).values())


@pytest.mark.parametrize("by_hand", [False, True], ids=["gst", "alembic"])
@pytest.mark.parametrize("revision", OLDER)
def test_a_filled_store_keeps_every_row(blank, backend, revision, by_hand, monkeypatch):
    load(blank, backend, revision)
    before = everything(blank)
    if by_hand:
        monkeypatch.setenv("GST_DB_URL", blank)
        command.upgrade(Config(migrations() / "alembic.ini"), "head")
    else:
        assert upgrade(blank) == (revision, schema_revisions()[-1])
    for name, (old, new) in kept(before, everything(blank)).items():
        assert old == new, name
    assert upgrade(blank) == (schema_revisions()[-1], schema_revisions()[-1])


def test_a_view_that_somebody_made_survives(blank, backend):
    load(blank, backend, "0001")
    engine = connect(parsed(blank))
    with writing(engine).begin() as connection:
        connection.exec_driver_sql("CREATE VIEW mine AS SELECT key, ':x' AS \"a;b\" FROM runs WHERE seed = 1")
    engine.dispose()
    before = everything(blank)["mine"]
    upgrade(blank)
    assert everything(blank)["mine"] == before != []


@pytest.mark.parametrize("revision", DUMPED)
def test_an_upgraded_store_answers_and_can_be_written(blank, backend, revision):
    load(blank, backend, revision)
    upgrade(blank)
    with Store.open(blank) as store:
        assert len(store.sweeps()) == 2 + sum(revision >= it for it in ("0004", "0005", "0012"))
        for query in named_queries():
            if revision < SINCE.get(query.name, ""):
                continue  # about what a store of that schema cannot have
            found = [len(store.query(query.name, sweep=sweep.name).rows) for sweep in store.sweeps()]
            assert sum(found) > 0, query.name
        keys = [key for (key,) in store.query("SELECT key FROM runs ORDER BY key").rows]
        counts = [store.progress(sweep.sweep_id).counts for sweep in store.sweeps()]
        waiting = sum(each["pending"] + each["interrupted"] + each["running"] for each in counts)
        assert len(store.cancel(keys)) == waiting > 0
        store.tag(keys[:1], add=["kept"])
        store.note("upgraded", keys=keys[:1])
        details = store.run(keys[0])
        assert "kept" in details.tags
        assert details.notes[-1].text == "upgraded"


@pytest.mark.parametrize("revision", DUMPED)
def test_a_dump_names_no_machine_and_no_folder(revision):
    for path in SCHEMAS.glob(f"{revision}.*.sql"):
        assert not re.search(r"/(home|root|tmp|work|usr)/", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("el2n", [{"epochs": 2, "replicates": 3}, {"epochs": 3}, None])
def test_configurations_of_older_stores_have_columns_of_el2n_networks(blank, backend, el2n):
    """Those that a new store has of the same configuration, by whatever number of networks is the default."""
    load(blank, backend, "0005")
    engine = connect(parsed(blank))
    with writing(engine).begin() as connection:
        old = connection.exec_driver_sql("SELECT config FROM configs WHERE config_id = 1").scalar_one()
        config = RunConfig.model_validate_json(
            json.dumps(json.loads(old) | {"measure": {"examples": {"el2n": el2n}}})
        )
        connection.execute(
            text("UPDATE configs SET config = :config WHERE config_id = 1"), {"config": config_json(config)}
        )
    engine.dispose()
    upgrade(blank)
    columns = config_columns(config)
    with Store.open(blank) as store:
        found = store.query("SELECT el2n_networks, el2n_epochs FROM configs WHERE config_id = 1").rows
    assert found == [(columns["el2n_networks"], columns["el2n_epochs"])]
