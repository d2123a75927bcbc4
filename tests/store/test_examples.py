"""The examples of db/README.md answer, on both databases, with the rows that they promise."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from level_stores import Level, Levels, examples_of, fill_levels, level_config, level_of_run
from stores import (
    PROVENANCE,
    Run,
    claimed,
    epoch_record,
    fill,
    flatness_of,
    play,
    run_config,
    samples_of,
    sweep_of,
)

from gst.config import RunSpec, run_key
from gst.paths import project_folder
from gst.records import EpochRecords

README = (project_folder("db") / "README.md").read_text(encoding="utf-8")
EXAMPLES = dict(
    re.findall(r"^### ([^\n]+\?)\n(?:(?!^#).)*?```sql\n(.*?)```", README, re.DOTALL | re.MULTILINE)
)
ERRORS = (0.5, 0.375, 0.3125), (0.5, 0.375, 0.6875)
"""Of the pruned network's levels, by seed."""
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
    "How busy were the machines, and how much energy did their GPUs take?": (
        ("sweep", "host", "runs", "cpus_busy", "memory", "gpu_use", "gpu_memory", "energy"),
        [("other", "host", 1, 1.25, 2**31, 0.75, 2**33, 312.5 * 1.5 / 3_600_000)],
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


ANSWERS_OF_LEVELS = {
    "How sparse can a network be and still beat the dense one?": (
        ("label_noise", "level", "n", "sparsity", "test_error", "error_change"),
        [(0.25, 1, 2, 0.5, 0.375, -0.125)],
    ),
    "Does the sparsity that is best by validation error generalize better?": (
        ("level", "n", "weights_left", "test_error", "error_change", "against_dense"),
        [(2, 2, 0.25, 0.5, 0.0, "match")],
    ),
    "Is it the removal that helps, or the longer training?": (
        ("level", "n", "weights_left", "extended_less_pruned"),
        [(0, 2, 1.0, 0.0), (1, 2, 0.5, 0.0625), (2, 2, 0.25, -0.125)],
    ),
    "Do narrower networks do as well?": (
        ("label_noise", "width", "n", "weights", "test_error"),
        [(0.25, 1.0, 1, 1024.0, 0.5), (0.25, 0.5, 2, 512.0, 0.4375)],
    ),
    "Are mislabelled images learnt less when weights are gone?": (
        ("level", "n", "original_loss", "noisy_loss", "gap"),
        [(0, 2, 0.5, 0.75, 0.25), (1, 2, 0.5, 1.75, 1.25), (2, 2, 0.5, 2.75, 2.25)],
    ),
    "On which training images does pruning change the loss?": (
        ("level", "images", "n", "loss_change"),
        [(0, "hardest tenth", 2, 0.0), (0, "the rest", 2, 0.0), (1, "hardest tenth", 2, 1.0),
         (1, "the rest", 2, 0.25), (2, "hardest tenth", 2, 2.0), (2, "the rest", 2, 0.5)],
    ),
    "How many images are mislabelled, and how many held out?": (
        ("trained", "held_out", "noisy", "scored"),
        [(5, 1, None, 5)],
    ),
}  # fmt: skip


@pytest.fixture
def levelled(store):
    """Pruned runs, unpruned ones as long, and dense ones, one of them narrow; and a run with its images."""
    configs = {
        "IMP": level_config(label_noise=0.25, validation=0.125),
        "Extended dense": level_config("extended", label_noise=0.25, validation=0.125),
        "Width 0.5": level_config("none", label_noise=0.25, width=0.5),
        "Width 1": level_config("none", label_noise=0.25),
    }

    def level(number, error):
        losses = (*(0.25 * (1 + number),) * 9, 1.0 + number)
        return Level(1 - error, (8 + number) / 16, noisy=0.75 + number, groups=losses)

    pruned = [
        Levels("IMP", seed, [level(number, error) for number, error in enumerate(errors)])
        for seed, errors in enumerate(ERRORS)
    ]
    extended = [Levels("Extended dense", seed, [Level(0.5), Level(0.5625), Level(0.625)]) for seed in (0, 1)]
    dense = [Levels("Width 1", 0, [Level(0.5)]), Levels("Width 1", 1, [Level(0.25)], status="failed")]
    narrow = [Levels("Width 0.5", seed, [Level(0.5 + 0.125 * seed)]) for seed in (0, 1)]
    fill_levels(store, [*pruned, *extended, *dense, *narrow], configs, name="jin_fig3_lenet")
    seen = store.register(sweep_of({"seen": RETRIED}, name="seen"))
    recorder = claimed(store, RunSpec(RETRIED, 0), seen, store.take_over(seen))
    records = EpochRecords(
        epoch_record(0), examples=(examples_of(noisy=None),), levels=level_of_run(0)["levels"]
    )
    recorder.write(records)
    return store


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
    recorder = claimed(store, spec, other, driver, provenance=NEWER)
    recorder.samples = samples_of
    play(recorder, Run("other", 0, [0.5]))
    store.cancel([run_key(RunSpec(RETRIED, 1))])
    store.tag([run_key(spec)], add=["paper"])
    store.note("look again", keys=[run_key(spec)])
    return store


def test_every_block_of_sql_is_an_example_with_an_answer():
    assert README.count("```sql") == len(EXAMPLES)
    assert set(EXAMPLES) == {*ANSWERS, *ANSWERS_OF_LEVELS}


@pytest.mark.parametrize("question", ANSWERS_OF_LEVELS)
def test_an_example_about_levels_answers(levelled, question):
    chosen, expected = ANSWERS_OF_LEVELS[question]
    assert answers(levelled, question, chosen) == expected


def answers(store, question, chosen):
    columns, rows = store.query(EXAMPLES[question])
    places = [columns.index(name) for name in chosen]
    return [tuple(row[place] for place in places) for row in rows]


@pytest.mark.parametrize("question", ANSWERS)
def test_an_example_answers(filled, question):
    chosen, expected = ANSWERS[question]
    found = answers(filled, question, chosen)
    if question in UNORDERED:
        found, expected = sorted(found, key=str), sorted(expected, key=str)
    assert found == expected


UNORDERED = {
    "Which runs share a configuration?",  # configurations that are alike come in the order of their hashes
    "What did it cost, and how much of that was in vain?",  # what took longest comes first
}
