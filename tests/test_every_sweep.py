"""Every sweep file that comes with gst trains from its first line to its figure, shrunk to almost nothing."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from gst.cli import app
from gst.cli.summary import figure_name
from gst.config import ExtendedTraining, Levels, Noise, NoPruning, load_sweep
from gst.paths import project_folder
from gst.store import Store

SWEEPS = sorted({path.stem for path in project_folder("sweeps").glob("*.yaml")} - {"published"})
CLASSES, IMAGES = 10, 4


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with made-up images of ten classes, each of another brightness, and room for one store."""
    folder = tmp_path_factory.mktemp("sweeps")
    rng = np.random.default_rng(0)
    for split in ("train", "test"):
        for label in range(CLASSES):
            place = folder / "data" / "made-up" / split / str(label)
            place.mkdir(parents=True)
            for image in range(IMAGES):
                pixels = rng.normal(25 * label, 20, (32, 32, 3)).clip(0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(place / f"{image}.png")
    return folder


def scale(name):
    """A hundredth of the epochs, and less of Table F.1's four thousand."""
    return 0.002 if name == "tabF1" else 0.01


def arguments(name):
    """Next to no epochs, three training images of a class, one seed."""
    small = ["sweep", name, "--local", "--scale", str(scale(name)), "--subset", "3", "--seeds", "1"]
    return [*small, *(it for change in changes(name) for it in ("-s", change))]


def changes(name):
    """Made-up images, and a tenth of the filters, but where too few would be left to prune one in ten.

    Figures 3, 6 and 7 of Jin et al. have the networks of their Figure 2, and take many levels of many arms:
    a smaller network will do.
    """
    if name.startswith("quickstart"):
        return BRIEF.get(name, ())
    narrow = () if name in ("fig4_resnet20", "fig4_resnet56") else ("model.width=0.1",)
    small = ("model.name=lenet_300_100",) if re.match("jin_fig[367]_resnet", name) else ()
    return ("data.name=folder", "data.folder=made-up", *narrow, *small, *BRIEF.get(name, ()))


FLATNESS = tuple(
    f"measure.flatness.{it}" for it in ("images=16", "eigenpairs=4", "directions=2", "trace_products=2")
)
BRIEF = {
    **dict.fromkeys(("fig6", "fig6_jpeg", "predictors", "quickstart_flatness"), FLATNESS),
    "jin_fig2_resnet50": ("measure.examples.el2n.replicates=1",),
}
"""Measurements that would take longer than all training, made shorter."""


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SWEEPS)
def test_a_shipped_sweep_trains_from_end_to_end(name, place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.setenv("GST_DATA_DIR", str(place / "data"))
    result = CliRunner().invoke(app, arguments(name))
    assert result.exit_code == 0, result.output
    spec = load_sweep(
        project_folder("sweeps") / f"{name}.yaml",
        seeds="1",
        overrides=changes(name),
        scale=scale(name),
        subset=3,
    )
    with Store.open(f"sqlite:///{place / 'gst.db'}", readonly=True) as store:
        rows = {row["arm"]: row for row in store.frame(SUMMARY, name=name).to_dict("records")}
        label = store.version(name).label
    assert list(rows) == list(spec.arms)
    for arm, config, _ in spec.configs:
        row = rows[arm]
        assert row["status"] == "completed"
        assert row["scale"] == config.scale
        assert row["epochs"] == config.total_epochs
        in_levels = isinstance(config.pruning, Levels) or config.measure.examples is not None
        assert row["levels"] == (config.course.levels + 1 if in_levels else 0)
        assert (row["events"] > 0) == (not isinstance(config.pruning, NoPruning | ExtendedTraining))
        assert row["probes"] == isinstance(config.pruning, Noise)
    for figure in spec.figures:
        assert "scaled" in (place / f"{figure_name(figure, label)}.html").read_text()


SUMMARY = """
SELECT m.arm, r.status, c.scale,
    (SELECT count(*) FROM epochs e WHERE e.run_id = r.run_id) AS epochs,
    (SELECT count(*) FROM pruning_events p WHERE p.run_id = r.run_id) AS events,
    (SELECT count(*) FROM levels l WHERE l.run_id = r.run_id) AS levels,
    (SELECT count(*) FROM probes p WHERE p.run_id = r.run_id) AS probes
FROM sweep_runs m
JOIN sweeps w ON w.sweep_id = m.sweep_id
JOIN runs r ON r.run_id = m.run_id
JOIN configs c ON c.config_id = r.config_id
WHERE w.name = :name
ORDER BY m.position
"""
