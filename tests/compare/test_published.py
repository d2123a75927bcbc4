"""The file of published numbers that comes with gst: complete, and about arms that exist."""

from __future__ import annotations

import re

import pytest

from gst.compare.loading import load_published, shipped_file
from gst.compare.published import Claim, Group, PublishedFigure, Value, measured_unit
from gst.compare.quantities import QUANTITIES
from gst.compare.relations import Only, filled
from gst.compare.sweep_in_store import meant
from gst.config import load_sweep
from gst.paths import project_folder

PUBLISHED = load_published(shipped_file())
AVAILABLE = {name: figure for name, figure in PUBLISHED.figures.items() if not figure.unavailable}

# Values and claims of each figure and table, counted in the papers.
COUNTS = {
    "config": (20, 0), "fig2_vgg11": (6, 3), "fig2_resnet18": (13, 3), "fig3_left": (7, 1),
    "fig3_center": (1, 3), "fig3_right": (0, 3), "fig4_resnet18": (2, 3), "fig4_resnet20": (2, 3),
    "fig4_resnet56": (2, 3), "fig5_top": (3, 6), "fig5_bottom": (3, 3), "fig6": (5, 6), "figB1": (0, 2),
    "figB2_vgg11": (10, 3), "figB2_resnet18": (11, 4), "figB2_resnet18_ebn": (0, 1), "tabC1": (15, 6),
    "figC1": (0, 1), "figC2": (0, 1),
    "figC3": (5, 5), "figD2": (4, 6), "figE1": (0, 1), "figE2": (0, 1), "figE3": (2, 2), "figE4": (0, 1),
    "figE5": (0, 2), "figE6": (0, 1), "tabF1": (13, 4),
    "v1_config": (7, 0), "v1_fig1": (6, 2), "v1_fig2": (0, 3), "v1_fig3": (0, 8), "v1_figA1": (0, 2),
    "v1_figA2": (10, 2), "v1_figA3": (2, 5), "v1_figA3_jpeg": (0, 3),
    "jin_config": (10, 0), "jin_fig1a": (1, 1), "jin_fig1b": (0, 4), "jin_fig2a": (2, 2), "jin_fig2b": (2, 3),
    "jin_fig3": (6, 4), "jin_fig4": (5, 4), "jin_fig5": (0, 3), "jin_fig6": (10, 2), "jin_fig7": (10, 2),
    "jin_appD": (0, 1), "jin_appE": (0, 1),
}  # fmt: skip


def test_every_value_and_claim_is_there():
    assert {name: (len(it.values), len(it.claims)) for name, it in PUBLISHED.figures.items()} == COUNTS


def found(figure: str, quantity: str) -> dict[str, tuple[float, float | None]]:
    """Values and deviations of that quantity, by arm."""
    values = PUBLISHED.figures[figure].values
    return {
        it.arms[0]: (it.value, it.deviation)
        for it in values
        if (it.quantity, it.statistic) == (quantity, "mean")
    }


def test_some_numbers_as_the_papers_print_them():
    assert found("tabF1", "test_accuracy") == {
        "No Pruning": (73.28, 0.12), "Scratch": (73.11, 0.13), "PruneS": (73.22, 0.09),
        "PruneL": (73.41, 0.08), "PruneS by activations": (73.19, None),
        "PruneL by activations": (73.41, None),
    }  # fmt: skip
    assert found("tabC1", "stability")["PruneL 14% 59%"] == (98.143, 0.434)
    correlations = {
        (name, it.statistic): it.value
        for name in ("fig2_vgg11", "fig2_resnet18", "figB2_vgg11", "figB2_resnet18", "v1_fig1")
        for it in reversed(PUBLISHED.figures[name].values)
        if it.statistic in ("pearson", "kendall")
    }
    assert correlations == {
        ("fig2_vgg11", "pearson"): -0.73, ("fig2_resnet18", "pearson"): -0.43,
        ("figB2_vgg11", "pearson"): -0.88, ("figB2_vgg11", "kendall"): -0.64,
        ("figB2_resnet18", "pearson"): -0.65, ("figB2_resnet18", "kendall"): -0.43,
        ("v1_fig1", "pearson"): 0.84,
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name, it in AVAILABLE.items() if it.sweep])
def test_the_accuracy_is_that_of_the_paper(name):
    assert AVAILABLE[name].accuracy == ("best" if AVAILABLE[name].paper == "gst2020" else "final")


def arms_named(figure: PublishedFigure) -> set[tuple[str, str, Group, Only]]:
    """Each sweep, arm or pattern of arms, and condition that something measurable of the figure is about."""
    found = set()
    for item in (*figure.values, *figure.claims):
        if item.unavailable:
            continue
        relation = item if isinstance(item, Value) else item.relation
        names = set(item.arms if isinstance(item, Value) else item.relation.names)
        if isinstance(item, Claim):
            names |= set(filled(item.relation.exclude, item.relation.each))
        of_benchmarks = [figure.benchmarks[name] for name in item.benchmarks or figure.benchmarks]
        for name in names:
            group = figure.groups.get(name) or Group(arms=(name,))
            sweeps = [group.sweep or figure.sweep] if group.sweep or figure.sweep else of_benchmarks
            assert sweeps
            found |= {(sweep, arm, group, relation.only) for sweep in sweeps for arm in group.arms}
    return found


@pytest.mark.parametrize("name", list(AVAILABLE))
def test_every_arm_is_in_its_shipped_sweep(name):
    for sweep, pattern, group, only in arms_named(AVAILABLE[name]):
        shipped = load_sweep(project_folder("sweeps") / f"{sweep}.yaml").configs
        expression = ".*".join(map(re.escape, pattern.split("*")))
        fitting = [it for it in shipped if re.fullmatch(expression, it.arm) and meant(it.config, group, only)]
        assert fitting, (sweep, pattern, group, only)


SETTINGS = [
    (name, item)
    for name, figure in AVAILABLE.items()
    for item in (*figure.values, *figure.claims)
    if item.settings is not None
]


@pytest.mark.parametrize(("name", "item"), SETTINGS, ids=lambda it: it if isinstance(it, str) else "")
def test_a_number_over_settings_is_over_as_many_as_the_shipped_sweeps_have(name, item):
    """Networks and data, each with its levels of label noise where they are told apart."""
    figure = AVAILABLE[name]
    relation = item if isinstance(item, Value) else item.relation
    found = set()
    for benchmark in item.benchmarks or figure.benchmarks:
        for it in load_sweep(project_folder("sweeps") / f"{figure.benchmarks[benchmark]}.yaml").configs:
            if meant(it.config, Group(kind="imp"), relation.only):
                found.add((benchmark, it.config.data.label_noise if relation.per else None))
    assert set(relation.per) <= {"label_noise"}
    assert len(found) == item.settings


def test_the_networks_of_a_benchmark_are_what_its_name_says():
    networks = {
        "LeNet on MNIST": ("lenet_300_100", "mnist"), "ResNet20 on CIFAR-10": ("resnet20", "cifar10"),
        "VGG16 on CIFAR-10": ("vgg16", "cifar10"), "ResNet32 on CIFAR-100": ("resnet32", "cifar100"),
        "ResNet50 on ImageNet": ("resnet50", "imagenet"),
    }  # fmt: skip
    for figure in AVAILABLE.values():
        for benchmark, sweep in figure.benchmarks.items():
            for it in load_sweep(project_folder("sweeps") / f"{sweep}.yaml").configs:
                name, data = networks[benchmark]
                assert (it.config.model.name.removesuffix("_conv"), it.config.data.name) == (name, data)


def test_what_departs_by_design_and_what_is_assumed():
    """As the reference of each paper has it; every sweep of Jin et al. 2022 assumes something."""
    departing = {name for name, it in PUBLISHED.sweeps.items() if it.differs}
    assert departing == {
        "figB1", "tabF1", "v1_fig1", "v1_fig3", "v1_figA1", "v1_figA3", "v1_figA3_jpeg",
        "jin_appD_lenet", "jin_appE_lenet",
    }  # fmt: skip
    of_jin = {it for figure in AVAILABLE.values() if figure.paper == "jin2022" for it in figure.sweeps}
    assert {name for name, it in PUBLISHED.sweeps.items() if it.assumed} == of_jin
    for name in of_jin:
        assert {"data.validation", "pruning.levels"} <= set(PUBLISHED.sweeps[name].assumed)
    noise = {name: it.assumed["data.label_noise"].values for name, it in PUBLISHED.sweeps.items()
             if "data.label_noise" in it.assumed}  # fmt: skip
    assert (noise["jin_fig3_lenet"], noise["jin_fig3_resnet50"]) == ((0.1, 0.15), (0.15,))


@pytest.mark.parametrize("sweep", [name for name in PUBLISHED.sweeps if name.startswith("jin_fig3")])
def test_an_assumed_value_is_one_that_the_file_has(sweep):
    settings = [it.config.settings() for it in load_sweep(project_folder("sweeps") / f"{sweep}.yaml").configs]
    for key, it in PUBLISHED.sweeps[sweep].assumed.items():
        assert set(it.values) <= {of_arm[key] for of_arm in settings}


@pytest.mark.parametrize("name", list(AVAILABLE))
def test_every_group_is_used(name):
    figure = AVAILABLE[name]
    used = {arm for value in figure.values for arm in value.arms}
    used |= {arm for claim in figure.claims for arm in claim.relation.names}
    assert set(figure.groups) <= used


def test_every_sweep_of_a_paper_is_compared():
    compared = {sweep for figure in AVAILABLE.values() for sweep in figure.sweeps}
    shipped = {path.stem for path in project_folder("sweeps").glob("*.yaml")}
    short = {"quickstart", "quickstart_flatness", "jin_lenet_short", "fig6_jpeg"}
    short |= {"jin_appD_lenet_short", "jin_appE_lenet_short"}
    of_no_paper = {"criteria", "criteria_mnist", "criteria_cifar10", "predictors", "regrowth"}
    of_no_paper |= {"branches_lenet", "late_pruning"}
    assert compared == shipped - {"published"} - short - of_no_paper


def test_every_quantity_is_measured_or_has_a_reason_and_none_has_both():
    items = [item for figure in AVAILABLE.values() for item in (*figure.values, *figure.claims)]
    named = {
        quantity
        for item in items
        for quantity in (item.quantities if isinstance(item, Value) else item.relation.quantities)
    }
    assert named <= set(QUANTITIES) | set(PUBLISHED.unmeasured)
    assert not set(QUANTITIES) & set(PUBLISHED.unmeasured)
    assert set(PUBLISHED.unmeasured) <= named
    assert all(PUBLISHED.unmeasured.values())


def test_every_unit_is_that_in_which_it_is_measured():
    for figure in AVAILABLE.values():
        for value in figure.values:
            assert measured_unit(value) in (value.unit, None)


@pytest.mark.parametrize(
    ("value", "resolution"),
    [("-0.73", 0.005), ("42", 0.5), ("9231114", 0.5), ("4.4e-6", 5e-8), ("1.0e-9", 5e-10), ("18.0", 0.05)],
)
def test_a_number_is_as_exact_as_it_is_written(tmp_path, value, resolution):
    text = FILE.replace("value: 85.2,", f"value: {value},")
    (number,) = loaded(tmp_path, text).figures["mine"].values
    assert number.resolution == pytest.approx(resolution)


FILE = """\
papers:
  mine: {name: Mine, citation: Myself}
tolerance: 0.5
figures:
  mine:
    paper: mine
    title: Figure 1
    sweep: my_sweep
    accuracy: final
    values:
      - {quantity: test_accuracy, arms: [A], value: 85.2, unit: percent, place: here}
    claims:
      - claim: A is better than B.
        place: there
        order: {quantity: test_accuracy, of: [A, B], strict: true}
"""


def loaded(folder, text):
    path = folder / "mine.yaml"
    path.write_text(text)
    return load_published(path)


def test_a_file_of_ones_own(tmp_path):
    figure = loaded(tmp_path, FILE).figures["mine"]
    assert figure.claims[0].relation.of == ("A", "B")
    assert figure.claims[0].kind == "order"
