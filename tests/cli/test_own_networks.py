"""sweeps/own_networks.md as it is written: its files are planned, trained, stopped, resumed and sent."""

import re
from pathlib import Path

import pytest
from tiny_sweep import records, statuses

from gst.launch import attempt
from gst.paths import project_folder
from gst.store import Store

PAGE = Path(project_folder("sweeps")) / "own_networks.md"
FILES = {
    name: text
    for text in re.findall(r"```(?:python|yaml)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for name in re.findall(r"\A# (\S+)\n", text)
}


@pytest.fixture
def mine(folder):
    """The page's files, in the working folder."""
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def refused(result):
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return " ".join(result.stderr.split())


def test_the_page_has_three_files():
    assert list(FILES) == ["my_model.py", "my_data.py", "mine.yaml"]


def test_a_plan_counts_what_is_pruned(mine, gst):
    planned = gst("plan", "mine.yaml")
    assert planned.exit_code == 0, planned.output
    rows = {line.split("  ")[1].strip(): line for line in planned.stdout.splitlines()[1:]}
    total = (9 + 1) * 8 + 2 * 8 + (8 * 9 + 1) * 16 + 2 * 16 + (16 * 4 * 4 + 1) * 2
    filters = 8 * (8 * 9 + 1 + 2)  # with bias, scale and shift
    assert re.search(rf" -{filters / total:.1%} +conv2 8/16 filters$", rows["Filters"])
    weights = sum(8 * number // 10 for number in (8 * 9, 16 * 8 * 9, 2 * 16 * 4 * 4))
    assert f"-{weights / total:.1%}" in rows["Weights"]


@pytest.mark.slow
def test_a_sweep_that_is_stopped_goes_on_as_if_it_had_not_been(mine, gst, monkeypatch):
    """Dropout draws from the run's own stream, whatever was drawn before."""
    assert gst("sweep", "mine.yaml", "--local", "--db", "straight.db").exit_code == 0
    straight = records(mine / "straight.db")
    assert len(straight["epochs"]) == 3 * 3 * 4
    assert len(straight["pruning_events"]) == 2 * 3 * 2
    real, seen = attempt.train, []

    def stopped(state):
        for found in real(state):
            yield found
            seen.append(found)
            if len(seen) == 6:
                raise KeyboardInterrupt

    monkeypatch.setattr(attempt, "train", stopped)
    gst("sweep", "mine.yaml", "--local", "--checkpoint", "0")
    assert "interrupted" in statuses(mine / "gst.db") or "pending" in statuses(mine / "gst.db")
    monkeypatch.setattr(attempt, "train", real)
    assert gst("sweep", "mine.yaml", "--local", "--checkpoint", "0").exit_code == 0
    assert records(mine / "gst.db") == straight
    with Store.open(str(mine / "gst.db"), readonly=True) as store:
        best = store.query("SELECT max(test_accuracy) FROM epochs").rows
        resumed = store.query("SELECT count(*) FROM attempts WHERE first_epoch > 0").rows
    assert resumed == [(1,)]
    assert best[0][0] > 0.8  # it learns which way the bars lie


@pytest.mark.slow
def test_another_machine_has_the_text_and_runs_none_of_it(mine, gst):
    """Import, lists, pictures and comparisons of somebody's runs never run what they were trained with."""
    for file in ("my_model.py", "my_data.py"):
        with (mine / file).open("a") as opened:
            opened.write(
                "\nfrom pathlib import Path\nwith Path('ran').open('a') as file:\n    file.write('x')\n"
            )
    assert gst("sweep", "mine.yaml", "--local", "--seeds", "2").exit_code == 0
    assert (mine / "ran").read_text() == "xx"  # once each in this process
    assert gst("export", "-o", "mine.zip").exit_code == 0
    (mine / "ran").unlink()
    from gst.config import user_code

    user_code._executed.cache_clear()
    for file in FILES:
        (mine / file).unlink()
    other = ("--db", "other.db")
    key = next(iter(records(mine / "gst.db")["epochs"]))[0]
    for command in (
        ("import", "mine.zip"), ("ls",), ("show", key), ("status",), ("compare", "mine"), ("logs", key),
        ("figure", "tradeoff", "mine", "-o", "t.csv"),
        ("figure", "by", "mine", "-p", "x=pruning.kind", "-o", "b.csv"),
        ("report", "mine", "-o", "r.html"), ("export", "--to", "tensorboard", "-o", "board"), ("doctor",),
    ):  # fmt: skip
        done = gst(*command, *other)
        assert done.exit_code in (0, 1), (command, done.output)
        if command[0] == "show":
            assert "module: my_model.py:Net" in done.stdout
            assert re.search(r"source: \d+ lines, sha256 [0-9a-f]{64}", done.stdout)
            assert "nn.Conv2d" not in done.stdout
    assert not (mine / "ran").exists()


@pytest.mark.slow
def test_a_completed_run_is_measured_with_its_own_code(mine, gst):
    (mine / "mine.yaml").write_text(FILES["mine.yaml"].replace("seeds: 3", "seeds: 1"))
    assert gst("sweep", "mine.yaml", "--local").exit_code == 0
    (mine / "my_model.py").write_text("raise RuntimeError('the file has changed since')\n")
    key = records(mine / "gst.db")["epochs"][0][0]
    done = gst("measure", key, "--images", 16, "--eigenpairs", 2, "--directions", 1)
    assert done.exit_code == 0, done.output
    assert "hessian_trace" in done.stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("my_model.py", "classes)", "classes + 1)",
         "mine.yaml:6: model.module: my_model.py:15: Net: expected floats (2, 2), a row for each image, "
         "found torch.float32 (2, 3)"),
        ("my_model.py", "self.fc(", "self.fx(",
         "mine.yaml:6: model.module: my_model.py:18: Net on 1x8x8 images raises AttributeError: 'Net'"),
        ("my_model.py", "from torch import nn", "from torch import n",
         "mine.yaml:6: model.module: my_model.py:2: Net(2, (1, 8, 8)) raises ImportError: cannot import"),
        ("my_data.py", "* 0.7", "* 7",
         "mine.yaml:5: data.module: my_data.py:5: expected training images of floats from 0 to 1, or of "),
        ("my_data.py", "return images, labels", "return images",
         "mine.yaml:5: data.module: my_data.py:"),
        ("mine.yaml", "layers: [conv2]", "layers: [conv3]",
         "pruning.layers: no layer 'conv3'; did you mean 'conv2'? the model has: conv1, conv2, fc"),
        ("mine.yaml", "{module: my_model.py:Net}", "{name: torchvision/resnet18}",
         "mine.yaml:6: model.name: torchvision/resnet18 takes images in colour, and these have 1 channel"),
        ("mine.yaml", "my_data.py:load", "my_data.py:lod",
         "mine.yaml:5: data.module: my_data.py: has no 'lod'; did you mean 'load'? it defines: load, bars"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["plan", "sweep"])
def test_what_is_wrong_is_told_before_anything_trains(mine, gst, command, file, old, new, said):
    text = (mine / file).read_text()
    assert old in text
    (mine / file).write_text(text.replace(old, new))
    done = gst(command, "mine.yaml", *(["--local"] if command == "sweep" else []))
    assert said in refused(done)
    assert not (mine / "gst.db").exists() or statuses(mine / "gst.db") == []
