from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats as reference

from gst.compare.rising import rising


@pytest.mark.parametrize(
    ("values", "expected"),
    [((1, 2, 3), 1), ((3, 2, 1), -1), ((1.0, math.inf), 1), ((math.inf, 1.0), -1), ((2, 1, 2, 1), -1 / 3)],
)
def test_how_far_values_rise(values, expected):
    if len(set(values)) == len(values):
        assert rising(values) == expected
    else:
        assert rising(values) == pytest.approx(reference.kendalltau(range(len(values)), values)[0])


def test_as_kendalls_tau_b():
    values = np.random.default_rng(0).integers(0, 5, size=9)
    assert rising(values) == pytest.approx(reference.kendalltau(range(9), values)[0])


def test_two_losses_without_bound_are_alike():
    assert rising((math.inf, math.inf, 1.0)) == pytest.approx(-2 / math.sqrt(6))


@pytest.mark.parametrize("values", [(), (1.0,), (2.0, 2.0)])
def test_nothing_to_say(values):
    assert rising(values) is None
