"""The arithmetic of benchmarks: operations, whole runs and shares of the GPU's; rows of the table."""

import importlib
import itertools
import math
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

BENCHMARKS = Path(__file__).parent / "benchmarks"


def loaded(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        return importlib.import_module(name)


@pytest.fixture(scope="module")
def bench():
    return loaded("bench_gpu")


def by_hand(model, image):
    """Multiplications and additions of forward and backward pass for one image, layer by layer.

    Each of both passes of a layer is as large as its forward pass; the first layer passes no gradient on.
    """
    forward = []

    def count(module, _, output):
        inputs = module.weight[0].numel()
        forward.append(2 * inputs * output[0].numel())

    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(count)
    model.eval()(image)
    return 3 * sum(forward) - forward[0]


def test_networks_are_those_of_shipped_sweeps():
    training = loaded("bench_training")
    for network in training.NETWORKS:
        config = training.config_of(network)
        assert (config.model.name, config.training.batch_size) == (network, training.BATCH)
        assert config.data.per_class is None


@pytest.mark.slow
@pytest.mark.parametrize("network", ["vgg11", "resnet18", "resnet20"])
def test_operations_are_those_of_the_layers(bench, network):
    run = bench.Run(
        bench.Setting(network, "fp32", "nchw", "eager"),
        bench.QUICK._replace(device="cpu"),
        bench.random_images(bench.QUICK._replace(device="cpu")),
    )
    expected = by_hand(run.state.model, torch.zeros(1, 3, 32, 32))
    assert bench.operations(network, bench.QUICK) == expected


@pytest.mark.slow
def test_vgg11_takes_as_much_as_the_paper_trains(bench):
    """Convolutions of 64 to 512 filters at 32 to 2 pixels a side, a linear layer, 325 epochs of CIFAR-10."""
    sides_in_out = [
        (32, 3, 64), (16, 64, 128), (8, 128, 256), (8, 256, 256), (4, 256, 512), (4, 512, 512),
        (2, 512, 512), (2, 512, 512),
    ]  # fmt: skip
    layers = [2 * 9 * side * side * before * after for side, before, after in sides_in_out] + [2 * 512 * 10]
    found = bench.operations("vgg11", bench.Size(device="cpu"))
    assert found == 3 * sum(layers) - layers[0]
    assert found * 50_000 * 325 == pytest.approx(14.9e15, rel=0.01)


def test_a_row_follows_from_its_rate(bench, capsys):
    table = object.__new__(bench.Table)
    table.size, table.file, table.end, table.rows = bench.QUICK, None, math.inf, []
    table.limits = {"bf16": 4e12}
    setting = bench.Setting("vgg11", "bf16", "nchw", "eager")
    table.measure(setting, lambda *_: bench.Measured(1000.0, 2**29))
    (row,) = table.rows
    operations = bench.operations("vgg11", bench.QUICK)
    assert row["tflops"] == pytest.approx(1000 * operations / 1e12)
    assert row["share_of_limit"] == pytest.approx(1000 * operations / 4e12)
    assert row["peak_gib"] == 0.5
    # 325 epochs, each of 50,000 images with a backward pass and 10,000 with a third of the work.
    assert row["runs_per_hour"] == pytest.approx(3600 * 1000 / (325 * 160_000 / 3))
    assert "1,000" in capsys.readouterr().out


def test_the_rate_of_a_product_counts_a_multiplication_and_an_addition_each(bench, monkeypatch):
    clock = itertools.count()  # a second at each look: five times four products, a second each
    monkeypatch.setattr(bench.time, "perf_counter", lambda: float(next(clock)))
    size = bench.QUICK._replace(device="cpu", square=16)
    with FlopCounterMode(display=False) as counted:
        rate = bench.matrix_rate("fp32", size)
    assert rate == 4 * 2 * 16**3  # four products a second
    assert counted.get_total_flops() == 5 * rate


def test_a_row_has_both_numbers_and_their_ratio():
    row = loaded("judged").row("A commit", "ms", 0.123, "raw sqlite3", 0.0615, 2000)
    assert row == "| A commit | ms | 0.123 | raw sqlite3 | 0.0615 | 2.00 | 2,000 |"


def test_the_table_has_rows_alone(monkeypatch, tmp_path, capsys):
    table, judged = loaded("table"), loaded("judged")
    row = judged.row("A commit", "ms", 0.123, "raw sqlite3", 0.0615, 2000)
    (tmp_path / "bench_any.py").write_text(
        f"print({judged.machine()!r}, {judged.HEADER!r}, {row!r}, '| a | b |', sep='\\n')"
    )
    monkeypatch.setattr(table, "HERE", tmp_path)
    assert table.rows_of("any") == [f"{row}\n"]
    assert "| a | b |" in capsys.readouterr().out


def test_all_benchmarks_but_those_apart_have_a_peer():
    without = {it.stem for it in BENCHMARKS.glob("bench_*.py") if "judge(" not in it.read_text()}
    assert without == {f"bench_{name}" for name in loaded("table").APART}


def test_the_table_has_its_place_on_the_page():
    table = loaded("table")
    assert len(table.TABLE.findall((BENCHMARKS / "README.md").read_text())) == 1
    assert all((BENCHMARKS / f"bench_{name}.py").exists() for name in {*table.APART, *table.ARGUMENTS})
