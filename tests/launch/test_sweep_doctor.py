from __future__ import annotations

from tiny_sweep import TINY, spec_of

from gst.launch.store_doctor import images, resources
from gst.machine import usable_cpus


def statuses(findings):
    return [(it.check, it.status) for it in findings]


def test_data_that_are_not_here_are_told_with_what_gets_them(tmp_path):
    spec = spec_of(TINY + "grid: {data: [{name: digits, per_class: 6}, {name: mnist}, {name: imagenet}]}\n")
    found = list(images(spec, ["digits"], tmp_path))
    assert statuses(found) == [("sweep's data", status) for status in ("ok", "warn", "fail")]
    assert "gst data fetch mnist" in found[1].remedy
    assert "train/ and val/" in found[2].remedy


def test_a_run_that_asks_for_more_than_the_machine_has():
    many = usable_cpus() + 1
    (found,) = resources(spec_of(TINY + f"resources: {{cpus: {many}}}\n"), has_gpu=False)
    assert (found.status, found.found) == (
        "fail", f"a run asks for {many} CPUs and 0 GPUs; this machine has {many - 1} CPUs",
    )  # fmt: skip
    on_gpu = spec_of(TINY + "resources: {gpus: 0.5}\n")
    assert [it.status for it in resources(on_gpu, has_gpu=False)] == ["warn"]
    assert [it.status for it in resources(on_gpu, has_gpu=True)] == ["ok"]
