"""Shares of variance, held against statsmodels and against sums of squares by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.stats import t as student
from statsmodels.stats.anova import anova_lm

from gst.errors import InputError
from gst.stats.importance import COMMON, INTERACTIONS, REST, SEED, variance_shares


def design(levels_a, levels_b, seeds, *, noise=1.0, seed=3):
    """A crossed design as a table: effects of a, b, their interaction and the seed."""
    generator = np.random.default_rng(seed)
    rows = list(itertools.product(range(levels_a), range(levels_b), range(seeds)))
    of_seed = generator.normal(size=seeds)
    y = [2.0 * a - b + 0.5 * a * b + of_seed[s] + noise * generator.normal() for a, b, s in rows]
    return pd.DataFrame(rows, columns=["a", "b", "s"]).assign(y=y)


def shares(table):
    return variance_shares(table["y"], {"a": table["a"], "b": table["b"]}, list(table["s"]))


def type_three(table, formula):
    """Sums of squares and degrees of freedom by statsmodels, with contrasts that sum to 0."""
    found = anova_lm(smf.ols(formula, table).fit(), typ=3)
    return {name: (row["sum_sq"], row["df"]) for name, row in found.iterrows()}


def test_balanced_sums_of_squares_are_those_of_statsmodels():
    table = design(3, 4, 5, noise=0.5)
    expected = type_three(table, "y ~ C(a, Sum) * C(b, Sum) + C(s, Sum)")
    found = shares(table)
    for name, term in {
        "a": "C(a, Sum)", "b": "C(b, Sum)", INTERACTIONS: "C(a, Sum):C(b, Sum)", SEED: "C(s, Sum)",
        REST: "Residual",
    }.items():  # fmt: skip
        assert (found[name].squares, found[name].degrees) == pytest.approx(expected[term]), name
    total = sum((table["y"] - table["y"].mean()) ** 2)
    assert sum(it.squares for it in found.values()) == pytest.approx(total)
    noise = expected["Residual"][0] / expected["Residual"][1]
    square, degrees = expected["C(a, Sum)"]
    assert found["a"].value == pytest.approx((square - degrees * noise) / total)
    assert sum(it.value for it in found.values()) == pytest.approx(1)


def test_unbalanced_sums_of_squares_are_of_type_three():
    table = design(3, 4, 5).drop(index=[0, 7, 8, 23, 40, 41, 42])
    main = type_three(table, "y ~ C(a, Sum) + C(b, Sum) + C(s, Sum)")
    whole = type_three(table.assign(c=table["a"] * 10 + table["b"]), "y ~ C(c, Sum) + C(s, Sum)")
    found = shares(table)
    for name in ("a", "b"):
        assert (found[name].squares, found[name].degrees) == pytest.approx(main[f"C({name}, Sum)"])
    assert (found[SEED].squares, found[SEED].degrees) == pytest.approx(whole["C(s, Sum)"])
    assert (found[REST].squares, found[REST].degrees) == pytest.approx(whole["Residual"])
    between = main["Residual"][0] - whole["Residual"][0], main["Residual"][1] - whole["Residual"][1]
    assert (found[INTERACTIONS].squares, found[INTERACTIONS].degrees) == pytest.approx(between)


def test_intervals_leave_out_each_seed():
    table = design(2, 3, 4)
    found = shares(table)
    left = np.array([shares(table[table["s"] != seed])["a"].value for seed in range(4)])
    odds = np.log(left / (1 - left))
    error = np.sqrt(3 / 4 * ((odds - odds.mean()) ** 2).sum())
    place = np.log(found["a"].value / (1 - found["a"].value))
    low, high = 1 / (1 + np.exp(-(place + np.array([-1, 1]) * student.ppf(0.975, 3) * error)))
    half = student.ppf(0.975, 3) * np.sqrt(3 / 4 * ((left - left.mean()) ** 2).sum())
    low, high = min(low, found["a"].value - half), max(high, found["a"].value + half)
    assert (found["a"].low, found["a"].high) == pytest.approx((max(low, 0), min(high, 1)))
    assert (found["a"].n, found["a"].method) == (4, "95% jackknife over seeds")


def test_order_and_names_of_levels_do_not_matter():
    table = design(3, 2, 4)
    mixed = table.sample(frac=1, random_state=1)
    mixed = mixed.assign(a=[f"level {it}" for it in mixed["a"]], s=mixed["s"] * 7 + 1000)
    for name, share in shares(table).items():
        assert shares(mixed)[name][:6] == pytest.approx(share[:6]), name


def test_a_factor_that_others_determine_has_no_share():
    table = design(2, 3, 4)
    found = variance_shares(
        table["y"], {"a": table["a"], "b": table["b"], "again": table["a"] * 2}, list(table["s"])
    )
    for name in ("a", "again"):
        assert found[name][:6] == (None, None, None, 4, 0, 0)
    # What both explain is that of one of them, were it alone.
    assert (found[COMMON].squares, found[COMMON].degrees) == pytest.approx(shares(table)["a"][4:6])
    assert found[COMMON].value == pytest.approx(shares(table)["a"].value)
    assert found[COMMON].low < found[COMMON].value < found[COMMON].high
    assert sum(it.value or 0 for it in found.values()) == pytest.approx(1)
    assert (found["b"].squares, found["b"].degrees) == pytest.approx(shares(table)["b"][4:6])


def test_shares_of_noise_are_about_0():
    generator = np.random.default_rng(0)
    table = design(3, 4, 8)
    values = [shares(table.assign(y=generator.normal(size=len(table))))["a"] for _ in range(200)]
    assert np.mean([it.squares for it in values]) == pytest.approx(2, rel=0.15)  # of as many degrees
    assert np.mean([it.value for it in values]) < 0.015  # 2 / 95 = 0.021 without its correction
    assert np.mean([it.low == 0 for it in values]) > 0.9


@pytest.mark.slow
def test_intervals_cover():
    """A share of a tenth and the rest's are covered in 95% of designs, as far as 300 of them can tell."""
    generator = np.random.default_rng(5)
    table = design(3, 4, 8)
    effect = np.sqrt(1.5) * (table["a"] - 1)  # of variance 1
    of_seed, rest = 5.0, 4.0
    truth = {"a": 1 / 10, SEED: of_seed / 10, REST: rest / 10}
    covered = dict.fromkeys(truth, 0)
    for _ in range(300):
        seeds, noise = generator.normal(size=8), generator.normal(size=len(table))
        y = effect + np.sqrt(of_seed) * seeds[table["s"]] + np.sqrt(rest) * noise
        for name, share in shares(table.assign(y=y)).items():
            if name in truth:
                covered[name] += share.low <= truth[name] <= share.high
    for name, count in covered.items():
        assert 0.88 <= count / 300 <= 0.99, name


def test_few_seeds_have_no_interval():
    found = shares(design(2, 3, 2))
    assert (found["a"].low, found["a"].high, found["a"].n) == (None, None, 2)
    assert found["a"].method == "no interval: 2 seeds are too few to draw from"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (design(2, 3, 1), "2 configurations that share 2 seeds, or more; found 6 runs"),
        (design(2, 3, 4).assign(y=1.0), "vary besides with configuration and seed"),
        (design(2, 3, 4, noise=0.0), "vary besides with configuration and seed"),
        (design(2, 3, 4).assign(y=[np.nan, *range(23)]), "not finite"),
    ],
)
def test_what_has_no_shares(table, message):
    with pytest.raises(InputError, match=message):
        shares(table)
