import hashlib
import sqlite3
import stat

import pytest
from stores import Run, fill, run_config, sweep_of

from gst.archive.manifest import schema_revisions
from gst.errors import InputError, StoreError
from gst.store import Store
from gst.store.connect import parsed, sqlite_path
from gst.store.migrate import refuse_network, upgrade
from gst.store.password import masked

HEAD = schema_revisions()[-1]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "gst.db"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_missing_store_is_not_made_unless_asked(path):
    with pytest.raises(StoreError, match=r"gst\.db: there is no such store; `gst sweep FILE` makes one"):
        Store.open(str(path))
    assert not path.exists()
    with Store.open(str(path), create=True) as store:
        assert store.sweeps() == []
    with Store.open(f"sqlite:///{path}") as store:
        assert store.url == f"sqlite:///{path}"


def test_an_empty_database_becomes_a_store_only_if_asked(blank, backend):
    if backend == "sqlite":
        sqlite_path(parsed(blank)).touch()
    with pytest.raises(StoreError, match=r"is empty; `gst sweep FILE` or `gst db upgrade`"):
        Store.open(blank)
    with Store.open(blank, create=True) as store:
        assert store.sweeps() == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StoreError, match=r"nowhere/gst\.db: cannot be created: No such file or directory"):
        Store.open(str(tmp_path / "nowhere" / "gst.db"), create=True)


def test_a_file_that_is_no_database(path):
    path.write_text("these are notes, and not a database at all\n" * 100)
    before = digest(path)
    for create in (False, True):
        with pytest.raises(StoreError, match="cannot be opened as a store: file is not a database"):
            Store.open(str(path), create=create)
    with pytest.raises(StoreError, match="cannot be opened"):
        upgrade(str(path))
    assert digest(path) == before


def test_a_database_of_something_else(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (text)")
    connection.close()
    before = digest(path)
    for attempt in (Store.open, upgrade):
        with pytest.raises(StoreError, match=r"not a store, it has the tables notes"):
            attempt(str(path))
    assert digest(path) == before


def test_an_older_schema_asks_for_an_upgrade(url, write_sql, monkeypatch):
    monkeypatch.setattr("gst.store.migrate.schema_revisions", lambda: [HEAD, "9998"])
    with pytest.raises(StoreError, match=rf"has schema {HEAD}, this gst needs 9998; `gst db upgrade`"):
        Store.open(url)


def test_a_newer_schema_is_left_untouched(url, write_sql, backend):
    write_sql("UPDATE alembic_version SET version_num = '9999'")
    if backend == "sqlite":
        path = sqlite_path(parsed(url))
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        before = digest(path)
    for attempt in (
        lambda: Store.open(url),
        lambda: Store.open(url, create=True),
        lambda: Store.open(url, readonly=True),
        lambda: upgrade(url),
    ):
        with pytest.raises(StoreError, match=r"has schema 9999, which this gst .* does not know"):
            attempt()
    if backend == "sqlite":
        assert digest(path) == before


def test_sqlite_is_set_up_for_many_writers(path):
    with Store.open(str(path), create=True) as store, store._engine.connect() as connection:
        answers = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        ]
    assert answers == ["wal", 1, 1, 60_000]  # 1 is NORMAL


def test_a_copy_made_by_vacuum_is_set_up_again(path, tmp_path):
    with Store.open(str(path), create=True) as store:
        fill(store, [Run("a", 0, [0.5])])
    connection = sqlite3.connect(path)
    connection.execute("VACUUM INTO ?", [str(tmp_path / "copy.db")])
    connection.close()
    with Store.open(str(tmp_path / "copy.db")) as store, store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert len(store.frame("tradeoff", sweep="hand")) == 1


def test_a_transaction_that_writes_takes_the_lock_before_it_reads(path):
    with Store.open(str(path), create=True) as store, store._writer.begin():
        other = sqlite3.connect(path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT count(*) FROM runs").fetchone() == (0,)
        other.close()


def test_a_store_opened_to_read_cannot_write(url):
    with Store.open(url) as store:
        sweep_id = fill(store, [Run("a", 0, [0.5])])
    with Store.open(url, readonly=True) as store:
        assert len(store.frame("tradeoff", sweep="hand")) == 1
        assert store.progress(sweep_id).counts["completed"] == 1
        for attempt in (
            lambda: store.register(sweep_of({"a": run_config()})),
            lambda: store.take_over(sweep_id),
            lambda: store.retry(),
            lambda: store.interrupt(sweep_id, 1),
        ):
            with pytest.raises(InputError, match="opened read-only"):
                attempt()
        with (
            pytest.raises(Exception, match=r"readonly database|read-only transaction"),
            store._engine.begin() as c,
        ):
            c.exec_driver_sql("DELETE FROM epochs")
    with Store.open(url) as store:
        assert len(store.query("SELECT * FROM epochs").rows) == 1


def test_reading_needs_no_write_permission(path):
    with Store.open(str(path), create=True) as store:
        fill(store, [Run("a", 0, [0.5])])
    path.chmod(stat.S_IRUSR)
    with Store.open(str(path), readonly=True) as store:
        assert len(store.query("SELECT * FROM epochs").rows) == 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("postgresql://me:secret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:se@cr:et@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me@host/db?password=secret&x=1", "postgresql://me@host/db?password=***&x=1"),
        ("postgresql://host/db?sslpassword=secret", "postgresql://host/db?sslpassword=***"),
        ("nonsense://me:secret@", "nonsense://me:***@"),
        ("sqlite:////tmp/gst.db", "sqlite:////tmp/gst.db"),
    ],
)
def test_passwords_are_masked(given, shown):
    assert masked(given) == shown
    if given.startswith("postgresql") and "se@" not in given:
        assert masked(parsed(given)).replace("+psycopg", "") == shown


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:secret@host/db",
        "sqlite://",
        "sqlite:///:memory:",
        ":memory:",
        "sqlite:x.db",
        "sqlite3:x.db",
        "sqlite:///file:x?mode=memory&uri=true",
        "sqlite://me:secret@host/x.db",
        "http://me:secret@host:port:port/",
        "postgresql://me:secret@host:port/db",
    ],
)
def test_what_cannot_be_a_store_is_refused(url):
    with pytest.raises(
        StoreError, match=r"give a file, such as gst\.db or sqlite:///gst\.db, or postgresql://user@host/"
    ) as caught:
        Store.open(url, create=True)
    assert "secret" not in str(caught.value)


def test_a_server_that_does_not_answer_is_named_without_the_password():
    with pytest.raises(StoreError, match=r"me:\*\*\*@127\.0\.0\.1:1/db: cannot be opened") as caught:
        Store.open("postgres://me:secret@127.0.0.1:1/db")
    assert "secret" not in str(caught.value)


def test_a_network_filesystem_is_refused_for_writing_only(path, monkeypatch):
    Store.open(str(path), create=True).close()
    monkeypatch.setattr("gst.store.migrate.network_filesystem", lambda _: "nfs4")
    with pytest.raises(
        StoreError, match=r"network filesystem \(nfs4\).*put the file on a local disk, or use Postgres"
    ):
        Store.open(str(path))
    with pytest.raises(StoreError, match="nfs4"):
        upgrade(str(path))
    Store.open(str(path), readonly=True).close()
    monkeypatch.undo()
    refuse_network(parsed(str(path)))


def test_a_path_may_have_any_characters(tmp_path):
    path = tmp_path / "a b%20c?mode=ro#é&x=:y" / "my store.db"
    path.parent.mkdir()
    for url in (str(path), f"sqlite:///{path}"):
        with Store.open(url, create=True) as store:
            fill(store, [Run("a", 0, [0.5])])
            assert len(store.query("SELECT * FROM epochs").rows) == 1
        assert sorted(it.name for it in path.parent.iterdir()) == ["my store.db"]
        path.unlink()
    assert [it.name for it in tmp_path.iterdir()] == [path.parent.name]


def test_options_of_a_postgres_url_are_kept(url, backend):
    if backend != "postgres":
        pytest.skip("this is about Postgres")
    with Store.open(f"{url}?options=-c%20application_name%3Dhello", readonly=True) as store:
        assert store.query("SHOW application_name;").rows == [("hello",)]
        assert store.query("SHOW timezone;").rows == [("UTC",)]
        assert store.query("SHOW transaction_read_only;").rows == [("on",)]
