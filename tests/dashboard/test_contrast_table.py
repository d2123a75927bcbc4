"""The table of differences between arms, on the page of the trade-off and in a report, against scipy."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pytest
from scipy import stats
from stores import fill
from tradeoffs import HAND, targeted

from gst.dashboard.contrast_table import contrast_table
from gst.dashboard.points import paired_sweep
from gst.dashboard.report import report

TARGETS = {"none": None, "hard": "largest", "soft": "smallest"}
PAIRS = [("hard", "none"), ("soft", "none"), ("hard", "soft")]
ACCURACIES = {arm: [run.accuracies[-1] for run in HAND if run.arm == arm] for arm in TARGETS}


@pytest.fixture
def paired(writable):
    """The sweep of HAND again, with arms that differ in pruning alone."""
    fill(writable, HAND, name="paired", configs={arm: targeted(it, lr=0.5) for arm, it in TARGETS.items()})
    return writable


def rows_of(page: str) -> list[list[str]]:
    """The words of each row of the tables."""
    return [
        [unescape(re.sub("<[^>]+>", "", each)) for each in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", page)
    ]


def expected() -> list[list[str]]:
    """The rows of the contrasts, with scipy's paired tests and Holm's rule written out."""
    tests = [stats.ttest_rel(ACCURACIES[first], ACCURACIES[other]) for first, other in PAIRS]
    order = np.argsort([it.pvalue for it in tests])
    steps = [(3 - rank) * tests[place].pvalue for rank, place in enumerate(order)]
    adjusted = dict(zip(order.tolist(), np.minimum(1, np.maximum.accumulate(steps)), strict=True))
    shown = []
    for place, ((first, other), test) in enumerate(zip(PAIRS, tests, strict=True)):
        value = 100 * (np.mean(ACCURACIES[first]) - np.mean(ACCURACIES[other]))
        low, high = (f"{100 * end:+.2f}".replace("-", "−") for end in test.confidence_interval(0.95))
        shown.append(
            [
                f"{first} less {other}",
                f"{value:+.2f}".replace("-", "−"),
                f"[{low}, {high}]",
                f"{adjusted[place]:.2g}",
                "2",
            ]
        )
    return shown


def test_a_row_for_each_contrast(paired):
    found = contrast_table(paired_sweep(paired, "paired").contrasts("final_accuracy"))
    assert found.about == "Difference in final test accuracy, percentage points"
    assert [[str(cell) for cell in row] for row in found.rows] == expected()
    assert "Differences: 95% t, paired by seed; p by Holm" in found.method


def test_a_report_begins_with_them(paired):
    page = report(paired, "paired")
    assert "Differences of arms, paired by seed" in page
    assert "Difference in final test accuracy, percentage points" in page
    assert all(row in rows_of(page) for row in expected())
    assert page.index("Differences of arms, paired by seed") < page.index("<h2>Arms</h2>")
    assert "Differences of arms, paired by seed" not in report(paired, "hand")


def test_contrasts_are_of_the_quantity(paired):
    """All train to 100%, so that gaps differ as much as accuracies do, the other way round."""
    found = paired_sweep(paired, "paired")
    accuracies, gaps = (
        [it.test.value for it in found.contrasts(f"final_{of}").found] for of in ("accuracy", "gap")
    )
    assert gaps == pytest.approx([-it for it in accuracies])


def test_what_cannot_be_tested_says_why(paired):
    """Unpruned runs have no rate, and the others' rates are the same."""
    found = contrast_table(paired_sweep(paired, "paired").contrasts("iterative_rate"))
    assert [row[1:] for row in found.rows] == [
        ["", "a comparison needs at least 2 values on each side, the first has 0; run more seeds", "", ""],
        ["", "a comparison needs at least 2 values on each side, the first has 0; run more seeds", "", ""],
        ["", "a paired t-test needs variation, and all 2 differences are 0", "", ""],
    ]


def test_arms_that_differ_in_more_than_pruning_have_no_table(writable):
    assert contrast_table(paired_sweep(writable, "hand").contrasts("final_accuracy")) is None
