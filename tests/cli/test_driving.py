"""Warnings of a sweep on the terminal."""

from __future__ import annotations

import io
import logging

from gst.cli.driving import _log_on

logger = logging.getLogger("gst.test")


def test_a_warning_is_a_line_and_goes_where_the_display_wants_it():
    stream, lines = io.StringIO(), []
    with _log_on(stream, verbose=False) as log:
        logger.warning("one")
        with log.through(lines.append):
            logger.warning("two")
    assert (stream.getvalue(), lines) == ("gst: one\n", ["gst: two"])


def test_a_terminal_that_is_gone_ends_no_run_that_warns(monkeypatch):
    def gone(text):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(logging, "raiseExceptions", False)
    with _log_on(io.StringIO(), verbose=False) as log, log.through(gone):
        logger.warning("a checkpoint cannot be saved, and training goes on without")
