"""What the dashboard asks, of Postgres: the answers are those of SQLite."""

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

from gst.dashboard.account import account
from gst.dashboard.answers import answer
from gst.dashboard.dynamics import run_curves
from gst.dashboard.points import Points
from gst.dashboard.report import report
from gst.dashboard.runs import COLUMNS, Filter, arms, run_page
from gst.dashboard.sweeps import failures, results_version, sweep_names, sweep_states, version
from gst.errors import InputError
from gst.store import Store
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


def test_sweeps_and_failures(postgres, store):
    names = ["troubled", "hand"]
    assert sweep_names(postgres) == sweep_names(store) == names
    for state, own in zip(sweep_states(postgres), sweep_states(store), strict=True):
        assert state.progress == postgres.progress(state.progress.sweep_id)._replace(arms=())
        assert state.progress._replace(heartbeat=None) == own.progress._replace(heartbeat=None)
    (failure,), (own_failure,) = failures(postgres, 5), failures(store, 5)
    assert failure._replace(ended=None) == own_failure._replace(ended=None)
    assert version(postgres) == version(postgres)
    assert results_version(postgres) == results_version(postgres)


@pytest.mark.parametrize("sort", [None, *COLUMNS])
def test_the_table_of_runs(postgres, store, sort):
    chosen = Filter("troubled", statuses=("completed", "failed", "pending"), text="digits", sort=sort)
    found, own = run_page(postgres, chosen), run_page(store, chosen)
    assert (found.total, found.first) == (own.total, own.first)
    column = sort or "key"  # runs that are alike in it may come in any order
    assert [row[column] for row in found.rows] == [row[column] for row in own.rows]
    assert sorted(row["key"] for row in found.rows) == sorted(row["key"] for row in own.rows)
    assert arms(postgres, "troubled") == arms(store, "troubled")


def test_curves_and_points(postgres, store):
    keys = [row["key"] for row in run_page(store, Filter("troubled")).rows]
    assert run_curves(postgres, keys) == run_curves(store, keys)
    found, own = Points(postgres).of("hand"), Points(store).of("hand")
    assert [p.run._replace(config_id=0) for p in found] == [p.run._replace(config_id=0) for p in own]


def test_a_report_and_its_account(postgres, store):
    found, own = account(postgres, "troubled"), account(store, "troubled")
    for name in ("shared", "arms", "software", "datasets", "figures", "failed"):
        assert getattr(found, name) == getattr(own, name)
    assert "By hand" in report(postgres, "troubled")


def test_nothing_can_be_written_by_a_question(postgres):
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
        with pytest.raises(InputError, match="read-only"):
            answer(postgres, "WITH one AS (SELECT 1) DELETE FROM sweep_runs", {})
        with pytest.raises(InputError, match="read-only"):
            answer(postgres, "WITH gone AS (DELETE FROM sweep_runs RETURNING 1) SELECT 1 FROM gone", {})
    assert postgres.query("SELECT count(*) FROM runs").rows == before
    assert postgres.query("SELECT count(*) FROM sweep_runs").rows[0][0] == 15
