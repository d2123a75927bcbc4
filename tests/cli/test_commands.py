"""The commands that read a store: plan, status, ls, show, sql, figure, db and version."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from contextlib import closing

import pytest
from branches import BRANCHES
from level_stores import Level, Levels, fill_levels, level_config
from sqlalchemy.exc import OperationalError
from stores import Run, claimed, fill, run_config, samples_of, sweep_of
from tiny_sweep import EPOCHS, TINY

from gst.cli.files import shipped_sweeps
from gst.config import RunSpec
from gst.store import Store

READERS = (
    ("status",),
    ("status", "tiny"),
    ("ls",),
    ("show", "abc"),
    ("logs", "abc"),
    ("diff", "abc", "abd"),
    ("sql", "SELECT 1"),
    ("figure", "tradeoff", "--sweep", "tiny"),
    ("db", "check"),
)


@pytest.fixture
def troubled(folder):
    """A store with a run in every state, as `gst.db`."""
    with Store.open("gst.db", create=True) as store:
        fill(
            store,
            [
                Run("base", 0, [0.5, 0.75]),
                Run("base", 1, [0.5], status="failed"),
                Run("pruned", 0, [0.5, 0.25], events=[(0, 0.5, 0.25), (1, 0.5, 0.4)]),
                Run("pruned", 1, [0.5], events=[(0, 0.5, 0.5)], status="interrupted"),
            ],
            name="hand",
        )
    return folder / "gst.db"


def change(store, statement, *values):
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute(statement, values)


def test_a_plan_without_a_store_counts_everything(gst, folder):
    result = gst("plan", "tiny.yaml")
    assert result.exit_code == 0, result.output
    header, unpruned, pruned = result.stdout.splitlines()
    assert header.split() == [
        *("sweep", "arm", "runs", "completed", "failed", "shared"),
        *("epochs", "left", "events", "parameters", "removes"),
    ]
    assert unpruned.split() == ["tiny", "No", "Pruning", "2", "0", "0", "0", "6", "6", "0"]
    assert pruned.split()[:9] == ["tiny", "PruneL", "2", "0", "0", "0", "6", "6", "2"]
    assert pruned.endswith("  conv1 4/8, conv2 8/16 filters")
    assert result.stderr == (
        "parameters: the share of what is pruned, then with all that has no effect any more without it\n"
        "tiny: 4 runs, 4 to do, 12 of 12 epochs; how long is not known, and `gst plan --time` estimates it\n"
    )
    assert not (folder / "gst.db").exists()


def test_a_plan_knows_what_the_store_has_and_how_long_the_rest_will_take(gst, folder, complete):
    (folder / "more.yaml").write_text(TINY.replace("seeds: 2", "seeds: 3"))
    result = gst("plan", "tiny.yaml", "more.yaml", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["sweep"], row["completed"], row["shared"], row["left"]) for row in rows] == [
        ("tiny", "2", "0", "0"),
        ("tiny", "2", "0", "0"),
        ("more", "2", "2", "3"),
        ("more", "2", "2", "3"),
    ]
    assert re.search(r"more: 6 runs, 2 to do, 6 of 18 epochs, about \d", result.stderr)
    assert result.stderr.endswith(": 2 configurations, 6 different runs (4 of 10 are shared), 18 epochs\n")


def test_a_plan_estimates_the_time_on_this_machine_where_no_run_tells_it(gst):
    result = gst("plan", "tiny.yaml", "--time")
    assert re.search(
        r"12 of 12 epochs, about \d.* one after another, by an estimate on this machine$", result.stderr
    )
    (found,) = json.loads(gst("plan", "tiny.yaml", "--time", "--format", "json").stdout)
    assert found["estimated"]
    assert found["seconds_left"] > 0


def test_a_plan_says_how_many_runs_wait_for_others(gst, folder):
    (folder / "branches.yaml").write_text(BRANCHES)
    said = gst("plan", "branches.yaml").stderr
    assert ": 12 runs (10 once others have completed), 12 to do, " in said


def test_a_plan_says_what_two_shares_of_parameters_are_and_has_one_where_they_are_the_same(gst):
    of_filters, of_weights = gst("plan", "fig2_vgg11"), gst("plan", "quickstart")
    assert "-42.1%, -53.6%  919/2048 filters" in of_filters.stdout
    assert of_filters.stderr.count("parameters: the share of what is pruned, then with") == 1
    assert " -24.0%      fc1 4915/16384 weights" in of_weights.stdout
    assert "parameters:" not in of_weights.stderr


def test_a_plan_as_json_has_every_key_and_event(gst):
    (found,) = json.loads(gst("plan", "tiny.yaml", "--format", "json").stdout)
    assert found["runs"] == 4
    _, pruned = found["arms"]
    assert len(set(pruned["keys"])) == 2
    first = {
        "epoch": 0, "layer": "conv1", "total": 8, "kept_before": 8, "kept_after": 6, "regrown": 0,
    }  # fmt: skip
    assert pruned["events"][0] == first
    assert len(pruned["events"]) == 4


@pytest.mark.slow
def test_all_shipped_sweeps_can_be_planned(gst):
    result = gst("plan", "--all", "--format", "csv")
    assert result.exit_code == 0, result.output
    planned = {row["sweep"] for row in csv.DictReader(io.StringIO(result.stdout))}
    passed_over = set(
        re.findall(r"^(\w+): cannot be planned here: no folder or zip file", result.stderr, re.M)
    )
    assert planned | passed_over == set(shipped_sweeps())
    assert "quickstart" in planned


def test_a_sum_names_the_sweeps_that_it_lacks(gst, folder, monkeypatch):
    (folder / "own.yaml").write_text(TINY.replace("name: digits,", "name: folder, folder: nowhere,"))
    files = {name: folder / f"{name}.yaml" for name in ("own", "tiny", "more")}
    files["more"].write_text(TINY.replace("seeds: 2", "seeds: 3"))
    monkeypatch.setattr("gst.cli.plan.shipped_sweeps", lambda: files)
    last = gst("plan", "--all").stderr.splitlines()[-1]
    assert last.startswith("all together, without own: 2 configurations, 6 different runs")


def test_a_version_of_a_store_is_no_file(refused):
    assert "tiny@0e1a4ea: is a version of a sweep in a store" in refused("plan", "tiny@0e1a4ea")
    assert "`gst status tiny --versions` tells" in refused("sweep", "tiny@0e1a4ea")


@pytest.mark.parametrize("arguments", [(), ("--all", "tiny.yaml")])
def test_a_plan_is_of_files_or_of_all(refused, arguments):
    assert "name sweep files, or give --all" in refused("plan", *arguments)


def test_status_of_all_sweeps_and_of_one(gst, troubled):
    (row,) = csv.DictReader(io.StringIO(gst("status", "--format", "csv").stdout))
    counted = {name: row[name] for name in ("runs", "completed", "interrupted", "failed", "epochs")}
    assert counted == {"runs": "4", "completed": "2", "interrupted": "1", "failed": "1", "epochs": "6"}
    assert gst("status").stdout.splitlines()[0].split("  ")[0] == "sweep"
    assert gst("status").stdout.splitlines()[1].endswith("1 interrupted, 1 failed")
    assert all(len(line) <= 80 for line in gst("status").stdout.splitlines())
    one = gst("status", "hand")
    assert one.stdout.splitlines() == [
        "arm     runs  completed  running  test_accuracy  so_far",
        "base       2          1        0           0.75",
        "pruned     2          1        0           0.25",
    ]
    assert "hand: 6 of 7 epochs; 2 completed, 1 interrupted, 1 failed" in one.stderr
    assert "gst ls --sweep hand --status failed" in one.stderr
    assert json.loads(gst("status", "hand", "--format", "json").stdout)["counts"]["failed"] == 1


def test_ls_lists_what_is_asked_for(gst, troubled):
    def arms(*arguments):
        found = csv.DictReader(io.StringIO(gst("ls", "--format", "csv", *arguments).stdout))
        return [(row.get("arm"), row["seed"], row["status"]) for row in found]

    assert len(arms()) == 4
    assert arms("--sweep", "hand") == [
        ("base", "0", "completed"),
        ("base", "1", "failed"),
        ("pruned", "0", "completed"),
        ("pruned", "1", "interrupted"),
    ]
    assert arms("--sweep", "hand", "--arm", "pruned", "--status", "completed") == [
        ("pruned", "0", "completed")
    ]
    assert arms("--status", "running") == []
    (stable,) = {
        row["mean_stability"]
        for row in csv.DictReader(
            io.StringIO(gst("ls", "--sweep", "hand", "--arm", "base", "--format", "csv").stdout)
        )
    }
    assert stable == ""  # nothing was pruned


def test_ls_names_arms_and_fits_into_a_terminal(gst, tmp_path):
    with Store.open(str(tmp_path / "long.db"), create=True) as store:
        arms = {
            f"{name} of a name that goes on and on, fraction=0.3": run_config(epochs=e) for name, e in NAMES
        }
        store.register(sweep_of(arms, range(2), name="long"))
    head, *lines = gst("ls", "--db", str(tmp_path / "long.db")).stdout.splitlines()
    assert head.split()[:3] == ["key", "arm", "seed"]
    assert len(lines) == 4
    assert all(len(line) <= 80 for line in (head, *lines))
    assert all("..." in line and "=0.3 " in line for line in lines)
    assert {line.split()[1] for line in lines} == {"first", "second"}


NAMES = (("first", 3), ("second", 4))


def test_ls_says_when_there_is_more(gst, troubled):
    result = gst("ls", "--limit", "3")
    assert len(result.stdout.splitlines()) == 4
    assert result.stderr == "there are more than 3 runs; see them with --limit\n"
    assert gst("ls", "--limit", "4").stderr == ""


def test_show_tells_what_is_known_of_a_run_from_the_start_of_its_key(gst, troubled):
    key = next(csv.DictReader(io.StringIO(gst("ls", "--status", "failed", "--format", "csv").stdout)))["key"]
    text = gst("show", key[:12]).stdout
    assert text.startswith(f"run {key}\n  status      failed\n  reason      RuntimeError: broken\n")
    assert "    name: digits_cnn\n" in text
    assert "attempt 1, traceback\n  Traceback (most recent call last):\n" in text
    assert "attempt 1, last lines of its log\n  last line" in text
    found = json.loads(gst("show", key, "--format", "json").stdout)
    assert found["run"]["status"] == "failed"
    assert found["sweeps"][0]["arm"] == "base"


def test_show_says_what_each_attempt_used_of_its_machine(gst, folder):
    config = run_config(epochs=1)
    with Store.open("gst.db", create=True) as store:
        sweep_id = store.register(sweep_of({"arm": config}, (0,)))
        recorder = claimed(store, RunSpec(config, 0), sweep_id, store.take_over(sweep_id))
        recorder.samples = samples_of
        recorder.finish()
        key = recorder.key
    assert (
        "\nsystem\n  attempt 1, over 4 s: 1.25 CPUs busy, at most 2.1 GB of memory, GPU busy 75% of the "
        in (gst("show", key).stdout)
    )
    found = json.loads(gst("show", key, "--format", "json").stdout)["system_samples"]
    assert [it["cpu_use"] for it in found["1"]] == [1.25, 1.0, 1.5]


def test_show_counts_epochs_from_zero_as_sweep_files_do(gst, troubled):
    listed = gst(
        "ls", "--sweep", "hand", "--arm", "pruned", "--status", "completed", "--format", "csv"
    ).stdout
    text = gst("show", next(csv.DictReader(io.StringIO(listed)))["key"]).stdout
    events = text.partition("pruning events")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[:2] for line in events[2:]] == [["0", "filters"], ["1", "filters"]]


def test_show_has_the_levels_of_a_run(gst, folder):
    with Store.open("gst.db", create=True) as store:
        levels = [Level(0.5, 0.625, noisy=1.5, groups=(0.25, 0.75)), Level(0.75, 0.5, groups=(0.5, 0.5))]
        configs = {"IMP": level_config(levels=1, label_noise=0.25, validation=0.125)}
        fill_levels(store, [Levels("IMP", 0, levels)], configs)
        (key,) = (row[0] for row in store.query("SELECT key FROM runs").rows)
    text = gst("show", key).stdout
    title, *rows = text.partition("\nlevels\n")[2].partition("\n\n")[0].splitlines()
    assert title.split()[:3] == ["level", "epoch", "weights_left"]
    assert [row.split() for row in rows] == [
        ["0", "2", "1024", "0.5", "0.625", "1", "0.5", "1.5"], ["1", "4", "512", "0.75", "0.5", "0.5", "0.5"],
    ]  # fmt: skip
    found = json.loads(gst("show", key, "--format", "json").stdout)
    assert [(it["level"], it["bin"], it["loss"]) for it in found["groups"]] == [
        (0, 1, 0.25), (0, 2, 0.75), (1, 1, 0.5), (1, 2, 0.5),
    ]  # fmt: skip


def test_sql_by_statement_and_by_name(gst, complete):
    assert gst("sql", "SELECT COUNT(*) AS n FROM epochs").stdout == f" n\n{EPOCHS}\n"
    assert gst("sql", "SELECT x'00FF' AS bytes").stdout == "bytes\nx'00ff'\n"
    found = json.loads(gst("sql", "@tradeoff", "-p", "sweep=tiny", "--format", "json").stdout)
    assert {row["arm"] for row in found} == {"No Pruning", "PruneL"}
    asked = gst("sql", "SELECT seed FROM runs WHERE seed > :least", "-p", "least=0", "--format", "csv")
    assert asked.stdout == "seed\n1\n1\n"


def test_sql_lists_the_queries_that_come_with_gst(gst):
    rows = json.loads(gst("sql", "@", "--format", "json").stdout)
    assert {"query": "tradeoff", "parameters": "sweep"}.items() <= {row["query"]: row for row in rows}[
        "tradeoff"
    ].items()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sql", "@tradeof"], "no query 'tradeof'; did you mean 'tradeoff'?"),
        (["sql", "@tradeoff"], "the parameter sweep is missing"),
        (["sql", "@tradeoff", "-p", "sweep"], "expected name=value"),
        (["sql", "@tradeoff", "-p", "sweep=tini"], "no sweep 'tini'; did you mean 'tiny'?"),
        (["sql", "SELECT :x", "-p", f"x={2**63}"], f"expected a number from -{2**63 - 1} to {2**63 - 1}"),
        (["sql", "DELETE FROM epochs"], "starts with 'DELETE'"),
        (["sql", "ATTACH 'x.db' AS x"], "starts with 'ATTACH'"),
        (["sql", "SELEC 1"], "starts with 'SELEC'; did you mean 'SELECT'?"),
        (["sql", "SELECT FROM WHERE"], "syntax error"),
        (["status", "tini"], "no sweep 'tini'; did you mean 'tiny'?"),
        (["ls", "--sweep", "tini"], "no sweep 'tini'; did you mean 'tiny'?"),
        (
            ["ls", "--sweep", "tiny", "--arm", "PruneS"],
            "no arm of sweep tiny 'PruneS'; did you mean 'PruneL'?",
        ),
        (["ls", "--arm", "PruneL"], "give --sweep too"),
        (["show", "zzz"], "no run 'zzz'"),
        (["show", ""], "give more digits"),
        (["figure", "tradeof", "--sweep", "tiny"], "no figure 'tradeof'; did you mean 'tradeoff'?"),
        (["figure", "tradeoff", "--sweep", "tini"], "no sweep 'tini'"),
        (["figure", "tradeoff", "--sweep", "tiny", "-o", "x.doc"], "x.doc: a figure is written as one of"),
        (["figure", "tradeoff", "--sweep", "tiny", "-p", "acuracy=best"], "did you mean 'accuracy'?"),
        (
            ["figure", "tradeoff", "--sweep", "tiny", "-p", "accuracy=5"],
            "no accuracy '5'; there are: best, final",
        ),
    ],
)
def test_a_mistake_is_one_message_and_nothing_is_changed(refused, folder, complete, arguments, message):
    before = complete.read_bytes()
    assert message in refused(*arguments)
    assert complete.read_bytes() == before
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith("gst.db")) == [
        "tiny.yaml"
    ]


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_a_store_that_is_missing_is_not_made(refused, folder, command):
    assert "gst.db: there is no such store" in refused(*command)
    assert not (folder / "gst.db").exists()


def test_a_server_that_does_not_answer_is_no_mistake_of_the_command(gst):
    result = gst("ls", "--db", "postgresql://me@127.0.0.1:1/gst")
    assert result.exit_code == 1
    assert "127.0.0.1:1/gst: cannot be opened as a store: connection failed" in result.stderr


@pytest.mark.parametrize("url", [":memory:", "sqlite:x.db"])
def test_what_only_looks_like_a_file_is_not_made(refused, folder, url):
    assert f"{url}: is not a database URL; give a file, such as gst.db or" in refused(
        "db", "upgrade", "--db", url
    )
    assert [it.name for it in folder.iterdir()] == ["tiny.yaml"]


@pytest.mark.parametrize(
    "command", [*READERS, ("sweep", "tiny.yaml", "--local"), ("plan", "tiny.yaml")], ids=" ".join
)
def test_what_is_no_store_is_left_alone(refused, folder, command):
    (folder / "gst.db").write_text("my diary, day one " * 100)
    assert "gst.db: cannot be opened as a store" in refused(*command)
    assert (folder / "gst.db").read_text() == "my diary, day one " * 100


@pytest.mark.parametrize(
    "command",
    [*READERS, ("sweep", "tiny.yaml", "--local"), ("plan", "tiny.yaml"), ("db", "upgrade")],
    ids=" ".join,
)
def test_a_newer_store_is_left_alone(refused, complete, command):
    change(complete, "UPDATE alembic_version SET version_num = '9999'")
    before = complete.read_bytes()
    assert "has schema 9999, which this gst" in refused(*command)
    assert complete.read_bytes() == before


def test_a_figure_is_written_and_its_place_printed(gst, complete, folder):
    result = gst("figure", "tradeoff", "--sweep", "tiny")
    assert result.stdout == f"{folder / 'tiny-tradeoff.html'}\n"
    assert (folder / "tiny-tradeoff.html").read_text().count("plotly") > 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["ls", "--limit"],
        ["measure", "0", "--images"],
        ["plan", "tiny.yaml", "--subset"],
        ["sweep", "x", "--cpus"],
    ],
    ids=" ".join,
)
def test_what_is_counted_has_a_bound(gst, complete, arguments):
    result = gst(*arguments, 2**31)
    assert (result.exit_code, result.stdout, str(2**31 - 1) in result.stderr) == (2, "", True)


def test_parameters_are_numbers_where_a_database_has_such(gst, complete):
    for text, kind in (
        ("7", "integer"),
        ("-1e3", "real"),
        ("nan", "text"),
        ("inf", "text"),
        ("1_0", "text"),
        ("٣", "text"),
    ):
        asked = gst("sql", "SELECT typeof(:x) AS kind", "-p", f"x={text}", "--format", "csv")
        assert asked.stdout == f"kind\n{kind}\n", text
    asked = gst("sql", "SELECT typeof(:arm) AS kind", "-p", "arm=2019", "--format", "csv")
    assert asked.stdout == "kind\ntext\n", "an arm may be called so"


def test_a_figure_takes_parameters(gst, complete, folder):
    assert (
        gst("figure", "tradeoff", "--sweep", "tiny", "-p", "accuracy=best", "-o", "best.json").exit_code == 0
    )
    assert "Best test accuracy" in (folder / "best.json").read_text()


def test_a_store_is_made_and_found_whole(gst, folder):
    made = gst("db", "upgrade", "--db", "new.db")
    assert re.fullmatch(r"schema none -> \d{4}\n", made.stdout)
    assert re.fullmatch(r"schema \d{4}\n", gst("db", "upgrade", "--db", "new.db").stdout)
    assert gst("db", "check", "--db", "new.db").stdout == "0 runs, all as they should be\n"


def test_a_whole_store_is_found_whole(gst, complete):
    assert gst("db", "check").stdout == "4 runs, all as they should be\n"


def test_runs_in_every_state_are_as_they_should_be(gst, troubled):
    assert gst("db", "check").stdout == "4 runs, all as they should be\n"


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("DELETE FROM epochs WHERE epoch = 2 AND run_id = 1", "is completed, and lacks epochs"),
        ("DELETE FROM epochs WHERE epoch = 1 AND run_id = 1", "has gaps in its epochs"),
        ("DELETE FROM layer_prunings WHERE epoch = 1", "has a pruning event without layers"),
        ("DELETE FROM sweep_runs WHERE run_id = 1", "is in no sweep"),
        ("UPDATE configs SET config = REPLACE(config, '0.002', '0.004')", "not the one of its hash"),
        ("UPDATE runs SET seed = 7 WHERE run_id = 1", "is not the run of its key"),
    ],
)
def test_damage_is_found(gst, complete, damage, problem):
    change(complete, damage)
    result = gst("db", "check")
    assert result.exit_code == 1
    assert problem in result.stderr


def test_version_says_what_is_installed_and_where_things_lie(gst, folder):
    assert re.fullmatch(r"gst \d+\.\d+\.\d+\S*\n", gst("--version").stdout)
    lines = dict(line.split(None, 1) for line in gst("version").stdout.splitlines())
    assert lines["store"] == f"sqlite:///{folder / 'gst.db'}"
    assert lines["data"] == str(folder / "data")
    assert "torch" in lines


def test_a_store_that_goes_away_is_one_message(gst, complete, monkeypatch):
    def gone(*_):
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error"))

    monkeypatch.setattr(Store, "sweeps", gone)
    result = gst("status")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "gst: the store does not answer: disk I/O error\n"


def test_a_password_is_not_shown(gst, monkeypatch):
    monkeypatch.setenv("GST_DB_URL", "postgresql://me:secret@host/db")
    assert "secret" not in gst("version").stdout


def test_the_status_of_a_sweep_says_what_was_lost(gst, complete):
    with closing(sqlite3.connect(complete)) as store:
        store.execute("UPDATE attempts SET outcome = 'lost', host = 'far'")
        store.commit()
    told = gst("status", "tiny").stderr.splitlines()
    lost = [
        line for line in told if "was lost with its process on far, and nobody has gone on with it" in line
    ]
    assert len(lost) == 4
    with closing(sqlite3.connect(complete)) as store:
        keys = [key for (key,) in store.execute("SELECT key FROM runs")]
    assert {line.split()[1].rstrip(":") for line in lost} == {key[:12] for key in keys}
