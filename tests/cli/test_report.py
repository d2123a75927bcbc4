"""gst report."""

from __future__ import annotations


def test_a_report_is_written_and_its_path_printed(gst, complete, folder):
    result = gst("report", "tiny")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{folder / 'tiny-report.html'}\n"
    page = (folder / "tiny-report.html").read_text(encoding="utf-8")
    assert "<h1>A tiny sweep</h1>" in page
    assert "Claim: It runs." in page
    assert gst("report", "tiny", "-o", "mine.html").stdout == f"{folder / 'mine.html'}\n"


def test_what_cannot_be_reported_is_refused(refused, complete):
    assert "no sweep 'tyny'; did you mean 'tiny'" in refused("report", "tyny")
    assert "written as .html" in refused("report", "tiny", "-o", "mine.pdf")
    assert "does not exist" in refused("report", "tiny", "-o", "no/mine.html")


def test_a_report_of_no_store(refused):
    assert "there is no such store" in refused("report", "tiny")
