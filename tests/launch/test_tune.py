"""What Tune is told and asked: which run is next, and what becomes of what trials say."""

from __future__ import annotations

import logging
import sys
from types import SimpleNamespace

import pytest
from branches import BRANCHES
from tiny_sweep import spec_of

from gst.config import run_key
from gst.config.execution import Resources
from gst.errors import DataError, GpuLost, GstError, OtherData
from gst.launch.drive import drive
from gst.launch.environment import LOCAL, prepare
from gst.launch.trial import run_trial

prepare(LOCAL)  # as the command does, before anything imports ray
from ray import cloudpickle  # noqa: E402
from ray.air.execution._internal.actor_manager import RayActorManager  # noqa: E402
from ray.exceptions import OutOfMemoryError, RayActorError  # noqa: E402
from ray.tune.experiment import Trial  # noqa: E402

from gst.launch import tune  # noqa: E402
from gst.launch.preflight import Admission  # noqa: E402
from gst.launch.ray import Machine  # noqa: E402
from gst.launch.tune_faults import _OutOfMemory, died_of, survived  # noqa: E402


def test_keys_are_handed_out_in_order_and_then_no_more():
    queue = tune.RunQueue(["a", "b"], tune.TrialWarnings())
    assert [queue.suggest(str(number)) for number in range(3)] == [{"run": "a"}, {"run": "b"}, None]
    for number in range(2):
        queue.on_trial_complete(str(number), {"error": None})
    assert queue.suggest("3") == "FINISHED"


def test_a_branch_begins_as_soon_as_its_trunk_has_completed(register, tmp_path):
    """And not once all trunks have: a machine would wait for the slowest of them."""
    registered = register(spec_of(BRANCHES), tmp_path / "two")
    arms = {run_key(spec): (arm, spec.seed) for arm, spec in registered.spec.runs()}
    begun, calls = [], []

    def engine(keys, assignment):
        calls.append(len(keys))
        queue = tune.RunQueue(keys, tune.TrialWarnings(), None, tune.Waiting(assignment).ready)
        slow, queued = queue.suggest("slow"), iter(map(str, range(100)))
        while (found := queue.suggest(trial := next(queued))) is not None:
            begun.append(arms[found["run"]])
            run_trial(found["run"], assignment)
            queue.on_trial_complete(trial, {"error": None})
        run_trial(slow["run"], assignment)
        queue.on_trial_complete("slow", {"error": None})
        while (found := queue.suggest(trial := next(queued))) != "FINISHED":
            run_trial(found["run"], assignment)
            queue.on_trial_complete(trial, {"error": None})
        return ()

    assert drive(registered.store, registered.assignment, engine) == ()
    assert calls == [2]
    assert [arm for arm, _ in begun] == ["Dense", "Late", "Other", "Ticket", "Deep", "Level"]
    assert {seed for _, seed in begun} == {max(seed for _, seed in arms.values())}
    assert registered.store.remaining(registered.assignment.sweep_id) == []


def test_a_store_that_cannot_be_asked_has_no_runs_that_are_ready(registered, tmp_path):
    gone = registered.assignment._replace(url=str(tmp_path / "gone.db"), waiting=frozenset({"a"}))
    assert tune.Waiting(gone).ready() == []


def test_a_key_comes_back_from_a_node_that_cannot_take_part_and_goes_elsewhere(caplog):
    refused = {}
    queue = tune.RunQueue(["a", "b"], tune.TrialWarnings(), refused)
    for number in range(2):
        queue.suggest(str(number))
    where = {"hostname": "far", "pid": 7, "node": "f00"}
    for number in range(2):
        queue.on_trial_complete(str(number), {"misfit": "has torch 1", **where})
    assert caplog.messages == [
        "far (process 7) joined the cluster and trains nothing of this sweep: it has torch 1; "
        "mend that and start its Ray again"
    ]
    assert refused == {"f00": "has torch 1"}
    assert queue.suggest("2") == {"run": "b", "avoided": "f00"}
    assert queue.suggest("3") == {"run": "a", "avoided": "f00"}
    avoiding, anywhere = (tune._resources(1, 0, it) for it in ({"avoided": "f00,ba2"}, {}))
    assert avoiding._kwargs == {"bundle_label_selector": [{"ray.io/node-id": "!in(f00,ba2)"}]}
    assert avoiding != anywhere


NEAR, FAR = Machine("ba2", "near", 1.0, 0.0), Machine("f00", "far", 4.0, 0.0)


@pytest.mark.parametrize(
    ("statuses", "machines", "ends"),
    [
        (["TERMINATED", "PENDING"], [NEAR, FAR], True),
        (["TERMINATED", "PENDING"], [FAR, NEAR._replace(cpus=2.0)], False),  # not asked yet
        (["TERMINATED", "PENDING"], [NEAR], False),  # others may be on their way
        (["RUNNING", "PENDING"], [NEAR, FAR], False),
        (["TERMINATED"], [NEAR, FAR], False),
    ],
)
def test_a_sweep_ends_once_it_waits_and_no_node_that_is_left_can_take_part(
    monkeypatch, statuses, machines, ends
):
    clock = [1000.0]
    monkeypatch.setattr(tune.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(tune, "machines_there", lambda: machines)
    looks = tune.OnlyMisfits(Resources(cpus=2), {"f00": "has torch 1"})
    trials = [SimpleNamespace(status=status) for status in statuses]
    looks.on_step_end(1, trials)
    clock[0] += tune.RETURN_SECONDS - 1
    looks.on_step_end(2, trials)
    clock[0] += tune.NODES_SECONDS
    if not ends:
        looks.on_step_end(3, trials)
        return
    with pytest.raises(GstError) as error:
        looks.on_step_end(3, trials)
    assert str(error.value) == (
        "no machine is left that can take part:\n"
        "  near: has less than the 2 CPUs and 0 GPUs that one run asks for\n"
        "  far: has torch 1\n"
        "mend that and start its Ray again; the same command carries on"
    )


def test_time_in_which_no_node_was_refused_does_not_count(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(tune.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(tune, "machines_there", lambda: [FAR])
    refused = {}
    looks = tune.OnlyMisfits(Resources(cpus=2), refused)
    clock[0] += 7200
    looks.on_step_end(1, [SimpleNamespace(status="RUNNING")])
    refused["f00"] = "has torch 1"
    waiting = [SimpleNamespace(status="PENDING")]
    looks.on_step_end(2, waiting)
    clock[0] += tune.RETURN_SECONDS
    with pytest.raises(GstError, match="far: has torch 1"):
        looks.on_step_end(3, waiting)


@pytest.mark.parametrize(
    ("module", "told"),
    [
        (None, "cannot run gst: ModuleNotFoundError: import of gst.launch.preflight halted"),
        (SimpleNamespace(joiner_misfit=lambda _: "has torch 1"), "has torch 1"),
    ],
    ids=["no preflight", "misfit"],
)
def test_a_node_that_joined_is_asked_before_anything_else_is_understood(monkeypatch, module, told):
    admission = Admission(None, None, "proof", frozenset({"there"}))
    context = SimpleNamespace(get_node_id=lambda: "joined")
    monkeypatch.setattr("ray.get_runtime_context", lambda: context)
    sent = cloudpickle.dumps(tune._admitted(Unreadable(), admission))
    monkeypatch.setitem(sys.modules, "gst.launch.preflight", module)
    found = cloudpickle.loads(sent)({"run": "a"})
    assert found["node"] == "joined"
    assert found["misfit"].startswith(told)


class Unreadable:
    """What another gst does not understand."""

    def __reduce__(self):
        return pytest.fail, ("it was unpacked",)


def test_no_more_keys_are_handed_out_once_three_trials_in_a_row_were_in_vain():
    """Each has waited for the store for minutes: thousands of runs would do so one after another."""
    queue = tune.RunQueue("abcdef", tune.TrialWarnings())
    for number, error in enumerate(["away", None, "away", "away"]):
        queue.suggest(str(number))
        queue.on_trial_complete(str(number), {"error": error})
    assert queue.suggest("4") == {"run": "e"}
    queue.on_trial_complete("4", {"error": "away"})
    assert queue.suggest("5") == "FINISHED"


def test_none_is_handed_out_either_that_is_ready_later():
    queue = tune.RunQueue("ab", tune.TrialWarnings(), None, lambda: ["c"])
    for number in range(2):
        queue.suggest(str(number))
    queue.on_trial_complete("0", {"error": "other data", "wrong_data": True})
    queue.on_trial_complete("1", {"error": None})
    assert queue.suggest("2") == "FINISHED"


def test_a_free_worker_gets_the_last_trial_that_waits():
    """The first that waits is one for which a worker may be on its way."""

    def chosen(*statuses):
        trials = [SimpleNamespace(place=place, status=status) for place, status in enumerate(statuses)]
        found = tune.LastFirst().choose_trial_to_run(SimpleNamespace(get_trials=lambda: trials))
        return None if found is None else found.place

    assert chosen("TERMINATED", "RUNNING", "PENDING", "PENDING", "RUNNING") == 3
    assert chosen("TERMINATED", "RUNNING") is None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError("no route to host"), "OSError: no route to host"),
        (GstError("run abc stopped"), "run abc stopped"),
        (OtherData("run abc: has"), "run abc: has"),
        (None, None),
    ],
)
def test_what_a_trial_cannot_tell_the_store_it_tells_the_driver(monkeypatch, error, told):
    def run_trial(key, assignment, died, again):
        assert (died, again) == ("Memory ran out", True)
        logging.getLogger("gst.launch.trial").info("not this")
        for _ in range(2):
            logging.getLogger("gst.launch.trial").warning("no checkpoint of %s", key)
        if error:
            raise error

    at_once = []
    monkeypatch.setattr(tune, "run_trial", run_trial)
    monkeypatch.setattr(tune.tune, "report", at_once.append)
    assert tune._trial({"run": "abc", "died": "Memory ran out"}, None) == {
        "error": told,
        "wrong_data": isinstance(error, DataError),
        "warnings": ["no checkpoint of abc"],
    }
    assert at_once == [{"warnings": ["no checkpoint of abc"]}]


def test_a_worker_whose_gpu_is_lost_makes_room_for_another(monkeypatch):
    """Tune gives a worker the next trial, which would fail."""

    def run_trial(key, assignment, died, again):
        assert not again
        raise GpuLost("this process can use its GPU no longer")

    def leave(status):
        raise SystemExit(status)

    monkeypatch.setattr(tune, "run_trial", run_trial)
    monkeypatch.setattr(tune.os, "_exit", leave)
    with pytest.raises(SystemExit, match=r"^1$"):
        tune._trial({"run": "abc"}, None)


def test_no_more_keys_are_handed_out_once_a_trial_met_wrong_data():
    queue = tune.RunQueue("abc", tune.TrialWarnings())
    queue.suggest("0")
    queue.on_trial_complete("0", {"error": "run a: has", "wrong_data": True})
    assert queue.suggest("1") == "FINISHED"


def test_warnings_of_trials_are_repeated_once_and_not_too_many(caplog):
    said = tune.TrialWarnings()
    queue = tune.RunQueue("ab", said)
    queue.on_trial_result("0", {"warnings": ["one"]})
    assert caplog.messages == ["a trial warned: one"]  # while the trial goes on
    queue.on_trial_complete("0", {"warnings": ["one", "two"], "error": None})
    queue.on_trial_complete("1", {"warnings": ["one"], "error": None})
    said.close()
    assert caplog.messages == ["a trial warned: one", "a trial warned: two"]
    said.hear(map(str, range(3)))
    said.close()
    assert caplog.messages[2:] == ["a trial warned: 0", "and 2 more warnings; see all with -v"]


OUT_OF_MEMORY = (
    "2 worker(s) were killed due to the node running low on memory. Memory on the node (IP: 192.0.2.2, ID: "
    "4f2a8eb9) was 8.63GB used / 23.54GB limit (0.366468)\nOOM kill reason: Memory usage 8331325440B exceeded"
)


@pytest.fixture
def trial(tmp_path):
    """A trial of Tune's whose folder on the side of the driver is gone."""
    storage = SimpleNamespace(trial_driver_staging_path=str(tmp_path / "gone" / "trial"))
    made = SimpleNamespace(
        config={"run": "abc"},
        is_restoring=False,
        local_path=storage.trial_driver_staging_path,
        run_metadata=SimpleNamespace(num_failures=0, invalidate_cache=lambda: None),
        pickled_error_file=str(tmp_path / "gone" / "trial" / "error.pkl"),
    )
    made._handle_ray_actor_error = lambda error: Trial._handle_ray_actor_error(made, error)
    return made


def test_a_trial_whose_worker_dies_begins_again_though_no_file_can_be_written(trial):
    death = RayActorError(error_msg="it died")
    with pytest.raises(FileNotFoundError):
        Trial.handle_error(trial, death)
    with survived():
        Trial.handle_error(trial, death)
    assert trial.run_metadata.num_failures == 2
    assert trial.config == {"run": "abc", "died": None}


def test_a_worker_that_ray_ends_for_want_of_memory_is_a_death_that_the_next_one_tells(trial):
    """Tune knows deaths of actors, which this error is none of, and would end with it."""
    heard = []
    actor = SimpleNamespace(actor_id=1, _on_error=lambda actor, error: heard.append(error))
    task = SimpleNamespace(_tracked_actor=actor, _on_error=None)
    manager = SimpleNamespace(_failed_actor_ids=set(), _cleanup_actor=lambda tracked_actor: None)
    error = OutOfMemoryError(OUT_OF_MEMORY)
    with pytest.raises(RuntimeError, match="Caught unexpected exception"):
        RayActorManager._actor_task_failed(manager, tracked_actor_task=task, exception=error)
    with survived():
        RayActorManager._actor_task_failed(manager, tracked_actor_task=task, exception=error)
        Trial.handle_error(trial, *heard)
    assert trial.config["died"] == (
        "Memory ran out on 192.0.2.2 (8.63GB used / 23.54GB limit), and Ray ended its process"
    )
    assert died_of(_OutOfMemory(error_msg="in other words")) == "Memory ran out, and Ray ended its process"
