"""gst measure: of a sweep that is trained once and a run that is measured once, each test has a copy."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import torch
from tiny_sweep import TINY
from typer.testing import CliRunner

from gst.cli import app
from gst.store import Store

pytestmark = pytest.mark.slow

FAST = ("--images", 20, "--eigenpairs", 3, "--directions", 1)


def keys():
    with Store.open("gst.db", readonly=True) as store:
        return [row[0] for row in store.query("SELECT key FROM runs ORDER BY run_id").rows]


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> tuple[Path, str]:
    """A folder with a store whose completed runs have kept their final states; the key of a pruned one."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "tiny.yaml").write_text(TINY)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        _done("sweep", "tiny.yaml", "--local", "--keep", "final")
        return folder, keys()[-1]


@pytest.fixture(scope="session")
def measured(trained, tmp_path_factory) -> tuple[Path, str]:
    """A copy of that folder, in which that run is measured; what the command printed."""
    folder = tmp_path_factory.mktemp("measured") / "folder"
    shutil.copytree(trained[0], folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return folder, _done("measure", trained[1][:12], *FAST)


def _done(*arguments: object) -> str:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GST_DB_URL", "GST_DATA_DIR", "GST_ARTIFACT_DIR"):
            patch.delenv(name, raising=False)
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="gst")
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def kept(trained, folder) -> str:
    """The key of the pruned run, in a store of the test's own."""
    shutil.copytree(trained[0], folder, dirs_exist_ok=True)
    return trained[1]


@pytest.fixture
def kept_and_measured(kept, measured, folder) -> str:
    """The same, where it is measured already."""
    shutil.copytree(measured[0], folder, dirs_exist_ok=True)
    return kept


def test_a_kept_run_is_measured_and_its_numbers_are_stored(gst, measured, kept_and_measured):
    kept = kept_and_measured
    assert "hessian_trace" in measured[1]
    with Store.open("gst.db", readonly=True) as store:
        details = store.run(kept)
        (row,) = details.flatness
        assert row["epoch"] == details.run["last_epoch"] == 2
        assert (row["images"], row["eigenpairs"], row["method"]) == (20, 3, "lanczos")
        found = store.query("SELECT rank, value, residual FROM eigenvalues ORDER BY rank").rows
        assert [rank for rank, _, _ in found] == [0, 1, 2]
        assert row["hessian_trace"] == pytest.approx(sum(value for _, value, _ in found))
        # The loss of the whole test set, as the last epoch of training saw it.
        assert row["base_loss"] == pytest.approx(details.epochs[-1]["test_loss"])
        assert store.query("SELECT count(*) FROM perturbation_losses").rows[0][0] > 2
    assert "flatness" in gst("show", kept[:12]).stdout


def numbers(db: object = "gst.db"):
    """All of each measurement but how long it took, by run, and the eigenvalues that it rests on."""
    with Store.open(str(db), readonly=True) as store:
        columns = (
            "r.key, f.epoch, f.settings, f.hessian_trace, f.stochastic_trace, f.gradient_trace, f.epsilon"
        )
        found = store.query(
            f"SELECT {columns} FROM flatness f JOIN runs r ON r.run_id = f.run_id ORDER BY 1, 2"
        )
        values = store.query("SELECT settings, rank, value FROM eigenvalues ORDER BY run_id, settings, rank")
        return found.rows, values.rows


def test_the_same_numbers_as_a_run_that_measures_itself(gst, folder, kept_and_measured):
    """The same arm and seed, in a store of its own."""
    pruned = TINY.replace("seeds: 2", "seeds: [1]").replace("  No Pruning: {pruning: {kind: none}}\n", "")
    measured = "  measure: {flatness: {epoch: 2, images: 20, eigenpairs: 3, directions: 1}}\n  pruning:\n"
    (folder / "other.yaml").write_text(pruned.replace("  pruning:\n", measured, 1))
    assert gst("sweep", "other.yaml", "--local", "--db", "other.db").exit_code == 0
    assert numbers("other.db") == numbers()
    assert numbers()[0][0][0] == kept_and_measured


def test_it_is_not_measured_twice_in_one_way_unless_asked_for(gst, refused, kept_and_measured):
    kept = kept_and_measured
    before = numbers()
    message = refused("measure", kept[:12], *FAST)
    assert "epoch 2 is measured already; --replace does it again" in message
    with closing(sqlite3.connect("gst.db")) as connection, connection:
        connection.execute("UPDATE flatness SET epsilon = 7")
    assert gst("measure", kept[:12], *FAST, "--replace").exit_code == 0
    assert numbers() == before
    assert gst("measure", kept[:12], "--images", 10, "--eigenpairs", 2).exit_code == 0
    with Store.open("gst.db", readonly=True) as store:
        assert store.query("SELECT images, eigenpairs FROM flatness ORDER BY 1").rows == [(10, 2), (20, 3)]
        assert store.query("SELECT count(*) FROM eigenvalues").rows == [(5,)]


def test_a_run_that_has_kept_no_state_is_trained_again_up_to_there(gst, complete, measured):
    key = measured[1].split()[1]
    before = Path("gst.db").read_bytes()
    done = gst("measure", key, *FAST)
    assert done.exit_code == 0
    assert "epochs 0 to 2 are trained again" in done.stderr
    assert numbers() == numbers(measured[0] / "gst.db")
    assert Path("gst.db").read_bytes() != before
    assert gst("measure", key, *FAST, "--epoch", 0).exit_code == 0
    assert [row[1] for row in numbers()[0]] == [0, 2]


def test_an_epoch_that_the_run_does_not_have(refused, complete):
    message = refused("measure", keys()[0], "--epoch", 3)
    assert "--epoch 3: run" in message
    assert "has 3 epochs; the last is 2" in message


@pytest.mark.parametrize("fate", ["gone", "swapped"])
def test_a_final_state_that_is_gone_or_another_one_is_named_and_not_measured(
    gst, kept, measured, folder, fate
):
    for file in (folder / "gst-artifacts" / kept).iterdir():
        if fate == "gone":
            file.unlink()
            continue
        content = torch.load(file, weights_only=True)
        content["model"] = {name: weight * 0.01 for name, weight in content["model"].items()}
        torch.save(content, file)
    with closing(sqlite3.connect("gst.db")) as connection, connection:
        connection.execute("UPDATE runs SET artifacts = NULL")  # where this store was copied from has them
    done = gst("measure", kept[:12], *FAST)
    why = (
        "is not there (GST_ARTIFACT_DIR=FOLDER looks elsewhere)"
        if fate == "gone"
        else "is not as it was saved"
    )
    assert f".pt: {why}" in done.stderr
    assert "epochs 0 to 2 are trained again" in done.stderr
    assert numbers() == numbers(measured[0] / "gst.db")


def test_a_final_state_is_not_measured_on_other_data(refused, kept):
    with closing(sqlite3.connect("gst.db")) as connection, connection:
        connection.execute("UPDATE datasets SET content_hash = 'other'")
    message = refused("measure", kept[:12], *FAST)
    assert f"run {kept[:12]}: has 3 epochs on other data: other then, and " in message
    assert message.endswith(" now; put the files back\n")


def test_an_unknown_run(refused, complete):
    assert "no run 'zzzz'" in refused("measure", "zzzz")
