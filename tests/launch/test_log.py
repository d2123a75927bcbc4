"""The log of a trial, which threads of its own write to while warnings are told."""

from __future__ import annotations

import logging
import threading

from processes import PATIENCE

from gst.launch.log import warnings


def test_telling_of_a_warning_holds_up_no_other_thread():
    log, other, heard = logging.getLogger("gst"), threading.Event(), []

    def warn_too() -> None:
        log.warning("no sign of life")
        other.set()

    def told(text: str) -> None:
        threading.Thread(target=warn_too, daemon=True).start()
        heard.append((text, other.wait(PATIENCE)))

    with warnings(told) as said:
        log.warning("slow disk")
        log.warning("slow disk")
    assert heard == [("slow disk", True)]
    assert said == ["slow disk", "no sign of life"]
