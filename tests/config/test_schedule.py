from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gst.config.schedule import PruningSchedule, exact


class Layer(NamedTuple):
    units: int
    start: int
    end: int
    every: int
    percent: int

    @property
    def events(self):
        schedule = PruningSchedule(self.start, self.end, self.every, Fraction(self.percent, 100))
        return schedule.events(self.units)

    @property
    def removed(self):
        """Units removed by each event."""
        left = [self.units, *(event.kept for event in self.events)]
        return [before - after for before, after in pairwise(left)]

    @property
    def logged(self):
        """The epochs of the events as the paper's logs count them, from 1."""
        return [event.epoch + 1 for event in self.events]


def removed_in_integers(layer: Layer) -> list[int]:
    """The same counts by whole-number division of what is lost, not by rounding up what is kept."""
    lost = layer.units * layer.percent // 100
    count = (layer.end - layer.start) // layer.every + 1
    return [lost * (event + 1) // count - lost * event // count for event in range(count)]


def vgg(every):
    return [
        Layer(512, s, e, every, p) for s, e, p in ((3, 150, 30), (4, 150, 30), (5, 150, 30), (6, 275, 90))
    ]


def resnet18(every, first=7, second=40):
    starts, ends, percents = range(first, first + 4), (150, 150, 170, 275), (25, second, 25, 95)
    return [Layer(512, s, e, every, p) for s, e, p in zip(starts, ends, percents, strict=True)]


def whole_network(units, every, start, percent):
    return [Layer(n, start, 100, every, percent) for n in units]


CIFAR_RESNET = (16, 32, 64, 128, 256, 512)
RESNET18 = (64, 128, 256, 512)

# GST 2020, what the published formula and code give: removed by each event, and the epochs as logged.
EVENTS = {
    "VGG r=4": (
        vgg(4),
        [{4: 32, 5: 5}, {4: 32, 5: 5}, {4: 32, 5: 5}, {6: 16, 7: 52}],
        [range(4, 149, 4), range(5, 150, 4), range(6, 151, 4), range(7, 276, 4)],
    ),
    "VGG r=40": (
        vgg(40),
        [[38, 38, 38, 39]] * 3 + [[65, 66, 66, 65, 66, 66, 66]],
        [(4, 44, 84, 124), (5, 45, 85, 125), (6, 46, 86, 126), (7, 47, 87, 127, 167, 207, 247)],
    ),
    "VGG scratch": (
        [Layer(512, 0, 0, 4, p) for p in (30, 30, 30, 90)],
        [[153], [153], [153], [460]],
        [(1,)] * 4,
    ),
    "RN18 Fig 2 r=4": (
        resnet18(4),
        [{3: 16, 4: 20}, {5: 12, 6: 24}, {3: 36, 4: 5}, {7: 50, 8: 17}],
        [range(8, 149, 4), range(9, 150, 4), range(10, 171, 4), range(11, 276, 4)],
    ),
    "RN18 Fig 2 r=40": (
        resnet18(40),
        [[32] * 4, [51] * 4, [25, 26, 25, 26, 26], [69, 69, 70, 69, 70, 69, 70]],
        [(8, 48, 88, 128), (9, 49, 89, 129), (10, 50, 90, 130, 170), (11, 51, 91, 131, 171, 211, 251)],
    ),
    "RN18 B.2 r=4": (
        resnet18(4, first=3),
        [{3: 20, 4: 17}, {5: 18, 6: 19}, {3: 40, 4: 2}, {7: 58, 8: 10}],
        [range(4, 149, 4), range(5, 150, 4), range(6, 171, 4), range(7, 276, 4)],
    ),
    "RN18 B.2 r=40": (
        resnet18(40, first=3),
        [[32] * 4, [51] * 4, [25, 26, 25, 26, 26], [69, 69, 70, 69, 70, 69, 70]],
        [(4, 44, 84, 124), (5, 45, 85, 125), (6, 46, 86, 126, 166), (7, 47, 87, 127, 167, 207, 247)],
    ),
    "RN18 C.1 r=4, second layer": (
        resnet18(4, second=80)[1:2],
        [{11: 23, 12: 13}],
        [range(9, 150, 4)],
    ),
    "RN18 C.1 r=40, second layer": (
        resnet18(40, second=80)[1:2],
        [[102, 102, 102, 103]],
        [(9, 49, 89, 129)],
    ),
    "Fig 4 r=30": (
        whole_network(CIFAR_RESNET, 30, 40, 10),
        [[0, 0, 1], [1, 1, 1], [2, 2, 2], [4, 4, 4], [8, 8, 9], [17, 17, 17]],
        [(41, 71, 101)] * 6,
    ),
    "Fig 4 r=60": (
        whole_network(CIFAR_RESNET, 60, 40, 10),
        [[0, 1], [1, 2], [3, 3], [6, 6], [12, 13], [25, 26]],
        [(41, 101)] * 6,
    ),
    "C.3 10%": (
        whole_network(RESNET18, 1, 24, 10),
        [{0: 71, 1: 6}, {0: 65, 1: 12}, {0: 52, 1: 25}, {0: 26, 1: 51}],
        [range(25, 102)] * 4,
    ),
    "C.3 6%": (
        whole_network(RESNET18, 1, 24, 6),
        [{0: 74, 1: 3}, {0: 70, 1: 7}, {0: 62, 1: 15}, {0: 47, 1: 30}],
        [range(25, 102)] * 4,
    ),
    "F.1": ([Layer(512, 2500, 3250, 750, 70)], [[179, 179]], [(2501, 3251)]),
}
LAYERS = [
    pytest.param(*row, id=f"{name}, layer {number}")
    for name, columns in EVENTS.items()
    for number, row in enumerate(zip(*columns, strict=True), start=1)
]


@pytest.mark.parametrize(("layer", "removed", "logged"), LAYERS)
def test_published_events(layer, removed, logged):
    if isinstance(removed, dict):  # how many events remove how many
        assert {count: layer.removed.count(count) for count in set(layer.removed)} == removed
    else:
        assert layer.removed == removed
    assert layer.logged == list(logged)


@pytest.mark.parametrize(("layer", "removed", "logged"), LAYERS)
def test_published_events_by_another_formula(layer, removed, logged):
    assert layer.removed == removed_in_integers(layer)
    assert len(layer.events) == (layer.end - layer.start) // layer.every + 1


@pytest.mark.parametrize(
    ("layers", "totals"),
    [
        (vgg(4), [153, 153, 153, 460]),
        (vgg(40), [153, 153, 153, 460]),
        (resnet18(4), [128, 204, 128, 486]),
        (resnet18(40), [128, 204, 128, 486]),
        (resnet18(4, first=3), [128, 204, 128, 486]),
        (resnet18(4, second=80), [128, 409, 128, 486]),
        (whole_network(RESNET18, 1, 24, 10), [6, 12, 25, 51]),
        (whole_network(RESNET18, 1, 24, 6), [3, 7, 15, 30]),
        (whole_network(CIFAR_RESNET, 30, 40, 10), [1, 3, 6, 12, 25, 51]),
    ],
)
def test_published_totals(layers, totals):
    assert [sum(layer.removed) for layer in layers] == totals


@pytest.mark.parametrize(
    ("percent", "kept"), [(25, 384), (30, 359), (40, 308), (70, 154), (80, 103), (90, 52), (95, 26)]
)
def test_what_is_kept_of_512_is_rounded_up(percent, kept):
    assert Layer(512, 0, 0, 1, percent).events == ((0, kept),)


@pytest.mark.parametrize(
    ("layers", "epochs"),
    [
        (vgg(4), 179), (vgg(20), 38), (vgg(40), 19), (vgg(60), 14), (vgg(100), 9), (vgg(200), 5), (vgg(300), 4),
        (resnet18(4), 180), (resnet18(40), 20), (resnet18(4, first=3), 184), (resnet18(40, first=3), 20),
        (whole_network(CIFAR_RESNET, 30, 40, 10), 3), (whole_network(CIFAR_RESNET, 60, 40, 10), 2),
        (whole_network(RESNET18, 1, 24, 10), 54), (whole_network(RESNET18, 1, 24, 6), 34),
        ([Layer(512, 2500, 3250, 750, 70)], 2),
    ],
)  # fmt: skip
def test_distinct_pruning_epochs_of_a_run(layers, epochs):
    pruning = [epoch for layer in layers for epoch, n in zip(layer.logged, layer.removed, strict=True) if n]
    assert len(set(pruning)) == epochs


@pytest.mark.parametrize(
    "layers", [vgg(r) for r in (4, 20, 40, 60, 100, 200, 300)] + [resnet18(4), resnet18(40)]
)
def test_the_last_four_layers_never_share_an_epoch(layers):
    epochs = [epoch for layer in layers for epoch in layer.logged]
    assert len(epochs) == len(set(epochs))


def test_figure_3_rates_of_the_last_layer():
    schedules = [PruningSchedule(6, 275, every, exact(0.9)) for every in (4, 20, 40, 60, 100, 200, 300)]
    rates = [round(float(100 * schedule.iterative_rate), 2) for schedule in schedules]
    assert rates == [1.32, 6.43, 12.86, 18, 30, 45, 90]


def test_2019_figure_a2():
    periods = range(4, 41, 4)
    last = [PruningSchedule(3, 120, every, exact(0.9)) for every in periods]
    others = [PruningSchedule(3, 50, every, exact(0.1)) for every in periods]
    assert [float(100 * it.iterative_rate) for it in last] == [3, 6, 9, 11.25, 15, 18, 18, 22.5, 22.5, 30]
    assert [round(float(100 * it.iterative_rate), 2) for it in others] == [
        0.83, 1.67, 2.5, 3.33, 3.33, 5, 5, 5, 5, 5,
    ]  # fmt: skip
    assert [it.epochs[-1] + 1 for it in last] == [120, 116, 112, 116, 104, 100, 116, 100, 112, 84]
    for schedule in last:
        assert schedule.events(512)[-1].kept == 52


@pytest.mark.parametrize("percent", [2, 5, 10, 15, 20, 25, 30])
def test_2019_figure_3_has_a_constant_rate_and_a_final_fraction_of_three_times_it(percent):
    last = PruningSchedule(3, 120, 40, Fraction(3 * percent, 100))
    other = PruningSchedule(3, 50, 40, Fraction(percent, 100))
    assert [*last.epochs] == [3, 43, 83]
    assert [*other.epochs] == [3, 43]
    assert last.iterative_rate == Fraction(percent, 100) == 2 * other.iterative_rate


def test_2019_figure_a3_prunes_single_weights():
    layer = Layer(512 * 2304, 3, 18, 1, 90)
    assert layer.logged == [*range(4, 20)]
    assert layer.events[-1].kept == 117_965
    assert sum(layer.removed) == 1_061_683
    assert layer.removed == removed_in_integers(layer)
    assert sorted(layer.removed) == [66_355] * 13 + [66_356] * 3
    assert layer.removed[-1] == 66_356


@given(
    units=st.integers(0, 2000),
    start=st.integers(0, 300),
    length=st.integers(0, 300),
    every=st.integers(1, 320),
    thousandths=st.integers(0, 1000),
)
def test_laws(units, start, length, every, thousandths):
    schedule = PruningSchedule(start, start + length, every, exact(thousandths / 1000))
    events = schedule.events(units)
    epochs = [event.epoch for event in events]
    kept = [units, *(event.kept for event in events)]
    removed = [before - after for before, after in pairwise(kept)]
    assert epochs[0] == start
    assert epochs[-1] <= start + length < epochs[-1] + every
    assert all(after - before == every for before, after in pairwise(epochs))
    assert min(removed) >= 0
    assert max(removed) - min(removed) <= 1
    assert kept[-1] == -(units * (thousandths - 1000) // 1000)  # rounded up, in integers


@pytest.mark.parametrize("value", [0.1, 0.3, 0.9, 0.95, 1e-7, 1.0, 0.0])
def test_a_fraction_is_the_decimal_that_was_written(value):
    assert exact(value) == Fraction(str(value))
    assert float(exact(value)) == value


def test_the_binary_neighbour_would_keep_one_filter_too_many():
    assert Fraction(0.3) != exact(0.3)
    assert PruningSchedule(0, 0, 1, exact(0.7)).events(10) == ((0, 3),)
    assert PruningSchedule(0, 0, 1, Fraction(0.7)).events(10) == ((0, 4),)
