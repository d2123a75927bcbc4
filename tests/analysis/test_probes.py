from __future__ import annotations

from stores import Run, fill

from gst.analysis import ProbeResult, find_source, probe_results


def test_a_row_for_each_probe_of_a_completed_run(store):
    fill(
        store,
        [
            Run("noise", 0, [0.5, 0.75], events=[(0, 0.5, 0.25)], ending=0.125),
            Run("noise", 1, [0.5, 0.5], events=[(0, 0.5, 0.25)], ending=0.25),
            Run("noise", 2, [0.5, 0.5], events=[(0, 0.5, 0.25)], ending=0.5, status="failed"),
            Run("none", 0, [0.5, 0.5]),
        ],
    )
    source = find_source(store, "hand")
    keys = [member.key for member in source.members]
    assert probe_results(store, source) == (
        ProbeResult("noise", keys[0], 0, "targeted_filters_removed", 1, 0.125),
        ProbeResult("noise", keys[1], 1, "targeted_filters_removed", 1, 0.25),
    )
