"""Which checkpoint files no run needs."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest
from sqlalchemy import update
from stores import PROVENANCE, epoch_record, saved

from gst.launch.artifacts import StoredFile, artifacts_at
from gst.launch.garbage import find, remove
from gst.records import EpochRecords
from gst.store.alive import BUSY
from gst.store.schema import runs
from gst.store.utc_time import Present

HOUR = timedelta(hours=1)
FOREIGN = "f" * 64


class Place:
    """The artifacts of a registered sweep, with files that are as old as they need be."""

    def __init__(self, registered) -> None:
        self.registered = registered
        self.folder = registered.assignment.artifacts
        self.artifacts = artifacts_at(self.folder)

    def put(self, name, *, hours=2.0, size=10):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        written = time.time() - 3600 * hours
        os.utime(path, (written, written))
        return name

    def claim(self, key):
        return self.registered.store.claim(
            key,
            sweep_id=self.registered.assignment.sweep_id,
            driver_epoch=self.registered.assignment.driver_epoch,
            provenance=PROVENANCE,
        )

    def trained(self, key, *checkpoints):
        """A recorder of a new attempt that has written an epoch with each of these checkpoints, or None."""
        recorder = self.claim(key)
        for name in checkpoints:
            epoch = recorder.next_epoch
            recorder.write(EpochRecords(epoch_record(epoch)), checkpoint=name and saved(epoch, name))
        return recorder

    def find(self, **changes):
        return find(self.artifacts, self.registered.store, **({"older": HOUR} | changes))

    def garbage(self, **changes):
        return {it.file: it.reason for it in self.find(**changes).garbage}


@pytest.fixture
def place(registered):
    return Place(registered)


@pytest.fixture
def key(registered):
    return registered.keys[0]


LEFT = "left by an attempt, not what the run continues from"


def test_without_a_folder_there_is_no_garbage(place):
    assert place.find() == ((), 0, 0, 0)


def test_a_run_in_training_keeps_its_checkpoint_and_the_one_before(place, key):
    files = [place.put(f"{key}/1-{epoch}.pt") for epoch in range(3)]
    place.trained(key, *files)
    assert place.garbage() == {f"{key}/1-0.pt": LEFT}


def test_what_a_killed_attempt_saved_and_the_store_never_heard_of_can_go(place, key):
    kept, orphan = place.put(f"{key}/1-0.pt"), place.put(f"{key}/1-1.pt")
    place.trained(key, kept)
    newer = place.put(f"{key}/2-1.pt")
    place.trained(key, newer)
    assert place.garbage() == {orphan: LEFT}


@pytest.mark.parametrize("status", ["interrupted", "failed", "cancelled", "pending"])
def test_a_run_that_may_go_on_keeps_what_it_continues_from_or_falls_back_to(place, key, status):
    files = [place.put(f"{key}/1-{epoch}.pt") for epoch in range(3)]
    recorder = place.trained(key, *files)
    store = place.registered.store
    match status:
        case "interrupted":
            recorder.interrupt()
        case "cancelled":
            store.cancel([key])
        case _:
            recorder.fail("trace", "log")
            if status == "pending":
                store.retry(keys=[key])
    assert store.run(key).run["status"] == status
    assert place.garbage() == {files[0]: LEFT}


def test_a_completed_run_needs_nothing_but_what_it_keeps(place, registered):
    gone, kept, *_ = registered.keys
    older, final = place.put(f"{kept}/1-1.pt"), place.put(f"{kept}/1-2.pt")
    orphan = place.put(f"{gone}/1-1.pt")
    place.trained(kept, None, older, final).finish(kept=True)
    place.trained(gone, None, orphan, None).finish()
    assert place.garbage() == {older: "the run is completed", orphan: "the run is completed"}


def test_a_name_that_a_completed_run_of_an_earlier_version_still_has_keeps_nothing(place, key):
    old = place.put(f"{key}/1-1.pt")
    place.trained(key, None, old, None).finish(kept=True)  # the pointer stays, and is not of the last epoch
    assert place.garbage() == {old: "the run is completed"}


def test_a_diverged_run_needs_nothing(place, key):
    name = place.put(f"{key}/1-0.pt")
    place.trained(key, name).diverged()
    assert place.garbage() == {name: "the run is diverged"}


def test_young_files_are_left_alone_and_counted(place, key):
    place.put(f"{key}/1-0.pt", hours=0.9)
    place.put(f"{key}/1-1.pt", hours=1.1)
    found = place.find()
    assert [it.file for it in found.garbage] == [f"{key}/1-1.pt"]
    assert found.young == 1
    assert len(place.find(older=timedelta()).garbage) == 2


def test_a_file_whose_age_nobody_knows_is_young(place, key):
    class Ageless:
        def files(self):
            yield StoredFile(f"{key}/1-0.pt", 10, None)

    assert find(Ageless(), place.registered.store, older=timedelta())[2] == 1


def test_what_a_killed_save_left_can_go(place, key):
    name = place.put(f"{key}/.1-0.pt.4711")
    place.put(f"{key}/.1-1.pt.4711", hours=0.1)
    found = place.find()
    assert [(it.file, it.reason) for it in found.garbage] == [(name, "a save that was cut off")]
    assert found.young == 1


def test_a_driver_s_proof_can_go_once_nobody_trains(place, key):
    proof = place.put(".proof-0a1b2c3d")
    recorder = place.trained(key)
    assert place.find() == ((), 0, 0, 0)
    assert place.garbage(sweep_id=place.registered.assignment.sweep_id) == {}
    with place.registered.store._writer.begin() as connection:
        connection.execute(update(runs).values(heartbeat=Present(-3 * BUSY)))
    assert place.garbage() == {proof: "left by the driver of a sweep"}
    recorder.interrupt()
    assert place.find(older=3 * HOUR) == ((), 0, 1, 0)
    theirs = place.put(f"{FOREIGN}/1-0.pt")
    assert place.garbage() == {}
    assert set(place.garbage(foreign=True)) == {proof, theirs}


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        ".proof",
        "{key}/.proof-0a1b2c3d",
        "{key}/notes.txt",
        "{key}/1-0.pt.bak",
        "{key}/deep/1-0.pt",
        "short/1-0.pt",
        "1-0.pt",
    ],
)
def test_what_gst_did_not_write_is_left_alone_and_counted(place, key, name):
    place.put(name.format(key=key))
    assert place.find() == ((), 1, 0, 0)
    assert place.find(foreign=True) == ((), 1, 0, 0)


def test_files_of_runs_that_the_store_does_not_know_go_only_on_request(place):
    name = place.put(f"{FOREIGN}/1-0.pt")
    assert place.find() == ((), 0, 0, 1)
    assert place.garbage(foreign=True) == {name: "no run of this store"}


def test_of_a_sweep_only_its_own_files_are_looked_at(place, registered):
    ours = place.put(f"{registered.keys[0]}/1-0.pt")
    place.put(f"{FOREIGN}/1-0.pt")
    (arm, config, seeds), *_ = registered.spec.configs
    other = registered.store.register(
        registered.spec._replace(name="other", configs=((arm, config, (*seeds, 99)),))
    )
    (theirs,) = set(registered.store.remaining(other)) - set(registered.keys)
    stray = place.put(f"{theirs}/1-0.pt")
    assert set(place.garbage(sweep_id=registered.assignment.sweep_id)) == {ours}
    assert set(place.garbage(sweep_id=other)) == {ours, stray}
    assert place.find(sweep_id=other).foreign == 0


def test_removing_takes_the_folder_with_the_last_file(place, key):
    names = [place.put(f"{key}/1-{epoch}.pt", size=epoch + 1) for epoch in range(2)]
    found = place.find()
    assert [it.size for it in found.garbage] == [1, 2]
    remove(place.artifacts, found.garbage[0])
    assert [file.name for file in place.artifacts.files()] == [names[1]]
    remove(place.artifacts, found.garbage[1])
    assert list(place.folder.iterdir()) == []
