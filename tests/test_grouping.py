"""Values by what they have in common."""

from __future__ import annotations

from gst.grouping import grouped


def test_keys_and_their_values_stand_in_the_order_of_first_mention():
    found = grouped([("y", 1), ("x", 2), ("y", 3)])
    assert list(found.items()) == [("y", [1, 3]), ("x", [2])]
