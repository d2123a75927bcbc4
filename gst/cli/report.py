"""gst report: one sweep in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from gst.cli.options import Db, argument, opened, option
from gst.cli.output import print_text
from gst.cli.selection import told_version


def report(
    sweep: Annotated[str, argument("SWEEP", "A sweep of the store.")],
    output: Annotated[
        Path | None, option("PATH", "The file; .html.", "--output", "-o", default="SWEEP-report.html")
    ] = None,
    db: Db = None,
) -> None:
    """Write everything about a sweep into one HTML file.

    It opens without a network: claim, progress, arms, figures, configuration, and where the runs come from.
    """
    from gst.dashboard.report import check_report, write_report

    with opened(db) as store:
        path = output or Path(f"{told_version(store, sweep).label}-report.html")
        check_report(path)
        write_report(store, sweep, path)
    print_text(str(path.absolute()))
