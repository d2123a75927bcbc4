"""What is said of a comparison, whoever shows it."""

from __future__ import annotations

import pytest
from comparisons import runs_of, whole
from scipy import stats
from stores import Run, fill

from gst.compare.results import Assumption
from gst.compare.telling import (
    Claims,
    Heading,
    NotCompared,
    Picture,
    Sentence,
    Summary,
    Values,
    counted,
    number,
    tell,
)


@pytest.mark.parametrize(
    ("numbers", "unit", "words"),
    [
        ((85.2169, 85.1236, 85.3074), "percent", "85.22% [85.12, 85.31]"),
        ((99.97951, 99.9781, 99.98093), "percent", "99.9795% [99.9781, 99.9809]"),
        ((35.9, 30.0, 42.0), "percent", "35.9% [30.0, 42.0]"),
        ((-0.7312, -0.85, -0.4099), "correlation", "-0.73 [-0.85, -0.41]"),
        ((0.7312, 0.41, 0.85), "correlation", "+0.73 [+0.41, +0.85]"),
        ((1.96, 1.84, 2.07), "points", "1.96 points [1.84, 2.07]"),
        ((1.3235294, 1.3235294, 1.3235294), "percent", "1.3235%"),
        ((9231114.0, 9231114.0, 9231114.0), "count", "9,231,114"),
        ((50.0, None, None), "percent", "50%"),
        ((4.4e-6, None, None), "p", "4.4e-06"),
        ((0.0151, None, None), "p", "0.015"),
        ((1e-9, 0.5e-9, 2e-9), "loss", "0.0000 [0.0000, 0.0000]"),
    ],
)
def test_numbers_have_the_digits_that_their_interval_warrants(numbers, unit, words):
    assert number(*numbers, unit) == words


def test_a_difference_has_its_sign():
    assert number(4.38, 3.3, 5.4, "points", difference=True) == "+4.4 points [+3.3, +5.4]"
    assert number(-25.0, -25.0, -25.0, "points", difference=True) == "-25 points"
    assert number(25.0, 25.0, 25.0, "points", difference=True) == "+25 points"


def test_how_many():
    assert counted((30,)) == "30"
    assert counted((10, 3)) == "10 and 3"
    assert counted((30, 30, 30)) == "90"
    assert number(0.04999, None, None, "p") == "0.05"
    assert number(4.41e-6, None, None, "p") == "4.4e-06"


HIGH, LOW = [0.75, 0.625, 0.6875, 0.75], [0.5, 0.375, 0.4375, 0.5]
BETTER = {
    "claim": "A is better.", "place": "here",
    "order": {"quantity": "test_accuracy", "of": ["A", "B"], "strict": True},
}  # fmt: skip
VALUE = {"quantity": "test_accuracy", "arms": ["A"], "value": 70.3, "unit": "percent", "place": "there"}


def test_a_figure_is_told_from_its_heading_to_its_claims(store):
    fill(store, runs_of("A", HIGH) + runs_of("B", LOW))
    found = whole(store, claims=[BETTER], values=[VALUE, VALUE | {"arms": ["C"]}])
    summary, heading, *sentences, picture, values, claims, not_compared = tell(found)
    assert not_compared.rows == ()
    assert summary == Summary(
        (("held", 1), ("not held", 0), ("undecided", 0), ("not run", 0)), 0, summary.methods
    )
    assert [words.partition(" ")[0] for words in summary.methods] == ["Brackets:", "A", "Claims", "A"]
    assert heading == Heading("fig", "A paper", "Figure", "Somebody: A paper")
    assert sentences == [
        Sentence("sweep hand: digits_cnn on digits (6 images of a class), 8 runs"),
        Sentence("final test accuracy", "accuracy"),
    ]
    assert picture == Picture(found.figures[0])
    assert isinstance(values, Values)
    assert isinstance(claims, Claims)
    ours, lacking = values.rows
    assert (ours.published, ours.place, ours.n, ours.verdict) == ("70.3%", "there", "4", "agrees")
    assert (lacking.ours, lacking.verdict) == ("", "")
    assert lacking.reason == "not run: sweep hand has no arm 'C'; there are: A, B"
    (claim,) = claims.rows
    assert (claim.verdict, claim.name, claim.place, claim.waiting) == ("held", "A is better.", "here", False)
    assert [(part.name, part.numbers) for part in claim.parts] == [
        ("test accuracy, A less B", "+25 points, n = 4")
    ]


def test_what_departs_by_design_is_said_once_and_named_beside_each_verdict(store):
    fill(store, runs_of("A", HIGH) + runs_of("B", LOW))
    sweeps = {"hand": {"differs": "it is smaller"}}
    found = whole(store, claims=[BETTER, BETTER], values=[VALUE], sweeps=sweeps)
    summary, _, _, said, *_, values, claims, _ = tell(found)
    assert said == Sentence("it is smaller", "hand differs from the paper by design")
    assert {it.deviations for it in (*values.rows, *claims.rows)} == {"hand differs by design"}
    assert (summary.counts[0], summary.elsewhere) == (("held", 0), 2)


def test_assumptions_are_said_once_and_named_beside_each_verdict(store):
    fill(store, runs_of("A", HIGH) + runs_of("B", LOW))
    found = whole(store, claims=[BETTER], values=[VALUE])
    (figure,) = found.figures
    assumed = tuple(Assumption("data.validation", (value,), "no split") for value in ("0.1", "0.2"))
    settings = tuple(figure.settings[0]._replace(assumed=(it,)) for it in assumed)
    claims = tuple(it._replace(assumed=("data.validation", "pruning.levels")) for it in figure.claims)
    told = tell(found._replace(figures=(figure._replace(settings=settings, claims=claims),)))
    (said,) = [it for it in told if isinstance(it, Sentence) and it.label.startswith("assumed")]
    assert said.text == "data.validation 0.1 and 0.2 (no split)"
    (rows,) = [it.rows for it in told if isinstance(it, Claims)]
    assert [it.assumed for it in rows] == ["data.validation, pruning.levels"]


def test_what_chance_would_hold_is_told_of_each_paper(store):
    fill(store, runs_of("A", [0.75, 0.625, 0.6875, 0.875]) + runs_of("B", LOW))
    other = BETTER | {"order": BETTER["order"] | {"of": ["B", "A"]}}
    alike = BETTER | {"order": BETTER["order"] | {"strict": False}}
    found = whole(store, claims=[BETTER, other, alike])
    (words,) = [it for it in tell(found)[0].methods if it.startswith("Claims")]
    assert words == (
        "Claims of A paper that expect a direction: 1 of 2 judged ones are held. Were there no effect at "
        "all, 0.05 would be held by chance, on average; 1 is held with p adjusted for the number of claims "
        "(Holm, 5%)."
    )


def test_without_a_claim_of_a_direction_nothing_is_said_of_chance(store):
    fill(store, runs_of("A", HIGH) + runs_of("B", LOW))
    alike = {"claim": "Alike.", "place": "here", "match": {"quantity": "test_accuracy", "of": ["A", "B"]}}
    assert not [it for it in tell(whole(store, claims=[alike]))[0].methods if it.startswith("Claims")]


def test_the_p_of_a_difference_is_told(store):
    first, second = [0.75, 0.625, 0.6875, 0.875], LOW
    fill(store, runs_of("A", first) + runs_of("B", second))
    test = stats.ttest_rel(first, second)
    low, high = (100 * it for it in test.confidence_interval())
    (part,) = tell(whole(store, claims=[BETTER]))[-2].rows[0].parts
    assert part.numbers == f"+28.1 points [{low:+.1f}, {high:+.1f}], n = 4, p = {test.pvalue:.2g}"


def test_what_was_not_compared_is_told_last(store):
    fill(store, [Run("other", 0, [0.5])], name="other")
    found = whole(store, claims=[BETTER], values=[VALUE])
    _, last = tell(found)
    reason = "sweep hand is not in the store; run it: gst sweep hand"
    assert last == NotCompared((("fig", "A paper, Figure", reason),))


def test_a_claim_waits_for_a_benchmark_of_which_nothing_was_run(store):
    fill(store, runs_of("A", HIGH) + runs_of("B", LOW))
    fill(store, runs_of("A", LOW, 100), name="later")
    found = whole(store, claims=[BETTER], benchmarks={"One": "hand", "Two": "later"})
    claims = tell(found)[-2]
    assert [(row.name, row.waiting) for row in claims.rows] == [
        ("One: A is better.", False), ("Two: A is better.", True),
    ]  # fmt: skip


def test_what_waits_for_absent_sweeps_is_one_sentence(store):
    fill(store, runs_of("A", HIGH) + runs_of("B", LOW))
    names = {"One": "hand", "Two": "two", "Three": "three", "Four": "four"}
    both = BETTER | {"settings": 2, "benchmarks": ["One", "Two"]}
    found = whole(store, claims=[BETTER, both], values=[VALUE], benchmarks=names)
    told = tell(found)
    said = "3 values and 3 claims, since sweeps two, three and 1 more are not in the store"
    assert [it for it in told if isinstance(it, Sentence) and it.label == "not run"] == [
        Sentence(said, "not run")
    ]
    values, claims = ([it.rows for it in told if isinstance(it, kind)] for kind in (Values, Claims))
    assert [row.name for row in values[0]] == ["test accuracy, One: A"]
    alone, together = claims[0]
    assert (alone.name, alone.verdict) == ("One: A is better.", "held")
    assert (together.verdict, together.reason) == ("not run", "over 2 settings, of which 1 were run")
    assert [part.verdict for part in together.parts] == ["held"]
    assert len(found.claims) == 5  # nothing is lost to programs


def test_figures_without_any_of_their_sweeps_are_a_line_each(store):
    fill(store, runs_of("A", HIGH), name="other")
    found = whole(store, claims=[BETTER], values=[VALUE], benchmarks={it: it for it in "abcde"})
    (row,) = tell(found)[-1].rows
    assert row == ("fig", "A paper, Figure", "sweeps a, b and 3 more are not in the store")


@pytest.mark.parametrize(
    ("elsewhere", "words"), [(0, ""), (1, "1 more was judged"), (2, "2 more were judged")]
)
def test_claims_of_other_experiments_are_counted_apart(elsewhere, words):
    said = Summary((), elsewhere, ()).apart("below")
    assert said.startswith(words)
    assert ("as said below" in said) == bool(elsewhere)
