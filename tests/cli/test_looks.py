"""gst sweep from look to look: what it says, that it decides once, and that it carries on where it was."""

from __future__ import annotations

import json
from html import unescape

import pytest
from tiny_sweep import LOOKING, everything, results

from gst.launch import attempt
from gst.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture
def looking(folder):
    (folder / "looking.yaml").write_text(LOOKING)
    return folder / "gst.db"


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """Fills a store with the sweep in one go, once, and tells of it."""
    kept = {}

    def undisturbed(gst, db):
        if not kept:
            result = gst("sweep", "looking.yaml", "--local", "--db", db)
            assert result.exit_code == 0, result.output
            kept.update(results=results(db), looks=looks(db), out=result.stdout, err=result.stderr)
        return kept

    return undisturbed


def looks(db):
    with Store.open(str(db), readonly=True) as store:
        return [it._replace(decided=None) for it in store.looks(store.sweep_id("looking"))]


def test_it_looks_decides_and_stops(gst, looking, undisturbed):
    planned = gst("plan", "looking.yaml")
    assert "looking: 80 runs at most, 80 to do, 160 of 160 epochs" in planned.stderr
    assert "at 3 seeds (p below 0.0061), at 5 seeds (p below 0.00" in planned.stderr
    assert "no difference: 39." in planned.stderr
    done = undisturbed(gst, looking)
    said = [line for line in done["err"].splitlines() if line.startswith("Look ")]
    assert [line.partition(":")[0] for line in said] == ["Look 1 of 3, 3 seeds", "Look 2 of 3, 5 seeds"]
    assert said[0].endswith(": go on, to 5 seeds.")
    assert said[1].endswith(": stop.")
    assert " below the bound " in said[1]
    assert done["out"].splitlines()[-1] == said[1]
    assert [(it.look, it.pairs, it.decision) for it in done["looks"]] == [
        (1, 3, "continue"),
        (2, 5, "reject"),
    ]
    assert len(done["results"]["runs"]) == 10


def test_the_same_again_trains_nothing_and_says_the_same(gst, looking, undisturbed, monkeypatch):
    first = undisturbed(gst, looking)
    if not looking.exists():  # another test was first
        gst("sweep", "looking.yaml", "--local")

    def refuse(state):
        raise AssertionError("nothing should be trained")

    monkeypatch.setattr(attempt, "train", refuse)
    before = everything(looking)
    result = gst("sweep", "looking.yaml", "--local")
    assert result.exit_code == 0, result.output
    assert result.stderr == "A tiny sweep\nlooking: 10 runs, nothing left to do\n"
    assert result.stdout.splitlines()[-1] == first["out"].splitlines()[-1]
    assert everything(looking) == before
    assert gst("report", "looking", "-o", "looking.html").exit_code == 0
    page = unescape((looking.parent / "looking.html").read_text(encoding="utf-8"))
    assert first["out"].splitlines()[-1] in page
    assert "no p, and intervals that do not allow for it" in page
    told = gst("status", "looking")
    assert told.stderr.splitlines()[-1] == first["out"].splitlines()[-1]
    assert json.loads(gst("plan", "looking.yaml", "--format", "json").stdout)[0]["runs_left"] == 0


@pytest.mark.parametrize("when", ["before the first decision", "after it", "in a run of the second look"])
def test_stopped_between_looks_it_carries_on(gst, looking, undisturbed, tmp_path, monkeypatch, when):
    decide, train = Store.decide, attempt.train

    def stop_at_a_look(store, sweep_id, driver_epoch):
        if when == "after it":
            decide(store, sweep_id, driver_epoch)
        raise KeyboardInterrupt

    def stop_in_a_run(state):
        for record in train(state):
            if state.spec.seed > 2:
                raise KeyboardInterrupt
            yield record

    with monkeypatch.context() as patched:
        if when == "in a run of the second look":
            patched.setattr(attempt, "train", stop_in_a_run)
        else:
            patched.setattr(Store, "decide", stop_at_a_look)
        stopped = gst("sweep", "looking.yaml", "--local")
    assert stopped.exit_code != 0
    assert "the same command carries on" in stopped.stderr
    assert len(looks(looking)) == (0 if when == "before the first decision" else 1)
    waiting = gst("status", "looking").stderr.splitlines()[-1]
    assert waiting.startswith("Look 1 of 3") == (when != "before the first decision")

    carried_on = gst("sweep", "looking.yaml", "--local")
    assert carried_on.exit_code == 0, carried_on.output
    whole = undisturbed(gst, tmp_path / "whole.db")
    assert looks(looking) == whole["looks"]
    assert results(looking) == whole["results"]
    assert carried_on.stdout.splitlines()[-1] == whole["out"].splitlines()[-1]


def test_seeds_of_the_command_line_are_another_sweep_that_decides_nothing(gst, looking, undisturbed):
    undisturbed(gst, looking)
    result = gst("sweep", "looking.yaml", "--local", "--seeds", "2")
    assert result.exit_code == 0, result.output
    assert "Look " not in result.output
    assert "looking: 4 runs, " in result.stderr


def test_train_refuses_a_design_and_says_what_to_do(gst, looking):
    result = gst("train", "looking.yaml", "-o", "out")
    assert result.exit_code == 2
    assert "looking.yaml: has a design (seeds.looks)" in result.stderr
    assert "--seeds 0-39" in result.stderr


def test_a_wrong_design_is_refused_before_anything_is_stored(gst, looking, folder):
    (folder / "looking.yaml").write_text(LOOKING.replace("[PruneL, No Pruning]", "[PruneX, No Pruning]"))
    result = gst("sweep", "looking.yaml", "--local")
    assert result.exit_code == 2
    assert "seeds.question.difference.0: no arm 'PruneX'; did you mean 'PruneL'?" in result.stderr
    assert not looking.exists()
