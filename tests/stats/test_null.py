"""Where nothing is there, the p and intervals that users see find something in 3% to 7% of sweeps, or less.

600 sweeps of a shape: the standard error of a rate of 5% is 0.9%. `python tests/support/null.py` has the
table for more of them.
"""

from __future__ import annotations

import null
import pytest
from drawn_sweeps import ACCURACY, STABILITY_OF_SEEDS, Design

SWEEPS, RESAMPLES = 600, 400
CONSERVATIVE = {"all runs, Kendall's interval": 0.005, "all runs, Pearson's interval": 0.015}
"""Intervals that draw few configurations are wider than they need be: their least rate."""

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("design", null.SHAPES, ids=null.shape)
@pytest.mark.parametrize("seeded", [False, True])
def test_correlations_that_are_not_there(design: Design, seeded: bool) -> None:
    if seeded:
        design = design._replace(x=STABILITY_OF_SEEDS)
    for name, rate in null.rates(design, null.shown(RESAMPLES), SWEEPS, first=10_000).items():
        assert CONSERVATIVE.get(name, 0.03) <= rate <= 0.075, name


def test_slopes_that_are_not_there() -> None:
    for name, rate in null.rates(Design(12, 10), null.of_slopes(), SWEEPS, first=50_000).items():
        assert 0.03 <= rate <= 0.075, name


@pytest.mark.parametrize("design", null.SHAPES, ids=null.shape)
def test_differences_that_are_not_there(design: Design) -> None:
    same = design._replace(y=ACCURACY._replace(configuration=0.0))
    found = null.rates(same, null.of_differences(), 2 * SWEEPS, first=20_000)
    assert 0.03 <= found["one difference of arms, paired, p"] <= 0.07
    assert 0.01 <= found["any difference, Holm's p"] <= 0.06


def test_runs_taken_as_independent_find_what_is_not_there() -> None:
    """What is wrong with the papers' own tests in such designs."""
    found = null.rates(Design(4, 20), null.as_papers(RESAMPLES), SWEEPS, first=30_000)
    assert min(found.values()) > 0.25


@pytest.mark.parametrize("design", null.SHAPES[1:], ids=null.shape)
def test_what_is_there_is_found(design: Design) -> None:
    found = null.rates(design, null.shown(RESAMPLES), 100, -1.0, first=40_000)
    assert found["between configurations, p"] > 0.9
    assert found["all runs, Pearson's interval"] > 0.8
