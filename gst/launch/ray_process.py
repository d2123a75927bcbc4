"""Ray in a process of its own: it may end at any time, and whoever drives the sweep lives on to tell."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, NoReturn

from gst.errors import GstError, InputError
from gst.launch import preflight, ray, tune
from gst.launch.drive import Engine
from gst.launch.environment import LOCAL
from gst.launch.log import Saying
from gst.launch.preflight import Needs
from gst.launch.trial import Assignment

CALM_SECONDS = 60.0
"""The time that Ray has for its end after that of the sweep."""

END_SECONDS = 5.0
"""The time that it has where the sweep is stopped, before it is killed; `docker stop` leaves 10 s for all."""

SIGNAL_SECONDS = 1.0
"""Who stops all processes of a sweep stops Ray a moment before or after the process that drives it."""

NODE_SECONDS = 5.0
"""How often Ray is asked whether its own node is alive: where that has died, it may wait for ever."""

logger = logging.getLogger(__name__)


class Cluster(NamedTuple):
    """The cluster to use, and what is asked of it; see gst.launch.ray and preflight."""

    address: str
    needs: Needs
    cpus: int | None = None
    gpus: int | None = None
    max_concurrent: int | None = None
    verbose: bool = False


class _Bug(NamedTuple):
    """The traceback of an error that nobody expects."""

    trace: str


@contextmanager
def ray_engine(cluster: Cluster, meanwhile: AbstractContextManager[object] | None = None) -> Iterator[Engine]:
    """The engine that runs trials on that cluster, which is connected to for the duration of the context.

    `meanwhile` is the context in which Ray starts. Raises what `ray.cluster` and `preflight.admission` raise.
    Where Ray ends while runs are under way, the engine says so among what kept trials from the store.
    """
    # Elsewhere libraries of the system do not survive a fork.
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, cluster), daemon=True)
    process.start()
    theirs.close()
    started = _RayProcess(process, ours)
    try:
        with meanwhile or nullcontext():
            started.ready(cluster.address)
        yield started
        with suppress(ConnectionError):  # it may have ended
            ours.send(None)
        process.join(CALM_SECONDS)
    except BaseException:
        process.terminate()
        raise
    finally:
        try:
            process.join(END_SECONDS)
        finally:  # a second Ctrl-C waits no longer
            process.kill()


class _RayProcess:
    """The process from outside."""

    def __init__(self, process: BaseProcess, pipe: Connection) -> None:
        self._process = process
        self._pipe = pipe

    def ready(self, address: str) -> None:
        """Wait until the cluster takes runs."""
        try:
            self._answer()
        except EOFError:
            raise GstError(f"Ray ended at its start, at address {address!r}, {self._ending()}") from None

    def __call__(self, keys: Sequence[str], assignment: Assignment) -> tuple[str, ...]:
        """See gst.launch.tune.run_all."""
        try:
            self._pipe.send((keys, assignment))
            return self._answer()
        except (EOFError, ConnectionError):
            time.sleep(SIGNAL_SECONDS)
            return (f"Ray ended while runs were under way, {self._ending()}",)

    def _answer(self) -> tuple[str, ...]:
        """What the process answers; it may warn before. Raises EOFError where it ends."""
        while True:
            wait([self._pipe, self._process.sentinel])
            if not self._pipe.poll():
                raise EOFError
            match self._pipe.recv():
                case str(warning):
                    logger.warning("%s", warning)
                case GstError() | OSError() as error:
                    raise error
                case _Bug(trace):
                    raise RuntimeError(trace)
                case tuple(problems):
                    return problems

    def _ending(self) -> str:
        self._process.join(END_SECONDS)
        status = self._process.exitcode or 0
        how = f"killed by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
        return f"{how}; -v shows what it says"


def _serve(pipe: Connection, cluster: Cluster) -> None:
    """Be that process: start or join Ray, and run what comes through the pipe, until None comes."""
    for number in (signal.SIGINT, signal.SIGHUP):  # a terminal sends these to the driver too, which decides
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _nothing)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if not cluster.verbose:
        _hush()
        logging.getLogger("gst").handlers = [Saying(pipe.send, logging.WARNING, "%(message)s")]
    try:
        with ray.cluster(
            cluster.address, cpus=cluster.cpus, gpus=cluster.gpus, verbose=cluster.verbose
        ) as machines:
            signal.signal(signal.SIGTERM, _stop)  # Ray had taken it for itself
            joinable = cluster.address != LOCAL
            with (
                _ended_with_node(),
                preflight.admission(machines, cluster.needs, joinable=joinable) as admitted,
            ):
                run_all = tune.engine(admitted, max_concurrent=cluster.max_concurrent)
                pipe.send(())
                while (asked := pipe.recv()) is not None:
                    pipe.send(run_all(*asked))
    except (KeyboardInterrupt, EOFError, ConnectionError):
        pass  # the driver stops, or is gone
    except GstError as error:  # some of its kinds do not travel
        pipe.send((InputError if isinstance(error, InputError) else GstError)(str(error)))
    except Exception as error:
        pipe.send(_portable(error))


def _portable(error: Exception) -> OSError | _Bug:
    """What the driver can be sent of it; an OSError stays one, for the command has words for a full disk."""
    trace = traceback.format_exc()
    if not isinstance(error, OSError) or error.errno is None:
        return _Bug(trace)
    same = OSError(error.errno, error.strerror, error.filename)
    same.add_note(trace)
    return same


def _nothing(*_: object) -> None:
    """Unlike SIG_IGN, this is not handed down to Ray's processes."""


def _stop(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, _nothing)  # what follows is the end, and is not to be cut short
    raise KeyboardInterrupt


def _hush() -> None:
    """Keep to itself what this process and Ray's own code say, which is about Ray and not about runs."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _end_with_parent() -> NoReturn:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(END_SECONDS)
    os._exit(1)


@contextmanager
def _ended_with_node() -> Iterator[None]:
    over = threading.Event()
    threading.Thread(target=_end_with_node, args=(ray.own_node(), over), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _end_with_node(node: str | None, over: threading.Event) -> None:
    while not over.wait(NODE_SECONDS):
        if ray.is_given_up(node):
            os._exit(1)
