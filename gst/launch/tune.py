"""Ray Tune as the engine of a sweep: it runs one trial for each run key, and keeps no results of its own.

Ray reads its settings when it is imported, so `gst.launch.environment.prepare` must come first.
"""

from __future__ import annotations

import logging
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ray import tune
from ray.tune.callback import Callback
from ray.tune.experiment import Trial
from ray.tune.schedulers import FIFOScheduler
from ray.tune.search import Searcher

from gst.config.execution import Resources
from gst.errors import DataError, GpuLost, GstError
from gst.launch.drive import Engine
from gst.launch.log import warnings
from gst.launch.preflight import Admission, none_fits
from gst.launch.ray import machines_there
from gst.launch.trial import Assignment, run_trial
from gst.launch.tune_faults import DIED, survived
from gst.store import STORE_ERRORS, Store

VAIN_TRIALS = 3
"""Number of trials in a row without the store, each after long waiting, before no other is begun."""

SHOWN_WARNINGS = 3

NODES_SECONDS = 5.0
"""How often it is asked which nodes are left, where some cannot take part and nothing is running."""

RETURN_SECONDS = 60.0
"""How long a node that can take part has to come back before its sweep ends."""

AVOIDED = "avoided"
"""The key of a trial's configuration under which are the nodes that it must not be sent to."""


logger = logging.getLogger(__name__)


class TrialWarnings:
    """Repeats here what trials warn of in processes that nobody looks at: the first ones, each once."""

    def __init__(self) -> None:
        self._said: dict[str, None] = {}

    def hear(self, texts: Iterable[str]) -> None:
        """Show those that are new, at once."""
        for text in texts:
            if text not in self._said and len(self._said) < SHOWN_WARNINGS:
                logger.warning("a trial warned: %s", text)
            self._said[text] = None

    def close(self) -> None:
        """Tell how many were not shown."""
        if len(self._said) > SHOWN_WARNINGS:
            logger.warning("and %d more warnings; see all with -v", len(self._said) - SHOWN_WARNINGS)


class Waiting:
    """The runs of an assignment that wait until others, which they need, have completed."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._left = set(assignment.waiting)

    def ready(self) -> list[str]:
        """The keys of those that can begin by now, each told once; none while the store cannot be asked."""
        if not self._left:
            return []
        try:
            with Store.open(self._assignment.url, readonly=True) as store:
                remaining = store.remaining(self._assignment.sweep_id, ready=True)
        except STORE_ERRORS:
            return []
        found = [key for key in remaining if key in self._left]
        self._left.difference_update(found)
        return found


class RunQueue(Searcher):
    """Hands out run keys, first to last, for as long as trials reach the store; tells of warnings.

    After each trial it asks which more are `ready`. A key that comes back from a node which cannot take part
    is handed out again, for other nodes; `refused` says of such nodes why, by their ids.
    """

    def __init__(
        self,
        keys: Sequence[str],
        said: TrialWarnings,
        refused: dict[str, str] | None = None,
        ready: Callable[[], list[str]] = list,
    ) -> None:
        super().__init__()
        self._keys = list(reversed(keys))
        self._said = said
        self._refused = {} if refused is None else refused
        self._ready = ready
        self._live: dict[str, str] = {}
        self._vain = 0

    def suggest(self, trial_id: str) -> dict[str, str] | str | None:  # type: ignore[override]
        """The configuration of the next trial: a run key and the nodes to avoid."""
        if self._keys:
            self._live[trial_id] = self._keys.pop()
            avoided = {AVOIDED: ",".join(sorted(self._refused))} if self._refused else {}
            return {"run": self._live[trial_id]} | avoided
        return None if self._live else Searcher.FINISHED

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Tell of what the trial warns of while it waits or trains."""
        self._said.hear(result.get("warnings") or ())

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Stop after some trials in vain. What became of the run, otherwise, is in the store."""
        key = self._live.pop(trial_id, None)
        if result and result.get("misfit") and key:
            self._keys.append(key)
            self._refuse(result)
            return
        self._said.hear((result or {}).get("warnings") or ())
        self._vain = self._vain + 1 if (result or {}).get("error") else 0
        if self._vain >= VAIN_TRIALS or (result or {}).get("wrong_data"):
            self._keys.clear()
            self._ready = list
        self._keys[:0] = reversed(self._ready())

    def _refuse(self, result: dict[str, Any]) -> None:
        if result["node"] not in self._refused:
            self._refused[result["node"]] = result["misfit"]
            logger.warning(
                "%s (process %s) joined the cluster and trains nothing of this sweep: it %s; mend that and "
                "start its Ray again", result["hostname"], result["pid"], result["misfit"],
            )  # fmt: skip

    def save(self, checkpoint_path: str) -> None:
        """Nothing: the store knows what is left to do."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing, likewise."""


class OnlyMisfits(Callback):
    """Raises GstError where runs wait and every node left was refused or is too small.

    Tune alone would wait for ever.
    """

    def __init__(self, resources: Resources, refused: Mapping[str, str]) -> None:
        self._resources = resources
        self._refused = refused
        self._next = 0.0
        self._hopeful = time.monotonic()  # when there was nothing to say last

    def on_step_end(self, iteration: int, trials: list[Trial], **info: Any) -> None:
        """Look now and then."""
        now = time.monotonic()
        if not self._refused:
            self._hopeful = now
            return
        if now < self._next:
            return
        self._next = now + NODES_SECONDS
        statuses = {trial.status for trial in trials}
        waiting = Trial.PENDING in statuses and Trial.RUNNING not in statuses
        problem = none_fits(machines_there(), self._resources, self._refused) if waiting else None
        if problem is None:
            self._hopeful = now
        elif now - self._hopeful >= RETURN_SECONDS:
            raise GstError(f"{problem}\nmend that and start its Ray again; the same command carries on")


class LastFirst(FIFOScheduler):
    """Gives a worker that becomes free the trial that was queued last.

    Workers that are being started are meant for the first in the queue, and Tune ends the start of one
    whose trial it gives to another. Where runs are shorter than a start, it would never come to its end,
    and each worker that dies would leave its CPU idle until all is over.
    """

    def choose_trial_to_run(self, tune_controller: Any) -> Any:
        """The newest trial that waits, if one does."""
        trials = reversed(tune_controller.get_trials())
        return next((trial for trial in trials if trial.status == Trial.PENDING), None)


def engine(admission: Admission, *, max_concurrent: int | None = None) -> Engine:
    """Runs trials on the connected cluster, on the nodes that the admission admits."""
    return partial(run_all, admission=admission, max_concurrent=max_concurrent, refused={})


def run_all(
    keys: Sequence[str],
    assignment: Assignment,
    *,
    admission: Admission,
    max_concurrent: int | None = None,
    refused: dict[str, str],
) -> tuple[str, ...]:
    """Run a trial for each key on the connected cluster; returns what kept trials from the store.

    A trial whose process dies is started again as often as it takes: the store gives up on a run
    that makes no progress. KeyboardInterrupt ends the whole. Where a trial meets data that are damaged, or
    others than its sweep's, no other is begun, and DataError is raised. Where only nodes are left that cannot
    take part, that is returned once nothing is running.
    """
    said, waiting = TrialWarnings(), Waiting(assignment)
    one = assignment._replace(waiting=frozenset())  # a trial needs to know of none
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True, prefix="gst-tune-") as folder, survived():
        tuner = tune.Tuner(
            tune.with_resources(
                _admitted(one, admission), partial(_resources, assignment.cpus, assignment.gpus)
            ),
            tune_config=tune.TuneConfig(
                search_alg=RunQueue(keys, said, refused, waiting.ready),
                scheduler=LastFirst(),  # type: ignore[no-untyped-call]
                num_samples=-1,  # until the queue has no more
                max_concurrent_trials=max_concurrent,
                reuse_actors=True,
                trial_name_creator=_short_name,
                trial_dirname_creator=_short_name,
            ),
            run_config=tune.RunConfig(
                name="sweep",
                storage_path=folder,
                verbose=0,
                failure_config=tune.FailureConfig(max_failures=-1),
                callbacks=[OnlyMisfits(admission.needs.resources, refused)],
            ),
        )
        try:
            results = tuner.fit()
        except GstError as ended:
            return (str(ended),)
        finally:
            said.close()
    metrics = [results[index].metrics or {} for index in range(len(results))]
    for found in metrics:
        if found.get("wrong_data"):
            raise DataError(found["error"])
    return tuple(dict.fromkeys(found["error"] for found in metrics if found.get("error")))


def _short_name(trial: Any) -> str:
    return str(trial.config.get("run", trial.trial_id))[:16]


def _resources(cpus: float, gpus: float, config: dict[str, str]) -> tune.PlacementGroupFactory:
    """The needs of a trial, and the nodes that it must not be sent to."""
    avoided = config.get(AVOIDED)
    where: dict[str, Any] = {"bundle_label_selector": [{"ray.io/node-id": f"!in({avoided})"}]}
    return tune.PlacementGroupFactory([{"CPU": cpus, "GPU": gpus}], **(where if avoided else {}))


def _admitted(assignment: Assignment, admission: Admission) -> Callable[[dict[str, str]], dict[str, Any]]:
    """The function of a trial. A node that joined later is asked first, whatever its gst can read.

    It is sent as code, for it is defined here, and the rest is unpacked once it is sure to be understood.
    """
    asked_before, asked_for = admission.nodes, pickle.dumps(admission)
    assigned = pickle.dumps(assignment)

    def trial(config: dict[str, str]) -> dict[str, Any]:
        import pickle

        import ray

        node = ray.get_runtime_context().get_node_id()
        if node not in asked_before:
            try:
                from gst.launch.preflight import joiner_misfit

                problem = joiner_misfit(asked_for)
            except Exception as error:
                problem = f"cannot run gst: {type(error).__name__}: {error}"
            if problem is not None:
                return {"misfit": problem, "node": node}
        from gst.launch.tune import _trial

        return _trial(config, pickle.loads(assigned))

    return trial


def _trial(config: dict[str, Any], assignment: Assignment) -> dict[str, Any]:
    """Called by Tune, in a worker: one run, or the reason why the store could not be told of it.

    An exception here would make Tune try again for ever.
    """
    logging.basicConfig(format="%(name)s: %(message)s")  # to the worker's log, and with -v to the terminal
    os.environ["TUNE_FUNCTION_THREAD_TIMEOUT_S"] = "60"  # a thread slow to end would fail the next trial
    with warnings(told=_tell) as said:
        try:
            run_trial(config["run"], assignment, died=config.get(DIED), again=DIED in config)
        except KeyboardInterrupt:
            sys.exit(0)  # see _tell
        except GpuLost:
            os._exit(1)  # the trial begins again in another process, and finds its run ended
        except (Exception, SystemExit) as error:
            logger.exception("run %s", config["run"])
            text = str(error) if isinstance(error, GstError) else f"{type(error).__name__}: {error}"
            return {"error": text, "wrong_data": isinstance(error, DataError), "warnings": said}
    return {"error": None, "wrong_data": False, "warnings": said}


def _tell(text: str) -> None:
    """Report the warning to the driver. Tune ends a thread that reports while the driver stops."""
    try:
        tune.report({"warnings": [text]})
    except SystemExit:
        raise KeyboardInterrupt from None
