from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gst.figures.axes import StabilityAxis, stability_axis

stabilities = st.lists(st.floats(-0.5, 2), min_size=2, max_size=30)
CURVED, PLAIN = StabilityAxis(curved=True), StabilityAxis(curved=False)


@given(stabilities, st.booleans())
def test_places_and_stabilities_are_inverse(values, curved):
    axis = StabilityAxis(curved)
    np.testing.assert_allclose(axis.stability(axis.place(values)), values, atol=1e-12)


@given(stabilities)
def test_more_stable_is_further_right(values):
    rising = np.unique(np.round(values, 6))
    assert (np.diff(CURVED.place(rising)) > 0).all()


def test_large_instabilities_are_logarithmic_and_small_ones_linear():
    places = CURVED.place([1, 0.9, 0.09, -8.0])  # instabilities 0, 0.1, 0.91, 9
    assert places[0] == 0
    np.testing.assert_allclose(np.diff(places[1:]), [-np.log(9.1), -np.log(9 / 0.91)], rtol=1e-4)
    np.testing.assert_allclose(CURVED.place([1.00001, 0.99999]), [0.01, -0.01], rtol=1e-4)


@given(stabilities, st.sampled_from([0.08, 0.12]))
def test_ticks_lie_on_the_axis_and_apart(values, gap):
    layout = CURVED.layout(values, gap)
    low, high = layout["range"]
    ticks = np.sort(layout["tickvals"])
    assert ((low <= ticks) & (ticks <= high)).all()
    assert (np.diff(ticks) > gap * (high - low)).all()
    assert low < CURVED.place(values).min() <= CURVED.place(values).max() < high


def test_ticks_say_stabilities():
    layout = CURVED.layout([0.737, 0.997], 0.08)
    told = [float(text.rstrip("%")) / 100 for text in layout["ticktext"]]
    np.testing.assert_allclose(CURVED.place(told), layout["tickvals"])
    assert {"90%", "99%"} <= set(layout["ticktext"])
    assert len(layout["ticktext"]) >= 5
    few = CURVED.layout([0.737, 0.997], gap=0.3)["ticktext"]
    assert set(few) < set(layout["ticktext"])
    assert set(PLAIN.layout([0.7, 0.8], 0.08)) == {"range"}


@pytest.mark.parametrize(
    ("values", "curved"),
    [
        ([0.997, 0.995, 0.968, 0.737], True),
        ([0.997] * 10 + [0.995] * 10 + [0.968] * 10 + [0.737] * 10, True),
        ([0.9998] * 10 + [0.9981] * 10 + [0.9767] * 10, True),
        ([0.99957] * 10 + [0.9947] * 10 + [0.98904] * 10, False),
        ([0.5, 0.5], False),
        ([0.5], False),
    ],
)
def test_curved_where_a_plain_axis_would_crowd(values, curved):
    assert stability_axis(values).curved is curved
