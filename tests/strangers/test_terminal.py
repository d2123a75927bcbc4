"""Standard input, output and error as callers leave them: closed, full, slow, in other encodings, tiny."""

from __future__ import annotations

import array
import fcntl
import json
import os
import pty
import shlex
import struct
import subprocess
import sys
import termios
import threading

import pytest
from commands import SCRIPT, commands_in
from PIL import Image
from processes import PATIENCE
from tiny_sweep import TINY, statuses

LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n"
SMALL = ("--seeds", "1")
TITLE = "剪枝 – é"
CHINESE = TINY.replace("A tiny sweep", TITLE)


@pytest.fixture
def commands(tmp_path):
    with commands_in(tmp_path) as made:
        yield made


@pytest.fixture
def shell(commands):
    """Run `gst` with those arguments, as a shell does with what follows them on its line."""

    def run(*arguments: str, line: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        command = shlex.join([sys.executable, "-c", SCRIPT, *arguments])
        return subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command} {line}"],
            cwd=commands.folder,
            env=commands.environment | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    return run


@pytest.mark.parametrize(
    ("line", "reason"), [(">&-", "it is closed"), ("> /dev/full", "No space left on device")]
)
@pytest.mark.parametrize("arguments", [["sql", "@"], ["--help"], ["sql", "@", "--format", "csv"]])
def test_what_is_printed_and_lost_is_a_failure_in_one_sentence(shell, arguments, line, reason):
    done = shell(*arguments, line=line)
    assert done.stderr == f"gst: standard output cannot be written: {reason}\n"
    assert done.returncode == 1


@pytest.mark.parametrize("line", ["2>&-", "2> /dev/full"])
def test_messages_that_cannot_be_told_change_no_exit_code(shell, line):
    done = shell("sql", "@", line=line)
    assert (done.returncode, done.stdout.split()[:3]) == (0, ["query", "parameters", "question"])
    assert (shell("show", "1", line=line).returncode, shell("nonsense", line=line).returncode) == (2, 2)


def test_a_reader_that_has_seen_enough_ends_a_command_as_it_ends_other_tools(shell):
    # bash's `read` takes one line; the pipe that is closed then holds less than this answer
    series = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n"
    )
    assert shell("db", "upgrade").returncode == 0
    done = shell("sql", series, line="| { read -r first; echo $first; }")
    assert (done.returncode, done.stdout, done.stderr) == (141, "i\n", "")


def test_a_full_pipe_that_does_not_block_is_waited_for(shell, commands):
    assert shell("db", "upgrade").returncode == 0
    whole = shell("sql", LONG).stdout
    reading, writing = os.pipe()
    size = fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    assert len(whole) > size
    driver = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "sql", LONG],
        env=commands.environment,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    waiting = array.array("i", [0])
    while waiting[0] < size and driver.poll() is None:
        fcntl.ioctl(reading, termios.FIONREAD, waiting)
    os.close(writing)
    with open(reading, encoding="utf-8") as file:
        assert file.read() == whole
    assert driver.communicate(timeout=PATIENCE)[1] == ""
    assert driver.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("line", ["<&- >&- 2>&-", "> /dev/full 2> /dev/full"])
def test_a_sweep_trains_whatever_becomes_of_what_it_prints(shell, commands, line):
    commands.write(TINY)
    done = shell("sweep", "tiny.yaml", "--local", *SMALL, line=line)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert statuses(commands.store) == ["completed"] * 2
    assert commands.rows("PRAGMA integrity_check") == [("ok",)]
    assert (commands.folder / "tiny-tradeoff.html").is_file()


@pytest.mark.slow
def test_the_results_of_training_into_files_are_kept_too(shell, commands):
    commands.write(TINY)
    done = shell("train", "tiny.yaml", "-o", "out", *SMALL, line="> /dev/full")
    assert done.stderr.splitlines()[-1] == (
        "standard output cannot be written: No space left on device; the results are kept all the same"
    )
    assert done.returncode == 0
    assert len(list((commands.folder / "out").glob("run-*.zip"))) == 2


@pytest.mark.slow
def test_titles_are_escaped_where_the_terminal_lacks_their_letters(shell, commands):
    commands.write(CHINESE)
    for encoding in ("ascii", "latin-1"):
        done = shell("plan", "tiny.yaml", "--format", "json", PYTHONIOENCODING=encoding)
        assert (done.returncode, json.loads(done.stdout)[0]["title"]) == (0, TITLE)
    done = shell("sweep", "tiny.yaml", "--local", *SMALL, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stderr.startswith("\\u526a\\u679d \\u2013 \\xe9\n")


@pytest.mark.slow
def shown(commands, *arguments, columns=80, **environment):
    """What `gst` with those arguments, which succeeds, shows in a terminal of that width."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    driver = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        cwd=commands.folder,
        env=commands.environment | {"TERM": "xterm"} | environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    pieces: list[bytes] = []
    reader = threading.Thread(target=lambda: pieces.extend(_everything(ours)))
    reader.start()
    assert driver.wait(timeout=PATIENCE) == 0
    reader.join()
    return b"".join(pieces).decode()


def test_a_file_that_is_fetched_is_shown_with_its_bytes(commands):
    for place in ("train/a", "train/b", "test/a", "test/b"):
        file = commands.folder / "elsewhere" / "birds" / place / "1.png"
        file.parent.mkdir(parents=True)
        Image.new("RGB", (3, 3)).save(file)
    size = file.stat().st_size
    fetch = ("data", "fetch", "birds", "--from", commands.folder / "elsewhere")
    text = shown(commands, *fetch, GST_DATA_DIR="one")
    assert "birds/test/b/1.png" in text
    assert f"{size}/{size} bytes" in text
    assert commands.run(*fetch, GST_DATA_DIR="two").stderr == ""


@pytest.mark.parametrize(
    ("columns", "environment", "drawn"),
    [(0, {}, True), (1, {"NO_COLOR": "1"}, True), (80, {"TERM": "dumb"}, False)],
)
def test_a_sweep_is_shown_in_any_terminal(commands, columns, environment, drawn):
    commands.write(CHINESE)
    text = shown(commands, "sweep", "tiny.yaml", "--local", *SMALL, columns=columns, **environment)
    assert "Traceback" not in text
    assert ("\x1b[?25l" in text) == drawn  # the cursor is hidden while the terminal is drawn on
    assert "剪" in text
    if "NO_COLOR" in environment or not drawn:
        assert "\x1b[3" not in text
        assert "\x1b[9" not in text
    assert statuses(commands.store) == ["completed"] * 2


def _everything(terminal: int) -> list[bytes]:
    parts = []
    try:
        while part := os.read(terminal, 4096):
            parts.append(part)
    except OSError:  # its last user has gone
        pass
    os.close(terminal)
    return parts
