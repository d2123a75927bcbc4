from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gst.pruning.select import select


def taken(scores, alive, count, target, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return select(torch.tensor(scores), torch.tensor(alive), count, target, generator).tolist()


def test_smallest_and_largest_of_the_living():
    scores, alive = [5.0, 1.0, 3.0, 0.0, 4.0], [True, True, True, False, True]
    assert taken(scores, alive, 2, "smallest") == [1, 2]
    assert taken(scores, alive, 2, "largest") == [0, 4]


@pytest.mark.parametrize("target", ["smallest", "largest"])
def test_ties_go_to_the_lower_index(target):
    assert taken([1.0] * 6, [True, False, True, True, True, True], 3, target) == [0, 2, 3]


def test_no_strictly_smaller_score_survives_a_tie_at_the_cutoff():
    """The authors' code would take filters 0 and 1 here and leave the smaller one at index 2."""
    assert taken([2.0, 2.0, 1.0], [True] * 3, 2, "smallest") == [0, 2]


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 1.0, 2.0, -1.0]), st.booleans()), min_size=1, max_size=30),
    st.data(),
    st.sampled_from(["smallest", "random", "largest"]),
)
def test_exactly_so_many_living_units_in_rising_order(units, data, target):
    scores, alive = [score for score, _ in units], [living for _, living in units]
    count = data.draw(st.integers(0, sum(alive)))
    chosen = taken(scores, alive, count, target, seed=1)
    assert len(chosen) == count
    assert chosen == sorted(set(chosen))
    assert all(alive[index] for index in chosen)
    rest = [scores[i] for i in range(len(scores)) if alive[i] and i not in chosen]
    if target == "smallest" and chosen and rest:
        assert max(scores[i] for i in chosen) <= min(rest)
    if target == "largest" and chosen and rest:
        assert min(scores[i] for i in chosen) >= max(rest)


def test_random_follows_its_generator_alone():
    draws = [taken(list(range(40)), [True] * 40, 10, "random", seed=seed) for seed in (0, 0, 1)]
    assert draws[0] == draws[1]
    assert draws[0] != draws[2]
    assert draws[0] == taken([7.0] * 40, [True] * 40, 10, "random", seed=0)


def test_random_is_uniform():
    """Each of 5 units is taken in 2/5 of 2,000 draws; 5 standard deviations are 0.055."""
    generator = torch.Generator().manual_seed(3)
    taken_times = torch.zeros(5)
    for _ in range(2000):
        taken_times[select(torch.zeros(5), torch.ones(5, dtype=torch.bool), 2, "random", generator)] += 1
    assert ((taken_times / 2000 - 0.4).abs() < 0.055).all()


def test_more_than_are_alive_is_our_own_bug():
    with pytest.raises(AssertionError, match="3 units to select, 1 are alive"):
        taken([1.0, 2.0], [True, False], 3, "smallest")
