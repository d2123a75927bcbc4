"""What Tune does not survive by itself: a worker that Ray ends for want of memory, a disk that is full."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ray.air.execution._internal.actor_manager import RayActorManager
from ray.exceptions import OutOfMemoryError, RayActorError, RayTaskError
from ray.tune.execution.tune_controller import TuneController
from ray.tune.experiment import Trial

DIED = "died"
"""The key in a trial's configuration of what is known of the death of its last process, or None."""

_MEMORY = re.compile(r"\(IP: (?P<host>[^,)]+).*? was (?P<used>[\d.]+GB[^()]*)", re.DOTALL)


class _OutOfMemory(RayActorError):
    """Ray has ended the process of a trial, because memory ran out."""


@contextmanager
def survived() -> Iterator[None]:
    """Have Tune begin the trial of such a worker again, and go on without its files, which nobody reads."""
    changes = (
        (RayActorManager, "_actor_task_failed", _as_a_death),
        (Trial, "handle_error", _noted),
        (Trial, "init_local_path", _unless_refused),
        (TuneController, "checkpoint", _unless_refused),
    )
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in changes]
    for owner, name, change in changes:
        setattr(owner, name, change(getattr(owner, name)))
    try:
        yield
    finally:
        for owner, name, method in before:
            setattr(owner, name, method)


def died_of(error: object) -> str | None:
    """What ended the process of a trial, as the beginning of a sentence; None where that is not known."""
    if not isinstance(error, _OutOfMemory):
        return None
    found = _MEMORY.search(str(error))
    where = f" on {found['host']} ({found['used'].strip()})" if found else ""
    return f"Memory ran out{where}, and Ray ended its process"


def _as_a_death(method: Callable[..., None]) -> Callable[..., None]:
    """Tune ends at an error that is neither of an actor nor of its task, such as this one of Ray's."""

    def failed(manager: Any, tracked_actor_task: Any, exception: Exception) -> None:
        if isinstance(exception, OutOfMemoryError) and not isinstance(exception, RayTaskError):
            exception = _OutOfMemory(error_msg=str(exception))
        method(manager, tracked_actor_task, exception)

    return failed


def _noted(method: Callable[..., None]) -> Callable[..., None]:
    """Tell the next process of the trial."""

    def handled(trial: Any, error: Exception | None = None) -> None:
        trial.config[DIED] = died_of(error)
        with suppress(OSError):
            method(trial, error)

    return handled


def _unless_refused(method: Callable[..., None]) -> Callable[..., None]:
    def tried(*arguments: Any, **options: Any) -> None:
        with suppress(OSError):
            method(*arguments, **options)

    return tried
