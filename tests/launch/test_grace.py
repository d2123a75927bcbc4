"""What is left of a grace once it is over: no timer, and SIGTERM as it was or, on the way out, ignored."""

from __future__ import annotations

import signal
import threading

import pytest

from gst.cli.driving import _terminable
from gst.launch.grace import Grace

ENDS = (signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def terminable():
    """SIGTERM and SIGHUP as `gst sweep` has them, and as they were after the test."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    with _terminable():
        yield signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGHUP, before)


def told(stops):
    with Grace(1000.0) as grace:
        signal.raise_signal(signal.SIGTERM)
        if stops:
            grace.stop()


def timers():
    return [
        it for it in threading.enumerate() if isinstance(it, threading.Timer) and not it.finished.is_set()
    ]


@pytest.mark.parametrize("asked", [False, True])
def test_ctrl_c_leaves_neither_timer_nor_handler(terminable, asked):
    grace = Grace(1000.0)
    grace.__enter__()
    if asked:
        signal.raise_signal(signal.SIGTERM)
    assert (grace.asked, len(timers())) == (asked, asked)
    grace.__exit__(KeyboardInterrupt)
    assert timers() == []
    assert signal.getsignal(signal.SIGTERM) is terminable


@pytest.mark.parametrize("stops", [False, True])
def test_what_follows_a_grace_is_cut_short_by_no_signal(terminable, stops):
    with pytest.raises(KeyboardInterrupt):
        told(stops)
    assert timers() == []
    assert {signal.getsignal(it) for it in ENDS} == {signal.SIG_IGN}


def test_a_process_that_would_have_died_of_the_signal_ends_in_order():
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with pytest.raises(KeyboardInterrupt), Grace(1000.0):
            signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)
