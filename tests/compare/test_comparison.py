"""Whole comparisons: what counts, what does not, and what is still to be run."""

from __future__ import annotations

import json

import pytest
from comparisons import published, runs_of, whole
from shipped import shipped_configs
from statsmodels.stats.multitest import multipletests
from stores import Run, fill, run_config

from gst.compare.loading import load_published, shipped_file
from gst.compare.papers import compare
from gst.compare.results import to_dict
from gst.config.scale import scaled
from gst.errors import InputError, UnknownNameError
from gst.store import Store

HIGH, LOW = [0.75, 0.625, 0.6875, 0.75], [0.5, 0.375, 0.4375, 0.5]
BETTER = {
    "claim": "A is better.", "place": "here",
    "order": {"quantity": "test_accuracy", "of": ["A", "B"], "strict": True},
}  # fmt: skip
WORSE = BETTER | {"claim": "B is.", "order": BETTER["order"] | {"of": ["B", "A"]}}
VALUE = {"quantity": "test_accuracy", "arms": ["A"], "value": 70.3, "unit": "percent", "place": "here"}


@pytest.fixture
def both(store: Store) -> Store:
    fill(store, runs_of("A", HIGH) + runs_of("B", LOW))
    return store


def test_all_is_well(both: Store):
    found = whole(both, claims=[BETTER], values=[VALUE])
    assert (found.contradicted, found.incomplete) == (False, False)
    assert [found.count(it) for it in ("held", "not held", "undecided", "not run")] == [1, 0, 0, 0]
    (setting,) = found.figures[0].settings
    assert (setting.sweep, setting.runs, setting.missing) == ("hand", 8, 0)
    assert (setting.datasets, setting.models, setting.train_per_class) == (("digits",), ("digits_cnn",), (6,))


def test_a_contradiction(both: Store):
    found = whole(both, claims=[BETTER, WORSE])
    assert (found.contradicted, found.incomplete) == (True, False)


def test_an_undecided_claim_is_complete(store: Store):
    fill(store, runs_of("A", HIGH) + runs_of("B", HIGH))
    found = whole(store, claims=[BETTER])
    assert (found.count("undecided"), found.contradicted, found.incomplete) == (1, False, False)


def test_what_is_not_run_is_incomplete(both: Store):
    missing = BETTER | {"order": BETTER["order"] | {"of": ["A", "C"]}}
    assert whole(both, claims=[BETTER, missing]).incomplete
    assert whole(both, claims=[BETTER], values=[VALUE | {"arms": ["C"]}]).incomplete


def test_values_that_nobody_can_measure_are_not_waited_for(both: Store):
    unmeasured = {"beauty": "nobody knows how"}
    beauty = VALUE | {"quantity": "beauty"}
    assert not whole(both, claims=[BETTER], values=[VALUE, beauty], unmeasured=unmeasured).incomplete
    assert whole(both, values=[beauty], unmeasured=unmeasured).incomplete  # then nothing was compared
    claim = {"claim": "So.", "place": "here", "match": {"quantity": "beauty", "of": ["A", "B"]}}
    assert whole(both, claims=[BETTER, claim], unmeasured=unmeasured).incomplete


def test_missing_runs_are_counted_and_said(store: Store):
    runs = [*runs_of("A", HIGH), *runs_of("B", LOW[:3]), Run("B", 3, [0.5], status="failed")]
    fill(store, runs)
    found = whole(store, claims=[BETTER])
    (setting,) = found.figures[0].settings
    assert (setting.runs, setting.missing, setting.statuses) == (7, 1, "1 failed")
    assert found.claims[0].parts[0].n == (4, 3)


def test_the_one_reason_of_a_figure_of_which_nothing_was_run(store: Store):
    unmeasured = {"beauty": "nobody knows how"}
    beauty = VALUE | {"quantity": "beauty"}
    found = whole(store, claims=[BETTER], values=[VALUE, beauty], unmeasured=unmeasured)
    assert found.figures[0].reason == "sweep hand is not in the store; run it: gst sweep hand"
    assert found.figures[0].settings == ()
    fill(store, runs_of("A", HIGH))
    assert whole(store, claims=[BETTER], values=[VALUE]).figures[0].reason == ""


def shrunk(factor: float) -> dict:
    return {
        "A": scaled(run_config(epochs=40), factor),
        "B": scaled(run_config(epochs=40, lr=0.002), factor),
    }


def test_scaled_runs_count_neither_for_nor_against_the_paper(store: Store):
    fill(store, runs_of("A", HIGH) + runs_of("B", LOW), configs=shrunk(0.1))
    found = whole(store, claims=[BETTER, WORSE], values=[VALUE])
    assert [claim.verdict for claim in found.claims] == ["held", "not held"]
    assert {claim.deviations for claim in found.claims} == {("at scale 0.1 with 6 images of a class",)}
    assert (found.contradicted, found.incomplete, found.elsewhere) == (False, True, 2)
    assert (found.count("held"), found.count("not held")) == (0, 0)
    assert whole(store, claims=[BETTER]).incomplete
    assert found.figures[0].settings[0].scales == (0.1,)
    assert found.values[0].deviations == ("at scale 0.1 with 6 images of a class",)


def test_the_shipped_configurations_are_the_published_experiment(store: Store):
    runs = [
        run
        for arm, accuracies in (("PruneL 13%", HIGH), ("PruneS 1%", LOW), ("PruneS 13%", LOW))
        for run in runs_of(arm, accuracies)
    ]
    configs = shipped_configs("fig2_vgg11")
    fill(store, runs, name="fig2_vgg11", configs={run.arm: configs[run.arm] for run in runs})
    found = compare(store, load_published(shipped_file()), ["fig2_vgg11"])
    assert (found.count("held"), found.elsewhere) == (1, 0)
    assert found.claims[2].counts


def with_jpeg(store: Store, name: str = "v1_figA3_jpeg") -> None:
    """Runs of the shipped configurations, which say what the figure's claims say."""
    drops = {"PruneL": 0.25, "PruneS": 0.5}
    runs = [
        Run(arm, seed, [0.5, 0.25 + gain], events=[(0, 0.5, drops[arm])] if arm in drops else [])
        for arm, gain in (("No Pruning", 0.25), ("PruneS", 0.125), ("PruneL", 0.5))
        for seed in range(4)
    ]
    fill(store, runs, name=name, configs=shipped_configs("v1_figA3_jpeg"))


@pytest.mark.parametrize("sweep", [None, "v1_figA3_jpeg", "mine"])
def test_a_sweep_that_departs_by_design_counts_neither_for_nor_against_the_paper(store: Store, sweep):
    with_jpeg(store, sweep or "v1_figA3_jpeg")
    found = compare(store, load_published(shipped_file()), ["v1_figA3_jpeg"], sweep=sweep)
    assert [claim.verdict for claim in found.claims] == ["held"] * 3
    assert {claim.differs for claim in found.claims} == {("v1_figA3_jpeg",)}
    assert {claim.deviations for claim in found.claims} == {()}
    assert (found.count("held"), found.elsewhere, found.chances) == (0, 3, ())
    assert (found.contradicted, found.incomplete) == (False, False)  # more runs would change nothing
    assert "JPEG" in found.figures[0].settings[0].differs
    assert [claim["counts"] for claim in to_dict(found)["figures"][0]["claims"]] == [False] * 3


def test_among_all_figures_too(store: Store):
    with_jpeg(store)
    known = load_published(shipped_file())
    found = compare(store, known, list(known.figures))
    assert (found.count("held"), found.elsewhere) == (0, 3)


def test_a_departure_is_that_of_the_sweep_of_which_a_group_is(store: Store):
    """The figure's own sweep is as the paper's; one of the two groups is of a sweep that is not."""
    fill(store, runs_of("A", HIGH) + runs_of("B", LOW))
    fill(store, runs_of("B", LOW), name="other", configs={"B": run_config(epochs=1, lr=0.5)})
    groups, sweeps = {"C": {"sweep": "other", "arms": ["B"]}}, {"other": {"differs": "it is smaller"}}
    with_other = BETTER | {"order": BETTER["order"] | {"of": ["A", "C"]}}
    values = [VALUE, VALUE | {"arms": ["C"]}]
    found = whole(store, claims=[BETTER, with_other], values=values, groups=groups, sweeps=sweeps)
    assert [it.differs for it in found.claims] == [it.differs for it in found.values] == [(), ("other",)]
    assert (found.count("held"), found.elsewhere) == (1, 1)


def test_other_configurations_of_the_same_name_are_not(store: Store):
    configs = shipped_configs("v1_figA3_jpeg")
    longer = {}
    for arm, config in configs.items():
        content = config.model_dump()
        content["training"]["epochs"] = 26
        longer[arm] = type(config).model_validate(content)
    runs = [run for arm in longer for run in runs_of(arm, HIGH)]
    fill(store, runs, name="v1_figA3_jpeg", configs=longer)
    found = compare(store, load_published(shipped_file()), ["v1_figA3_jpeg"])
    assert found.claims[2].deviations == ("training.epochs 26 instead of 25",)
    assert found.incomplete


def of_paper(found, paper, claims):
    """A figure of that paper, with claims of these verdicts, chances and p."""
    (figure,) = found.figures
    (claim,) = figure.claims
    made = (claim._replace(verdict=verdict, chance=chance, p=p) for verdict, chance, p in claims)
    return figure._replace(paper=paper, claims=tuple(made))


def test_p_is_adjusted_paper_by_paper(both: Store):
    """Over all six claims, or over those of each figure, other numbers would be held."""
    found = whole(both, claims=[BETTER])
    first, second = [("held", 0.025, 0.02), ("held", 0.025, 0.03)], [("held", 0.1, 0.03)]
    third = [
        ("held", 0.025, 0.012),
        ("undecided", 0.025, 0.3),
        ("held", 0.05, 0.026),
        ("not run", None, None),
    ]
    figures = [of_paper(found, "A", first), of_paper(found, "B", second), of_paper(found, "B", third)]
    several = found._replace(figures=tuple(figures))
    for it, claims in zip(several.chances, (first, [*second, *third[:3]]), strict=True):
        judged = multipletests([p for _, _, p in claims], method="holm")[1]
        held = [verdict == "held" for verdict, _, _ in claims]
        assert it.adjusted == sum(one and p < 0.05 for one, p in zip(held, judged, strict=True))
        assert (it.claims, it.held) == (len(claims), sum(held))
        assert it.expected == pytest.approx(sum(chance for _, chance, _ in claims))
    assert [(it.paper, it.claims, it.held, it.adjusted) for it in several.chances] == [
        ("A", 2, 2, 2), ("B", 4, 3, 1),
    ]  # fmt: skip
    assert to_dict(several)["chance"][1] == {
        "paper": "B", "claims": 4, "held": 3, "expected": pytest.approx(0.2), "adjusted": 1,
    }  # fmt: skip


def test_a_small_p_that_is_not_held_is_none(both: Store):
    found = whole(both, claims=[BETTER])
    made = of_paper(found, "A", [("undecided", 0.025, 0.001), ("held", 0.025, 0.001)])
    (it,) = found._replace(figures=(made,)).chances
    assert (it.held, it.adjusted) == (1, 1)


def test_without_a_claim_of_a_direction_there_is_no_chance(both: Store):
    match = {"claim": "Alike.", "place": "here", "match": {"quantity": "test_accuracy", "of": ["A", "B"]}}
    missing = BETTER | {"order": BETTER["order"] | {"of": ["A", "C"]}}
    assert whole(both, claims=[match, missing]).chances == ()


def test_a_reason_is_given_once(store: Store):
    fill(store, runs_of("A", HIGH), name="other")
    claims = [BETTER, BETTER | {"claim": "Twice.", "settings": 2}]
    found = whole(store, claims=claims, benchmarks={"One": "one", "Two": "two"})
    assert found.figures[0].reason == "sweeps one and two are not in the store"
    assert found.figures[0].absent == ("one", "two")
    assert [claim.reason for claim in found.claims] == [
        "sweep one is not in the store; run it: gst sweep one",
        "sweep two is not in the store; run it: gst sweep two",
        "over 2 settings, of which 0 were run; sweep one is not in the store; run it: gst sweep one; "
        "sweep two is not in the store; run it: gst sweep two",
    ]


def test_another_sweep_stands_for_the_published_one(store: Store):
    fill(store, runs_of("PruneL", HIGH) + runs_of("No Pruning", LOW), name="mine")
    known = load_published(shipped_file())
    found = compare(store, known, ["v1_figA3"], sweep="mine")
    assert found.figures[0].settings[0].sweep == "mine"
    assert found.figures[0].sweep == "v1_figA3"
    reasons = " ".join(claim.reason for claim in found.claims)
    assert "sweep mine has no arm 'PruneS*'" in reasons


def test_an_arm_that_the_shipped_sweep_does_not_have(store: Store):
    fill(store, runs_of("PruneL x", HIGH) + runs_of("PruneS x", LOW), name="mine")
    known = load_published(shipped_file())
    found = compare(store, known, ["v1_figA3_jpeg"], sweep="mine")
    assert found.claims[0].reason.startswith("sweep mine has no arm 'PruneS'")
    wide = compare(store, known, ["v1_figA3"], sweep="mine")
    gap = wide.claims[0]
    assert gap.deviations == ("arms that v1_figA3.yaml does not have",)


def test_another_sweep_must_be_in_the_store_and_stand_for_one(both: Store):
    known = published(claims=[BETTER])
    with pytest.raises(UnknownNameError, match="no sweep 'hund'; did you mean 'hand'"):
        compare(both, known, ["fig"], sweep="hund")
    shipped = load_published(shipped_file())
    with pytest.raises(InputError, match="fig2_vgg11 fig2_vgg11, tabC1 tabC1"):
        compare(both, shipped, ["fig2_vgg11", "tabC1"], sweep="hand")
    assert compare(both, shipped, ["fig3_left", "fig3_right"], sweep="hand").figures


def test_groups_of_another_sweep(store: Store):
    fill(store, runs_of("A", HIGH))
    fill(store, runs_of("B", LOW), name="other", configs={"B": run_config(epochs=1, lr=0.5)})
    found = whole(store, claims=[BETTER], groups={"B": {"sweep": "other", "arms": ["B"]}})
    assert found.claims[0].verdict == "held"
    assert [it.sweep for it in found.figures[0].settings] == ["hand", "other"]


def test_the_newest_sweep_of_a_name(store: Store):
    fill(store, runs_of("A", LOW) + runs_of("B", HIGH))
    fill(
        store,
        runs_of("A", HIGH) + runs_of("B", LOW),
        configs={"A": run_config(lr=0.5), "B": run_config(lr=0.6)},
    )
    assert whole(store, claims=[BETTER]).claims[0].verdict == "held"


def test_the_same_store_gives_the_same_numbers(both: Store):
    again = [to_dict(whole(both, claims=[BETTER], values=[VALUE])) for _ in range(2)]
    assert again[0] == again[1]


def judgements(figure, claim):
    """How often a claim is judged: on each of its benchmarks, but once over all settings together."""
    return len(claim.benchmarks or figure.benchmarks) if figure.benchmarks and not claim.settings else 1


def test_the_shipped_file_against_an_empty_store(store: Store):
    known = load_published(shipped_file())
    found = compare(store, known, list(known.figures))
    judged = sum(judgements(figure, claim) for figure in known.figures.values() for claim in figure.claims)
    assert found.count("not run") == len(found.claims) == judged > 100
    assert all(figure.reason for figure in found.figures)
    assert (found.contradicted, found.incomplete) == (False, True)
    assert json.dumps(to_dict(found))
