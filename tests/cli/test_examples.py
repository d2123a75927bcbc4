"""gst examples: the images that pruning helps, hurts, or gets wrong, of a run that is trained once."""

from __future__ import annotations

import csv
import io

import pytest
from PIL import Image
from tiny_sweep import TINY

from gst.store import Store

pytestmark = pytest.mark.slow

IMP = """\
    kind: imp
    score: magnitude
    target: smallest
    fraction: 0.6
    levels: 2
    rewind_epoch: 1
"""
ASKING = (
    TINY.replace(TINY[TINY.index("    kind: filters") : TINY.index("arms:")], IMP)
    .replace("  No Pruning: {pruning: {kind: none}}\n  PruneL: {}", "  IMP: {}")
    .replace("draw: 0}", "draw: 0, validation: 0.2, label_noise: 0.25}")
    .replace("seeds: 2", "seeds: 1")
    .replace("arms:", "  measure: {each_example: {levels: ends}}\narms:")
)


def test_the_images_of_each_group_are_listed_and_shown(gst, folder):
    (folder / "asking.yaml").write_text(ASKING)
    assert gst("sweep", "asking.yaml", "--local").exit_code == 0
    with Store.open("gst.db", readonly=True) as store:
        ((key,),) = store.query("SELECT key FROM runs").rows
        arrays = [store.example_files(key)[number] for number in (0, -1)]
    assert [it.level for it in arrays] == [0, 2]
    told = gst("examples", key[:8], "--level", 2, "--most", 3, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(told.stdout)))
    assert [it["group"] for it in rows].count("improved") == 3
    gains = [float(it["dense_loss"]) - float(it["sparse_loss"]) for it in rows if it["group"] == "improved"]
    assert gains == sorted(gains, reverse=True)
    assert all(it["sparse"] != it["label"] for it in rows if it["group"] == "misclassified")
    assert gst("examples", key[:8], "--level", 2, "-o", "sheet.png").exit_code == 0
    with Image.open("sheet.png") as sheet:
        assert sheet.width > 600

    refused = gst("examples", key[:8], "--level", 1)
    assert refused.exit_code == 2
    assert "single examples are not kept of level 1; there are: 0, 2." in refused.stderr
    assert gst("examples", key[:8], "-o", "sheet.pdf").stderr.endswith("has the numbers\n")

    exported = gst("export", "-o", "there")
    assert "left out: 2 files of single examples; gst sweep makes them again" in exported.stderr
    assert gst("import", "there", "--db", "other.db").exit_code == 0
    lacking = gst("examples", key[:8], "--db", "other.db")
    assert "`gst sweep asking` trains the run again here" in lacking.stderr
    assert gst("gc", "--older", 0).exit_code == 0
    assert gst("examples", key[:8], "--level", 2).exit_code == 0
    assert "2 files" in gst("rm", key[:8], "--yes").stderr
