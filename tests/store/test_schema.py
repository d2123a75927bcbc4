import re

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from definitions import definitions, in_parts
from diagram import VERBS, diagram, drawn
from sqlalchemy.exc import IntegrityError
from stores import Run, fill

from gst.archive.manifest import schema_revisions
from gst.paths import project_folder
from gst.store.connect import connect, is_sqlite, parsed, sqlite_path, writing
from gst.store.migrate import at_once, by_migrations, migrations, upgrade
from gst.store.schema import metadata

README = project_folder("db") / "README.md"


def made(blank, make):
    """What an empty database says of itself once that has made it a store; it is empty again then."""
    url = parsed(blank)
    if is_sqlite(url):
        sqlite_path(url).touch()
    engine = connect(url)
    with writing(engine).connect() as connection, connection.begin() as transaction:
        make(connection)
        found = definitions(connection)
        transaction.rollback()
    engine.dispose()
    return found


# Alembic warns that it cannot change generated columns; the next test compares them.
@pytest.mark.filterwarnings("ignore:Computed default on pruning_events")
def test_a_migrated_database_is_what_the_schema_says(url):
    engine = connect(parsed(url))
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_database_defines_migrated_and_declared_tables_in_the_same_words(blank, backend):
    # Alembic's comparison sees neither checks, nor generated columns, nor WITHOUT ROWID.
    found = [made(blank, by_migrations), made(blank, metadata.create_all)]
    assert found[0] == found[1]
    text = str(found[0])
    assert "ck_epochs_test_accuracy" in text
    assert "NULLIF" in text
    assert ("WITHOUT ROWID" in text) == (backend == "sqlite")


def test_a_new_file_isat_once_what_all_migrations_make(tmp_path):
    found = []
    for name, make in (("new", at_once), ("migrated", by_migrations)):
        path = tmp_path / f"{name}.db"
        path.touch()
        engine = connect(parsed(str(path)))
        with writing(engine).begin() as connection:
            make(connection)
            rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL")
            found.append({name: in_parts(sql) for name, sql in rows})
            (version,) = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
            assert version == schema_revisions()[-1]
        engine.dispose()
    assert found[0] == found[1]
    assert {"alembic_version", "run_summary", "sparsest_better", "ix_run_tags_tag"} <= set(found[0])


def test_every_migration_has_its_number_and_follows_the_one_before():
    script = ScriptDirectory(str(migrations()))
    assert script.get_heads() == [schema_revisions()[-1]]
    chain = [it.revision for it in script.walk_revisions()]
    assert chain[::-1] == schema_revisions() == [f"{number:04}" for number in range(1, len(chain) + 1)]


def test_upgrading_twice_changes_nothing(blank):
    assert upgrade(blank) == (None, schema_revisions()[-1])
    assert upgrade(blank) == (schema_revisions()[-1], schema_revisions()[-1])


@pytest.mark.filterwarnings("ignore:Computed default on pruning_events")
def test_alembic_works_by_hand_on_the_store_that_the_environment_names(url, monkeypatch):
    monkeypatch.setenv("GST_DB_URL", url)
    command.check(Config(migrations() / "alembic.ini"))


def test_the_picture_is_the_one_that_the_tables_give():
    before, found, after = drawn(README.read_text(encoding="utf-8"))
    assert found == diagram(), "make diagram"
    assert before.endswith("```mermaid\n")
    assert "## In words" in after


def test_the_picture_shows_every_table_column_and_reference():
    picture = diagram()
    for table in metadata.tables.values():
        _, _, body = picture.partition(f"    {table.name} {{\n")
        lines = body.partition("    }")[0].splitlines()
        assert [line.split()[1] for line in lines] == [column.name for column in table.columns]
        assert [line.split()[1] for line in lines if "PK" in line] == [it.name for it in table.primary_key]
        for constraint in table.foreign_key_constraints:
            assert re.search(rf"{constraint.referred_table.name} \S+ {table.name} :", picture)


def test_verbs_are_of_references_that_there_are():
    references = {
        (key.referred_table.name, table.name)
        for table in metadata.tables.values()
        for key in table.foreign_key_constraints
    }
    assert set(VERBS) <= references


def test_the_readme_explains_every_table():
    words = README.read_text().partition("## In words")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", words, re.MULTILINE)) >= set(metadata.tables)


def test_names_follow_the_convention():
    names = {c.name for table in metadata.tables.values() for c in table.constraints}
    names |= {index.name for table in metadata.tables.values() for index in table.indexes}
    assert all(re.fullmatch(r"(pk|fk|uq|ck|ix)_[a-z_]+", name) for name in names)
    assert {
        "pk_epochs",
        "fk_runs_config_id",
        "uq_runs_key",
        "ck_runs_status",
        "ix_sweep_runs_run_id",
    } <= names


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE runs SET status = 'done'",
        "UPDATE runs SET key = NULL",
        "UPDATE runs SET key = 'same'",
        "UPDATE runs SET config_id = 99",
        "UPDATE runs SET checkpoint = 'a.pt'",
        "UPDATE runs SET checkpoint = 'a.pt', checkpoint_epoch = 9",
        "UPDATE attempts SET outcome = 'unknown'",
        "UPDATE attempts SET outcome = NULL",
        "UPDATE attempts SET host = NULL",
        "UPDATE epochs SET epoch = -1",
        "UPDATE epochs SET test_accuracy = 1.01",
        "UPDATE epochs SET test_accuracy = 85.3",
        "UPDATE epochs SET train_accuracy = -0.1",
        "UPDATE epochs SET test_accuracy = NULL",
        "UPDATE epochs SET run_id = 99",
        "UPDATE pruning_events SET epoch = -2",
        "UPDATE pruning_events SET removed = -1",
        "UPDATE pruning_events SET test_accuracy_after = 2",
        "UPDATE layer_prunings SET kept_after = kept_before + 1",
        "UPDATE layer_prunings SET kept_before = total + 1",
        "UPDATE layer_prunings SET epoch = 3",
        "UPDATE sweep_runs SET run_id = 99",
        "INSERT INTO sweep_runs SELECT sweep_id, run_id, arm, position + 10, measure FROM sweep_runs",
        "INSERT INTO epochs SELECT * FROM epochs",
        "DELETE FROM runs",
        "DELETE FROM pruning_events",
        "INSERT INTO run_tags VALUES (1, '')",
        "INSERT INTO run_tags VALUES (99, 'paper')",
        "INSERT INTO run_tags VALUES (1, 'paper'), (1, 'paper')",
        "INSERT INTO notes (text, written) VALUES ('about nothing', '2024-01-01 00:00:00')",
        "INSERT INTO notes (run_id, sweep_id, text, written) VALUES (1, 1, 'both', '2024-01-01 00:00:00')",
        "INSERT INTO notes (run_id, text, written) VALUES (1, '', '2024-01-01 00:00:00')",
        "INSERT INTO notes (run_id, text, written) VALUES (99, 'nobody', '2024-01-01 00:00:00')",
    ],
)
def test_the_database_refuses_what_cannot_be(store, write_sql, statement):
    fill(store, [Run("pruned", 0, [0.5, 0.6], events=[(0, 0.5, 0.4)]), Run("pruned", 1, [0.5, 0.6])])
    with pytest.raises(IntegrityError):
        write_sql(statement)
