from __future__ import annotations

from datetime import UTC, datetime

import pytest
from designs import design_of, designed, noisy, to_the_stop

from gst.analysis.looks import decision_in_words, look_in_words
from gst.store import Look

WHAT = "final test accuracy, B less A: "


def look(**changes) -> Look:
    values = {
        "look": 1, "seeds": 3, "pairs": 3, "estimate": 0.0065, "low": 0.0021, "high": 0.0109, "p": 0.003,
        "level": 0.0054, "decision": "reject", "decided": datetime.now(UTC),
    }  # fmt: skip
    return Look(**(values | changes))


@pytest.mark.parametrize(
    ("design", "changes", "said"),
    [
        ({}, {}, "Look 1 of 3, 3 seeds: " + WHAT + "+0.65 points [+0.21, +1.09] (repeated 95% interval), "
         "p = 0.003 below the bound 0.0054: stop."),
        ({"alpha": 0.1}, {"p": 0.2, "decision": "continue"},
         "Look 1 of 3, 3 seeds: " + WHAT + "+0.65 points [+0.21, +1.09] (repeated 90% interval), "
         "p = 0.2 above the bound 0.0054: go on, to 5 seeds."),
        ({}, {"low": None, "high": None, "level": 0.0, "decision": "continue"},
         "Look 1 of 3, 3 seeds: " + WHAT + "+0.65 points, p = 0.003 above the bound 0: go on, to 5 seeds."),
        ({"futility": True}, {"look": 2, "seeds": 5, "pairs": 4, "p": 0.9, "decision": "futility"},
         "Look 2 of 3, 5 seeds (4 pairs; a run of each other seed has no result): " + WHAT
         + "+0.65 points [+0.21, +1.09] (repeated 95% interval), p = 0.9 above the bound 0.0054: "
         "stop, for going on would hardly find a difference."),
        ({}, {"look": 3, "seeds": 8, "pairs": 8, "p": 0.9, "decision": "last"},
         "Look 3 of 3, 8 seeds: " + WHAT + "+0.65 points [+0.21, +1.09] (repeated 95% interval), "
         "p = 0.9 above the bound 0.0054: stop, at the last look."),
        ({}, {"pairs": 0, "estimate": None, "low": None, "high": None, "p": None, "decision": "continue"},
         "Look 1 of 3, 3 seeds (0 pairs; a run of each other seed has no result): " + WHAT
         + "nothing to test, for the pairs are too few or their differences all equal: go on, to 5 seeds."),
        ({"spending": None, "width": 1.0}, {"decision": "width"},
         "Look 1 of 3, 3 seeds: " + WHAT + "+0.65 points [+0.21, +1.09] (repeated 95% interval), "
         "0.88 wide of 1 wanted: stop."),
    ],
)  # fmt: skip
def test_a_look_in_words(design, changes, said):
    assert look_in_words(design_of(**design), look(**changes)) == said


def test_the_last_decision_of_a_sweep(store):
    fixed = store.register(designed()._replace(design=None))
    assert decision_in_words(store, fixed) is None
    waiting = store.register(designed())
    assert decision_in_words(store, waiting) == "Before look 1 of 3, which comes at 3 seeds."
    sweep_id, looks = to_the_stop(store, designed(), noisy(0.05))
    assert decision_in_words(store, sweep_id) == look_in_words(designed().design, looks[-1])
