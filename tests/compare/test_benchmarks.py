"""Figures of several networks and data: each is compared for itself, and counts wait for all of them."""

from __future__ import annotations

import pytest
from comparisons import published
from level_stores import Level, Levels, fill_levels, level_config

from gst.compare.papers import compare
from gst.errors import InputError

FIGURE = {
    "benchmarks": {"First": "one", "Second": "two"},
    "groups": {"dense": {"kind": "imp", "at": "dense"}, "sparse": {"kind": "imp", "at": "each"}},
    "replicates": 3,
}
NOISES = (0.0, 0.25, 0.5)
ORDER = {"quantity": "test_error", "of": ["dense", "sparse"], "strict": True}
# How much better the sparse networks of a sweep are, in sixteenths, by label noise and seed.
ONE = {0.0: (-1, 1, 0.5), 0.25: (1, 2, 3), 0.5: (2, 2, 2)}
TWO = {0.0: (-4, -4, -4), 0.25: (2, 4, 6), 0.5: (-2, -4, -6)}


def train(store, name, gains, scale=1.0, seeds=3):
    """A sweep of that name; those of several names differ in what a level removes, and share no runs."""
    fraction = 0.25 if name == "two" else 0.5
    configs = {
        f"IMP {noise}": level_config(levels=1, label_noise=noise, scale=scale, fraction=fraction)
        for noise in gains
    }
    runs = [
        Levels(f"IMP {noise}", seed, [Level(0.5), Level(0.5 + gain / 16)])
        for noise, of_seeds in gains.items()
        for seed, gain in enumerate(of_seeds[:seeds])
    ]
    fill_levels(store, runs, configs, name=name)


def figure(store, sweep=None, **content):
    (found,) = compare(store, published(**FIGURE | content), ["fig"], sweep=sweep).figures
    return found


def claim(**relation):
    settings = relation.pop("settings", None)
    benchmarks = relation.pop("benchmarks", [])
    made = {"claim": "It is so.", "place": "1", "benchmarks": benchmarks, "order": ORDER | relation}
    return made if settings is None else made | {"settings": settings}


NOISY = {"only": {"label_noise": "some"}, "per": ["label_noise"]}


def test_a_claim_is_judged_on_each_benchmark(store):
    train(store, "one", ONE)
    train(store, "two", TWO)
    first, second = figure(store, claims=[claim(**NOISY)]).claims
    assert [(it.benchmark, it.verdict, it.name) for it in (first, second)] == [
        ("First", "held", "First: It is so."), ("Second", "not held", "Second: It is so."),
    ]  # fmt: skip
    assert [part.value for part in second.parts] == [25, -25]


def test_what_is_not_there_waits_and_the_rest_is_judged(store):
    train(store, "two", TWO)
    first, second = figure(store, claims=[claim(**NOISY)]).claims
    assert (first.verdict, first.reason) == (
        "not run",
        "sweep one is not in the store; run it: gst sweep one",
    )
    assert second.verdict == "not held"
    assert [it.sweep for it in figure(store).settings] == ["two"]


def test_a_claim_about_some_benchmarks(store):
    train(store, "one", ONE)
    (only,) = figure(store, claims=[claim(benchmarks=["First"])]).claims
    assert only.benchmark == "First"


def test_a_claim_about_all_of_them_waits_for_all(store):
    train(store, "one", ONE)
    wanted = claim(settings=2, only={"label_noise": 0.25}, at_least=1)
    (found,) = figure(store, claims=[wanted]).claims
    assert (found.verdict, found.benchmark) == ("not run", "")
    assert found.reason == (
        "over 2 settings, of which 1 were run; sweep two is not in the store; run it: gst sweep two"
    )
    assert [part.verdict for part in found.parts] == ["held", "not run"]
    train(store, "two", TWO)
    (found,) = figure(store, claims=[wanted]).claims
    assert (found.verdict, [part.name for part in found.parts]) == (
        "held", ["First: test error, dense less sparse", "Second: test error, dense less sparse"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("noise", "needed", "verdict"), [(0.25, 2, "held"), (0.5, 1, "held"), (0.5, 2, "not held")]
)
def test_so_many_benchmarks_are_enough(store, noise, needed, verdict):
    train(store, "one", ONE)
    train(store, "two", TWO)
    wanted = claim(settings=2, only={"label_noise": noise}, at_least=needed)
    assert figure(store, claims=[wanted]).claims[0].verdict == verdict


def test_undecided_parts_leave_the_count_open(store):
    train(store, "one", ONE)
    train(store, "two", TWO, seeds=2)
    for needed, verdict in ((1, "held"), (2, "undecided")):
        wanted = claim(settings=2, only={"label_noise": 0.25}, at_least=needed)
        assert figure(store, claims=[wanted]).claims[0].verdict == verdict


def value(**keys):
    return {
        "value": 1,
        "unit": "count",
        "place": "1",
        "arms": ["dense", "sparse"],
        "quantity": "test_error",
    } | keys


@pytest.mark.parametrize(("outcome", "count"), [("above", 3), ("match", 1), ("below", 2)])
def test_settings_are_counted_by_the_rule(store, outcome, count):
    train(store, "one", ONE)
    train(store, "two", TWO)
    wanted = value(statistic="count", outcome=outcome, settings=6, per=["label_noise"])
    (found,) = figure(store, values=[wanted]).values
    assert (found.ours.value, found.ours.n, found.unit) == (count, (6,), "count")
    assert found.agrees is None


def test_a_count_is_never_of_a_part(store):
    train(store, "one", ONE)
    wanted = value(statistic="count", outcome="above", settings=4, **NOISY)
    (found,) = figure(store, values=[wanted]).values
    assert (found.ours, found.reason) == (
        None,
        "over 4 settings, of which 2 were run; sweep two is not in the store; run it: gst sweep two",
    )
    train(store, "two", {0.0: (1, 1, 1), 0.25: (1, 2, 3)})
    (found,) = figure(store, values=[wanted]).values
    assert (found.ours, found.reason) == (None, "over 4 settings, of which 3 were run")


def test_a_setting_with_too_few_seeds_is_not_counted(store):
    train(store, "one", ONE)
    train(store, "two", TWO, seeds=2)
    wanted = value(statistic="count", outcome="above", settings=4, **NOISY)
    (found,) = figure(store, values=[wanted]).values
    assert (found.ours, found.reason) == (None, "Second: 2 seeds, 3 published")


def test_the_smallest_and_the_largest_of_all_settings(store):
    train(store, "one", ONE)
    train(store, "two", TWO)
    ends = [
        value(statistic="difference", unit="points", settings=4, pick=it, **NOISY)
        for it in ("smallest", "largest")
    ]
    smallest, largest = figure(store, values=ends).values
    assert (smallest.ours.value, largest.ours.value) == (-25, 25)
    assert smallest.what == "smallest test error"
    assert smallest.ours.method.endswith("; smallest of 4: Second: label noise 50%")
    assert largest.ours.n == (3,)
    assert largest.ours.low < 25 < largest.ours.high


def test_a_number_over_the_settings_of_one_benchmark_names_it(store):
    train(store, "one", ONE)
    wanted = value(statistic="difference", unit="points", settings=2, pick="largest", **NOISY)
    (found,) = figure(store, values=[wanted | {"benchmarks": ["First"]}]).values
    assert (found.arms, found.ours.value) == ("First: dense less sparse", 12.5)


def test_how_many_settings_there_are(store):
    train(store, "one", ONE)
    wanted = {"statistic": "settings", "arms": ["dense"], "value": 13, "unit": "count", "place": "1", **NOISY}
    (found,) = figure(store, values=[wanted]).values
    assert (found.ours, found.reason) == (None, "sweep two is not in the store; run it: gst sweep two")
    train(store, "two", {0.25: (1, 1, 1)})
    (found,) = figure(store, values=[wanted]).values
    assert (found.ours.value, found.what) == (3, "settings")


def test_one_sweep_stands_for_its_benchmark_alone(store):
    train(store, "one", ONE)
    train(store, "two", TWO)
    count = value(statistic="count", outcome="above", settings=4, **NOISY)
    each = value(statistic="difference", unit="points", only={"label_noise": 0.25})
    of_first = each | {"benchmarks": ["First"]}
    found = figure(store, "two", claims=[claim(**NOISY)], values=[count, each, of_first])
    assert [it.benchmark for it in found.claims] == ["Second"]
    assert [it.sweep for it in found.settings] == ["two"]
    waiting, own = found.values
    assert (waiting.arms, own.arms) == ("dense against sparse", "Second: dense less sparse")
    assert waiting.reason == (
        "over 4 settings, of which 2 were run; First left out, and this takes all of them"
    )


def test_an_older_version_of_the_sweep_stands_for_it_too(store):
    train(store, "one", ONE)
    ((digest,),) = store.query("SELECT digest FROM sweeps").rows
    (found,) = figure(store, f"one@{digest[:8]}", claims=[claim(**NOISY)]).claims
    assert (found.benchmark, found.verdict) == ("First", "held")


def test_a_sweep_that_is_of_no_benchmark_is_refused(store):
    train(store, "mine", ONE)
    message = r"sweep 'mine' is of none of the figure's networks and data; there are: one \(First\), two"
    with pytest.raises(InputError, match=message):
        figure(store, "mine", claims=[claim()])


def test_a_sweep_of_another_name_stands_for_the_benchmark_of_its_network_and_data(store):
    """Digits are those of the shipped quickstart, and no others."""
    train(store, "mine", ONE)
    benchmarks = {"Bigger": "fig2_vgg11", "Digits": "quickstart"}
    (found,) = figure(store, "mine", benchmarks=benchmarks, claims=[claim(**NOISY)]).claims
    assert (found.benchmark, found.verdict) == ("Digits", "held")
    assert found.deviations


def test_what_is_scaled_is_shown_and_counts_for_nothing(store):
    train(store, "one", ONE, scale=0.5)
    train(store, "two", TWO)
    found = compare(store, published(**FIGURE, claims=[claim(**NOISY)]), ["fig"])
    first, _ = found.claims
    assert (first.verdict, first.counts, first.deviations) == (
        "held",
        False,
        ("at scale 0.5 with 6 images of a class",),
    )
    assert (found.count("held"), found.count("not held"), found.elsewhere) == (0, 1, 1)
    assert found.contradicted
