"""What a run used of its machines, on its page."""

from __future__ import annotations

import pytest
from stores import claimed, run_config, samples_of, sweep_of

from gst.config import RunSpec
from gst.dashboard.run_page import draw_system, system_section
from gst.figures.style import COLOURS
from gst.records import SystemSample
from gst.store.samples import attempt_samples


@pytest.fixture
def run(writable):
    """A run whose attempts left these samples, one attempt after another: its key."""
    spec = RunSpec(run_config(epochs=1), 0)
    sweep_id = writable.register(sweep_of({"arm": spec.config}, (0,), name="sampled"))

    def left(*attempts):
        for samples in attempts:
            recorder = claimed(writable, spec, sweep_id, writable.take_over(sweep_id))
            recorder.samples = lambda samples=samples: samples
            recorder.interrupt()
        return recorder.key

    return left


@pytest.fixture
def drawn(writable):
    return lambda key: draw_system(attempt_samples(writable, key))


def curves(figure):
    return {(trace.name, trace.yaxis): (trace.x, trace.y) for trace in figure.data}


def test_each_quantity_that_was_told_has_a_panel_over_minutes(run, drawn):
    figure = drawn(run(samples_of(2)))
    found = curves(figure)
    titles = [figure.layout[f"yaxis{place or ''}"].title.text for place in ("", 2, 3, 4, 5)]
    assert titles == ["CPUs busy", "Memory, GB", "GPU busy", "GPU memory, GB", "GPU power, W"]
    minutes = (0, 1.5 / 60, 3 / 60)
    assert found["attempt 1", "y"] == (minutes, (1.25, 1.25, 1.0))
    assert found["attempt 1", "y2"] == (minutes, (2**31 / 1e9, 2**31 / 1e9, None))
    assert found["attempt 1", "y5"] == (minutes, (312.5, 312.5, None))
    assert not any(trace.showlegend for trace in figure.data)


def test_without_a_gpu_there_are_two_panels_and_attempts_have_their_colours(run, drawn):
    one, two = ((SystemSample(0.0, 60.0, cpus, 10**9),) for cpus in (1.0, 2.0))
    figure = drawn(run(one, two))
    assert set(curves(figure)) == {(f"attempt {n}", axis) for n in (1, 2) for axis in ("y", "y2")}
    assert [trace.line.color for trace in figure.data] == [*COLOURS[:1] * 2, *COLOURS[1:2] * 2]
    assert [trace.name for trace in figure.data if trace.showlegend] == ["attempt 1", "attempt 2"]


def test_of_many_attempts_the_last_are_drawn(run, drawn):
    figure = drawn(run(*((SystemSample(0.0, 1.0, 1.0),) for _ in range(len(COLOURS) + 2))))
    assert [trace.name for trace in figure.data] == [f"attempt {n}" for n in range(3, len(COLOURS) + 3)]


def test_a_page_has_the_section_where_there_is_something_to_tell(page, context, run):
    sampled = run(samples_of())
    shown = str(page("runs").layout(context._replace(rest=sampled)))
    assert "1.25 CPUs busy, at most 2.1 GB of memory" in shown
    assert system_section({}) == []
