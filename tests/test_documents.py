"""Every command that a document shows is one that gst has, with options that it has."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from gst.cli import app

ROOT = Path(__file__).parents[1]
PAGES = sorted(path for path in ROOT.glob("**/*.md") if not {".venv", "template"} & set(path.parts))
LINE = re.compile(r"^(?:    |\$ )?((?:nice |nohup )?gst .+)$", re.MULTILINE)
INLINE = re.compile(r"`((?:\.venv/bin/)?gst [^`]+)`", re.DOTALL)
ROOT_COMMAND = typer.main.get_command(app)


def commands(page):
    """The words of each command that the page shows, without a remark, a pipe or what comes after."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for found in [*LINE.findall(text), *INLINE.findall(text)]:
        line = " ".join(found.partition("  # ")[0].split())
        try:
            words = shlex.split(re.split(r" [|>&;] ?| && ", line)[0])
        except ValueError:
            continue  # an apostrophe: a sentence that begins with the name
        yield words[words.index(next(it for it in words if it.endswith("gst"))) + 1 :]


def told(words):
    """The command of these words, and the rest of them."""
    command, context = ROOT_COMMAND, typer.Context(ROOT_COMMAND)
    while words and hasattr(command, "get_command"):
        inner = command.get_command(context, words[0])
        if inner is None:
            break
        command, words, context = inner, words[1:], typer.Context(inner, parent=context)
    return command, words


SHOWN = [(page.relative_to(ROOT), words) for page in PAGES for words in commands(page)]


def test_the_pages_show_commands():
    assert len(SHOWN) > 150
    assert len({page for page, _ in SHOWN}) >= 8


@pytest.mark.parametrize("page", sorted({page for page, _ in SHOWN}), ids=str)
def test_every_command_of_a_page_is_known(page):
    unknown = []
    for words in (words for where, words in SHOWN if where == page):
        command, rest = told(words)
        known = {name for it in command.params for name in (*it.opts, *it.secondary_opts)} | {"--help"}
        if words and words[0].islower() and command is ROOT_COMMAND and not words[0].startswith("-"):
            unknown.append(words)
        given = [it.partition("=")[0] for it in rest if re.match(r"--?[a-z]", it)]
        unknown += [[*words[:2], it] for it in given if it not in known]
    assert unknown == []
