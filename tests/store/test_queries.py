from contextlib import suppress
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.exc import DBAPIError
from stores import PROVENANCE, Run, claimed, config_of, fill, play, run_config, sweep_of

from gst.config import RunSpec
from gst.errors import InputError, UnknownNameError
from gst.paths import project_folder
from gst.store import Store
from gst.store.connect import connect, parsed
from gst.store.queries import ROWS, named_queries
from gst.store.schema import runs

NAMES = [
    *("barrier", "cost", "driver_effect", "dynamics", "events", "failed", "group_losses", "level_summary"),
    *("levels", "optimal_sparsity", "progress", "provenance", "run_summary", "tradeoff"),
]


@pytest.fixture
def filled(store):
    fill(
        store,
        [
            Run("none", 0, [0.5, 0.75]),
            Run("none", 1, [0.25, 0.5], status="failed"),
            Run("pruned", 0, [0.5, 0.25], events=[(-1, 0.125, 0.125), (0, 0.5, 0.25), (1, 0.5, 0.5, 0)]),
            Run("pruned", 1, [0.75], events=[(0, 0.5, 0.375)], status="running"),
        ],
    )
    return store


def rows(store, query, *columns, **params):
    frame = store.frame(query, **params)
    return [tuple(row) for row in frame[list(columns)].itertuples(index=False)]


def test_these_are_the_named_queries():
    assert [query.name for query in named_queries()] == NAMES
    for query in named_queries():
        assert query.parameters == ("sweep",)
        assert "?" in query.question
        assert "One row is " in query.question
        assert query.question.endswith(".")
        assert (project_folder("db") / "queries" / f"{query.name}.sql").read_text() == query.sql


@pytest.mark.parametrize("name", NAMES)
def test_every_query_answers_on_an_empty_store(store, name):
    (text,) = (query.sql for query in named_queries() if query.name == name)
    assert store.query(text, sweep="hand").rows == []
    assert store.frame(text, sweep="hand").columns.any()


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("cost", 2),
        ("driver_effect", 1),
        ("dynamics", 4),
        ("events", 4),
        ("failed", 1),
        ("progress", 2),
        ("provenance", 4),
        ("run_summary", 4),
        ("tradeoff", 2),
    ],
)
def test_every_query_answers_on_a_filled_store(filled, name, count):
    assert len(filled.frame(name, sweep="hand")) == count
    with pytest.raises(UnknownNameError, match="no sweep 'another'; there are: hand"):
        filled.frame(name, sweep="another")


def test_dynamics(filled):
    columns = ("arm", "epoch", "n", "mean_test_accuracy", "mean_train_accuracy", "mean_parameters_left")
    assert rows(filled, "dynamics", *columns, sweep="hand") == [
        ("none", 0, 2, 0.375, 1.0, 1000.0),
        ("none", 1, 2, 0.625, 1.0, 1000.0),
        ("pruned", 0, 2, 0.625, 1.0, 1000.0),
        ("pruned", 1, 1, 0.25, 1.0, 1000.0),
    ]


def test_events(filled):
    assert rows(filled, "events", "arm", "seed", "epoch", "removed", "drop", "stability", sweep="hand") == [
        ("pruned", 0, -1, 1, 0.0, 1.0),
        ("pruned", 0, 0, 1, 0.25, 0.5),
        ("pruned", 0, 1, 0, 0.0, 1.0),
        ("pruned", 1, 0, 1, 0.125, 0.75),
    ]


def test_failed(filled):
    columns = ("arm", "seed", "reason", "attempts", "last_epoch", "host", "outcome", "log_tail")
    assert rows(filled, "failed", *columns, sweep="hand") == [
        ("none", 1, "RuntimeError: broken", 1, 1, "host", "failed", "last line")
    ]


def test_progress(filled):
    columns = ("arm", "runs", "completed", "failed", "running", "pending", "epochs_done", "epochs", "seconds")
    assert rows(filled, "progress", *columns, sweep="hand") == [
        ("none", 2, 1, 1, 0, 0, 4, 4, 1.0),
        ("pruned", 2, 1, 0, 1, 0, 3, 4, 0.75),
    ]


def test_provenance(filled):
    columns = ["arm", "seed", "attempt", "outcome", "host", "torch", "git_commit", "dataset", "dataset_hash"]
    found = filled.query("provenance", sweep="hand")
    places = [found.columns.index(name) for name in columns]
    assert [tuple(row[place] for place in places) for row in found.rows] == [
        ("none", 0, 1, "completed", "host", "2.8.0", "abc", "digits", "d1"),
        ("none", 1, 1, "failed", "host", "2.8.0", "abc", "digits", "d1"),
        ("pruned", 0, 1, "completed", "host", "2.8.0", "abc", "digits", "d1"),
        ("pruned", 1, 1, None, "host", "2.8.0", "abc", "digits", "d1"),
    ]


H200 = replace(PROVENANCE, device="cuda", gpu="H200", gpu_driver="570.1", cpus=2.0, gpus=0.25)
OLDER = replace(H200, gpu_driver="550.2")
# Stability and accuracy of pruned runs, by seed: the first six on one driver, the next three on another.
MEASURED = [(0.9, 0.71), (0.8, 0.74), (0.95, 0.7), (0.5, 0.81), (0.6, 0.7), (0.7, 0.77),
            (0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.5, 0.9), (0.5, 0.7)]  # fmt: skip


@pytest.fixture
def two_drivers(store):
    """Pruned runs on two drivers and a CPU, one of which began elsewhere; an unpruned and a failed run."""
    runs = [
        Run("pruned", seed, [accuracy], events=[(0, 0.5, 0.5 * stability)])
        for seed, (stability, accuracy) in enumerate(MEASURED)
    ]
    configs = {"pruned": config_of(0, runs), "none": run_config(epochs=1)}
    sweep_id = store.register(sweep_of(configs | {"again": configs["pruned"]}, range(13)))
    driver = store.take_over(sweep_id)

    def trained(run, *machines):
        for machine in machines:
            spec = RunSpec(configs[run.arm], run.seed)
            recorder = claimed(store, spec, sweep_id, driver, provenance=machine)
        play(recorder, run)

    for run in runs:
        here = H200 if run.seed < 6 else OLDER if run.seed < 9 else PROVENANCE
        trained(run, *((OLDER, H200) if run.seed == 0 else (here,)))
    trained(Run("none", 0, [0.5]), H200)
    trained(Run("pruned", 11, [0.5], events=[(0, 0.5, 0.5)], status="failed"), H200)
    return store


def test_driver_effect(two_drivers):
    found = rows(
        two_drivers, "driver_effect", "device", "gpu", "gpu_driver", "n", "mixed",
        "mean_test_accuracy", "mean_stability", "r", sweep="hand",
    )  # fmt: skip
    for row, places, machine in zip(found, [slice(0, 6), slice(6, 9)], [H200, OLDER], strict=False):
        stability, accuracy = np.array(MEASURED[places]).T
        assert row[:5] == ("cuda", "H200", machine.gpu_driver, len(accuracy), int(machine is H200))
        expected = (accuracy.mean(), stability.mean(), np.corrcoef(stability, accuracy)[0, 1])
        assert row[5:] == pytest.approx(expected, rel=1e-12)
    assert found[1][7] == pytest.approx(1.0, rel=1e-12)
    (*cpu, r) = found[2]
    assert cpu[0] == "cpu"
    assert cpu[3:] == [2, 0, pytest.approx(0.8), 0.5]
    assert pd.isna(cpu[1])
    assert pd.isna(r)  # of two runs, and the same stability
    assert len(found) == 3


@pytest.mark.parametrize("stabilities", [(0.7, 0.7, 0.7), (0.1, 0.2, 0.3)], ids=["stability", "accuracy"])
def test_there_is_no_correlation_with_what_does_not_vary(store, stabilities):
    accuracies = (0.1, 0.7, 0.3) if len(set(stabilities)) == 1 else (0.7, 0.7, 0.7)
    runs = [
        Run("pruned", seed, [accuracies[seed]], events=[(0, 0.3, 0.3 * it)])
        for seed, it in enumerate(stabilities)
    ]
    fill(store, runs)
    (found,) = store.query("SELECT min(stability) AS a, max(stability) AS b FROM tradeoff").rows
    assert (found[0] == found[1]) == (len(set(stabilities)) == 1)
    columns, (row,) = store.query("driver_effect", sweep="hand")
    assert dict(zip(columns, row, strict=True)) | {"n": 3, "r": None} == dict(zip(columns, row, strict=True))


def test_cost(two_drivers, write_sql):
    write_sql("UPDATE attempts SET seconds = 3600 * (run_id + 1)")
    write_sql("UPDATE attempts SET peak_memory = 100 * run_id WHERE outcome = 'completed'")
    keys = [row[0] for row in two_drivers.query("SELECT key FROM runs WHERE status = 'pending'").rows]
    claimed(two_drivers, two_drivers.spec(keys[0]), 1, 1)  # an attempt that goes on has no cost yet
    attempts = two_drivers.query(
        "SELECT c.kind, a.device, a.run_id, a.outcome FROM attempts a JOIN runs r ON r.run_id = a.run_id"
        " JOIN configs c ON c.config_id = r.config_id WHERE a.ended IS NOT NULL"
    ).rows
    found = two_drivers.query("cost", sweep="hand")
    by_arm = {row[:2]: dict(zip(found.columns[2:], row[2:], strict=True)) for row in found.rows}
    assert list(by_arm) == [
        ("pruned", "cuda"), ("pruned", "cpu"), ("none", "cuda"), ("again", "cuda"), ("again", "cpu"),
    ]  # fmt: skip
    for (arm, device), row in by_arm.items():
        kind = "none" if arm == "none" else "filters"
        own = [(run, outcome) for k, d, run, outcome in attempts if (k, d) == (kind, device)]
        hours = sum(run + 1 for run, _ in own)
        on_gpu = device == "cuda"
        assert row == {
            "gpu": "H200" if on_gpu else None,
            "runs": len({run for run, _ in own}),
            "attempts": len(own),
            "lost": [outcome for _, outcome in own].count("lost"),
            "seconds": 3600 * hours,
            "seconds_not_completed": 3600 * sum(run + 1 for run, outcome in own if outcome != "completed"),
            "cpu_hours": hours * (2 if on_gpu else 1),
            "gpu_hours": hours / 4 if on_gpu else 0,
            "peak_memory": max(100 * run for run, outcome in own if outcome == "completed"),
        }
    pruned = by_arm["pruned", "cuda"]
    assert (pruned["runs"], pruned["attempts"], pruned["lost"]) == (10, 11, 1)


def test_a_root_is_the_same_on_both_databases(store):
    query = "SELECT sqrt(0), sqrt(2.25), sqrt(NULL), sqrt(CAST(2 AS DOUBLE PRECISION))"
    assert store.query(query).rows == [(0, 1.5, None, 2**0.5)]


def test_run_summary_and_tradeoff_are_in_file_order(filled):
    assert rows(filled, "run_summary", "arm", "seed", "status", sweep="hand") == [
        ("none", 0, "completed"), ("none", 1, "failed"), ("pruned", 0, "completed"), ("pruned", 1, "running"),
    ]  # fmt: skip
    assert rows(filled, "tradeoff", "arm", "seed", "stability", sweep="hand") == [
        ("none", 0, 1.0),
        ("pruned", 0, 0.5),
    ]


def test_a_sweep_s_name_means_the_one_registered_last(store):
    old = fill(store, [Run("old", 0, [0.5])])
    fill(store, [Run("new", 0, [0.5, 0.25])])
    assert set(store.frame("run_summary", sweep="hand").arm) == {"new"}
    old_spec = store.spec(store.query("SELECT key FROM tradeoff WHERE sweep_id = :it", it=old).rows[0][0])
    assert store.register(sweep_of({"old": old_spec.config})) == old
    for name in NAMES:
        arms = store.frame(name, sweep="hand").get("arm", pd.Series())
        assert set(arms) <= {"old"}


def test_sql_with_parameters(filled):
    query = (
        "SELECT seed, status FROM runs WHERE status IN (:one, :two) AND seed >= :least ORDER BY seed, status"
    )
    assert filled.query(query, one="failed", two="running", least=1) == (
        ("seed", "status"),
        [(1, "failed"), (1, "running")],
    )
    assert filled.query("SELECT :x", x="'; DROP TABLE runs; --").rows == [("'; DROP TABLE runs; --",)]


@pytest.mark.parametrize(
    ("sql", "answer"),
    [
        ("SELECT ':x', 'a;b' AS \"c:d;\" -- :y; ;", (":x", "a;b")),
        ("/* :x; \n :y */ SELECT 'it''s :z';", ("it's :z",)),
        ("SELECT 10 % 3, '100%', 'back\\slash:x' ; -- done", (1, "100%", "back\\slash:x")),
        ("SELECT 'a::b', '\\:x', ': '", ("a::b", "\\:x", ": ")),
        ("SELECT '12:30', '-- no comment', '/* nor this */'", ("12:30", "-- no comment", "/* nor this */")),
    ],
)
def test_colons_and_semicolons_in_quotes_and_comments_mean_nothing(store, sql, answer):
    assert store.query(sql).rows == [answer]


def test_parameters_that_do_not_fit_are_named(store):
    with pytest.raises(InputError, match="query 'tradeoff': the parameter sweep is missing; it needs sweep"):
        store.frame("tradeoff")
    with pytest.raises(InputError, match="SQL: the parameter b, c is missing; it needs a, b, c"):
        store.query("SELECT :a, :b, :c", a=1)
    with pytest.raises(
        InputError, match="query 'tradeoff': there is no parameter 'sweeps'; did you mean 'sweep'"
    ):
        store.frame("tradeoff", sweep="hand", sweeps="hand")
    with pytest.raises(InputError, match="there is no parameter 'swep'; did you mean 'sweep'"):
        store.frame("tradeoff", swep="hand")
    with pytest.raises(InputError, match="SQL: there is no parameter 'x'; it needs none"):
        store.query("SELECT 1", x=1)


def test_an_unknown_name_is_answered_with_those_there_are(store):
    with pytest.raises(
        UnknownNameError,
        match=r"no query 'failled'; did you mean 'failed'\? There are: barrier, cost, driver_effect, dy",
    ):
        store.frame("failled")


@pytest.mark.parametrize(
    "sql", ["SELECT 1; SELECT 2", "SELECT 1; DELETE FROM runs", "SELECT ';'; --x\n; SELECT 1;"]
)
def test_one_statement_at_a_time(store, sql):
    with pytest.raises(InputError, match="SQL: one statement at a time"):
        store.query(sql)


@pytest.mark.parametrize("sql", ["", " ; ", "-- nothing\n", "/* nothing */ ;"])
def test_no_statement_at_all(store, sql):
    with pytest.raises(InputError, match="there is no statement in it"):
        store.query(sql)


def test_sql_that_the_database_refuses_is_an_input_error(store):
    with pytest.raises(
        InputError, match=r"SQL: .*(no such table: nowhere|relation \"nowhere\" does not exist)"
    ):
        store.query("SELECT * FROM nowhere")
    with pytest.raises(InputError, match="SQL: "):
        store.query("SELECT :x", x=object())


REFUSED = r"readonly database|read-only transaction|syntax error at or near \"DELETE\""

WRITES = [
    "DELETE FROM epochs",
    "UPDATE runs SET status = 'completed'",
    "INSERT INTO datasets (name, train, test, classes, content_hash, source) VALUES ('a', 1, 1, 1, 'b', 'c')",
    "DROP TABLE epochs",
    "DROP VIEW tradeoff",
    "CREATE TABLE new_one (x INTEGER)",
]


@pytest.mark.parametrize("sql", [*WRITES, "COPY (SELECT 1) TO '/tmp/x'", "(\nDO 'x'", "set x = 1", "'a'"])
def test_what_is_no_question_is_refused(store, sql):
    word = sql.split()[0] if sql[0].isalpha() else "DO" if "DO" in sql else ""
    with pytest.raises(InputError, match=f"SQL: starts with '{word}'; .*a question starts with SELECT, WITH"):
        store.query(sql)


@pytest.mark.parametrize("readonly", [False, True])
def test_a_question_that_would_write_is_refused_by_the_database(url, readonly):
    with Store.open(url) as store:
        fill(store, [Run("a", 0, [0.5])])
    with Store.open(url, readonly=readonly) as store:
        with pytest.raises(InputError, match=REFUSED):
            store.query("WITH one AS (SELECT 1) DELETE FROM epochs")
        assert len(store.frame("tradeoff", sweep="hand")) == 1


@pytest.mark.parametrize("sql", WRITES)
def test_a_connection_for_reading_writes_nothing(url, sql):
    engine = connect(parsed(url), readonly=True)
    with pytest.raises(DBAPIError, match=REFUSED), engine.begin() as connection:
        connection.exec_driver_sql(sql)
    engine.dispose()


def test_no_second_statement_hides_from_gst(store):
    """Postgres ends this quotation before gst does; its server, not gst, must refuse the rest."""
    fill(store, [Run("a", 0, [0.5])])
    with pytest.raises(InputError, match=r"multiple commands|no such column|syntax error"):
        store.query(r"SELECT e'\'' ; ROLLBACK; BEGIN READ WRITE; DELETE FROM epochs; COMMIT --'")
    assert store.query("SELECT count(*) FROM epochs").rows == [(1,)]


def test_a_question_cannot_make_the_next_one_write(url, backend, tmp_path):
    with Store.open(url) as store:
        fill(store, [Run("a", 0, [0.5])])
        if backend == "sqlite":
            for sql in ("PRAGMA query_only = 0", "PRAGMA journal_mode = DELETE"):
                with pytest.raises(InputError, match="not authorized"):
                    store.query(sql)
            with pytest.raises(DBAPIError, match="not authorized"), store._reader.connect() as connection:
                connection.exec_driver_sql(f"ATTACH '{tmp_path}/new.db' AS other")
            assert not (tmp_path / "new.db").exists()
            assert len(store.query("PRAGMA table_info(runs)").rows) == len(runs.c)
        else:
            for setting in ("default_transaction_read_only", "transaction_read_only"):
                with suppress(InputError):
                    store.query("SELECT set_config(:setting, 'off', false)", setting=setting)
        with pytest.raises(InputError, match=REFUSED):
            store.query("WITH one AS (SELECT 1) DELETE FROM epochs")


def test_a_frame_has_the_types_of_the_columns(filled):
    frame = filled.frame("SELECT seed, last_epoch, seconds, key FROM runs WHERE status = 'completed'")
    assert [str(kind) for kind in frame.dtypes] == ["int64", "int64", "float64", "str"]
    averages = filled.frame("SELECT avg(seed) AS a, sum(last_epoch) AS s, count(*) AS n FROM runs")
    assert [str(kind) for kind in averages.dtypes] == ["float64", "int64", "int64"]


def test_questions_see_what_was_written_meanwhile(store):
    assert len(store.frame("SELECT * FROM tradeoff")) == 0
    fill(store, [Run("a", 0, [0.5])])
    assert len(store.frame("tradeoff", sweep="hand")) == 1
    store.register(sweep_of({"b": run_config()}, name="next"))
    assert len(store.query("SELECT * FROM sweeps").rows) == 2


def test_numbers_are_rows_by_columns_without_end(filled):
    found = filled.numbers("SELECT epoch, test_accuracy, NULL FROM epochs ORDER BY test_accuracy, epoch")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found[:3], [[0, 0.25, np.nan], [1, 0.25, np.nan], [0, 0.5, np.nan]])
    long = "SELECT a.epoch + 1, b.epoch FROM epochs a, epochs b, epochs c, epochs d ORDER BY 1, 2"
    assert filled.numbers(long).tolist() == [list(row) for row in filled.query(long).rows]
    assert len(filled.numbers(long)) > ROWS
    assert filled.numbers("SELECT epoch, lr FROM epochs WHERE run_id < :least", least=0).shape == (0, 2)


@pytest.mark.parametrize("ask", [Store.query, Store.numbers, Store.frame])
def test_what_fails_between_rows_is_an_input_error(filled, backend, ask):
    each = "1 / (1 - epoch)" if backend == "postgres" else "abs(-9223372036854775807 - epoch)"
    with pytest.raises(InputError, match=r"SQL: (integer overflow|division by zero)"):
        ask(filled, f"SELECT {each} FROM epochs ORDER BY epoch")
    assert filled.query("SELECT 1").rows == [(1,)]
