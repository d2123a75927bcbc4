from __future__ import annotations

import pytest
from tiny_sweep import TINY

from gst.store import Store

FAST = ("--images", 20, "--eigenpairs", 3, "--directions", 1)


def keys():
    with Store.open("gst.db", readonly=True) as store:
        return [row[0] for row in store.query("SELECT key FROM runs ORDER BY run_id").rows]


@pytest.fixture
def kept(gst, folder):
    """A store whose completed runs have kept their final states; the key of a pruned one."""
    result = gst("sweep", "tiny.yaml", "--local", "--keep", "final")
    assert result.exit_code == 0, result.output
    return keys()[-1]


def test_a_kept_run_is_measured_and_its_numbers_are_stored(gst, kept):
    result = gst("measure", kept[:12], *FAST)
    assert result.exit_code == 0, result.output
    assert "hessian_trace" in result.stdout
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


def test_the_same_numbers_as_a_run_that_measures_itself(gst, folder, kept):
    assert gst("measure", kept[:12], *FAST).exit_code == 0
    measured = "  measure: {flatness: {epoch: 2, images: 20, eigenpairs: 3, directions: 1}}\n  pruning:\n"
    (folder / "other.yaml").write_text(TINY.replace("  pruning:\n", measured, 1))
    assert gst("sweep", "other.yaml", "--local").exit_code == 0
    with Store.open("gst.db", readonly=True) as store:
        rows = store.query("SELECT hessian_trace, gradient_trace FROM flatness").rows
    assert len(rows) == 5
    assert any(row == pytest.approx(rows[0], rel=1e-4) for row in rows[1:])


def test_it_is_not_measured_twice_unless_asked_for(gst, refused, kept):
    assert gst("measure", kept[:12], *FAST).exit_code == 0
    message = refused("measure", kept[:12], *FAST)
    assert "epoch 3 is measured already; --replace does it again" in message
    assert gst("measure", kept[:12], "--images", 10, "--eigenpairs", 2, "--replace").exit_code == 0
    with Store.open("gst.db", readonly=True) as store:
        assert store.query("SELECT images, eigenpairs FROM flatness").rows == [(10, 2)]
        assert store.query("SELECT count(*) FROM eigenvalues").rows == [(2,)]


def test_a_run_without_a_final_state_is_refused_with_the_way_to_have_one(refused, complete):
    message = refused("measure", keys()[0], *FAST)
    assert "has no checkpoint of its last epoch; train it with --keep final" in message


def test_a_final_state_that_is_gone_is_named(refused, kept, folder):
    for file in (folder / "gst-artifacts").rglob("*.pt"):
        file.unlink()
    assert ".pt is not in " in refused("measure", kept[:12], *FAST)


def test_an_unknown_run(refused, complete):
    assert "no run 'zzzz'" in refused("measure", "zzzz")
