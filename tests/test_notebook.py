"""What a notebook has: a store that shows itself, its figures, and one arm less another."""

from __future__ import annotations

import pytest
from stores import fill, run_config, sweep_of
from students import student
from tradeoffs import HAND, TWINS

import gst
from gst import Store


@pytest.fixture
def store(empty, tmp_path):
    path = tmp_path / "gst.db"
    path.write_bytes(empty.read_bytes())
    with Store.open(str(path)) as opened:
        fill(opened, HAND, configs=TWINS)
        opened.register(sweep_of({"a": run_config(lr=0.5)}, name="<b>", title="<i>"))
        yield opened


def test_a_store_shows_its_sweeps_and_no_markup_of_them(store):
    page = store._repr_html_()
    assert "<td>hand<td>6 of 6<td>" in page
    assert "<td>&lt;b&gt;<td>0 of 1<td>&lt;i&gt;" in page
    assert "<b>" not in page


def test_a_figure_is_plotlys_and_that_of_the_command_line(store):
    figure = gst.figure(store, "tradeoff", "hand", accuracy="best")
    assert {trace.name for trace in figure.data if trace.name} >= {"hard", "soft"}
    with pytest.raises(gst.GstError, match="no figure 'tradoff'; did you mean 'tradeoff'"):
        gst.figure(store, "tradoff", "hand")
    with pytest.raises(gst.GstError, match=r"of several sweeps; say of which: sweep="):
        gst.figure(store, "tradeoff")


def test_one_arm_less_another_is_paired_by_seed(store):
    found = gst.contrast(store, "hand", "soft", "none")
    differences = [0.625 - 0.25, 0.25 - 0.5]
    assert found.test[:3] == pytest.approx((sum(differences) / 2, *student(differences)))
    assert found.test.n[0] == 2
    for arguments, message in (
        (("hand", "sofd", "none"), "no arm of sweep hand 'sofd'; did you mean 'soft'"),
        (("hant", "soft", "none"), "no sweep 'hant'; did you mean 'hand'"),
        (("hand", "soft", "none", "acc"), "no quantity 'acc'"),
    ):
        with pytest.raises(gst.GstError, match=message):
            gst.contrast(store, *arguments)
