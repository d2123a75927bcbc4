"""The process that Ray has for itself: what becomes of a sweep when it ends, whatever ends it."""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager, nullcontext

import pytest
from fsspec.asyn import AsyncFileSystem
from processes import is_gone, wait_until_gone

from gst.errors import DataError, GstError, InputError
from gst.launch.environment import LOCAL, prepare

prepare(LOCAL)  # as the command does, before anything imports ray
from gst.launch import preflight, ray, ray_process, tune  # noqa: E402
from gst.launch.ray_process import Cluster, ray_engine  # noqa: E402

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="a spawned process has no replaced functions"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]
CLUSTER = Cluster(LOCAL, None)


@pytest.fixture(autouse=True)
def no_ray(monkeypatch):
    """A cluster that starts at once, and whose end leaves a trace."""

    @contextmanager
    def cluster(*_, **__):
        yield ()

    monkeypatch.setattr(ray, "cluster", cluster)
    monkeypatch.setattr(preflight, "admission", lambda *_, **__: nullcontext())
    monkeypatch.setattr(ray_process, "SIGNAL_SECONDS", 0.1)


def runs(monkeypatch, run_all):
    """Have every run carried to its end by that function."""
    monkeypatch.setattr(tune, "engine", lambda *_, **__: lambda keys, assignment: run_all(keys))


def died(keys):
    os.write(2, b"core_worker.cc: the raylet has died\n\n")
    os._exit(7)


def was_killed(keys):
    os.kill(os.getpid(), signal.SIGKILL)


def test_runs_go_on_there_and_what_it_warns_of_is_told_here(monkeypatch, caplog):
    def run_all(keys):
        logging.getLogger("gst.launch.tune").warning("a trial warned: %s", keys[0])
        return (f"{keys[0]} in {os.getpid()}",)

    runs(monkeypatch, run_all)
    with ray_engine(CLUSTER) as engine:
        ((first,), (second,)) = engine(["a"], None), engine(["b"], None)
    assert (first[0], second[0]) == ("a", "b")
    (process,) = {int(said.rpartition(" ")[2]) for said in (first, second)}
    assert process != os.getpid()
    assert is_gone(process)
    assert caplog.messages == ["a trial warned: a", "a trial warned: b"]


@pytest.mark.parametrize(("end", "how"), [(died, "with status 7"), (was_killed, "killed by SIGKILL")])
def test_a_ray_that_dies_is_told_among_what_kept_runs_from_their_end(monkeypatch, capfd, end, how):
    runs(monkeypatch, end)
    told = f"Ray ended while runs were under way, {how}; -v shows what it says"
    with ray_engine(CLUSTER) as engine:
        assert engine(["a"], None) == (told,)
        assert engine(["a"], None) == (told,)
    assert capfd.readouterr() == ("", "")


def test_a_ray_that_dies_at_its_start_is_one_message(monkeypatch):
    monkeypatch.setattr(preflight, "admission", lambda *_, **__: died(()))
    with pytest.raises(GstError) as error, ray_engine(CLUSTER):
        raise AssertionError("unreachable")
    said = "Ray ended at its start, at address 'local', with status 7; -v shows what it says"
    assert str(error.value) == said


@pytest.mark.parametrize(("raised", "kind"), [(DataError, InputError), (GstError, GstError)])
def test_what_it_refuses_is_raised_here(monkeypatch, raised, kind):
    def refuse(*_, **__):
        raise raised("wrong data")

    runs(monkeypatch, refuse)
    with pytest.raises(kind, match=r"^wrong data$") as error, ray_engine(CLUSTER) as engine:
        engine(["a"], None)
    assert type(error.value) is kind
    monkeypatch.setattr(preflight, "admission", refuse)
    with pytest.raises(kind, match=r"^wrong data$"), ray_engine(CLUSTER):
        raise AssertionError("unreachable")


def test_a_mistake_in_the_code_keeps_its_traceback(monkeypatch):
    runs(monkeypatch, lambda keys: {}[keys[0]])
    with pytest.raises(RuntimeError, match=r"KeyError: 'a'"), ray_engine(CLUSTER) as engine:
        engine(["a"], None)


def test_a_full_disk_is_told_as_in_the_driver_itself(monkeypatch):
    def run_all(keys):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/gst-tune")

    runs(monkeypatch, run_all)
    with pytest.raises(OSError, match="No space left") as error, ray_engine(CLUSTER) as engine:
        engine(["a"], None)
    assert (error.value.errno, error.value.filename) == (errno.ENOSPC, "/tmp/gst-tune")
    assert "in run_all" in "".join(error.value.__notes__)


def test_object_stores_answer_there_after_they_have_answered_in_the_driver(monkeypatch):
    """Older versions of fsspec wait in a fork for a thread of its parent."""

    class Files(AsyncFileSystem):
        cachable = False

        async def _info(self, path, **_):
            return path

    assert Files().info("here") == "here"
    runs(monkeypatch, lambda keys: (Files().info("there"),))
    with ray_engine(CLUSTER) as engine:
        assert engine(["a"], None) == ("there",)


@contextmanager
def pid_told():
    """A pipe through which the process of Ray tells who it is, and a function that waits until it has."""
    reader, writer = os.pipe()
    try:
        yield writer, lambda: int(os.read(reader, 20))
    finally:
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize("deaf", [False, True], ids=["ends in order", "is killed"])
def test_who_stops_the_driver_stops_it_too(monkeypatch, deaf):
    monkeypatch.setattr(ray_process, "END_SECONDS", 1.0 if deaf else 60.0)
    with pid_told() as (writer, pid):

        def sleep(keys):
            if deaf:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.write(writer, str(os.getpid()).encode())
            time.sleep(600)

        runs(monkeypatch, sleep)
        began, pids = time.monotonic(), []
        threading.Thread(target=lambda: (pids.append(pid()), os.kill(os.getpid(), signal.SIGINT))).start()
        with pytest.raises(KeyboardInterrupt), ray_engine(CLUSTER) as engine:
            engine(["a"], None)
        wait_until_gone(pids)
        assert len(pids) == 1
        assert time.monotonic() - began < 60


def test_it_does_not_outlive_a_driver_that_is_killed(monkeypatch):
    with pid_told() as (writer, pid):

        def sleep(keys):
            os.write(writer, str(os.getpid()).encode())
            time.sleep(600)

        runs(monkeypatch, sleep)
        driver = os.fork()
        if driver == 0:
            with ray_engine(CLUSTER) as engine:
                engine(["a"], None)
        process = pid()
        os.kill(process, signal.SIGINT)  # from a terminal, which the driver hears too
        assert not is_gone(process)
        os.kill(driver, signal.SIGKILL)
        os.waitpid(driver, 0)
        wait_until_gone([process])


def test_a_ray_that_waits_for_a_dead_node_is_ended(monkeypatch):
    monkeypatch.setattr(ray_process, "NODE_SECONDS", 0.01)
    monkeypatch.setattr(ray, "own_node", lambda: "mine")
    monkeypatch.setattr(ray, "is_given_up", lambda node: node == "mine")
    runs(monkeypatch, lambda keys: time.sleep(600))
    with ray_engine(CLUSTER) as engine:
        (said,) = engine(["a"], None)
    assert said.startswith("Ray ended while runs were under way, with status 1")


def no_answer():
    raise ConnectionError


@pytest.mark.parametrize(
    ("nodes", "given_up"),
    [
        (lambda: [{"NodeID": "mine", "Alive": False}, {"NodeID": "other", "Alive": True}], True),
        (lambda: [{"NodeID": "mine", "Alive": True}, {"NodeID": "other", "Alive": False}], False),
        (lambda: [], False),
        (no_answer, False),
    ],
    ids=["dead", "alive", "unknown", "no answer"],
)
def test_a_node_is_given_up_when_the_cluster_says_so(monkeypatch, nodes, given_up):
    monkeypatch.setattr(ray.ray, "nodes", nodes)
    assert ray.is_given_up("mine") is given_up
