"""How wide texts are wrapped."""

from __future__ import annotations

import sys

import pytest

from gst.cli.output import width_up_to


@pytest.mark.parametrize(("terminal", "width"), [("80", 80), ("200", 110), ("20", 40)])
def test_a_text_is_no_wider_than_the_terminal(terminal, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", terminal)
    assert width_up_to(110) == 110
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert width_up_to(110) == width
