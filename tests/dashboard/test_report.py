"""A report's text, against what the store holds."""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path

import pytest
from stores import PROVENANCE, Run, fill, run_config, sweep_of

from gst import dashboard
from gst.dashboard.markup import as_html
from gst.dashboard.pieces import facts, folded, message, status_bar, table
from gst.dashboard.report import report, write_report
from gst.errors import InputError, UnknownNameError
from gst.figures import FIGURES
from gst.figures.panels.arm_means import ArmMeans
from gst.figures.style import percent
from gst.records import STATUSES

NASTY = "</script><script>alert(1)</script>"


def text_of(page: str) -> str:
    """The words of the page, without scripts, styles and tags."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare)))


def test_a_report_has_everything_in_one_file(store):
    page = report(store, "hand")
    assert page.count("plotly.js v") == 1  # the library, once
    assert 'id="figure-tradeoff"' in page
    assert 'id="figure-dynamics"' in page
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", page)
    assert '"showSendToCloud": false' in page


def test_arms_and_intervals_are_those_of_the_figure(store):
    text = text_of(report(store, "hand"))
    for arm in FIGURES["tradeoff"].numbers(store, "hand").panel(ArmMeans).arms:
        row = [arm.name, str(arm.accuracy.n), percent(arm.accuracy.mean, 2)]
        row.append(f"{percent(arm.accuracy.estimate.low, 2)} to {percent(arm.accuracy.estimate.high, 2)}")
        assert " ".join(row) in text


def test_provenance_is_the_attempts(store):
    text = text_of(report(store, "hand"))
    assert f"{PROVENANCE.gst} {PROVENANCE.git_commit} no {PROVENANCE.torch} {PROVENANCE.python} cpu" in text
    assert "digits 1437 360 10 d1 scikit-learn" in text
    assert store.query("SELECT digest FROM sweeps WHERE name = 'hand'").rows[0][0] in text
    assert "Take gst at abc, save the file below as hand.yaml" in text
    assert "gst sweep hand.yaml" in text
    assert "title: By hand" in text


def test_progress_and_failures(store):
    text = text_of(report(store, "troubled"))
    for words in ("3 completed", "1 running", "1 interrupted", "2 pending", "1 diverged", "1 failed"):
        assert words in text
    assert "9 runs; 16 of 25 epochs" in text
    assert "RuntimeError: broken" in text
    key = store.query("SELECT key FROM runs WHERE status = 'failed'").rows[0][0]
    assert f"Traceback of {key[:12]}" in text


def test_a_sweep_without_a_completed_run_has_a_report(writable):
    fill(writable, [Run("only", 0, [0.25] * 7, status="running")], name="begun")
    text = text_of(report(writable, "begun"))
    assert "has no completed run yet" in text
    assert "No attempt has ended yet." in text
    assert "1 running" in text


def test_what_a_user_wrote_is_text(writable):
    spec = sweep_of({NASTY: run_config(epochs=9)}, name="nasty", title=NASTY)
    writable.register(spec._replace(claim=NASTY, text=NASTY))
    page = report(writable, "nasty")
    assert NASTY not in page
    assert page.count(escape(NASTY)) >= 4


def test_a_figure_of_nasty_names_stays_inside_its_script(writable):
    fill(writable, [Run(NASTY, seed, [0.5] * 8 + [seed / 4]) for seed in range(2)], name="nasty")
    assert NASTY not in report(writable, "nasty")


def test_the_file_appears_whole(store, tmp_path: Path):
    path = tmp_path / "report.html"
    assert write_report(store, "hand", path) == path
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert [each.name for each in tmp_path.glob("*.html*")] == ["report.html"]
    with pytest.raises(UnknownNameError, match="no sweep 'hnd'; did you mean 'hand'"):
        write_report(store, "hnd", tmp_path / "other.html")
    assert not (tmp_path / "other.html").exists()


@pytest.mark.parametrize(("name", "words"), [("a.pdf", "written as .html"), ("no/a.html", "does not exist")])
def test_a_file_that_cannot_be_is_refused(store, tmp_path, name, words):
    with pytest.raises(InputError, match=words):
        write_report(store, "hand", tmp_path / name)


def test_a_file_that_cannot_be_written_is_refused(store, tmp_path):
    (tmp_path / "taken.html").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write_report(store, "hand", tmp_path / "taken.html")
    assert [each.name for each in tmp_path.glob("*html*")] == ["taken.html"]


def test_pieces_of_pages_are_html_too():
    assert as_html(message("a < b")) == '<p class="message">a &lt; b</p>'
    assert as_html(folded("t", "<x>")) == "<details><summary>t</summary>&lt;x&gt;</details>"
    assert "<th>a</th><td>1</td>" in as_html(facts([("a", 1)]))
    rows = as_html(table(("name", "n"), [("<i>", 1), (None, None)]))
    assert '<th class="number">n</th>' in rows
    assert "<td>&lt;i&gt;</td>" in rows
    bar = as_html(status_bar({"completed": 2, "failed": 0}))
    assert 'style="flex-grow: 2"' in bar
    assert "failed" not in bar


def test_every_status_has_a_colour_and_a_place_in_the_bar():
    styles = (Path(dashboard.__file__).parent / "assets" / "gst.css").read_text(encoding="utf-8")
    for status in STATUSES:
        assert f".{status} {{ --status: var(--{status}); order:" in styles
