"""Figures of papers say how their runs differ from the published experiment, in every kind of file."""

from __future__ import annotations

import json

import pytest
from drawn_figures import words
from flat_stores import NONE, flat_runs
from shipped import shipped_configs, with_values
from stores import Run, fill

from gst.config.scale import scaled
from gst.figures import FIGURES, export
from gst.figures.files.embedding import extract
from gst.figures.files.verify import verify
from gst.store import Store

SWEEP = "fig2_vgg11"
CONFIGS = shipped_configs(SWEEP)


def filled(store: Store, sweep=SWEEP, name=None, some=None, **changes) -> Store:
    """A completed run of each arm of a shipped sweep, with other values in some arms or in all."""
    configs = {
        arm: with_values(config, **changes) if some in (None, arm) else config
        for arm, config in shipped_configs(sweep).items()
    }
    runs = [
        Run(arm, 0, [0.5, 0.75], events=[] if it.pruning.kind == "none" else [(0, 0.5, 0.25)])
        for arm, it in configs.items()
    ]
    fill(store, runs, name=name or sweep, configs=configs)
    return store


def drawn(store, figure=SWEEP, sweep=SWEEP):
    numbers = FIGURES[figure].numbers(store, sweep)
    return numbers, words(FIGURES[figure].draw(numbers))


def test_runs_of_the_published_configurations_have_no_note(store):
    numbers, text = drawn(filled(store))
    assert (numbers.deviations, numbers.differs) == ((), "")
    assert "published experiment" not in text
    assert "differs from the paper" not in text


def test_changed_settings_are_said_once(store):
    numbers, text = drawn(filled(store, training__precision="bf16", training__batch_size=96))
    assert numbers.deviations == (
        "training.batch_size 96 instead of 128", "training.precision bf16 instead of fp32",
    )  # fmt: skip
    note = "Not the published experiment: training.batch_size 96 instead of 128, training.precision bf16"
    assert text.count(note) == 1


def test_at_most_three_are_named(store):
    changes = {
        "training__precision": "bf16", "training__batch_size": 96, "training__optimizer__lr": 0.5,
        "data__draw": 7, "data__per_class": 50,
    }  # fmt: skip
    numbers, text = drawn(filled(store, **changes))
    assert len(numbers.deviations) == 4
    assert numbers.deviations[-1] == "and 2 more"
    assert text.count("instead of") == 3


def test_arms_that_differ_alone_are_counted(store):
    numbers, _ = drawn(filled(store, some="PruneL 13%", training__batch_size=96))
    assert numbers.deviations == (f"training.batch_size 96 instead of 128 in 1 of {len(CONFIGS)} arms",)


def test_scale_is_told_in_the_note_alone(store):
    configs = {arm: scaled(config, 0.5) for arm, config in CONFIGS.items()}
    fill(store, [Run(arm, 0, [0.5, 0.75]) for arm in configs], name=SWEEP, configs=configs)
    numbers, text = drawn(store, "dynamics")
    assert numbers.deviations == ("at scale 0.5",)
    assert text.count("0.5") == 1


def test_a_sweep_under_another_name_stands_for_the_figures_own(store):
    numbers, _ = drawn(filled(store, name="mine", training__batch_size=96), SWEEP, "mine")
    assert numbers.deviations == ("training.batch_size 96 instead of 128",)
    assert drawn(store, "tradeoff", "mine")[0].deviations == ()  # a figure of any sweep is no paper's


def test_general_figures_say_it_of_a_papers_sweep(store):
    filled(store, training__batch_size=96)
    for name in ("tradeoff", "dynamics"):
        assert drawn(store, name)[0].deviations == ("training.batch_size 96 instead of 128",)


def test_other_arms_than_the_files(store):
    fill(store, [Run("mine", 0, [0.5, 0.75]), Run("yours", 0, [0.5, 0.75])])
    assert drawn(store, SWEEP, "hand")[0].deviations == ("arms that fig2_vgg11.yaml does not have",)


def test_what_is_measured_makes_a_difference_where_it_is_shown(store):
    configs = shipped_configs("fig6")
    other = {arm: with_values(config, measure__flatness__images=64) for arm, config in configs.items()}
    fill(store, [it for arm in other for it in flat_runs(arm, NONE)], name="fig6", configs=other)
    assert FIGURES["figE6"].numbers(store, "fig6").deviations == ()
    (said,) = FIGURES["fig6"].numbers(store, "fig6").deviations
    assert said.startswith("measure.flatness.images 64 instead of ")


def test_a_departure_by_design_is_said(store):
    numbers, text = drawn(filled(store, "v1_figA3"), "v1_figA3", "v1_figA3")
    assert numbers.deviations == ()
    assert "The sweep file differs from the paper by design: " in text
    assert numbers.differs in " ".join(text.split())


@pytest.mark.parametrize("suffix", ["html", "json", "csv", "md"])
def test_files_carry_it_and_still_hold(store, tmp_path, suffix):
    figure = FIGURES[SWEEP]
    numbers = figure.numbers(filled(store, training__batch_size=96), SWEEP)
    path = export(figure.draw(numbers), numbers, tmp_path / f"figure.{suffix}", name=SWEEP)
    assert extract(path).about["deviations"] in (
        ["training.batch_size 96 instead of 128"],
        json.dumps(["training.batch_size 96 instead of 128"]),
    )
    assert all(check.holds for check in verify(store, path, FIGURES))
