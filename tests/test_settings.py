"""Each sweep file of a paper has that paper's settings, as the tables in tests/settings give them."""

from __future__ import annotations

import pytest
from paper_settings import papers

from gst.config import load_sweep
from gst.config.document import load_document
from gst.config.expand import Axes, points, with_shared_axes
from gst.paths import project_folder

PAPERS = papers()
SWEEPS = [(paper, name) for paper in PAPERS for name in paper.sweeps]
OF_NO_PAPER = {
    "quickstart": "a demonstration on digits",
    "quickstart_flatness": "the same, with flatness",
    "criteria": "scores that no paper compares so, on digits",
    "criteria_mnist": "the same on MNIST",
    "predictors": "explanations against each other, on digits",
    "criteria_cifar10": "the same with Figure 2's network",
    "late_pruning": "one network pruned in twelve ways, on digits",
    "branches_lenet": "two orders of batches from one trunk, on MNIST",
    "regrowth": "weights that come back, on digits",
    "fig6_jpeg": "Figure 6 made small for two cores",
    "v1_figA3_jpeg": "one corner of Figure A3 for two cores",
    "jin_lenet_short": "half the epochs and three quarters of the levels, for two cores",
    "jin_appD_lenet": "an appendix whose settings and numbers are not public; LeNet's benchmark otherwise",
    "jin_appE_lenet": "the same",
    "jin_appD_lenet_short": "the same at a scale for minutes",
    "jin_appE_lenet_short": "the same",
    "published": "numbers and claims, and no sweep",
}
every_sweep = pytest.mark.parametrize(("paper", "name"), SWEEPS, ids=[name for _, name in SWEEPS])
every_paper = pytest.mark.parametrize("paper", PAPERS, ids=[paper.name for paper in PAPERS])
NOTHING = object()


def path_of(name):
    return project_folder("sweeps") / f"{name}.yaml"


def configurations(name):
    """Number of runs and settings of each configuration of a sweep file, by label."""
    return {arm: {"runs": len(seeds)} | it.settings() for arm, it, seeds in load_sweep(path_of(name)).configs}


def leaves(values, prefix=""):
    """The dotted keys of nested values."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key


def written(name):
    """The dotted keys that a sweep file spells out for each configuration, by label."""
    document = load_document(path_of(name))
    values = document.values
    axes = Axes(values.get("grid", {}), values.get("zip", {}))
    arms = [
        points(document, values["base"], arm, {key: own[key] for key in own if key != "seeds"})
        for arm, own in values["arms"].items()
    ]
    crossed = with_shared_axes(document, arms, axes).points
    return {it.label: set(leaves(it.values)) for arm in crossed for it in arm.variants()}


def test_every_shipped_sweep_is_in_a_table_or_of_no_paper():
    shipped = {path.stem for path in project_folder("sweeps").glob("*.yaml")}
    assert {name for _, name in SWEEPS} | OF_NO_PAPER.keys() == shipped


@every_sweep
def test_a_sweep_has_the_settings_of_its_paper_and_no_other(paper, name):
    """Both ways: neither has a configuration, a key or a value that the other lacks."""
    found = configurations(name)
    assert list(found) == list(paper.sweeps[name])
    wanted = {
        arm: {key: value for key, value in paper.unless_said.items() if key in found[arm]}
        | {"runs": it.runs}
        | it.settings
        for arm, it in paper.sweeps[name].items()
    }
    differences = {
        (arm, key): (found[arm].get(key, NOTHING), wanted[arm].get(key, NOTHING))
        for arm in found
        for key in found[arm].keys() | wanted[arm].keys()
        if found[arm].get(key, NOTHING) != wanted[arm].get(key, NOTHING)
    }
    assert not differences


@every_sweep
def test_no_setting_of_a_paper_is_left_to_a_default(paper, name):
    spelled = written(name)
    left = {arm: set(it.settings) - spelled[arm] for arm, it in paper.sweeps[name].items()}
    assert not {arm: keys for arm, keys in left.items() if keys}


@every_paper
def test_what_is_ours_or_goes_without_saying_concerns_a_sweep(paper):
    """A key of a table that no sweep of the paper has is a mistake, or left over."""
    used = {key for name in paper.sweeps for found in configurations(name).values() for key in found}
    assert paper.unless_said.keys() | paper.ours.keys() <= used
    assert all(paper.ours.values())
