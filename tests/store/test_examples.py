"""The examples of db/README.md answer, on both databases, with the rows that they promise."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from stores import PROVENANCE, Run, claimed, fill, flatness_of, play, run_config, sweep_of

from gst.config import RunSpec, run_key
from gst.paths import project_folder

README = (project_folder("db") / "README.md").read_text(encoding="utf-8")
EXAMPLES = dict(
    re.findall(r"^### ([^\n]+\?)\n(?:(?!^#).)*?```sql\n(.*?)```", README, re.DOTALL | re.MULTILINE)
)
NONE, RETRIED = run_config(epochs=3, lr=0.5), run_config(lr=0.125)
NEWER = replace(PROVENANCE, torch="2.9.0", gpu_driver="570.1")

# By the question: columns, without those that keys and clocks choose, and their rows.
ANSWERS = {
    "How far is it?": (
        ("sweep", "status", "runs"),
        [("quickstart", "completed", 3), ("quickstart", "failed", 1), ("other", "cancelled", 1),
         ("other", "completed", 1)],
    ),
    "Which runs failed, and why?": (
        ("reason", "model", "kind", "runs"),
        [("RuntimeError: broken", "digits_cnn", "filters", 1)],
    ),
    "Is the tradeoff there?": (
        ("arm", "n", "accuracy", "stability"),
        [("none", 2, 0.5, 1.0), ("pruned", 1, 0.75, 0.75)],
    ),
    "Are pruned runs better than their unpruned twins?": (
        ("kind", "score", "target", "n", "gain"),
        [("filters", "l2", "smallest", 1, 0.25)],
    ),
    "What did each event do?": (
        ("arm", "epoch", "n", "removed", "mean_drop", "mean_stability"),
        [("pruned", 1, 1, 2.0, 0.1875, 0.75), ("pruned", 0, 1, 1.0, 0.25, 0.5)],
    ),
    "Are less stable networks flatter?": (
        ("arm", "n", "stability", "hessian_trace", "gradient_trace", "accuracy"),
        [("none", 1, 1.0, 4.5, 2.0, 0.5)],
    ),
    "Which events hurt most, and what became of their runs?": (
        ("seed", "epoch", "test_accuracy_before", "test_accuracy_after", "final_test_accuracy"),
        [(1, 0, 0.5, 0.25, 0.5), (0, 1, 0.75, 0.5625, 0.75)],
    ),
    "How long does a run take to be as good again as before its last event?": (
        ("last_event", "epochs_to_recover"),
        [(0, 0), (1, 1)],
    ),
    "Did the driver matter?": (
        ("kind", "gpu_driver", "torch", "n", "accuracy"),
        [("filters", None, "2.8.0", 1, 0.75), ("none", None, "2.8.0", 2, 0.5),
         ("none", "570.1", "2.9.0", 1, 0.5)],
    ),
    "Was everything trained by the same software?": (
        ("gst", "git_commit", "torch", "device", "attempts"),
        [("0.1.0", "abc", "2.8.0", "cpu", 3)],
    ),
    "What did it cost, and how much of that was in vain?": (
        ("sweep", "outcome", "attempts", "peak_memory"),
        [("other", "completed", 1, 1000), ("other", "lost", 1, None), ("quickstart", "completed", 3, 1000),
         ("quickstart", "failed", 1, None)],
    ),
    "Which runs share a configuration?": (
        ("kind", "seeds", "sweeps"),
        [("filters", 2, 1), ("none", 2, 1), ("none", 2, 1)],
    ),
    "What changed between two attempts at a run?": (
        ("attempt", "outcome_before", "driver_before", "gpu_driver", "torch_before", "torch"),
        [(2, "lost", None, "570.1", "2.8.0", "2.9.0")],
    ),
    "What have people said of these runs?": (("tag", "text"), [("paper", "look again")]),
}  # fmt: skip


@pytest.fixture
def filled(store):
    """A sweep `quickstart`, and another with a run in two attempts, one that waits, and a cancelled one."""
    runs = [
        Run("none", 0, [0.25, 0.5, 0.5], measured=[flatness_of(2, (4.0, 1.0, -0.5))]),
        Run("none", 1, [0.25, 0.5, 0.5]),
        Run("pruned", 0, [0.5, 0.5, 0.75], events=[(1, 0.75, 0.5625, 2)]),
        Run("pruned", 1, [0.5], events=[(0, 0.5, 0.25)], status="failed"),
    ]
    fill(store, runs, name="quickstart", configs={"none": NONE})
    other = store.register(sweep_of({"other": RETRIED}, (0, 1), name="other"))
    driver = store.take_over(other)
    spec = RunSpec(RETRIED, 0)
    claimed(store, spec, other, driver)
    play(claimed(store, spec, other, driver, provenance=NEWER), Run("other", 0, [0.5]))
    store.cancel([run_key(RunSpec(RETRIED, 1))])
    store.tag([run_key(spec)], add=["paper"])
    store.note("look again", key=run_key(spec))
    return store


def test_every_block_of_sql_is_an_example_with_an_answer():
    assert README.count("```sql") == len(EXAMPLES)
    assert set(EXAMPLES) == set(ANSWERS)


@pytest.mark.parametrize("question", EXAMPLES)
def test_an_example_answers(filled, question):
    chosen, expected = ANSWERS[question]
    columns, rows = filled.query(EXAMPLES[question])
    places = [columns.index(name) for name in chosen]
    found = [tuple(row[place] for place in places) for row in rows]
    if question in UNORDERED:
        found, expected = sorted(found, key=str), sorted(expected, key=str)
    assert found == expected


UNORDERED = {
    "Which runs share a configuration?",  # configurations that are alike come in the order of their hashes
    "What did it cost, and how much of that was in vain?",  # what took longest comes first
}
