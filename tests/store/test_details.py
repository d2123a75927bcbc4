import itertools
from dataclasses import replace

import pytest
from level_stores import examples_of, level_of_run
from stores import Run, claimed, epoch_record, fill, run_config, sweep_of

from gst.config import RunSpec, run_key
from gst.errors import InputError, UnknownNameError
from gst.records import EpochRecords
from gst.store import Store

CONFIG = run_config()


@pytest.fixture
def keys(store) -> list[str]:
    store.register(sweep_of({"arm": CONFIG}, range(40)))
    return sorted(row[0] for row in store.query("SELECT key FROM runs").rows)


def test_a_key_is_found_by_its_start(store, keys):
    for key in keys:
        assert store.resolve(key) == key
        assert store.resolve(key[:12].upper()) == key


def test_a_start_that_several_share_is_refused(store, keys):
    twice = next(a[:1] for a, b in itertools.pairwise(keys) if a[0] == b[0])
    with pytest.raises(
        InputError, match=rf"'{twice}' is the start of several runs' keys: {twice}.*; give more digits"
    ):
        store.resolve(twice)
    with pytest.raises(InputError, match=rf"keys: {keys[0][:12]}, .*, \.\.\.; give more digits"):
        store.resolve("")


@pytest.mark.parametrize("prefix", ["xyz", "%", "_", "'"])
def test_a_start_that_no_key_has_is_refused(store, keys, prefix):
    with pytest.raises(InputError, match=f"no run '{prefix}'|\"'\"; there are 40 runs, which `gst ls` lists"):
        store.resolve(prefix)


def test_the_name_of_a_sweep_is_told_from_a_run(store, keys):
    with pytest.raises(InputError, match=r"no run 'hand', but a sweep: .* --sweep hand names all its runs$"):
        store.resolve("hand")


def test_few_runs_are_named(url):
    with Store.open(url) as store:
        with pytest.raises(UnknownNameError, match="no run 'x'; there are: none"):
            store.resolve("x")
        store.register(sweep_of({"arm": CONFIG}))
        with pytest.raises(UnknownNameError, match=f"there are: {run_key(RunSpec(CONFIG, 0))[:12]}$"):
            store.resolve("x")


def test_everything_about_a_run(store):
    fill(store, [Run("arm", 5, [0.5, 0.25], events=[(0, 0.5, 0.25)])])
    key = store.query("SELECT key FROM runs").rows[0][0]
    spec = store.spec(key)
    assert (run_key(spec), spec.seed) == (key, 5)
    details = store.run(key)
    assert details.key == details.run["key"] == key
    assert details.run["status"] == "completed"
    assert details.run["started"].utcoffset().total_seconds() == 0
    assert details.config["kind"] == "filters"
    assert details.config_json["pruning"]["kind"] == "filters"
    assert details.sweeps == ({"name": "hand", "sweep_id": 1, "arm": "arm", "position": 0},)
    assert [it["attempt"] for it in details.attempts] == [1]
    assert [it["epoch"] for it in details.epochs] == [0, 1]
    assert [it["epoch"] for it in details.events] == [0]
    assert [it["layer"] for it in details.layers] == ["conv1", "fc1"]
    assert details.probes == ()
    assert details.levels == details.groups == details.examples == ()


def test_levels_and_groups_and_how_many_images(store):
    sweep_id = store.register(sweep_of({"arm": CONFIG}))
    recorder = claimed(store, RunSpec(CONFIG, 0), sweep_id, store.take_over(sweep_id))
    records = EpochRecords(epoch_record(0), examples=(examples_of(noisy=None),))
    recorder.write(replace(records, **level_of_run(0)))
    details = store.run(recorder.key)
    assert details.examples == ({"epoch": -1, "trained": 5, "held_out": 1, "noisy": None, "el2n": 5},)
    (level,) = details.levels
    assert (level["level"], level["weights_left"], level["noisy_loss"]) == (0, 800, 1.0)
    assert [(it["bin"], it["n_noisy"], it["loss"]) for it in details.groups] == [
        (1, 0, 0.0625), (2, 3, 0.1875), (3, 6, None),
    ]  # fmt: skip


def test_a_run_that_is_not_there(store):
    for ask in (store.spec, store.run):
        with pytest.raises(InputError, match="no run 'abc'"):
            ask("abc")
