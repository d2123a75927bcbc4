"""gst diff: what two runs have come to, and in what they differ."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from stores import PROVENANCE, Run, claimed, play, run_config, sweep_of

from gst.config import RunSpec, run_key
from gst.store import Store

FILTERS = {
    "kind": "filters", "score": "l2", "target": "smallest", "layers": ("conv1",), "start": 0, "end": 0,
    "every": 1, "fraction": 0.5,
}  # fmt: skip
ONE = run_config(epochs=2)
OTHER = run_config(epochs=2, lr=0.25, pruning=FILTERS)
GPU = replace(PROVENANCE, device="cuda", gpu="H200", gpu_driver="570.1", git_commit="def", torch="2.9.0")


@pytest.fixture
def keys(folder):
    """An unpruned run; one of another seed; a pruned one that was lost and went elsewhere; a pending one."""
    specs = RunSpec(ONE, 0), RunSpec(ONE, 1), RunSpec(OTHER, 0), RunSpec(OTHER, 1)
    with Store.open("gst.db", create=True) as store:
        sweep_id = store.register(sweep_of({"one": ONE, "other": OTHER}, (0, 1)))
        driver = store.take_over(sweep_id)
        play(claimed(store, specs[0], sweep_id, driver), Run("one", 0, [(0.75, 0.5), (1.0, 0.5)]))
        play(claimed(store, specs[1], sweep_id, driver), Run("one", 1, [(0.75, 0.5), (1.0, 0.75)]))
        claimed(store, specs[2], sweep_id, driver)
        pruned = Run("other", 0, [0.625, 0.25], events=[(0, 0.5, 0.25)])
        play(claimed(store, specs[2], sweep_id, driver, provenance=GPU), pruned)
    return [run_key(spec) for spec in specs]


def table(result):
    """By part and name: the two values and their difference, as CSV has them."""
    assert result.exit_code == 0, result.output
    rows = csv.DictReader(io.StringIO(result.stdout))
    return {(row["part"], row["name"]): (row["first"], row["second"], row["difference"]) for row in rows}


def test_runs_that_differ_in_their_seed(gst, keys):
    found = table(gst("diff", keys[0][:12], keys[1][:12], "--format", "csv"))
    assert found == {
        ("run", "key"): (keys[0], keys[1], ""),
        ("run", "seed"): ("0", "1", ""),
        ("result", "status"): ("completed", "completed", ""),
        ("result", "final_test_accuracy"): ("0.5", "0.75", "0.25"),
        ("result", "best_test_accuracy"): ("0.5", "0.75", "0.25"),
        ("result", "final_train_accuracy"): ("1.0", "1.0", "0.0"),
        ("result", "events"): ("0", "0", "0"),
        ("result", "seconds"): ("0.5", "0.5", "0.0"),
    }


def test_runs_that_differ_in_their_configuration_and_machine(gst, keys):
    result = gst("diff", keys[0], keys[2], "--format", "csv")
    found = table(result)
    assert found["config", "training.optimizer.lr"] == ("0.001", "0.25", "")
    assert found["config", "pruning.kind"] == ("none", "filters", "")
    assert found["config", "pruning.fraction"] == ("", "0.5", "")
    assert found["config", "pruning.scratch"] == ("", "False", "")  # its default is part of it
    assert not {name for part, name in found if part == "config" and not name.startswith("pruning")} - {
        "training.optimizer.lr"
    }
    assert ("run", "seed") not in found
    assert found["result", "final_test_accuracy"] == ("0.5", "0.25", "-0.25")
    assert found["result", "best_test_accuracy"] == ("0.5", "0.625", "0.125")
    assert found["result", "mean_stability"] == ("", "0.5", "")
    environment = {name: values[:2] for (part, name), values in found.items() if part == "environment"}
    assert environment == {
        "device": ("cpu", "cuda"),
        "gpu": ("", "H200"),
        "gpu_driver": ("", "570.1"),
        "torch": ("2.8.0", "2.9.0"),
        "git_commit": ("abc", "def"),
    }
    assert result.stderr == f"run {keys[2][:12]} took 2 attempts; its environment is the last one's\n"


def test_a_run_that_waits_has_no_results_to_compare(gst, keys):
    found = table(gst("diff", keys[2], keys[3], "--format", "csv"))
    assert found["result", "status"] == ("completed", "pending", "")
    assert found["result", "final_test_accuracy"] == ("0.25", "", "")
    assert found["environment", "device"] == ("cuda", "", "")
    assert found["environment", "dataset"] == ("d1", "", "")


def test_people_see_the_beginnings_of_keys_and_programs_all_of_them(gst, keys):
    text = gst("diff", keys[0], keys[1]).stdout.splitlines()
    assert text[0].split() == ["part", "name", "first", "second", "difference"]
    assert text[1].split() == ["run", "key", keys[0][:12], keys[1][:12]]
    first, second, *_ = json.loads(gst("diff", keys[0], keys[1], "--format", "json").stdout)
    assert (first["first"], second) == (
        keys[0],
        {"part": "run", "name": "seed", "first": 0, "second": 1, "difference": None},
    )


def test_several_runs_have_a_column_each(gst, keys):
    result = gst("diff", *keys[:3], "--format", "json")
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    short = [key[:12] for key in keys[:3]]
    assert list(rows["key"]) == ["part", "name", *short]
    assert [rows["seed"][key] for key in short] == [0, 1, 0]
    assert [rows["final_test_accuracy"][key] for key in short] == [0.5, 0.75, 0.25]
    assert [rows["pruning.kind"][key] for key in short] == ["none", "none", "filters"]
    assert "pruning.layers.0" not in rows


def test_one_run_is_not_compared_with_nothing(refused, keys):
    assert "name two runs at least" in refused("diff", keys[0])


def test_a_run_is_not_compared_with_itself(refused, keys):
    assert f"are the same run, {keys[0][:12]}" in refused("diff", keys[0], keys[0][:10])
    assert "no run 'zzz'" in refused("diff", keys[0], "zzz")
