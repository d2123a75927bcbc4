"""Files of single examples: there before the store names them, kept, found missing, and read with care."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tiny_sweep import TINY, records, spec_of

from gst.errors import DataError, InputError
from gst.launch.artifacts import artifacts_at
from gst.launch.drive import drive
from gst.launch.garbage import find, remove
from gst.launch.single_examples import examples, read_examples
from gst.launch.trial import StoreSink, run_all
from gst.store import unmeasured
from gst.store.remove import Members

pytestmark = pytest.mark.slow

IMP = """\
    kind: imp
    score: magnitude
    target: smallest
    fraction: 0.2
    levels: 2
    rewind_epoch: 1
"""
ONE = (
    TINY.replace("seeds: 2", "seeds: 1")
    .replace("  No Pruning: {pruning: {kind: none}}\n  PruneL: {}", "  IMP: {}")
    .replace(TINY[TINY.index("    kind: filters") : TINY.index("arms:")], IMP)
)
ASKING = ONE.replace("arms:", "  measure: {each_example: {levels: all, epochs: [1]}}\narms:")
"""One run of 3 and twice 2 epochs, whose levels end with epochs 2, 4 and 6."""


def driven(registered):
    assert drive(registered.store, registered.assignment, run_all) == ()
    return registered


@pytest.fixture
def asking(register, tmp_path):
    return register(spec_of(ASKING, "asking"), tmp_path / "asking")


@pytest.fixture
def plain(register, tmp_path):
    return register(spec_of(ONE, "plain"), tmp_path / "plain")


def stored(registered):
    (key,) = [str(it) for (it,) in registered.store.query("SELECT key FROM runs").rows]
    return key, registered.store.example_files(key)


def test_a_run_leaves_a_file_for_each_moment_and_a_row_that_says_which(asking):
    key, files = stored(driven(asking))
    folder = asking.assignment.artifacts
    assert [(it.epoch, it.level, it.images) for it in files] == [
        (1, 0, 60),
        (2, 0, 60),
        (4, 1, 60),
        (6, 2, 60),
    ]
    assert {it.name for it in files} == {it.name for it in artifacts_at(folder).files()}
    assert [it.bytes for it in files] == [(folder / it.name).stat().st_size for it in files]
    for file in files:
        assert set(read_examples(artifacts_at(folder), key, file)["index"]) <= set(range(1797))


def test_a_run_that_was_trained_without_has_the_same_files_later(asking, plain):
    _, wanted = stored(driven(asking))
    driven(plain)
    before = records(plain.file)
    assert before == records(asking.file)
    sweep_id = plain.store.register(spec_of(ASKING, "asking"))
    plain = plain._replace(assignment=plain.assignment._replace(sweep_id=sweep_id))
    assert len(unmeasured(plain.store, sweep_id)) == 1
    _, files = stored(driven(plain))
    assert [it.sha256 for it in files] == [it.sha256 for it in wanted]
    assert unmeasured(plain.store, sweep_id) == {}
    assert records(plain.file) == before


def test_a_killed_run_goes_on_with_the_files_of_its_epochs(asking, monkeypatch):
    """It is killed after a file is there and before the store is told."""
    asking = asking._replace(assignment=asking.assignment._replace(checkpoint_seconds=0.0))
    write = StoreSink._with_checkpoint

    def killed(self, state, *arguments, **options):
        if state.next_epoch == 5:
            raise KeyboardInterrupt
        write(self, state, *arguments, **options)

    monkeypatch.setattr(StoreSink, "_with_checkpoint", killed)
    with pytest.raises(KeyboardInterrupt):
        drive(asking.store, asking.assignment, run_all)
    _, files = stored(asking)
    assert [it.epoch for it in files] == [1, 2]
    folder = asking.assignment.artifacts
    assert sum(it.name.endswith(".parquet") for it in artifacts_at(folder).files()) == 3
    monkeypatch.undo()
    _, files = stored(driven(asking))
    assert [it.epoch for it in files] == [1, 2, 4, 6]
    assert {it.name for it in artifacts_at(folder).files()} == {it.name for it in files}


def test_only_what_no_row_names_is_garbage_and_a_removed_runs_files_are(asking):
    key, files = stored(driven(asking))
    artifacts = artifacts_at(asking.assignment.artifacts)
    orphan = f"{key}/examples-4-{'0' * 16}.parquet"
    artifacts.write(orphan, lambda file: file.write(b"x"))
    cut_off = f"{key}/.examples-4-{'0' * 16}.parquet.4242"
    artifacts.write(cut_off, lambda file: file.write(b"x"))
    found = find(artifacts, asking.store, older=-timedelta(hours=1))
    assert {it.file: it.reason for it in found.garbage} == {
        orphan: "replaced, or its attempt ended before the store was told",
        cut_off: "a save that was cut off",
    }
    assert found.unknown == 0
    for it in found.garbage:
        remove(artifacts, it)
    asking.store.remove(Members(keys=(key,)))
    assert asking.store.example_files() == ()
    foreign = find(artifacts, asking.store, older=-timedelta(hours=1), foreign=True)
    assert {it.file for it in foreign.garbage} == {it.name for it in files}


def test_a_file_that_is_gone_or_damaged_is_told(asking):
    key, files = stored(driven(asking))
    artifacts = artifacts_at(asking.assignment.artifacts)
    artifacts.write(files[0].name, lambda file: file.write(b"x"))
    with pytest.raises(DataError, match="is not as it was written: its sha256 is"):
        read_examples(artifacts, key, files[0])
    artifacts.remove(files[0].name)
    with pytest.raises(DataError, match="is not there"):
        read_examples(artifacts, key, files[0])
    with pytest.raises(DataError, match="is not the name of a file of examples of run"):
        read_examples(artifacts, key, files[0]._replace(name="../secret"))


def test_the_arrays_of_a_run_come_with_its_labels_and_scores(register, tmp_path):
    scored = ASKING.replace("each_example:", "examples: {el2n: {epochs: 1, replicates: 2}}, each_example:")
    registered = driven(register(spec_of(scored, "scored"), tmp_path / "scored"))
    key, files = stored(registered)
    found = examples(registered.store, key[:10], 1)
    arrays = read_examples(artifacts_at(registered.assignment.artifacts), key, files[2])
    assert (found.key, found.epoch, found.level) == (key, 4, 1)
    assert found.images.tolist() == arrays["index"].tolist()
    assert found.loss.tolist() == arrays["loss"].tolist()
    ((scores,),) = registered.store.query("SELECT el2n FROM examples").rows
    assert found.el2n.tolist() == json.loads(scores) if isinstance(scores, str) else scores
    assert examples(registered.store, key).level == 2
    assert examples(registered.store, key, epoch=1).level == 0
    with pytest.raises(InputError, match=r"not kept of level 3; there are: 0, 1, 2\. A sweep file asks for"):
        examples(registered.store, key, 3)
    with pytest.raises(InputError, match="not kept of epoch 3; there are: 1, 2, 4, 6"):
        examples(registered.store, key, epoch=3)
