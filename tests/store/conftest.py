from __future__ import annotations

import os
import shutil
import uuid

import pytest
import sqlalchemy as sa

from gst.store import Store
from gst.store.connect import parsed
from gst.store.migrate import upgrade

POSTGRES = os.environ.get("GST_TEST_POSTGRES_URL")


def _on_server(*statements: str) -> None:
    engine = sa.create_engine(parsed(POSTGRES), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
    finally:
        engine.dispose()


def _database(name: str) -> str:
    return parsed(POSTGRES).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def backend(request) -> str:
    if request.param == "postgres" and not POSTGRES:
        pytest.skip("GST_TEST_POSTGRES_URL names no server on which databases may be made")
    return request.param


@pytest.fixture(scope="session")
def template(backend, tmp_path_factory) -> str:
    """A migrated, empty store, of which each test gets a copy."""
    if backend == "sqlite":
        path = tmp_path_factory.mktemp("template") / "empty.db"
        upgrade(str(path))
        yield str(path)
    else:
        name = f"gst_template_{uuid.uuid4().hex}"
        _on_server(f"CREATE DATABASE {name}")
        upgrade(_database(name))
        yield name
        _on_server(f"DROP DATABASE {name}")


@pytest.fixture
def blank(backend, tmp_path) -> str:
    """The URL of a database without tables, or of a file that does not exist."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'gst.db'}"
    else:
        name = f"gst_test_{uuid.uuid4().hex}"
        _on_server(f"CREATE DATABASE {name}")
        yield _database(name)
        _on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def url(backend, template, tmp_path) -> str:
    """The URL of an empty store."""
    if backend == "sqlite":
        shutil.copy(template, tmp_path / "gst.db")
        yield f"sqlite:///{tmp_path / 'gst.db'}"
    else:
        name = f"gst_test_{uuid.uuid4().hex}"
        _on_server(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield _database(name)
        _on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(url) -> Store:
    with Store.open(url) as opened:
        yield opened


@pytest.fixture
def write_sql(url):
    """Run a statement on the store behind the back of gst."""
    engine = sa.create_engine(parsed(url))

    def write(statement: str, **values) -> None:
        with engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.execute(sa.text(statement), values)

    yield write
    engine.dispose()
