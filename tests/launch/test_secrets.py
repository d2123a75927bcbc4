"""A password in a store's URL is in no message, no log, no traceback and no report to Ray's driver."""

from __future__ import annotations

import logging
import os
import traceback

import pytest
from tiny_sweep import TINY
from typer.testing import CliRunner

from gst.cli import app
from gst.errors import GstError
from gst.launch import attempt, retry, trial
from gst.launch.environment import LOCAL, prepare
from gst.launch.trial import run_trial

prepare(LOCAL)  # as the command does, before anything imports ray
from gst.launch import tune  # noqa: E402

SECRET = "hunter2"
REFUSING = (
    f"postgresql://me:{SECRET}@127.0.0.1:1/gst",
    f"postgresql+psycopg://me:a%40{SECRET}@127.0.0.1:1/gst?connect_timeout=2",
    f"postgresql://127.0.0.1:1/gst?user=me&password={SECRET}",
)
WRONG = (
    f"postgresql://me:{SECRET}@127.0.0.1:port/gst",
    f"mysql://me:{SECRET}@127.0.0.1:1/gst",
    f"postgresql://me:{SECRET}@@127.0.0.1:1/gst",
)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(retry.time, "sleep", lambda seconds: None)


@pytest.mark.parametrize("url", REFUSING + WRONG)
@pytest.mark.parametrize(
    "arguments",
    [
        ("sweep", "tiny.yaml", "--local"),
        ("sweep", "tiny.yaml", "--dry-run"),
        ("plan", "tiny.yaml"),
        ("status",),
        ("ls",),
        ("show", "abc"),
        ("sql", "SELECT 1"),
        ("figure", "tradeoff", "--sweep", "tiny"),
        ("gc",),
        ("db", "check"),
        ("db", "upgrade"),
    ],
    ids=" ".join,
)
def test_no_command_shows_it(arguments, url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY)
    result = CliRunner().invoke(app, [*arguments, "--db", url], prog_name="gst")
    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert "gst: " in result.stderr
    assert SECRET not in result.output


@pytest.mark.parametrize("url", REFUSING)
def test_the_version_masks_it(url, monkeypatch):
    monkeypatch.setenv("GST_DB_URL", url)
    monkeypatch.setenv("GST_ARTIFACT_DIR", f"sftp://me:{SECRET}@host/runs")
    result = CliRunner().invoke(app, ["version"], prog_name="gst")
    assert result.exit_code == 0
    assert result.output.count("***") == 2
    assert SECRET not in result.output


@pytest.mark.parametrize("url", REFUSING)
def test_neither_log_nor_traceback_of_a_trial_has_it(registered, url, impatient, caplog):
    assignment = registered.assignment._replace(url=url)
    with caplog.at_level(logging.DEBUG), pytest.raises(GstError) as refusal:
        run_trial(registered.keys[0], assignment)
    text = "".join(traceback.format_exception(refusal.value))
    assert "127.0.0.1" in text
    assert SECRET not in text
    assert len(caplog.records) == len(retry.PAUSES)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("url", REFUSING)
def test_what_a_trial_tells_the_driver_has_it_not(registered, url, impatient, caplog, monkeypatch):
    reported = []
    monkeypatch.setattr(tune.tune, "report", reported.append)
    told = tune._trial({"run": registered.keys[0]}, registered.assignment._replace(url=url))
    assert "the store does not answer" in told["error"]
    assert reported
    assert SECRET not in str([told, *reported])
    assert SECRET not in caplog.text


@pytest.mark.parametrize("url", REFUSING)
def test_an_assignment_does_not_show_it(registered, url):
    shown = repr(registered.assignment._replace(url=url))
    assert "***" in shown
    assert SECRET not in shown


def test_the_traceback_that_a_store_keeps_has_it_not(registered, monkeypatch):
    """A run that fails because a database is away, were that taken for the run's own fault."""

    monkeypatch.setattr(attempt, "start", lambda *_: trial.Store.open(REFUSING[0]))
    monkeypatch.setattr(trial.StoreSink, "not_the_runs_fault", lambda *_: False)
    key = registered.keys[0]
    run_trial(key, registered.assignment)
    found = registered.store.run(key)
    assert found.run["status"] == "failed"
    assert "me:***@127.0.0.1" in found.attempts[0]["traceback"]
    assert SECRET not in str(found)


@pytest.mark.skipif(not os.environ.get("GST_TEST_POSTGRES_URL"), reason="needs a Postgres server")
def test_a_wrong_password_is_not_repeated(tmp_path, monkeypatch):
    from gst.store.connect import parsed

    url = parsed(os.environ["GST_TEST_POSTGRES_URL"]).set(username="nobody", password=SECRET)
    result = CliRunner().invoke(app, ["status", "--db", url.render_as_string(hide_password=False)])
    assert result.exit_code in (1, 2)
    assert "nobody" in result.stderr
    assert SECRET not in result.output
