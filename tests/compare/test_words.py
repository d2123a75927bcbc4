from __future__ import annotations

import pytest

from gst.compare import counted, number, p_value


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
    assert p_value(0.04999) == "0.05"
