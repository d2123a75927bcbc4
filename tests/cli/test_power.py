"""gst power: seeds that an interval or a difference needs, from what varies in the store."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower
from stores import fill
from tradeoffs import pruned, targeted, unpruned

from gst.stats.spread import deviation_factors
from gst.store import Store

TWINS = {"none": targeted(None), "cut": targeted("largest"), "once": targeted("random")}
NONE = [0.5, 0.25, 0.625, 0.5]
CUT = [0.75, 0.5, 0.75, 0.625]
DIFFERENCES = 100 * (np.array(CUT) - np.array(NONE))


@pytest.fixture
def known(folder: Path) -> Path:
    """A store with four seeds of an unpruned and of a pruned arm, and one seed of another."""
    with Store.open("gst.db", create=True) as store:
        fill(
            store,
            [
                *(unpruned("none", seed, accuracy) for seed, accuracy in enumerate(NONE)),
                *(pruned("cut", seed, 0.5, accuracy) for seed, accuracy in enumerate(CUT)),
                pruned("once", 0, 0.5, 0.5),
            ],
            configs=TWINS,
        )
    return folder


def rows(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def half_width(n: int, deviation: float, degrees: float) -> float:
    return float(stats.t.ppf(0.975, degrees)) * deviation / math.sqrt(n)


def test_the_widths_that_numbers_of_seeds_give(gst, known):
    cut, once = rows(gst("power", "hand", "--format", "json"))
    assert (cut["arm"], cut["baseline"], cut["pairs"]) == ("cut", "none", 4)
    assert cut["sd_arm"] == pytest.approx(100 * np.std(CUT, ddof=1))
    assert cut["sd_baseline"] == pytest.approx(100 * np.std(NONE, ddof=1))
    assert cut["sd_difference"] == pytest.approx(DIFFERENCES.std(ddof=1))
    assert cut["correlation"] == pytest.approx(np.corrcoef(CUT, NONE)[0, 1])
    one, two = (100**2 * np.var(side, ddof=1) for side in (CUT, NONE))
    for n in (5, 10, 20, 40):
        paired = half_width(n, DIFFERENCES.std(ddof=1), n - 1)
        assert cut[f"paired_{n}"] == pytest.approx(2 * paired)
        degrees = (n - 1) * (one + two) ** 2 / (one**2 + two**2)
        assert cut[f"unpaired_{n}"] == pytest.approx(2 * half_width(n, math.sqrt(one + two), degrees))
    assert once["pairs"] == 1
    assert once["sd_arm"] is once["paired_5"] is once["unpaired_5"] is None


def test_seeds_for_a_width_at_the_estimate_and_at_its_upper_end(gst, known):
    cut, _ = rows(gst("power", "hand", "--width", 10, "--format", "json"))
    _, upper = deviation_factors(3)
    for name, factor in (("paired_seeds", 1), ("paired_seeds_upper", upper)):
        n, deviation = cut[name], factor * DIFFERENCES.std(ddof=1)
        assert half_width(n, deviation, n - 1) <= 5 < half_width(n - 1, deviation, n - 2)
    assert cut["paired_seeds"] < cut["unpaired_seeds"] < cut["unpaired_seeds_upper"]


def test_seeds_for_a_difference_with_power_and_alpha(gst, known):
    arguments = ("--difference", 5, "--power", 0.9, "--alpha", 0.01, "--format", "csv")
    cut = next(csv.DictReader(io.StringIO(gst("power", "hand", *arguments).stdout)))
    n, effect = int(cut["paired_seeds"]), 5 / DIFFERENCES.std(ddof=1)
    assert TTestPower().power(effect, n, 0.01) >= 0.9 > TTestPower().power(effect, n - 1, 0.01)
    usual = rows(gst("power", "hand", "--difference", 5, "--format", "json"))
    assert usual == rows(
        gst("power", "hand", "--difference", 5, "--power", 0.8, "--alpha", 0.05, "--format", "json")
    )
    assert usual[0]["paired_seeds"] < n


def test_what_is_said_beside_the_table(gst, known):
    result = gst("power", "hand", "--width", 10)
    assert result.stdout.split("\n")[0].split()[-4:] == [
        "unpaired_seeds", "unpaired_seeds_upper", "paired_seeds", "paired_seeds_upper",
    ]  # fmt: skip
    asked, uncertain = result.stderr.splitlines()
    assert "is 10 wide or less" in asked
    assert "in percentage points" in asked
    low, high = (math.sqrt(3 / stats.chi2.ppf(tail, 3)) for tail in (0.975, 0.025))
    assert f"between {low:.2f} and {high:.2f} times its estimate from 4 seeds" in uncertain
    assert "*_upper" in uncertain
    widths = gst("power", "hand").stderr
    assert "*_upper" not in widths
    assert "and so do the widths" in widths


def test_a_quantity_in_its_own_unit(gst, known):
    result = gst("power", "hand", "--of", "best_accuracy", "--format", "json")
    assert "of best test accuracy since the last pruning event" in result.stderr
    cut, _ = rows(result)
    assert cut["sd_arm"] == pytest.approx(100 * np.std(CUT, ddof=1))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["han"], "no sweep 'han'; did you mean 'hand'?"),
        (
            ["hand", "--of", "final_acuracy"],
            "no quantity of a run 'final_acuracy'; did you mean 'final_accuracy'",
        ),
        (["hand", "--of", "events"], "events does not vary over seeds"),
        (["hand", "--width", "1", "--difference", "1"], "--width and --difference are two questions"),
        (["hand", "--power", "0.9"], "--power and --alpha are of a test: give --difference too"),
        (["hand", "--width", "1", "--alpha", "0.1"], "give --difference too"),
        (["hand", "--width", "0"], "--width 0: expected a positive number of points"),
        (["hand", "--difference", "-1"], "--difference -1: expected a positive number of points"),
        (["hand", "--difference", "nan"], "--difference nan: expected a positive number of points"),
        (["hand", "--difference", "1", "--power", "80"], "--power 80: expected a number between 0 and 1"),
        (["hand", "--difference", "1", "--alpha", "0"], "--alpha 0: expected a number between 0 and 1"),
        (["hand", "--difference", "1e-9"], "more than 1,000,000,000 seeds would be needed"),
    ],
)
def test_refusals(refused, known, arguments, words):
    assert words in refused("power", *arguments)


def test_sweeps_without_a_baseline_or_a_second_seed_are_refused(refused, folder):
    with Store.open("gst.db", create=True) as store:
        fill(store, [pruned("cut", seed, 0.5, 0.5) for seed in (0, 1)], name="alone")
        pair = [unpruned("none", 0, 0.5), pruned("cut", 0, 0.5, 0.25)]
        fill(store, pair, name="single", configs={arm: TWINS[arm] for arm in ("none", "cut")})
    assert "'alone' has no pruned arm with a baseline" in refused("power", "alone")
    assert "needs at least 2 completed seeds" in refused("power", "single")
