"""Figures `predictors`, `classes`, `confusion` and `layers`, against numbers by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stores import Run, claimed, event_of, fill, flatness_of, records_of, run_config, sweep_of
from tradeoffs import HAND

from gst.analysis.event_parts import event_classes, layer_shares
from gst.analysis.predictors import BETWEEN, GIVEN, predictors
from gst.analysis.source import find_source
from gst.config import RunSpec
from gst.errors import InputError, UnknownNameError
from gst.figures import FIGURES
from gst.records import EpochRecords, EventClass, LayerPruning

TRACES = [(4.0, 0.5, 3), (2.0, 0.75, 5), (3.0, 0.25, 8), (1.0, 0.5, 13), (5.0, 1.0, 21), (2.0, 0.625, 34)]


def measured_runs():
    """Six arms of three seeds: flatness, stability and accuracy of each; the seed moves accuracy alone."""
    return [
        Run(f"arm {at}", seed, [0.5, (at * at % 7) / 16 + seed / 64], events=[(0, 0.5, 0.5 * stable)],
            measured=[flatness_of(1, values=(trace, 1.0))])
        for at, (trace, stable, _) in enumerate(TRACES)
        for seed in range(3)
    ]  # fmt: skip


@pytest.fixture
def measured(store):
    fill(store, measured_runs(), name="hand")
    return store


def test_predictors_are_correlated_by_the_means_of_configurations(measured):
    found = predictors(measured, "hand", ["stability", "hessian_trace"])
    trace, stable = (np.array(it) for it in list(zip(*TRACES, strict=True))[:2])
    r = np.corrcoef([stable, trace, [(at * at % 7) / 16 for at in range(len(TRACES))]])
    values = {(it.predictor.name, it.words): it.found.value for it in found.told if it.found}
    for name, own, other in (("stability", 0, 1), ("hessian_trace", 1, 0)):
        left = np.sqrt((1 - r[own, other] ** 2) * (1 - r[other, 2] ** 2))
        given = (r[own, 2] - r[own, other] * r[other, 2]) / left
        assert values[name, BETWEEN] == pytest.approx(r[own, 2])
        assert values[name, GIVEN] == pytest.approx(given)
    assert (found.runs, found.configurations, found.seeds, found.left_out) == (18, 6, 3, 0)
    # stability and trace are alike in all seeds of an arm
    assert all("does not vary" in it.note for it in found.told if "within" in it.words)


def test_the_figure_of_predictors_has_their_numbers(measured):
    sheet = FIGURES["predictors"].numbers(measured, "hand", x="stability, hessian_trace")
    drawn = FIGURES["predictors"].draw(sheet)
    assert any("n = 6" in (it.text or "") for it in drawn.layout.annotations)
    first = dict(zip(sheet.table().columns, sheet.table().rows[0], strict=True))
    assert first["what"] == "correlation between configurations of stability and final_accuracy"
    assert (first["n"], first["unit"]) == (6, "configurations")


@pytest.mark.parametrize("x", ["stability", "stability,stability", ["final_accuracy", "stability"]])
def test_one_predictor_or_the_outcome_itself_is_refused(measured, x):
    with pytest.raises(InputError, match="two or more different quantities, none of them final_accuracy"):
        predictors(measured, "hand", x)


def test_a_quantity_that_there_is_not_is_refused(measured):
    with pytest.raises(UnknownNameError, match="hessian_trace"):
        predictors(measured, "hand", "stability,hesian_trace")


def with_events(store, *events):
    """A completed run of each list of events."""
    spec = RunSpec(run_config(epochs=3), 0)
    sweep_id = store.register(sweep_of({"arm": spec.config}, range(len(events)), name="hand"))
    driver = store.take_over(sweep_id)
    for seed, its in enumerate(events):
        recorder = claimed(store, RunSpec(spec.config, seed), sweep_id, driver)
        for epoch in range(3):
            base = records_of(Run("arm", seed, [0.5, 0.5, 0.5]), epoch)
            recorder.write(EpochRecords(base.epoch, tuple(it for it in its if it.epoch == epoch)))
        recorder.finish(peak_memory=1)


def event(epoch, classes=(), layers=()):
    it = event_of(epoch, 0.5, 0.25)
    return replace(it, classes=classes, layers=layers or it.layers)


FIRST = (EventClass(0, 10, 8, 4, 9, ((1, 3),)), EventClass(1, 10, 6, 6, 11, ((0, 2),)))
SECOND = (EventClass(0, 10, 6, 5, 8, ((1, 1),)), EventClass(1, 10, 7, 6, 12, ()))
OTHER = (EventClass(0, 10, 8, 8, 10, ()), EventClass(1, 10, 10, 5, 10, ((0, 5),)))


def test_classes_and_confusions_are_sums_over_events(store):
    with_events(store, [event(0, FIRST), event(2, SECOND)], [event(0, OTHER)])
    one, other = event_classes(store, find_source(store, "hand"))
    assert one.images.tolist() == [20, 20]
    assert one.drops.tolist() == [5, 1]
    assert one.moved.tolist() == [[13, 4], [2, 21]]
    assert other.moved.tolist() == [[10, 0], [5, 5]]
    sheet = FIGURES["classes"].numbers(store, "hand")
    drops = {row["class"]: (row["value"], row["n"]) for row in sheet.panels[0].rows()}
    assert drops == {"0": (pytest.approx(5 / 40), 2), "1": (pytest.approx((1 / 20 + 5 / 10) / 2), 2)}
    assert FIGURES["classes"].draw(sheet).layout.title.text
    (panel,) = FIGURES["confusion"].numbers(store, "hand").panels
    assert panel.shares == pytest.approx(np.array([[23 / 27, 4 / 27], [7 / 33, 26 / 33]]))
    assert panel.churn == pytest.approx(11 / 60)
    drawn = FIGURES["confusion"].draw(FIGURES["confusion"].numbers(store, "hand"))
    assert {"14.8", "21.2", "85.2", "78.8"} <= {it.text for it in drawn.layout.annotations}


def test_a_layer_stays_as_it_was_where_an_event_passes_over_it(store):
    first = (LayerPruning("a", 10, 10, 5, None, None), LayerPruning("b", 4, 4, 3, None, None))
    with_events(store, [event(0, layers=first), event(2, layers=(LayerPruning("a", 10, 5, 1, None, None),))])
    (found,) = layer_shares(store, find_source(store, "hand"))
    assert found.epochs == (-1, 0, 2)
    assert found.left == {"a": (1.0, 0.5, 0.1), "b": (1.0, 0.75, 0.75)}
    sheet = FIGURES["layers"].numbers(store, "hand")
    assert [row["value"] for row in sheet.panels[0].rows() if row["layer"] == "b"] == [1.0, 0.75, 0.75]
    assert {it.name for it in FIGURES["layers"].draw(sheet).data} == {"a", "b"}


@pytest.mark.parametrize("name", ["classes", "confusion", "layers"])
def test_a_sweep_without_events_says_what_is_missing(store, name):
    fill(store, [it for it in HAND if not it.events])
    with pytest.raises(InputError, match=r"no run (has classes|removed anything)"):
        FIGURES[name].numbers(store, "hand")
