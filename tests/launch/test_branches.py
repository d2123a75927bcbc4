"""Runs that begin from the state of others: in order, from the very state, whatever happens between."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import pytest
import torch
from branches import BRANCHES
from tiny_sweep import TINY, records, spec_of

from gst.config import RunSpec, run_key
from gst.data import load_dataset
from gst.figures import FIGURES
from gst.launch import attempt
from gst.launch.artifacts import artifacts_at
from gst.launch.drive import drive
from gst.launch.garbage import find
from gst.launch.offline import Offline, train_all
from gst.launch.trial import run_all, run_trial
from gst.store import Store, unmeasured
from gst.store.integrity import integrity_problems
from gst.training import branch_off, start, train, trunk_again

pytestmark = pytest.mark.slow

ONE = BRANCHES.replace("seeds: 2", "seeds: 1")
SPECS = dict(spec_of(ONE).runs())
KEYS = {arm: run_key(spec) for arm, spec in SPECS.items()}


def by_run(found):
    """The rows of each table, by key of the run."""
    rows = {table: defaultdict(list) for table in found}
    for table, of_table in found.items():
        for key, *row in of_table:
            rows[table][key].append(row)
    return rows


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What the sweep yields, each trunk trained again for each branch, without a store."""
    folder = tmp_path_factory.mktemp("offline")
    assert train_all(Offline(spec_of(ONE), folder / "out", folder / "data", torch.device("cpu")), print) == []
    with Store.open(str(folder / "gst.db"), create=True) as store:
        store.merge(folder / "out")
        assert list(integrity_problems(store)) == []
    return records(folder / "gst.db")


@pytest.fixture
def registered(register, tmp_path):
    return register(spec_of(ONE), tmp_path / "one")


def test_trunks_are_trained_before_branches_and_each_leaves_its_states(registered, undisturbed):
    waves = []

    def engine(keys, assignment):
        waves.append({arm for arm, key in KEYS.items() if key in keys})
        return run_all(keys, assignment)

    assert drive(registered.store, registered.assignment, engine) == ()
    assert waves == [{"Dense"}, {"Late", "Other", "Ticket"}, {"Deep", "Level"}]
    assert records(registered.file) == undisturbed
    kept = {arm: [it.epoch for it in registered.store.kept_states(key)] for arm, key in KEYS.items()}
    assert {arm: epochs for arm, epochs in kept.items() if epochs} == {
        "Dense": [0],
        "Other": [1],
        "Ticket": [2],
    }
    assert list(integrity_problems(registered.store)) == []
    progress = registered.store.progress(registered.assignment.sweep_id)
    assert progress.epochs_done == progress.epochs_total == 3 + 2 + 1 + 2 + 4 + 2
    artifacts = artifacts_at(registered.assignment.artifacts)
    assert find(artifacts, registered.store, older=timedelta(0)).garbage == ()


def test_a_branch_without_an_order_of_its_own_is_its_trunk_to_the_last_bit(register, tmp_path):
    """The whole of a run's pruning, noise and levels: whatever its state has, a branch must take over."""
    arms = TINY.partition("arms:")[0] + (
        "arms:\n"
        "  Filters: {}\n"
        "  Movement: {pruning.score: movement}\n"
        "  Noise: {pruning: {kind: zeroing, score: l2, target: largest, layers: [conv1], start: 0, end: 1,"
        " every: 1, fraction: 0.5, train_batches: 6}}\n"
        "  Levels: {training: {optimizer: {name: sgd, lr: 0.1, momentum: 0.9}}, pruning: {kind: imp,"
        " levels: 2, rewind_epoch: 1, rewind: weights, fraction: 0.5, score: magnitude, target: smallest}}\n"
    )
    trunks = spec_of(arms.replace("seeds: 2", "seeds: 1"))
    data = load_dataset(trunks.configs[0].config.data, tmp_path)
    for arm, trunk, _ in trunks.configs:
        whole = [without_time(it) for it in train(start(RunSpec(trunk, 0), data))]
        for epoch in range(1, trunk.total_epochs):
            own = next(line for line in arms.splitlines() if line.startswith(f"  {arm}:"))
            own = own.partition("{")[2].rpartition("}")[0]
            child = f"  Child: {{from: {{arm: {arm}, epoch: {epoch}}}{', ' if own else ''}{own}}}\n"
            (spec,) = (
                it.spec for it in spec_of(arms + child).runs() if (it.arm, it.spec.seed) == ("Child", 0)
            )
            state = start(spec, data)
            branch_off(state, trunk_again(spec, data, torch.device("cpu")))
            found = [without_time(it) for it in train(state)]
            assert [it[1:] for it in found[1:]] == [it[1:] for it in whole[epoch + 1 :]], (arm, epoch)
            assert found[0][0] == whole[epoch][0], (arm, epoch)


def without_time(records):
    """The epoch, then all else, which a branch's first epoch has more of: the network as it begins."""
    return records.epoch.__class__.__name__ and (_values(records.epoch), records.events, records.levels)


def _values(epoch):
    return [getattr(epoch, name) for name in epoch.__slots__ if name != "seconds"]


def test_another_order_draws_other_batches_and_a_number_always_the_same(undisturbed):
    rows = by_run(undisturbed)["epochs"]
    dense = {row[0]: row for row in rows[KEYS["Dense"]]}
    other = {row[0]: row for row in rows[KEYS["Other"]]}
    deep = {row[0]: row for row in rows[KEYS["Deep"]]}
    assert sorted(other) == [1, 2]
    assert all(other[epoch] != dense[epoch] for epoch in other)
    assert deep == {2: other[2]}  # goes on with the draws of its trunk


def test_late_pruning_has_the_network_of_its_trunk_before_its_first_event(undisturbed):
    found = by_run(undisturbed)
    (event,) = found["pruning_events"][KEYS["Late"]]
    dense = {row[0]: row for row in found["epochs"][KEYS["Dense"]]}
    late = {row[0]: row for row in found["epochs"][KEYS["Late"]]}
    assert event[0] == 1
    assert sorted(late) == [1, 2]
    assert late[1][2:4] == dense[1][2:4]  # loss and accuracy of training, before the event
    assert late[2] != dense[2]


def test_a_trunk_that_kept_no_state_is_trained_again(register, tmp_path, undisturbed):
    """It was trained for another sweep, which has no branches."""
    plain = register(
        spec_of(ONE.replace("arms:", "arms:\n  Plain: {pruning: {kind: none}}").partition("  Late")[0]),
        tmp_path / "two",
    )
    drive(plain.store, plain.assignment, run_all)
    assert plain.status(KEYS["Dense"]) == "completed"
    sweep_id = plain.store.register(spec_of(ONE, "branches"))
    drive(plain.store, plain.assignment._replace(sweep_id=sweep_id), run_all)
    assert records(plain.file) == undisturbed
    assert plain.store.kept_states(KEYS["Dense"]) == ()


class Killed(BaseException):
    pass


@pytest.mark.parametrize("seconds", [0.0, 1e9])
def test_a_branch_that_is_killed_goes_on_or_begins_again(registered, undisturbed, monkeypatch, seconds):
    store = registered.store
    assignment = registered.assignment._replace(checkpoint_seconds=seconds)
    run_trial(KEYS["Dense"], assignment)
    real = attempt.train

    def dying(state):
        for found in real(state):
            yield found
            if found.epoch.epoch == 1:
                raise Killed

    monkeypatch.setattr(attempt, "train", dying)
    with pytest.raises(Killed):
        run_trial(KEYS["Ticket"], assignment)
    monkeypatch.setattr(attempt, "train", real)
    drive(store, assignment, run_all)
    assert records(registered.file) == undisturbed
    first = store.query(
        "SELECT first_epoch FROM attempts a JOIN runs r USING (run_id) WHERE key = :key ORDER BY a.attempt",
        key=KEYS["Ticket"],
    ).rows
    assert first == [(1,), (2 if seconds == 0 else 1,)]


def test_branches_of_a_trunk_that_failed_are_left_alone(registered, monkeypatch):
    trunk = KEYS["Dense"]

    def engine(keys, assignment):
        for key in keys:
            if key == trunk:
                with monkeypatch.context() as broken:
                    broken.setattr(attempt, "train", lambda state: 1 / 0)
                    run_trial(key, assignment)
            else:
                raise AssertionError(f"{key} is not to be trained")
        return ()

    assert drive(registered.store, registered.assignment, engine) == ()
    assert registered.status(trunk) == "failed"
    assert {registered.status(key) for key in KEYS.values()} == {"failed", "pending"}


LINES = ONE.replace("arms:", "checkpoints: {keep: final}\narms:") + (
    "  Again: {from: {arm: Dense, epoch: 1, order: 2}, pruning: {kind: none}, "
    "measure: {connectivity: {order: 1, points: 3}}}\n"
)


@pytest.mark.parametrize("keep", ["final", "last"])
def test_the_line_between_two_branches_is_measured_when_both_are_complete(register, tmp_path, keep):
    lines = register(spec_of(LINES), tmp_path / "lines")
    drive(lines.store, lines.assignment._replace(keep=keep), run_all)
    query = "SELECT point, share, other, test_accuracy FROM connectivity ORDER BY point"
    points = lines.store.query(query).rows
    assert [row[:3] for row in points] == [
        (0, 0, KEYS["Other"]),
        (1, 0.5, KEYS["Other"]),
        (2, 1, KEYS["Other"]),
    ]
    again = dict(spec_of(LINES).runs())["Again"]
    last = "SELECT test_accuracy FROM epochs e JOIN runs r USING (run_id) WHERE key = :key AND epoch = 2"
    ends = [lines.store.query(last, key=key).rows[0][0] for key in (run_key(again), KEYS["Other"])]
    assert [points[0][3], points[2][3]] == ends
    ((arm, barrier),) = [(row[0], row[7]) for row in lines.store.query("barrier", sweep="tiny").rows]
    assert (arm, barrier) == ("Again", pytest.approx(max(1 - it[3] for it in points) - (2 - sum(ends)) / 2))
    figure = FIGURES["barrier"].numbers(lines.store, "tiny")
    assert figure.panels[0].marks[0].values == (pytest.approx(barrier),)
    assert FIGURES["barrier"].draw(figure).data
    assert unmeasured(lines.store, lines.assignment.sweep_id) == {}
