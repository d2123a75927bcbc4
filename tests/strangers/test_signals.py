"""Signals that end a sweep from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from gst.cli.driving import _terminable


@pytest.fixture
def hangup():
    """SIGHUP as it was, after the test."""
    before = signal.getsignal(signal.SIGHUP)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_a_program_ends_a_sweep_as_an_interrupt_does(number, hangup):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), _terminable():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_a_closed_terminal_is_ignored_under_nohup(hangup):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with _terminable():
        os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


AGAIN = """
import atexit, os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
atexit.register(os.kill, os.getpid(), signal.SIGINT)
from gst.cli import main, version
version.print_text = lambda text: os.kill(os.getpid(), signal.SIGINT)
main()
"""


def test_who_is_impatient_sees_no_traceback(tmp_path):
    """The second interrupt comes when the first has ended the command, and Python tidies up."""
    done = subprocess.run(
        [sys.executable, "-c", AGAIN, "version"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.stdout, done.stderr) == ("", "gst: interrupted\n")
    assert done.returncode == -signal.SIGINT  # for a shell 130, as without the second


EARLY = """
import os, signal, sys
from importlib.abc import MetaPathFinder

signal.signal(signal.SIGINT, signal.default_int_handler)

class Interrupts(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
from gst.cli import main
main()
"""


def test_who_thinks_better_of_it_at_once_sees_no_traceback(tmp_path):
    """The interrupt comes while Python imports what the command needs."""
    done = subprocess.run(
        [sys.executable, "-c", EARLY, "version"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "gst: interrupted\n")
