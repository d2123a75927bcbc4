"""Data that change between runs or attempts: refused, or accepted on purpose, and never mixed in silence."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import numpy as np
import psycopg
import pytest
from PIL import Image
from private_postgres import binaries, private_postgres
from stores import DIGITS, PROVENANCE, claimed, epoch_record, run_config, saved, sweep_of
from typer.testing import CliRunner

from gst.analysis.source import find_source
from gst.cli import app
from gst.compare.loading import load_published, shipped_file
from gst.compare.papers import compare
from gst.compare.telling import Sentence, tell
from gst.config import RunSpec
from gst.errors import OtherData
from gst.figures import FIGURES
from gst.launch import attempt
from gst.launch.trial import Assignment, run_trial
from gst.records import EpochRecords
from gst.store import Store, account, mixtures
from gst.store import recorder as recording

A, B = (DIGITS._replace(content_hash=letter * 64) for letter in "ab")
CONFIG = run_config(epochs=4)

SHAPES = """\
title: Shapes in a folder
seeds: 2
base:
  data: {name: folder, folder: shapes}
  model: {name: digits_cnn}
  training: {epochs: 3, batch_size: 4, optimizer: {name: adam, lr: 2e-3}}
  pruning: {kind: none}
arms: {plain: {}}
checkpoints: {seconds: 0}
"""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def server(request):
    """A server of Postgres, or None for a file of SQLite."""
    if request.param == "sqlite":
        yield None
    elif binaries() is None:
        pytest.skip("no PostgreSQL server is installed")
    else:
        with private_postgres(binaries()) as running:
            yield running


@pytest.fixture
def store(tmp_path, server):
    name = f"d{tmp_path.name}"
    if server is not None:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
    with Store.open(str(tmp_path / "gst.db") if server is None else server.url_of(name), create=True) as made:
        yield made


class Sweep:
    """A registered sweep and its only driver."""

    def __init__(self, store, arms=None, seeds=(0, 1, 2), name="hand"):
        self.store = store
        self.arms = arms or {"arm": CONFIG}
        self.sweep_id = store.register(sweep_of(self.arms, seeds, name=name))
        self.driver = store.take_over(self.sweep_id)

    def claim(self, seed=0, arm="arm", **changes):
        return claimed(self.store, RunSpec(self.arms[arm], seed), self.sweep_id, self.driver, **changes)

    def complete(self, facts, seed=0, arm="arm", **changes):
        recorder = self.claim(seed, arm, **changes)
        recorder.uses(facts, accept=True)
        write(recorder, range(recorder.next_epoch, 4))
        recorder.finish()

    def stop(self, facts, seed=0, kept=True):
        """An attempt at two epochs, of which there may be a checkpoint."""
        recorder = self.claim(seed)
        recorder.uses(facts)
        write(recorder, range(2), kept=kept)
        recorder.interrupt()
        return recorder.key


def write(recorder, epochs, kept=False):
    for epoch in epochs:
        checkpoint = saved(epoch, f"{recorder.key}/{recorder.attempt}-{epoch}.pt") if kept else None
        recorder.write(EpochRecords(epoch_record(epoch)), checkpoint=checkpoint)


def test_a_run_goes_on_with_the_data_that_it_began_with(store):
    sweep = Sweep(store)
    key = sweep.stop(A)
    recorder = sweep.claim()
    with pytest.raises(OtherData) as refused:
        recorder.uses(B, place="/data/shapes")
    assert str(refused.value) == (
        f"run {key[:12]}: has 2 epochs on other data: aaaaaaaaaaaa then, and bbbbbbbbbbbb in /data/shapes "
        "now; put the files back, or have it begin anew with --accept-data"
    )
    recorder.interrupt()
    assert store.run(key).attempts[1]["dataset_id"] is None
    recorder = sweep.claim()
    assert recorder.uses(A) is None
    assert recorder.next_epoch == 2
    assert [row["epoch"] for row in store.run(key).epochs] == [0, 1]


def test_other_data_that_are_accepted_begin_the_run_anew(store):
    sweep = Sweep(store)
    key = sweep.stop(A)
    recorder = sweep.claim()
    why = recorder.uses(B, accept=True)
    assert why is not None
    assert recorder.checkpoint is None
    assert recorder.next_epoch == 0
    assert store.run(key).epochs == ()
    assert store.checkpoints() == frozenset()
    assert store.run(key).attempts[1]["fallback"] == why
    assert store.run(key).attempts[1]["first_epoch"] == 0
    write(recorder, range(2), kept=True)
    recorder.interrupt()
    sweep.claim().uses(B)


def test_an_el2n_network_is_not_trained_on_with_other_data(store):
    sweep = Sweep(store)
    recorder = sweep.claim()
    recorder.uses(A)
    recorder.scored(-1, 1.0, saved(-1))
    recorder.interrupt()
    silent = sweep.claim()  # an attempt that died before it had its data hides none of the others
    silent.interrupt()
    with pytest.raises(OtherData, match="aaaaaaaaaaaa then"):
        sweep.claim().uses(B)


@pytest.mark.parametrize("ended", [True, False], ids=["completed", "in training"])
def test_a_run_does_not_begin_on_other_data_than_its_sweep(store, ended):
    sweep = Sweep(store)
    if ended:
        sweep.complete(A)
    else:
        sweep.claim().uses(A)
    second = sweep.claim(1)
    with pytest.raises(OtherData, match=r"of this sweep was trained on other data: a{12} then, and b{12} in"):
        second.uses(B)
    second.uses(B, accept=True)
    write(second, range(4))
    second.finish()
    with pytest.raises(OtherData, match="trained on other data"):
        sweep.claim(2).uses(A)


def test_of_two_attempts_that_begin_at_once_one_waits_for_the_other(store, monkeypatch):
    sweep = Sweep(store)
    first, second = sweep.claim(0), sweep.claim(1)
    looked, go_on = threading.Event(), threading.Event()
    real = recording.others_in_sweep

    def others_in_sweep(*arguments):
        found = real(*arguments)
        if not looked.is_set():
            looked.set()
            assert go_on.wait(60)
        return found

    monkeypatch.setattr(recording, "others_in_sweep", others_in_sweep)
    with ThreadPoolExecutor() as threads:
        ahead = threads.submit(first.uses, A)
        assert looked.wait(60)
        behind = threads.submit(second.uses, B)
        wait([behind], timeout=1)  # unless it waits for the other, it is accepted by now
        go_on.set()
        assert ahead.result() is None
        with pytest.raises(OtherData):
            behind.result()


def told(store, sweep):
    return [it.words for it in mixtures(store, sweep.sweep_id)]


def trained_with(**changes):
    return {"provenance": replace(PROVENANCE, **changes)}


def test_runs_that_are_alike_are_not_told_of(store):
    """Nor are attempts of which nothing is kept, or precisions that arms ask for."""
    fast = run_config(epochs=4, lr=0.5)
    fast = fast.model_copy(update={"training": fast.training.model_copy(update={"precision": "bf16"})})
    sweep = Sweep(store, {"arm": CONFIG, "fast": fast})
    lost = sweep.claim(0, **trained_with(torch="1.0"))
    lost.uses(B)
    write(lost, range(2))
    lost.interrupt()
    for seed in range(3):
        sweep.complete(A, seed)
        sweep.complete(A, seed, "fast")
    assert told(store, sweep) == []


def test_each_difference_within_an_arm_is_told_once(store):
    sweep = Sweep(store, {"arm": CONFIG, "other": run_config(epochs=4, lr=0.5)})
    sweep.complete(A, 0, **trained_with(gst="0.2.0+aaa"))
    sweep.complete(B, 1, **trained_with(device="cuda:1", gpu="H200", precision="tf32", gst="0.2.0+bbb"))
    sweep.complete(B, 2, **trained_with(torch="2.9.0", gst="0.2.0"))
    assert told(store, sweep) == [
        "runs differ in arm 'arm': 2 runs on data bbbbbbbbbbbb, 1 on aaaaaaaaaaaa",
        "runs differ in arm 'arm': 2 runs with torch 2.8.0, 1 with 2.9.0",
        "runs differ in arm 'arm': 2 runs on cpu, 1 on H200",
        "runs differ in arm 'arm': 2 runs in fp32, 1 in tf32",
        "runs differ in arm 'arm': 3 states of the files of gst 0.2.0",
    ]
    for seed in range(3):
        sweep.complete((A, B, B)[seed], seed, "other", **trained_with(gst="0.3.0+ccc"))
    data, *_, gst = told(store, sweep)
    assert data == "runs differ in 2 of 2 arms: 4 runs on data bbbbbbbbbbbb, 2 on aaaaaaaaaaaa"
    assert gst == "runs differ in 1 of 2 arms: 3 runs with gst 0.2.0, 3 with 0.3.0"


def test_a_run_of_two_attempts_is_of_both(store):
    sweep = Sweep(store)
    sweep.stop(A)
    sweep.complete(A, **trained_with(torch="2.9.0"))
    sweep.complete(A, 1)
    assert told(store, sweep) == ["runs differ in arm 'arm': 1 run with torch 2.8.0 then 2.9.0, 1 with 2.8.0"]


def test_arms_that_differ_from_each_other_are_told_of(store):
    sweep = Sweep(store, {"arm": CONFIG, "other": run_config(epochs=4, lr=0.5)})
    for seed in range(3):
        sweep.complete(A, seed)
        sweep.complete(B, seed, "other")
    words = "runs differ between arms: 3 runs on data aaaaaaaaaaaa, 3 on bbbbbbbbbbbb"
    assert told(store, sweep) == [words]
    assert find_source(store, "hand").mixed == (words,)
    assert account(store, "hand").mixed == (words,)
    (figure,) = compare(store, load_published(shipped_file()), (), others=("hand",)).figures
    assert [it.mixed for it in figure.settings] == [(words,)]
    assert Sentence(words) in tell(compare(store, load_published(shipped_file()), (), others=("hand",)))
    sheet = FIGURES["tradeoff"].numbers(store, "hand")
    written = [it.text for it in FIGURES["tradeoff"].draw(sheet).layout.annotations]
    assert any("Runs differ between arms" in text for text in written)


def test_what_is_not_kept_and_what_is_of_other_sweeps_and_folders_does_not_matter(store):
    other = Sweep(store, {"elsewhere": run_config(epochs=4, lr=0.5)}, (0,), name="other")
    other.complete(A, arm="elsewhere")
    data = CONFIG.data.model_validate({"name": "folder", "folder": "digits"})
    folder = CONFIG.model_copy(update={"data": data})
    sweep = Sweep(store, {"arm": CONFIG, "folder": folder})
    sweep.complete(A, arm="folder")
    key = sweep.stop(A, seed=0, kept=False)
    failed = sweep.claim(1)
    failed.uses(A)
    failed.fail("Traceback", "")
    sweep.claim(2).uses(B)
    sweep.claim(0).uses(B)
    assert store.run(key).epochs == ()


def pictures(folder, classes):
    shutil.rmtree(folder, ignore_errors=True)
    draw = np.random.default_rng(classes)
    for number in range(classes):
        for split in ("train", "test"):
            place = folder / split / f"class{number}"
            place.mkdir(parents=True)
            for image in range(4):
                pixels = draw.integers(0, 256, (8, 8), np.uint8)
                Image.fromarray(pixels).save(place / f"{image}.png")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a sweep on a folder of images that is its data folder's."""
    monkeypatch.setenv("GST_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("GST_ARTIFACT_DIR", raising=False)
    monkeypatch.delenv("GST_DB_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    pictures(tmp_path / "data" / "shapes", 2)
    (tmp_path / "shapes.yaml").write_text(SHAPES)
    return tmp_path


def gst(*arguments, code=0):
    result = CliRunner().invoke(app, list(map(str, arguments)), prog_name="gst")
    assert result.exit_code == code, result.output
    return result


def states(store):
    return store.query("SELECT status, COUNT(*) FROM runs GROUP BY status ORDER BY status").rows


def hashes(store, seed):
    """The data of each attempt at that run."""
    return store.query(
        "SELECT d.content_hash FROM attempts a JOIN runs r ON r.run_id = a.run_id "
        "LEFT JOIN datasets d ON d.dataset_id = a.dataset_id WHERE r.seed = :seed ORDER BY a.attempt",
        seed=seed,
    ).rows


@pytest.mark.slow
def test_classes_that_are_added_between_seeds(here):
    command = ("sweep", "shapes.yaml", "--local")
    gst(*command)
    pictures(here / "data" / "shapes", 4)
    for asked in (command, ("plan", "shapes.yaml")):
        said = gst(*asked, "--seeds", "0-2", code=2).stderr
        assert said.count("gst: ") == 1
        assert "sweep shapes: 2 runs of this sweep were trained on other data, " in said
        assert f"in {here / 'data' / 'shapes'} now; put the files back, or train" in said
    gst(*command)  # nothing is left of it
    with Store.open("gst.db") as store:
        assert states(store) == [("completed", 2)]
        gst(*command, "--seeds", "0-2", "--accept-data")
        assert states(store) == [("completed", 3)]
        assert hashes(store, 2) != hashes(store, 1) == hashes(store, 0)
        ((old,),), ((new,),) = hashes(store, 0), hashes(store, 2)
    mixed = f"uns differ in arm 'plain': 2 runs on data {old[:12]}, 1 on {new[:12]}"
    done = gst(*command, "--seeds", "0-2")
    assert done.stdout.count(f"R{mixed}.") == 1
    assert f"shapes: r{mixed}\n" in gst("status", "shapes").stderr
    assert f"sweep shapes: r{mixed}\n" in gst("db", "check", code=1).stderr
    gst("report", "shapes", "-o", "report.html")
    assert f"r{mixed}".replace("'", "&#x27;") in (here / "report.html").read_text()


@pytest.mark.slow
def test_files_that_change_between_attempts(here, monkeypatch):
    command = ("sweep", "shapes.yaml", "--local", "--seeds", "7,")
    real = attempt.train

    def train(state):
        for found in real(state):
            yield found
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(attempt, "train", train)
        CliRunner().invoke(app, command, prog_name="gst")
    pictures(here / "data" / "shapes", 4)
    said = gst(*command, code=2).stderr
    assert ": has 1 epoch on other data: " in said
    assert said.endswith(" now; put the files back, or have it begin anew with --accept-data\n")
    with Store.open("gst.db") as store:
        assert states(store) == [("interrupted", 1)]
        assert len(hashes(store, 7)) == 1
        gst(*command, "--accept-data")
        assert states(store) == [("completed", 1)]
        first, second = hashes(store, 7)
        assert first != second
        key = store.resolve("")
        assert "has 1 epoch on other data" in store.run(key).attempts[1]["fallback"]
        assert [row["epoch"] for row in store.run(key).epochs] == [0, 1, 2]


@pytest.mark.slow
def test_files_that_go_on_unchanged_are_no_one_s_business(here):
    gst("sweep", "shapes.yaml", "--local")
    shutil.rmtree(here / "data" / ".decoded")
    pictures(here / "data" / "shapes", 2)
    gst("sweep", "shapes.yaml", "--local", "--seeds", "0-2")


@pytest.mark.slow
def test_a_worker_with_other_files_leaves_the_run_to_others(here):
    from gst.config import load_sweep

    spec = load_sweep(here / "shapes.yaml")
    pictures(here / "other" / "shapes", 4)
    url = f"sqlite:///{here / 'gst.db'}"
    with Store.open(url, create=True) as store:
        sweep_id = store.register(spec)
        driver = store.take_over(sweep_id)
        ours = Assignment(url, sweep_id, driver, here / "data", here / "artifacts", 1, 0, 30.0)
        theirs = ours._replace(data=here / "other")
        first, second = store.remaining(sweep_id)
        run_trial(first, ours)
        with pytest.raises(OtherData, match=f"in {here / 'other' / 'shapes'} now"):
            run_trial(second, theirs)
        assert states(store) == [("completed", 1), ("interrupted", 1)]
        (told,) = store.run(second).attempts
        assert told["outcome"] == "interrupted"
        assert told["dataset_id"] is None
        assert store.run(second).run["stall"] == 0
        run_trial(second, theirs._replace(accept_data=True))
        assert states(store) == [("completed", 2)]
