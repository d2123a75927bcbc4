"""The commands and the Python of README.md, and those of the page of figures, do what they are said to do."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gst.cli import app
from gst.store import Store

PROJECT = Path(__file__).parents[1]
README, FIGURES = (
    (PROJECT / page).read_text(encoding="utf-8") for page in ("README.md", "sweeps/figures.md")
)
COMMANDS = list(
    dict.fromkeys(
        line.partition("  # ")[0].rstrip()
        for page in (README, FIGURES)
        for line in page.splitlines()
        if line.startswith("gst ")
    )
)
STAYING = ("gst dashboard", "gst mcp", "gst train", "gst db copy")
"""Commands that would not end, train for hours or ask another machine: their options are looked up."""
ELSEWHERE = {
    "gst cancel": (2, "no sweep 'fig3'; there are: quickstart"),
    "gst archive": (2, "no sweep 'fig3'; there are: quickstart"),
    "gst rm": (2, "no sweep 'fig3'; there are: quickstart"),
    "gst figure fig3": (2, "no sweep 'fig3'; there are: quickstart; its runs come from: gst sweep fig3"),
    "gst compare fig3": (3, "not run: sweep fig3 is not in the store; run it: gst sweep fig3"),
    "gst import results": (2, "gst: results: there is no such archive"),
    "gst normality": (2, "cifar10 cannot be downloaded"),
    "gst examples": (2, "has no pruned level with a validation error to choose by"),
}
"""Commands about what the small store and its machine lack: their exit code, and words of their answer."""
READING = [
    command for command in COMMANDS if not command.startswith(("gst sweep", "gst --", *STAYING, *ELSEWHERE))
]
SWEEPING = [command for command in COMMANDS if command.startswith("gst sweep")]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The quickstart in small, as `gst.db` of a folder."""
    folder = tmp_path_factory.mktemp("readme")
    small = [
        "sweep",
        "quickstart",
        "--local",
        "--seeds",
        "2",
        "--scale",
        "0.04",
        "--db",
        str(folder / "gst.db"),
    ]
    result = CliRunner().invoke(app, [*small, "-o", str(folder / "quickstart-tradeoff.html")])
    assert result.exit_code == 0, result.output
    return folder


def called(command, monkeypatch, folder, *more):
    monkeypatch.chdir(folder)
    monkeypatch.delenv("GST_DB_URL", raising=False)
    with Store.open(f"sqlite:///{folder / 'gst.db'}", readonly=True) as store:
        keys = iter(store.query("SELECT key FROM runs LIMIT 2").rows)
    arguments = [next(keys)[0][:12] if word == "RUN" else word for word in shlex.split(command)[1:]]
    return CliRunner().invoke(app, [*arguments, *more])


def test_there_are_commands_to_try():
    assert len(READING) >= 7
    assert len(SWEEPING) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("command", READING)
def test_a_command_that_reads(command, store, monkeypatch):
    if ".pdf" in command:
        command = command.replace(".pdf", ".json")  # what needs a browser is tested with the figures
    aside = ("--db", "shipped.db") if "--shipped" in command else ()  # other tests know what is in the store
    result = called(command, monkeypatch, store, *aside)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize("start", ELSEWHERE)
def test_a_command_that_answers(start, store, monkeypatch):
    (command,) = [command for command in COMMANDS if command.startswith(start)]
    (store / "vgg19_bn.pth").write_bytes(b"no weights")
    monkeypatch.setenv("GST_DATA_DIR", str(store / "nothing"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # where nobody answers: no data set is downloaded
    result = called(command, monkeypatch, store)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    code, words = ELSEWHERE[start]
    assert result.exit_code == code, result.output
    assert words in result.output


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith(STAYING)])
def test_options_of_a_command_that_stays(command):
    words = command.split()[1:]
    name = words[:2] if words[0] == "db" else words[:1]
    told = CliRunner().invoke(app, [*name, "--help"]).output
    assert [word for word in words if word.startswith("-") and word not in told] == []


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in SWEEPING if "postgresql" not in command])
def test_a_sweep_can_be_planned_as_written(command, store, monkeypatch):
    result = called(command, monkeypatch, store, "--dry-run")
    assert result.exit_code == 0, result.output


@pytest.mark.slow
def test_the_python(store, monkeypatch, capsys):
    monkeypatch.chdir(store)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {}
    exec(code, names)
    assert len(names["runs"]) == 26
