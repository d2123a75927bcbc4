"""The sweep files that come with gst: each is complete, and together they are what was published."""

from __future__ import annotations

from collections import Counter

import pytest

from gst.config import ExtendedTraining, NoPruning, config_hash, load_sweep, run_key
from gst.launch.plan import sweep_plan
from gst.paths import project_folder

FILES = sorted(path for path in project_folder("sweeps").glob("*.yaml") if path.stem != "published")
SWEEPS = {path.stem: load_sweep(path) for path in FILES}
OF_2020 = [
    "fig2_vgg11", "fig2_resnet18", "fig3", "fig4_resnet18", "fig4_resnet20", "fig4_resnet56", "fig5", "fig6",
    "figB2_vgg11", "figB2_resnet18", "tabC1", "figC3", "figD2", "tabF1",
]  # fmt: skip
NEEDS_DATA = {"v1_figA3_jpeg", "fig6_jpeg"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_line_after_the_schema_says_the_claim(path):
    assert path.read_text().split("\n")[1].startswith("# Claim: ")


@pytest.mark.parametrize("name", sorted(set(SWEEPS) - NEEDS_DATA))
def test_layers_exist_and_events_remove_what_they_plan(name, tmp_path):
    planned = sweep_plan(SWEEPS[name], data=tmp_path)
    for arm in planned.arms:
        unpruned = isinstance(arm.config.pruning, NoPruning | ExtendedTraining)
        assert bool(arm.event_epochs) != unpruned


def runs_of(names):
    """Runs as published: every figure for itself, and shared ones counted again."""
    return [run.spec for name in names for run in SWEEPS[name].runs()]


def test_the_published_set_of_2020():
    """591 runs and 221,775 epochs, each figure for itself; unpruned runs are counted once, with Figure 2.

    To the paper's own this adds the unpruned runs of Figure 4 (two models) and of C.3's twin in Figure 4.
    """
    trained = Counter()
    epochs = Counter()
    seen_unpruned = set()
    for name in OF_2020:
        for _, spec in SWEEPS[name].runs():
            if isinstance(spec.config.pruning, NoPruning):
                if run_key(spec) in seen_unpruned:
                    continue
                seen_unpruned.add(run_key(spec))
            trained[name] += 1
            epochs[name] += spec.config.training.epochs
    shared = sum(  # figures that show runs of another in the paper too, and are not counted twice there
        run_key(run.spec) in {run_key(other) for other in runs_of(["fig2_vgg11", "fig2_resnet18"])}
        for name in ("fig6", "tabC1")
        for run in SWEEPS[name].runs()
        if not isinstance(run.spec.config.pruning, NoPruning)
    )
    prune_l = sum(run.arm == "PruneL" for run in SWEEPS["figD2"].runs())  # Figure 5's
    added = 20 + 0  # unpruned ResNet20 and ResNet56; ResNet18's are C.3's
    assert sum(trained.values()) - shared - prune_l - added == 591
    of_shared = shared * 325 + prune_l * 325 + added * 165
    assert sum(epochs.values()) - of_shared == 221_775


def test_shared_runs_are_found_by_key():
    keys = {name: {run_key(run.spec) for run in spec.runs()} for name, spec in SWEEPS.items()}
    shared = {pair: len(keys[pair[0]] & keys[pair[1]]) for pair in (
        ("fig2_vgg11", "fig3"), ("fig2_vgg11", "fig6"), ("fig2_vgg11", "fig5"), ("fig3", "fig6"),
        ("fig2_resnet18", "tabC1"), ("fig4_resnet18", "figC3"), ("fig5", "figD2"),
        ("v1_fig1", "v1_fig2"), ("fig2_vgg11", "v1_fig2"), ("figB1", "v1_figA1"),
        ("fig2_vgg11", "figB2_vgg11"), ("figB2_resnet18", "figB2_resnet18_ebn"),
        ("jin_fig1a", "jin_fig1b"), ("jin_fig1b", "jin_fig2_vgg16"),
        ("jin_fig2_lenet", "jin_fig3_lenet"), ("jin_fig3_resnet20", "jin_fig6_resnet20"),
        ("jin_fig3_resnet50", "jin_fig7_resnet50"),
    )}  # fmt: skip
    assert shared == {
        ("fig2_vgg11", "fig3"): 40,  # unpruned, S and L every 40, S every 4
        ("fig2_vgg11", "fig6"): 40,  # those of Figure 6 also measure their flatness
        ("fig2_vgg11", "fig5"): 10,  # unpruned
        ("fig3", "fig6"): 50,
        ("fig2_resnet18", "tabC1"): 30,
        ("fig4_resnet18", "figC3"): 10,
        ("fig5", "figD2"): 20,  # unpruned and PruneL
        ("v1_fig1", "v1_fig2"): 30,
        ("fig2_vgg11", "v1_fig2"): 10,
        ("figB1", "v1_figA1"): 3,
        ("fig2_vgg11", "figB2_vgg11"): 10,
        ("figB2_resnet18", "figB2_resnet18_ebn"): 10,  # unpruned; the scores of the others differ
        ("jin_fig1a", "jin_fig1b"): 3,
        ("jin_fig1b", "jin_fig2_vgg16"): 3,
        ("jin_fig2_lenet", "jin_fig3_lenet"): 3,  # without label noise
        ("jin_fig3_resnet20", "jin_fig6_resnet20"): 12,
        ("jin_fig3_resnet50", "jin_fig7_resnet50"): 6,
    }


def test_the_totals_that_the_readme_tells():
    """Configurations and runs, each once however many files name it."""
    configurations = {config_hash(it.config) for spec in SWEEPS.values() for it in spec.configs}
    runs = {run_key(run.spec) for spec in SWEEPS.values() for run in spec.runs()}
    told = f"Together: {len(configurations)} configurations and {len(runs):,} different runs"
    assert told in (project_folder("sweeps") / "README.md").read_text(encoding="utf-8")


def removed(name, arm):
    """Units removed by each event of each layer: {layer: [(epoch counted from 1, removed), ...]}."""
    (found,) = [it for it in sweep_plan(SWEEPS[name], data=project_folder("sweeps")).arms if it.arm == arm]
    layers = {}
    for event in found.events:
        layers.setdefault(event.layer, []).append((event.epoch + 1, event.kept_before - event.kept_after))
    return layers


def test_vgg11_at_the_high_rate_as_published():
    layers = removed("fig2_vgg11", "PruneL 13%")
    assert layers["conv5"] == [(4, 38), (44, 38), (84, 38), (124, 39)]
    assert layers["conv6"] == [(5, 38), (45, 38), (85, 38), (125, 39)]
    assert layers["conv8"] == list(zip(range(7, 248, 40), [65, 66, 66, 65, 66, 66, 66], strict=True))


def test_resnet18_as_published():
    layers = removed("fig2_resnet18", "PruneL 14%")
    assert [n for _, n in layers["layer4.0.conv1"]] == [32] * 4
    assert [n for _, n in layers["layer4.0.conv2"]] == [51] * 4
    assert [n for _, n in layers["layer4.1.conv1"]] == [25, 26, 25, 26, 26]
    last = layers["layer4.1.conv2"]
    assert last == list(zip(range(11, 252, 40), [69, 69, 70, 69, 70, 69, 70], strict=True))
    more = removed("tabC1", "PruneL 14% 59%")
    assert [n for _, n in more["layer4.0.conv2"]] == [102, 102, 102, 103]
    assert removed("figB2_resnet18", "PruneS 14%")["layer4.1.conv2"][0][0] == 7


def test_little_pruning_has_few_epochs_that_prune_anything():
    """C.3: 77 scheduled epochs, of which 54 and 34 remove a filter somewhere."""
    arms = {arm.arm: arm for arm in sweep_plan(SWEEPS["figC3"], data=project_folder("sweeps")).arms}
    assert len(arms["PruneS 10% total"].event_epochs) == 54
    assert len(arms["PruneS 6% total"].event_epochs) == 34


def test_distinct_pruning_epochs_as_published():
    planned = sweep_plan(SWEEPS["fig3"], data=project_folder("sweeps"))
    arms = {arm.arm: len(arm.event_epochs) for arm in planned.arms}
    published = {4: 179, 20: 38, 40: 19, 60: 14, 100: 9, 200: 5, 300: 4}
    for target in ("PruneS", "PruneR", "PruneL"):
        assert {every: arms[f"{target} every={every}"] for every in published} == published


def test_the_second_version_of_the_first_paper():
    """A3: 16 events, epochs 4 to 19, 66,355 weights each and 66,356 at the last; A2: 600 runs."""
    weights = removed("v1_figA3", "PruneL augment=False per_class=128 batch_size=3")["fc1"]
    assert [epoch for epoch, _ in weights] == list(range(4, 20))
    assert sum(n for _, n in weights) == 1_061_683
    assert {n for _, n in weights[:-1]} <= {66_355, 66_356}
    assert len(list(SWEEPS["v1_figA2"].runs())) == 600
    scratch = removed("fig6", "Scratch")
    assert scratch == {"conv5": [(0, 153)], "conv6": [(0, 153)], "conv7": [(0, 153)], "conv8": [(0, 460)]}


@pytest.mark.parametrize(
    ("name", "weights", "left"),
    [
        ("jin_fig2_lenet", 266_200, 0.47),
        ("jin_fig2_resnet20", 270_896, 0.47),
        ("jin_fig2_vgg16", 14_715_584, 0.47),
        ("jin_fig2_resnet32", 470_192, 0.47),
        ("jin_fig2_resnet50", 25_502_912, 3.52),
    ],
)
def test_jins_networks_lose_a_fifth_of_what_is_left_at_every_level(name, weights, left, tmp_path):
    """Weights that can be pruned and the percentage in the end, of the reference for levels 24 and 15."""
    (arm,) = sweep_plan(SWEEPS[name], data=tmp_path).arms
    assert {event.total for event in arm.events} == {weights}
    assert all(event.kept_before - event.kept_after == -(-event.kept_before // 5) for event in arm.events), (
        "rounded up"
    )
    assert 100 * arm.events[-1].kept_after / weights == pytest.approx(left, abs=0.005)
    course = arm.config.course
    assert [event.epoch for event in arm.events] == [
        course.last_epoch(level) for level in range(course.levels)
    ]


def test_widths_shrink_by_a_fifth_each():
    widths = {run.spec.config.model.width for run in SWEEPS["jin_fig7_lenet"].runs()} - {1.0}
    assert sorted(widths, reverse=True) == pytest.approx([0.8**step for step in range(1, 11)], rel=1e-12)
