from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gst.errors import InputError
from gst.stats.smooth import check_weight, exponential_average


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.9])
def test_the_average_is_that_of_pandas(weight):
    values = np.random.default_rng(0).normal(size=40)
    expected = pd.Series(values).ewm(alpha=1 - weight, adjust=True).mean()
    assert exponential_average(values, weight) == pytest.approx(expected.to_numpy())


def test_what_is_not_finite_counts_in_no_average():
    values = np.array([1.0, np.nan, np.inf, 3.0])
    found = exponential_average(values, 0.5)
    assert found[[0, 3]] == pytest.approx([1, (1 * 0.125 + 3) / 1.125])
    assert np.isnan(found[1:3]).all()


@pytest.mark.parametrize("weight", [-0.1, 1, 2.5, float("nan"), "high"])
def test_weights_have_bounds(weight):
    with pytest.raises(InputError, match=r"expected a number from 0 to below 1, such as 0\.6"):
        check_weight(weight)
