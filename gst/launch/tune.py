"""Ray Tune as the engine of a sweep: it runs one trial for each run key, and keeps no results of its own.

Ray reads its settings when it is imported, so `gst.launch.environment.prepare` must come first.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from typing import Any

from ray import tune
from ray.tune.experiment import Trial
from ray.tune.schedulers import FIFOScheduler
from ray.tune.search import Searcher

from gst.errors import DataError, GstError
from gst.launch.log import warnings
from gst.launch.trial import Assignment, run_trial

VAIN_TRIALS = 3
"""Number of trials in a row without the store, each after long waiting, before no other is begun."""

SHOWN_WARNINGS = 3

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


class RunQueue(Searcher):
    """Hands out run keys, first to last, for as long as trials reach the store; tells of warnings."""

    def __init__(self, keys: Sequence[str], said: TrialWarnings) -> None:
        super().__init__()
        self._keys = list(reversed(keys))
        self._said = said
        self._vain = 0

    def suggest(self, trial_id: str) -> dict[str, str] | str:  # type: ignore[override]
        """The configuration of the next trial: a run key and nothing else."""
        return {"run": self._keys.pop()} if self._keys else Searcher.FINISHED

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Tell of what the trial warns of while it waits or trains."""
        self._said.hear(result.get("warnings") or ())

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Stop after some trials in vain. What became of the run, otherwise, is in the store."""
        self._said.hear((result or {}).get("warnings") or ())
        self._vain = self._vain + 1 if (result or {}).get("error") else 0
        if self._vain >= VAIN_TRIALS or (result or {}).get("wrong_data"):
            self._keys.clear()

    def save(self, checkpoint_path: str) -> None:
        """Nothing: the store knows what is left to do."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing, likewise."""


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


def run_all(
    keys: Sequence[str], assignment: Assignment, *, max_concurrent: int | None = None
) -> tuple[str, ...]:
    """Run a trial for each key on the connected cluster; returns what kept trials from the store.

    A trial whose process dies is started again as often as it takes: the store gives up on a run
    that makes no progress. KeyboardInterrupt ends the whole. Where a trial meets data that are damaged, or
    others than its sweep's, no other is begun, and DataError is raised.
    """
    said = TrialWarnings()
    with tempfile.TemporaryDirectory(prefix="gst-tune-") as folder:
        results = tune.Tuner(
            tune.with_resources(
                tune.with_parameters(_trial, assignment=assignment),
                {"cpu": assignment.cpus, "gpu": assignment.gpus},
            ),
            tune_config=tune.TuneConfig(
                search_alg=RunQueue(keys, said),
                scheduler=LastFirst(),  # type: ignore[no-untyped-call]
                num_samples=len(keys),
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
            ),
        ).fit()
    said.close()
    metrics = [results[index].metrics or {} for index in range(len(results))]
    for found in metrics:
        if found.get("wrong_data"):
            raise DataError(found["error"])
    return tuple(dict.fromkeys(found["error"] for found in metrics if found.get("error")))


def _short_name(trial: Any) -> str:
    return str(trial.config.get("run", trial.trial_id))[:16]


def _trial(config: dict[str, str], assignment: Assignment) -> dict[str, Any]:
    """Called by Tune, in a worker: one run, or the reason why the store could not be told of it.

    An exception here would make Tune try again for ever.
    """
    logging.basicConfig(format="%(name)s: %(message)s")  # to the worker's log, and with -v to the terminal
    os.environ["TUNE_FUNCTION_THREAD_TIMEOUT_S"] = "60"  # a thread slow to end would fail the next trial
    with warnings(told=_tell) as said:
        try:
            run_trial(config["run"], assignment)
        except KeyboardInterrupt:
            sys.exit(0)  # see _tell
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
