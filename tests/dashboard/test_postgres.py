"""What the dashboard shows of Postgres is what it shows of SQLite, and nothing can be written."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import suppress

import pytest
import sqlalchemy as sa
from stores import fill
from tradeoffs import HAND
from troubled import TROUBLED

from gst.dashboard.points import paired_sweep
from gst.dashboard.report import report
from gst.dashboard.run_curves import run_curve
from gst.errors import InputError
from gst.store import Filter, Store, run_page
from gst.store.connect import parsed

SERVER = os.environ.get("GST_TEST_POSTGRES_URL")
pytestmark = pytest.mark.skipif(
    not SERVER, reason="GST_TEST_POSTGRES_URL names no server on which databases may be made"
)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Store]:
    """A store on Postgres with the runs of the other tests, opened read-only."""
    name = f"gst_dashboard_{uuid.uuid4().hex}"
    engine = sa.create_engine(parsed(SERVER), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    url = parsed(SERVER).set(database=name).render_as_string(hide_password=False)
    with Store.open(url, create=True) as store:
        fill(store, HAND)
        fill(store, TROUBLED, name="troubled")
    with Store.open(url, readonly=True) as store:
        yield store
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def test_curves_and_points(postgres, store):
    for row in run_page(store, Filter("troubled")).rows:
        assert run_curve(postgres.run(row["key"])) == run_curve(store.run(row["key"]))
    found, own = paired_sweep(postgres, "hand").points, paired_sweep(store, "hand").points
    assert [p.run._replace(config_id=0) for p in found] == [p.run._replace(config_id=0) for p in own]


def test_a_report(postgres):
    assert "By hand" in report(postgres, "troubled")


def test_nothing_can_be_written_by_a_question(postgres, page):
    answer = page("sql").answer
    before = postgres.query("SELECT count(*) FROM runs").rows
    for statement in (
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        "SELECT set_config('default_transaction_read_only', 'off', false)",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "COMMIT",
    ):
        # Whether it is refused or not: what it sets ends with its own transaction.
        with suppress(InputError):
            answer(postgres, statement, {})
        with pytest.raises(InputError, match=r"read-only|syntax error|must not contain"):
            answer(postgres, "WITH one AS (SELECT 1) DELETE FROM sweep_runs", {})
        with pytest.raises(InputError, match=r"read-only|syntax error|must not contain"):
            answer(postgres, "WITH gone AS (DELETE FROM sweep_runs RETURNING 1) SELECT 1 FROM gone", {})
    assert postgres.query("SELECT count(*) FROM runs").rows == before
    assert postgres.query("SELECT count(*) FROM sweep_runs").rows[0][0] == 15
