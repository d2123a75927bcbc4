"""Decisions of a sweep with a design: each once, from the runs of its look; the next runs are entered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from archives import tables
from designs import ARMS, LOOKS, design_of, designed, end_runs, noisy, to_the_stop
from scipy import stats

from gst.config import RunSpec, run_key
from gst.errors import Fenced, InputError
from gst.stats.sequential import nominal_levels
from gst.store import Store
from gst.store.looks import decided

NOW = datetime.now(UTC)


def members(store, sweep_id):
    return store.query(
        "SELECT m.position, m.arm, r.seed, r.key FROM sweep_runs m JOIN runs r ON r.run_id = m.run_id"
        " WHERE m.sweep_id = :sweep_id ORDER BY m.position",
        sweep_id=sweep_id,
    ).rows


def of_file(spec, seeds):
    """The runs of the first so many seeds, at their places among all of the file."""
    return [
        (position, arm, run.seed, run_key(run))
        for position, (arm, run) in enumerate(spec.runs())
        if run.seed < seeds
    ]


def test_only_the_runs_of_the_next_look_are_entered(store):
    spec = designed()
    sweep_id = store.register(spec)
    driver = store.take_over(sweep_id)
    assert store.design(sweep_id) == spec.design
    assert members(store, sweep_id) == of_file(spec, 3)
    for seeds in LOOKS[1:]:
        end_runs(store, sweep_id, driver, noisy(0))
        look = store.decide(sweep_id, driver)
        assert look.decision == "continue"
        assert members(store, sweep_id) == of_file(spec, seeds)
        assert store.remaining(sweep_id) == [
            key for _, _, seed, key in of_file(spec, seeds) if seed >= look.seeds
        ]
        assert store.register(spec) == sweep_id
        assert members(store, sweep_id) == of_file(spec, seeds)
    end_runs(store, sweep_id, driver, noisy(0))
    assert store.decide(sweep_id, driver).decision == "last"
    assert store.decide(sweep_id, driver) is None
    assert members(store, sweep_id) == of_file(spec, 8)


def test_a_look_is_the_t_test_of_its_pairs_against_the_bound(store):
    spec, accuracy = designed(), noisy(0.05)
    sweep_id, (look, *more) = to_the_stop(store, spec, accuracy)
    test = stats.ttest_rel(
        [accuracy("B", seed) for seed in range(3)], [accuracy("A", seed) for seed in range(3)]
    )
    levels = nominal_levels(LOOKS, spec.design.fractions, alpha=0.05, spending="pocock")
    interval = test.confidence_interval(1 - levels[0])
    assert look[:3] == (1, 3, 3)
    assert look.p == pytest.approx(test.pvalue)
    assert look.level == pytest.approx(levels[0])
    assert (look.low, look.high) == pytest.approx(tuple(interval))
    assert look.estimate == pytest.approx(0.05 + 0.01 / 3)
    assert [it.decision for it in more] == ["reject"]
    assert store.looks(sweep_id) == (look, *more)


def test_no_decision_before_every_run_of_the_question_has_ended(store):
    spec = designed()
    sweep_id = store.register(spec)
    driver = store.take_over(sweep_id)
    for _ in range(5):  # the question is about A and B, whose 6 runs come first
        assert end_runs(store, sweep_id, driver, noisy(0.3), most=1) == 1
        assert store.decide(sweep_id, driver) is None
    end_runs(store, sweep_id, driver, noisy(0.3), most=1)
    assert store.decide(sweep_id, driver) is not None
    assert len(store.remaining(sweep_id)) in (3, 9)  # C has not been trained


def test_two_drivers_cannot_both_decide(store):
    spec = designed()
    sweep_id = store.register(spec)
    first = store.take_over(sweep_id)
    end_runs(store, sweep_id, first, noisy(0))
    second = store.take_over(sweep_id)
    before = tables(store.url) if store.url.startswith("sqlite") else None
    with pytest.raises(Fenced):
        store.decide(sweep_id, first)
    assert store.looks(sweep_id) == ()
    assert before is None or tables(store.url) == before
    assert store.decide(sweep_id, second).look == 1
    assert store.decide(sweep_id, second) is None  # the next look's runs have not ended
    assert len(store.looks(sweep_id)) == 1


def test_the_same_runs_give_the_same_decisions(store, tmp_path):
    _, looks = to_the_stop(store, designed(), noisy(0.02))
    with Store.open(str(tmp_path / "other.db"), create=True) as other:
        _, again = to_the_stop(other, designed(), noisy(0.02))
    assert [it._replace(decided=None) for it in again] == [it._replace(decided=None) for it in looks]


def test_pairs_without_both_runs_are_left_out(store):
    def accuracy(arm, seed):
        if (arm, seed) in {("A", 1): 0, ("B", 3): 0}:
            return "failed" if arm == "A" else "diverged"
        return noisy(0)(arm, seed)

    _, looks = to_the_stop(store, designed(), accuracy)
    assert [(it.seeds, it.pairs) for it in looks] == [(3, 2), (5, 3), (8, 6)]
    assert looks[0][3:7] == (None,) * 4
    assert (looks[0].level, looks[0].decision) == (0, "continue")
    assert looks[1].level > 0
    assert looks[1].estimate is not None


def test_equal_differences_decide_nothing(store):
    _, looks = to_the_stop(store, designed(), lambda arm, seed: 0.75 if arm == "B" else 0.5)
    assert [(it.estimate, it.decision) for it in looks] == [
        (None, "continue"), (None, "continue"), (None, "last"),
    ]  # fmt: skip


def test_a_width_stops_when_it_is_reached(store):
    wide = decided(design_of(spending=None, width=0.001), [], [0.1, 0.2, 0.4], NOW)
    assert wide.decision == "continue"
    width = 100 * (wide.high - wide.low)
    assert (
        decided(design_of(spending=None, width=width * 1.001), [], [0.1, 0.2, 0.4], NOW).decision == "width"
    )
    assert (
        decided(design_of(spending=None, width=width * 0.999), [], [0.1, 0.2, 0.4], NOW).decision
        == "continue"
    )
    assert decided(design_of(spending=None, width=1e-9), [3, 5], [0.1, 0.2] * 4, NOW).decision == "last"


def test_futility_stops_what_could_hardly_find_anything():
    flat, steep = [0.1, -0.1, 0.11, -0.1, -0.01], [0.1, 0.2, 0.15, 0.11, 0.12]
    late = {"looks": (5, 6)}
    assert decided(design_of(**late, futility=True), [], flat, NOW).decision == "futility"
    assert decided(design_of(**late), [], flat, NOW).decision == "continue"
    assert decided(design_of(**late, futility=True), [], steep, NOW).decision == "reject"
    assert decided(design_of(**late, futility=True), [5], [*flat, 0], NOW).decision == "last"


def test_a_sweep_of_seeds_decides_nothing(store):
    spec = designed()._replace(design=None)
    sweep_id = store.register(spec)
    driver = store.take_over(sweep_id)
    end_runs(store, sweep_id, driver, noisy(0.3))
    assert store.decide(sweep_id, driver) is None
    assert (store.design(sweep_id), store.looks(sweep_id)) == (None, ())
    assert len(members(store, sweep_id)) == 24


def test_a_seed_range_and_shared_runs(store):
    """Runs of another sweep are shared, and none is trained twice."""
    fixed = designed()._replace(design=None, name="fixed")
    other = store.register(fixed)
    end_runs(store, other, store.take_over(other), noisy(0))
    _, looks = to_the_stop(store, designed(), lambda arm, seed: pytest.fail("trained twice"))
    assert [it.decision for it in looks] == ["continue", "continue", "last"]
    late = designed(start=100)
    late_id, _ = to_the_stop(store, late, noisy(0), looks=1)
    assert {seed for _, _, seed, _ in members(store, late_id)} == set(range(100, 105))
    assert [key for *_, key in members(store, late_id)] == [
        run_key(RunSpec(config, seed)) for config in ARMS.values() for seed in range(100, 105)
    ]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_an_archive_has_design_and_looks(store, tmp_path, form):
    sweep_id, looks = to_the_stop(store, designed(), noisy(0.05))
    store.export(tmp_path / "out", sweep_id=sweep_id, form=form)
    with Store.open(str(tmp_path / "other.db"), create=True) as other:
        other.merge(tmp_path / "out")
        number = other.sweep_id("designed")
        assert other.design(number) == designed().design
        assert other.looks(number) == tuple(looks)
        assert members(other, number) == members(store, sweep_id)
        assert not other.merge(tmp_path / "out").changed


def test_a_later_look_is_taken_in_and_an_earlier_one_changes_nothing(store, tmp_path):
    _, (first, _) = to_the_stop(store, designed(), noisy(0.02), looks=2)
    store.export(tmp_path / "later", form="csv")
    with Store.open(str(tmp_path / "other.db"), create=True) as other:
        number, (mine,) = to_the_stop(other, designed(), noisy(0.02), looks=1)
        other.export(tmp_path / "earlier", form="csv")
        other.merge(tmp_path / "later")
        assert [it.look for it in other.looks(number)] == [1, 2]
        assert other.looks(number)[0] == mine
        assert members(other, number) == of_file(designed(), 8)
    before = tables(store.url) if store.url.startswith("sqlite") else None
    assert not store.merge(tmp_path / "earlier").changed
    assert before is None or tables(store.url) == before
    assert first == store.looks(store.sweep_id("designed"))[0]


def test_other_decisions_are_refused(store, tmp_path):
    to_the_stop(store, designed(), noisy(0.02), looks=1)
    with Store.open(str(tmp_path / "other.db"), create=True) as other:
        to_the_stop(other, designed(), lambda arm, seed: "failed" if seed == 1 else 0.5 + 0.01 * seed)
        other.export(tmp_path / "out", form="csv")
    with pytest.raises(InputError, match=r"look 1 of sweep 'designed' has pairs 2 there, and 3 here"):
        store.merge(tmp_path / "out", conflicts="keep")
