"""All commands. Each imports what it needs when it runs, so that --help is fast."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gst.cli import (
    annotate,
    cancel,
    compare,
    dashboard,
    data,
    database,
    diff,
    doctor,
    examples,
    explain,
    figure,
    gc,
    logs,
    mcp,
    measure,
    new,
    normality,
    plan,
    power,
    report,
    rm,
    runs,
    schema,
    sql,
    sweep,
    train,
    transfer,
    verify,
    version,
)
from gst.cli.group import Group
from gst.cli.streams import exit_code, open_streams

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("new")(new.new)
app.command("sweep")(sweep.sweep)
app.command("train")(train.train)
app.command("plan")(plan.plan_command)
app.command("schema")(schema.schema)
app.command("status")(runs.status)
app.command("ls")(runs.ls)
app.command("show")(runs.show)
app.command("logs")(logs.logs)
app.command("diff")(diff.diff)
app.command("cancel")(cancel.cancel)
app.command("retry")(cancel.retry)
app.command("rm")(rm.rm)
app.command("archive")(annotate.archive)
app.command("tag")(annotate.tag)
app.command("note")(annotate.note_command)
app.command("measure")(measure.measure)
app.command("normality")(normality.normality)
app.command("examples")(examples.examples_command)
app.command("figure")(figure.figure)
app.command("compare")(compare.compare)
app.command("power")(power.power_command)
app.command("verify")(verify.verify)
app.command("sql")(sql.sql)
app.command("dashboard")(dashboard.dashboard)
app.command("mcp")(mcp.mcp)
app.command("report")(report.report)
app.command("export")(transfer.export_command)
app.command("import")(transfer.import_command)
app.add_typer(data.data, name="data")
app.add_typer(database.db, name="db")
app.command("gc")(gc.gc)
app.command("doctor")(doctor.doctor)
app.command("version")(version.version)
app.command("help")(explain.help_command)


@app.callback()
def gst(
    version_only: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=version.print_and_exit, help="Show the version."),
    ] = False,
) -> None:
    """A pruning laboratory: sweeps of pruning experiments into a results database, and what they show."""


def run() -> Any:
    """Do what the arguments say; the exit code."""
    open_streams()
    try:
        app(prog_name="gst")
    except SystemExit as ended:
        return ended.code or exit_code()
    return exit_code()
